// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The composer: the same notes however the work is cut, the song moves and one comes back; and valid music always.

#include "desk.h"
#include "random_weights.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void
any_budget_gives_the_same_notes(void **const state)
{
  (void)state;
  static const uint32_t budgets[] = {1, 500, 20000};
  for (enum fake_kind kind = FAKE_EVENTS; kind <= FAKE_TOKENS; ++kind) {
    struct desk whole = desk_played_through(kind, 4);
    assert_true(desk_notes(&whole, 0, 6) > 20);
    for (int i = 0; i < 3; ++i) {
      struct desk sliced = desk_new(kind, 1);
      desk_locate(&sliced, 0, 0);
      for (uint32_t bar = 0; bar < 4; ++bar) {
        for (uint32_t tick = 0; tick < 96; tick += BEAT) {
          composer_move(sliced.composer, (struct position){bar, tick}, four_four);
          while (!composer_is_filled(sliced.composer)) {
            assert_true(composer_work(sliced.composer, budgets[i]) <= budgets[i] + NETWORK_SLICE);
          }
          assert_int_equal(composer_work(sliced.composer, budgets[i]), 0);
        }
      }
      assert_same_bars(&whole, &sliced, 0, 6);
      desk_free(&sliced);
    }
    desk_free(&whole);
  }
}

static void
one_call_does_no_more_than_it_is_given(void **const state)
{
  (void)state;
  struct desk desk = desk_new(FAKE_EVENTS, 1);
  desk_locate(&desk, 0, 0);
  uint32_t calls = 0;
  for (; !composer_is_filled(desk.composer); ++calls) {
    composer_work(desk.composer, 100);
  }
  const uint32_t steps = desk_notes(&desk, 0, 8);
  assert_true(calls >= steps * (FAKE_STEP_OPERATIONS / 100));
  desk_free(&desk);
}

static void
the_first_onset_is_where_the_section_begins(void **const state)
{
  (void)state;
  static const struct position places[][2] = {
      {{0, 0}, {0, 0}}, {{3, 48}, {3, 48}}, {{3, 49}, {3, 72}}, {{3, 71}, {3, 72}}, {{3, 73}, {4, 0}},
  };
  for (int i = 0; i < 5; ++i) {
    struct desk desk = desk_new(FAKE_EVENTS, 1);
    desk_locate(&desk, places[i][0].bar, places[i][0].tick);
    desk_fill(&desk);
    const struct position entry = places[i][1];
    struct take *const take = composer_take(desk.composer);
    const struct take_bar *const bar = take_bar(take, entry.bar);
    assert_non_null(bar);
    assert_int_equal(take_note(take, bar->first)->tick, entry.tick);
    assert_int_equal(bar->section, entry.bar);
    assert_int_equal(bar->entry, entry.tick);
    assert_null(entry.bar > 0 ? take_bar(take, entry.bar - 1) : NULL);
    desk_free(&desk);
  }
}

static void
a_section_depends_on_seed_and_place_alone(void **const state)
{
  (void)state;
  struct desk direct = desk_new(FAKE_EVENTS, 1);
  desk_locate(&direct, 20, 24);
  desk_fill(&direct);

  struct desk travelled = desk_played_through(FAKE_EVENTS, 6);
  desk_locate(&travelled, 50, 0);
  desk_play(&travelled, 50, 53, four_four);
  desk_locate(&travelled, 20, 24);
  desk_fill(&travelled);
  assert_same_bars(&direct, &travelled, 20, 22);

  struct desk seeded = desk_new(FAKE_EVENTS, 2);
  desk_locate(&seeded, 20, 24);
  desk_fill(&seeded);
  assert_false(bars_are_equal(&direct, 20, &seeded, 20));

  struct desk elsewhere = desk_new(FAKE_EVENTS, 1);
  desk_locate(&elsewhere, 20, 48);
  desk_fill(&elsewhere);
  assert_false(bars_are_equal(&direct, 20, &elsewhere, 20));
  desk_free(&elsewhere);
  desk_free(&seeded);
  desk_free(&travelled);
  desk_free(&direct);
}

// Return the first note of the section that begins at `bar` and `tick` by random numbers alone.
static struct event
drawn_note(const uint32_t seed, const uint32_t bar, const uint32_t tick)
{
  struct desk desk = desk_new(FAKE_FLAT, seed);
  desk_locate(&desk, bar, tick);
  desk_fill(&desk);
  struct take *const take = composer_take(desk.composer);
  const struct event event = take_note(take, take_bar(take, bar)->first)->event;
  desk_free(&desk);
  return event;
}

static bool
events_are_equal(const struct event a, const struct event b)
{
  return a.pitch == b.pitch && a.duration == b.duration && a.velocity == b.velocity && a.advance == b.advance;
}

static void
random_numbers_differ_by_seed_bar_tick_and_choice(void **const state)
{
  (void)state;
  const struct event event = drawn_note(1, 20, 24);
  assert_true(events_are_equal(event, drawn_note(1, 20, 24)));
  assert_false(events_are_equal(event, drawn_note(2, 20, 24)));
  assert_false(events_are_equal(event, drawn_note(1, 21, 24)));
  assert_false(events_are_equal(event, drawn_note(1, 20, 48)));

  // One number for all choices would put pitch and duration at the same part of their classes
  const double pitch = (double)event_class(&event, FIELD_PITCH) / PITCH_CLASSES;
  const double duration = (double)event_class(&event, FIELD_DURATION) / DURATION_CLASSES;
  const double velocity = (double)event_class(&event, FIELD_VELOCITY) / VELOCITY_CLASSES;
  assert_false(fabs(pitch - duration) < 0.07 && fabs(pitch - velocity) < 0.07);
}

static void
rewound_bars_are_replayed_and_go_on_as_if_never_left(void **const state)
{
  (void)state;
  for (enum fake_kind kind = FAKE_EVENTS; kind <= FAKE_TOKENS; ++kind) {
    struct desk through = desk_played_through(kind, 20);
    struct desk rewound = desk_played_through(kind, 10);
    const uint32_t resets = fake_resets(rewound.weights);
    struct copy *const before = copy_bar(&rewound, 5);
    desk_locate(&rewound, 2, 30);
    struct copy *const after = copy_bar(&rewound, 5);
    assert_true(copies_are_equal(before, after, true));
    desk_play(&rewound, 3, 20, four_four);
    assert_same_bars(&through, &rewound, 0, 20);
    assert_int_equal(fake_resets(rewound.weights), resets); // The network was still there
    free(after);
    free(before);
    desk_free(&rewound);
    desk_free(&through);
  }
}

static void
returning_after_other_music_equals_never_having_left(void **const state)
{
  (void)state;
  for (enum fake_kind kind = FAKE_EVENTS; kind <= FAKE_TOKENS; ++kind) {
    struct desk through = desk_played_through(kind, 20);
    struct desk returned = desk_played_through(kind, 10);
    const uint32_t resets = fake_resets(returned.weights);
    desk_locate(&returned, 100, 0);
    desk_play(&returned, 100, 104, four_four);
    desk_locate(&returned, 4, 0);
    desk_play(&returned, 4, 20, four_four);
    assert_same_bars(&through, &returned, 0, 20);
    assert_int_equal(fake_resets(returned.weights), resets + 2); // One for bar 100, one for the replay
    desk_free(&returned);
    desk_free(&through);
  }
}

static void
leaving_at_any_moment_changes_nothing(void **const state)
{
  (void)state;
  struct desk through = desk_played_through(FAKE_EVENTS, 12);
  struct desk restless = desk_new(FAKE_EVENTS, 1);
  desk_locate(&restless, 0, 0);
  for (uint32_t i = 0; i < 400 && composer_ready(restless.composer).bar < 12; ++i) {
    const uint32_t bar = composer_ready(restless.composer).bar;
    desk_locate(&restless, bar > 1 ? bar - 1 : 0, 0);
    composer_work(restless.composer, 1000 + 977 * i); // Mostly ends within a step or a chord
    desk_locate(&restless, 500 + i % 3 * 20, 0);
    composer_work(restless.composer, 7001);
    desk_locate(&restless, bar > 1 ? bar - 1 : 0, 0);
  }
  desk_locate(&restless, 0, 0);
  desk_play(&restless, 0, 12, four_four);
  assert_same_bars(&through, &restless, 0, 12);
  desk_free(&restless);
  desk_free(&through);
}

static void
locating_again_and_again_does_not_hold_up_the_first_note(void **const state)
{
  (void)state;
  struct desk desk = desk_new(FAKE_EVENTS, 1);
  for (uint32_t i = 0; i < 100; ++i) {
    desk_locate(&desk, 7, 0);
    composer_work(desk.composer, 500);
  }
  assert_true(desk_notes(&desk, 7, 9) > 0);
  desk_free(&desk);
}

static void
the_bar_after_the_take_continues_it(void **const state)
{
  (void)state;
  struct desk through = desk_played_through(FAKE_EVENTS, 10);
  struct desk stopped = desk_played_through(FAKE_EVENTS, 4);
  uint32_t next = 4;
  while (take_bar(composer_take(stopped.composer), next) && take_bar(composer_take(stopped.composer), next)->complete) {
    ++next;
  }
  desk_locate(&stopped, 300, 0);
  desk_fill(&stopped);
  desk_locate(&stopped, next, 0);
  desk_fill(&stopped);
  assert_same_bars(&through, &stopped, 0, next + 1);
  desk_free(&stopped);
  desk_free(&through);
}

static void
an_empty_bar_elsewhere_begins_a_section(void **const state)
{
  (void)state;
  struct desk desk = desk_played_through(FAKE_EVENTS, 4);
  desk_locate(&desk, 40, 0);
  desk_fill(&desk);
  assert_int_equal(take_bar(composer_take(desk.composer), 40)->section, 40);
  desk_free(&desk);
}

static void
a_bar_entered_in_its_middle_is_kept(void **const state)
{
  (void)state;
  struct desk desk = desk_new(FAKE_EVENTS, 1);
  desk_locate(&desk, 8, 48);
  desk_play(&desk, 9, 11, four_four);
  static const struct position places[] = {{8, 0}, {8, 30}, {8, 90}};
  for (int i = 0; i < 3; ++i) {
    struct copy *const before = copy_bar(&desk, 8);
    desk_locate(&desk, places[i].bar, places[i].tick);
    desk_fill(&desk);
    struct copy *const after = copy_bar(&desk, 8);
    assert_int_equal(after->notes[0].tick, 48);
    assert_true(copies_are_equal(before, after, true));
    free(after);
    free(before);
  }
  desk_free(&desk);
}

static void
nothing_sounds_into_itself_where_two_sections_meet(void **const state)
{
  (void)state;
  for (uint32_t seed = 0; seed < 20; ++seed) {
    struct desk desk = desk_new(FAKE_EVENTS, seed);
    desk_locate(&desk, 10, 0);
    desk_play(&desk, 10, 14, four_four);
    desk_locate(&desk, 5, 0);
    desk_play(&desk, 5, 14, four_four);
    desk_check(&desk, 5, 14);
    desk_free(&desk);
  }
}

static void
music_that_runs_into_older_music_goes_over_to_it(void **const state)
{
  (void)state;
  struct desk desk = desk_new(FAKE_EVENTS, 1);
  desk_locate(&desk, 10, 0);
  desk_play(&desk, 10, 14, four_four);
  struct copy *const before = copy_bar(&desk, 11);
  desk_locate(&desk, 5, 0);
  desk_play(&desk, 5, 14, four_four);
  struct copy *const after = copy_bar(&desk, 11);
  assert_true(copies_are_equal(before, after, false));
  assert_int_equal(take_bar(composer_take(desk.composer), 9)->section, 5);
  assert_int_equal(take_bar(composer_take(desk.composer), 11)->section, 10);
  assert_true(take_bar(composer_take(desk.composer), 9)->complete);
  free(after);
  free(before);
  desk_free(&desk);
}

static void
conditions_that_the_weights_do_not_know_are_free(void **const state)
{
  (void)state;
  struct desk desk = desk_new(FAKE_EVENTS, 1);
  struct controls controls = controls_default;
  controls.style = 200;
  controls.key = 200;
  controls.density = 200;
  composer_set_controls(desk.composer, &controls);
  desk_locate(&desk, 0, 0);
  desk_fill(&desk);
  const struct copy *const bar = copy_bar(&desk, 0);
  assert_int_equal(bar->notes[0].conditions.style, 0);
  assert_int_equal(bar->notes[0].conditions.key, 0);
  assert_int_equal(bar->notes[0].conditions.density, 0);
  free((void *)(uintptr_t)bar);
  desk_free(&desk);
}

static void
chords_rise_and_no_pitch_overlaps_itself(void **const state)
{
  (void)state;
  struct desk desk = desk_played_through(FAKE_EVENTS, 300);
  desk_check(&desk, 0, 300);
  desk_free(&desk);
}

static void
logits_that_are_no_numbers_still_make_valid_music(void **const state)
{
  (void)state;
  struct desk desk = desk_played_through(FAKE_BROKEN, 8);
  desk_check(&desk, 0, 8);
  desk_free(&desk);
}

static void
temperature_zero_needs_no_seed(void **const state)
{
  (void)state;
  struct desk desks[2] = {desk_new(FAKE_EVENTS, 1), desk_new(FAKE_EVENTS, 2)};
  for (int i = 0; i < 2; ++i) {
    struct controls controls = controls_default;
    controls.sampling.temperature = 0.0F;
    controls.seed = 77U + (uint32_t)i;
    composer_set_controls(desks[i].composer, &controls);
    desk_locate(&desks[i], 0, 0);
    desk_fill(&desks[i]);
  }
  assert_same_bars(&desks[0], &desks[1], 0, 2);
  desk_free(&desks[0]);
  desk_free(&desks[1]);
}

static void
ready_never_goes_back_and_never_stands_still_for_want_of_a_note(void **const state)
{
  (void)state;
  struct desk desk = desk_new(FAKE_EVENTS, 5);
  static const struct metre metres[] = {{1, 32}, {32, 1}, {7, 8}, {6, 8}, {2, 2}};
  for (int i = 0; i < 5; ++i) {
    composer_locate(desk.composer, (struct position){1000U * (unsigned)i, 0}, metres[i]);
    desk_play(&desk, 1000U * (unsigned)i, 1000U * (unsigned)i + 8, metres[i]); // desk_play() checks it
  }
  desk_free(&desk);
}

static void
without_weights_nothing_is_done(void **const state)
{
  (void)state;
  struct composer *composer = NULL;
  assert_int_equal(composer_new(&composer, NULL), STATUS_SUCCESS);
  composer_locate(composer, (struct position){3, 0}, four_four);
  composer_move(composer, (struct position){3, 5}, three_four);
  assert_int_equal(composer_work(composer, UNLIMITED), 0);
  assert_int_equal(take_bar_count(composer_take(composer)), 0);
  composer_free(composer);
}

static void
places_and_metres_out_of_range_are_survived(void **const state)
{
  (void)state;
  struct desk desk = desk_new(FAKE_EVENTS, 1);
  composer_locate(desk.composer, (struct position){UINT32_MAX, UINT32_MAX}, (struct metre){0, 3});
  desk_fill(&desk);
  composer_move(desk.composer, (struct position){UINT32_MAX - 7, 5000}, (struct metre){200, 200});
  desk_fill(&desk);
  desk_free(&desk);
}

static void
the_streaming_network_keeps_these_promises_too(void **const state)
{
  (void)state;
  static const struct streaming_sizes sizes = {16, 32, 16, 2, 16, 16, 16, 4, 64, 3};
  static const uint32_t budgets[] = {UNLIMITED, 3000, 500};
  struct weights *weights[3];
  struct desk desks[3];
  for (int i = 0; i < 3; ++i) {
    desks[i] = desk_new(FAKE_EVENTS, 1);
    weights[i] = random_weights_load(&sizes, 5, 0.7F);
    assert_non_null(weights[i]);
    composer_set_weights(desks[i].composer, weights[i]);
    desk_locate(&desks[i], 0, 0);
    for (uint32_t bar = 0; bar < 24; ++bar) {
      if (bar == 12 && i > 0) { // Away and back
        desk_locate(&desks[i], 90, 0);
        desk_fill(&desks[i]);
        desk_locate(&desks[i], bar, 0);
      }
      composer_move(desks[i].composer, (struct position){bar, 0}, four_four);
      while (!composer_is_filled(desks[i].composer)) {
        composer_work(desks[i].composer, budgets[i]);
      }
    }
    desk_check(&desks[i], 0, 24);
  }
  assert_same_bars(&desks[0], &desks[1], 0, 24);
  assert_same_bars(&desks[0], &desks[2], 0, 24);
  for (int i = 0; i < 3; ++i) {
    desk_free(&desks[i]);
    weights_free(weights[i]);
  }
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(any_budget_gives_the_same_notes),
      cmocka_unit_test(one_call_does_no_more_than_it_is_given),
      cmocka_unit_test(the_first_onset_is_where_the_section_begins),
      cmocka_unit_test(a_section_depends_on_seed_and_place_alone),
      cmocka_unit_test(random_numbers_differ_by_seed_bar_tick_and_choice),
      cmocka_unit_test(rewound_bars_are_replayed_and_go_on_as_if_never_left),
      cmocka_unit_test(returning_after_other_music_equals_never_having_left),
      cmocka_unit_test(leaving_at_any_moment_changes_nothing),
      cmocka_unit_test(locating_again_and_again_does_not_hold_up_the_first_note),
      cmocka_unit_test(the_bar_after_the_take_continues_it),
      cmocka_unit_test(an_empty_bar_elsewhere_begins_a_section),
      cmocka_unit_test(a_bar_entered_in_its_middle_is_kept),
      cmocka_unit_test(nothing_sounds_into_itself_where_two_sections_meet),
      cmocka_unit_test(music_that_runs_into_older_music_goes_over_to_it),
      cmocka_unit_test(conditions_that_the_weights_do_not_know_are_free),
      cmocka_unit_test(chords_rise_and_no_pitch_overlaps_itself),
      cmocka_unit_test(logits_that_are_no_numbers_still_make_valid_music),
      cmocka_unit_test(temperature_zero_needs_no_seed),
      cmocka_unit_test(ready_never_goes_back_and_never_stands_still_for_want_of_a_note),
      cmocka_unit_test(without_weights_nothing_is_done),
      cmocka_unit_test(places_and_metres_out_of_range_are_survived),
      cmocka_unit_test(the_streaming_network_keeps_these_promises_too),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
