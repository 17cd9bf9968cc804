// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What the user does to the take, as a host passes it on: regenerate, undo, lock, by ports and by messages.

#include "fixture.h"

#include "engine/event.h"
#include "engine/midi_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { BARS = 8, BPM = 240, HEARD = 4096 };

/// The note-ons of bars 0 to BARS - 1.
struct heard {
  size_t count;
  struct {
    uint32_t tick;
    uint8_t pitch;
    uint8_t velocity;
  } notes[HEARD];
};

static struct minihost *
host_new(const struct fixture *const fixture, const uint32_t block)
{
  const struct minihost_options options = {.block = block};
  struct minihost *const host = fixture_host(fixture, &options);
  minihost_set(host, "freewheel", 1.0F);
  minihost_tempo(host, BPM);
  minihost_run(host, 4096);
  return host;
}

/// Play all bars from the start and say what was heard.
static struct heard *
listen(struct minihost *const host)
{
  struct heard *const heard = calloc(1, sizeof *heard);
  minihost_forget_events(host);
  minihost_locate(host, 0, 0.0);
  minihost_play(host);
  minihost_run(host, (int64_t)(BARS * 4 * 60.0 / BPM * minihost_song(host)->rate));
  minihost_stop(host);
  minihost_run(host, 64);
  size_t count = 0;
  const struct minihost_event *const events = minihost_events(host, &count);
  for (size_t i = 0; i < count && heard->count < HEARD; ++i) {
    if ((events[i].bytes[0] & 0xF0U) == 0x90U && events[i].tick < BARS * 96) {
      heard->notes[heard->count].tick = (uint32_t)events[i].tick;
      heard->notes[heard->count].pitch = events[i].bytes[1];
      heard->notes[heard->count++].velocity = events[i].bytes[2];
    }
  }
  assert_int_equal(minihost_faults(host), 0);
  assert_true(heard->count > 10);
  return heard;
}

/// Whether both are the same in bars `first` to `end` - 1.
static bool
sound_alike(const struct heard *const a, const struct heard *const b, const uint32_t first, const uint32_t end)
{
  size_t i = 0;
  size_t k = 0;
  for (;;) {
    while (i < a->count && a->notes[i].tick < first * 96) {
      ++i;
    }
    while (k < b->count && b->notes[k].tick < first * 96) {
      ++k;
    }
    const bool a_ends = i == a->count || a->notes[i].tick >= end * 96;
    const bool b_ends = k == b->count || b->notes[k].tick >= end * 96;
    if (a_ends || b_ends) {
      return a_ends && b_ends;
    }
    if (memcmp(&a->notes[i++], &b->notes[k++], sizeof a->notes[0]) != 0) {
      return false;
    }
  }
}

static void
press(struct minihost *const host, const char *const symbol)
{
  minihost_set(host, symbol, 1.0F);
  minihost_run(host, 256);
  minihost_set(host, symbol, 0.0F);
  minihost_run(host, 256);
}

/// Stand in bar `bar`.
static void
stand(struct minihost *const host, const int64_t bar)
{
  minihost_locate(host, bar, 1.0);
  minihost_run(host, 256);
}

static void
regenerate_composes_anew_from_the_next_bar_and_undo_goes_back(void **const state)
{
  static const uint32_t blocks[] = {64, 1024};
  struct heard *different[2];
  for (int i = 0; i < 2; ++i) {
    struct minihost *const host = host_new(*state, blocks[i]);
    struct heard *const before = listen(host);
    stand(host, 3);
    press(host, "regenerate");
    different[i] = listen(host);
    assert_true(sound_alike(before, different[i], 0, 4));
    assert_false(sound_alike(before, different[i], 4, BARS));
    press(host, "undo");
    struct heard *const after = listen(host);
    assert_true(sound_alike(before, after, 0, BARS));
    free(after);
    free(before);
    minihost_free(host);
  }
  assert_true(sound_alike(different[0], different[1], 0, BARS));
  free(different[0]);
  free(different[1]);
}

static void
a_trigger_that_stands_high_asks_for_nothing(void **const state)
{
  const struct fixture *const fixture = *state;
  char folder[FIXTURE_PATH];
  fixture_path(fixture, "high", 1, folder);
  struct minihost *const host = host_new(fixture, 256);
  minihost_set(host, "regenerate", 1.0F);
  minihost_run(host, 256);
  struct heard *const before = listen(host);
  minihost_set(host, "regenerate", 0.0F);
  struct heard *const lowered = listen(host);
  assert_true(sound_alike(before, lowered, 0, BARS));

  // Restored, it stands high without having risen
  minihost_set(host, "regenerate", 1.0F);
  assert_int_equal(minihost_save(host, folder), 0);
  minihost_set(host, "regenerate", 0.0F);
  minihost_run(host, 256);
  stand(host, 2);
  assert_int_equal(minihost_restore(host, folder), 0);
  struct heard *const restored = listen(host);
  assert_true(sound_alike(before, restored, 0, BARS));
  free(restored);
  free(lowered);
  free(before);
  minihost_free(host);
}

static void
a_locked_take_is_played_back_whatever_changes(void **const state)
{
  struct minihost *const host = host_new(*state, 256);
  struct heard *const before = listen(host);
  minihost_set(host, "lock", 1.0F);
  minihost_set(host, "temperature", 0.5F);
  stand(host, 1);
  press(host, "regenerate");
  struct heard *const locked = listen(host);
  assert_true(sound_alike(before, locked, 0, BARS));
  minihost_set(host, "lock", 0.0F);
  struct heard *const unlocked = listen(host);
  assert_false(sound_alike(before, unlocked, 0, BARS));
  free(unlocked);
  free(locked);
  free(before);
  minihost_free(host);
}

static void
bars_are_locked_and_regenerated_by_messages(void **const state)
{
  struct minihost *const host = host_new(*state, 256);
  struct heard *const before = listen(host);
  minihost_set_bars(host, "lockBars", "3-4");
  minihost_run(host, 256);
  assert_string_equal(minihost_property(host, "lockBars"), "3-4");
  minihost_set_bars(host, "regenerateBars", "2-5");
  minihost_run(host, 256);
  struct heard *const after = listen(host);
  assert_true(sound_alike(before, after, 0, 1));
  assert_false(sound_alike(before, after, 1, 2) && sound_alike(before, after, 4, 5));
  assert_true(sound_alike(before, after, 2, 4));
  assert_true(sound_alike(before, after, 5, BARS));

  minihost_set_bars(host, "lockBars", "bars");
  minihost_run(host, 512);
  assert_string_equal(minihost_property(host, "lockBars"), "3-4");
  assert_non_null(strstr(minihost_property(host, "status"), "5-8"));
  minihost_set_bars(host, "lockBars", "none");
  minihost_run(host, 512);
  assert_string_equal(minihost_property(host, "lockBars"), "none");
  assert_null(strstr(minihost_property(host, "status"), "5-8"));
  free(after);
  free(before);
  minihost_free(host);
}

/// Fail if the notes of a file are not those that were heard, at least up to bar `bars`.
static void
assert_file_is(const char *const path, const struct heard *const heard, const uint32_t bars)
{
  struct midi_file midi;
  assert_int_equal(midi_file_read(path, &midi, NULL), STATUS_SUCCESS);
  assert_int_equal(midi.tempos[0].microseconds, 60000000 / BPM);
  size_t k = 0;
  for (size_t i = 0; i < midi.note_count; ++i) {
    const uint32_t tick = midi.notes[i].onset * TICKS_PER_QUARTER / midi.division;
    if (tick < BARS * 96) {
      assert_true(k < heard->count);
      assert_int_equal(tick, heard->notes[k].tick);
      assert_int_equal(midi.notes[i].pitch, heard->notes[k].pitch);
      assert_int_equal(midi.notes[i].velocity, heard->notes[k].velocity);
      ++k;
    }
  }
  assert_true(k == heard->count || heard->notes[k].tick >= bars * 96);
  midi_file_free(&midi);
}

static void
the_export_is_what_was_heard_whatever_goes_on(void **const state)
{
  const struct fixture *const fixture = *state;
  for (int threaded = 0; threaded < 2; ++threaded) {
    const struct minihost_options options = {.block = 128,
                                             .worker = threaded ? MINIHOST_WORKER_THREAD : MINIHOST_WORKER_SYNC};
    struct minihost *const host = fixture_host(fixture, &options);
    minihost_set(host, "freewheel", 1.0F);
    minihost_tempo(host, BPM);
    minihost_run(host, 4096);
    struct heard *const before = listen(host);
    char path[FIXTURE_PATH];
    fixture_path(fixture, "export.mid", 0, path);
    for (int i = 0; i < 3; ++i) {
      if (i == 2) { // In the middle of gathering
        stand(host, 3);
      }
      minihost_export(host, path);
      minihost_run(host, 128);
      minihost_wait_for_worker(host);
      if (i == 2) {
        minihost_run(host, 1024);
        press(host, "regenerate");
      }
      minihost_run(host, 24 * 1024);
      minihost_wait_for_worker(host);
      minihost_run(host, 1024);
      assert_non_null(strstr(minihost_property(host, "status"), "Exported"));
      struct heard *const now = i < 2 ? NULL : listen(host);
      assert_file_is(path, now ? now : before, now ? 4 : BARS); // Regenerated bars are there as far as composed
      assert_true(!now || !sound_alike(now, before, 0, BARS));
      free(now);
      unlink(path);
    }
    free(before);
    minihost_free(host);
  }
}

static void
an_export_that_fails_says_why(void **const state)
{
  struct minihost *const host = host_new(*state, 256);
  static const char *const paths[] = {"take.mid", "/nowhere/at/all/take.mid"};
  for (int i = 0; i < 2; ++i) {
    minihost_export(host, paths[i]);
    minihost_run(host, 24 * 1024);
    assert_non_null(strstr(minihost_property(host, "status"), paths[i]));
    assert_null(strstr(minihost_property(host, "status"), "Exported"));
  }
  minihost_export(host, "/nowhere/take.mid"); // And is not waited for
  minihost_run(host, 256);
  minihost_free(host);
}

/// Press a trigger for one block, and run on for `frames`.
static void
press_for(struct minihost *const host, const char *const trigger, const int64_t frames)
{
  minihost_set(host, trigger, 1.0F);
  minihost_run(host, 256);
  minihost_set(host, trigger, 0.0F);
  minihost_run(host, frames);
}

static void
other_music_comes_in_time_wherever_it_is_asked_for(void **const state)
{
  enum { BAR = 96000 };                                      // Frames at 120 bpm
  static const int before[] = {0, 10, 2000, 6100, BAR - 10}; // Frames from the press to the next bar line
  if (fixture_is_slow()) {
    skip();
  }
  for (int seed = 0; seed < 3; ++seed) {
    struct minihost *const host = fixture_host(*state, NULL);
    minihost_set(host, "seed", (float)seed);
    fixture_start(host);
    minihost_run(host, 80 * (int64_t)BAR);
    for (int i = 0; i < 5; ++i) {
      minihost_run(host, BAR - before[i]);
      press_for(host, "regenerate", before[i] + 2 * BAR - 256);
      minihost_run(host, BAR - before[i]);
      press_for(host, "undo", before[i] + 2 * BAR - 256);
    }
    fixture_assert_on_grid(host);
    assert_true(minihost_get(host, "late") == 0.0F);
    assert_int_equal(minihost_faults(host), 0);
    minihost_free(host);
  }
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(regenerate_composes_anew_from_the_next_bar_and_undo_goes_back),
      cmocka_unit_test(a_trigger_that_stands_high_asks_for_nothing),
      cmocka_unit_test(other_music_comes_in_time_wherever_it_is_asked_for),
      cmocka_unit_test(a_locked_take_is_played_back_whatever_changes),
      cmocka_unit_test(the_export_is_what_was_heard_whatever_goes_on),
      cmocka_unit_test(an_export_that_fails_says_why),
      cmocka_unit_test(bars_are_locked_and_regenerated_by_messages),
  };
  return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
