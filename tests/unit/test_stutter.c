// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Figures that are repeated for no good in training: they come as often as asked, take whole bars in all, stand on the right
// beats, teach nothing but the way out, and can be gone on with from a checkpoint.

#include "schedule.h"
#include "stutter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { EVENTS = 400, STEPS = 32, PASSES = 60 };

// A 3/4 piece of equal notes; every pitch tells its place in the first 64
struct music {
  struct piece piece;
  struct corpus corpus;
  struct event events[EVENTS];
  uint32_t bars[EVENTS];
  uint16_t ticks[EVENTS];
  struct metre metres[EVENTS];
  uint8_t densities[EVENTS];
  uint8_t repeats[EVENTS];
};

// `per_quarter` notes in each quarter note
static struct music *
music_of_notes(const uint32_t per_quarter)
{
  const uint32_t length = TICKS_PER_QUARTER / per_quarter;
  struct music *const music = calloc(1, sizeof(*music));
  assert_non_null(music);
  for (uint32_t i = 0; i < EVENTS; ++i) {
    const uint16_t advance = i == EVENTS - 1 ? ADVANCE_END : length;
    music->events[i] = (struct event){HAND_RIGHT, (uint8_t)(30 + i % 64), 68, (uint16_t)length, advance};
    music->bars[i] = i / (3 * per_quarter);
    music->ticks[i] = (uint16_t)(i % (3 * per_quarter) * length);
    music->metres[i] = (struct metre){3, 4};
    music->densities[i] = 1;
  }
  music->piece = (struct piece){
      .key = 1,
      .has_velocities = true,
      .has_hands = true,
      .count = EVENTS,
      .events = music->events,
      .bars = music->bars,
      .ticks = music->ticks,
      .metres = music->metres,
      .densities = music->densities,
      .repeats = music->repeats,
  };
  music->corpus = (struct corpus){.pieces = &music->piece, .piece_count = 1, .style_count = 1};
  return music;
}

static struct music *
music_new(void)
{
  return music_of_notes(2);
}

static void
schedule_open(struct music *const music, const float share, struct schedule *const schedule)
{
  assert_int_equal(schedule_new(&music->corpus, NULL, 0, 1, 5, true, schedule, NULL), STATUS_SUCCESS);
  schedule->stutter = share;
}

// What one playing after another shows
struct seen {
  size_t heard;    // Events
  size_t learned;  // Those with a target
  size_t stutters; // Ways back
  size_t playings;
};

static void
look_at(const struct batch *const batch, struct seen *const seen)
{
  static const uint16_t eighth = TICKS_PER_QUARTER / 2;
  for (size_t row = 0; row < STEPS && batch->events[row] != UINT32_MAX; ++row) {
    const bool is_first = batch->inputs[TENSOR_EMBED_START][row] != BATCH_NONE;
    const bool learned = batch->targets[FIELD_PITCH][row] != BATCH_NONE;
    ++seen->heard;
    seen->learned += learned;
    seen->playings += is_first;
    // Time never stands still nor jumps: every onset is an eighth after the one before
    const uint16_t tick = batch->inputs[TENSOR_PLACE_TICK][row];
    assert_int_equal(tick % eighth, 0);
    if (row > 0 && !is_first) {
      const int32_t bar = batch->bars[row - 1];
      const bool wraps = batch->inputs[TENSOR_PLACE_BEAT][row] == 0 && tick == 0;
      assert_int_equal(batch->bars[row], bar + wraps);
      assert_int_equal(batch->slot_bars[row], bar);
      seen->stutters += batch->events[row] < batch->events[row - 1];
    }
    // What goes on is in the bar's place where the piece has it
    if (learned) {
      const uint32_t event = batch->events[row];
      assert_int_equal(batch->inputs[TENSOR_PLACE_BEAT][row] * 2 + tick / eighth, event % 6);
    }
  }
}

static struct seen
play(const float share)
{
  struct music *const music = music_new();
  struct schedule schedule;
  struct batch batch;
  struct seen seen = {0};
  schedule_open(music, share, &schedule);
  assert_int_equal(batch_new(STEPS, 1, &batch, NULL), STATUS_SUCCESS);
  for (int i = 0; i < PASSES; ++i) {
    assert_true(schedule_next(&schedule, &batch, 1));
    look_at(&batch, &seen);
  }
  batch_free(&batch);
  schedule_free(&schedule);
  free(music);
  return seen;
}

static void
without_it_every_note_is_learned(void **const state)
{
  (void)state;
  const struct seen seen = play(0.0F);
  assert_int_equal(seen.learned, seen.heard);
  assert_int_equal(seen.stutters, 0);
}

static void
repeated_figures_stand_in_time_and_teach_nothing(void **const state)
{
  (void)state;
  const struct seen seen = play(0.05F);
  assert_true(seen.stutters > 20);
  assert_true(seen.learned < seen.heard * 9 / 10);
  assert_true(seen.learned > seen.heard / 2);
}

static void
a_repeated_figure_takes_whole_bars_and_is_left_at_its_end(void **const state)
{
  (void)state;
  struct music *const music = music_new();
  size_t begun = 0;
  for (uint64_t key = 0; key < 200; ++key) {
    struct stutter stutter = {0};
    uint32_t event = stutter_begin(&stutter, &music->piece, 0, 30, 1.0F, key);
    size_t heard = 0;
    if (!stutter_is_on(&stutter)) {
      assert_int_equal(event, 30);
      continue; // A quarter or a third of a beat: no note is there
    }
    ++begun;
    while (stutter_is_on(&stutter)) {
      assert_true(event < 30 && ++heard < 100);
      event = stutter_next(&stutter, &music->piece, event + 1);
    }
    assert_int_equal(event, 30);
    assert_int_equal(heard % 6, 0);
    assert_int_equal(stutter.bars, heard / 6);
    // It does not begin there again
    assert_int_equal(stutter_begin(&stutter, &music->piece, 0, 30, 1.0F, key), 30);
  }
  assert_true(begun > 100);
  free(music);
}

static void
one_note_is_struck_again_for_a_bar(void **const state)
{
  (void)state;
  for (uint32_t per_quarter = 3; per_quarter <= 4; ++per_quarter) {
    struct music *const music = music_of_notes(per_quarter);
    const uint32_t bar = 3 * per_quarter;
    size_t struck = 0;
    for (uint64_t key = 0; key < 200; ++key) {
      struct stutter stutter = {0};
      const uint32_t event = stutter_begin(&stutter, &music->piece, 0, 5 * bar, 1.0F, key);
      if (stutter_is_on(&stutter) && event == 5 * bar - 1) {
        assert_int_equal(stutter.left, bar);
        ++struck;
      }
    }
    assert_true(struck > 10);
    free(music);
  }
}

static void
nothing_is_repeated_that_was_not_heard(void **const state)
{
  (void)state;
  struct music *const music = music_new();
  for (uint64_t key = 0; key < 200; ++key) {
    struct stutter stutter = {0};
    const uint32_t event = stutter_begin(&stutter, &music->piece, 26, 30, 1.0F, key);
    assert_true(event > 26);
  }
  free(music);
}

static void
a_checkpoint_keeps_the_place_in_it(void **const state)
{
  (void)state;
  struct music *const music = music_new();
  struct schedule schedule;
  struct schedule other;
  struct batch batch;
  struct batch again;
  uint64_t values[1][SCHEDULE_STREAM_VALUES];
  struct schedule_place place = {.streams = values};
  size_t inside = 0;
  schedule_open(music, 0.2F, &schedule);
  assert_int_equal(batch_new(STEPS, 1, &batch, NULL), STATUS_SUCCESS);
  assert_int_equal(batch_new(STEPS, 1, &again, NULL), STATUS_SUCCESS);
  for (int i = 0; i < PASSES; ++i) {
    schedule_open(music, 0.2F, &other);
    schedule_tell(&schedule, &place);
    assert_true(schedule_go_to(&other, &place));
    inside += stutter_is_on(&schedule.streams[0].stutter);
    schedule_next(&schedule, &batch, 1);
    schedule_next(&other, &again, 1);
    assert_memory_equal(batch.events, again.events, STEPS * sizeof(*batch.events));
    assert_memory_equal(batch.bars, again.bars, STEPS * sizeof(*batch.bars));
    assert_memory_equal(batch.slot_bars, again.slot_bars, STEPS * sizeof(*batch.slot_bars));
    for (int table = 0; table < BATCH_INPUTS; ++table) {
      assert_memory_equal(batch.inputs[table], again.inputs[table], STEPS * sizeof(uint16_t));
    }
    schedule_free(&other);
  }
  assert_true(inside > 5);
  // A place that no stream can be in is refused
  values[0][6] = 1;
  values[0][4] = EVENTS;
  assert_false(schedule_go_to(&schedule, &place));
  batch_free(&batch);
  batch_free(&again);
  schedule_free(&schedule);
  free(music);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(without_it_every_note_is_learned),
      cmocka_unit_test(repeated_figures_stand_in_time_and_teach_nothing),
      cmocka_unit_test(a_repeated_figure_takes_whole_bars_and_is_left_at_its_end),
      cmocka_unit_test(one_note_is_struck_again_for_a_bar),
      cmocka_unit_test(nothing_is_repeated_that_was_not_heard),
      cmocka_unit_test(a_checkpoint_keeps_the_place_in_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
