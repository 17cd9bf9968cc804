// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "json_memory.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { BLOCKS = 24 };

static _Thread_local bool ran_out;

// Blocks for when there is no memory: each twice as large as the one three before it, from 64 bytes to 8 KiB
static _Atomic(void *) reserve[BLOCKS];

static size_t
block_size(const size_t block)
{
  return (size_t)64 << block / 3;
}

static void *
reserve_take(const size_t size)
{
  void *memory = NULL;
  for (size_t i = 0; !memory && i < BLOCKS; ++i) {
    memory = size <= block_size(i) ? atomic_exchange(&reserve[i], NULL) : NULL;
  }
  return memory;
}

static void
reserve_free(void)
{
  for (size_t i = 0; i < BLOCKS; ++i) {
    free(atomic_exchange(&reserve[i], NULL));
  }
}

static void *
allocate(const size_t size)
{
  void *memory = malloc(size);
  if (!memory) {
    ran_out = true;
    memory = reserve_take(size);
  }
  return memory;
}

void
json_memory_watch(void)
{
  json_set_alloc_funcs(allocate, free);
  for (size_t i = 0; i < BLOCKS; ++i) {
    atomic_store(&reserve[i], malloc(block_size(i)));
  }
  (void)atexit(reserve_free);
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
