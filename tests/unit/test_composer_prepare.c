// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// While bars that are kept are played, the network goes along with them, wherever they came from: so when music is composed
// anew there, because a control changes or a key is played, nothing has to be told again from the section's beginning, which
// would take longer the longer the song is. And that there was time for it changes no note.

#include "desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum {
  BARS = 1500,     // With more steps than can be taken back
  SPARE = 4000000, // Operations per beat: far from enough to tell them all
  NEAR = 600,      // Steps that are few, beside those
};

// Play beat by beat with some time to spare.
static void
play(struct desk *const desk, const uint32_t begin, const uint32_t end)
{
  for (uint32_t bar = begin; bar < end; ++bar) {
    for (uint32_t tick = 0; tick < TICKS_PER_WHOLE; tick += BEAT) {
      composer_move(desk->composer, (struct position){bar, tick}, four_four);
      composer_work(desk->composer, SPARE);
      assert_true(composer_is_filled(desk->composer));
    }
  }
}

// Play beat by beat without any: no work is done once the take is filled.
static void
play_in_haste(struct desk *const desk, const uint32_t begin, const uint32_t end)
{
  for (uint32_t bar = begin; bar < end; ++bar) {
    for (uint32_t tick = 0; tick < TICKS_PER_WHOLE; tick += BEAT) {
      composer_move(desk->composer, (struct position){bar, tick}, four_four);
      while (!composer_is_filled(desk->composer)) {
        composer_work(desk->composer, 1);
      }
    }
  }
}

// How often the network has begun from nothing, and how much it was told.
struct told {
  uint32_t resets;
  uint32_t feeds;
};

static struct told
told_to(const struct desk *const desk)
{
  return (struct told){fake_resets(desk->weights), fake_feeds(desk->weights)};
}

// Fail unless the network was told next to nothing since `before`, and did not begin from nothing.
static void
assert_told_little(const struct desk *const desk, const struct told before)
{
  assert_int_equal(fake_resets(desk->weights), before.resets);
  assert_in_range(fake_feeds(desk->weights), before.feeds, before.feeds + NEAR);
}

// A desk that has a long song, and plays it again from bar 20 to bar 40.
static struct desk
desk_in_a_long_song(void)
{
  struct desk desk = desk_played_through(FAKE_EVENTS, BARS);
  assert_true(fake_feeds(desk.weights) > NETWORK_REWIND + NETWORK_REWIND / 2);
  desk_locate(&desk, 20, 0);
  desk_fill(&desk);
  play(&desk, 20, 40);
  return desk;
}

static void
a_control_that_changes_in_a_long_song_is_heard_at_once(void **const state)
{
  (void)state;
  struct desk desk = desk_in_a_long_song();
  struct desk other = desk_played_through(FAKE_EVENTS, BARS);
  desk_locate(&other, 20, 0);
  play_in_haste(&other, 20, 40);

  struct copy *const old = copy_bar(&desk, 43);
  const struct told before = told_to(&desk);
  desk_set_key(&desk, 5);
  play(&desk, 40, 44);
  assert_told_little(&desk, before);
  struct copy *const new = copy_bar(&desk, 43);
  assert_false(copies_are_equal(old, new, false));
  free(new);
  free(old);

  desk_set_key(&other, 5);
  play_in_haste(&other, 40, 44);
  assert_same_bars(&desk, &other, 20, 44);
  desk_free(&other);
  desk_free(&desk);
}

static void
a_jump_back_in_a_long_song_needs_nothing_told_again(void **const state)
{
  (void)state;
  struct desk desk = desk_in_a_long_song();
  const struct told before = told_to(&desk);
  for (unsigned round = 0; round < 3; ++round) {
    desk_locate(&desk, 30, 0);
    play(&desk, 30, 40);
  }
  desk_locate(&desk, 30, 0);
  play(&desk, 30, 31);
  desk_set_key(&desk, 5);
  play(&desk, 31, 35);
  assert_told_little(&desk, before);
  desk_free(&desk);
}

static void
a_harmony_that_is_held_in_a_long_song_is_heard_at_once(void **const state)
{
  (void)state;
  enum { D_FLAT_MAJOR = 0x122 };
  struct desk desk = desk_in_a_long_song();
  composer_set_input(desk.composer, (struct position){40, 0}, INPUT_FOLLOW, HAND_RIGHT);
  play(&desk, 40, 42);
  const struct told before = told_to(&desk);
  composer_hold(desk.composer, (struct position){42, 0}, D_FLAT_MAJOR);
  play(&desk, 42, 44);
  assert_told_little(&desk, before);
  desk_free(&desk);
}

static void
bars_that_loop_are_told_once(void **const state)
{
  (void)state;
  struct desk desk = desk_played_through(FAKE_EVENTS, 40);
  struct controls controls = controls_default;
  controls.loop_bars = 3;
  composer_set_controls(desk.composer, &controls);
  const struct told before = told_to(&desk);
  play(&desk, 40, 140);
  const struct take_bar *const last = take_bar(composer_take(desk.composer), 139);
  const uint32_t steps = last->step - take_bar(composer_take(desk.composer), 40)->step;
  assert_int_equal(fake_resets(desk.weights), before.resets);
  assert_in_range(fake_feeds(desk.weights), before.feeds, before.feeds + 2 * steps);

  // And the music that comes after them is what it would be without time to tell them
  struct desk other = desk_played_through(FAKE_EVENTS, 40);
  composer_set_controls(other.composer, &controls);
  play_in_haste(&other, 40, 140);
  controls.loop_bars = 0;
  composer_set_controls(desk.composer, &controls);
  composer_set_controls(other.composer, &controls);
  play(&desk, 140, 150);
  play_in_haste(&other, 140, 150);
  assert_same_bars(&desk, &other, 0, 150);
  desk_free(&other);
  desk_free(&desk);
}

static void
bars_that_loop_over_bars_of_another_metre_are_told_once(void **const state)
{
  (void)state;
  struct desk desk = desk_new(FAKE_EVENTS, 1);
  composer_locate(desk.composer, (struct position){40, 0}, three_four);
  desk_play(&desk, 40, 150, three_four);
  desk_locate(&desk, 0, 0);
  play(&desk, 0, 38);
  struct controls controls = controls_default;
  controls.loop_bars = 3;
  composer_set_controls(desk.composer, &controls);
  const struct told before = told_to(&desk);
  play(&desk, 38, 140);
  const struct take_bar *const last = take_bar(composer_take(desk.composer), 139);
  assert_true(metre_equals(last->metre, four_four));
  const uint32_t steps = last->step - take_bar(composer_take(desk.composer), 38)->step;
  controls.loop_bars = 0;
  composer_set_controls(desk.composer, &controls);
  play(&desk, 140, 145);
  assert_int_equal(fake_resets(desk.weights), before.resets);
  assert_in_range(fake_feeds(desk.weights), before.feeds, before.feeds + 2 * steps + NEAR);
  desk_free(&desk);
}

static void
bars_behind_regenerated_ones_are_told_once(void **const state)
{
  (void)state;
  struct desk desk = desk_in_a_long_song();
  struct bar_set bars;
  assert_true(bar_set_read(&bars, "45-47", 5));
  composer_regenerate_bars(desk.composer, &bars); // Their steps are others, and not as many
  const struct told before = told_to(&desk);
  play(&desk, 40, 60);
  desk_set_key(&desk, 5);
  play(&desk, 60, 64);
  assert_told_little(&desk, before);

  struct desk other = desk_played_through(FAKE_EVENTS, BARS);
  desk_locate(&other, 20, 0);
  play_in_haste(&other, 20, 40);
  composer_regenerate_bars(other.composer, &bars);
  play_in_haste(&other, 40, 60);
  desk_set_key(&other, 5);
  play_in_haste(&other, 60, 64);
  assert_same_bars(&desk, &other, 20, 64);
  desk_free(&other);
  desk_free(&desk);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_control_that_changes_in_a_long_song_is_heard_at_once),
      cmocka_unit_test(a_jump_back_in_a_long_song_needs_nothing_told_again),
      cmocka_unit_test(a_harmony_that_is_held_in_a_long_song_is_heard_at_once),
      cmocka_unit_test(bars_that_loop_are_told_once),
      cmocka_unit_test(bars_that_loop_over_bars_of_another_metre_are_told_once),
      cmocka_unit_test(bars_behind_regenerated_ones_are_told_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
