// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What the user asks of the take: music that is composed anew, brought back, kept, and that comes back by itself.

#include "desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void
regenerating_changes_what_comes_and_undo_brings_it_back_eight_times(void **const state)
{
  (void)state;
  struct desk desk = desk_played_through(FAKE_EVENTS, 10);
  struct copies takes[TAKE_UNDO + 2];
  for (int i = 0; i < TAKE_UNDO + 2; ++i) {
    takes[i] = copy_bars(&desk);
    desk_locate(&desk, 3, 24);
    composer_regenerate(desk.composer);
    desk_replay(&desk, 4, 10, four_four);
    for (int k = 0; k <= i; ++k) {
      assert_int_equal(first_composed_anew(&desk, &takes[k], 0, 11), 4);
    }
  }
  for (int i = TAKE_UNDO + 1; i >= 2; --i) {
    assert_true(composer_undo(desk.composer));
    assert_int_equal(first_changed(&desk, &takes[i], 0, 10), 10);
    desk_check(&desk, 0, 10);
  }
  assert_false(composer_undo(desk.composer));
  for (int i = 0; i < TAKE_UNDO + 2; ++i) {
    free_copies(&takes[i]);
  }
  desk_free(&desk);
}

static void
regenerated_music_goes_on_as_if_never_left(void **const state)
{
  (void)state;
  struct desk desks[2] = {desk_played_through(FAKE_EVENTS, 6), desk_played_through(FAKE_EVENTS, 6)};
  for (int i = 0; i < 2; ++i) {
    desk_locate(&desks[i], 2, 24);
    composer_regenerate(desks[i].composer);
    desk_replay(&desks[i], 3, 8, four_four);
    if (i == 1) {
      desk_locate(&desks[i], 90, 0);
      desk_fill(&desks[i]);
      desk_locate(&desks[i], 8, 0);
    }
    desk_replay(&desks[i], 8, 20, four_four);
    assert_int_equal(take_bar(composer_take(desks[i].composer), 10)->section, 0); // It goes on from what is before it
  }
  assert_same_bars(&desks[0], &desks[1], 0, 20);
  desk_free(&desks[0]);
  desk_free(&desks[1]);
}

static void
regenerating_bars_leaves_all_others(void **const state)
{
  (void)state;
  struct desk desk = desk_played_through(FAKE_EVENTS, 14);
  struct copies before = copy_bars(&desk);
  struct bar_set bars;
  assert_true(bar_set_read(&bars, "5-7", 3));
  desk_locate(&desk, 0, 0);
  composer_regenerate_bars(desk.composer, &bars);
  desk_replay(&desk, 0, 14, four_four);
  for (uint32_t i = 0; i < 14; ++i) {
    struct copy *const now = copy_bar(&desk, i);
    // What sounds into the new bars may end elsewhere than it did
    assert_int_equal(copies_are_equal(now, before.bars[i], false), i < 4 || i > 6);
    free(now);
  }
  desk_check(&desk, 0, 14);
  assert_true(composer_undo(desk.composer));
  assert_int_equal(first_changed(&desk, &before, 0, 14), 14);
  free_copies(&before);
  desk_free(&desk);
}

static void
locked_bars_stay_whatever_happens(void **const state)
{
  (void)state;
  struct desk desk = desk_played_through(FAKE_EVENTS, 14);
  struct copies before = copy_bars(&desk);
  struct bar_set bars;
  struct bar_set all;
  assert_true(bar_set_read(&bars, "5-7, 10", 7));
  assert_true(bar_set_read(&all, "all", 3));
  composer_lock_bars(desk.composer, &bars);
  struct weights *const others = fake_weights_new(FAKE_EVENTS, 1234);
  for (int i = 0; i < 5; ++i) {
    desk_locate(&desk, 0, 0);
    if (i == 0) {
      desk_set_key(&desk, 3);
    } else if (i == 1) {
      composer_regenerate(desk.composer);
    } else if (i == 2) {
      composer_regenerate_bars(desk.composer, &all);
    } else if (i == 3) {
      composer_set_weights(desk.composer, others);
    } else {
      assert_true(composer_undo(desk.composer));
    }
    desk_replay(&desk, 0, 14, four_four);
    for (uint32_t bar = 0; bar < 14; ++bar) {
      struct copy *const now = copy_bar(&desk, bar);
      const bool stays = (bar >= 4 && bar < 7) || bar == 9;
      assert_true(!stays || copies_are_equal(now, before.bars[bar], false));
      free(now);
    }
    assert_true(first_composed_anew(&desk, &before, 2, 4) < 4);
  }
  composer_set_weights(desk.composer, desk.weights);
  fake_weights_free(others);
  free_copies(&before);
  desk_free(&desk);
}

static void
a_locked_take_stays_and_grows(void **const state)
{
  (void)state;
  struct desk desk = desk_played_through(FAKE_EVENTS, 8);
  struct copies before = copy_bars(&desk);
  composer_lock(desk.composer, true);
  desk_set_key(&desk, 3);
  desk_locate(&desk, 0, 0);
  composer_regenerate(desk.composer);
  assert_false(composer_undo(desk.composer));
  desk_replay(&desk, 0, 12, four_four);
  assert_int_equal(first_changed(&desk, &before, 0, 8), 8);
  assert_non_null(take_bar(composer_take(desk.composer), 11));
  composer_lock(desk.composer, false);
  desk_locate(&desk, 0, 0);
  desk_replay(&desk, 0, 8, four_four);
  assert_int_equal(first_composed_anew(&desk, &before, 0, 8), 2);
  free_copies(&before);
  desk_free(&desk);
}

static void
a_long_section_is_composed_anew_to_its_end(void **const state)
{
  (void)state;
  struct desk desk = desk_played_through(FAKE_TOKENS, 900);
  desk_locate(&desk, 2, 24);
  composer_regenerate(desk.composer);
  desk_fill(&desk);
  for (int i = 0; i < 10; ++i) {
    composer_work(desk.composer, 1);
  }
  struct take *const take = composer_take(desk.composer);
  assert_non_null(take_bar(take, 2));
  assert_null(take_bar(take, 300));
  assert_null(take_bar(take, 898));
  assert_true(composer_undo(desk.composer));
  assert_non_null(take_bar(take, 898));
  desk_free(&desk);
}

static void
what_undo_does_not_reach_any_more_is_collected(void **const state)
{
  (void)state;
  struct desk desk = desk_played_through(FAKE_TOKENS, 20);
  struct take *const take = composer_take(desk.composer);
  for (int i = 0; i < 100; ++i) {
    desk_locate(&desk, 0, 24);
    composer_regenerate(desk.composer);
    desk_replay(&desk, 1, 20, four_four);
    for (int k = 0; k < 50; ++k) { // Look ahead is full: only collecting is left
      composer_work(desk.composer, 100000);
    }
  }
  assert_true(take_bar_count(take) < (TAKE_UNDO + 3) * 25);
  desk_free(&desk);
}

// Loop over so many bars from now on.
static void
set_loop(struct desk *const desk, const uint32_t bars, const uint8_t key)
{
  struct controls controls = controls_default;
  controls.loop_bars = bars;
  controls.key = key;
  composer_set_controls(desk->composer, &controls);
}

static bool
comes_back(struct desk *const desk, const uint32_t bar, const uint32_t again)
{
  struct copy *const a = copy_bar(desk, bar);
  struct copy *const b = copy_bar(desk, again);
  const bool equal = a->count > 0 && copies_are_equal(a, b, false);
  free(a);
  free(b);
  return equal;
}

static void
looped_bars_come_back_until_the_loop_ends(void **const state)
{
  (void)state;
  struct desk desk = desk_new(FAKE_EVENTS, 1);
  set_loop(&desk, 3, 0);
  desk_locate(&desk, 5, 0);
  desk_play(&desk, 5, 14, four_four);
  for (uint32_t bar = 8; bar < 14; ++bar) {
    assert_true(comes_back(&desk, bar - 3, bar));
  }
  assert_false(comes_back(&desk, 5, 6));
  desk_check(&desk, 5, 14);
  set_loop(&desk, 0, 0);
  desk_replay(&desk, 14, 24, four_four);
  assert_true(comes_back(&desk, 12, 15)); // The look-ahead
  for (uint32_t bar = 16; bar < 24; ++bar) {
    assert_false(comes_back(&desk, bar - 3, bar));
  }
  desk_check(&desk, 5, 24);
  assert_int_equal(take_bar(composer_take(desk.composer), 20)->section, 5); // It goes on from what was heard
  desk_free(&desk);
}

static void
a_loop_switched_on_holds_what_was_just_heard(void **const state)
{
  (void)state;
  struct desk desk = desk_played_through(FAKE_EVENTS, 8);
  set_loop(&desk, 2, 0);
  desk_replay(&desk, 8, 16, four_four);
  assert_true(comes_back(&desk, 8, 10)); // The look-ahead is two bars
  assert_true(comes_back(&desk, 9, 11));
  assert_true(comes_back(&desk, 10, 12));
  assert_false(comes_back(&desk, 7, 9));

  // Other controls compose other bars, which then come back; so does regenerating
  set_loop(&desk, 2, 5);
  desk_replay(&desk, 16, 24, four_four);
  assert_true(comes_back(&desk, 16, 14) && comes_back(&desk, 15, 17));
  assert_false(comes_back(&desk, 16, 18));
  assert_true(comes_back(&desk, 18, 20) && comes_back(&desk, 19, 21));
  composer_regenerate(desk.composer);
  desk_replay(&desk, 24, 30, four_four);
  assert_false(comes_back(&desk, 22, 24));
  assert_true(comes_back(&desk, 24, 26) && comes_back(&desk, 25, 27) && comes_back(&desk, 26, 28));
  desk_check(&desk, 0, 30);
  desk_free(&desk);
}

static void
a_loop_replays_and_goes_on_as_if_never_left(void **const state)
{
  (void)state;
  struct desk desks[2] = {desk_new(FAKE_TOKENS, 1), desk_new(FAKE_TOKENS, 1)};
  for (int i = 0; i < 2; ++i) {
    set_loop(&desks[i], 4, 0);
    desk_locate(&desks[i], 0, 0);
    desk_play(&desks[i], 0, 12, four_four);
    if (i == 1) {
      desk_locate(&desks[i], 60, 0);
      desk_fill(&desks[i]);
      desk_locate(&desks[i], 2, 0);
      desk_play(&desks[i], 2, 12, four_four);
    }
    set_loop(&desks[i], 0, 0);
    desk_replay(&desks[i], 12, 20, four_four);
    assert_int_equal(composer_undo(desks[i].composer), false);
  }
  assert_same_bars(&desks[0], &desks[1], 0, 20);
  desk_free(&desks[0]);
  desk_free(&desks[1]);
}

static void
a_loop_that_comes_to_older_music_joins_it_only_in_its_own_metre(void **const state)
{
  (void)state;
  static const struct metre metres[] = {{4, 4}, {2, 4}};
  for (int i = 0; i < 2; ++i) {
    struct desk desk = desk_new(FAKE_EVENTS, 1);
    set_loop(&desk, 2, 0);
    composer_locate(desk.composer, (struct position){8, 0}, metres[i]);
    desk_fill(&desk);
    struct copy *const older = copy_bar(&desk, 8);
    desk_locate(&desk, 0, 0);
    desk_play(&desk, 0, 12, four_four);
    struct take *const take = composer_take(desk.composer);
    for (uint32_t bar = 0; bar < 12; ++bar) {
      assert_true(metre_equals(take_bar(take, bar)->metre, four_four));
    }
    struct copy *const now = copy_bar(&desk, 8);
    assert_true(copies_are_equal(older, now, false) == (i == 0));
    assert_true(i == 0 || comes_back(&desk, 6, 8));
    free(now);
    free(older);
    desk_free(&desk);
  }
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(regenerating_changes_what_comes_and_undo_brings_it_back_eight_times),
      cmocka_unit_test(regenerated_music_goes_on_as_if_never_left),
      cmocka_unit_test(regenerating_bars_leaves_all_others),
      cmocka_unit_test(locked_bars_stay_whatever_happens),
      cmocka_unit_test(a_locked_take_stays_and_grows),
      cmocka_unit_test(a_long_section_is_composed_anew_to_its_end),
      cmocka_unit_test(what_undo_does_not_reach_any_more_is_collected),
      cmocka_unit_test(looped_bars_come_back_until_the_loop_ends),
      cmocka_unit_test(a_loop_switched_on_holds_what_was_just_heard),
      cmocka_unit_test(a_loop_replays_and_goes_on_as_if_never_left),
      cmocka_unit_test(a_loop_that_comes_to_older_music_joins_it_only_in_its_own_metre),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
