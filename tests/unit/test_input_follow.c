// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Held harmonies, as the composer hears them: what sounds meanwhile keeps to them.

#include "duet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void
a_held_harmony_is_heard_from_the_next_onset_on(void **const state)
{
  (void)state;
  for (enum fake_kind kind = FAKE_EVENTS; kind <= FAKE_TOKENS; ++kind) {
    struct desk plain = duet_new(kind, INPUT_FOLLOW);
    struct desk held = duet_new(kind, INPUT_FOLLOW);
    duet_roll(&plain, 0, 6 * BAR, UNLIMITED);
    duet_roll(&held, 0, 2 * BAR + 7, UNLIMITED);
    composer_hold(held.composer, duet_place(2 * BAR + 7), C_MAJOR);
    duet_roll(&held, 2 * BAR + 7, 4 * BAR, UNLIMITED);
    composer_hold(held.composer, duet_place(4 * BAR), D_FLAT_MAJOR);
    duet_roll(&held, 4 * BAR, 5 * BAR, UNLIMITED);
    composer_hold(held.composer, duet_place(5 * BAR), 0);
    duet_roll(&held, 5 * BAR, 8 * BAR, UNLIMITED);
    duet_assert_same(&plain, &held, 0, 2 * BAR + 7);
    assert_true(duet_share(&plain, 2 * BAR + 7, 4 * BAR, C_MAJOR) < 0.6);
    assert_true(duet_count(&held, 2 * BAR + 7, 4 * BAR, TAKE_COMPOSED) > (kind == FAKE_EVENTS ? 8 : 0));
    assert_true(duet_share(&held, 2 * BAR + 7, 4 * BAR, C_MAJOR) == 1.0);
    assert_true(duet_share(&held, 4 * BAR, 5 * BAR, D_FLAT_MAJOR) == 1.0);
    assert_true(duet_share(&held, 5 * BAR, 8 * BAR, D_FLAT_MAJOR) < 0.6);
    if (kind == FAKE_EVENTS) {
      duet_assert_leads_on(&held, 0, 8 * BAR);
    }
    desk_free(&held);
    desk_free(&plain);
  }
}

static void
what_follows_a_harmony_does_not_depend_on_how_the_work_is_cut(void **const state)
{
  (void)state;
  for (enum fake_kind kind = FAKE_EVENTS; kind <= FAKE_TOKENS; ++kind) {
    struct desk at_once = duet_new(kind, INPUT_FOLLOW);
    struct desk sliced = duet_new(kind, INPUT_FOLLOW);
    for (uint32_t tick = 0; tick < 20 * BAR; ++tick) {
      if (tick % 37 == 0) {
        composer_hold(at_once.composer, duet_place(tick), (uint16_t)(tick % 3 ? C_MAJOR << tick % 5 : 0));
        composer_hold(sliced.composer, duet_place(tick), (uint16_t)(tick % 3 ? C_MAJOR << tick % 5 : 0));
      }
      duet_roll(&at_once, tick, tick + 1, UNLIMITED);
      for (int i = 0; i < 40; ++i) {
        duet_roll(&sliced, tick, tick + 1, 3001);
      }
    }
    duet_assert_same(&at_once, &sliced, 0, 20 * BAR);
    const uint32_t resets = fake_resets(at_once.weights);
    assert_true(resets < 4); // Rolled back, not fed again from the beginning
    desk_free(&sliced);
    desk_free(&at_once);
  }
}

static void
a_later_pass_without_keys_plays_what_was_heard(void **const state)
{
  (void)state;
  struct desk first = duet_new(FAKE_EVENTS, INPUT_FOLLOW);
  struct desk again = duet_new(FAKE_EVENTS, INPUT_FOLLOW);
  struct desk *const desks[] = {&first, &again};
  for (int i = 0; i < 2; ++i) {
    duet_roll(desks[i], 0, BAR, UNLIMITED);
    composer_hold(desks[i]->composer, duet_place(BAR), C_MAJOR);
    duet_roll(desks[i], BAR, 3 * BAR, UNLIMITED);
    composer_hold(desks[i]->composer, duet_place(3 * BAR), 0);
    duet_roll(desks[i], 3 * BAR, 4 * BAR, UNLIMITED);
  }
  composer_locate(again.composer, duet_place(0), four_four);
  duet_roll(&again, 0, 4 * BAR, UNLIMITED);
  duet_assert_same(&first, &again, 0, 4 * BAR);

  // With other controls it is composed anew, and free
  const struct controls other = {.sampling = {.temperature = 0.5F, .top_p = 1.0F}, .seed = 1, .look_ahead = 8 * BEAT};
  composer_set_controls(again.composer, &other);
  composer_locate(again.composer, duet_place(0), four_four);
  duet_roll(&again, 0, 8 * BAR, UNLIMITED);
  composer_locate(again.composer, duet_place(0), four_four);
  duet_roll(&again, 0, 8 * BAR, UNLIMITED);
  desk_free(&again);
  desk_free(&first);
}

static void
older_music_follows_keys_that_are_held_and_undo_brings_it_back(void **const state)
{
  (void)state;
  struct desk plain = duet_new(FAKE_EVENTS, INPUT_FOLLOW);
  struct desk desk = duet_new(FAKE_EVENTS, INPUT_FOLLOW);
  duet_roll(&plain, 0, 6 * BAR, UNLIMITED);
  duet_roll(&desk, 0, 6 * BAR, UNLIMITED);
  composer_locate(desk.composer, duet_place(0), four_four);
  duet_roll(&desk, 0, 2 * BAR + 5, UNLIMITED);
  for (uint32_t tick = 2 * BAR + 5; tick < 5 * BAR; tick += 30) { // One chord after the other is one thing to undo
    composer_hold(desk.composer, duet_place(tick), tick / 30 % 2 ? C_MAJOR : D_FLAT_MAJOR);
    duet_roll(&desk, tick, tick + 30, UNLIMITED);
  }
  assert_true(duet_share(&desk, 2 * BAR + 5, 5 * BAR, C_MAJOR | D_FLAT_MAJOR) == 1.0);
  duet_assert_same(&plain, &desk, 0, 2 * BAR + 5);
  composer_hold(desk.composer, duet_place(5 * BAR + 17), 0); // Where the playhead is
  assert_true(composer_undo(desk.composer));
  assert_false(composer_undo(desk.composer));
  duet_assert_same(&plain, &desk, 0, 6 * BAR);
  desk_free(&desk);
  desk_free(&plain);
}

static void
locked_bars_do_not_follow(void **const state)
{
  (void)state;
  struct desk plain = duet_new(FAKE_EVENTS, INPUT_FOLLOW);
  struct desk desk = duet_new(FAKE_EVENTS, INPUT_FOLLOW);
  duet_roll(&plain, 0, 6 * BAR, UNLIMITED);
  duet_roll(&desk, 0, 6 * BAR, UNLIMITED);
  const struct bar_set bars = {.count = 1, .ranges = {{2, 4}}};
  composer_lock_bars(desk.composer, &bars);
  composer_locate(desk.composer, duet_place(0), four_four);
  composer_hold(desk.composer, duet_place(BAR + 3), C_MAJOR);
  duet_roll(&desk, 0, 6 * BAR, UNLIMITED);
  duet_assert_same(&plain, &desk, 2 * BAR, 4 * BAR);
  assert_true(duet_share(&desk, BAR + 3, 2 * BAR, C_MAJOR) == 1.0);
  assert_true(duet_share(&desk, 4 * BAR, 6 * BAR, C_MAJOR) == 1.0);
  desk_free(&desk);
  desk_free(&plain);
}

static void
looped_bars_follow_too(void **const state)
{
  (void)state;
  struct desk desk = duet_new(FAKE_EVENTS, INPUT_FOLLOW);
  const struct controls controls = {
      .sampling = {.temperature = 1.0F, .top_p = 1.0F}, .seed = 1, .look_ahead = 8 * BEAT, .loop_bars = 2};
  composer_set_controls(desk.composer, &controls);
  duet_roll(&desk, 0, 6 * BAR, UNLIMITED);
  composer_hold(desk.composer, duet_place(6 * BAR), C_MAJOR);
  duet_roll(&desk, 6 * BAR, 12 * BAR, UNLIMITED);
  assert_true(duet_share(&desk, 6 * BAR, 12 * BAR, C_MAJOR) == 1.0);
  assert_true(duet_count(&desk, 6 * BAR, 12 * BAR, TAKE_COMPOSED) > 10);
  desk_free(&desk);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_held_harmony_is_heard_from_the_next_onset_on),
      cmocka_unit_test(what_follows_a_harmony_does_not_depend_on_how_the_work_is_cut),
      cmocka_unit_test(a_later_pass_without_keys_plays_what_was_heard),
      cmocka_unit_test(older_music_follows_keys_that_are_held_and_undo_brings_it_back),
      cmocka_unit_test(locked_bars_do_not_follow),
      cmocka_unit_test(looped_bars_follow_too),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
