// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// MIDI thru.

#include "thru.h"

#include <string.h>

enum { SUSTAIN_PEDAL = 64, PEDAL_IS_DOWN = 64, CONTROL_CHANGE = 0xB0 };

void
thru_forget(struct thru *const thru) REALTIME
{
  memset(thru, 0, sizeof *thru);
}

void
thru_flush(struct thru *const thru, struct sounding *const sounding, const uint32_t frame) REALTIME
{
  uint32_t sent = 0;
  while (sent < thru->count && sounding_hold(sounding, frame, thru->waiting[sent].channel, thru->waiting[sent].pitch,
                                             thru->waiting[sent].velocity)) {
    ++sent;
  }
  if (sent > 0) {
    thru->count -= sent;
    memmove(&thru->waiting[0], &thru->waiting[sent], thru->count * sizeof thru->waiting[0]);
  }
}

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
  const bool is_first = thru->count == 0;
  if (!(is_first && sounding_hold(sounding, frame, channel, message->first, message->second)) &&
      thru->count < THRU_WAITING) {
    thru->waiting[thru->count++] = (struct waiting_key){channel, message->first, message->second};
  }
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
  uint32_t kept = 0;
  for (uint32_t i = 0; i < thru->count; ++i) {
    const struct waiting_key *const key = &thru->waiting[i];
    if (key->channel != out - 1 || key->pitch != pitch) {
      thru->waiting[kept++] = *key;
    }
  }
  thru->count = kept;
  sounding_release(sounding, frame, (uint8_t)(out - 1), pitch);
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
    if (message->status == CONTROL_CHANGE && message->first == SUSTAIN_PEDAL) {
      sounding_pedal(sounding, frame, channel, message->second >= PEDAL_IS_DOWN);
    } else {
      sounding_pass(sounding, frame, (uint8_t)(message->status | channel), message->first, message->second);
    }
    break;
  case HEARD_ALL_OFF:
    all_up(thru, message->channel, sounding, frame);
    break;
  case HEARD_NOTHING:
    break;
  }
}
