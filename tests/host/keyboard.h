// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Somebody plays a keyboard into the plugin, whose weights are small and random; and what is heard of it.

#ifndef RITORNELLO_KEYBOARD_H
#define RITORNELLO_KEYBOARD_H

#include "fixture.h"

#include <stdbool.h>
#include <stdint.h>

enum { RATE = 48000, BAR = 96000, TICK = 1000, NOTE_ON = 0x90, NOTE_OFF = 0x80, CONTROL = 0xB0 };

/// Values of the port `input`.
enum { NOTHING, CONTINUE, FOLLOW, ACCOMPANY };

/// As fixture_setup(), with random weights.
int keyboard_setup(void **state);

/// A host at bar 1 of 120 beats per minute, about to roll, in blocks of `block` frames; `start` is the frame of that. Free it
/// with fixture_finish().
struct minihost *keyboard_host(const struct fixture *fixture, int input, uint32_t block, int64_t *start);

/// Press key `pitch` at `frame`, or let it go if `velocity` is 0.
void keyboard_key(struct minihost *host, int64_t frame, int pitch, int velocity);

/// Return whether `event` is a note-on.
bool keyboard_is_on(const struct minihost_event *event);

/// How many note-ons were heard from `begin` to before `end`; in `inside` how many of them have a pitch class of `tones`.
unsigned
keyboard_notes_between(const struct minihost *host, int64_t begin, int64_t end, unsigned tones, unsigned *inside);

/// How many note-ons were heard from `begin` to before `end`.
unsigned keyboard_notes(const struct minihost *host, int64_t begin, int64_t end);

#endif // RITORNELLO_KEYBOARD_H
