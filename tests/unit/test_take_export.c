// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What was heard is what is exported.

#include "engine/take_export.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct metre four_four = {4, 4};
static const struct metre three_four = {3, 4};

static void
append(struct take *const take,
       const uint32_t bar,
       const struct metre metre,
       const unsigned tick,
       const unsigned pitch,
       const unsigned duration,
       const enum hand hand)
{
  take_open_bar(take, bar, metre);
  const struct event event = {
      .hand = (uint8_t)hand, .pitch = (uint8_t)pitch, .velocity = velocity_value(8), .duration = (uint16_t)duration};
  take_append(take, bar, (uint16_t)tick, &event, false);
}

// Bars 2, 3 (in 3/4) and 5; the notes of bar 5 sound beyond it
static struct take *
take_with_gap(void)
{
  struct take *const take = take_new(16, 100);
  append(take, 2, four_four, 24, 60, 48, HAND_RIGHT);
  append(take, 2, four_four, 48, 48, 96, HAND_LEFT);
  append(take, 3, three_four, 12, 64, 12, HAND_RIGHT);
  const struct event rest = {.advance = 24};
  take_append(take, 3, 24, &rest, true);
  append(take, 5, three_four, 60, 72, 96, HAND_RIGHT);
  append(take, 6, three_four, 0, 74, 12, HAND_RIGHT);
  return take;
}

static void
notes_stand_where_they_sound(void **const state)
{
  (void)state;
  struct take *const take = take_with_gap();
  struct take_export exported;
  assert_int_equal(take_export_bars(take, 2, 4, &exported, NULL), STATUS_SUCCESS);
  static const struct export_note expected[] = {
      {24, 48, HAND_RIGHT, 0, 60, 0},
      {48, 96, HAND_LEFT, 0, 48, 0},
      {96 + 12, 12, HAND_RIGHT, 0, 64, 0},
      {96 + 72 + 72 + 60, 12, HAND_RIGHT, 0, 72, 0}, // Cut at the end of the last bar
  };
  assert_int_equal(exported.note_count, 4);
  for (size_t i = 0; i < 4; ++i) {
    assert_int_equal(exported.notes[i].onset, expected[i].onset);
    assert_int_equal(exported.notes[i].duration, expected[i].duration);
    assert_int_equal(exported.notes[i].hand, expected[i].hand);
    assert_int_equal(exported.notes[i].pitch, expected[i].pitch);
    assert_int_equal(exported.notes[i].velocity, velocity_value(8));
  }
  assert_int_equal(exported.metre_count, 2);
  assert_int_equal(exported.metres[1].tick, 96);
  assert_true(metre_equals(exported.metres[1].metre, three_four));
  take_export_free(&exported);
  take_free(take);
}

static void
doubled_notes_are_left_out(void **const state)
{
  (void)state;
  struct take *const take = take_new(16, 100);
  append(take, 0, four_four, 0, 60, 48, HAND_RIGHT);
  append(take, 0, four_four, 0, 60, 24, HAND_LEFT);
  struct take_export exported;
  assert_int_equal(take_export_bars(take, 0, 1, &exported, NULL), STATUS_SUCCESS);
  assert_int_equal(exported.note_count, 1);
  assert_int_equal(exported.notes[0].duration, 24);
  take_export_free(&exported);
  take_free(take);
}

static void
a_file_has_the_hands_in_two_tracks_by_onset_then_pitch(void **const state)
{
  (void)state;
  struct export_note notes[] = {
      {48, 24, HAND_RIGHT, 0, 67, 70},
      {0, 12, HAND_RIGHT, 0, 64, 60},
      {0, 24, HAND_LEFT, 3, 48, 50},
  };
  struct export_metre metres[] = {{0, three_four}};
  const struct take_export exported = {notes, 3, metres, 1};
  struct midi_file file;
  assert_int_equal(take_export_file(&exported, "Title", 90.0, &file, NULL), STATUS_SUCCESS);
  assert_int_equal(file.division, 480);
  assert_string_equal(file.title, "Title");
  assert_int_equal(file.tempos[0].microseconds, 666667);
  assert_int_equal(file.metres[0].numerator, 3);
  assert_int_equal(file.metres[0].denominator, 4);
  static const struct midi_note expected[] = {
      {0, 480, 1, 3, 48, 50},
      {0, 240, 0, 0, 64, 60},
      {960, 480, 0, 0, 67, 70},
  };
  assert_int_equal(file.note_count, 3);
  for (int i = 0; i < 3; ++i) {
    assert_int_equal(file.notes[i].onset, expected[i].onset);
    assert_int_equal(file.notes[i].duration, expected[i].duration);
    assert_int_equal(file.notes[i].track, expected[i].track);
    assert_int_equal(file.notes[i].channel, expected[i].channel);
    assert_int_equal(file.notes[i].pitch, expected[i].pitch);
    assert_int_equal(file.notes[i].velocity, expected[i].velocity);
  }
  midi_file_free(&file);
}

static void
an_empty_range_is_an_empty_file(void **const state)
{
  (void)state;
  struct take *const take = take_new(4, 4);
  struct take_export exported;
  struct midi_file file;
  assert_int_equal(take_export_bars(take, 7, 0, &exported, NULL), STATUS_SUCCESS);
  assert_int_equal(exported.note_count, 0);
  assert_int_equal(take_export_file(&exported, NULL, 0.0, &file, NULL), STATUS_SUCCESS);
  assert_int_equal(file.note_count, 0);
  assert_null(file.title);
  assert_in_range(file.tempos[0].microseconds, 1, 0xFFFFFF);
  midi_file_free(&file);
  take_export_free(&exported);
  take_free(take);
}

static void
a_range_that_no_take_holds_is_refused(void **const state)
{
  (void)state;
  struct take *const take = take_new(4, 4);
  struct take_export exported;
  struct error error;
  assert_int_equal(take_export_bars(take, 0, TAKE_BARS + 1, &exported, &error), STATUS_TOO_LARGE);
  assert_int_equal(take_export_bars(take, UINT32_MAX, 2, &exported, &error), STATUS_TOO_LARGE);
  take_free(take);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(notes_stand_where_they_sound),
      cmocka_unit_test(doubled_notes_are_left_out),
      cmocka_unit_test(a_file_has_the_hands_in_two_tracks_by_onset_then_pitch),
      cmocka_unit_test(an_empty_range_is_an_empty_file),
      cmocka_unit_test(a_range_that_no_take_holds_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
