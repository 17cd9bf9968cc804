// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The music follows the host's transport: metre, tempo, jumps, pre-roll; and plays by itself where there is none.
//
// What hosts do, matter by matter, and where it is tested (here where no program is named):
//
// where in the block   a_change_of_tempo_inside_a_block_is_exact; notes: a_locate_ends_every_note_where_it_happens
// when it is sent      notes: onsets_stand_on_the_hosts_grid_for_every_kind_of_host; positions: time_never_adds_up_rounding
// property types       positions: numbers_of_every_type_are_read, properties_that_are_left_out_stay_as_they_were
// time:beat            every test: the host tells 0, as Carla does
// tempo's unit         every_metre_has_its_own_bars (6/8, 2/2); positions: a_beat_is_that_of_the_metre
// none at all          without_a_transport_it_says_so_and_is_silent, without_sync_it_plays_by_itself_at_its_own_tempo
// blocks               notes: blocks_of_no_frames_change_nothing; reproducible: every_block_length_gives_the_composers_bytes
// locate, loop         a_loop_repeats_and_its_first_note_sounds, a_short_loop_inside_a_bar_repeats; notes: a_locate_ends_...
// jitter               positions: jitter_is_no_locate_and_does_not_move_the_clock, drift_is_followed_without_a_locate
// tempo ramps          a_tempo_ramp_keeps_onsets_on_the_grid
// metre changes        a_change_of_metre_goes_on_with_music_on_time, how_late_a_metre_is_told_does_not_change_the_music
// half time            controls: half_and_double_time_are_the_same_music
// pre-roll             nothing_sounds_in_a_pre_roll
// freewheel            reproducible: an_export_gives_the_same_bytes_without_time_to_prepare
// bypass               notes: bypass_is_silent_and_leaves_nothing_hanging, notes_end_after_the_plugin_was_deactivated
// latency              there_is_no_latency_port
// unconnected ports    ports_may_be_unconnected

#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/// One note-on.
struct onset {
  int64_t tick;
  uint8_t pitch;
  uint8_t velocity;
};

/// Copy the recorded note-ons from `first` to before `end`, in ticks; the caller frees them.
static struct onset *
onsets(const struct minihost *const host, const int64_t first, const int64_t end, size_t *const number)
{
  size_t count = 0;
  const struct minihost_event *const events = minihost_events(host, &count);
  struct onset *const result = calloc(count + 1, sizeof *result);
  *number = 0;
  for (size_t i = 0; i < count; ++i) {
    if ((events[i].bytes[0] & 0xF0U) == 0x90U && events[i].tick >= first && events[i].tick < end) {
      result[(*number)++] = (struct onset){events[i].tick, events[i].bytes[1], events[i].bytes[2]};
    }
  }
  return result;
}

static void
assert_same_onsets(const struct onset *const a, const size_t count_a, const struct onset *const b, const size_t count_b)
{
  assert_int_equal(count_a, count_b);
  for (size_t i = 0; i < count_a; ++i) {
    assert_int_equal(a[i].tick, b[i].tick);
    assert_int_equal(a[i].pitch, b[i].pitch);
    assert_int_equal(a[i].velocity, b[i].velocity);
  }
}

static void
every_metre_has_its_own_bars(void **const state)
{
  static const int metres[][2] = {{6, 8}, {2, 2}, {3, 4}, {7, 8}, {5, 4}, {12, 16}};
  for (size_t i = 0; i < sizeof metres / sizeof metres[0]; ++i) {
    struct minihost *const host = fixture_host(*state, NULL);
    minihost_metre(host, metres[i][0], metres[i][1]);
    minihost_tempo(host, 30.0 * metres[i][1]); // 120 quarters per minute
    fixture_start(host);
    minihost_run(host, 20 * 48000);
    assert_true(fixture_note_count(host) > 20);
    fixture_assert_on_grid(host);
    // 20 seconds are 960 ticks, and bars are counted in ticks of that metre
    const float bars = 960.0F / (96.0F / (float)metres[i][1] * (float)metres[i][0]);
    assert_true(minihost_get(host, "bars") >= bars - 1.0F);
    assert_true(minihost_get(host, "late") == 0.0F);
    assert_int_equal(minihost_faults(host), 0);
    minihost_free(host);
  }
}

static void
a_change_of_tempo_inside_a_block_is_exact(void **const state)
{
  static const double tempos[] = {90.0, 143.7, 60.0, 200.0, 33.3, 120.0};
  struct minihost *const host = fixture_host(*state, NULL);
  fixture_start(host);
  for (size_t i = 0; i < sizeof tempos / sizeof tempos[0]; ++i) {
    minihost_run(host, 3 * 48000 + 37);
    minihost_delay(host, 11 + 29 * (uint32_t)i);
    minihost_tempo(host, tempos[i]);
  }
  minihost_run(host, 3 * 48000);
  assert_true(fixture_note_count(host) > 20);
  fixture_assert_on_grid(host);
  assert_int_equal(minihost_faults(host), 0);
  minihost_free(host);
}

static void
a_change_of_metre_goes_on_with_music_on_time(void **const state)
{
  if (fixture_is_slow()) {
    skip();
  }
  for (int seed = 0; seed < 6; ++seed) {
    struct minihost *const host = fixture_host(*state, NULL);
    minihost_set(host, "seed", (float)seed);
    fixture_start(host);
    minihost_run(host, 8 * 48000); // Four bars
    minihost_metre(host, 3, 4);
    minihost_run(host, 6 * 48000); // Four more
    minihost_metre(host, 6, 8);
    minihost_tempo(host, 240.0);
    minihost_run(host, 6 * 48000);
    assert_true(fixture_note_count(host) > 20);
    fixture_assert_on_grid(host);
    assert_true(minihost_get(host, "late") == 0.0F);
    minihost_stop(host);
    minihost_run(host, 256);
    assert_int_equal(minihost_sounding(host), 0);
    assert_int_equal(minihost_faults(host), 0);
    minihost_free(host);
  }
}

/// Play two bars in 4/4 up to bar 4, which is in 3/4: the host tells so in the first block that begins after its
/// bar line, `lateness` frames later. Return the onsets from its second beat on.
static struct onset *
onsets_after_a_late_metre(struct minihost *const host, const uint32_t lateness, size_t *const count)
{
  minihost_metre(host, 4, 4);
  minihost_tempo(host, 120.0);
  minihost_locate(host, 2, 0.0);
  minihost_run(host, 4 * 48000 - 100);
  minihost_block(host, 100 + lateness);
  minihost_run(host, 100 + lateness);
  minihost_block(host, 256);
  minihost_metre(host, 3, 4);
  minihost_forget_events(host);
  minihost_run(host, 12 * 48000);
  return onsets(host, 4 * 72 + 24, 12 * 72, count);
}

static void
how_late_a_metre_is_told_does_not_change_the_music(void **const state)
{
  static const uint32_t lateness[] = {37, 4, 1000, 8000};
  for (int seed = 0; seed < 8; ++seed) {
    struct onset *expected = NULL;
    size_t expected_count = 0;
    for (size_t i = 0; i < sizeof lateness / sizeof lateness[0]; ++i) {
      struct minihost *const host = fixture_host(*state, NULL);
      minihost_set(host, "freewheel", 1.0F);
      minihost_set(host, "seed", (float)seed);
      fixture_start(host);
      for (int pass = 0; pass < 2; ++pass) {
        size_t count = 0;
        if (pass > 0) { // Nothing is composed anew, or it would be other music
          minihost_set(host, "lock", 1.0F);
          minihost_set(host, "seed", 100.0F);
        }
        struct onset *const heard = onsets_after_a_late_metre(host, lateness[i] + (uint32_t)pass, &count);
        if (expected) {
          assert_same_onsets(expected, expected_count, heard, count);
          free(heard);
        } else {
          expected = heard;
          expected_count = count;
          assert_true(count > 5);
        }
      }
      assert_int_equal(minihost_faults(host), 0);
      minihost_free(host);
    }
    free(expected);
  }
}

static void
a_rewind_brings_the_same_bars_back_at_any_tempo(void **const state)
{
  struct minihost *const host = fixture_host(*state, NULL);
  fixture_start(host);
  minihost_run(host, 8 * 48000); // Four bars of 4/4 at 120
  size_t first_count = 0;
  struct onset *const first = onsets(host, 0, 4 * 96, &first_count);
  assert_true(first_count > 5);

  minihost_forget_events(host);
  minihost_locate(host, 0, 0.0);
  minihost_tempo(host, 75.0);
  minihost_run(host, (int64_t)(8.0 * 48000.0 * 120.0 / 75.0));
  size_t second_count = 0;
  struct onset *const second = onsets(host, 0, 4 * 96, &second_count);
  assert_same_onsets(first, first_count, second, second_count);
  fixture_assert_on_grid(host);
  assert_int_equal(minihost_faults(host), 0);
  free(first);
  free(second);
  minihost_free(host);
}

static void
a_loop_repeats_and_its_first_note_sounds(void **const state)
{
  struct minihost *const host = fixture_host(*state, NULL);
  fixture_start(host);
  minihost_run(host, 8 * 48000);
  size_t all = 0;
  struct onset *const first = onsets(host, 96, 3 * 96, &all);
  for (int round = 0; round < 3; ++round) {
    minihost_forget_events(host);
    minihost_locate(host, 1, 0.0);
    minihost_run(host, 4 * 48000);
    size_t count = 0;
    struct onset *const again = onsets(host, 96, 3 * 96, &count);
    assert_same_onsets(first, all, again, count);
    free(again);
  }
  assert_int_equal(minihost_faults(host), 0);
  free(first);
  minihost_free(host);
}

static void
a_short_loop_inside_a_bar_repeats(void **const state)
{
  struct minihost *const host = fixture_host(*state, NULL);
  struct onset *first = NULL;
  size_t all = 0;
  minihost_locate(host, 1, 1.5);
  fixture_start(host);
  for (int round = 0; round < 6; ++round) {
    minihost_forget_events(host);
    minihost_locate(host, 1, 1.5);
    minihost_run(host, 42000); // Less than two beats, with four beats of look-ahead
    size_t count = 0;
    struct onset *const again = onsets(host, 0, 1000, &count);
    if (first) {
      assert_same_onsets(first, all, again, count);
      free(again);
    } else {
      first = again;
      all = count;
    }
    fixture_assert_on_grid(host);
  }
  assert_true(all > 2);
  assert_true(minihost_get(host, "late") == 0.0F);
  assert_int_equal(minihost_faults(host), 0);
  free(first);
  minihost_free(host);
}

static void
a_tempo_ramp_keeps_onsets_on_the_grid(void **const state)
{
  struct minihost *const host = fixture_host(*state, NULL);
  fixture_start(host);
  for (int i = 0; i < 4000; ++i) {
    minihost_tempo(host, i < 2000 ? 60.0 + 0.06 * i : 180.0 - 0.05 * (i - 2000)); // Slower, faster, in every block
    minihost_run(host, 256);
  }
  assert_true(fixture_note_count(host) > 40);
  fixture_assert_on_grid(host);
  assert_true(minihost_get(host, "late") == 0.0F);
  assert_int_equal(minihost_faults(host), 0);
  minihost_free(host);
}

static void
there_is_no_latency_port(void **const state)
{
  struct minihost *const host = fixture_host(*state, NULL);
  assert_false(minihost_has_latency(host)); // With one, Ardour would run the plugin off the audio thread
  minihost_free(host);
}

static void
ports_may_be_unconnected(void **const state)
{
  struct minihost *const host = fixture_host(*state, NULL);
  fixture_start(host);
  minihost_run(host, 48000);
  for (uint32_t port = 0; minihost_disconnect(host, port); ++port) {
    minihost_run(host, 1024);
  }
  minihost_free(host);
}

static void
nothing_sounds_in_a_pre_roll(void **const state)
{
  struct minihost *const host = fixture_host(*state, NULL);
  minihost_locate(host, -2, 0.0);
  fixture_start(host);
  minihost_run(host, 4 * 48000); // Two bars
  assert_int_equal(fixture_note_count(host), 0);
  minihost_run(host, 12 * 48000);
  assert_true(fixture_note_count(host) > 5);
  assert_true(minihost_get(host, "late") == 0.0F);
  fixture_assert_on_grid(host);
  minihost_free(host);
}

static void
a_start_in_the_middle_of_a_bar_is_on_the_grid(void **const state)
{
  struct minihost *const host = fixture_host(*state, NULL);
  minihost_locate(host, 7, 2.37);
  fixture_start(host);
  minihost_run(host, 10 * 48000);
  assert_true(fixture_note_count(host) > 5);
  fixture_assert_on_grid(host);
  assert_int_equal(minihost_faults(host), 0);
  minihost_free(host);
}

static void
without_a_transport_it_says_so_and_is_silent(void **const state)
{
  const struct minihost_options options = {.positions = MINIHOST_POSITIONS_NONE};
  struct minihost *const host = fixture_host(*state, &options);
  minihost_run(host, 10 * 48000);
  assert_int_equal(fixture_note_count(host), 0);
  assert_non_null(strstr(minihost_property(host, "status"), "transport"));
  assert_non_null(strstr(minihost_property(host, "status"), "sync"));
  minihost_free(host);
}

static void
without_sync_it_plays_by_itself_at_its_own_tempo(void **const state)
{
  const struct minihost_options options = {.positions = MINIHOST_POSITIONS_NONE};
  struct minihost *const host = fixture_host(*state, &options);
  minihost_set(host, "sync", 0.0F);
  minihost_set(host, "bpm", 125.0F); // 960 frames per tick
  minihost_run(host, 20 * 48000);
  assert_true(fixture_note_count(host) > 20);
  assert_true(minihost_get(host, "late") == 0.0F);

  size_t count = 0;
  const struct minihost_event *const events = minihost_events(host, &count);
  for (size_t i = 0; i < count; ++i) {
    assert_int_equal((events[i].frame - events[0].frame) % 960, 0);
  }
  minihost_set(host, "sync", 1.0F);
  minihost_run(host, 256);
  assert_int_equal(minihost_sounding(host), 0);
  assert_int_equal(minihost_faults(host), 0);
  minihost_free(host);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_metre_has_its_own_bars),
      cmocka_unit_test(a_change_of_tempo_inside_a_block_is_exact),
      cmocka_unit_test(a_change_of_metre_goes_on_with_music_on_time),
      cmocka_unit_test(how_late_a_metre_is_told_does_not_change_the_music),
      cmocka_unit_test(a_rewind_brings_the_same_bars_back_at_any_tempo),
      cmocka_unit_test(a_loop_repeats_and_its_first_note_sounds),
      cmocka_unit_test(a_short_loop_inside_a_bar_repeats),
      cmocka_unit_test(a_tempo_ramp_keeps_onsets_on_the_grid),
      cmocka_unit_test(there_is_no_latency_port),
      cmocka_unit_test(ports_may_be_unconnected),
      cmocka_unit_test(nothing_sounds_in_a_pre_roll),
      cmocka_unit_test(a_start_in_the_middle_of_a_bar_is_on_the_grid),
      cmocka_unit_test(without_a_transport_it_says_so_and_is_silent),
      cmocka_unit_test(without_sync_it_plays_by_itself_at_its_own_tempo),
  };
  return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
