// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Long sessions: four hours at 120 bpm stay in the take, and come back; what is too much lets the oldest bars leave, and says so.

#include "fixture.h"

#include "engine/take.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { RATE = 8000, FOUR_HOURS = 4 * 3600, BAR = 2 * RATE }; // Frames of a bar of 4/4 at 120 bpm

/// A host that exports, with a network so small that hours pass in seconds.
static struct minihost *
quick_host(const struct fixture *const fixture)
{
  assert_int_equal(fixture_random_weights(fixture->weights, 1), 0);
  const struct minihost_options options = {.rate = RATE, .block = 8192};
  struct minihost *const host = fixture_host(fixture, &options);
  minihost_set(host, "freewheel", 1.0F);
  return host;
}

/// The note-ons recorded, from number `first` on: `count` of their pitches and ticks. The caller frees them.
static int64_t *
notes_from(const struct minihost *const host, const size_t first, const size_t count)
{
  size_t events = 0;
  size_t found = 0;
  const struct minihost_event *const event = minihost_events(host, &events);
  int64_t *const notes = calloc(count, sizeof *notes);
  for (size_t i = first; i < events && found < count; ++i) {
    if ((event[i].bytes[0] & 0xF0U) == 0x90U) {
      notes[found++] = event[i].tick * 128 + event[i].bytes[1];
    }
  }
  assert_int_equal(found, count);
  return notes;
}

static void
four_hours_stay_in_the_take(void **const state)
{
  enum { NOTES = 500 };
  struct minihost *const host = quick_host(*state);
  minihost_play(host);
  minihost_run(host, (int64_t)FOUR_HOURS * RATE);
  assert_true(minihost_get(host, "late") == 0.0F);
  assert_true(minihost_get(host, "bars") >= (float)(FOUR_HOURS / 2));
  assert_null(strstr(minihost_property(host, "status"), "oldest bars leave"));
  int64_t *const heard = notes_from(host, 0, NOTES);

  size_t all = 0;
  minihost_locate(host, 0, 0.0);
  minihost_events(host, &all);
  minihost_run(host, 400 * (int64_t)BAR);
  int64_t *const again = notes_from(host, all, NOTES);
  assert_memory_equal(heard, again, NOTES * sizeof *heard);
  assert_int_equal(minihost_faults(host), 0);
  free(heard);
  free(again);
  minihost_free(host);
}

static void
what_is_too_much_lets_the_oldest_bars_leave_and_says_so(void **const state)
{
  struct minihost *const host = quick_host(*state);
  minihost_metre(host, 1, 4);
  minihost_tempo(host, 960.0);
  minihost_play(host);
  minihost_run(host, (int64_t)(TAKE_BARS + 600) * RATE / 16);
  assert_true(minihost_get(host, "bars") <= (float)TAKE_BARS);
  assert_non_null(strstr(minihost_property(host, "status"), "oldest bars leave"));
  const size_t notes = fixture_note_count(host);
  minihost_run(host, 100 * RATE / 16);
  assert_true(fixture_note_count(host) > notes);
  assert_true(minihost_get(host, "late") == 0.0F);
  assert_int_equal(minihost_faults(host), 0);

  // It is saved as it is
  struct minihost_state saved = {.count = 0};
  assert_int_equal(minihost_save_bare(host, &saved), 0);
  assert_true(saved.count >= 3); // Weights, twice, and the take
  struct minihost *const other = quick_host(*state);
  assert_int_equal(minihost_restore_state(other, &saved), 0);
  minihost_run(other, 8192);
  assert_true(minihost_get(other, "bars") > (float)(TAKE_BARS - 1000));
  minihost_state_free(&saved);
  minihost_free(other);
  minihost_free(host);
}

/// The first bar that is not in the take when `bars` have been played: what was composed ahead ends before it.
static int64_t
end_of_take(struct minihost *const host)
{
  return (int64_t)minihost_get(host, "bars") - 1;
}

/// Jump to `bar` while the song stands, and roll at once, for two bars; every note must be in time.
static void
assert_rolls_in_time(struct minihost *const host, const int64_t bar)
{
  size_t first = 0;
  size_t count = 0;
  minihost_stop(host);
  minihost_run(host, 512);
  minihost_locate(host, bar, 0.0);
  minihost_play(host);
  minihost_events(host, &first);
  minihost_run(host, 2 * BAR);
  const struct minihost_event *const events = minihost_events(host, &count);
  size_t notes = 0;
  for (size_t i = first; i < count; ++i) {
    if ((events[i].bytes[0] & 0xF0U) == 0x90U) {
      ++notes;
      assert_true(fixture_is_slow() || (events[i].off_grid > -0.6 && events[i].off_grid < 0.6));
    }
  }
  assert_true(notes > 4);
  assert_true(fixture_is_slow() || minihost_get(host, "late") == 0.0F);
}

static void
a_jump_into_a_long_piece_rolls_at_once_and_is_not_late(void **const state)
{
  enum { BARS = 1200, FAR = 100000 };
  struct minihost *const host = quick_host(*state);
  minihost_block(host, 512);
  minihost_play(host);
  minihost_run(host, BARS * (int64_t)BAR);
  assert_true(fixture_note_count(host) > 10000);
  minihost_set(host, "freewheel", 0.0F);
  const int64_t end = end_of_take(host);

  // The song goes on where it ends, after music somewhere else
  minihost_locate(host, FAR, 0.0);
  minihost_run(host, 4 * (int64_t)BAR);
  assert_rolls_in_time(host, end);

  // Bars amid the song, which are composed anew in another metre
  minihost_stop(host);
  minihost_locate(host, FAR, 0.0);
  minihost_run(host, BAR);
  minihost_metre(host, 3, 4);
  assert_rolls_in_time(host, BARS - 100);
  assert_int_equal(minihost_faults(host), 0);
  minihost_free(host);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(four_hours_stay_in_the_take),
      cmocka_unit_test(a_jump_into_a_long_piece_rolls_at_once_and_is_not_late),
      cmocka_unit_test(what_is_too_much_lets_the_oldest_bars_leave_and_says_so),
  };
  return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
