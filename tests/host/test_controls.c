// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Every control port reaches what it controls: what comes out of the plugin is as its port asks.

#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SECONDS = 8, NOTE_ON = 0x90, NOTE_OFF = 0x80 };

struct setting {
  const char *symbol;
  float value;
};

// Play with these settings (ended by NULL) from the song's beginning.
static struct minihost *
played(const struct fixture *const fixture, const struct setting *setting)
{
  struct minihost *const host = fixture_host(fixture, NULL);
  for (; setting->symbol; ++setting) {
    minihost_set(host, setting->symbol, setting->value);
  }
  fixture_start(host);
  minihost_run(host, (int64_t)SECONDS * 48000);
  minihost_stop(host);
  minihost_run(host, 256);
  assert_true(fixture_note_count(host) > 5);
  assert_int_equal(minihost_sounding(host), 0);
  assert_int_equal(minihost_faults(host), 0);
  return host;
}

static bool
is_note_on(const struct minihost_event *const event)
{
  return (event->bytes[0] & 0xF0) == NOTE_ON;
}

static bool
sound_equal(const struct minihost *const a, const struct minihost *const b)
{
  size_t count_a = 0;
  size_t count_b = 0;
  const struct minihost_event *const x = minihost_events(a, &count_a);
  const struct minihost_event *const y = minihost_events(b, &count_b);
  bool equal = count_a == count_b;
  for (size_t i = 0; equal && i < count_a; ++i) {
    equal = x[i].frame == y[i].frame && !memcmp(x[i].bytes, y[i].bytes, 3);
  }
  return equal;
}

static void
every_control_of_the_music_is_heard(void **const state)
{
  static const struct setting cases[][2] = {
      {{"temperature", 0.3F}}, {{"top_p", 0.5F}},     {{"surprise", 3.0F}},   {{"recall", 4.0F}},    {{"key", 3.0F}},
      {{"density", 8.0F}},     {{"low_note", 70.0F}}, {{"high_note", 60.0F}}, {{"polyphony", 1.0F}}, {{"hands", 1.0F}},
      {{"hands", 2.0F}},       {{"seed", 5.0F}},      {{"style", 2.0F}},
  };
  static const struct setting none[] = {{NULL, 0.0F}};
  struct minihost *const plain = played(*state, none);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
    struct minihost *const host = played(*state, cases[i]);
    if (sound_equal(plain, host)) {
      fail_msg("%s = %g changes nothing", cases[i][0].symbol, (double)cases[i][0].value);
    }
    minihost_free(host);
  }
  minihost_free(plain);
}

static void
range_and_scale_are_kept(void **const state)
{
  static const struct setting settings[] = {
      {"low_note", 60.0F}, {"high_note", 71.0F}, {"key", 1.0F}, {"scale_lock", 1.0F}, {NULL, 0.0F}};
  struct minihost *const host = played(*state, settings);
  size_t count = 0;
  const struct minihost_event *const events = minihost_events(host, &count);
  for (size_t i = 0; i < count; ++i) {
    if (is_note_on(&events[i])) {
      assert_non_null(strchr("<>@ACEG", events[i].bytes[1])); // C D E F G A B
    }
  }
  minihost_free(host);
}

static void
polyphony_is_kept(void **const state)
{
  for (int polyphony = 1; polyphony <= 3; ++polyphony) {
    const struct setting settings[] = {{"polyphony", (float)polyphony}, {NULL, 0.0F}};
    struct minihost *const host = played(*state, settings);
    size_t count = 0;
    const struct minihost_event *const events = minihost_events(host, &count);
    int sounding = 0;
    for (size_t i = 0; i < count; ++i) {
      sounding += is_note_on(&events[i]) - ((events[i].bytes[0] & 0xF0) == NOTE_OFF);
      assert_true(sounding <= polyphony);
    }
    minihost_free(host);
  }
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_control_of_the_music_is_heard),
      cmocka_unit_test(range_and_scale_are_kept),
      cmocka_unit_test(polyphony_is_kept),
  };
  return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
