// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Views, versions and sets of bars: what undo and locks stand on.

#include "engine/bar_set.h"
#include "engine/latches.h"
#include "engine/take.h"
#include "engine/take_view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { SONG = 200 };

static struct view_range
version(const uint32_t number)
{
  return (struct view_range){.version = number};
}

static void
a_view_shows_what_was_assigned_last(void **const state)
{
  (void)state;
  // Against a plain array of versions
  uint32_t expected[SONG] = {0};
  struct view view;
  view_init(&view);
  for (uint32_t i = 1; i < 5000; ++i) {
    const uint32_t first = i * 7919U % SONG;
    const uint32_t length = 1 + i * 104729U % 61;
    const uint32_t end = i % 50 == 0 ? UINT32_MAX : first + length;
    view_assign(&view, first, end, version(i % 9 + 1));
    for (uint32_t bar = first; bar < SONG && bar < end; ++bar) {
      expected[bar] = i % 9 + 1;
    }
    if (view.count == VIEW_RANGES) {
      break; // From here on it may forget
    }
    for (uint32_t bar = 0; bar < SONG; ++bar) {
      assert_int_equal(view_at(&view, bar)->version, expected[bar]);
    }
  }
}

static void
a_full_view_keeps_what_was_assigned_last_whole(void **const state)
{
  (void)state;
  struct view view;
  view_init(&view);
  for (uint32_t i = 1; i <= 300; ++i) {
    const uint32_t first = i * 2 % 400;
    view_assign(&view, first, first + 1, version(i));
    assert_int_equal(view_at(&view, first)->version, i);
    assert_true(view.count <= VIEW_RANGES);
    assert_int_equal(view.ranges[0].first, 0);
    for (uint32_t k = 1; k < view.count; ++k) {
      assert_true(view.ranges[k].first > view.ranges[k - 1].first);
    }
  }
  view_assign(&view, 10, 390, version(1000));
  assert_int_equal(view_at(&view, 10)->version, 1000);
  assert_int_equal(view_at(&view, 389)->version, 1000);
}

static void
ranges_are_copied_from_view_to_view(void **const state)
{
  (void)state;
  struct view a;
  struct view b;
  view_init(&a);
  view_init(&b);
  view_assign(&a, 10, 20, version(1));
  view_assign(&a, 30, 40, version(2));
  view_assign(&b, 0, UINT32_MAX, version(3));
  view_copy(&b, &a, 15, 33);
  static const uint32_t expected[][2] = {{14, 3}, {15, 1}, {19, 1}, {20, 0}, {29, 0}, {30, 2}, {32, 2}, {33, 3}};
  for (int i = 0; i < 8; ++i) {
    assert_int_equal(view_at(&b, expected[i][0])->version, expected[i][1]);
  }
}

static void
add_note(struct take *const take, const uint32_t bar, const uint16_t tick, const uint8_t pitch, const uint16_t duration)
{
  const struct event event = {.pitch = pitch, .velocity = 64, .duration = duration, .advance = 24};
  assert_non_null(take_open_bar(take, bar, (struct metre){4, 4}));
  assert_int_not_equal(take_append(take, bar, tick, &event, false), TAKE_NONE);
}

static void
a_fork_keeps_the_beginning_and_undo_brings_the_rest_back_as_it_sounded(void **const state)
{
  (void)state;
  struct take *const take = take_new(64, 256);
  add_note(take, 0, 0, 60, 500); // Sounds until it begins again in bar 1
  add_note(take, 1, 24, 60, 10);
  add_note(take, 1, 48, 62, 10);
  add_note(take, 2, 0, 64, 10);
  const struct take_note *const first = take_note(take, take_bar(take, 0)->first);
  assert_int_equal(first->sounding, 120);

  take_remember(take);
  take_fork(take, 1, 24, 3, take_new_version(take), 0);
  assert_int_equal(first->sounding, 500);
  assert_null(take_bar(take, 1)); // Nothing stood before tick 24
  assert_null(take_bar(take, 2));
  add_note(take, 1, 72, 60, 10);
  assert_int_equal(first->sounding, 168);

  take_remember(take);
  take_fork(take, 1, 80, 3, take_new_version(take), 0);
  assert_int_equal(take_bar(take, 1)->count, 1);
  assert_int_equal(take_undo_count(take), 2);
  assert_true(take_undo(take));
  assert_true(take_undo(take));
  assert_false(take_undo(take));
  assert_int_equal(first->sounding, 120);
  assert_int_equal(take_bar(take, 1)->count, 2);
  assert_int_equal(take_bar(take, 2)->count, 1);
  take_free(take);
}

static void
bars_that_no_view_shows_are_collected_and_no_others(void **const state)
{
  (void)state;
  struct take *const take = take_new(64, 256);
  for (uint32_t i = 0; i < TAKE_UNDO + 3; ++i) {
    add_note(take, 1, 0, 60, 10);
    take_remember(take);
    take_fork(take, 1, 0, 2, take_new_version(take), 0);
  }
  while (take_collect(take, 1)) {
  }
  assert_int_equal(take_bar_count(take), TAKE_UNDO);
  assert_int_equal(take_note_count(take), TAKE_UNDO);
  for (uint32_t i = 0; i < TAKE_UNDO; ++i) {
    assert_true(take_undo(take));
    assert_non_null(take_bar(take, 1));
  }
  while (take_collect(take, 1)) {
  }
  assert_int_equal(take_bar_count(take), 1);
  take_free(take);
}

static bool
reads(const char *const text, struct bar_set *const set)
{
  return bar_set_read(set, text, strlen(text));
}

static void
bar_sets_are_read_as_users_count(void **const state)
{
  (void)state;
  struct bar_set set;
  assert_true(reads(" 5-8 , 12,14 - 14", &set));
  assert_int_equal(set.count, 3);
  static const uint32_t inside[] = {4, 7, 11, 13};
  static const uint32_t outside[] = {3, 8, 10, 12, 14};
  for (int i = 0; i < 4; ++i) {
    assert_true(bar_set_has(&set, inside[i]));
  }
  for (int i = 0; i < 5; ++i) {
    assert_false(bar_set_has(&set, outside[i]));
  }
  assert_true(reads("all", &set) && bar_set_has(&set, 0) && bar_set_has(&set, 1000000));
  assert_true(reads("none", &set) && set.count == 0);
  assert_true(reads("all", &set) && reads("", &set) && set.count == 0);
}

static void
what_is_no_set_of_bars_changes_nothing(void **const state)
{
  (void)state;
  static const char *const texts[] = {"0", "5-",   "-5",          "8-5",        "1,", "1 2",
                                      "x", "allx", "99999999999", "1-99999999", "1;2"};
  struct bar_set set;
  assert_true(reads("7", &set));
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; ++i) {
    assert_false(reads(texts[i], &set));
    assert_true(set.count == 1 && bar_set_has(&set, 6));
  }
  char many[4 * (BAR_SET_RANGES + 1)] = "1";
  for (int i = 0; i < BAR_SET_RANGES; ++i) {
    strcat(many, ",1");
  }
  assert_false(reads(many, &set));
  assert_true(reads(many + 2, &set));
}

static void
equal_controls_have_one_number_and_others_another(void **const state)
{
  (void)state;
  struct latches *const latches = latches_new();
  struct controls controls = {.sampling = {1.0F, 1.0F}, .seed = 1};
  const uint16_t number = latches_number(latches, &controls);
  controls.look_ahead = 77; // Music is not composed under it
  assert_int_equal(latches_number(latches, &controls), number);
  struct controls others[8] = {controls, controls, controls, controls, controls, controls, controls, controls};
  others[0].sampling.temperature = 0.5F;
  others[1].sampling.top_p = 0.5F;
  others[2].style = 1;
  others[3].key = 1;
  others[4].density = 1;
  others[5].seed = 2;
  others[6].loop_bars = 4;
  others[7].ending = true;
  for (int i = 0; i < 8; ++i) {
    const uint16_t other = latches_number(latches, &others[i]);
    assert_int_equal(other, number + 1 + i);
    assert_memory_equal(&latches_get(latches, other)->sampling, &others[i].sampling, sizeof(struct sampling));
  }
  for (uint32_t seed = 10; seed < 2U * LATCHES; ++seed) { // Beyond what there is room for
    controls.seed = seed;
    assert_int_equal(latches_get(latches, latches_number(latches, &controls))->seed, seed);
  }
  controls.seed = 1;
  assert_int_equal(latches_number(latches, &controls), number);
  latches_free(latches);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_view_shows_what_was_assigned_last),
      cmocka_unit_test(a_full_view_keeps_what_was_assigned_last_whole),
      cmocka_unit_test(ranges_are_copied_from_view_to_view),
      cmocka_unit_test(a_fork_keeps_the_beginning_and_undo_brings_the_rest_back_as_it_sounded),
      cmocka_unit_test(bars_that_no_view_shows_are_collected_and_no_others),
      cmocka_unit_test(bar_sets_are_read_as_users_count),
      cmocka_unit_test(what_is_no_set_of_bars_changes_nothing),
      cmocka_unit_test(equal_controls_have_one_number_and_others_another),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
