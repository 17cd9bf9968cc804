// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "strikes.h"

#include <stdbool.h>
#include <string.h>

static bool
strikes_equal(const struct strike *const a, const struct strike *const b) REALTIME
{
  return a->count == b->count && a->interval == b->interval && !memcmp(a->pitches, b->pitches, a->count);
}

// Count how the last onset goes on with those before it.
static void
count_runs(struct strikes *const strikes) REALTIME
{
  for (uint32_t p = 0; p < STRIKES_PERIODS; ++p) {
    strikes->runs[p] = strikes_equal(&strikes->past[0], &strikes->past[p + 1]) ? strikes->runs_before[p] + 1 : 0;
  }
}

// The present onset is complete.
static void
strike_end(struct strikes *const strikes) REALTIME
{
  memcpy(strikes->runs_before, strikes->runs, sizeof(strikes->runs));
  memmove(strikes->past + 1, strikes->past, sizeof(strikes->past) - sizeof(*strikes->past));
  strikes->past[0] = strikes->present;
  strikes->present.count = 0;
  count_runs(strikes);
}

void
strikes_follow(struct strikes *const strikes, const struct step *const step) REALTIME
{
  struct strike *const present = &strikes->present;
  for (uint32_t i = 0; i < step->count && present->count < STRIKES_NOTES; ++i) {
    present->pitches[present->count++] = step->notes[i].pitch;
  }
  if (step->advance > 0 && present->count > 0) {
    present->interval = step->advance;
    strike_end(strikes);
  } else if (step->advance > 0) { // A rest: the last onset was another than it seemed
    strikes->past[0].interval += step->advance;
    count_runs(strikes);
  }
}

uint8_t
strikes_barred(const struct strikes *const strikes, const uint32_t period, const uint32_t limit) REALTIME
{
  const bool is_stuck = limit > 0 && strikes->runs[period - 1] + 1 >= limit && strikes->present.count == 0;
  return is_stuck ? strikes->past[period - 1].pitches[0] : 0;
}
