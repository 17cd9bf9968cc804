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

// The present onset is complete.
static void
strike_end(struct strikes *const strikes) REALTIME
{
  strikes->times = strikes_equal(&strikes->present, &strikes->last) ? strikes->times + 1 : 1;
  strikes->last = strikes->present;
  strikes->present.count = 0;
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
    strikes->last.interval += step->advance;
    strikes->times = strikes->times > 0;
  }
}

uint8_t
strikes_barred(const struct strikes *const strikes, const uint32_t limit) REALTIME
{
  const bool is_stuck = limit > 0 && strikes->times >= limit && strikes->present.count == 0;
  return is_stuck ? strikes->last.pitches[0] : 0;
}
