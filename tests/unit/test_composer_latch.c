// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Controls and the composer: latched per beat, replayed where they are as they were, composed anew where they are not.

#include "desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void
changed_controls_are_remembered_when_a_section_is_fed_again(void **const state)
{
  (void)state;
  struct desk desks[2];
  for (int i = 0; i < 2; ++i) {
    desks[i] = desk_played_through(FAKE_EVENTS, 4);
    struct controls controls = controls_default;
    controls.key = 5;
    controls.style = 2;
    composer_set_controls(desks[i].composer, &controls);
    desk_play(&desks[i], 4, 8, four_four);
    controls.key = 0;
    composer_set_controls(desks[i].composer, &controls);
    desk_play(&desks[i], 8, 12, four_four);
    if (i == 1) {
      desk_locate(&desks[i], 60, 0);
      desk_fill(&desks[i]);
      desk_locate(&desks[i], 12, 0);
    }
    desk_play(&desks[i], 12, 16, four_four);
  }
  assert_same_bars(&desks[0], &desks[1], 0, 16);
  desk_free(&desks[0]);
  desk_free(&desks[1]);
}

static void
controls_count_from_the_beat_that_is_the_look_ahead_ahead(void **const state)
{
  (void)state;
  struct desk desk = desk_new(FAKE_EVENTS, 1);
  desk_play_automated(&desk, 12, 4, 20, 5); // The look-ahead is two bars
  for (uint32_t bar = 0; bar < 12; ++bar) {
    const struct copy *const copy = copy_bar(&desk, bar);
    assert_true(copy->count > 0);
    for (uint32_t i = 0; i < copy->count; ++i) {
      assert_int_equal(copy->notes[i].conditions.key, bar < 6 ? 0 : 5);
    }
    free((void *)(uintptr_t)copy);
  }
  desk_free(&desk);
}

static void
the_same_automation_replays_the_same_bars(void **const state)
{
  (void)state;
  struct desk desk = desk_new(FAKE_EVENTS, 1);
  desk_play_automated(&desk, 14, 4, 7, 5);
  struct copies before = copy_bars(&desk);
  const uint32_t feeds = fake_feeds(desk.weights);
  desk_play_automated(&desk, 14, 4, 7, 5);
  assert_int_equal(first_changed(&desk, &before, 0, 16), 16);
  assert_int_equal(fake_feeds(desk.weights), feeds);
  assert_false(composer_undo(desk.composer));
  free_copies(&before);
  desk_free(&desk);
}

static void
set_temperature(struct desk *const desk, const float temperature)
{
  struct controls controls = controls_default;
  controls.sampling.temperature = temperature;
  composer_set_controls(desk->composer, &controls);
}

static void
music_stays_where_a_curve_is_read_one_step_away(void **const state)
{
  (void)state;
  struct desk desk = desk_new(FAKE_EVENTS, 1);
  set_temperature(&desk, 0.8F);
  desk_locate(&desk, 0, 0);
  desk_replay(&desk, 0, 10, four_four);
  struct copies before = copy_bars(&desk);
  const uint32_t feeds = fake_feeds(desk.weights);
  desk_locate(&desk, 0, 0);
  set_temperature(&desk, 0.81F); // As another block's beginning may give it
  desk_replay(&desk, 0, 8, four_four);
  assert_int_equal(first_changed(&desk, &before, 0, 10), 10);
  assert_int_equal(fake_feeds(desk.weights), feeds);

  desk_locate(&desk, 0, 0);
  set_temperature(&desk, 0.82F);
  desk_replay(&desk, 0, 8, four_four);
  assert_true(fake_feeds(desk.weights) > feeds);
  free_copies(&before);
  desk_free(&desk);
}

static void
controls_that_are_read_a_block_later_count_for_its_beats(void **const state)
{
  (void)state;
  // A block that ends with a beat; one that begins before it and ends after it; one that does so and does not say that it began
  struct desk desks[3] = {desk_new(FAKE_EVENTS, 1), desk_new(FAKE_EVENTS, 1), desk_new(FAKE_EVENTS, 1)};
  for (int i = 0; i < 3; ++i) {
    struct desk *const desk = &desks[i];
    desk_locate(desk, 0, 0);
    desk_replay(desk, 0, 4, four_four);
    if (i == 1) {
      composer_begin_block(desk->composer, (struct position){3, 90});
    }
    if (i > 0) {
      composer_move(desk->composer, (struct position){4, 0}, four_four);
      desk_fill(desk);
      composer_move(desk->composer, (struct position){4, 3}, four_four);
    }
    desk_set_key(desk, 5);
    composer_move(desk->composer, (struct position){4, i > 0 ? 4 : 0}, four_four);
    desk_fill(desk);
    desk_replay(desk, 5, 10, four_four);
  }
  assert_same_bars(&desks[0], &desks[1], 0, 10);
  struct copy *const sixth = copy_bar(&desks[2], 6);
  assert_true(sixth->count > 0 && sixth->notes[0].conditions.key == 0);
  free(sixth);
  for (int i = 0; i < 3; ++i) {
    desk_free(&desks[i]);
  }
}

static void
other_automation_is_heard_from_its_first_beat_on_and_undo_brings_the_rest_back(void **const state)
{
  (void)state;
  struct desk desk = desk_new(FAKE_EVENTS, 1);
  desk_play_automated(&desk, 14, 20, 20, 5);
  struct copies before = copy_bars(&desk);
  desk_locate(&desk, 0, 0);
  desk_replay(&desk, 0, 5, four_four);
  composer_move(desk.composer, (struct position){5, 0}, four_four);
  desk_set_key(&desk, 5);
  composer_move(desk.composer, (struct position){5, 24}, four_four); // 7, 24 is the first beat latched under it
  desk_fill(&desk);
  desk_replay(&desk, 6, 14, four_four);
  assert_int_equal(first_composed_anew(&desk, &before, 0, 14), 7);
  struct copy *const seventh = copy_bar(&desk, 7);
  for (uint32_t i = 0; i < seventh->count; ++i) {
    assert_int_equal(seventh->notes[i].conditions.key, seventh->notes[i].tick < 24 ? 0 : 5);
  }
  free(seventh);

  assert_true(composer_undo(desk.composer));
  assert_int_equal(first_changed(&desk, &before, 0, 14), 14);
  desk_locate(&desk, 0, 0);
  desk_replay(&desk, 0, 14, four_four); // Under the other key still: what was brought back stays
  assert_int_equal(first_changed(&desk, &before, 0, 14), 14);
  desk_set_key(&desk, 7);
  desk_locate(&desk, 0, 0);
  desk_replay(&desk, 0, 14, four_four); // Until the controls change again
  assert_int_equal(first_composed_anew(&desk, &before, 0, 14), 2);
  free_copies(&before);
  desk_free(&desk);
}

static void
what_is_composed_anew_is_the_same_whenever_it_is_noticed(void **const state)
{
  (void)state;
  struct desk desks[2] = {desk_new(FAKE_EVENTS, 1), desk_new(FAKE_EVENTS, 1)};
  desk_play_automated(&desks[0], 14, 5, 9, 5); // At once under the automation
  desk_play_automated(&desks[1], 14, 20, 20, 5);
  desk_play_automated(&desks[1], 14, 5, 9, 5); // Over music of before
  assert_same_bars(&desks[0], &desks[1], 0, 15);
  desk_free(&desks[0]);
  desk_free(&desks[1]);
}

static void
music_composed_ahead_is_rolled_back_without_feeding_the_rest_again(void **const state)
{
  (void)state;
  for (enum fake_kind kind = FAKE_EVENTS; kind <= FAKE_TOKENS; ++kind) {
    struct desk near = desk_new(kind, 5);
    struct desk far = desk_new(kind, 5); // Loses its place, and feeds all of it again
    desk_locate(&near, 0, 0);
    desk_locate(&far, 0, 0);
    uint32_t resets = 0;
    for (uint32_t bar = 0; bar < 40; ++bar) {
      struct controls controls = controls_default;
      controls.seed = 5;
      controls.sampling.temperature = 0.5F + 0.1F * (float)(bar % 7);
      controls.surprise = bar % 5 ? 0.0F : 3.0F;
      composer_set_controls(near.composer, &controls);
      composer_set_controls(far.composer, &controls);
      desk_replay(&near, bar, bar + 1, four_four);
      desk_replay(&far, bar, bar + 1, four_four);
      composer_set_weights(far.composer, far.weights);
      resets = bar == 10 ? fake_resets(near.weights) : resets;
    }
    assert_int_equal(fake_resets(near.weights), resets);
    assert_true(fake_resets(far.weights) > resets + 20);
    assert_same_bars(&near, &far, 0, 40);
    desk_free(&near);
    desk_free(&far);
  }
}

static void
latching_does_not_depend_on_how_often_time_is_told(void **const state)
{
  (void)state;
  struct desk desks[2] = {desk_new(FAKE_EVENTS, 1), desk_new(FAKE_EVENTS, 1)};
  for (uint32_t d = 0; d < 2; ++d) {
    desk_locate(&desks[d], 0, 0);
    // Keys change every 40 ticks, at places that are no beats
    for (uint32_t at = 0; at < 14 * 96; at += 40) {
      desk_set_key(&desks[d], (uint8_t)(at / 40 % 5));
      for (uint32_t tick = at; tick < at + 40; tick += d ? 40 : 1) {
        const uint32_t last = tick + (d ? 39 : 0);
        composer_move(desks[d].composer, (struct position){tick / 96, tick % 96}, four_four);
        composer_reach(desks[d].composer, (struct position){last / 96, last % 96});
        desk_fill(&desks[d]);
      }
    }
  }
  assert_same_bars(&desks[0], &desks[1], 0, 14);
  desk_free(&desks[0]);
  desk_free(&desks[1]);
}

static void
controls_that_change_before_the_playhead_moves_count_from_its_place(void **const state)
{
  (void)state;
  struct desk direct = desk_new(FAKE_EVENTS, 1);
  desk_set_key(&direct, 5);
  desk_locate(&direct, 3, 0);
  desk_replay(&direct, 3, 8, four_four);

  struct desk changed = desk_new(FAKE_EVENTS, 1);
  desk_locate(&changed, 3, 0);
  desk_fill(&changed);
  desk_set_key(&changed, 9);
  composer_work(changed.composer, 7000); // In the middle of a step
  desk_set_key(&changed, 5);
  desk_replay(&changed, 3, 8, four_four);
  assert_same_bars(&direct, &changed, 3, 8);
  assert_false(composer_undo(changed.composer)); // Nothing that was heard is lost
  desk_free(&changed);
  desk_free(&direct);
}

static void
a_step_begun_under_other_controls_is_begun_again(void **const state)
{
  (void)state;
  struct desk desks[2] = {desk_played_through(FAKE_EVENTS, 4), desk_played_through(FAKE_EVENTS, 4)};
  for (int i = 0; i < 2; ++i) {
    composer_move(desks[i].composer, (struct position){4, 24}, four_four);
    while (i == 1 && !composer_is_filled(desks[i].composer)) {
      composer_work(desks[i].composer, 100);
    }
    composer_move(desks[i].composer, (struct position){4, 48}, four_four);
    composer_work(desks[i].composer, i == 1 ? 100 : 0);
    desk_locate(&desks[i], 3, 0);
    desk_set_key(&desks[i], 5);
    desk_replay(&desks[i], 3, 10, four_four);
  }
  assert_int_equal(desk_notes(&desks[0], 0, 9), desk_notes(&desks[1], 0, 9));
  assert_same_bars(&desks[0], &desks[1], 0, 9);
  desk_free(&desks[0]);
  desk_free(&desks[1]);
}

static void
a_chord_begun_under_other_controls_is_begun_again(void **const state)
{
  (void)state;
  for (uint32_t seed = 0; seed < 20; ++seed) {
    struct desk other = desk_new(FAKE_EVENTS, seed);
    struct controls controls = controls_default;
    controls.seed = seed + 100;
    composer_set_controls(other.composer, &controls);
    desk_locate(&other, 0, 0);
    desk_replay(&other, 0, 8, four_four);
    for (uint32_t slices = 1; slices < 20; ++slices) {
      struct desk desk = desk_new(FAKE_EVENTS, seed);
      desk_locate(&desk, 0, 0);
      for (uint32_t i = 0; i < slices; ++i) {
        composer_work(desk.composer, FAKE_STEP_OPERATIONS);
      }
      composer_set_controls(desk.composer, &controls);
      desk_replay(&desk, 0, 8, four_four);
      assert_same_bars(&desk, &other, 0, 8);
      desk_free(&desk);
    }
    desk_free(&other);
  }
}

static void
older_music_at_the_playhead_stays_when_controls_change_there(void **const state)
{
  (void)state;
  struct desk desk = desk_played_through(FAKE_EVENTS, 8);
  struct copies before = copy_bars(&desk);
  desk_locate(&desk, 5, 0);
  desk_set_key(&desk, 5);
  desk_fill(&desk);
  desk_set_key(&desk, 6);
  desk_fill(&desk);
  assert_int_equal(first_composed_anew(&desk, &before, 0, 9), 9);
  free_copies(&before);
  desk_free(&desk);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(changed_controls_are_remembered_when_a_section_is_fed_again),
      cmocka_unit_test(controls_count_from_the_beat_that_is_the_look_ahead_ahead),
      cmocka_unit_test(the_same_automation_replays_the_same_bars),
      cmocka_unit_test(music_stays_where_a_curve_is_read_one_step_away),
      cmocka_unit_test(controls_that_are_read_a_block_later_count_for_its_beats),
      cmocka_unit_test(other_automation_is_heard_from_its_first_beat_on_and_undo_brings_the_rest_back),
      cmocka_unit_test(what_is_composed_anew_is_the_same_whenever_it_is_noticed),
      cmocka_unit_test(music_composed_ahead_is_rolled_back_without_feeding_the_rest_again),
      cmocka_unit_test(latching_does_not_depend_on_how_often_time_is_told),
      cmocka_unit_test(controls_that_change_before_the_playhead_moves_count_from_its_place),
      cmocka_unit_test(a_step_begun_under_other_controls_is_begun_again),
      cmocka_unit_test(a_chord_begun_under_other_controls_is_begun_again),
      cmocka_unit_test(older_music_at_the_playhead_stays_when_controls_change_there),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
