// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A corpus as windows: one for each token and end of piece, padded with starts, and losses that tell what a vocabulary lacks.

#include "windows.h"

#include "engine/event.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { NOTES = 4, CONTEXT = 3 };

// A piece of quarter notes
struct score {
  struct event events[NOTES];
  struct metre metres[NOTES];
};

static struct piece
make_piece(struct score *const score, const uint8_t first)
{
  for (int i = 0; i < NOTES; ++i) {
    score->events[i] = (struct event){
        .hand = HAND_UNTOLD,
        .pitch = (uint8_t)(first + i),
        .velocity = 80,
        .duration = TICKS_PER_QUARTER,
        .advance = i < NOTES - 1 ? TICKS_PER_QUARTER : ADVANCE_END,
    };
    score->metres[i] = (struct metre){4, 4};
  }
  return (struct piece){.count = NOTES, .events = score->events, .metres = score->metres};
}

struct setting {
  struct score scores[2];
  struct piece pieces[2];
  uint8_t held[2];
  struct corpus corpus;
  struct vocabulary vocabulary;
  struct windows windows[2]; // Trained on, held out
};

static int
make_setting(void **const state)
{
  static struct setting s;
  struct tokens_left_out left_out;
  memset(&s, 0, sizeof(s));
  s.pieces[0] = make_piece(&s.scores[0], 60);
  s.pieces[1] = make_piece(&s.scores[1], 61); // Its last note is not in the first piece
  s.held[1] = 1;
  s.corpus.pieces = s.pieces;
  s.corpus.piece_count = 2;
  *state = &s;
  return windows_vocabulary(&s.corpus, s.held, 0, &s.vocabulary, &left_out, NULL) ||
         windows_new(&s.corpus, s.held, 0, &s.vocabulary, &s.windows[0], NULL) ||
         windows_new(&s.corpus, s.held, 1, &s.vocabulary, &s.windows[1], NULL);
}

static int
free_setting(void **const state)
{
  struct setting *const s = *state;
  windows_free(&s->windows[0]);
  windows_free(&s->windows[1]);
  vocabulary_clear(&s->vocabulary);
  return 0;
}

static void
the_vocabulary_is_that_of_the_training_pieces_alone(void **const state)
{
  const struct setting *const s = *state;
  assert_int_equal(s->vocabulary.count, TOKEN_FIRST + NOTES);
  assert_int_equal(s->windows[0].unknown, 0);
  assert_int_equal(s->windows[1].unknown, 1);
}

static void
every_token_and_the_end_is_a_sample(void **const state)
{
  const struct setting *const s = *state;
  assert_int_equal(s->windows[0].sample_count, NOTES + 1);
  assert_int_equal(s->windows[0].notes, NOTES);
  assert_int_equal(s->windows[0].samples[NOTES].piece, 0);
  assert_int_equal(s->windows[1].samples[0].piece, 1);
}

static void
a_window_holds_what_came_before_padded_with_starts(void **const state)
{
  const struct setting *const s = *state;
  struct window_batch batch;
  assert_int_equal(window_batch_new(CONTEXT, 2, &batch, NULL), STATUS_SUCCESS);
  windows_fill(&s->windows[0], 1, &batch, 0);
  windows_fill(&s->windows[0], NOTES, &batch, 1);
  const uint16_t young[CONTEXT] = {TOKEN_START, TOKEN_START, TOKEN_FIRST};
  const uint16_t last[CONTEXT] = {TOKEN_FIRST + 1, TOKEN_FIRST + 2, TOKEN_FIRST + 3};
  for (size_t t = 0; t < CONTEXT; ++t) {
    assert_int_equal(batch.tokens[t * 2], young[t]);
    assert_int_equal(batch.tokens[t * 2 + 1], last[t]);
  }
  assert_int_equal(batch.targets[0], TOKEN_FIRST + 1);
  assert_int_equal(batch.targets[1], TOKEN_END);
  windows_fill(&s->windows[0], UINT32_MAX, &batch, 0);
  assert_int_equal(batch.targets[0], WINDOW_NONE);
  window_batch_free(&batch);
}

static void
what_the_vocabulary_lacks_costs_the_stated_floor(void **const state)
{
  const struct setting *const s = *state;
  const uint32_t unknown = NOTES - 1; // The held-out piece's last note
  unsigned durations = 0;
  for (uint32_t ticks = 1; ticks <= TOKEN_LONGEST; ++ticks) {
    durations += token_duration(ticks) == ticks;
  }
  const double floor = -log(WINDOWS_UNSEEN) + log(durations) + log(TOKEN_PITCHES + 1) + log(PITCH_CLASSES);
  struct evaluation_sums sums = {0};
  windows_count(&s->windows[1], unknown, 0.0, &sums);
  assert_float_equal(sums.nats[FIELD_TOKEN], floor, 1e-4);
  assert_int_equal(sums.notes, 1);

  // What it has costs a little more than the network says; the end of the piece is a token and no note
  windows_count(&s->windows[1], NOTES, 2.0, &sums);
  assert_float_equal(sums.nats[FIELD_TOKEN], floor + 2.0 - log(1.0 - WINDOWS_UNSEEN), 1e-4);
  assert_int_equal(sums.notes, 1);
  assert_int_equal(sums.tokens, 2);
  assert_float_equal(evaluation_nats(&sums), sums.nats[FIELD_TOKEN], 1e-9);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_vocabulary_is_that_of_the_training_pieces_alone),
      cmocka_unit_test(every_token_and_the_end_is_a_sample),
      cmocka_unit_test(a_window_holds_what_came_before_padded_with_starts),
      cmocka_unit_test(what_the_vocabulary_lacks_costs_the_stated_floor),
  };
  return cmocka_run_group_tests(tests, make_setting, free_setting);
}
