// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "constraints.h"

#include "constraints_private.h"

#include <stdbool.h>
#include <string.h>

enum { BARRED_AS_QUOTATION = 2 }; // Until it is known whether anything else is left

void
chord_follow(struct chord *const chord, const struct step *const step) REALTIME
{
  chord->silence = step->count > 0 ? 0 : chord->silence + step->advance;
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
  if (choice->field == FIELD_TOKEN) {
    constraints_allow_tokens(chord, choice, metre, allowed);
    return;
  }
  memset(allowed, 1, choice->classes);
  // Beyond the field's classes there may be one for what a file leaves untold
  bar_classes(allowed, field_classes(choice->field), choice->classes);
  if (choice->field == FIELD_PITCH && chord->count > 0) {
    bar_classes(allowed, 0, lower(choice->classes, chord->highest - (uint32_t)PITCH_LOWEST + 1));
  } else if (choice->field == FIELD_ADVANCE) {
    allow_advances(chord, choice, metre, allowed);
  }
}

// Return whether after `guard` a pitch from `lowest` on goes beyond no limit; counts `*lookups` up.
static bool
leads_on(const struct quotation_guard *const guard,
         const struct quotation_filter *const filter,
         const uint32_t lowest,
         const uint32_t limit,
         uint32_t *const lookups) REALTIME
{
  for (uint32_t pitch = lowest; pitch <= PITCH_HIGHEST; ++pitch) {
    ++*lookups;
    if (!quotation_exceeds(guard, filter, (uint8_t)pitch, limit)) {
      return true;
    }
  }
  return false;
}

// Return whether `value_class` of the choice may be made without going beyond the limit, then or at the next pitch.
static bool
is_original(const struct quotation_guard *const guard,
            const struct quotation_filter *const filter,
            const struct choice *const choice,
            const uint32_t value_class,
            const uint32_t limit,
            uint32_t *const lookups) REALTIME
{
  if (choice->field == FIELD_PITCH) {
    ++*lookups;
    return !quotation_exceeds(guard, filter, (uint8_t)(PITCH_LOWEST + value_class), limit);
  }
  struct quotation_guard next = *guard;
  next.ticks = advance_ticks(value_class);
  return leads_on(&next, filter, next.ticks ? PITCH_LOWEST : next.pitch + 1U, limit, lookups);
}

uint32_t
constraints_original(const struct quotation_guard *const guard,
                     const struct quotation_filter *const filter,
                     const struct choice *const choice,
                     const uint32_t limit,
                     uint8_t *const allowed) REALTIME
{
  uint32_t lookups = 0;
  if (choice->field != FIELD_PITCH && choice->field != FIELD_ADVANCE) {
    return lookups;
  }
  struct quotation_guard now = *guard;
  if (choice->field == FIELD_ADVANCE) {
    quotation_follow(&now, filter, choice->event);
  }
  if (!quotation_is_near(&now, limit)) {
    return lookups;
  }
  bool is_open = false;
  for (uint32_t i = 0; i < choice->classes; ++i) {
    if (allowed[i] && !is_original(&now, filter, choice, i, limit, &lookups)) {
      allowed[i] = BARRED_AS_QUOTATION;
    }
    is_open = is_open || allowed[i] == 1;
  }
  for (uint32_t i = 0; i < choice->classes; ++i) {
    allowed[i] = allowed[i] == BARRED_AS_QUOTATION ? !is_open : allowed[i];
  }
  return lookups;
}

void
constraints_allow_end(const struct choice *const choice, uint8_t *const allowed) REALTIME
{
  if (choice->field == FIELD_ADVANCE && choice->classes >= ADVANCE_CLASSES) {
    allowed[ADVANCE_CLASSES - 1] = 1;
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
