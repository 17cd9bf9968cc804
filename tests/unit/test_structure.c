// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The structure measures: what can be counted by hand, and real music as it was measured by others.

#include "piece.h"
#include "sketch.h"
#include "structure.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { BEAT = TICKS_PER_QUARTER, BAR = 4 * BEAT };

static struct structure
measure(struct sketch *const sketch)
{
  struct piece piece;
  struct structure structure;
  uint64_t left_out = 0;
  assert_int_equal(piece_make(&sketch->file, "sketch", &piece, &left_out, NULL), STATUS_SUCCESS);
  assert_int_equal(structure_measure(&piece, &structure, NULL), STATUS_SUCCESS);
  piece_free(&piece);
  free(sketch);
  return structure;
}

static void
assert_value(const struct structure *const structure, const enum structure_measure measure, const double expected)
{
  if (!(fabs(structure->values[measure] - expected) < 1e-6)) {
    fail_msg("%s is %g, not %g", structure_words(measure), structure->values[measure], expected);
  }
}

static void
one_note_again_and_again_is_monotonous_in_every_figure(void **const state)
{
  (void)state;
  struct sketch *const sketch = sketch_new();
  for (uint32_t i = 0; i < 12; ++i) {
    sketch_add(sketch, i * BEAT, BEAT, 60);
  }
  const struct structure s = measure(sketch);
  assert_value(&s, STRUCTURE_PITCH_ENTROPY, 0.0);
  assert_value(&s, STRUCTURE_SCALE, 1.0);
  assert_value(&s, STRUCTURE_BAR_ENTROPY, 0.0);
  assert_true(isnan(s.values[STRUCTURE_FOUR_BAR_ENTROPY])); // It has only three
  assert_value(&s, STRUCTURE_GROOVE, 1.0);
  assert_value(&s, STRUCTURE_POLYPHONY, 1.0);
  assert_value(&s, STRUCTURE_TOGETHER, 0.0);
  assert_value(&s, STRUCTURE_EMPTY, 0.0);
  assert_value(&s, STRUCTURE_DENSITY, 1.0);
  assert_value(&s, STRUCTURE_RETURNS, 2.0 / 3.0);
  assert_value(&s, STRUCTURE_FOLDED_RETURNS, 2.0 / 3.0);
  assert_value(&s, STRUCTURE_RHYTHM, 1.0);
  assert_value(&s, STRUCTURE_BEST, 1.0);
  assert_value(&s, STRUCTURE_STUCK, 11.0); // The last one's advance is another
}

static void
pitch_classes_are_counted_in_the_piece_and_in_bars(void **const state)
{
  (void)state;
  struct sketch *const sketch = sketch_new();
  for (uint32_t i = 0; i < 48; ++i) {
    sketch_add(sketch, i * BAR / 12, BAR / 12, (uint8_t)(48 + i % 12));
  }
  const struct structure s = measure(sketch);
  assert_value(&s, STRUCTURE_PITCH_ENTROPY, log2(12.0));
  assert_value(&s, STRUCTURE_SCALE, 7.0 / 12.0);
  assert_value(&s, STRUCTURE_BAR_ENTROPY, log2(12.0));
  assert_value(&s, STRUCTURE_FOUR_BAR_ENTROPY, log2(12.0));
  assert_value(&s, STRUCTURE_DENSITY, 3.0);
}

static void
chords_and_rests_are_told(void **const state)
{
  (void)state;
  struct sketch *const sketch = sketch_new();
  sketch_add(sketch, 0, BEAT, 60); // A chord of three, silence of two beats, a note alone
  sketch_add(sketch, 0, BEAT, 64);
  sketch_add(sketch, 0, BEAT, 67);
  sketch_add(sketch, 3 * BEAT, BEAT, 72);
  const struct structure s = measure(sketch);
  assert_value(&s, STRUCTURE_POLYPHONY, 2.0);
  assert_value(&s, STRUCTURE_TOGETHER, 0.25);
  assert_value(&s, STRUCTURE_EMPTY, 0.5);
  assert_value(&s, STRUCTURE_DENSITY, 1.0);
  assert_value(&s, STRUCTURE_STUCK, 1.0);
}

static void
neighbouring_bars_are_held_against_each_other(void **const state)
{
  (void)state;
  struct sketch *const sketch = sketch_new();
  // Quarters; quarters with one note other; halves
  static const uint8_t second[] = {60, 62, 64, 67};
  for (uint32_t i = 0; i < 4; ++i) {
    sketch_add(sketch, i * BEAT, BEAT, (uint8_t)(60 + i));
    sketch_add(sketch, BAR + i * BEAT, BEAT, second[i]);
  }
  sketch_add(sketch, 2 * BAR, 2 * BEAT, 60);
  sketch_add(sketch, 2 * BAR + 2 * BEAT, 2 * BEAT, 64);
  const struct structure s = measure(sketch);
  assert_value(&s, STRUCTURE_GROOVE, (1.0 + (1.0 - 2.0 / 48.0)) / 2.0);
  assert_value(&s, STRUCTURE_RHYTHM, 0.5);
  assert_value(&s, STRUCTURE_RETURNS, 0.0);
  // One of four in the bar before; both of two in the second bar
  assert_value(&s, STRUCTURE_BEST, (0.25 + 1.0) / 2.0);
}

static void
a_section_played_twice_counts_once_when_folded(void **const state)
{
  (void)state;
  struct sketch *const sketch = sketch_new();
  for (uint32_t i = 0; i < 160; ++i) {
    sketch_add(sketch, i * 12, 12, (uint8_t)(40 + (i % 80) * (i % 80) * 7 % 41));
  }
  const struct structure s = measure(sketch);
  assert_value(&s, STRUCTURE_RETURNS, 0.5);
  assert_value(&s, STRUCTURE_FOLDED_RETURNS, 0.0);
}

static void
pieces_are_told_apart_by_their_spread(void **const state)
{
  (void)state;
  struct structure pieces[3] = {{{0.0}}};
  for (unsigned i = 0; i < 3; ++i) {
    pieces[i].values[STRUCTURE_DENSITY] = 4.0 + i;
    pieces[i].values[STRUCTURE_GROOVE] = i == 1 ? (double)NAN : 0.5 + i;
  }
  struct structure_spread spread;
  structure_spread_make(pieces, 3, &spread);
  assert_int_equal(spread.counts[STRUCTURE_GROOVE], 2);
  assert_true(fabs(spread.means[STRUCTURE_DENSITY] - 5.0) < 1e-12);
  assert_true(fabs(spread.deviations[STRUCTURE_DENSITY] - 1.0) < 1e-12);
  assert_true(fabs(structure_distance(&spread, 7.0, STRUCTURE_DENSITY) - 2.0) < 1e-12);
  assert_true(isnan(structure_distance(&spread, 1.0, STRUCTURE_EMPTY))); // All alike
}

// What others measured on the pieces of piano-midi.de
struct expected {
  enum structure_measure measure;
  double mozart;
  double beethoven;
  double tolerance;
};

static void
real_music_measures_as_it_did_before(void **const state)
{
  (void)state;
  static const struct expected expected[] = {
      {STRUCTURE_PITCH_ENTROPY, 3.14, 3.26, 0.01}, {STRUCTURE_SCALE, 0.898, 0.834, 0.002},
      {STRUCTURE_BAR_ENTROPY, 2.30, 2.11, 0.01},   {STRUCTURE_FOUR_BAR_ENTROPY, 2.79, 2.70, 0.01},
      {STRUCTURE_GROOVE, 0.912, 0.939, 0.002},     {STRUCTURE_POLYPHONY, 2.32, 3.00, 0.03},
      {STRUCTURE_TOGETHER, 0.73, 0.78, 0.01},      {STRUCTURE_EMPTY, 0.011, 0.015, 0.002},
      {STRUCTURE_DENSITY, 5.2, 5.8, 0.06},         {STRUCTURE_COMPRESSED, 0.36, 0.34, 0.01},
      {STRUCTURE_RETURNS, 0.49, 0.25, 0.01},       {STRUCTURE_FOLDED_RETURNS, 0.10, 0.06, 0.01},
      {STRUCTURE_RHYTHM, 0.38, 0.54, 0.01},        {STRUCTURE_BEST, 0.38, 0.39, 0.005},
  };
  const char *const folder = getenv("RITORNELLO_CORPUS");
  struct corpus corpus;
  if (!folder || access(folder, R_OK)) {
    skip();
  }
  assert_int_equal(corpus_read(folder, &corpus, NULL), STATUS_SUCCESS);
  struct structure *const pieces = calloc(corpus.piece_count, sizeof(*pieces));
  for (unsigned who = 0; who < 2; ++who) {
    size_t count = 0;
    for (size_t p = 0; p < corpus.piece_count; ++p) {
      const struct piece *const piece = &corpus.pieces[p];
      if (!strcmp(corpus.styles[piece->style], who ? "beethoven" : "mozart") && !strstr(piece->path, "mutopia")) {
        assert_int_equal(structure_measure(piece, &pieces[count++], NULL), STATUS_SUCCESS);
      }
    }
    struct structure_spread spread;
    structure_spread_make(pieces, count, &spread);
    for (unsigned i = 0; i < sizeof(expected) / sizeof(*expected); ++i) {
      const double mean = spread.means[expected[i].measure];
      const double wanted = who ? expected[i].beethoven : expected[i].mozart;
      if (!(fabs(mean - wanted) <= expected[i].tolerance)) {
        fail_msg("%s is %.4f, not %.4f", structure_words(expected[i].measure), mean, wanted);
      }
    }
  }
  free(pieces);
  corpus_free(&corpus);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_note_again_and_again_is_monotonous_in_every_figure),
      cmocka_unit_test(pitch_classes_are_counted_in_the_piece_and_in_bars),
      cmocka_unit_test(chords_and_rests_are_told),
      cmocka_unit_test(neighbouring_bars_are_held_against_each_other),
      cmocka_unit_test(a_section_played_twice_counts_once_when_folded),
      cmocka_unit_test(pieces_are_told_apart_by_their_spread),
      cmocka_unit_test(real_music_measures_as_it_did_before),
  };
  return cmocka_run_group_tests_name("structure", tests, NULL, NULL);
}
