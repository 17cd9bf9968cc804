// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "kept.h"

#include "random.h"

#include <assert.h>
#include <stddef.h>

struct kept *
kept_lay(struct arena *const arena, const uint32_t capacity) REALTIME
{
  uint32_t buckets = 1;
  while (buckets < 2 * capacity) {
    buckets *= 2;
  }
  struct kept *const kept = arena_take(arena, sizeof(*kept));
  uint32_t *const table = arena_take(arena, buckets * sizeof(*table));
  struct kept_place *const places = arena_take(arena, capacity * sizeof(*places));
  if (kept) {
    kept->capacity = capacity;
    kept->mask = buckets - 1;
    kept->buckets = table;
    kept->places = places;
  }
  return kept;
}

static uint32_t *
bucket_of(const struct kept *const kept, const uint64_t key) REALTIME
{
  return &kept->buckets[random_mix(key) & kept->mask];
}

uint32_t
kept_find(const struct kept *const kept, const uint64_t key) REALTIME
{
  uint32_t place = *bucket_of(kept, key);
  while (place && kept->places[place - 1].key != key) {
    place = kept->places[place - 1].next;
  }
  return place ? place - 1 : KEPT_NONE;
}

// Take `place`, counted from 1, out of the row of ages.
static void
age_leave(struct kept *const kept, const uint32_t place) REALTIME
{
  const struct kept_place *const leaving = &kept->places[place - 1];
  *(leaving->older ? &kept->places[leaving->older - 1].newer : &kept->oldest) = leaving->newer;
  *(leaving->newer ? &kept->places[leaving->newer - 1].older : &kept->newest) = leaving->older;
}

// Let `place` be the newest.
static void
age_enter(struct kept *const kept, const uint32_t place) REALTIME
{
  kept->places[place - 1].older = kept->newest;
  kept->places[place - 1].newer = 0;
  *(kept->newest ? &kept->places[kept->newest - 1].newer : &kept->oldest) = place;
  kept->newest = place;
}

void
kept_use(struct kept *const kept, const uint32_t place) REALTIME
{
  assert(place < kept->used);
  age_leave(kept, place + 1);
  age_enter(kept, place + 1);
}

// Forget what the oldest place holds, and return it.
static uint32_t
give_way(struct kept *const kept) REALTIME
{
  const uint32_t place = kept->oldest;
  uint32_t *link = bucket_of(kept, kept->places[place - 1].key);
  while (*link != place) {
    link = &kept->places[*link - 1].next;
  }
  *link = kept->places[place - 1].next;
  age_leave(kept, place);
  return place;
}

uint32_t
kept_add(struct kept *const kept, const uint64_t key) REALTIME
{
  assert(kept->capacity > 0 && kept_find(kept, key) == KEPT_NONE);
  const uint32_t place = kept->used < kept->capacity ? ++kept->used : give_way(kept);
  uint32_t *const bucket = bucket_of(kept, key);
  kept->places[place - 1].key = key;
  kept->places[place - 1].next = *bucket;
  *bucket = place;
  age_enter(kept, place);
  return place - 1;
}
