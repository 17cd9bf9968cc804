// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What changes under the composer: the metre of the song, the weights, and a take that is full. Music goes on, and depends on
// places alone.

#include "desk.h"

#include "engine/bar_set.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static void
a_change_of_metre_composes_the_bars_ahead_anew_in_the_same_section(void **const state)
{
  (void)state;
  struct desk desk = desk_played_through(FAKE_EVENTS, 4);
  struct copy *const third = copy_bar(&desk, 3);
  desk_play(&desk, 4, 8, three_four);
  struct take *const take = composer_take(desk.composer);
  for (uint32_t bar = 4; bar < 8; ++bar) {
    assert_true(metre_equals(take_bar(take, bar)->metre, three_four));
    assert_int_equal(take_bar(take, bar)->section, 0);
  }
  struct copy *const kept = copy_bar(&desk, 3);
  assert_true(copies_are_equal(third, kept, false));

  // Rewound, both metres come back
  struct copy *const fifth = copy_bar(&desk, 5);
  const uint32_t feeds = fake_feeds(desk.weights);
  desk_locate(&desk, 0, 0);
  desk_play(&desk, 0, 4, four_four);
  desk_play(&desk, 4, 6, three_four);
  struct copy *const again = copy_bar(&desk, 5);
  assert_true(copies_are_equal(fifth, again, true));
  assert_int_equal(fake_feeds(desk.weights), feeds);
  free(again);
  free(fifth);
  free(kept);
  free(third);
  desk_free(&desk);
}

static void
a_change_of_metre_is_the_same_whenever_it_is_noticed(void **const state)
{
  (void)state;
  struct desk desks[2] = {desk_new(FAKE_EVENTS, 1), desk_new(FAKE_EVENTS, 1)};
  for (int i = 0; i < 2; ++i) {
    struct controls controls = controls_default;
    controls.look_ahead = i ? 2 * BEAT : 40 * BEAT;
    composer_set_controls(desks[i].composer, &controls);
    desk_locate(&desks[i], 0, 0);
    desk_play(&desks[i], 0, 4, four_four);
    desk_play(&desks[i], 4, 24, three_four); // The last bars' notes may still be cut by what comes
  }
  assert_same_bars(&desks[0], &desks[1], 0, 12);
  desk_free(&desks[0]);
  desk_free(&desks[1]);
}

static void
a_change_of_metre_in_the_middle_of_a_step_is_heard_in_that_step(void **const state)
{
  (void)state;
  struct desk desks[2] = {desk_new(FAKE_EVENTS, 1), desk_new(FAKE_EVENTS, 1)};
  for (int i = 0; i < 2; ++i) {
    struct desk *const desk = &desks[i];
    desk_locate(desk, 0, 0);
    while (composer_ready(desk->composer).bar < 4) {
      composer_work(desk->composer, 500);
      composer_move(desk->composer, (struct position){composer_ready(desk->composer).bar, 0}, four_four);
    }
    if (i == 0) {
      composer_work(desk->composer, FAKE_STEP_OPERATIONS / 2); // The step at the bar line has begun
    } else {
      desk_locate(desk, 300, 0); // Nothing has
      composer_locate(desk->composer, (struct position){4, 0}, three_four);
    }
    desk_play(desk, 4, 16, three_four);
  }
  assert_same_bars(&desks[0], &desks[1], 0, 8);
  desk_free(&desks[0]);
  desk_free(&desks[1]);
}

// Come to bar `bar` in `before`, work for `operations` there, and learn that it is in `after`, up to bar `end`.
static void
change_metre(struct desk *const desk,
             const uint32_t bar,
             const uint32_t end,
             const struct metre before,
             const struct metre after,
             const uint32_t operations)
{
  composer_move(desk->composer, (struct position){bar, 0}, before);
  composer_work(desk->composer, operations);
  desk_replay(desk, bar, end, after);
}

static void
a_change_of_metre_is_the_same_however_far_was_composed(void **const state)
{
  (void)state;
  static const struct metre two_four = {2, 4};
  static const struct metre six_eight = {6, 8};
  static const uint32_t operations[] = {UNLIMITED, 0, 3 * FAKE_STEP_OPERATIONS};
  for (uint32_t seed = 0; seed < 20; ++seed) {
    struct desk desks[3];
    for (int i = 0; i < 3; ++i) {
      desks[i] = desk_new(FAKE_EVENTS, seed);
      struct controls controls = controls_default;
      controls.seed = seed;
      controls.look_ahead = 4 * BEAT;
      composer_set_controls(desks[i].composer, &controls);
      composer_locate(desks[i].composer, (struct position){0, 0}, two_four);
      desk_replay(&desks[i], 0, 4, two_four);
      change_metre(&desks[i], 4, 5, two_four, six_eight, operations[i]);
      change_metre(&desks[i], 5, 12, six_eight, two_four,
                   operations[i]); // What was composed in 2/4 before is not taken up
    }
    assert_same_bars(&desks[0], &desks[1], 0, 12);
    assert_same_bars(&desks[0], &desks[2], 0, 12);
    for (int i = 0; i < 3; ++i) {
      desk_free(&desks[i]);
    }
  }
}

static void
locating_to_a_bar_of_another_metre_composes_it_anew(void **const state)
{
  (void)state;
  struct desk desk = desk_played_through(FAKE_EVENTS, 8);
  composer_locate(desk.composer, (struct position){4, 0}, three_four);
  desk_fill(&desk);
  struct take *const take = composer_take(desk.composer);
  assert_true(metre_equals(take_bar(take, 4)->metre, three_four));
  desk_play(&desk, 4, 6, three_four);
  assert_true(metre_equals(take_bar(take, 3)->metre, four_four));
  assert_true(metre_equals(take_bar(take, 4)->metre, three_four));
  assert_true(metre_equals(take_bar(take, 6)->metre, three_four)); // Composing ran over the old ones
  desk_free(&desk);
}

static void
pieces_end_with_a_bar_of_rest_only_if_they_may(void **const state)
{
  (void)state;
  for (uint32_t may = 0; may < 2; ++may) {
    struct desk desk = desk_new(FAKE_FLAT, 3); // All advances are alike to it
    struct controls controls = controls_default;
    controls.seed = 3;
    controls.ending = may;
    composer_set_controls(desk.composer, &controls);
    desk_locate(&desk, 0, 0);
    desk_play(&desk, 0, 1000, four_four);
    struct take *const take = composer_take(desk.composer);
    uint32_t ends = 0;
    for (uint32_t number = 0; number < 999; ++number) {
      const struct take_bar *const bar = take_bar(take, number);
      if (bar->last == TAKE_NONE || take_note(take, bar->last)->event.advance != ADVANCE_END) {
        continue;
      }
      ++ends;
      assert_int_equal(take_bar(take, number + 1)->count, 0);
      assert_int_equal(take_bar(take, number + 1)->section, bar->section);
      assert_int_equal(take_bar(take, number + 2)->section, number + 2);
      assert_int_equal(take_note(take, take_bar(take, number + 2)->first)->tick, 0);
    }
    assert_int_equal(ends > 3, may);
    struct copies before = copy_bars(&desk);
    desk_locate(&desk, 0, 0);
    desk_play(&desk, 0, 30, four_four);
    assert_int_equal(first_changed(&desk, &before, 0, 32), 32);
    free_copies(&before);
    desk_free(&desk);
  }
}

static void
a_change_of_metre_after_the_end_of_a_piece_begins_the_next(void **const state)
{
  (void)state;
  struct desk desk = desk_new(FAKE_FLAT, 3);
  struct controls controls = controls_default;
  controls.ending = true;
  composer_set_controls(desk.composer, &controls);
  desk_locate(&desk, 0, 0);
  struct take *const take = composer_take(desk.composer);
  uint32_t number = 0;
  for (;; ++number) {
    desk_play(&desk, number, number + 1, four_four);
    const struct take_bar *const bar = take_bar(take, number);
    if (bar->ends && bar->count > 0 && take_note(take, bar->last)->tick < 90) {
      break;
    }
  }
  composer_move(desk.composer, (struct position){number, 90}, (struct metre){5, 4});
  desk_fill(&desk);
  assert_true(take_bar(take, number)->ends);
  assert_int_equal(take_bar(take, number + 2)->section, number + 2);
  desk_free(&desk);
}

// A piece now ends right before an empty bar of former times: what comes after that bar begins anew, and doesn't look for a note to go
// on from beyond the end.
static void
music_goes_on_after_an_empty_bar_behind_an_end(void **const state)
{
  (void)state;
  struct desk desk = desk_new(FAKE_FLAT, 3);
  struct controls controls = controls_default;
  controls.seed = 626; // So it comes about
  controls.ending = true;
  composer_set_controls(desk.composer, &controls);
  desk_locate(&desk, 0, 0);
  desk_replay(&desk, 0, 12, four_four);
  controls.sampling.temperature = 2.0F;
  composer_set_controls(desk.composer, &controls);
  desk_locate(&desk, 4, 0);
  desk_replay(&desk, 4, 5, four_four);
  struct bar_set bars = {0};
  assert_true(bar_set_read(&bars, "10-12", 5));
  composer_regenerate_bars(desk.composer, &bars);
  desk_locate(&desk, 7, 0);
  alarm(60);
  desk_replay(&desk, 7, 12, four_four);
  alarm(0);
  struct take *const take = composer_take(desk.composer);
  assert_true(take_bar(take, 11)->ends && take_bar(take, 11)->count > 0);
  assert_true(take_bar(take, 12)->complete && !take_bar(take, 12)->ends && take_bar(take, 12)->count == 0);
  assert_int_equal(take_bar(take, 13)->section, 13);
  desk_free(&desk);
}

static void
new_weights_begin_a_section_at_the_next_bar_line(void **const state)
{
  (void)state;
  struct desk desk = desk_played_through(FAKE_EVENTS, 6);
  composer_move(desk.composer, (struct position){6, 30}, four_four);
  desk_fill(&desk);
  struct copy *const kept = copy_bar(&desk, 6);
  struct weights *const others = fake_weights_new(FAKE_EVENTS, 1234);
  assert_ptr_equal(composer_set_weights(desk.composer, others), desk.weights);
  desk_fill(&desk);
  desk_play(&desk, 7, 12, four_four);
  struct take *const take = composer_take(desk.composer);
  struct copy *const after = copy_bar(&desk, 6);
  assert_true(copies_are_equal(kept, after, false));
  assert_int_equal(take_bar(take, 6)->section, 0);
  for (uint32_t bar = 7; bar < 12; ++bar) {
    assert_int_equal(take_bar(take, bar)->section, 7);
  }

  // The music is that of the new weights
  struct desk fresh = desk_new(FAKE_EVENTS, 1);
  composer_set_weights(fresh.composer, others);
  desk_locate(&fresh, 7, 0);
  desk_play(&fresh, 7, 10, four_four);
  assert_same_bars(&fresh, &desk, 7, 10);
  composer_set_weights(fresh.composer, fresh.weights);
  desk_free(&fresh);
  free(after);
  free(kept);
  fake_weights_free(others);
  desk_free(&desk);
}

static void
new_weights_drop_all_that_lies_ahead(void **const state)
{
  (void)state;
  struct desk desk = desk_played_through(FAKE_EVENTS, 20);
  desk_locate(&desk, 4, 0);
  struct weights *const others = fake_weights_new(FAKE_EVENTS, 1234);
  composer_set_weights(desk.composer, others);
  desk_locate(&desk, 15, 0); // Before any of it was looked at
  desk_fill(&desk);
  struct take *const take = composer_take(desk.composer);
  assert_int_equal(take_bar(take, 15)->section, 15);
  for (int i = 0; i < 100; ++i) {
    desk_locate(&desk, 15 + i % 2, 0);
    composer_work(desk.composer, 4000);
  }
  assert_non_null(take_bar(take, 3));
  assert_null(take_bar(take, 4));
  assert_null(take_bar(take, 14));
  fake_weights_free(others);
  desk_free(&desk);
}

static void
the_same_weights_loaded_again_go_on(void **const state)
{
  (void)state;
  struct desk through = desk_played_through(FAKE_EVENTS, 12);
  struct desk desk = desk_played_through(FAKE_EVENTS, 6);
  struct weights *const again = fake_weights_new(FAKE_EVENTS, desk.weights->hash);
  composer_set_weights(desk.composer, again);
  desk_play(&desk, 6, 12, four_four);
  assert_same_bars(&through, &desk, 0, 12);
  fake_weights_free(again);
  desk_free(&desk);
  desk_free(&through);
}

static void
new_weights_can_be_undone(void **const state)
{
  (void)state;
  struct desk desk = desk_played_through(FAKE_EVENTS, 10);
  struct copies before = copy_bars(&desk);
  desk_locate(&desk, 3, 0);
  struct weights *const others = fake_weights_new(FAKE_EVENTS, 1234);
  composer_set_weights(desk.composer, others);
  desk_replay(&desk, 3, 10, four_four);
  assert_int_equal(first_composed_anew(&desk, &before, 0, 10), 3);
  assert_true(composer_undo(desk.composer));
  desk_locate(&desk, 0, 0);
  desk_replay(&desk, 0, 9, four_four);
  assert_int_equal(first_changed(&desk, &before, 0, 9), 9);
  fake_weights_free(others);
  free_copies(&before);
  desk_free(&desk);
}

static void
a_full_take_lets_the_oldest_bars_leave(void **const state)
{
  (void)state;
  struct desk desk = desk_new(FAKE_TOKENS, 1);
  desk_locate(&desk, 0, 0);
  const uint32_t bars = TAKE_BARS + 500;
  for (uint32_t bar = 0; bar < bars; ++bar) {
    composer_move(desk.composer, (struct position){bar, 0}, four_four);
    desk_fill(&desk);
  }
  struct take *const take = composer_take(desk.composer);
  assert_null(take_bar(take, 0));
  assert_null(take_bar(take, 100));
  assert_non_null(take_bar(take, bars - 1000));
  assert_non_null(take_bar(take, bars));
  assert_int_equal(take_bar(take, bars)->section, 0);

  // What is left can be gone back to and gone on with
  desk_locate(&desk, 5, 0);
  desk_fill(&desk);
  assert_int_equal(take_bar(take, 5)->section, 5);
  desk_locate(&desk, bars, 0);
  desk_fill(&desk);
  desk_free(&desk);
}

static void
bars_about_to_be_played_do_not_leave(void **const state)
{
  (void)state;
  struct desk desk = desk_new(FAKE_TOKENS, 1);
  desk_locate(&desk, 0, 0);
  desk_play(&desk, 0, 10, four_four); // Now the oldest of all
  desk_locate(&desk, 1000, 0);
  struct take *const take = composer_take(desk.composer);
  for (uint32_t bar = 1000; take_has_room(take, 20, 0); ++bar) {
    composer_move(desk.composer, (struct position){bar, 0}, four_four);
    desk_fill(&desk);
  }
  struct controls controls = controls_default;
  controls.look_ahead = 40 * 96;
  composer_set_controls(desk.composer, &controls);
  desk_locate(&desk, 0, 0);
  desk_fill(&desk);
  for (uint32_t bar = 0; bar < 40; ++bar) {
    assert_non_null(take_bar(take, bar));
  }
  assert_null(take_bar(take, 1000));
  desk_free(&desk);
}

static void
a_take_full_of_notes_lets_the_oldest_bars_leave(void **const state)
{
  (void)state;
  struct desk desk = desk_new(FAKE_TOKENS, 1);
  const struct metre long_bars = {32, 1};
  composer_locate(desk.composer, (struct position){0, 0}, long_bars);
  uint32_t bar = 0;
  for (; take_bar(composer_take(desk.composer), 0) || bar == 0; ++bar) {
    composer_move(desk.composer, (struct position){bar, 0}, long_bars);
    desk_fill(&desk);
    assert_true(bar < TAKE_BARS / 2);
  }
  assert_true(take_note_count(composer_take(desk.composer)) > TAKE_NOTES - 20000);
  desk_free(&desk);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_change_of_metre_composes_the_bars_ahead_anew_in_the_same_section),
      cmocka_unit_test(a_change_of_metre_is_the_same_whenever_it_is_noticed),
      cmocka_unit_test(a_change_of_metre_is_the_same_however_far_was_composed),
      cmocka_unit_test(a_change_of_metre_in_the_middle_of_a_step_is_heard_in_that_step),
      cmocka_unit_test(locating_to_a_bar_of_another_metre_composes_it_anew),
      cmocka_unit_test(pieces_end_with_a_bar_of_rest_only_if_they_may),
      cmocka_unit_test(a_change_of_metre_after_the_end_of_a_piece_begins_the_next),
      cmocka_unit_test(music_goes_on_after_an_empty_bar_behind_an_end),
      cmocka_unit_test(new_weights_begin_a_section_at_the_next_bar_line),
      cmocka_unit_test(new_weights_drop_all_that_lies_ahead),
      cmocka_unit_test(the_same_weights_loaded_again_go_on),
      cmocka_unit_test(new_weights_can_be_undone),
      cmocka_unit_test(a_full_take_lets_the_oldest_bars_leave),
      cmocka_unit_test(bars_about_to_be_played_do_not_leave),
      cmocka_unit_test(a_take_full_of_notes_lets_the_oldest_bars_leave),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
