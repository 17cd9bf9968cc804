// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What Carla does otherwise than others: event buffers of 8192 or 8447 bytes, positions as atom:Blank in every block, a beat that is
// always 0 (minihost.c sends that to all), 128 note-offs behind every program change, paths that are relative in presets.

#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { RATE = 48000, BLOCK = 512 };

static const uint32_t carlas_sizes[] = {8192, 8447};

static struct minihost *
carla(const struct fixture *const fixture, const uint32_t size)
{
  const struct minihost_options options = {
      .rate = RATE,
      .block = BLOCK,
      .output_size = size,
      .worker = MINIHOST_WORKER_THREAD,
      .positions = MINIHOST_POSITIONS_EACH_BLOCK,
      .blank = 1,
  };
  struct minihost *const host = fixture_host(fixture, &options);
  minihost_set(host, "pedal", 1.0F);
  return host;
}

static void
assert_same_events(const struct minihost *const a, const struct minihost *const b, const size_t least)
{
  size_t count[2] = {0, 0};
  const struct minihost_event *const events[2] = {minihost_events(a, &count[0]), minihost_events(b, &count[1])};
  assert_int_equal(count[0], count[1]);
  assert_true(count[0] >= least);
  for (size_t i = 0; i < count[0]; ++i) {
    assert_int_equal(events[0][i].frame, events[1][i].frame);
    assert_memory_equal(events[0][i].bytes, events[1][i].bytes, 3);
  }
}

/// Play in 4/4 and then, from a bar line on, in 6/8, jump back and stop.
static void
play(struct minihost *const host)
{
  fixture_start(host);
  minihost_run(host, 16 * RATE);
  minihost_metre(host, 6, 8);
  minihost_tempo(host, 200.0);
  minihost_run(host, 8 * RATE);
  minihost_locate(host, 2, 0.0);
  minihost_run(host, 4 * RATE);
  minihost_stop(host);
  minihost_run(host, 2 * BLOCK);
  assert_int_equal(minihost_sounding(host), 0);
  assert_int_equal(minihost_faults(host), 0);
}

static void
carlas_buffers_and_positions_make_no_difference(void **const state)
{
  const struct minihost_options usual = {.rate = RATE, .block = BLOCK, .worker = MINIHOST_WORKER_THREAD};
  struct minihost *const other = fixture_host(*state, &usual);
  minihost_set(other, "pedal", 1.0F);
  play(other);
  for (size_t i = 0; i < sizeof carlas_sizes / sizeof carlas_sizes[0]; ++i) {
    struct minihost *const host = carla(*state, carlas_sizes[i]);
    play(host);
    assert_same_events(other, host, 60);
    minihost_free(host);
  }
  minihost_free(other);
}

/// As Carla does when its user chooses a MIDI program.
static void
change_program(struct minihost *const host)
{
  const uint8_t change[] = {0xC0, 5};
  minihost_send_midi(host, change, sizeof change);
  for (uint8_t pitch = 0; pitch < 128; ++pitch) {
    const uint8_t off[] = {0x80, pitch, 0};
    minihost_send_midi(host, off, sizeof off);
  }
}

static void
a_program_change_with_its_note_offs_changes_nothing(void **const state)
{
  for (int input = 0; input < 4; ++input) {
    struct minihost *const hosts[2] = {carla(*state, carlas_sizes[0]), carla(*state, carlas_sizes[0])};
    for (int i = 0; i < 2; ++i) {
      minihost_set(hosts[i], "input", (float)input);
      fixture_start(hosts[i]);
      for (int second = 0; second < 12; ++second) {
        if (i > 0 && second % 3 == 1) {
          change_program(hosts[i]);
        }
        minihost_run(hosts[i], RATE);
      }
      minihost_stop(hosts[i]);
      minihost_run(hosts[i], 2 * BLOCK);
      assert_int_equal(minihost_sounding(hosts[i]), 0);
      assert_int_equal(minihost_faults(hosts[i]), 0);
    }
    assert_same_events(hosts[0], hosts[1], input == 0 ? 20 : 0); // The others may wait for keys
    minihost_free(hosts[0]);
    minihost_free(hosts[1]);
  }
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(carlas_buffers_and_positions_make_no_difference),
      cmocka_unit_test(a_program_change_with_its_note_offs_changes_nothing),
  };
  return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
