// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Onsets struck again and again: how often is counted, and the next one is barred, unless nothing else is left.

#include "engine/constraints.h"
#include "engine/strikes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct event
note(const uint8_t pitch)
{
  return (struct event){HAND_RIGHT, pitch, 68, 12, 0};
}

static void
strike_note(struct chord *const chord, const uint8_t pitch, const uint16_t advance)
{
  chord_follow(chord, &(struct step){.count = 1, .notes = {note(pitch)}, .advance = advance});
}

static void
the_same_onset_is_counted(void **const state)
{
  (void)state;
  struct chord chord = {0};
  assert_int_equal(strikes_barred(&chord.strikes, 1), 0);
  for (uint32_t i = 1; i < 6; ++i) {
    strike_note(&chord, 48, 0);
    strike_note(&chord, 60, 12);
    assert_int_equal(chord.strikes.times, i);
    assert_int_equal(strikes_barred(&chord.strikes, 3), i < 3 ? 0 : 48);
    assert_int_equal(strikes_barred(&chord.strikes, 0), 0);
  }
  strike_note(&chord, 48, 0); // Within a chord that has begun, nothing is barred
  assert_int_equal(strikes_barred(&chord.strikes, 3), 0);
}

static void
another_note_interval_or_rest_begins_anew(void **const state)
{
  (void)state;
  struct chord chord = {0};
  for (unsigned i = 0; i < 4; ++i) {
    strike_note(&chord, 60, 12);
  }
  assert_int_equal(chord.strikes.times, 4);
  strike_note(&chord, 62, 12);
  assert_int_equal(chord.strikes.times, 1);
  strike_note(&chord, 62, 12);
  strike_note(&chord, 62, 24);
  assert_int_equal(chord.strikes.times, 1);
  strike_note(&chord, 62, 24);
  assert_int_equal(chord.strikes.times, 2);
  chord_follow(&chord, &(struct step){.count = 0, .advance = 24});
  assert_int_equal(chord.strikes.times, 1);
  strike_note(&chord, 62, 0);
  strike_note(&chord, 67, 24);
  assert_int_equal(chord.strikes.times, 1);
}

static void
one_token_of_a_chord_counts_as_its_notes_do(void **const state)
{
  (void)state;
  struct chord chord = {0};
  for (uint32_t i = 1; i < 4; ++i) {
    chord_follow(&chord, &(struct step){.count = 2, .notes = {note(50), note(57)}, .advance = 24});
    assert_int_equal(chord.strikes.times, i);
  }
}

static void
the_pitch_is_barred_unless_nothing_else_is_left(void **const state)
{
  (void)state;
  static const float logits[PITCH_CLASSES];
  const struct event event = {0};
  const struct choice choice = {FIELD_PITCH, PITCH_CLASSES, logits, &event, NULL};
  struct chord chord = {0};
  for (unsigned i = 0; i < 3; ++i) {
    strike_note(&chord, 60, 12);
  }
  uint8_t allowed[PITCH_CLASSES];
  const struct metre metre = {4, 4};
  constraints_allow(&chord, &choice, metre, &(struct limits){.strikes = 4}, allowed);
  assert_int_equal(allowed[60 - PITCH_LOWEST], 1);
  constraints_allow(&chord, &choice, metre, &(struct limits){.strikes = 3}, allowed);
  assert_int_equal(allowed[60 - PITCH_LOWEST], 0);
  assert_int_equal(allowed[61 - PITCH_LOWEST], 1);
  constraints_allow(&chord, &choice, metre, &(struct limits){.low = 60, .high = 61, .strikes = 3}, allowed);
  assert_int_equal(allowed[60 - PITCH_LOWEST], 0);
  constraints_allow(&chord, &choice, metre, &(struct limits){.low = 60, .high = 60, .strikes = 3}, allowed);
  assert_int_equal(allowed[60 - PITCH_LOWEST], 1);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_same_onset_is_counted),
      cmocka_unit_test(another_note_interval_or_rest_begins_anew),
      cmocka_unit_test(one_token_of_a_chord_counts_as_its_notes_do),
      cmocka_unit_test(the_pitch_is_barred_unless_nothing_else_is_left),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
