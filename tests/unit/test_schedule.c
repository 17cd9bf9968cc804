// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What a network sees when: all music once an epoch, in an order that the seed decides, transposed in training and as written
// in evaluation; and in training it begins anywhere, hears wrong notes and is altered, as often as asked.

#include "schedule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { PIECES = 5, EVENTS = 90, STREAMS = 3, STEPS = 16 };

// One 4/4 piece of quarter notes that climb from `low`
struct music {
  struct piece pieces[PIECES];
  struct corpus corpus;
  struct event events[PIECES][EVENTS];
  uint32_t bars[EVENTS];
  uint16_t ticks[EVENTS];
  struct metre metres[EVENTS];
  uint8_t densities[EVENTS];
  uint8_t repeats[EVENTS];
};

static void
compose_music(struct music *const music)
{
  memset(music, 0, sizeof(*music));
  for (uint32_t i = 0; i < EVENTS; ++i) {
    music->bars[i] = i / 4;
    music->ticks[i] = (uint16_t)(i % 4 * TICKS_PER_QUARTER);
    music->metres[i] = (struct metre){4, 4};
    music->densities[i] = 1;
  }
  for (int p = 0; p < PIECES; ++p) {
    for (uint32_t i = 0; i < EVENTS; ++i) {
      const bool last = i == EVENTS - 1;
      const uint16_t advance = last ? ADVANCE_END : TICKS_PER_QUARTER;
      music->events[p][i] = (struct event){HAND_RIGHT, (uint8_t)(50 + p + i % 8), 68, TICKS_PER_QUARTER, advance};
    }
    music->pieces[p] = (struct piece){
        .key = 1,
        .has_velocities = true,
        .has_hands = true,
        .count = EVENTS,
        .events = music->events[p],
        .bars = music->bars,
        .ticks = music->ticks,
        .metres = music->metres,
        .densities = music->densities,
        .repeats = music->repeats,
    };
  }
  music->corpus = (struct corpus){.pieces = music->pieces, .piece_count = PIECES, .style_count = 1};
}

// What passes of a schedule show
struct counts {
  size_t notes;
  size_t starts;
  size_t inputs; // Events as input
  size_t wrong;  // Those that are not the target before them
  size_t transposed;
};

static void
count_batch(const struct batch *const batch, const struct music *const music, struct counts *const counts)
{
  for (size_t row = 0; row < STEPS * STREAMS; ++row) {
    const uint32_t event = batch->events[row];
    if (event == UINT32_MAX) {
      continue;
    }
    const struct event *const written = music->events[batch->pieces[row]];
    const int transposition = batch->targets[FIELD_PITCH][row] + PITCH_LOWEST - written[event].pitch;
    ++counts->notes;
    counts->transposed += transposition != 0;
    if (batch->inputs[TENSOR_EMBED_START][row] != BATCH_NONE) {
      ++counts->starts;
      assert_int_equal(batch->inputs[TENSOR_EMBED_PITCH][row], BATCH_NONE);
      assert_true(batch->resets[row % STREAMS]);
      assert_true(row < STREAMS);
      continue;
    }
    ++counts->inputs;
    counts->wrong += batch->inputs[TENSOR_EMBED_PITCH][row] + PITCH_LOWEST != written[event - 1].pitch + transposition;
    assert_int_equal(batch->inputs[TENSOR_EMBED_ADVANCE][row], TICKS_PER_QUARTER);
  }
}

// Counts over `passes` passes, or all of an evaluation
static struct counts
play(struct schedule *const schedule, const struct music *const music, const int passes)
{
  struct counts counts = {0};
  struct batch batch;
  assert_int_equal(batch_new(STEPS, STREAMS, &batch, NULL), STATUS_SUCCESS);
  for (int i = 0; i < passes && schedule_next(schedule, &batch, 1); ++i) {
    count_batch(&batch, music, &counts);
  }
  batch_free(&batch);
  return counts;
}

static struct counts
play_with(const bool training, const float noise, const float cold, const int passes)
{
  struct music *const music = malloc(sizeof(*music));
  struct schedule schedule;
  compose_music(music);
  assert_int_equal(schedule_new(&music->corpus, NULL, 0, STREAMS, 3, training, &schedule, NULL), STATUS_SUCCESS);
  schedule.noise = noise;
  schedule.cold = cold;
  const struct counts counts = play(&schedule, music, passes);
  schedule_free(&schedule);
  free(music);
  return counts;
}

static void
evaluation_plays_every_note_once_as_written(void **const state)
{
  (void)state;
  const struct counts counts = play_with(false, 0.5F, 1.0F, 1000);
  assert_int_equal(counts.notes, PIECES * EVENTS);
  assert_int_equal(counts.starts, PIECES);
  assert_int_equal(counts.wrong, 0);
  assert_int_equal(counts.transposed, 0);
}

static void
training_transposes_but_tells_no_wrong_note_unless_asked(void **const state)
{
  (void)state;
  const struct counts counts = play_with(true, 0.0F, 0.0F, 200);
  assert_true(counts.transposed > counts.notes / 2);
  assert_int_equal(counts.wrong, 0);
  // 90 events are five passes of 16 and one of 10
  assert_int_equal(counts.starts, STREAMS * 34);
}

static void
training_begins_in_the_middle_as_often_as_asked(void **const state)
{
  (void)state;
  const struct counts always = play_with(true, 0.0F, 1.0F, 200);
  assert_int_equal(always.starts, STREAMS * 200);
  const struct counts half = play_with(true, 0.0F, 0.5F, 200);
  assert_true(half.starts > STREAMS * 100 && half.starts < STREAMS * 140);
}

static void
training_tells_wrong_notes_as_often_as_asked(void **const state)
{
  (void)state;
  const struct counts counts = play_with(true, 0.2F, 0.0F, 400);
  // One in 25 wrong pitches is the right one
  assert_true(counts.wrong * 100 > counts.inputs * 17 && counts.wrong * 100 < counts.inputs * 22);
}

// What an altered playing of one stream shows: how far above what is written each pitch was heard the first time
struct altered {
  int above[128];
  bool heard[128];
  bool differs; // One pitch was moved further than another
  size_t learned;
};

static void
check_altered(const struct batch *const batch, const struct music *const music, struct altered *const altered, size_t b)
{
  for (size_t row = b; row < STEPS * STREAMS; row += STREAMS) {
    const uint32_t event = batch->events[row];
    if (event == UINT32_MAX) {
      continue;
    }
    assert_int_equal(batch->inputs[TENSOR_EMBED_START][row] != BATCH_NONE,
                     event == 0); // It is never begun in the middle
    if (event == 0) {
      memset(altered->heard, 0, sizeof(altered->heard));
    } else {
      const uint8_t written = music->events[batch->pieces[row]][event - 1].pitch;
      const int above = batch->inputs[TENSOR_EMBED_PITCH][row] + PITCH_LOWEST - written;
      assert_true(!altered->heard[written] || altered->above[written] == above);
      altered->differs = altered->differs || (altered->heard[music->events[batch->pieces[row]][0].pitch] &&
                                              above != altered->above[music->events[batch->pieces[row]][0].pitch]);
      altered->heard[written] = true;
      altered->above[written] = above;
    }
    const bool learns = batch->targets[FIELD_PITCH][row] != BATCH_NONE;
    assert_int_equal(learns, music->repeats[event]);
    if (learns) {
      const uint8_t written = music->events[batch->pieces[row]][event].pitch;
      assert_int_equal(batch->targets[FIELD_PITCH][row] + PITCH_LOWEST, written + altered->above[written]);
      ++altered->learned;
    }
  }
}

static void
altered_playings_teach_their_repeats_alone(void **const state)
{
  (void)state;
  struct music *const music = malloc(sizeof(*music));
  struct schedule schedule;
  struct batch batch;
  struct altered altered[STREAMS] = {0};
  compose_music(music);
  memset(music->repeats + EVENTS / 2, 1, EVENTS - EVENTS / 2);
  assert_int_equal(schedule_new(&music->corpus, NULL, 0, STREAMS, 3, true, &schedule, NULL), STATUS_SUCCESS);
  assert_int_equal(batch_new(STEPS, STREAMS, &batch, NULL), STATUS_SUCCESS);
  schedule.alter = 1.0F;
  schedule.cold = 1.0F;
  schedule.fold = 1.0F;
  for (int pass = 0; pass < 100; ++pass) {
    schedule_next(&schedule, &batch, 1);
    for (size_t b = 0; b < STREAMS; ++b) {
      check_altered(&batch, music, &altered[b], b);
    }
  }
  for (size_t b = 0; b < STREAMS; ++b) {
    assert_true(altered[b].differs && altered[b].learned > 0);
  }
  batch_free(&batch);
  schedule_free(&schedule);
  free(music);
}

// Styles 0 and 1 have a piece each of 90 notes, style 2 has three.
static void
twins_hear_the_same_and_are_told_other_styles(void **const state)
{
  (void)state;
  enum { TWO = 2, PAIRED = 2 * TWO, NONE = 0 };
  struct music *const music = malloc(sizeof(*music));
  struct schedule schedule;
  struct batch batches[TWO];
  size_t told[4][4] = {{0}};
  compose_music(music);
  music->corpus.style_count = 3;
  for (uint16_t p = 0; p < PIECES; ++p) {
    music->pieces[p].style = p < 2 ? p : 2;
  }
  assert_int_equal(schedule_new(&music->corpus, NULL, 0, TWO * PAIRED, 3, true, &schedule, NULL), STATUS_SUCCESS);
  schedule.cold = 0.3F;
  schedule.noise = 0.2F;
  schedule.stutter = 0.2F;
  schedule.twins = true;
  for (int i = 0; i < TWO; ++i) {
    assert_int_equal(batch_new(STEPS, PAIRED, &batches[i], NULL), STATUS_SUCCESS);
  }
  for (int pass = 0; pass < 4000; ++pass) {
    schedule_next(&schedule, batches, TWO);
    const struct batch *const batch = &batches[pass % TWO];
    size_t notes = 0;
    assert_true(batch->has_twins);
    for (size_t row = 0; row < STEPS * PAIRED; row += 2) {
      notes += batch->targets[FIELD_PITCH][row] != BATCH_NONE;
      for (int i = 0; i < BATCH_INPUTS; ++i) {
        assert_true(i == TENSOR_CONDITION_STYLE || batch->inputs[i][row] == batch->inputs[i][row + 1]);
      }
      for (int field = 0; field < FIELD_COUNT; ++field) {
        assert_int_equal(batch->targets[field][row], batch->targets[field][row + 1]);
      }
      assert_int_equal(batch->bars[row], batch->bars[row + 1]);
      assert_int_equal(batch->slot_bars[row], batch->slot_bars[row + 1]);
      assert_int_equal(batch->keys[row % PAIRED], batch->keys[row % PAIRED + 1]);
      assert_int_equal(batch->resets[row % PAIRED], batch->resets[row % PAIRED + 1]);
      const uint16_t *const styles = &batch->inputs[TENSOR_CONDITION_STYLE][row];
      if (batch->events[row] != UINT32_MAX) {
        ++told[styles[0]][styles[1]];
      }
    }
    assert_int_equal(notes, batch->notes);
  }
  for (int style = 1; style < 4; ++style) {
    assert_true(told[NONE][NONE] > 0 && told[NONE][style] == 0 && told[style][NONE] == 0 && told[style][style] == 0);
  }
  // Of a style with as many notes as another two are told as often, of one with three times as many three times
  assert_in_range(10 * told[1][3] / told[1][2], 20, 45);
  assert_in_range(10 * told[2][3] / told[2][1], 20, 45);
  assert_in_range(10 * told[3][1] / told[3][2], 6, 16);
  for (int i = 0; i < TWO; ++i) {
    batch_free(&batches[i]);
  }
  schedule_free(&schedule);
  free(music);
}

static void
the_seed_decides_the_order(void **const state)
{
  (void)state;
  uint32_t orders[3][PIECES];
  for (int i = 0; i < 3; ++i) {
    struct music *const music = malloc(sizeof(*music));
    struct schedule schedule;
    compose_music(music);
    assert_int_equal(schedule_new(&music->corpus, NULL, 0, STREAMS, i == 2 ? 4 : 3, true, &schedule, NULL),
                     STATUS_SUCCESS);
    play(&schedule, music, 1);
    memcpy(orders[i], schedule.pieces, sizeof(orders[i]));
    schedule_free(&schedule);
    free(music);
  }
  assert_memory_equal(orders[0], orders[1], sizeof(orders[0]));
  assert_memory_not_equal(orders[0], orders[2], sizeof(orders[0]));
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(evaluation_plays_every_note_once_as_written),
      cmocka_unit_test(training_transposes_but_tells_no_wrong_note_unless_asked),
      cmocka_unit_test(training_begins_in_the_middle_as_often_as_asked),
      cmocka_unit_test(training_tells_wrong_notes_as_often_as_asked),
      cmocka_unit_test(altered_playings_teach_their_repeats_alone),
      cmocka_unit_test(twins_hear_the_same_and_are_told_other_styles),
      cmocka_unit_test(the_seed_decides_the_order),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
