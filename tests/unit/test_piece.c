// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Pieces: what notes become as events, where the bars are, what a file tells and what repeats.

#include "../../trainer/piece.h"
#include "sketch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

// Make a piece of `sketch`, which is given back.
static struct piece
finish_counting(struct sketch *const sketch, uint64_t *const left_out)
{
  struct piece piece;
  struct error error = {STATUS_SUCCESS, ""};
  const enum status status = piece_make(&sketch->file, "x.mid", &piece, left_out, &error);
  assert_string_equal(error.text, "");
  assert_int_equal(status, STATUS_SUCCESS);
  free(sketch);
  for (uint32_t i = 0; i < piece.count; ++i) {
    assert_true(event_is_valid(&piece.events[i]));
    assert_true(piece.ticks[i] < metre_bar_ticks(piece.metres[i]));
    assert_true((piece.events[i].advance == ADVANCE_END) == (i + 1 == piece.count));
  }
  return piece;
}

static struct piece
finish(struct sketch *const sketch)
{
  uint64_t left_out = 0;
  return finish_counting(sketch, &left_out);
}

static void
assert_place(const struct piece *const piece, const uint32_t i, const uint32_t bar, const uint16_t tick)
{
  assert_int_equal(piece->bars[i], bar);
  assert_int_equal(piece->ticks[i], tick);
}

// --- From notes to events

static void
chords_go_from_low_to_high_and_advance_counts_to_the_next_onset(void **const state)
{
  (void)state;
  struct sketch *const sketch = sketch_new();
  sketch_add(sketch, 0, 24, 67);
  sketch_add(sketch, 0, 24, 60);
  sketch_add(sketch, 0, 24, 64);
  sketch_add(sketch, 36, 12, 72);
  struct piece piece = finish(sketch);
  const uint8_t pitches[] = {60, 64, 67, 72};
  const uint16_t advances[] = {0, 0, 36, ADVANCE_END};
  assert_int_equal(piece.count, 4);
  for (uint32_t i = 0; i < 4; ++i) {
    assert_int_equal(piece.events[i].pitch, pitches[i]);
    assert_int_equal(piece.events[i].advance, advances[i]);
  }
  assert_int_equal(piece.events[3].duration, 12);
  piece_free(&piece);
}

static void
onsets_go_to_the_nearest_tick(void **const state)
{
  (void)state;
  struct sketch *const sketch = sketch_new();
  const uint32_t onsets[] = {9, 480 + 11, 960 - 9, 1440 - 11};
  for (unsigned i = 0; i < 4; ++i) {
    sketch_add_file_note(sketch, (struct midi_note){onsets[i], 240, 1, 0, 60, 64});
  }
  struct piece piece = finish(sketch);
  assert_place(&piece, 0, 0, 0);
  assert_place(&piece, 1, 0, 25);
  assert_place(&piece, 2, 0, 48);
  assert_place(&piece, 3, 0, 71);
  piece_free(&piece);
}

static void
errors_of_advances_never_add_up(void **const state)
{
  (void)state;
  struct sketch *const sketch = sketch_new();
  enum { COUNT = 40, STEP = 53 }; // No class stands for 53 ticks
  for (uint32_t i = 0; i < COUNT; ++i) {
    sketch_add(sketch, i * STEP, 12, 60);
  }
  struct piece piece = finish(sketch);
  uint32_t place = 0;
  for (uint32_t i = 0; i < COUNT; ++i) {
    assert_true(abs((int)place - (int)(i * STEP)) <= 1);
    assert_place(&piece, i, place / 96, (uint16_t)(place % 96));
    place += piece.events[i].advance;
  }
  piece_free(&piece);
}

static void
of_notes_of_one_pitch_at_one_onset_the_longer_is_kept(void **const state)
{
  (void)state;
  struct sketch *const sketch = sketch_new();
  sketch_add(sketch, 0, 12, 60);
  sketch_add(sketch, 0, 48, 60);
  sketch_add(sketch, 0, 24, 60);
  uint64_t left_out = 0;
  struct piece piece = finish_counting(sketch, &left_out);
  assert_int_equal(piece.count, 1);
  assert_int_equal(piece.events[0].duration, 48);
  assert_int_equal(left_out, 2);
  piece_free(&piece);
}

static void
a_note_ends_where_its_pitch_begins_again(void **const state)
{
  (void)state;
  struct sketch *const sketch = sketch_new();
  sketch_add(sketch, 0, 96, 60);
  sketch_add(sketch, 0, 96, 64);
  sketch_add(sketch, 15, 12, 60); // The nearest duration to 15 is 14 or 16; only one of them ends in time
  sketch_add(sketch, 82, 12, 64); // 84 would be nearer
  struct piece piece = finish(sketch);
  assert_int_equal(piece.events[0].duration, 14);
  assert_int_equal(piece.events[1].duration, 72);
  piece_free(&piece);
}

static void
notes_off_the_piano_and_without_length_are_left_out_and_counted(void **const state)
{
  (void)state;
  struct sketch *const sketch = sketch_new();
  sketch_add(sketch, 0, 12, 20);
  sketch_add(sketch, 0, 12, 21);
  sketch_add(sketch, 0, 12, 108);
  sketch_add(sketch, 0, 12, 109);
  sketch_add_file_note(sketch, (struct midi_note){0, 1, 1, 0, 60, 64});
  uint64_t left_out = 0;
  struct piece piece = finish_counting(sketch, &left_out);
  assert_int_equal(piece.count, 2);
  assert_int_equal(left_out, 3);
  piece_free(&piece);
}

static void
a_file_without_a_note_is_no_piece(void **const state)
{
  (void)state;
  struct sketch *const sketch = sketch_new();
  sketch_add(sketch, 0, 12, 5);
  struct piece piece;
  uint64_t left_out = 0;
  struct error error = {STATUS_SUCCESS, ""};
  assert_int_equal(piece_make(&sketch->file, "x.mid", &piece, &left_out, &error), STATUS_BAD_FORMAT);
  assert_memory_equal(error.text, "x.mid: ", 7);
  piece_free(&piece);
  free(sketch);
}

// --- Bars

static void
empty_bars_before_the_first_note_are_left_out_but_its_place_in_the_bar_stays(void **const state)
{
  (void)state;
  struct sketch *const sketch = sketch_new();
  sketch_add_metre(sketch, 0, 3, 4);
  sketch_add(sketch, 2 * 72 + 48, 24, 60);
  sketch_add(sketch, 3 * 72, 24, 62);
  struct piece piece = finish(sketch);
  assert_place(&piece, 0, 0, 48);
  assert_place(&piece, 1, 1, 0);
  assert_true(metre_equals(piece.metres[0], (struct metre){3, 4}));
  piece_free(&piece);
}

static void
metres_change_at_bar_lines_and_make_them(void **const state)
{
  (void)state;
  struct sketch *const sketch = sketch_new();
  sketch_add_metre(sketch, 0, 4, 4);
  sketch_add_metre(sketch, 96, 6, 8);
  sketch_add_metre(sketch, 96 + 72 + 36, 2, 4); // In the middle of the second bar of 6/8
  const uint32_t onsets[] = {0, 96, 96 + 72, 96 + 72 + 24, 96 + 72 + 36, 96 + 72 + 36 + 60};
  for (unsigned i = 0; i < 6; ++i) {
    sketch_add(sketch, onsets[i], 12, 60);
  }
  struct piece piece = finish(sketch);
  assert_place(&piece, 0, 0, 0);
  assert_place(&piece, 1, 1, 0);
  assert_true(metre_equals(piece.metres[1], (struct metre){6, 8}));
  assert_place(&piece, 2, 2, 0);
  assert_place(&piece, 3, 2, 24);
  assert_place(&piece, 4, 3, 0);
  assert_true(metre_equals(piece.metres[4], (struct metre){2, 4}));
  assert_place(&piece, 5, 4, 12);
  piece_free(&piece);
}

static void
a_metre_that_can_t_be_is_made_one_that_can(void **const state)
{
  (void)state;
  struct sketch *const sketch = sketch_new();
  sketch_add_metre(sketch, 0, 0, 4);
  sketch_add_metre(sketch, 96, 255, 32768);
  sketch_add(sketch, 0, 12, 60);
  sketch_add(sketch, 96, 12, 60);
  struct piece piece = finish(sketch);
  assert_true(metre_equals(piece.metres[0], (struct metre){4, 4}));
  assert_true(metre_is_valid(piece.metres[1]));
  piece_free(&piece);
}

static void
a_rest_beyond_the_longest_advance_loses_whole_bars_only(void **const state)
{
  (void)state;
  struct sketch *const sketch = sketch_new();
  sketch_add(sketch, 24, 12, 60);
  sketch_add(sketch, 100 * 96 + 48, 12, 62);
  sketch_add(sketch, 101 * 96, 12, 64);
  struct piece piece = finish(sketch);
  assert_int_equal(piece.events[0].advance, 7 * 96 + 24);
  assert_place(&piece, 1, 7, 48);
  assert_place(&piece, 2, 8, 0);
  piece_free(&piece);
}

static void
the_latest_onsets_that_a_file_can_hold_do_no_harm(void **const state)
{
  (void)state;
  struct sketch *const sketch = sketch_new();
  sketch->file.division = 1;
  sketch->metres[sketch->file.metre_count++] = (struct midi_metre){0, 1, 32};
  sketch->metres[sketch->file.metre_count++] = (struct midi_metre){1000, 32, 1};
  const uint32_t onsets[] = {0, 999, 1001, INT32_MAX / 2, INT32_MAX};
  for (unsigned i = 0; i < 5; ++i) {
    sketch_add_file_note(sketch, (struct midi_note){onsets[i], INT32_MAX, 0, 0, 60, 64});
  }
  struct piece piece = finish(sketch);
  assert_int_equal(piece.count, 5);
  for (uint32_t i = 1; i < piece.count; ++i) {
    assert_true(piece.bars[i] > piece.bars[i - 1] ||
                (piece.bars[i] == piece.bars[i - 1] && piece.ticks[i] > piece.ticks[i - 1]));
  }
  piece_free(&piece);
}

// --- What a file tells

// Add a note to `track` and `channel` without caring for its place.
static void
add_part(struct sketch *const sketch,
         const uint16_t track,
         const uint8_t channel,
         const uint8_t pitch,
         const uint8_t velocity)
{
  const uint32_t onset = (uint32_t)sketch->file.note_count * 12 * SKETCH_TICK;
  sketch_add_file_note(sketch, (struct midi_note){onset, 12 * SKETCH_TICK, track, channel, pitch, velocity});
}

static void
assert_hands(const struct piece *const piece, const char *const wanted)
{
  assert_int_equal(piece->count, strlen(wanted));
  for (uint32_t i = 0; i < piece->count; ++i) {
    assert_int_equal(piece->events[i].hand, wanted[i] == 'R' ? HAND_RIGHT : wanted[i] == 'L' ? HAND_LEFT : HAND_UNTOLD);
  }
  assert_int_equal(piece->has_hands, strchr(wanted, '?') == NULL);
}

static void
of_two_tracks_the_higher_is_the_right_hand(void **const state)
{
  (void)state;
  struct sketch *const sketch = sketch_new();
  add_part(sketch, 3, 0, 40, 64);
  add_part(sketch, 7, 0, 70, 64);
  add_part(sketch, 3, 0, 80, 64); // The left hand crosses
  add_part(sketch, 3, 0, 38, 64);
  struct piece piece = finish(sketch);
  assert_hands(&piece, "LRLL");
  piece_free(&piece);
}

static void
of_two_channels_of_one_track_the_higher_is_the_right_hand(void **const state)
{
  (void)state;
  struct sketch *const sketch = sketch_new();
  add_part(sketch, 0, 1, 40, 64);
  add_part(sketch, 0, 0, 70, 64);
  struct piece piece = finish(sketch);
  assert_hands(&piece, "LR");
  piece_free(&piece);
}

static void
one_voice_or_three_tell_no_hands(void **const state)
{
  (void)state;
  struct sketch *const one = sketch_new();
  add_part(one, 0, 0, 40, 64);
  add_part(one, 0, 0, 70, 64);
  struct piece piece = finish(one);
  assert_hands(&piece, "??");
  piece_free(&piece);

  struct sketch *const three = sketch_new();
  for (uint8_t i = 0; i < 3; ++i) {
    add_part(three, i, i, (uint8_t)(40 + 10 * i), 64);
  }
  piece = finish(three);
  assert_hands(&piece, "???");
  piece_free(&piece);
}

static void
stray_notes_go_to_the_nearer_hand(void **const state)
{
  (void)state;
  struct sketch *const sketch = sketch_new();
  char wanted[42] = {0};
  for (unsigned i = 0; i < 40; ++i) {
    add_part(sketch, i % 2 ? 1 : 2, 0, i % 2 ? 70 : 40, 64);
    wanted[i] = i % 2 ? 'R' : 'L';
  }
  add_part(sketch, 5, 0, 45, 64);
  wanted[40] = 'L';
  struct piece piece = finish(sketch);
  assert_hands(&piece, wanted);
  piece_free(&piece);
}

static void
fewer_than_eight_velocities_tell_none(void **const state)
{
  (void)state;
  for (uint8_t count = 7; count <= 8; ++count) {
    struct sketch *const sketch = sketch_new();
    for (uint8_t i = 0; i < 20; ++i) {
      add_part(sketch, 0, 0, 60, (uint8_t)(40 + i % count));
    }
    struct piece piece = finish(sketch);
    assert_int_equal(piece.has_velocities, count == 8);
    for (uint32_t i = 0; i < piece.count; ++i) {
      const unsigned velocity = 40 + i % count;
      assert_int_equal(piece.events[i].velocity,
                       count == 8 ? velocity_value(velocity_class(velocity)) : VELOCITY_UNTOLD);
    }
    piece_free(&piece);
  }
}

static void
the_key_is_that_of_the_scale_and_moves_with_it(void **const state)
{
  (void)state;
  static const uint8_t major[] = {0, 4, 7, 0, 5, 9, 0, 7, 11, 2, 0, 4, 7, 0};
  static const uint8_t minor[] = {0, 3, 7, 0, 5, 8, 0, 7, 11, 2, 0, 3, 7, 0};
  for (uint8_t tonic = 0; tonic < 24; ++tonic) {
    struct sketch *const sketch = sketch_new();
    for (uint32_t i = 0; i < sizeof(major); ++i) {
      sketch_add(sketch, 12 * i, 12, (uint8_t)(60 + tonic % 12 + (tonic < 12 ? major[i] : minor[i])));
    }
    struct piece piece = finish(sketch);
    assert_int_equal(piece.key, tonic + 1);
    piece_free(&piece);
  }
}

static void
a_transposed_key_keeps_its_mode(void **const state)
{
  (void)state;
  assert_int_equal(key_transpose(0, 5), 0);
  assert_int_equal(key_transpose(1, 5), 6);
  assert_int_equal(key_transpose(12, 1), 1);
  assert_int_equal(key_transpose(13, -1), 24);
  assert_int_equal(key_transpose(20, 12), 20);
  assert_int_equal(key_transpose(20, -25), 19);
}

static void
density_counts_the_four_bars_that_begin_with_the_onset_s(void **const state)
{
  (void)state;
  struct sketch *const sketch = sketch_new();
  for (uint32_t bar = 0; bar < 12; ++bar) {
    const uint32_t notes = bar < 4 ? 1 : 16;
    for (uint32_t i = 0; i < notes; ++i) {
      sketch_add(sketch, bar * 96 + i * 96 / notes, 4, 60);
    }
  }
  struct piece piece = finish(sketch);
  assert_int_equal(piece.densities[0], density_step(0.25));
  assert_int_equal(piece.densities[1], density_step((3 + 16) / 16.0));
  assert_int_equal(piece.densities[4], density_step(4.0));
  assert_int_equal(piece.densities[piece.count - 1], density_step(4.0)); // Less than four bars are left
  piece_free(&piece);
}

// --- Repeats

// Add eight bars of sixteen notes each that differ for every `seed`, from bar `bar` on.
static void
add_section(struct sketch *const sketch, const uint32_t bar, const uint32_t seed, const uint32_t shift)
{
  uint32_t random = seed * 2654435761U;
  for (uint32_t i = 0; i < 8 * 16; ++i) {
    random = random * 1664525 + 1013904223;
    sketch_add(sketch, bar * 96 + i * 6 + shift, 6, (uint8_t)(40 + (random >> 24) % 40));
  }
}

static void
assert_repeats(const struct piece *const piece, const uint32_t begin, const uint32_t end)
{
  for (uint32_t i = 0; i < piece->count; ++i) {
    assert_int_equal(piece->repeats[i], i >= begin && i < end);
  }
}

static void
the_second_time_of_a_section_is_a_repeat(void **const state)
{
  (void)state;
  struct sketch *const sketch = sketch_new();
  add_section(sketch, 0, 1, 0);
  add_section(sketch, 8, 2, 0);
  add_section(sketch, 16, 1, 0);
  add_section(sketch, 24, 3, 0);
  struct piece piece = finish(sketch);
  assert_repeats(&piece, 256, 384);
  piece_free(&piece);
}

static void
velocity_duration_and_hand_do_not_hide_a_repeat(void **const state)
{
  (void)state;
  struct sketch *const sketch = sketch_new();
  add_section(sketch, 0, 1, 0);
  add_section(sketch, 8, 1, 0);
  add_section(sketch, 16, 2, 0);
  for (size_t i = 128; i < 256; ++i) {
    sketch->notes[i].velocity = (uint8_t)(i % 100 + 1);
    sketch->notes[i].duration = (uint32_t)(i % 3 + 1) * SKETCH_TICK;
    sketch->notes[i].track = (uint16_t)(i % 2);
  }
  struct piece piece = finish(sketch);
  assert_repeats(&piece, 128, 256);
  piece_free(&piece);
}

static void
a_section_at_another_place_in_the_bar_is_no_repeat(void **const state)
{
  (void)state;
  struct sketch *const sketch = sketch_new();
  add_section(sketch, 0, 1, 0);
  add_section(sketch, 9, 1, 24);
  add_section(sketch, 18, 2, 0);
  struct piece piece = finish(sketch);
  assert_repeats(&piece, 0, 0);
  piece_free(&piece);
}

static void
a_repeat_of_less_than_four_bars_or_48_events_is_none(void **const state)
{
  (void)state;
  struct sketch *const few_events = sketch_new();
  for (uint32_t i = 0; i < 2 * 40; ++i) {
    sketch_add(few_events, i * 48, 6, (uint8_t)(30 + i % 40)); // 20 bars of two notes, twice
  }
  struct piece piece = finish(few_events);
  assert_repeats(&piece, 0, 0);
  piece_free(&piece);

  struct sketch *const few_bars = sketch_new();
  for (uint32_t i = 0; i < 2 * 72; ++i) {
    sketch_add(few_bars, i * 4, 4, (uint8_t)(30 + i % 72)); // 3 bars of 24 notes, twice
  }
  piece = finish(few_bars);
  assert_repeats(&piece, 0, 0);
  piece_free(&piece);
}

static void
a_piece_of_one_note_only_is_searched_in_no_time(void **const state)
{
  (void)state;
  enum { COUNT = 200000 };
  struct midi_note *const notes = calloc(COUNT, sizeof(*notes));
  for (uint32_t i = 0; i < COUNT; ++i) {
    notes[i] = (struct midi_note){i, 1, 0, 0, 60, 64};
  }
  const struct midi_file file = {.division = 24, .notes = notes, .note_count = COUNT};
  struct piece piece;
  uint64_t left_out = 0;
  assert_int_equal(piece_make(&file, "x.mid", &piece, &left_out, NULL), STATUS_SUCCESS);
  assert_int_equal(piece.repeats[4 * 96 - 1], 0);
  assert_int_equal(piece.repeats[4 * 96], 1);
  piece_free(&piece);
  free(notes);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(chords_go_from_low_to_high_and_advance_counts_to_the_next_onset),
      cmocka_unit_test(onsets_go_to_the_nearest_tick),
      cmocka_unit_test(errors_of_advances_never_add_up),
      cmocka_unit_test(of_notes_of_one_pitch_at_one_onset_the_longer_is_kept),
      cmocka_unit_test(a_note_ends_where_its_pitch_begins_again),
      cmocka_unit_test(notes_off_the_piano_and_without_length_are_left_out_and_counted),
      cmocka_unit_test(a_file_without_a_note_is_no_piece),
      cmocka_unit_test(empty_bars_before_the_first_note_are_left_out_but_its_place_in_the_bar_stays),
      cmocka_unit_test(metres_change_at_bar_lines_and_make_them),
      cmocka_unit_test(a_metre_that_can_t_be_is_made_one_that_can),
      cmocka_unit_test(a_rest_beyond_the_longest_advance_loses_whole_bars_only),
      cmocka_unit_test(the_latest_onsets_that_a_file_can_hold_do_no_harm),
      cmocka_unit_test(of_two_tracks_the_higher_is_the_right_hand),
      cmocka_unit_test(of_two_channels_of_one_track_the_higher_is_the_right_hand),
      cmocka_unit_test(one_voice_or_three_tell_no_hands),
      cmocka_unit_test(stray_notes_go_to_the_nearer_hand),
      cmocka_unit_test(fewer_than_eight_velocities_tell_none),
      cmocka_unit_test(the_key_is_that_of_the_scale_and_moves_with_it),
      cmocka_unit_test(a_transposed_key_keeps_its_mode),
      cmocka_unit_test(density_counts_the_four_bars_that_begin_with_the_onset_s),
      cmocka_unit_test(the_second_time_of_a_section_is_a_repeat),
      cmocka_unit_test(velocity_duration_and_hand_do_not_hide_a_repeat),
      cmocka_unit_test(a_section_at_another_place_in_the_bar_is_no_repeat),
      cmocka_unit_test(a_repeat_of_less_than_four_bars_or_48_events_is_none),
      cmocka_unit_test(a_piece_of_one_note_only_is_searched_in_no_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
