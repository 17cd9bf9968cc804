// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "performance.h"

#include "random.h"

enum {
  TONES = 12,
  CHORD_SPREAD = 8, // Notes over which a chord is spread
  MIDDLE_VELOCITY = 64,

  // Draws of one note or onset
  DRAW_ONSET = 0,
  DRAW_SPREAD,
  DRAW_VELOCITY, // Two
};

// The share of a delay that is the onset's; the rest is the place in the chord
static const float ONSET_SHARE = 0.6F;

static uint8_t
delay_of(const float looseness, const uint64_t onset_key, const uint64_t note_key, const uint32_t number) REALTIME
{
  const float place = (float)number + random_uniform(note_key, DRAW_SPREAD);
  const float spread = place < CHORD_SPREAD ? place / CHORD_SPREAD : 1.0F;
  const float share = ONSET_SHARE * random_uniform(onset_key, DRAW_ONSET) + (1.0F - ONSET_SHARE) * spread;
  return (uint8_t)(looseness * share * (float)(FINE_TICKS - 1));
}

static int
velocity_offset(const float looseness, const uint64_t note_key) REALTIME
{
  const float sum = random_uniform(note_key, DRAW_VELOCITY) + random_uniform(note_key, DRAW_VELOCITY + 1);
  return (int)((sum - 1.0F) * looseness * HUMANIZE_VELOCITY);
}

static uint8_t
bounded_velocity(const int velocity) REALTIME
{
  return (uint8_t)(velocity < 1 ? 1 : velocity > 127 ? 127 : velocity);
}

struct performed_note
performance_note(const struct performance *const performance,
                 const uint32_t bar,
                 const struct take_note *const note,
                 const uint32_t number) REALTIME
{
  const struct event *const event = &note->event;
  const bool is_left = event->hand == HAND_LEFT && performance->left_channel > 0;
  const int composed = event->velocity > 0 && event->velocity < 128 ? event->velocity : MIDDLE_VELOCITY;
  struct performed_note performed = {
      .channel = (uint8_t)((is_left ? performance->left_channel - 1 : performance->channel) & 15),
      .pitch = event->pitch & 127,
  };
  const bool is_composed = note->origin == TAKE_COMPOSED;
  int velocity = composed + (is_composed ? performance->velocity : 0);
  if (performance->humanize > 0 && is_composed) {
    const float looseness = (float)(performance->humanize < 100 ? performance->humanize : 100) / 100.0F;
    const uint64_t onset_key = random_key(random_key(performance->seed, bar), note->tick);
    const uint64_t note_key = random_key(onset_key, event->pitch);
    performed.delay = delay_of(looseness, onset_key, note_key, number);
    velocity += velocity_offset(looseness, note_key);
  }
  performed.velocity = bounded_velocity(velocity);
  return performed;
}

uint32_t
performance_channels(const struct performance *const performance, uint8_t channels[PEDAL_CHANNELS]) REALTIME
{
  channels[0] = performance->channel & 15;
  channels[1] = (uint8_t)((performance->left_channel - 1) & 15);
  return performance->left_channel > 0 && channels[1] != channels[0] ? 2 : 1;
}

bool
harmony_hear(struct harmony *const harmony, const struct take_note *const note, const struct metre metre) REALTIME
{
  if (note->sounding == 0) {
    return false;
  }
  const uint16_t tone = (uint16_t)(1U << note->event.pitch % TONES);
  const bool is_lowest = harmony->classes == 0 || note->tick != harmony->tick;
  const bool is_on_beat = note->tick % metre_beat_ticks(metre) == 0;
  const bool changes = harmony->classes == 0 || (is_lowest && is_on_beat && !(harmony->classes & tone));
  harmony->classes = (uint16_t)(changes ? tone : harmony->classes | tone);
  harmony->tick = note->tick;
  return changes;
}
