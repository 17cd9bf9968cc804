// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "json_memory.h"

#include <stdlib.h>

static _Thread_local bool ran_out;

static void *
allocate(const size_t size)
{
  void *const memory = malloc(size);
  ran_out = ran_out || !memory;
  return memory;
}

void
json_memory_watch(void)
{
  json_set_alloc_funcs(allocate, free);
}

void
json_memory_begin(void)
{
  ran_out = false;
}

bool
json_memory_ran_out(void)
{
  return ran_out;
}

char *
json_memory_text(json_t *const root, const size_t flags)
{
  char *const text = root && !ran_out ? json_dumps(root, flags) : NULL;
  json_decref(root);
  if (ran_out) {
    free(text);
    return NULL;
  }
  return text;
}
