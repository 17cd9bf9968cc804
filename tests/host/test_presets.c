// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Every bundled preset makes music: it begins within two beats, and none of its first eight bars is empty.

#include "../../ttl/presets.h"
#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { BARS = 8, FRAMES_PER_BEAT = 24000, FRAMES_PER_BAR = 4 * FRAMES_PER_BEAT };

// Say on stderr what is missing: music that begins at once, and a note in every bar. Return whether nothing is.
static bool
plays(const struct minihost *const host, const char *const label, const int64_t begin)
{
  size_t onsets[BARS] = {0};
  size_t early = 0;
  size_t count = 0;
  const struct minihost_event *const events = minihost_events(host, &count);
  for (size_t i = 0; i < count; ++i) {
    const int64_t frame = events[i].frame - begin;
    if ((events[i].bytes[0] & 0xF0) == 0x90 && events[i].bytes[2] > 0 && frame < (int64_t)BARS * FRAMES_PER_BAR) {
      ++onsets[frame / FRAMES_PER_BAR];
      early += frame <= (int64_t)2 * FRAMES_PER_BEAT;
    }
  }
  bool complete = early > 0;
  if (!early) {
    fprintf(stderr, "%s does not begin within two beats\n", label);
  }
  for (int bar = 0; bar < BARS; ++bar) {
    if (!onsets[bar]) {
      fprintf(stderr, "bar %d of %s is empty\n", bar + 1, label);
      complete = false;
    }
  }
  return complete;
}

static void
every_preset_begins_at_once_and_has_no_empty_bar(void **const state)
{
  size_t failures = 0;
  for (size_t i = 0; i < PRESET_COUNT; ++i) {
    char uri[256];
    struct minihost *const host = fixture_host(*state, NULL);
    snprintf(uri, sizeof(uri), MINIHOST_PLUGIN "#preset-%s", presets[i].id);
    minihost_run(host, 512);
    assert_int_equal(minihost_preset(host, uri), 0);
    fixture_start(host);
    const int64_t begin = minihost_song(host)->frame;
    minihost_run(host, (int64_t)BARS * FRAMES_PER_BAR);
    failures += !plays(host, presets[i].label, begin);
    assert_true(minihost_get(host, "late") == 0.0F);
    assert_int_equal(minihost_faults(host), 0);
    minihost_free(host);
  }
  assert_int_equal(failures, 0);
}

static void
presets_are_told_apart(void **const state)
{
  (void)state;
  assert_true((int)PRESET_COUNT >= 40);
  for (size_t i = 0; i < PRESET_COUNT; ++i) {
    for (size_t k = 0; k < i; ++k) {
      assert_string_not_equal(presets[i].id, presets[k].id);
      assert_string_not_equal(presets[i].label, presets[k].label);
    }
  }
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(presets_are_told_apart),
      cmocka_unit_test(every_preset_begins_at_once_and_has_no_empty_bar),
  };
  return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
