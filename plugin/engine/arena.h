// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// One block of memory that is handed out from its beginning, piece by piece. The states of networks are laid out so: once
// without a block, which only counts the bytes, and then in the block that was taken.

#ifndef RITORNELLO_ARENA_H
#define RITORNELLO_ARENA_H

#include "kernels.h"
#include "realtime.h"

#include <stddef.h>

struct arena {
  char *base;  ///< Aligned to KERNEL_ALIGNMENT; NULL: count only
  size_t used; ///< Bytes handed out
};

/// Hand out `size` bytes, aligned to KERNEL_ALIGNMENT; NULL without a base. The caller knows that there is room.
static inline void *
arena_take(struct arena *const arena, const size_t size) REALTIME
{
  char *const taken = arena->base ? arena->base + arena->used : NULL;
  arena->used += (size + KERNEL_ALIGNMENT - 1) / KERNEL_ALIGNMENT * KERNEL_ALIGNMENT;
  return taken;
}

/// Hand out room for `count` floats.
static inline float *
arena_floats(struct arena *const arena, const size_t count) REALTIME
{
  return arena_take(arena, count * sizeof(float));
}

#endif // RITORNELLO_ARENA_H
