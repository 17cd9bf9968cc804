// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "reserve.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { RESERVE_SIZE = 1 << 20 };

static alignas(max_align_t) unsigned char reserve[RESERVE_SIZE]; // Takes no memory until it is touched
static size_t used;
static unsigned pieces; ///< Of it that are in use; without any, it is whole again

static bool
is_reserve(const void *const memory)
{
  return (const unsigned char *)memory >= reserve && (const unsigned char *)memory < reserve + RESERVE_SIZE;
}

void *
reserve_allocate(const size_t size)
{
  void *const memory = calloc(1, size);
  if (memory) {
    return memory;
  }
  const size_t whole = (size + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t);
  if (whole > RESERVE_SIZE - used) {
    abort();
  }
  unsigned char *const piece = reserve + used;
  used += whole;
  ++pieces;
  return memset(piece, 0, size);
}

void
reserve_free(void *const memory)
{
  if (!is_reserve(memory)) {
    free(memory);
  } else if (--pieces == 0) {
    used = 0;
  }
}
