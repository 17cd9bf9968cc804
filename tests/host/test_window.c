// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The plugin in a host with windows that look at it: what they know is what is heard, whatever is done to the take.

#include "fixture.h"
#include "roll_link.h"
#include "roll_model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { RATE = 48000, BPM = 240, BARS = 8, BLOCK = 256, HEARD = 4096 };

struct window {
  struct roll_model *model; // NULL: closed
  struct roll_link link;
};

struct desk {
  struct minihost *host;
  struct window windows[2];
  double now;
};

static void
hear(void *const data, const LV2_Atom *const atom)
{
  struct desk *const desk = data;
  for (size_t i = 0; i < 2; ++i) {
    if (desk->windows[i].model) {
      roll_model_read(desk->windows[i].model, atom);
    }
  }
}

static struct desk
desk_new(void **const state, const uint32_t output_size)
{
  const struct fixture *const fixture = *state;
  const struct minihost_options options = {.block = BLOCK, .output_size = output_size};
  struct desk desk = {.host = fixture_host(fixture, &options)};
  minihost_tempo(desk.host, BPM);
  return desk;
}

static void
open_window(struct desk *const desk, const size_t number)
{
  desk->windows[number].model = roll_model_new(minihost_map(desk->host));
  roll_link_init(&desk->windows[number].link, minihost_map(desk->host), 100 + (uint32_t)number);
  minihost_listen(desk->host, hear, desk);
}

static void
close_window(struct desk *const desk, const size_t number)
{
  minihost_send_atom(desk->host, roll_link_goodbye(&desk->windows[number].link));
  roll_model_free(desk->windows[number].model);
  desk->windows[number].model = NULL;
}

static void
desk_free(struct desk *const desk)
{
  assert_int_equal(minihost_faults(desk->host), 0);
  for (size_t i = 0; i < 2; ++i) {
    roll_model_free(desk->windows[i].model);
  }
  minihost_free(desk->host);
}

// Let the host run for a while, and the windows with it.
static void
run(struct desk *const desk, const double seconds)
{
  for (double end = desk->now + seconds; desk->now < end; desk->now += (double)BLOCK / RATE) {
    for (size_t i = 0; i < 2; ++i) {
      struct window *const window = &desk->windows[i];
      const LV2_Atom *const atom =
          window->model ? roll_link_message(&window->link, window->model, 0, BARS, desk->now) : NULL;
      if (atom) {
        minihost_send_atom(desk->host, atom);
      }
    }
    minihost_run(desk->host, BLOCK);
  }
}

// Play all bars from the start, then stand still until the windows have been told.
static void
play(struct desk *const desk)
{
  minihost_locate(desk->host, 0, 0.0);
  run(desk, 0.5);
  minihost_forget_events(desk->host);
  minihost_play(desk->host);
  run(desk, BARS * 4 * 60.0 / BPM + 0.01);
  minihost_stop(desk->host);
  run(desk, 2.0);
}

// The window knows the notes that were heard in bars 0 to BARS - 1, and no others. Return how many that are.
static size_t
assert_heard(struct desk *const desk, const size_t number)
{
  size_t count = 0;
  size_t notes = 0;
  const struct minihost_event *const events = minihost_events(desk->host, &count);
  uint32_t at[BARS] = {0}; // Notes of each bar that were gone over
  for (size_t i = 0; i < count; ++i) {
    if ((events[i].bytes[0] & 0xF0U) != 0x90U || events[i].tick >= BARS * 96) {
      continue;
    }
    const int32_t bar = (int32_t)(events[i].tick / 96);
    const struct roll_bar *const known = roll_model_bar(desk->windows[number].model, bar);
    assert_non_null(known);
    assert_true(at[bar] < known->count);
    const struct roll_note *const note = &known->notes[at[bar]++];
    assert_int_equal(note->tick, events[i].tick % 96);
    assert_int_equal(note->pitch, events[i].bytes[1]);
    assert_int_equal(note->velocity, events[i].bytes[2]);
    ++notes;
  }
  for (int32_t bar = 0; bar < BARS; ++bar) {
    const struct roll_bar *const known = roll_model_bar(desk->windows[number].model, bar);
    assert_int_equal(known ? known->count : 0, at[bar]);
    assert_int_equal(roll_model_metre(desk->windows[number].model, bar).numerator, 4);
  }
  return notes;
}

static unsigned
flags_of(const struct desk *const desk, const int32_t bar)
{
  const struct roll_bar *const known = roll_model_bar(desk->windows[0].model, bar);
  return known ? known->flags : 0;
}

static void
press(struct desk *const desk, const char *const symbol)
{
  minihost_set(desk->host, symbol, 1.0F);
  run(desk, 0.1);
  minihost_set(desk->host, symbol, 0.0F);
  run(desk, 0.1);
}

static void
windows_know_what_is_heard(void **const state)
{
  struct desk desk = desk_new(state, 0);
  play(&desk);
  open_window(&desk, 0); // Late
  run(&desk, 2.0);
  const size_t notes = assert_heard(&desk, 0);
  assert_true(notes > 20);

  open_window(&desk, 1); // A second one
  play(&desk);
  assert_int_equal(assert_heard(&desk, 0), notes);
  assert_int_equal(assert_heard(&desk, 1), notes);

  close_window(&desk, 0);
  minihost_set(desk.host, "seed", 77.0F);
  play(&desk);
  assert_heard(&desk, 1);
  open_window(&desk, 0);
  run(&desk, 2.0);
  assert_int_equal(assert_heard(&desk, 0), assert_heard(&desk, 1));
  desk_free(&desk);
}

static void
they_know_what_is_done_to_the_take(void **const state)
{
  struct desk desk = desk_new(state, 0);
  open_window(&desk, 0);
  play(&desk);
  assert_heard(&desk, 0);
  const int32_t undo = (int32_t)roll_model_moment(desk.windows[0].model)->undo;

  minihost_locate(desk.host, 3, 0.0);
  run(&desk, 0.5);
  press(&desk, "regenerate");
  run(&desk, 2.0);
  assert_int_equal(roll_model_moment(desk.windows[0].model)->undo, undo + 1);
  assert_null(roll_model_bar(desk.windows[0].model, BARS - 1)); // Forgotten, not composed yet
  play(&desk);
  assert_heard(&desk, 0);
  press(&desk, "undo");
  play(&desk);
  assert_heard(&desk, 0);

  minihost_set_bars(desk.host, "lockBars", "2-3");
  run(&desk, 2.0);
  for (int32_t bar = 0; bar < BARS; ++bar) {
    assert_int_equal((flags_of(&desk, bar) & BAR_IS_LOCKED) != 0, bar == 1 || bar == 2);
  }

  minihost_locate(desk.host, 0, 0.0);
  minihost_set(desk.host, "look_ahead", 1.0F);
  run(&desk, 1.0);
  assert_int_equal(flags_of(&desk, 6) & BAR_IS_STALE, 0);
  minihost_set(desk.host, "temperature", 1.7F);
  run(&desk, 2.0);
  assert_true((flags_of(&desk, 6) & BAR_IS_STALE) != 0);
  assert_int_equal(flags_of(&desk, 2) & BAR_IS_STALE, 0); // Locked
  play(&desk);
  assert_heard(&desk, 0);
  assert_int_equal(flags_of(&desk, 6) & BAR_IS_STALE, 0); // Composed anew

  minihost_set_bars(desk.host, "regenerateBars", "5");
  play(&desk);
  assert_heard(&desk, 0);
  desk_free(&desk);
}

static void
small_buffers_are_enough(void **const state)
{
  struct desk desk = desk_new(state, 1024);
  open_window(&desk, 0);
  play(&desk);
  run(&desk, 4.0);
  assert_true(assert_heard(&desk, 0) > 20);
  desk_free(&desk);
}

static void
with_nobody_there_nothing_is_sent(void **const state)
{
  struct desk desk = desk_new(state, 0);
  struct desk other = {.windows = {{.model = roll_model_new(minihost_map(desk.host))}}};
  minihost_listen(desk.host, hear, &other); // Overhears
  play(&desk);
  assert_null(roll_model_bar(other.windows[0].model, 0));
  assert_int_equal(roll_model_moment(other.windows[0].model)->flags, 0);
  roll_model_free(other.windows[0].model);
  desk_free(&desk);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(windows_know_what_is_heard),
      cmocka_unit_test(they_know_what_is_done_to_the_take),
      cmocka_unit_test(small_buffers_are_enough),
      cmocka_unit_test(with_nobody_there_nothing_is_sent),
  };
  return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
