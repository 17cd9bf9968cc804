// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "constraints.h"

#include "constraints_private.h"

#include <stdbool.h>
#include <string.h>

enum { BARRED_AS_QUOTATION = 2 }; // Until it is known whether anything else is left
enum { TONES = 12, ALL_TONES = 0xFFF };

// What sounds

// Let `event` begin. The same pitch ends where it is struck again; where there is no room, the shortest note is forgotten.
static void
chord_hold(struct chord *const chord, const struct event *const event) REALTIME
{
  uint32_t place = chord->held_count;
  for (uint32_t i = 0; i < chord->held_count; ++i) {
    place = chord->held[i].pitch == event->pitch ? i : place;
  }
  if (place == LIMIT_POLYPHONY) {
    place = 0;
    for (uint32_t i = 1; i < LIMIT_POLYPHONY; ++i) {
      place = chord->held[i].left < chord->held[place].left ? i : place;
    }
    if (chord->held[place].left >= event->duration) {
      return;
    }
  }
  chord->held_count = (uint8_t)(place == chord->held_count ? place + 1 : chord->held_count);
  chord->held[place] = (struct held_note){.pitch = event->pitch, .left = event->duration};
}

// Let `ticks` pass.
static void
chord_release(struct chord *const chord, const uint32_t ticks) REALTIME
{
  uint8_t kept = 0;
  for (uint32_t i = 0; i < chord->held_count; ++i) {
    struct held_note note = chord->held[i];
    if (note.left > ticks) {
      note.left = (uint16_t)(note.left - ticks);
      chord->held[kept++] = note;
    }
  }
  chord->held_count = kept;
}

void
chord_follow(struct chord *const chord, const struct step *const step) REALTIME
{
  chord->silence = step->count > 0 ? 0 : chord->silence + step->advance;
  strikes_follow(&chord->strikes, step);
  for (uint32_t i = 0; i < step->count; ++i) {
    chord_hold(chord, &step->notes[i]);
  }
  if (step->advance > 0) {
    chord->count = 0;
    chord_release(chord, step->advance);
  } else if (step->count > 0) {
    chord->count += step->count;
    chord->highest = step->notes[step->count - 1].pitch;
  }
}

// Return how many notes sound on `ticks` after the onset of `event`, if it begins too.
static uint32_t
held_after(const struct chord *const chord, const struct event *const event, const uint32_t ticks) REALTIME
{
  uint32_t count = event->duration > ticks;
  for (uint32_t i = 0; i < chord->held_count; ++i) {
    count += chord->held[i].pitch != event->pitch && chord->held[i].left > ticks;
  }
  return count;
}

// Pitches

bool
scale_has(const uint8_t key, const uint8_t pitch) REALTIME
{
  const uint16_t major = 0xAB5; // Bit n: n semitones above the tonic
  const uint16_t minor = 0xDAD;
  const unsigned tonic = (key - 1U) % TONES;
  const unsigned step = (pitch + TONES - tonic) % TONES;
  return (key > TONES ? minor : major) >> step & 1U;
}

static bool
is_in_range(const struct limits *const limits, const uint32_t pitch) REALTIME
{
  const uint32_t low = limits->low ? limits->low : PITCH_LOWEST;
  const uint32_t high = limits->high ? limits->high : PITCH_HIGHEST;
  return low <= high ? pitch >= low && pitch <= high : pitch >= high && pitch <= low;
}

bool
limits_have(const struct limits *const limits, const uint16_t tones, const uint32_t pitch) REALTIME
{
  return is_in_range(limits, pitch) && (tones >> pitch % TONES & 1U);
}

// Return whether a pitch above `above` is within `limits`.
static bool
has_pitch(const struct limits *const limits, const uint32_t above, const uint16_t tones) REALTIME
{
  for (uint32_t pitch = above + 1; pitch <= PITCH_HIGHEST; ++pitch) {
    if (limits_have(limits, tones, pitch)) {
      return true;
    }
  }
  return false;
}

// Return the pitch classes of the scale asked for, or all.
static uint16_t
scale_tones(const struct limits *const limits) REALTIME
{
  const bool has_scale = limits->scale > 0 && limits->scale <= KEY_COUNT;
  uint16_t tones = 0;
  for (uint8_t tone = 0; tone < TONES; ++tone) {
    tones = (uint16_t)(tones | (!has_scale || scale_has(limits->scale, tone)) << tone);
  }
  return tones;
}

uint16_t
limits_tones(const struct limits *const limits) REALTIME
{
  const uint16_t scale = scale_tones(limits);
  const uint16_t harmony = limits->harmony & ALL_TONES ? limits->harmony & ALL_TONES : ALL_TONES;
  const uint16_t wanted[] = {scale & harmony, harmony, scale};
  for (unsigned i = 0; i < sizeof(wanted) / sizeof(*wanted); ++i) {
    if (has_pitch(limits, PITCH_LOWEST - 1, wanted[i])) {
      return wanted[i];
    }
  }
  return ALL_TONES;
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

// Bar the pitches beyond the limits, unless that leaves nothing above `above`.
static void
allow_pitches(const struct limits *const limits, const uint32_t above, const uint32_t classes, uint8_t *const allowed)
    REALTIME
{
  bar_classes(allowed, 0, lower(classes, above + 1 - PITCH_LOWEST));
  const uint16_t tones = limits_tones(limits);
  for (uint32_t i = 0; i < lower(classes, PITCH_CLASSES) && has_pitch(limits, above, tones); ++i) {
    allowed[i] = allowed[i] && limits_have(limits, tones, PITCH_LOWEST + i);
  }
}

// Bar `pitch`, if it is one and another one is left.
static void
bar_pitch(const uint8_t pitch, const uint32_t classes, uint8_t *const allowed) REALTIME
{
  const uint32_t barred = pitch - (uint32_t)PITCH_LOWEST;
  bool has_another = false;
  for (uint32_t i = 0; i < lower(classes, PITCH_CLASSES) && !has_another; ++i) {
    has_another = allowed[i] && i != barred;
  }
  if (pitch >= PITCH_LOWEST && barred < classes && has_another) {
    allowed[barred] = 0;
  }
}

// Bar the pitches that would strike the last onsets once too often.
static void
bar_strikes(const struct chord *const chord,
            const struct limits *const limits,
            const uint32_t classes,
            uint8_t *const allowed) REALTIME
{
  for (uint32_t period = 1; period <= STRIKES_PERIODS; ++period) {
    bar_pitch(strikes_barred(&chord->strikes, period, limits->strikes[period - 1]), classes, allowed);
  }
}

// Return the end of the advance classes that lead no further than a rest may be long.
static uint32_t
advances_end(const struct metre metre) REALTIME
{
  const uint32_t longest = ADVANCE_BARS * metre_bar_ticks(metre);
  uint32_t end = ADVANCE_CLASSES - 1; // The last class ends the piece
  while (end > 1 && advance_ticks(end - 1) > longest) {
    --end;
  }
  return end;
}

// Bar advances to where there are too many notes already; the longest stays open.
static void
allow_polyphony(const struct chord *const chord,
                const struct choice *const choice,
                const uint32_t end,
                const uint32_t polyphony,
                uint8_t *const allowed) REALTIME
{
  for (uint32_t i = 0; i + 1 < end; ++i) {
    allowed[i] = allowed[i] && held_after(chord, choice->event, advance_ticks(i)) < polyphony;
  }
}

static bool
is_polyphony_limited(const struct limits *const limits) REALTIME
{
  return limits->polyphony > 0 && limits->polyphony < LIMIT_POLYPHONY;
}

static void
allow_advances(const struct chord *const chord,
               const struct choice *const choice,
               const struct metre metre,
               const struct limits *const limits,
               uint8_t *const allowed) REALTIME
{
  const uint32_t end = lower(choice->classes, advances_end(metre));
  bar_classes(allowed, end, choice->classes);
  if (is_polyphony_limited(limits)) {
    allow_polyphony(chord, choice, end, limits->polyphony, allowed);
  }
  if (chord->count + 1 >= CHORD_NOTES || !has_pitch(limits, choice->event->pitch, limits_tones(limits))) {
    allowed[0] = 0;
  }
}

// Where few notes may sound together, bar durations that no advance reaches the end of.
static void
allow_durations(const struct choice *const choice,
                const struct metre metre,
                const struct limits *const limits,
                uint8_t *const allowed) REALTIME
{
  const uint32_t longest = advance_ticks(advances_end(metre) - 1);
  for (uint32_t i = 1; is_polyphony_limited(limits) && i < lower(choice->classes, DURATION_CLASSES); ++i) {
    allowed[i] = allowed[i] && duration_ticks(i) <= longest;
  }
}

static void
allow_hands(const struct limits *const limits, uint8_t *const allowed) REALTIME
{
  if (limits->hands == HANDS_RIGHT) {
    allowed[HAND_LEFT] = 0;
  } else if (limits->hands == HANDS_LEFT) {
    allowed[HAND_RIGHT] = 0;
  }
}

void
constraints_allow(const struct chord *const chord,
                  const struct choice *const choice,
                  const struct metre metre,
                  const struct limits *const limits,
                  uint8_t *const allowed) REALTIME
{
  if (choice->field == FIELD_TOKEN) {
    constraints_allow_tokens(chord, choice, metre, limits, allowed);
    return;
  }
  memset(allowed, 1, choice->classes);
  // Beyond the field's classes there may be one for what a file leaves untold
  bar_classes(allowed, field_classes(choice->field), choice->classes);
  switch (choice->field) {
  case FIELD_HAND:
    allow_hands(limits, allowed);
    break;
  case FIELD_PITCH:
    allow_pitches(limits, chord->count > 0 ? chord->highest : PITCH_LOWEST - 1, choice->classes, allowed);
    bar_strikes(chord, limits, choice->classes, allowed);
    break;
  case FIELD_DURATION:
    allow_durations(choice, metre, limits, allowed);
    break;
  case FIELD_ADVANCE:
    allow_advances(chord, choice, metre, limits, allowed);
    break;
  default:
    break;
  }
}

// Return whether after `guard` a pitch from `lowest` on within `limits` goes beyond no limit; counts `*lookups` up.
static bool
leads_on(const struct quotation_guard *const guard,
         const struct quotation_filter *const filter,
         const struct limits *const limits,
         const uint32_t lowest,
         const uint32_t limit,
         uint32_t *const lookups) REALTIME
{
  const uint16_t tones = limits_tones(limits);
  for (uint32_t pitch = lowest; pitch <= PITCH_HIGHEST; ++pitch) {
    if (!limits_have(limits, tones, pitch)) {
      continue;
    }
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
            const struct limits *const limits,
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
  return leads_on(&next, filter, limits, next.ticks ? PITCH_LOWEST : next.pitch + 1U, limit, lookups);
}

uint32_t
constraints_original(const struct quotation_guard *const guard,
                     const struct quotation_filter *const filter,
                     const struct choice *const choice,
                     const struct limits *const limits,
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
    if (allowed[i] && !is_original(&now, filter, choice, limits, i, limit, &lookups)) {
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
