// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Jumps into a long piece, to where something has to be composed: the network comes back to a state that was kept instead of
// being told all notes before, and that changes no note, whatever has become of the take.

#include "desk.h"

#include "engine/composer_image.h"
#include "engine/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum {
  BARS = 600, // Some thousands of steps
  FEW = 20,   // Steps that are few, beside those
  SESSIONS = 30,
  ACTIONS = 60,
  SONG = 40, // Bars that random sessions go about in
  FAR = 1000,
};

// How much the network was told, and how.
struct told {
  uint32_t resets;
  uint32_t feeds;
  uint32_t restores;
};

static struct told
told_to(const struct desk *const desk)
{
  return (struct told){fake_resets(desk->weights), fake_feeds(desk->weights), fake_restores(desk->weights)};
}

// Compose until there is one note more in the take, and fail unless the network was told next to nothing for that.
static void
assert_goes_on_at_once(struct desk *const desk)
{
  const struct told before = told_to(desk);
  const uint32_t notes = take_note_count(composer_take(desk->composer));
  while (take_note_count(composer_take(desk->composer)) == notes) {
    assert_true(composer_work(desk->composer, 20000) > 0);
  }
  assert_int_equal(fake_restores(desk->weights), before.restores + 1);
  assert_in_range(fake_feeds(desk->weights), before.feeds, before.feeds + FEW);
}

// Fail unless both know the same of how the notes of bars `begin` to before `end` came to be.
static void
assert_same_recollections(struct desk *const desk, struct desk *const other, const uint32_t begin, const uint32_t end)
{
  struct take *const take = composer_take(desk->composer);
  for (uint32_t number = begin; number < end; ++number) {
    for (uint32_t i = take_bar(take, number)->first; i != TAKE_NONE; i = take_note(take, i)->next) {
      const struct take_note *const note = take_note(take, i);
      const struct recollection *const a = composer_recollection(desk->composer, number, note);
      const struct recollection *const b = composer_recollection(other->composer, number, note);
      assert_true(!a == !b);
      if (a) {
        assert_memory_equal(a, b, sizeof(*a));
      }
    }
  }
}

static void
the_end_of_a_long_song_goes_on_at_once(void **const state)
{
  (void)state;
  static const enum fake_kind kinds[] = {FAKE_EVENTS, FAKE_TOKENS};
  for (unsigned i = 0; i < 2; ++i) {
    struct desk desk = desk_played_through(kinds[i], BARS);
    assert_true(fake_feeds(desk.weights) > 10 * NETWORK_REWIND);
    const uint32_t end = composer_ready(desk.composer).bar;
    desk_locate(&desk, FAR, 0);
    desk_fill(&desk);
    desk_locate(&desk, end, 0);
    assert_goes_on_at_once(&desk);
    desk_play(&desk, end, end + 10, four_four);

    struct desk other = desk_played_through(kinds[i], end + 10);
    assert_same_bars(&desk, &other, 0, end + 10);
    assert_same_recollections(&desk, &other, end + 1, end + 10);
    desk_free(&other);
    desk_free(&desk);
  }
}

static void
a_long_song_that_was_composed_anew_goes_on_at_once(void **const state)
{
  (void)state;
  for (unsigned from = 0; from < 2; ++from) {
    struct desk desk = desk_played_through(FAKE_EVENTS, BARS);
    if (from > 0) { // It comes to a kept state there, and goes back from it
      desk_locate(&desk, BARS / 2, 0);
      desk_fill(&desk);
    }
    composer_regenerate(desk.composer); // What was composed ahead is taken back
    desk_replay(&desk, from > 0 ? BARS / 2 : BARS, 2 * BARS, four_four);
    const uint32_t end = composer_ready(desk.composer).bar;
    desk_locate(&desk, FAR + BARS, 0);
    desk_fill(&desk);
    desk_locate(&desk, end, 0);
    assert_goes_on_at_once(&desk);
    desk_free(&desk);
  }
}

// A desk of its own with a copy of the take, as of a session that was loaded.
static struct desk
desk_loaded(struct desk *const desk)
{
  enum { ALL = 1 << 30 };
  struct take_image image;
  struct take *take = NULL;
  struct latches *latches = NULL;
  const uint32_t notes = take_note_count(composer_take(desk->composer));
  assert_int_equal(take_image_new(&image, TAKE_BARS, notes, NULL), STATUS_SUCCESS);
  composer_image_begin(desk->composer, &image);
  assert_int_equal(composer_image_fill(desk->composer, &image, ALL), IMAGE_COMPLETE);
  assert_int_equal(take_image_finish(&image, NULL), STATUS_SUCCESS);
  assert_int_equal(take_image_restore(&image, TAKE_BARS, TAKE_NOTES, &take, &latches, NULL), STATUS_SUCCESS);
  struct desk loaded = desk_new(FAKE_EVENTS, 1);
  composer_exchange(loaded.composer, &take, &latches, image.salt);
  take_image_free(&image);
  take_free(take);
  latches_free(latches);
  return loaded;
}

static void
a_long_song_that_was_loaded_goes_on_at_once_after_a_while(void **const state)
{
  (void)state;
  struct desk desk = desk_played_through(FAKE_EVENTS, BARS);
  struct desk loaded = desk_loaded(&desk);
  desk_locate(&loaded, 0, 0);
  for (uint32_t i = 0; i < 100000 && composer_work(loaded.composer, 20000) > 0; ++i) { // While the song stands
  }
  assert_int_equal(composer_work(loaded.composer, 20000), 0); // It comes to an end of that
  const uint32_t end = composer_ready(desk.composer).bar;
  desk_locate(&loaded, end, 0);
  assert_goes_on_at_once(&loaded);
  desk_play(&loaded, end, end + 10, four_four);
  desk_play(&desk, end, end + 10, four_four);
  assert_same_bars(&desk, &loaded, 0, end + 10);
  desk_free(&loaded);
  desk_free(&desk);
}

static void
where_only_waymarks_are_left_little_is_told(void **const state)
{
  (void)state;
  struct desk desk = desk_new(FAKE_EVENTS, 1);
  fake_keep_waymarks_only(desk.weights);
  desk_locate(&desk, 0, 0);
  desk_play(&desk, 0, BARS, four_four);
  const uint32_t end = composer_ready(desk.composer).bar;
  desk_locate(&desk, FAR, 0);
  desk_fill(&desk);
  const struct told before = told_to(&desk);
  desk_locate(&desk, end, 0);
  desk_fill(&desk);
  assert_int_equal(fake_restores(desk.weights), before.restores + 1);
  assert_in_range(fake_feeds(desk.weights), before.feeds, before.feeds + 300);
  desk_play(&desk, end, end + 10, four_four);
  struct desk other = desk_played_through(FAKE_EVENTS, end + 10);
  assert_same_bars(&desk, &other, 0, end + 10);
  assert_same_recollections(&desk, &other, end + 1, end + 10);
  desk_free(&other);
  desk_free(&desk);
}

static void
a_bar_amid_a_long_song_is_composed_anew_at_once(void **const state)
{
  (void)state;
  struct desk desk = desk_played_through(FAKE_EVENTS, BARS);
  struct desk other = desk_played_through(FAKE_EVENTS, BARS);
  fake_keep_nothing(other.weights);
  for (uint32_t bar = BARS / 2; bar > BARS / 4; bar -= 50) {
    composer_locate(desk.composer, (struct position){bar, 0}, three_four);
    assert_goes_on_at_once(&desk);
    desk_fill(&desk);
    composer_locate(other.composer, (struct position){bar, 0}, three_four);
    desk_fill(&other);
    assert_same_bars(&desk, &other, bar - 1, bar + 3);
  }
  desk_free(&other);
  desk_free(&desk);
}

static void
jumps_to_and_fro_need_little_told(void **const state)
{
  (void)state;
  struct desk desk = desk_played_through(FAKE_EVENTS, BARS);
  desk_locate(&desk, FAR, 0);
  desk_play(&desk, FAR, FAR + BARS, four_four);
  for (uint32_t i = 0; i < 10; ++i) { // Each time it goes on where it was left
    const uint32_t from = i % 2 ? FAR : 0;
    uint32_t end = from + BARS;
    while (take_bar(composer_take(desk.composer), end) && take_bar(composer_take(desk.composer), end)->complete) {
      ++end;
    }
    desk_locate(&desk, end, 0);
    assert_goes_on_at_once(&desk);
    desk_fill(&desk);
  }
  desk_free(&desk);
}

// Leave on the way to where the song ends, after all numbers of operations.
static void
assert_left_on_the_way(const bool is_far)
{
  struct desk desk = desk_new(FAKE_EVENTS, 1);
  if (is_far) {
    fake_keep_waymarks_only(desk.weights);
  }
  desk_locate(&desk, 0, 0);
  desk_play(&desk, 0, BARS, four_four);
  const uint32_t end = composer_ready(desk.composer).bar;
  struct desk other = desk_played_through(FAKE_EVENTS, end + 10);
  for (uint32_t operations = 1; operations < 3000000; operations += operations / 2 + 1) {
    desk_locate(&desk, FAR, 0);
    desk_fill(&desk);
    desk_locate(&desk, end, 0);
    composer_work(desk.composer, operations);
    desk_locate(&desk, 30, 0);
    composer_work(desk.composer, operations);
    composer_regenerate(desk.composer);
    composer_undo(desk.composer);
  }
  desk_locate(&desk, end, 0);
  desk_play(&desk, end, end + 10, four_four);
  assert_same_bars(&desk, &other, 0, end + 10);
  assert_same_recollections(&desk, &other, end + 1, end + 10);
  desk_locate(&desk, FAR, 0);
  desk_fill(&desk);
  desk_locate(&desk, end + 12, 0);
  if (!is_far) {
    assert_goes_on_at_once(&desk);
  }
  desk_free(&other);
  desk_free(&desk);
}

static void
what_was_traced_is_not_taken_for_told(void **const state)
{
  (void)state;
  assert_left_on_the_way(false);
}

static void
what_was_fed_bare_is_not_taken_for_told(void **const state)
{
  (void)state;
  assert_left_on_the_way(true);
}

// Random sessions: one of two desks has its states kept, the other is told everything.

struct dice {
  uint64_t seed;
  uint64_t drawn;
};

static uint32_t
below(struct dice *const dice, const uint32_t bound)
{
  return random_below(dice->seed, dice->drawn++, bound);
}

static struct position
draw_place(struct dice *const dice)
{
  return (struct position){below(dice, SONG) + (below(dice, 5) ? 0 : FAR), below(dice, 3) ? 0 : BEAT * below(dice, 3)};
}

// What is done to both desks.
struct action {
  uint32_t kind;
  struct position place;
  struct metre metre;
  uint32_t length;
  uint32_t number;
};

static struct action
draw_action(struct dice *const dice)
{
  return (struct action){
      .kind = below(dice, 12),
      .place = draw_place(dice),
      .metre = below(dice, 6) ? four_four : three_four,
      .length = 1 + below(dice, 12),
      .number = below(dice, 24),
  };
}

static void
play_key(const struct desk *const desk, const struct action *const action, const struct position place)
{
  const struct event event = {.pitch = (uint8_t)(50 + action->number), .velocity = 80};
  composer_set_input(desk->composer, place, INPUT_ACCOMPANY, HAND_RIGHT);
  composer_play(desk->composer, place, place, &event);
  composer_let_go(desk->composer, place, event.pitch, 12);
  composer_set_input(desk->composer, place, INPUT_NONE, HAND_RIGHT);
}

// What is asked for needs all that is known of the music so far.
static struct controls
controls_strict(const uint32_t number)
{
  struct controls controls = controls_default;
  controls.originality = 9;
  controls.surprise = number % 3 ? 0.0F : 8.0F;
  controls.limits.polyphony = (uint8_t)(1 + number % 4);
  controls.limits.strikes[0] = 2;
  controls.key = (uint8_t)(number % (KEY_COUNT + 1));
  return controls;
}

// The playhead is at `*place`.
static void
act(struct desk *const desk, const struct action *const action, struct position *const place)
{
  const struct controls controls = controls_strict(action->number);
  struct bar_set bars = {.count = 1, .ranges = {{place->bar + 1, place->bar + 1 + action->length / 3}}};
  switch (action->kind) {
  case 0:
    composer_set_controls(desk->composer, &controls);
    break;
  case 1:
    composer_regenerate(desk->composer);
    break;
  case 2:
    composer_undo(desk->composer);
    break;
  case 3:
    composer_regenerate_bars(desk->composer, &bars);
    break;
  case 4:
    composer_hold(desk->composer, *place, action->number % 2 ? 0x122 : 0);
    break;
  case 5:
    play_key(desk, action, *place);
    break;
  case 6:
  case 7:
  case 8:
    *place = action->place;
    composer_locate(desk->composer, *place, action->metre);
    break;
  default:
    for (uint32_t i = 0; i < action->length; ++i) {
      *place = (struct position){place->bar + 1, 0};
      composer_move(desk->composer, *place, four_four);
      desk_fill(desk);
    }
    break;
  }
  desk_fill(desk);
}

// Let every third run of moves be a quotation.
static void
desk_be_strict(struct desk *const desk, const uint32_t seed)
{
  struct quotation_filter *const filter = quotation_filter_new(1000);
  for (uint32_t i = 0; i < 2900; ++i) {
    quotation_filter_add(filter, random_bits(815, i));
  }
  desk->weights->quotations = filter;
  const struct controls controls = controls_strict(seed);
  composer_set_controls(desk->composer, &controls);
}

static void
random_sessions_are_the_same_when_all_is_told(void **const state)
{
  (void)state;
  static const enum fake_kind kinds[] = {FAKE_EVENTS, FAKE_TOKENS};
  uint32_t restores = 0;
  for (uint32_t seed = 0; seed < SESSIONS; ++seed) {
    struct dice dice = {.seed = random_key(4711, seed)};
    struct desk desk = desk_new(kinds[seed % 2], seed);
    struct desk other = desk_new(kinds[seed % 2], seed);
    fake_keep_nothing(other.weights);
    if (seed % 3 == 0) {
      fake_keep_waymarks_only(desk.weights);
    }
    desk_be_strict(&desk, seed);
    desk_be_strict(&other, seed);
    struct position place = {0, 0};
    struct position other_place = {0, 0};
    desk_locate(&desk, 0, 0);
    desk_locate(&other, 0, 0);
    for (uint32_t i = 0; i < ACTIONS; ++i) {
      const struct action action = draw_action(&dice);
      act(&desk, &action, &place);
      composer_work(desk.composer, below(&dice, 300000)); // With time to spare, or with little
      act(&other, &action, &other_place);
      assert_same_bars(&desk, &other, place.bar, place.bar + 3);
    }
    assert_same_bars(&desk, &other, 0, SONG + 20);
    assert_same_bars(&desk, &other, FAR, FAR + SONG + 20);
    restores += fake_restores(desk.weights);
    desk_free(&other);
    desk_free(&desk);
  }
  print_message("%u times a kept state was come back to\n", restores);
  assert_true(restores > 4 * SESSIONS);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_end_of_a_long_song_goes_on_at_once),
      cmocka_unit_test(a_long_song_that_was_composed_anew_goes_on_at_once),
      cmocka_unit_test(a_long_song_that_was_loaded_goes_on_at_once_after_a_while),
      cmocka_unit_test(where_only_waymarks_are_left_little_is_told),
      cmocka_unit_test(a_bar_amid_a_long_song_is_composed_anew_at_once),
      cmocka_unit_test(jumps_to_and_fro_need_little_told),
      cmocka_unit_test(what_was_traced_is_not_taken_for_told),
      cmocka_unit_test(what_was_fed_bare_is_not_taken_for_told),
      cmocka_unit_test(random_sessions_are_the_same_when_all_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
