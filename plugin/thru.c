// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// MIDI thru.

#include "thru.h"

#include <string.h>

enum { SUSTAIN_PEDAL = 64, PEDAL_IS_DOWN = 64, CONTROL_CHANGE = 0xB0, PITCH_BEND = 0xE0 };

void
thru_init(struct thru *const thru) REALTIME
{
  memset(thru, 0, sizeof *thru);
}

// Waiting

/// Send what is at `place`. False if there is no room.
static bool
send(struct sounding *const sounding, const uint32_t frame, const uint32_t place, const struct waiting *const what)
    REALTIME
{
  const uint8_t channel = (uint8_t)(place / THRU_THINGS);
  const uint32_t thing = place % THRU_THINGS;
  if (thing == THRU_WHEEL) {
    return sounding_pass(sounding, frame, (uint8_t)(PITCH_BEND | channel), what->first, what->second);
  }
  if (thing == THRU_CONTROLLER + SUSTAIN_PEDAL) {
    return sounding_pedal(sounding, frame, channel, what->second >= PEDAL_IS_DOWN);
  }
  if (thing >= THRU_CONTROLLER) {
    return sounding_pass(sounding, frame, (uint8_t)(CONTROL_CHANGE | channel), what->first, what->second);
  }
  if (!sounding_hold(sounding, frame, channel, what->first, what->second)) {
    return false;
  }
  if (what->is_released) {
    sounding_release(sounding, frame, channel, what->first);
  }
  return true;
}

/// Append `place` to the order.
static void
append(struct thru *const thru, const uint32_t place) REALTIME
{
  thru->order[(thru->first + thru->count++) % THRU_PLACES] = (uint16_t)place;
}

/// Send a message at once, or as soon as there is room and all that came before it has gone.
static void
pass(struct thru *const thru,
     struct sounding *const sounding,
     const uint32_t frame,
     const uint32_t place,
     const struct waiting what) REALTIME
{
  struct waiting *const waiting = &thru->things[place];
  if (thru->count == 0 && send(sounding, frame, place, &what)) {
    return;
  }
  if (!waiting->is_waiting) {
    append(thru, place);
  }
  *waiting = what;
  waiting->is_waiting = true;
}

void
thru_flush(struct thru *const thru, struct sounding *const sounding, const uint32_t frame) REALTIME
{
  while (thru->count > 0) {
    const uint32_t place = thru->order[thru->first];
    if (!send(sounding, frame, place, &thru->things[place])) {
      return;
    }
    thru->things[place].is_waiting = false;
    thru->first = (thru->first + 1) % THRU_PLACES;
    --thru->count;
  }
}

void
thru_forget(struct thru *const thru) REALTIME
{
  memset(thru->out, 0, sizeof thru->out);
  const uint32_t count = thru->count;
  thru->count = 0;
  for (uint32_t i = 0; i < count; ++i) { // What stays moves up; it never overtakes what is still to be looked at
    const uint32_t place = thru->order[(thru->first + i) % THRU_PLACES];
    const uint32_t thing = place % THRU_THINGS;
    if (thing < THRU_CONTROLLER || thing == THRU_CONTROLLER + SUSTAIN_PEDAL) {
      thru->things[place].is_waiting = false;
    } else {
      append(thru, place);
    }
  }
}

// Messages

/// The channel of `hand`.
static uint8_t
channel_of(const struct performance *const performance, const enum hand hand) REALTIME
{
  const bool is_left = hand == HAND_LEFT && performance->left_channel > 0;
  return (uint8_t)((is_left ? performance->left_channel - 1 : performance->channel) & 15);
}

static void
key_down(struct thru *const thru,
         const struct heard_message *const message,
         const uint8_t channel,
         struct sounding *const sounding,
         const uint32_t frame) REALTIME
{
  thru->out[message->channel][message->first] = (uint8_t)(channel + 1);
  const struct waiting note = {.first = message->first, .second = message->second};
  pass(thru, sounding, frame, (uint32_t)channel * THRU_THINGS + message->first, note);
}

static void
key_up(struct thru *const thru,
       const uint8_t channel,
       const uint8_t pitch,
       struct sounding *const sounding,
       const uint32_t frame) REALTIME
{
  const uint8_t out = thru->out[channel][pitch];
  if (out == 0) {
    return;
  }
  thru->out[channel][pitch] = 0;
  struct waiting *const note = &thru->things[(out - 1U) * THRU_THINGS + pitch];
  if (note->is_waiting) {
    note->is_released = true;
  } else {
    sounding_release(sounding, frame, (uint8_t)(out - 1), pitch);
  }
}

static void
move_control(struct thru *const thru,
             const struct heard_message *const message,
             const uint8_t channel,
             struct sounding *const sounding,
             const uint32_t frame) REALTIME
{
  const uint32_t thing =
      message->status == PITCH_BEND ? (uint32_t)THRU_WHEEL : (uint32_t)THRU_CONTROLLER + message->first;
  const struct waiting value = {.first = message->first, .second = message->second};
  pass(thru, sounding, frame, channel * THRU_THINGS + thing, value);
}

static void
all_up(struct thru *const thru, const uint8_t channel, struct sounding *const sounding, const uint32_t frame) REALTIME
{
  for (uint8_t c = 0; c < LISTENING_CHANNELS; ++c) {
    for (uint8_t pitch = 0; (c == channel || channel == LISTENING_CHANNELS) && pitch < LISTENING_KEYS; ++pitch) {
      key_up(thru, c, pitch, sounding, frame);
    }
  }
}

void
thru_hear(struct thru *const thru,
          const struct heard_message *const message,
          const struct performance *const performance,
          struct sounding *const sounding,
          const uint32_t frame) REALTIME
{
  const uint8_t channel = channel_of(performance, message->hand);
  switch (message->kind) {
  case HEARD_ON:
    key_up(thru, message->channel, message->first, sounding, frame);
    key_down(thru, message, channel, sounding, frame);
    break;
  case HEARD_OFF:
    key_up(thru, message->channel, message->first, sounding, frame);
    break;
  case HEARD_CONTROL:
    move_control(thru, message, channel, sounding, frame);
    break;
  case HEARD_ALL_OFF:
    all_up(thru, message->channel, sounding, frame);
    break;
  case HEARD_NOTHING:
    break;
  }
}
