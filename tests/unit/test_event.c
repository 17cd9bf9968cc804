// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Events: every class stands for one value and comes back from it, and everything else goes to the nearest.

#include "engine/event.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct event example = {HAND_LEFT, 60, 68, 24, 12};

static void
every_class_comes_back_from_its_value(void **const state)
{
  (void)state;
  for (unsigned i = 0; i < DURATION_CLASSES; ++i) {
    assert_int_equal(duration_class(duration_ticks(i)), i);
  }
  for (unsigned i = 0; i < ADVANCE_CLASSES; ++i) {
    assert_int_equal(advance_class(advance_ticks(i)), i);
  }
  for (unsigned i = 0; i < VELOCITY_CLASSES; ++i) {
    assert_int_equal(velocity_class(velocity_value(i)), i);
  }
}

static void
classes_grow_with_their_values(void **const state)
{
  (void)state;
  for (unsigned i = 1; i < DURATION_CLASSES; ++i) {
    assert_true(duration_ticks(i) > duration_ticks(i - 1));
  }
  for (unsigned i = 1; i < ADVANCE_CLASSES; ++i) {
    assert_true(advance_ticks(i) > advance_ticks(i - 1));
  }
  assert_int_equal(duration_ticks(0), 1);
  assert_int_equal(duration_ticks(DURATION_CLASSES - 1), DURATION_LONGEST);
  assert_int_equal(advance_ticks(0), 0);
  assert_int_equal(advance_ticks(ADVANCE_CLASSES - 2), ADVANCE_LONGEST);
  assert_int_equal(advance_ticks(ADVANCE_CLASSES - 1), ADVANCE_END);
}

static void
a_duration_goes_to_the_nearest_class_the_shorter_of_two(void **const state)
{
  (void)state;
  for (uint32_t ticks = 0; ticks < 700; ++ticks) {
    const int chosen = abs((int)ticks - (int)duration_ticks(duration_class(ticks)));
    for (unsigned i = 0; i < DURATION_CLASSES; ++i) {
      assert_true(chosen <= abs((int)ticks - (int)duration_ticks(i)));
    }
  }
  assert_int_equal(duration_ticks(duration_class(15)), 14);
  assert_int_equal(duration_ticks(duration_class(UINT32_MAX)), DURATION_LONGEST);
}

static void
an_advance_of_nothing_is_for_chords_only(void **const state)
{
  (void)state;
  assert_int_equal(advance_class(0), 0);
  for (uint32_t ticks = 1; ticks <= 48; ++ticks) {
    assert_int_equal(advance_ticks(advance_class(ticks)), ticks);
  }
  assert_int_equal(advance_ticks(advance_class(49)), 48);
  assert_int_equal(advance_ticks(advance_class(100000)), ADVANCE_LONGEST);
}

static void
every_whole_bar_of_a_common_metre_is_an_exact_advance(void **const state)
{
  (void)state;
  const struct metre metres[] = {{2, 4}, {3, 4}, {4, 4}, {2, 2}, {3, 8}, {6, 8}, {9, 8}, {12, 8}, {6, 4}};
  for (unsigned i = 0; i < sizeof(metres) / sizeof(metres[0]); ++i) {
    const uint32_t ticks = metre_bar_ticks(metres[i]);
    assert_int_equal(advance_ticks(advance_class(ticks)), ticks);
  }
}

static void
an_event_is_rebuilt_from_its_classes(void **const state)
{
  (void)state;
  struct event copy = {0};
  for (unsigned field = 0; field < FIELD_COUNT; ++field) {
    const unsigned value_class = event_class(&example, (enum field)field);
    assert_true(value_class < field_classes((enum field)field));
    event_set_class(&copy, (enum field)field, value_class);
  }
  assert_int_equal(copy.hand, example.hand);
  assert_int_equal(copy.pitch, example.pitch);
  assert_int_equal(copy.velocity, example.velocity);
  assert_int_equal(copy.duration, example.duration);
  assert_int_equal(copy.advance, example.advance);
}

static void
what_a_file_does_not_tell_has_the_class_after_the_last(void **const state)
{
  (void)state;
  const struct event untold = {HAND_UNTOLD, 60, VELOCITY_UNTOLD, 24, 12};
  assert_int_equal(event_class(&untold, FIELD_HAND), HAND_CLASSES);
  assert_int_equal(event_class(&untold, FIELD_VELOCITY), VELOCITY_CLASSES);
  assert_true(event_is_valid(&untold));
}

static void
an_event_out_of_range_is_not_valid(void **const state)
{
  (void)state;
  assert_true(event_is_valid(&example));
  const struct event bad[] = {
      {3, 60, 66, 24, 12},          {HAND_LEFT, 20, 66, 24, 12},  {HAND_LEFT, 109, 66, 24, 12},
      {HAND_LEFT, 60, 128, 24, 12}, {0, 60, 66, 15, 12},          {HAND_LEFT, 60, 66, 0, 12},
      {HAND_LEFT, 60, 66, 24, 49},  {HAND_LEFT, 60, 66, 24, 769}, {0, 60, 66, 577, 12},
  };
  for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); ++i) {
    assert_false(event_is_valid(&bad[i]));
  }
}

static void
any_two_numbers_make_a_valid_metre(void **const state)
{
  (void)state;
  const double numbers[] = {-1.0, 0.0, 0.2, 1.0, 3.0, 4.0, 5.5, 7.0, 16.0, 33.0, 1e30, INFINITY, NAN};
  const unsigned count = sizeof(numbers) / sizeof(numbers[0]);
  for (unsigned n = 0; n < count; ++n) {
    for (unsigned d = 0; d < count; ++d) {
      assert_true(metre_is_valid(metre_make(numbers[n], numbers[d])));
    }
  }
  assert_true(metre_equals(metre_make(6.0, 8.0), (struct metre){6, 8}));
  assert_true(metre_equals(metre_make(0.0, 8.0), (struct metre){4, 4}));
  assert_false(metre_is_valid((struct metre){4, 3}));
  assert_false(metre_is_valid((struct metre){0, 4}));
}

static void
bars_and_beats_have_the_metre_s_length(void **const state)
{
  (void)state;
  assert_int_equal(metre_bar_ticks((struct metre){4, 4}), 96);
  assert_int_equal(metre_bar_ticks((struct metre){6, 8}), 72);
  assert_int_equal(metre_bar_ticks((struct metre){1, 32}), 3);
  assert_int_equal(metre_bar_ticks((struct metre){32, 1}), 3072);
  assert_int_equal(metre_beat_ticks((struct metre){6, 8}), 12);
}

static void
a_place_says_beat_and_tick_in_the_beat(void **const state)
{
  (void)state;
  const struct place place = place_make((struct metre){6, 8}, 41);
  assert_int_equal(place.beat, 3);
  assert_int_equal(place.tick, 5);
  assert_int_equal(place.length, 5);

  const struct place far = place_make((struct metre){32, 1}, 3071);
  assert_int_equal(far.beat, PLACE_BEATS - 1);
  assert_int_equal(far.tick, 95);
  assert_int_equal(far.length, PLACE_LENGTHS - 1);
}

static void
metres_without_a_class_share_the_last(void **const state)
{
  (void)state;
  assert_int_equal(metre_class((struct metre){2, 4}), 1);
  assert_int_not_equal(metre_class((struct metre){3, 4}), metre_class((struct metre){4, 4}));
  assert_int_equal(metre_class((struct metre){7, 8}), METRE_CLASSES - 1);
  assert_int_equal(metre_class((struct metre){5, 4}), METRE_CLASSES - 1);
}

static void
density_steps_cover_all_densities(void **const state)
{
  (void)state;
  assert_int_equal(density_step(0.0), 1);
  assert_int_equal(density_step(1e9), DENSITY_STEPS);
  for (double density = 0.0; density < 20.0; density += 0.1) {
    assert_true(density_step(density) <= density_step(density + 0.1));
  }
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_class_comes_back_from_its_value),
      cmocka_unit_test(classes_grow_with_their_values),
      cmocka_unit_test(a_duration_goes_to_the_nearest_class_the_shorter_of_two),
      cmocka_unit_test(an_advance_of_nothing_is_for_chords_only),
      cmocka_unit_test(every_whole_bar_of_a_common_metre_is_an_exact_advance),
      cmocka_unit_test(an_event_is_rebuilt_from_its_classes),
      cmocka_unit_test(what_a_file_does_not_tell_has_the_class_after_the_last),
      cmocka_unit_test(an_event_out_of_range_is_not_valid),
      cmocka_unit_test(any_two_numbers_make_a_valid_metre),
      cmocka_unit_test(bars_and_beats_have_the_metre_s_length),
      cmocka_unit_test(a_place_says_beat_and_tick_in_the_beat),
      cmocka_unit_test(metres_without_a_class_share_the_last),
      cmocka_unit_test(density_steps_cover_all_densities),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
