// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What the user does to the take, as a host passes it on: regenerate, undo, lock, by ports and by messages.

#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

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
  minihost_locate(host, 0, 0.0);
  minihost_play(host);
  minihost_run(host, 1);
  minihost_forget_events(host);
  minihost_locate(host, 0, 0.0);
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

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(regenerate_composes_anew_from_the_next_bar_and_undo_goes_back),
      cmocka_unit_test(a_trigger_that_stands_high_asks_for_nothing),
      cmocka_unit_test(a_locked_take_is_played_back_whatever_changes),
      cmocka_unit_test(bars_are_locked_and_regenerated_by_messages),
  };
  return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
