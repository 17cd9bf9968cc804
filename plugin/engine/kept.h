// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Which of a fixed number of places holds what was kept under a key. When all are taken, what was used longest ago gives way.
// All memory is handed out at once (arena.h); zeroed, it holds nothing. For one thread.

#ifndef RITORNELLO_KEPT_H
#define RITORNELLO_KEPT_H

#include "arena.h"
#include "realtime.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// No place.
#define KEPT_NONE UINT32_MAX

/// One place. Places are counted from 1 here, so that zero is none.
struct kept_place {
  uint64_t key;
  uint32_t next;  ///< Of the same bucket
  uint32_t older; ///< Used before it
  uint32_t newer;
};

struct kept {
  uint32_t capacity; ///< Places
  uint32_t used;     ///< Of them, the first ones
  uint32_t oldest;   ///< As in struct kept_place
  uint32_t newest;
  uint32_t mask;             ///< Buckets less one
  uint32_t *buckets;         ///< [mask + 1] The first place of each
  struct kept_place *places; ///< [capacity]
};

/// Hand out memory for `capacity` places, and point to it; what it holds stays. NULL without a base.
struct kept *kept_lay(struct arena *arena, uint32_t capacity) REALTIME;

/// Return the place (below `capacity`) of `key`, or KEPT_NONE.
uint32_t kept_find(const struct kept *kept, uint64_t key) REALTIME;

/// `place` is used: it is the last to give way.
void kept_use(struct kept *kept, uint32_t place) REALTIME;

/// Return a place for `key`, which has none: one that was free, or that which was used longest ago. There must be one at all.
uint32_t kept_add(struct kept *kept, uint64_t key) REALTIME;

#ifdef __cplusplus
}
#endif

#endif // RITORNELLO_KEPT_H
