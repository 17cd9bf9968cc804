// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Onsets struck again and again, or in turn: how long is counted, and the next one is barred, unless nothing else is left.

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

// How often in a row the last onset was struck.
static uint32_t
times(const struct chord *const chord)
{
  return chord->strikes.runs[0] + 1;
}

static void
the_same_onset_is_counted(void **const state)
{
  (void)state;
  struct chord chord = {0};
  assert_int_equal(strikes_barred(&chord.strikes, 1, 1), 0);
  for (uint32_t i = 1; i < 6; ++i) {
    strike_note(&chord, 48, 0);
    strike_note(&chord, 60, 12);
    assert_int_equal(times(&chord), i);
    assert_int_equal(strikes_barred(&chord.strikes, 1, 3), i < 3 ? 0 : 48);
    assert_int_equal(strikes_barred(&chord.strikes, 1, 0), 0);
  }
  strike_note(&chord, 48, 0); // Within a chord that has begun, nothing is barred
  assert_int_equal(strikes_barred(&chord.strikes, 1, 3), 0);
}

static void
another_note_interval_or_rest_begins_anew(void **const state)
{
  (void)state;
  struct chord chord = {0};
  for (unsigned i = 0; i < 4; ++i) {
    strike_note(&chord, 60, 12);
  }
  assert_int_equal(times(&chord), 4);
  strike_note(&chord, 62, 12);
  assert_int_equal(times(&chord), 1);
  strike_note(&chord, 62, 12);
  strike_note(&chord, 62, 24);
  assert_int_equal(times(&chord), 1);
  strike_note(&chord, 62, 24);
  assert_int_equal(times(&chord), 2);
  chord_follow(&chord, &(struct step){.count = 0, .advance = 24});
  assert_int_equal(times(&chord), 1);
  strike_note(&chord, 62, 0);
  strike_note(&chord, 67, 24);
  assert_int_equal(times(&chord), 1);
}

static void
a_note_with_the_same_rest_after_it_is_the_same(void **const state)
{
  (void)state;
  struct chord chord = {0};
  for (uint32_t i = 1; i < 5; ++i) {
    strike_note(&chord, 60, 24);
    chord_follow(&chord, &(struct step){.count = 0, .advance = 24});
    assert_int_equal(times(&chord), i);
  }
}

static void
onsets_in_turn_are_counted(void **const state)
{
  (void)state;
  for (uint32_t period = 2; period <= STRIKES_PERIODS; ++period) {
    struct chord chord = {0};
    strike_note(&chord, 90, 6);
    for (uint32_t i = 0; i < 5 * period; ++i) {
      assert_int_equal(chord.strikes.runs[period - 1], i < period ? 0 : i - period);
      const uint8_t barred = strikes_barred(&chord.strikes, period, 2 * period + 1);
      assert_int_equal(barred, i < 3 * period ? 0 : 60 + i % period); // The figure was struck three times
      strike_note(&chord, (uint8_t)(60 + i % period), 6);
      assert_int_equal(times(&chord), 1);
    }
    strike_note(&chord, 91, 6);
    assert_int_equal(chord.strikes.runs[period - 1], 0);
  }
}

static void
one_token_of_a_chord_counts_as_its_notes_do(void **const state)
{
  (void)state;
  struct chord chord = {0};
  for (uint32_t i = 1; i < 4; ++i) {
    chord_follow(&chord, &(struct step){.count = 2, .notes = {note(50), note(57)}, .advance = 24});
    assert_int_equal(times(&chord), i);
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
  constraints_allow(&chord, &choice, metre, &(struct limits){.strikes = {4}}, allowed);
  assert_int_equal(allowed[60 - PITCH_LOWEST], 1);
  constraints_allow(&chord, &choice, metre, &(struct limits){.strikes = {3}}, allowed);
  assert_int_equal(allowed[60 - PITCH_LOWEST], 0);
  assert_int_equal(allowed[61 - PITCH_LOWEST], 1);
  constraints_allow(&chord, &choice, metre, &(struct limits){.low = 60, .high = 61, .strikes = {3}}, allowed);
  assert_int_equal(allowed[60 - PITCH_LOWEST], 0);
  constraints_allow(&chord, &choice, metre, &(struct limits){.low = 60, .high = 60, .strikes = {3}}, allowed);
  assert_int_equal(allowed[60 - PITCH_LOWEST], 1);
}

static void
pitches_of_several_figures_are_barred(void **const state)
{
  (void)state;
  static const float logits[PITCH_CLASSES];
  const struct event event = {0};
  const struct choice choice = {FIELD_PITCH, PITCH_CLASSES, logits, &event, NULL};
  struct chord chord = {0};
  static const uint8_t pitches[] = {60, 62, 64, 65, 60, 60};
  for (unsigned i = 0; i < sizeof(pitches); ++i) {
    strike_note(&chord, pitches[i], 12);
  }
  uint8_t allowed[PITCH_CLASSES];
  const struct metre metre = {4, 4};
  constraints_allow(&chord, &choice, metre, &(struct limits){.strikes = {2, 0, 1, 1}}, allowed);
  for (uint32_t pitch = 58; pitch < 67; ++pitch) { // Again 60; three before stands 65, four before 64
    assert_int_equal(allowed[pitch - PITCH_LOWEST], pitch != 60 && pitch != 65 && pitch != 64);
  }
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_same_onset_is_counted),
      cmocka_unit_test(another_note_interval_or_rest_begins_anew),
      cmocka_unit_test(a_note_with_the_same_rest_after_it_is_the_same),
      cmocka_unit_test(onsets_in_turn_are_counted),
      cmocka_unit_test(pitches_of_several_figures_are_barred),
      cmocka_unit_test(one_token_of_a_chord_counts_as_its_notes_do),
      cmocka_unit_test(the_pitch_is_barred_unless_nothing_else_is_left),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
