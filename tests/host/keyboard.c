// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// See keyboard.h.

#include "keyboard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

int
keyboard_setup(void **const state)
{
  if (fixture_setup(state) != 0) {
    return -1;
  }
  const struct fixture *const fixture = *state;
  return fixture_random_weights(fixture->weights, 3);
}

struct minihost *
keyboard_host(const struct fixture *const fixture, const int input, const uint32_t block, int64_t *const start)
{
  const struct minihost_options options = {.block = block};
  struct minihost *const host = fixture_host(fixture, &options);
  minihost_set(host, "input", (float)input);
  minihost_run(host, RATE);
  minihost_play(host);
  *start = minihost_song(host)->frame;
  return host;
}

bool
keyboard_is_on(const struct minihost_event *const event)
{
  return (event->bytes[0] & 0xF0) == NOTE_ON;
}

unsigned
keyboard_notes_between(const struct minihost *const host,
                       const int64_t begin,
                       const int64_t end,
                       const unsigned tones,
                       unsigned *const inside)
{
  size_t count = 0;
  unsigned notes = 0;
  const struct minihost_event *const events = minihost_events(host, &count);
  *inside = 0;
  for (size_t i = 0; i < count; ++i) {
    if (keyboard_is_on(&events[i]) && events[i].frame >= begin && events[i].frame < end) {
      ++notes;
      *inside += tones >> events[i].bytes[1] % 12 & 1U;
    }
  }
  return notes;
}

unsigned
keyboard_notes(const struct minihost *const host, const int64_t begin, const int64_t end)
{
  unsigned inside = 0;
  return keyboard_notes_between(host, begin, end, 0, &inside);
}

void
keyboard_key(struct minihost *const host, const int64_t frame, const int pitch, const int velocity)
{
  minihost_send_midi_at(host, frame, velocity ? NOTE_ON : NOTE_OFF, pitch, velocity);
}
