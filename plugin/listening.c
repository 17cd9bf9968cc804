// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// MIDI input.

#include "listening.h"

#include <stddef.h>

enum {
  TONES = 12,
  MIDDLE_C = 60,
  NOTE_OFF = 0x80,
  NOTE_ON = 0x90,
  CONTROL_CHANGE = 0xB0,
  PITCH_BEND = 0xE0,
  SYSTEM_RESET = 0xFF,
  ALL_SOUND_OFF = 120, // From here on: channel mode messages
  ALL_NOTES_OFF = 123, // From here on: those that end notes
};

/// How fast a hand's register goes to what it plays.
static const float REGISTER_SHARE = 0.25F;

/// How far the middle of what is played must be beyond middle C until the player's hand counts as the other one.
static const float HAND_SLACK = 4.0F;

void
listening_init(struct listening *const listening) REALTIME
{
  *listening = (struct listening){.hand = HAND_RIGHT,
                                  .register_of = {[HAND_RIGHT] = MIDDLE_C + TONES, [HAND_LEFT] = MIDDLE_C - TONES}};
}

struct heard_message
listening_read(const uint8_t *const bytes, const uint32_t size) REALTIME
{
  struct heard_message message = {.kind = HEARD_NOTHING};
  if (size == 1 && bytes[0] == SYSTEM_RESET) {
    message.kind = HEARD_ALL_OFF;
    message.channel = LISTENING_CHANNELS;
    return message;
  }
  if (size != 3 || bytes[0] < NOTE_OFF || bytes[0] >= 0xF0 || bytes[1] > 127 || bytes[2] > 127) {
    return message;
  }
  message.status = bytes[0] & 0xF0;
  message.channel = bytes[0] & 0x0F;
  message.first = bytes[1];
  message.second = bytes[2];
  if (message.status == NOTE_ON && message.second > 0) {
    message.kind = HEARD_ON;
  } else if (message.status == NOTE_ON || message.status == NOTE_OFF) {
    message.kind = HEARD_OFF;
  } else if (message.status == CONTROL_CHANGE) {
    const bool ends = message.first == ALL_SOUND_OFF || message.first >= ALL_NOTES_OFF;
    message.kind = ends ? HEARD_ALL_OFF : message.first < ALL_SOUND_OFF ? HEARD_CONTROL : HEARD_NOTHING;
  } else if (message.status == PITCH_BEND) {
    message.kind = HEARD_CONTROL;
  }
  return message;
}

// Places

/// Towards minus infinity.
static int64_t
whole_below(const double value) REALTIME
{
  const int64_t truncated = (int64_t)value;
  return (double)truncated > value ? truncated - 1 : truncated;
}

/// The run tick nearest to now.
static int64_t
nearest_tick(const struct clock *const clock) REALTIME
{
  const int64_t tick = whole_below(clock_tick(clock) + 0.5);
  return tick > clock->bar_start ? tick : clock->bar_start;
}

/// The first run tick that has not sounded yet.
static int64_t
next_tick(const struct clock *const clock) REALTIME
{
  return clock_is_rolling(clock) ? clock_first_tick(clock, clock->now) : -whole_below(-clock_tick(clock));
}

/// The song's place at run tick `tick`, in the clock's bar or bars of its metre after it.
static struct position
place_of_tick(const struct clock *const clock, const int64_t tick) REALTIME
{
  if (clock->bar < 0 || clock->bar > INT32_MAX) {
    return (struct position){0, 0};
  }
  const int64_t length = metre_bar_ticks(clock->metre);
  const int64_t offset = tick > clock->bar_start ? tick - clock->bar_start : 0;
  return (struct position){.bar = (uint32_t)(clock->bar + offset / length), .tick = (uint32_t)(offset % length)};
}

static bool
is_before(const struct position a, const struct position b) REALTIME
{
  return a.bar < b.bar || (a.bar == b.bar && a.tick < b.tick);
}

// Harmony

static uint16_t
held_tones(const struct listening *const listening) REALTIME
{
  uint16_t tones = 0;
  for (unsigned tone = 0; tone < TONES; ++tone) {
    tones = (uint16_t)(tones | (listening->held[tone] > 0) << tone);
  }
  return tones;
}

/// Count a key of `pitch` as down or not.
static void
count_key(struct listening *const listening, const uint8_t pitch, const bool is_down) REALTIME
{
  uint16_t *const held = &listening->held[pitch % TONES];
  *held = (uint16_t)(is_down ? *held + 1 : *held - 1);
  listening->down = is_down ? listening->down + 1 : listening->down - 1;
}

/// Tell the harmony: a key that has gone down counts now, one that has gone up from the next beat on.
static void
tell_harmony(const struct listening *const listening,
             const struct clock *const clock,
             struct composer *const composer,
             const bool at_once) REALTIME
{
  int64_t from = next_tick(clock);
  if (!at_once) {
    const int64_t beat = metre_beat_ticks(clock->metre);
    const int64_t offset = from - clock->bar_start;
    from = clock->bar_start + (offset + beat - 1) / beat * beat;
  }
  composer_hold(composer, place_of_tick(clock, from), held_tones(listening));
}

// Notes

/// Which hand plays `pitch`.
static enum hand
hand_of(struct listening *const listening, const uint8_t pitch) REALTIME
{
  if (listening->input == INPUT_ACCOMPANY) {
    return listening->hand;
  }
  const float to_right = listening->register_of[HAND_RIGHT] - (float)pitch;
  const float to_left = (float)pitch - listening->register_of[HAND_LEFT];
  const enum hand hand = to_left * to_left < to_right * to_right ? HAND_LEFT : HAND_RIGHT;
  listening->register_of[hand] += REGISTER_SHARE * ((float)pitch - listening->register_of[hand]);
  if (listening->register_of[HAND_LEFT] > listening->register_of[HAND_RIGHT] - TONES) { // Hands stay an octave apart
    listening->register_of[HAND_LEFT] = listening->register_of[HAND_RIGHT] - TONES;
  }
  return hand;
}

/// Follow the player's register; return the hand that it is.
static enum hand
player_hand(struct listening *const listening, const uint8_t pitch) REALTIME
{
  if (listening->hands != HANDS_BOTH) {
    return listening->hands == HANDS_RIGHT ? HAND_LEFT : HAND_RIGHT;
  }
  const bool is_first = !(listening->middle > 0.0F);
  listening->middle =
      is_first ? (float)pitch : listening->middle + ((float)pitch - listening->middle) / LISTENING_VOICE;
  const float slack = is_first ? 0.0F : HAND_SLACK;
  return listening->middle >= MIDDLE_C + slack  ? HAND_RIGHT
         : listening->middle < MIDDLE_C - slack ? HAND_LEFT
                                                : listening->hand;
}

/// Find the onset on the grid: the nearest tick, or that of the chord.
static void
find_onset(struct listening *const listening, const struct clock *const clock, struct key *const key) REALTIME
{
  const int64_t tick = nearest_tick(clock);
  const double late_ms = (double)(clock->now - listening->chord_frame) * 1000.0 / clock->frames_per_second;
  if (!listening->has_chord || !(late_ms < LISTENING_CHORD_MS) ||
      tick - listening->chord_tick >= LISTENING_CHORD_TICKS) {
    listening->has_chord = true;
    listening->chord_frame = clock->now;
    listening->chord_tick = tick;
    listening->chord = place_of_tick(clock, tick);
  }
  key->onset = listening->chord_tick;
  key->place = listening->chord;
}

static void
enter_note(struct listening *const listening,
           const struct heard_message *const message,
           const struct clock *const clock,
           struct composer *const composer) REALTIME
{
  struct key *const key = &listening->keys[message->channel][message->first];
  find_onset(listening, clock, key);
  const struct position next = place_of_tick(clock, next_tick(clock));
  const struct event event = {.hand = (uint8_t)message->hand, .pitch = message->first, .velocity = message->second};
  key->is_entered = composer_play(composer, key->place, is_before(next, key->place) ? key->place : next, &event);
}

/// The note of `key` ends now.
static void
end_note(struct key *const key, const uint8_t pitch, const struct clock *const clock, struct composer *const composer)
    REALTIME
{
  if (key->is_entered) {
    const int64_t ticks = nearest_tick(clock) - key->onset;
    composer_let_go(composer, key->place, pitch, (uint32_t)(ticks < 1 ? 1 : ticks > UINT16_MAX ? UINT16_MAX : ticks));
    key->is_entered = false;
  }
}

static bool
enters(const enum input_mode input) REALTIME
{
  return input == INPUT_CONTINUE || input == INPUT_ACCOMPANY;
}

// Messages

static void
key_up(struct listening *const listening,
       const uint8_t channel,
       const uint8_t pitch,
       const struct clock *const clock,
       struct composer *const composer) REALTIME
{
  struct key *const key = &listening->keys[channel][pitch];
  if (!key->is_down) {
    return;
  }
  key->is_down = false;
  count_key(listening, pitch, false);
  end_note(key, pitch, clock, composer);
  listening->last = nearest_tick(clock);
  if (listening->input == INPUT_FOLLOW) {
    tell_harmony(listening, clock, composer, false);
  } else if (listening->input == INPUT_CONTINUE && listening->down == 0) {
    composer_pause(composer, place_of_tick(clock, listening->last));
  }
}

static void
key_down(struct listening *const listening,
         struct heard_message *const message,
         const struct clock *const clock,
         struct composer *const composer,
         const bool is_open) REALTIME
{
  if (listening->keys[message->channel][message->first].is_down) {
    key_up(listening, message->channel, message->first, clock, composer);
  }
  listening->keys[message->channel][message->first] = (struct key){.is_down = true};
  count_key(listening, message->first, true);
  listening->last = nearest_tick(clock);
  if (listening->input == INPUT_ACCOMPANY) {
    listening->hand = player_hand(listening, message->first);
    composer_set_input(composer, place_of_tick(clock, next_tick(clock)), INPUT_ACCOMPANY, listening->hand);
  }
  message->hand = hand_of(listening, message->first);
  if (listening->input == INPUT_FOLLOW) {
    tell_harmony(listening, clock, composer, true);
  } else if (enters(listening->input) && is_open) {
    enter_note(listening, message, clock, composer);
  }
}

/// All keys of `channel` (LISTENING_CHANNELS: of all of them) go up.
static void
all_up(struct listening *const listening,
       const uint8_t channel,
       const struct clock *const clock,
       struct composer *const composer) REALTIME
{
  for (uint8_t c = 0; c < LISTENING_CHANNELS; ++c) {
    for (uint8_t pitch = 0; (c == channel || channel == LISTENING_CHANNELS) && pitch < LISTENING_KEYS; ++pitch) {
      key_up(listening, c, pitch, clock, composer);
    }
  }
}

void
listening_hear(struct listening *const listening,
               struct heard_message *const message,
               const struct clock *const clock,
               struct composer *const composer,
               const bool is_open) REALTIME
{
  switch (message->kind) {
  case HEARD_ON:
    key_down(listening, message, clock, composer, is_open);
    break;
  case HEARD_OFF:
    key_up(listening, message->channel, message->first, clock, composer);
    break;
  case HEARD_ALL_OFF:
    all_up(listening, message->channel, clock, composer);
    break;
  case HEARD_CONTROL:
  case HEARD_NOTHING:
    break;
  }
}

void
listening_set(struct listening *const listening,
              const enum input_mode input,
              const uint8_t hands,
              const struct clock *const clock,
              struct composer *const composer) REALTIME
{
  const struct position place = place_of_tick(clock, next_tick(clock));
  listening->hands = hands;
  if (input == listening->input) {
    return;
  }
  listening_end(listening, clock, composer);
  if (listening->input == INPUT_FOLLOW) {
    composer_hold(composer, place, 0);
  }
  listening->input = input;
  listening->middle = 0.0F;
  listening->hand = hands == HANDS_RIGHT ? HAND_LEFT : HAND_RIGHT;
  composer_set_input(composer, place, input, listening->hand);
  if (input == INPUT_FOLLOW) {
    tell_harmony(listening, clock, composer, true);
  }
}

void
listening_wait(struct listening *const listening, const struct clock *const clock, struct composer *const composer)
    REALTIME
{
  if (listening->input != INPUT_CONTINUE || listening->down == 0 || !clock_is_rolling(clock)) {
    return;
  }
  const int64_t silent = listening->last + (int64_t)LISTENING_BARS * metre_bar_ticks(clock->metre);
  if (nearest_tick(clock) >= silent) {
    composer_pause(composer, place_of_tick(clock, silent));
  }
}

void
listening_end(struct listening *const listening, const struct clock *const clock, struct composer *const composer)
    REALTIME
{
  listening->has_chord = false;
  for (uint8_t c = 0; c < LISTENING_CHANNELS && listening->down > 0; ++c) {
    for (uint8_t pitch = 0; pitch < LISTENING_KEYS; ++pitch) {
      end_note(&listening->keys[c][pitch], pitch, clock, composer);
    }
  }
  if (listening->input == INPUT_CONTINUE) {
    composer_pause(composer, place_of_tick(clock, nearest_tick(clock)));
  }
}
