// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Blocks that come at the very moment when the take is being copied by a thread that saves. They let time pass in silence, but
// nothing that comes in with them is lost: keys, messages, triggers and jumps of the song. The test holds the lease as that
// thread does (keeping.h).

#include "fixture.h"

#include "plugin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { RATE = 48000, BAR = 96000, BLOCK = 256, NOTE_ON = 0x90, NOTE_OFF = 0x80, CONTROL = 0xB0 };

static int
setup(void **const state)
{
  if (fixture_setup(state) != 0) {
    return -1;
  }
  const struct fixture *const fixture = *state;
  return fixture_random_weights(fixture->weights, 3);
}

// Run `frames` while somebody else has the lease.
static void
run_aside(struct minihost *const host, const int64_t frames)
{
  struct plugin *const plugin = minihost_handle(host);
  atomic_store(&plugin->keeping.lease, LEASE_SAVE);
  minihost_run(host, frames);
  atomic_store(&plugin->keeping.lease, LEASE_FREE);
}

// A host that has rolled for a bar in that input.
static struct minihost *
rolling_host(const struct fixture *const fixture, const enum input_mode input)
{
  struct minihost *const host = fixture_host(fixture, NULL);
  minihost_set(host, "input", (float)input);
  fixture_start(host);
  minihost_run(host, BAR);
  return host;
}

static void
send(struct minihost *const host, const int status, const int first, const int second)
{
  const uint8_t bytes[] = {(uint8_t)status, (uint8_t)first, (uint8_t)second};
  minihost_send_midi(host, bytes, 3);
}

// How often that message was heard.
static unsigned
heard(const struct minihost *const host, const int status, const int first)
{
  size_t count = 0;
  unsigned times = 0;
  const struct minihost_event *const events = minihost_events(host, &count);
  for (size_t i = 0; i < count; ++i) {
    times += events[i].bytes[0] == status && events[i].bytes[1] == first;
  }
  return times;
}

static void
a_block_aside_is_silent_and_the_music_goes_on_where_time_has_led(void **const state)
{
  struct minihost *const host = rolling_host(*state, INPUT_NONE);
  minihost_forget_events(host);
  run_aside(host, 10000);
  size_t count = 0;
  minihost_events(host, &count);
  assert_int_equal(count, 0);
  minihost_run(host, 4 * (int64_t)BAR);
  assert_true(fixture_note_count(host) > 10);
  fixture_assert_on_grid(host);
  assert_true(minihost_get(host, "late") == 0.0F);
  fixture_finish(host);
}

static void
keys_are_heard_in_the_next_block(void **const state)
{
  for (enum input_mode input = INPUT_CONTINUE; input <= INPUT_ACCOMPANY; input += 2) {
    struct minihost *const host = rolling_host(*state, input);
    send(host, NOTE_ON, 60, 90); // Held all the time
    minihost_run(host, BLOCK);
    send(host, NOTE_ON, 64, 91);
    send(host, CONTROL, 1, 77);
    run_aside(host, BLOCK);
    send(host, NOTE_ON, 67, 92);
    run_aside(host, BLOCK);
    assert_int_equal(heard(host, NOTE_ON, 64), 0);
    minihost_run(host, BLOCK);
    assert_int_equal(heard(host, NOTE_ON, 64), 1);
    assert_int_equal(heard(host, NOTE_ON, 67), 1);
    assert_int_equal(heard(host, CONTROL, 1), 1);
    assert_int_equal(heard(host, NOTE_OFF, 60), 0);
    assert_true(minihost_sounding(host) >= 3);
    send(host, NOTE_OFF, 60, 0);
    send(host, NOTE_OFF, 64, 0);
    run_aside(host, BLOCK);
    send(host, NOTE_OFF, 67, 0);
    minihost_run(host, BLOCK);
    assert_int_equal(heard(host, NOTE_OFF, 60), 1);
    assert_int_equal(heard(host, NOTE_OFF, 64), 1);
    assert_int_equal(heard(host, NOTE_OFF, 67), 1);

    // And they are in the take
    minihost_set_truth(host, "thru", 0);
    minihost_locate(host, 0, 0.0);
    minihost_run(host, 256);
    minihost_forget_events(host);
    minihost_run(host, 2 * (int64_t)BAR);
    assert_true(heard(host, NOTE_ON, 60) > 0 && heard(host, NOTE_ON, 64) > 0 && heard(host, NOTE_ON, 67) > 0);
    fixture_finish(host);
  }
}

static void
a_harmony_that_is_let_go_there_is_free(void **const state)
{
  struct minihost *const host = rolling_host(*state, INPUT_FOLLOW);
  send(host, NOTE_ON, 60, 90);
  run_aside(host, BLOCK);
  minihost_run(host, BLOCK);
  minihost_forget_events(host);
  minihost_run(host, 2 * (int64_t)BAR);
  size_t count = 0;
  unsigned others = 0;
  const struct minihost_event *events = minihost_events(host, &count);
  for (size_t i = 0; i < count; ++i) {
    others += (events[i].bytes[0] & 0xF0) == NOTE_ON && events[i].bytes[1] % 12 != 0;
  }
  assert_true(fixture_note_count(host) > 2);
  assert_int_equal(others, 0);

  send(host, NOTE_OFF, 60, 0);
  run_aside(host, BLOCK);
  minihost_forget_events(host);
  minihost_run(host, 4 * (int64_t)BAR);
  events = minihost_events(host, &count);
  for (size_t i = 0; i < count; ++i) {
    others += (events[i].bytes[0] & 0xF0) == NOTE_ON && events[i].bytes[1] % 12 != 0;
  }
  assert_true(others > 5);
  fixture_finish(host);
}

// The notes heard; the caller frees them.
static char *
notes_text(const struct minihost *const host)
{
  size_t count = 0;
  const struct minihost_event *const events = minihost_events(host, &count);
  char *const text = calloc(count + 1, 16);
  size_t used = 0;
  for (size_t i = 0; i < count; ++i) {
    if ((events[i].bytes[0] & 0xF0) == NOTE_ON) {
      used += (size_t)snprintf(text + used, 16, "%d %d,", events[i].bytes[1], events[i].bytes[2]);
    }
  }
  return text;
}

// The notes of bars 3 to 8 after `trigger` was high for one block at the end of bar 0, in a block aside or not.
static char *
music_after(const struct fixture *const fixture, const char *const trigger, const bool aside)
{
  struct minihost *const host = rolling_host(fixture, INPUT_NONE);
  minihost_set(host, "regenerate", 1.0F); // So that there is something to undo
  minihost_run(host, BLOCK);
  minihost_set(host, "regenerate", 0.0F);
  minihost_run(host, BLOCK);
  minihost_set(host, trigger, 1.0F);
  if (aside) {
    run_aside(host, BLOCK);
  } else {
    minihost_run(host, BLOCK);
  }
  minihost_set(host, trigger, 0.0F);
  minihost_run(host, 2 * (int64_t)BAR);
  minihost_locate(host, 3, 0.0);
  minihost_run(host, BLOCK);
  minihost_forget_events(host);
  minihost_locate(host, 3, 0.0);
  minihost_run(host, 5 * (int64_t)BAR);
  char *const text = notes_text(host);
  fixture_finish(host);
  return text;
}

static void
triggers_that_rise_there_count_once(void **const state)
{
  char *const untouched = music_after(*state, "lock", false);
  assert_true(strlen(untouched) > 50);
  static const char *const triggers[] = {"regenerate", "undo"};
  for (size_t i = 0; i < 2; ++i) {
    char *const usual = music_after(*state, triggers[i], false);
    char *const aside = music_after(*state, triggers[i], true);
    assert_string_not_equal(usual, untouched);
    assert_string_equal(usual, aside);
    free(usual);
    free(aside);
  }
  free(untouched);
}

static void
requests_are_met(void **const state)
{
  const struct fixture *const fixture = *state;
  struct minihost *const host = rolling_host(fixture, INPUT_NONE);
  minihost_set_weights(host, fixture->other);
  run_aside(host, BLOCK);
  minihost_set_bars(host, "lockBars", "2-3");
  run_aside(host, BLOCK);
  minihost_run(host, 1024);
  minihost_ask(host);
  minihost_run(host, 1024);
  assert_string_equal(minihost_property(host, "weights"), fixture->other);
  assert_string_equal(minihost_property(host, "lockBars"), "2-3");
  fixture_finish(host);
}

// The notes of two bars after a jump to bar 20, in a block aside or not.
static char *
music_after_jump(const struct fixture *const fixture, const bool aside)
{
  struct minihost *const host = rolling_host(fixture, INPUT_NONE);
  minihost_forget_events(host);
  minihost_locate(host, 20, 0.0);
  if (aside) {
    run_aside(host, BLOCK);
  } else {
    minihost_run(host, BLOCK);
  }
  minihost_run(host, BAR / 2); // The first notes fell into that block
  minihost_forget_events(host);
  minihost_run(host, 2 * (int64_t)BAR);
  fixture_assert_on_grid(host);
  char *const text = notes_text(host);
  minihost_stop(host);
  run_aside(host, BLOCK);
  minihost_run(host, BLOCK);
  assert_int_equal(minihost_sounding(host), 0);
  fixture_finish(host);
  return text;
}

static void
a_jump_of_the_song_is_followed(void **const state)
{
  char *const usual = music_after_jump(*state, false);
  char *const aside = music_after_jump(*state, true);
  assert_true(strlen(usual) > 20);
  assert_string_equal(usual, aside);
  free(usual);
  free(aside);
}

static void
more_than_there_is_room_for_leaves_nothing_hanging(void **const state)
{
  struct minihost *const host = rolling_host(*state, INPUT_CONTINUE);
  send(host, NOTE_ON, 60, 90);
  minihost_run(host, BLOCK);
  for (int i = 0; i < 60; ++i) {
    for (int k = 0; k < 100; ++k) {
      send(host, CONTROL, k, 80);
    }
    run_aside(host, 64);
  }
  send(host, NOTE_OFF, 60, 0); // There is no room for this one
  run_aside(host, 64);
  send(host, NOTE_ON, 61, 90);
  minihost_run(host, 4096);
  assert_int_equal(minihost_sounding(host), 1); // What came after it is as usual
  send(host, NOTE_OFF, 61, 90);
  minihost_run(host, 4 * (int64_t)BAR);
  fixture_finish(host);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_block_aside_is_silent_and_the_music_goes_on_where_time_has_led),
      cmocka_unit_test(keys_are_heard_in_the_next_block),
      cmocka_unit_test(a_harmony_that_is_let_go_there_is_free),
      cmocka_unit_test(triggers_that_rise_there_count_once),
      cmocka_unit_test(requests_are_met),
      cmocka_unit_test(a_jump_of_the_song_is_followed),
      cmocka_unit_test(more_than_there_is_room_for_leaves_nothing_hanging),
  };
  return cmocka_run_group_tests(tests, setup, fixture_teardown);
}
