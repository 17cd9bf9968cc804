// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "constraints.h"

#include <stdbool.h>
#include <string.h>

void
chord_follow(struct chord *const chord, const struct step *const step) REALTIME
{
  if (step->advance > 0) {
    chord->count = 0;
  } else if (step->count > 0) {
    chord->count += step->count;
    chord->highest = step->notes[step->count - 1].pitch;
  }
}

static void
bar_classes(uint8_t *const allowed, const uint32_t begin, const uint32_t end) REALTIME
{
  if (begin < end) {
    memset(allowed + begin, 0, end - begin);
  }
}

static uint32_t
lower(const uint32_t a, const uint32_t b) REALTIME
{
  return a < b ? a : b;
}

static void
allow_advances(const struct chord *const chord,
               const struct choice *const choice,
               const struct metre metre,
               uint8_t *const allowed) REALTIME
{
  const uint32_t longest = ADVANCE_BARS * metre_bar_ticks(metre);
  uint32_t end = lower(choice->classes, ADVANCE_CLASSES - 1); // The last class ends the piece
  while (end > 1 && advance_ticks(end - 1) > longest) {
    --end;
  }
  bar_classes(allowed, end, choice->classes);
  if (choice->event->pitch >= PITCH_HIGHEST || chord->count + 1 >= CHORD_NOTES) {
    allowed[0] = 0;
  }
}

void
constraints_allow(const struct chord *const chord,
                  const struct choice *const choice,
                  const struct metre metre,
                  uint8_t *const allowed) REALTIME
{
  memset(allowed, 1, choice->classes);
  if (choice->field == FIELD_TOKEN) {
    return;
  }
  // Beyond the field's classes there may be one for what a file leaves untold
  bar_classes(allowed, field_classes(choice->field), choice->classes);
  if (choice->field == FIELD_PITCH && chord->count > 0) {
    bar_classes(allowed, 0, lower(choice->classes, chord->highest - (uint32_t)PITCH_LOWEST + 1));
  } else if (choice->field == FIELD_ADVANCE) {
    allow_advances(chord, choice, metre, allowed);
  }
}

uint16_t
constraints_advance(const uint16_t advance, const uint32_t ticks_left) REALTIME
{
  if (advance <= ADVANCE_LONGEST) {
    return advance;
  }
  const uint16_t nearest = advance_ticks(advance_class(lower(ticks_left, ADVANCE_LONGEST)));
  return nearest > 0 ? nearest : 1;
}
