// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "strike_limits.h"

#include "json_memory.h"

#include "engine/strikes.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { PIECES_OF_TEN = 9 };

// By period, how long the limit would have to be for `piece`
struct longest {
  uint32_t runs[STRIKES_PERIODS];
};

static struct longest
longest_runs(const struct piece *const piece)
{
  struct strikes strikes = {.present = {.count = 0}};
  struct longest longest = {{0}};
  for (uint32_t i = 0; i < piece->count; ++i) {
    const struct step step = {.count = 1, .notes = {piece->events[i]}, .advance = piece->events[i].advance};
    strikes_follow(&strikes, &step);
    for (uint32_t p = 0; p < STRIKES_PERIODS; ++p) {
      longest.runs[p] = strikes.runs[p] + 1 > longest.runs[p] ? strikes.runs[p] + 1 : longest.runs[p];
    }
  }
  return longest;
}

static int
compare_counts(const void *const a, const void *const b)
{
  const uint32_t x = *(const uint32_t *)a;
  const uint32_t y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

// Return what nine of ten of the pieces of style `name` (all: NULL) keep to in figures of `period` onsets, by the `longest` runs
// of each piece; `sorted` has room for them.
static uint32_t
limit_of(const struct corpus *const corpus,
         const uint8_t *const held,
         const char *const name,
         const uint32_t period,
         const struct longest *const longest,
         uint32_t *const sorted)
{
  size_t count = 0;
  for (size_t i = 0; i < corpus->piece_count; ++i) {
    if (!held[i] && (!name || !strcmp(corpus->styles[corpus->pieces[i].style], name))) {
      sorted[count++] = longest[i].runs[period - 1];
    }
  }
  qsort(sorted, count, sizeof(*sorted), compare_counts);
  const uint32_t limit = count ? sorted[(count - 1) * PIECES_OF_TEN / 10] : 0;
  const uint32_t least = (STRIKE_LIMIT_TIMES - 1) * period + 1;
  return limit < least ? least : limit > UINT8_MAX ? UINT8_MAX : limit;
}

// Return the limits of style `name` (all: NULL) by period.
static json_t *
limits_of(const struct corpus *const corpus,
          const uint8_t *const held,
          const char *const name,
          const struct longest *const longest,
          uint32_t *const sorted)
{
  json_t *const limits = json_array();
  for (uint32_t period = 1; period <= STRIKES_PERIODS; ++period) {
    json_array_append_new(limits, json_integer(limit_of(corpus, held, name, period, longest, sorted)));
  }
  return limits;
}

char *
strike_limits_text(const struct corpus *const corpus,
                   const uint8_t *const held,
                   const char *const *const names,
                   const size_t count)
{
  struct longest *const longest = calloc(corpus->piece_count + 1, sizeof(*longest));
  uint32_t *const sorted = calloc(corpus->piece_count + 1, sizeof(*sorted));
  json_t *const limits = longest && sorted ? json_array() : NULL;
  for (size_t i = 0; limits && i < corpus->piece_count; ++i) {
    longest[i] = longest_runs(&corpus->pieces[i]);
  }
  for (size_t i = 0; limits && i <= count; ++i) {
    json_array_append_new(limits, limits_of(corpus, held, i ? names[i - 1] : NULL, longest, sorted));
  }
  char *const text = json_memory_text(limits, JSON_COMPACT);
  free(sorted);
  free(longest);
  return text;
}
