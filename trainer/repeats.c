// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Which events only say again what was said: runs of at least REPEAT_EVENTS events and REPEAT_BARS bars whose pitches,
// advances and places in the bar all stand in an earlier run that ends before they begin.
//
// Every position gets the hash of the shortest run that begins there and is long enough (a window); positions of equal
// windows are chained. From left to right, the run that extends a window's earlier occurrence the farthest is marked and
// skipped, so that the time is nearly linear in the number of events.

#include "../plugin/engine/random.h"
#include "piece.h"

#include <stdlib.h>

enum { CANDIDATES = 8 }; // Earlier occurrences that are tried, the earliest first

static const uint32_t nowhere = UINT32_MAX;
static const uint64_t hash_factor = 0x9E3779B97F4A7C15U; // Odd

struct search {
  const struct piece *piece;
  uint32_t *window_ends; // [N] end of the window that begins here, `nowhere` if the piece ends before
  uint64_t *prefixes;    // [N + 1] polynomial hash of all events before
  uint64_t *powers;      // [N + 1] of hash_factor
  uint32_t *first;       // [buckets] first position in the bucket
  uint32_t *last;        // [buckets]
  uint32_t *next;        // [N] next position in the same bucket
  uint64_t bucket_mask;
};

static bool
events_equal(const struct piece *const piece, const uint32_t a, const uint32_t b)
{
  return piece->events[a].pitch == piece->events[b].pitch && piece->events[a].advance == piece->events[b].advance &&
         piece->ticks[a] == piece->ticks[b] && metre_equals(piece->metres[a], piece->metres[b]);
}

static uint64_t
event_hash(const struct piece *const piece, const uint32_t i)
{
  return random_mix((uint64_t)piece->events[i].pitch << 32 | (uint64_t)piece->events[i].advance << 16 |
                    piece->ticks[i]);
}

static void
hash_prefixes(struct search *const search)
{
  search->prefixes[0] = 0;
  search->powers[0] = 1;
  for (uint32_t i = 0; i < search->piece->count; ++i) {
    search->prefixes[i + 1] = search->prefixes[i] * hash_factor + event_hash(search->piece, i);
    search->powers[i + 1] = search->powers[i] * hash_factor;
  }
}

// Find for every position the first event that is REPEAT_EVENTS events and REPEAT_BARS bars later.
static void
find_window_ends(struct search *const search)
{
  const struct piece *const piece = search->piece;
  uint32_t end = 0;
  for (uint32_t i = 0; i < piece->count; ++i) {
    const uint32_t bar = piece->bars[i] + REPEAT_BARS;
    while (end < piece->count &&
           (piece->bars[end] < bar || (piece->bars[end] == bar && piece->ticks[end] < piece->ticks[i]))) {
      ++end;
    }
    const uint32_t least = piece->count - i > REPEAT_EVENTS ? i + REPEAT_EVENTS : piece->count;
    const uint32_t window_end = end > least ? end : least;
    search->window_ends[i] = window_end < piece->count ? window_end : nowhere;
  }
}

static uint64_t
window_bucket(const struct search *const search, const uint32_t i)
{
  const uint32_t end = search->window_ends[i];
  return random_mix(search->prefixes[end] - search->prefixes[i] * search->powers[end - i]) & search->bucket_mask;
}

static void
add_window(struct search *const search, const uint32_t i)
{
  if (search->window_ends[i] == nowhere) {
    return;
  }
  const uint64_t bucket = window_bucket(search, i);
  if (search->first[bucket] == nowhere) {
    search->first[bucket] = i;
  } else {
    search->next[search->last[bucket]] = i;
  }
  search->last[bucket] = i;
}

// Return how many events from `i` equal those from `earlier`, not counting beyond `i` there.
static uint32_t
run_length(const struct piece *const piece, const uint32_t earlier, const uint32_t i)
{
  uint32_t length = 0;
  while (earlier + length < i && i + length < piece->count && events_equal(piece, earlier + length, i + length)) {
    ++length;
  }
  return length;
}

// Return the length of the longest repeat that begins at `i`, 0 if none does.
static uint32_t
longest_repeat(const struct search *const search, const uint32_t i)
{
  if (search->window_ends[i] == nowhere) {
    return 0;
  }
  const uint32_t least = search->window_ends[i] - i;
  uint32_t longest = 0;
  uint32_t earlier = search->first[window_bucket(search, i)];
  for (unsigned tried = 0; tried < CANDIDATES && earlier != nowhere && i - earlier >= least; ++tried) {
    const uint32_t length = run_length(search->piece, earlier, i);
    longest = length > longest ? length : longest;
    earlier = search->next[earlier];
  }
  return longest >= least ? longest : 0;
}

static void
mark_all(struct search *const search, uint8_t *const repeats)
{
  const uint32_t count = search->piece->count;
  uint32_t i = 0;
  while (i < count) {
    const uint32_t length = longest_repeat(search, i);
    const uint32_t end = i + (length ? length : 1);
    for (; i < end; ++i) {
      repeats[i] = length > 0;
      add_window(search, i);
    }
  }
}

static void
fill_nowhere(uint32_t *const items, const uint64_t count)
{
  for (uint64_t i = 0; i < count; ++i) {
    items[i] = nowhere;
  }
}

enum status
repeats_mark(struct piece *const piece)
{
  const size_t count = piece->count;
  uint64_t buckets = 64;
  while (buckets < 2 * (uint64_t)count) {
    buckets *= 2;
  }
  struct search search = {
      .piece = piece,
      .window_ends = malloc((count + 1) * sizeof(uint32_t)),
      .prefixes = malloc((count + 1) * sizeof(uint64_t)),
      .powers = malloc((count + 1) * sizeof(uint64_t)),
      .first = malloc(buckets * sizeof(uint32_t)),
      .last = malloc(buckets * sizeof(uint32_t)),
      .next = malloc((count + 1) * sizeof(uint32_t)),
      .bucket_mask = buckets - 1,
  };
  enum status status = STATUS_NO_MEMORY;
  if (search.window_ends && search.prefixes && search.powers && search.first && search.last && search.next) {
    fill_nowhere(search.first, buckets);
    fill_nowhere(search.next, count);
    hash_prefixes(&search);
    find_window_ends(&search);
    mark_all(&search, piece->repeats);
    status = STATUS_SUCCESS;
  }
  free(search.next);
  free(search.last);
  free(search.first);
  free(search.powers);
  free(search.prefixes);
  free(search.window_ends);
  return status;
}
