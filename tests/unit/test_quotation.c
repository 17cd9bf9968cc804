// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The filter forgets nothing and is seldom wrong; the guard knows how long a run is; and the composer quotes no more than
// it is asked for, whatever the network wants.

#include "engine/composer.h"
#include "engine/constraints.h"
#include "engine/quotation.h"
#include "engine/random.h"
#include "fake_network.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { TUNE = 1500, BARS = 40, UNLIMITED = 0x7FFFFFFF };

static const struct metre four_four = {4, 4};

static void
make_run(const uint64_t key, struct move run[QUOTATION_RUN])
{
  for (uint32_t i = 0; i < QUOTATION_RUN; ++i) {
    run[i].step = (int16_t)((int)random_below(key, 2 * i, 49) - 24);
    run[i].advance = (uint16_t)(6 * random_below(key, 2 * i + 1, 9));
  }
}

static struct quotation_filter *
tune_filter(void)
{
  struct quotation_filter *const filter = quotation_filter_new(TUNE);
  assert_non_null(filter);
  for (uint32_t i = 0; i + QUOTATION_RUN < TUNE; ++i) {
    struct move run[QUOTATION_RUN];
    for (uint32_t m = 0; m < QUOTATION_RUN; ++m) {
      const struct event event = fake_tune(i + m);
      run[m] = quotation_move(&event, fake_tune(i + m + 1).pitch);
    }
    quotation_filter_add(filter, quotation_hash(run));
  }
  return filter;
}

// The filter

static void
hashes_and_bits_are_as_the_header_says(void **const state)
{
  (void)state;
  // Computed from the header's text by another program
  static const struct move run[QUOTATION_RUN] = {{2, 12},  {2, 12}, {1, 12}, {2, 12},
                                                 {-12, 0}, {7, 6},  {5, 24}, {-3, 768}};
  static const uint32_t bits[QUOTATION_HASHES] = {633, 242, 491, 100, 349, 598, 207};
  assert_true(quotation_hash(run) == 0xFD4F4BBA01E824EDU);
  struct quotation_filter *const filter = quotation_filter_new(64);
  assert_int_equal(filter->bits, 640);
  quotation_filter_add(filter, quotation_hash(run));
  uint8_t expected[80] = {0};
  for (unsigned i = 0; i < QUOTATION_HASHES; ++i) {
    expected[bits[i] / 8] |= (uint8_t)(1U << bits[i] % 8);
  }
  assert_memory_equal(filter->bytes, expected, sizeof(expected));
  free(filter);
}

static void
what_was_added_is_there_and_little_else(void **const state)
{
  (void)state;
  enum { RUNS = 100000 };
  struct quotation_filter *const filter = quotation_filter_new(RUNS);
  struct move run[QUOTATION_RUN];
  for (uint64_t i = 0; i < RUNS; ++i) {
    make_run(i, run);
    quotation_filter_add(filter, quotation_hash(run));
  }
  uint32_t wrong = 0;
  for (uint64_t i = 0; i < RUNS; ++i) {
    make_run(i, run);
    assert_true(quotation_filter_has(filter, quotation_hash(run)));
    make_run(RUNS + i, run);
    wrong += quotation_filter_has(filter, quotation_hash(run));
  }
  print_message("%.2f %% of other runs are taken for known ones\n", 100.0 * wrong / RUNS);
  assert_in_range(wrong, RUNS / 1000, RUNS / 100);
  free(filter);
}

static void
a_filter_survives_its_text_and_bytes(void **const state)
{
  (void)state;
  struct quotation_filter *const filter = tune_filter();
  struct quotation_filter *copy = NULL;
  char text[QUOTATION_TEXT_SIZE];
  quotation_filter_format(filter, text);
  assert_int_equal(quotation_filter_parse(text, filter->bytes, filter->bits / 8, "file", &copy, NULL), STATUS_SUCCESS);
  assert_int_equal(copy->bits, filter->bits);
  assert_int_equal(copy->hashes, filter->hashes);
  assert_memory_equal(copy->bytes, filter->bytes, filter->bits / 8);
  free(copy);
  free(filter);
}

static void
assert_refused(const char *const text, const uint8_t *const bytes, const size_t size, const char *const reason)
{
  struct quotation_filter *filter = NULL;
  struct error error = {0};
  assert_int_equal(quotation_filter_parse(text, bytes, size, "mine.safetensors", &filter, &error), STATUS_BAD_FORMAT);
  assert_null(filter);
  assert_non_null(strstr(error.text, "mine.safetensors"));
  assert_non_null(strstr(error.text, reason));
}

static void
a_filter_that_is_not_as_it_says_is_refused(void **const state)
{
  (void)state;
  static const char *const texts[] = {
      "",
      "[]",
      "{\"run\": 8, \"hashes\": 7}",
      "{\"run\": 7, \"hashes\": 7, \"bits\": 128}",
      "{\"run\": 8, \"hashes\": 0, \"bits\": 128}",
      "{\"run\": 8, \"hashes\": 17, \"bits\": 128}",
      "{\"run\": 8, \"hashes\": 7, \"bits\": 127}",
      "{\"run\": 8, \"hashes\": 7, \"bits\": 136}",
      "{\"run\": 8, \"hashes\": 7, \"bits\": -128}",
      "{\"run\": 8, \"hashes\": 7, \"bits\": 4294967424}",
      "{\"run\": 8, \"hashes\": 7, \"bits\": 128.0}",
      "{\"run\": 8, \"hashes\": 7, \"hashes\": 7, \"bits\": 128}",
  };
  const uint8_t empty[16] = {0};
  for (unsigned i = 0; i < sizeof(texts) / sizeof(*texts); ++i) {
    assert_refused(texts[i], empty, sizeof(empty), "not as its metadata says");
  }
  uint8_t full[16];
  memset(full, 0xFF, sizeof(full));
  assert_refused("{\"run\": 8, \"hashes\": 7, \"bits\": 128}", full, sizeof(full), "knows all music");
}

// The guard

static void
the_guard_counts_the_notes_of_a_quotation(void **const state)
{
  (void)state;
  struct quotation_filter *const filter = tune_filter();
  struct quotation_guard guard = {0};
  for (uint32_t i = 100; i < 140; ++i) {
    struct event event = fake_tune(i);
    event.pitch = (uint8_t)(event.pitch + 7); // A fifth higher is the same tune
    event.velocity = velocity_value(i % 16);
    if (guard.has_event) {
      const uint32_t notes = i - 100;
      assert_int_equal(quotation_notes(&guard), notes);
      assert_true(notes < 8 || quotation_exceeds(&guard, filter, event.pitch, notes));
      assert_false(notes > 8 && quotation_exceeds(&guard, filter, event.pitch, notes + 1));
      assert_false(notes > 8 && quotation_exceeds(&guard, filter, (uint8_t)(event.pitch + 1), 8));
    }
    quotation_follow(&guard, filter, &event);
  }
  struct event other = fake_tune(140);
  other.pitch = (uint8_t)(other.pitch + 8);
  quotation_follow(&guard, filter, &other);
  assert_int_equal(quotation_notes(&guard), 8); // Not more than can't be told apart
  free(filter);
}

static void
another_rhythm_is_no_quotation(void **const state)
{
  (void)state;
  struct quotation_filter *const filter = tune_filter();
  struct quotation_guard guard = {0};
  for (uint32_t i = 0; i < 60; ++i) {
    struct event event = fake_tune(i);
    event.advance = (uint16_t)(event.advance * 2);
    quotation_follow(&guard, filter, &event);
    assert_in_range(quotation_notes(&guard), 1, 9);
  }
  free(filter);
}

static void
a_rest_after_a_note_makes_its_advance_longer(void **const state)
{
  (void)state;
  struct quotation_filter *const filter = tune_filter();
  struct quotation_guard guard = {0};
  for (uint32_t i = 0; i < 40; ++i) {
    struct event event = fake_tune(i);
    const uint16_t half = (uint16_t)(event.advance / 2);
    event.advance = (uint16_t)(event.advance - half);
    quotation_follow(&guard, filter, &event);
    quotation_rest(&guard, half);
  }
  assert_int_equal(quotation_notes(&guard), 40);
  free(filter);
}

// Choices

static void
an_advance_that_leaves_only_quotations_is_barred(void **const state)
{
  (void)state;
  // Up by semitones in one chord: after the last but one key of the piano there is only one way on
  struct quotation_filter *const filter = quotation_filter_new(64);
  static const struct move up[QUOTATION_RUN] = {{1, 0}, {1, 0}, {1, 0}, {1, 0}, {1, 0}, {1, 0}, {1, 0}, {1, 0}};
  quotation_filter_add(filter, quotation_hash(up));
  struct quotation_guard guard = {0};
  struct event event = {.velocity = 64, .duration = 12};
  for (event.pitch = PITCH_HIGHEST - 8; event.pitch < PITCH_HIGHEST - 1; ++event.pitch) {
    quotation_follow(&guard, filter, &event);
  }
  uint8_t allowed[ADVANCE_CLASSES];
  memset(allowed, 1, sizeof(allowed));
  const struct choice choice = {.field = FIELD_ADVANCE, .classes = ADVANCE_CLASSES, .event = &event};
  assert_true(constraints_original(&guard, filter, &choice, 8, allowed) > 0);
  assert_int_equal(allowed[0], 0);
  for (unsigned i = 1; i < ADVANCE_CLASSES; ++i) {
    assert_int_equal(allowed[i], 1);
  }
  allowed[0] = 1;
  constraints_original(&guard, filter, &choice, 9, allowed);
  assert_int_equal(allowed[0], 1);
  free(filter);
}

static void
something_is_always_left_to_choose(void **const state)
{
  (void)state;
  struct quotation_filter *const filter = tune_filter();
  struct quotation_guard guard = {0};
  for (uint32_t i = 0; i < 30; ++i) {
    const struct event event = fake_tune(i);
    quotation_follow(&guard, filter, &event);
  }
  const unsigned only = fake_tune(30).pitch - PITCH_LOWEST;
  uint8_t allowed[PITCH_CLASSES] = {0};
  const struct choice choice = {.field = FIELD_PITCH, .classes = PITCH_CLASSES};
  allowed[only] = 1;
  constraints_original(&guard, filter, &choice, 8, allowed);
  assert_int_equal(allowed[only], 1);
  allowed[only + 1] = 1;
  constraints_original(&guard, filter, &choice, 8, allowed);
  assert_int_equal(allowed[only], 0);
  assert_int_equal(allowed[only + 1], 1);
  free(filter);
}

// The composer

struct music {
  struct event events[BARS * 96];
  uint32_t count;
};

static struct controls
controls_of(const uint8_t originality)
{
  return (struct controls){
      .sampling = {.temperature = 0.0F, .top_p = 1.0F},
      .originality = originality,
      .look_ahead = 4 * TICKS_PER_QUARTER,
  };
}

static void
play(struct composer *const composer, const uint32_t begin, const uint32_t end)
{
  for (uint32_t bar = begin; bar < end; ++bar) {
    composer_move(composer, (struct position){bar, 0}, four_four);
    composer_work(composer, UNLIMITED);
    assert_true(composer_is_filled(composer));
  }
}

static void
read_music(struct composer *const composer, struct music *const music)
{
  struct take *const take = composer_take(composer);
  music->count = 0;
  for (uint32_t bar = 0; bar < BARS; ++bar) {
    assert_non_null(take_bar(take, bar));
    for (uint32_t i = take_bar(take, bar)->first; i != TAKE_NONE; i = take_note(take, i)->next) {
      assert_true(music->count < sizeof(music->events) / sizeof(*music->events));
      music->events[music->count++] = take_note(take, i)->event;
    }
  }
}

// Let the parrot compose, going away and coming back now and then if asked to.
static struct music *
compose(const uint8_t originality, const bool with_filter, const bool with_detours)
{
  struct music *const music = calloc(1, sizeof(*music));
  struct composer *composer = NULL;
  struct weights *const weights = fake_weights_new(FAKE_PARROT, 3);
  weights->quotations = with_filter ? tune_filter() : NULL;
  assert_int_equal(composer_new(&composer, NULL), STATUS_SUCCESS);
  const struct controls controls = controls_of(originality);
  composer_set_controls(composer, &controls);
  composer_set_weights(composer, weights);
  composer_locate(composer, (struct position){0, 0}, four_four);
  for (uint32_t bar = 0; bar < BARS; bar += 5) {
    play(composer, bar, bar + 5);
    if (with_detours) {
      composer_locate(composer, (struct position){1000 + bar, 0}, four_four);
      composer_work(composer, UNLIMITED);
      composer_locate(composer, (struct position){bar + 4, 0}, four_four);
    }
  }
  read_music(composer, music);
  composer_free(composer);
  fake_weights_free(weights);
  return music;
}

// Return the notes of the longest run that `music` and the tune have in common: by comparing, without filter or guard.
static uint32_t
longest_quotation(const struct music *const music)
{
  uint32_t longest = 0;
  uint32_t *const runs = calloc(TUNE, sizeof(*runs)); // Moves equal that end at the present one and at the tune's i-th
  for (uint32_t at = 0; at + 1 < music->count; ++at) {
    const struct move move = quotation_move(&music->events[at], music->events[at + 1].pitch);
    for (uint32_t i = TUNE - 2; i < TUNE; --i) {
      const struct event event = fake_tune(i);
      const struct move other = quotation_move(&event, fake_tune(i + 1).pitch);
      const uint32_t before = i > 0 ? runs[i - 1] : 0;
      runs[i] = move.step == other.step && move.advance == other.advance ? before + 1 : 0;
      longest = runs[i] > longest ? runs[i] : longest;
    }
  }
  free(runs);
  return longest + 1;
}

static void
a_parrot_quotes_all_it_knows_if_nobody_minds(void **const state)
{
  (void)state;
  struct music *const unguarded = compose(0, true, false);
  struct music *const unknown = compose(8, false, false);
  assert_true(longest_quotation(unguarded) >= unguarded->count);
  assert_int_equal(unknown->count, unguarded->count);
  assert_memory_equal(unknown->events, unguarded->events, unknown->count * sizeof(*unknown->events));
  free(unknown);
  free(unguarded);
}

static void
a_parrot_quotes_no_more_than_it_may(void **const state)
{
  (void)state;
  static const uint8_t limits[] = {8, 9, 12, 16, 32, 64};
  for (unsigned i = 0; i < sizeof(limits); ++i) {
    struct music *const music = compose(limits[i], true, false);
    assert_int_equal(longest_quotation(music), limits[i]);
    free(music);
  }
  struct music *const least = compose(1, true, false);
  assert_int_equal(longest_quotation(least), 8);
  free(least);
}

static void
coming_back_changes_no_note(void **const state)
{
  (void)state;
  struct music *const straight = compose(12, true, false);
  struct music *const winding = compose(12, true, true);
  assert_int_equal(straight->count, winding->count);
  assert_memory_equal(straight->events, winding->events, straight->count * sizeof(*straight->events));
  free(winding);
  free(straight);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(hashes_and_bits_are_as_the_header_says),
      cmocka_unit_test(what_was_added_is_there_and_little_else),
      cmocka_unit_test(a_filter_survives_its_text_and_bytes),
      cmocka_unit_test(a_filter_that_is_not_as_it_says_is_refused),
      cmocka_unit_test(the_guard_counts_the_notes_of_a_quotation),
      cmocka_unit_test(another_rhythm_is_no_quotation),
      cmocka_unit_test(a_rest_after_a_note_makes_its_advance_longer),
      cmocka_unit_test(an_advance_that_leaves_only_quotations_is_barred),
      cmocka_unit_test(something_is_always_left_to_choose),
      cmocka_unit_test(a_parrot_quotes_all_it_knows_if_nobody_minds),
      cmocka_unit_test(a_parrot_quotes_no_more_than_it_may),
      cmocka_unit_test(coming_back_changes_no_note),
  };
  return cmocka_run_group_tests_name("quotation", tests, NULL, NULL);
}
