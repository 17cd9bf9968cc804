// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What notes are said to have looked back at is what the network looked at, at the places where that stands.

#include "engine/attention_log.h"
#include "engine/composer.h"
#include "engine/quotation.h"
#include "fake_network.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { UNLIMITED = 0x7FFFFFFF, BEAT = TICKS_PER_QUARTER, STEPS = 4096, BARS = 200 };

static const struct metre four_four = {4, 4};

static const struct controls controls = {
    .sampling = {.temperature = 1.0F, .top_p = 1.0F},
    .seed = 5,
    .look_ahead = 8 * BEAT,
};

// A step as it stands in the take
struct onset {
  uint32_t bar;
  uint16_t tick;
  uint8_t pitch; // Its highest
};

// The steps of bars 0 to `end` - 1, in order
static uint32_t
steps_of(struct take *const take, const uint32_t end, struct onset places[STEPS])
{
  uint32_t count = 0;
  for (uint32_t number = 0; number < end; ++number) {
    const struct take_bar *const bar = take_bar(take, number);
    for (uint32_t i = bar ? bar->first : TAKE_NONE; i != TAKE_NONE; i = take_note(take, i)->next) {
      const struct take_note *const note = take_note(take, i);
      if (!note->joined) {
        assert_true(count < STEPS);
        places[count++] = (struct onset){number, note->tick, 0};
      }
      if (!note->rest && note->event.pitch > places[count - 1].pitch) {
        places[count - 1].pitch = note->event.pitch;
      }
    }
  }
  return count;
}

static void
assert_glance(const struct glance *const glance, const struct onset *const place, const double share)
{
  assert_int_equal(glance->bar, place->bar);
  assert_int_equal(glance->tick, place->tick);
  assert_int_equal(glance->pitch, place->pitch);
  assert_int_equal(glance->share, (int)(share * ATTENTION_WHOLE + 0.5));
}

// Every note of the take looked FAKE_LOOK steps and one step back. Return how many notes looked at two places.
static uint32_t
assert_looks(struct composer *const composer, const uint32_t end)
{
  static struct onset places[STEPS];
  struct take *const take = composer_take(composer);
  const uint32_t count = steps_of(take, end, places);
  uint32_t step = UINT32_MAX;
  uint32_t far = 0;
  assert_true(count > FAKE_LOOK + 100);
  for (uint32_t number = 0; number < end; ++number) {
    const struct take_bar *const bar = take_bar(take, number);
    for (uint32_t i = bar->first; i != TAKE_NONE; i = take_note(take, i)->next) {
      const struct take_note *const note = take_note(take, i);
      step += !note->joined;
      if (note->rest) {
        continue;
      }
      const struct recollection *const known = composer_recollection(composer, number, note);
      assert_non_null(known);
      const uint32_t expected = step == 0 ? 0 : step < FAKE_LOOK ? 1 : 2;
      assert_int_equal(known->count, expected);
      if (expected == 1) {
        assert_glance(&known->glances[0], &places[step - 1], 0.25);
      } else if (expected == 2) {
        assert_glance(&known->glances[0], &places[step - FAKE_LOOK], 0.5);
        assert_glance(&known->glances[1], &places[step - 1], 0.25);
        ++far;
      }
    }
  }
  return far;
}

// Play to the start of bar `end`.
static void
play(struct composer *const composer, const uint32_t begin, const uint32_t end, const uint32_t operations)
{
  for (uint32_t tick = begin * 4 * BEAT; tick < end * 4 * BEAT; tick += 3) {
    composer_move(composer, (struct position){tick / (4 * BEAT), tick % (4 * BEAT)}, four_four);
    composer_work(composer, operations);
  }
}

static struct composer *
composer_of(struct weights *const weights)
{
  struct composer *composer = NULL;
  struct error error;
  assert_int_equal(composer_new(&composer, &error), STATUS_SUCCESS);
  composer_set_controls(composer, &controls);
  assert_null(composer_set_weights(composer, weights));
  return composer;
}

static void
assert_places_are_right(const enum fake_kind kind)
{
  struct weights *const weights = fake_weights_new(kind, 7);
  struct composer *const composer = composer_of(weights);
  play(composer, 0, 90, UNLIMITED);
  assert_true(assert_looks(composer, 90) > 100);

  // And when what is composed anew follows what had to be replayed
  composer_locate(composer, (struct position){60, 0}, four_four);
  play(composer, 60, 62, UNLIMITED);
  composer_regenerate(composer);
  play(composer, 62, 90, 80000); // In small slices
  assert_true(assert_looks(composer, 90) > 100);

  // And going on after a section elsewhere
  composer_locate(composer, (struct position){500, 0}, four_four);
  play(composer, 500, 504, UNLIMITED);
  composer_locate(composer, (struct position){80, 0}, four_four);
  play(composer, 80, 110, UNLIMITED);
  assert_true(assert_looks(composer, 110) > 100);
  composer_free(composer);
  fake_weights_free(weights);
}

static void
notes_are_said_to_look_where_the_network_looked(void **const state)
{
  (void)state;
  assert_places_are_right(FAKE_EVENTS);
}

static void
so_are_chords_and_rests_of_token_networks(void **const state)
{
  (void)state;
  assert_places_are_right(FAKE_TOKENS);
}

static void
quotations_grow_note_by_note(void **const state)
{
  (void)state;
  struct weights *const weights = fake_weights_new(FAKE_PARROT, 7);
  weights->quotations = quotation_filter_new(1000);
  struct move moves[QUOTATION_RUN];
  for (uint32_t first = 0; first < 100; ++first) {
    for (uint32_t i = 0; i < QUOTATION_RUN; ++i) {
      const struct event event = fake_tune(first + i);
      moves[i] = quotation_move(&event, fake_tune(first + i + 1).pitch);
    }
    quotation_filter_add(weights->quotations, quotation_hash(moves));
  }
  struct composer *const composer = composer_of(weights);
  play(composer, 0, 12, UNLIMITED);
  struct take *const take = composer_take(composer);
  struct quotation_guard guard = {0};
  uint32_t longest = 0;
  for (uint32_t number = 0; number < 12; ++number) {
    const struct take_bar *const bar = take_bar(take, number);
    for (uint32_t i = bar->first; i != TAKE_NONE; i = take_note(take, i)->next) {
      const struct take_note *const note = take_note(take, i);
      quotation_follow(&guard, weights->quotations, &note->event);
      assert_int_equal(composer_recollection(composer, number, note)->quotation, quotation_notes(&guard));
      longest = quotation_notes(&guard) > longest ? quotation_notes(&guard) : longest;
    }
  }
  assert_true(longest > 20);
  composer_free(composer);
  free(weights->quotations);
  weights->quotations = NULL;
  fake_weights_free(weights);
}

// A network that looks as told
struct gazer {
  struct network base;
  struct network_class class_;
};

static float told[1000];
static uint32_t told_count;

static uint32_t
look_as_told(const struct network *const network,
             const struct network_state *const state,
             const uint32_t first,
             float *const weights,
             const uint32_t capacity)
{
  (void)network;
  (void)state;
  uint32_t count = 0;
  for (; count < capacity && first + count < told_count; ++count) {
    weights[count] = told[first + count];
  }
  return count;
}

// What the note at bar 900 is said to look at, after `steps` steps, one in each bar or `per_bar` at a place
static const struct recollection *
look(struct attention_log *const log, const uint32_t steps, const uint32_t per_place)
{
  struct gazer gazer = {.class_ = {.attention = look_as_told}};
  gazer.base.class_ = &gazer.class_;
  const struct step step = {.notes = {{.pitch = 60}}, .count = 1, .advance = 12};
  uint32_t operations = UNLIMITED;
  attention_log_reset(log);
  for (uint32_t i = 0; i < steps; ++i) {
    attention_log_step(log, i / per_place, 0, &step);
  }
  while (!attention_log_look(log, &gazer.base, NULL, &operations)) {
  }
  assert_true(operations < UNLIMITED);
  attention_log_note(log, 900, 0, 60);
  return attention_log_find(log, 900, 0, 60);
}

static void
the_strongest_places_are_kept_and_those_alike_added_up(void **const state)
{
  (void)state;
  struct attention_log *const log = attention_log_new();
  told_count = 700;
  memset(told, 0, sizeof told);
  told[3] = 0.05F;
  told[400] = 0.3F;
  told[401] = 0.1F;
  told[650] = 0.2F;
  told[651] = 0.009F; // Under one percent
  told[699] = 0.02F;
  const struct recollection *known = look(log, 700, 1);
  assert_int_equal(known->count, 4);
  const uint32_t ages[] = {400, 650, 401, 3};
  const double shares[] = {0.3, 0.2, 0.1, 0.05};
  for (uint32_t i = 0; i < 4; ++i) {
    assert_glance(&known->glances[i], &(struct onset){699 - ages[i], 0, 60}, shares[i]);
  }

  known = look(log, 700, 2); // Steps 298 and 299 are at one place now
  assert_int_equal(known->count, 4);
  assert_glance(&known->glances[0], &(struct onset){149, 0, 60}, 0.4);
  assert_glance(&known->glances[1], &(struct onset){24, 0, 60}, 0.2);

  known = look(log, 500, 1); // What lies before the trail is nowhere
  assert_int_equal(known->count, 3);
  assert_int_equal(attention_log_find(log, 900, 1, 60) == NULL, 1);
  assert_int_equal(attention_log_find(log, 900, 0, 61) == NULL, 1);
  attention_log_free(log);
}

static void
steps_taken_back_are_not_looked_at(void **const state)
{
  (void)state;
  struct attention_log *const log = attention_log_new();
  struct gazer gazer = {.class_ = {.attention = look_as_told}};
  gazer.base.class_ = &gazer.class_;
  const struct step step = {.notes = {{.pitch = 60}}, .count = 1, .advance = 12};
  uint32_t operations = UNLIMITED;
  told_count = 1;
  told[0] = 1.0F;
  attention_log_reset(log);
  for (uint32_t i = 0; i < 20; ++i) {
    attention_log_step(log, i, 0, &step);
  }
  attention_log_retract(log, 5);
  assert_true(attention_log_look(log, &gazer.base, NULL, &operations));
  attention_log_note(log, 20, 0, 60);
  assert_int_equal(attention_log_find(log, 20, 0, 60)->glances[0].bar, 14);
  attention_log_retract(log, 50);
  attention_log_begin(log);
  assert_true(attention_log_look(log, &gazer.base, NULL, &operations));
  attention_log_note(log, 20, 0, 60);
  assert_int_equal(attention_log_find(log, 20, 0, 60)->count, 0);
  attention_log_free(log);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(notes_are_said_to_look_where_the_network_looked),
      cmocka_unit_test(so_are_chords_and_rests_of_token_networks),
      cmocka_unit_test(quotations_grow_note_by_note),
      cmocka_unit_test(the_strongest_places_are_kept_and_those_alike_added_up),
      cmocka_unit_test(steps_taken_back_are_not_looked_at),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
