// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "strike_limits.h"

#include "json_memory.h"

#include "engine/strikes.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { PIECES_OF_TEN = 9 };

// Return how often in a row any onset of `piece` is struck at most.
static uint32_t
most_strikes(const struct piece *const piece)
{
  struct strikes strikes = {.times = 0};
  uint32_t most = 0;
  for (uint32_t i = 0; i < piece->count; ++i) {
    const struct step step = {.count = 1, .notes = {piece->events[i]}, .advance = piece->events[i].advance};
    strikes_follow(&strikes, &step);
    most = strikes.times > most ? strikes.times : most;
  }
  return most;
}

static int
compare_counts(const void *const a, const void *const b)
{
  const uint32_t x = *(const uint32_t *)a;
  const uint32_t y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

// Return what nine of ten of the pieces of style `name` (all: NULL) keep to, by `most` of each piece; `sorted` has room for
// them.
static uint32_t
limit_of(const struct corpus *const corpus,
         const uint8_t *const held,
         const char *const name,
         const uint32_t *const most,
         uint32_t *const sorted)
{
  size_t count = 0;
  for (size_t i = 0; i < corpus->piece_count; ++i) {
    if (!held[i] && (!name || !strcmp(corpus->styles[corpus->pieces[i].style], name))) {
      sorted[count++] = most[i];
    }
  }
  qsort(sorted, count, sizeof(*sorted), compare_counts);
  const uint32_t limit = count ? sorted[(count - 1) * PIECES_OF_TEN / 10] : 0;
  return limit < STRIKE_LIMIT_LEAST ? STRIKE_LIMIT_LEAST : limit > UINT8_MAX ? UINT8_MAX : limit;
}

char *
strike_limits_text(const struct corpus *const corpus,
                   const uint8_t *const held,
                   const char *const *const names,
                   const size_t count)
{
  uint32_t *const most = calloc(corpus->piece_count + 1, sizeof(*most));
  uint32_t *const sorted = calloc(corpus->piece_count + 1, sizeof(*sorted));
  json_t *const limits = most && sorted ? json_array() : NULL;
  for (size_t i = 0; limits && i < corpus->piece_count; ++i) {
    most[i] = most_strikes(&corpus->pieces[i]);
  }
  for (size_t i = 0; limits && i <= count; ++i) {
    json_array_append_new(limits, json_integer(limit_of(corpus, held, i ? names[i - 1] : NULL, most, sorted)));
  }
  char *const text = json_memory_text(limits, JSON_COMPACT);
  free(sorted);
  free(most);
  return text;
}
