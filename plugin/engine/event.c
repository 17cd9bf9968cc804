// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "event.h"

#include <assert.h>

// Durations: exact where articulation is heard, coarser the longer a note is.
static const uint16_t durations[DURATION_CLASSES] = {
    1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11,  12,  13,  14,  16,  18,  20,  22,
    24, 27, 30, 36, 42, 48, 60, 72, 84, 96, 120, 144, 168, 192, 240, 288, 384, 576,
};

// Advances have to be exact, or the bar line would be lost: every tick up to a half note, then every multiple of 2 or 3
// up to a whole note, of 6 up to two, and of 24 up to eight.
static const uint16_t advances[ADVANCE_CLASSES] = {
    0,   1,   2,   3,   4,   5,   6,   7,   8,   9,   10,  11,  12,  13,  14,  15,  16,          17,  18,  19,  20,
    21,  22,  23,  24,  25,  26,  27,  28,  29,  30,  31,  32,  33,  34,  35,  36,  37,          38,  39,  40,  41,
    42,  43,  44,  45,  46,  47,  48,  50,  51,  52,  54,  56,  57,  58,  60,  62,  63,          64,  66,  68,  69,
    70,  72,  74,  75,  76,  78,  80,  81,  82,  84,  86,  87,  88,  90,  92,  93,  94,          96,  102, 108, 114,
    120, 126, 132, 138, 144, 150, 156, 162, 168, 174, 180, 186, 192, 216, 240, 264, 288,         312, 336, 360, 384,
    408, 432, 456, 480, 504, 528, 552, 576, 600, 624, 648, 672, 696, 720, 744, 768, ADVANCE_END,
};

static const struct metre metres[METRE_CLASSES - 2] = {
    {2, 4}, {3, 4}, {4, 4}, {2, 2}, {3, 8}, {6, 8}, {9, 8}, {12, 8}, {6, 4},
};

// Upper bounds in notes per quarter of all density steps but the last: near the octiles of the training corpus
static const double densities[DENSITY_STEPS - 1] = {1.5, 2.5, 3.25, 4.0, 5.0, 6.25, 8.0};

static const uint16_t field_class_counts[FIELD_COUNT + 1] = {
    HAND_CLASSES, PITCH_CLASSES, DURATION_CLASSES, VELOCITY_CLASSES, ADVANCE_CLASSES, 0,
};

static const char *const field_names[FIELD_COUNT + 1] = {
    "hand", "pitch", "duration", "velocity", "advance", "token",
};

// Return the index of the value in the sorted `table` that is nearest to `value`, the lower of two equally near.
static unsigned
nearest_index(const uint16_t *const table, const unsigned count, const uint32_t value) REALTIME
{
  unsigned low = 0;
  unsigned high = count - 1;
  while (high - low > 1) {
    const unsigned middle = (low + high) / 2;
    if (table[middle] <= value) {
      low = middle;
    } else {
      high = middle;
    }
  }
  if (value <= table[low]) {
    return low;
  }
  return value >= table[high] || table[high] - value < value - table[low] ? high : low;
}

unsigned
field_classes(const enum field field) REALTIME
{
  return field_class_counts[field];
}

const char *
field_name(const enum field field) REALTIME
{
  return field_names[field];
}

uint16_t
duration_ticks(const unsigned duration_class) REALTIME
{
  assert(duration_class < DURATION_CLASSES);
  return durations[duration_class];
}

unsigned
duration_class(const uint32_t ticks) REALTIME
{
  return nearest_index(durations, DURATION_CLASSES, ticks);
}

uint16_t
advance_ticks(const unsigned advance_class) REALTIME
{
  assert(advance_class < ADVANCE_CLASSES);
  return advances[advance_class];
}

unsigned
advance_class(const uint32_t ticks) REALTIME
{
  if (ticks == ADVANCE_END) {
    return ADVANCE_CLASSES - 1;
  }
  return nearest_index(advances, ADVANCE_CLASSES - 1, ticks);
}

uint8_t
velocity_value(const unsigned velocity_class) REALTIME
{
  assert(velocity_class < VELOCITY_CLASSES);
  return (uint8_t)(8 * velocity_class + 4);
}

unsigned
velocity_class(const unsigned velocity) REALTIME
{
  return (velocity > 127 ? 127 : velocity) / 8;
}

unsigned
event_class(const struct event *const event, const enum field field) REALTIME
{
  switch (field) {
  case FIELD_HAND:
    return event->hand;
  case FIELD_PITCH:
    return event->pitch - (unsigned)PITCH_LOWEST;
  case FIELD_DURATION:
    return duration_class(event->duration);
  case FIELD_VELOCITY:
    return event->velocity == VELOCITY_UNTOLD ? VELOCITY_CLASSES : velocity_class(event->velocity);
  case FIELD_ADVANCE:
    return advance_class(event->advance);
  default:
    return 0;
  }
}

void
event_set_class(struct event *const event, const enum field field, const unsigned value_class) REALTIME
{
  switch (field) {
  case FIELD_HAND:
    event->hand = (uint8_t)value_class;
    break;
  case FIELD_PITCH:
    event->pitch = (uint8_t)(PITCH_LOWEST + value_class);
    break;
  case FIELD_DURATION:
    event->duration = duration_ticks(value_class);
    break;
  case FIELD_VELOCITY:
    event->velocity = velocity_value(value_class);
    break;
  case FIELD_ADVANCE:
    event->advance = advance_ticks(value_class);
    break;
  default:
    break;
  }
}

bool
event_is_valid(const struct event *const event) REALTIME
{
  return event->hand <= HAND_UNTOLD && event->pitch >= PITCH_LOWEST && event->pitch <= PITCH_HIGHEST &&
         (event->velocity == VELOCITY_UNTOLD || event->velocity == velocity_value(velocity_class(event->velocity))) &&
         event->duration == durations[duration_class(event->duration)] &&
         event->advance == advances[advance_class(event->advance)];
}

struct metre
metre_make(const double numerator, const double denominator) REALTIME
{
  if (!(numerator > 0.0) || !(denominator > 0.0)) {
    return (struct metre){4, 4};
  }
  const double n = numerator < 1.0 ? 1.0 : numerator > 32.0 ? 32.0 : numerator;
  uint8_t d = 1;
  while (d < 32 && (double)d * 1.5 < denominator) {
    d = (uint8_t)(2 * d);
  }
  return (struct metre){(uint8_t)(n + 0.5), d};
}

bool
metre_is_valid(const struct metre metre) REALTIME
{
  const unsigned d = metre.denominator;
  return metre.numerator >= 1 && metre.numerator <= 32 && d >= 1 && d <= 32 && (d & (d - 1)) == 0;
}

bool
metre_equals(const struct metre a, const struct metre b) REALTIME
{
  return a.numerator == b.numerator && a.denominator == b.denominator;
}

uint32_t
metre_bar_ticks(const struct metre metre) REALTIME
{
  return metre.numerator * metre_beat_ticks(metre);
}

uint32_t
metre_beat_ticks(const struct metre metre) REALTIME
{
  assert(metre_is_valid(metre));
  return (uint32_t)TICKS_PER_WHOLE / metre.denominator;
}

uint8_t
metre_class(const struct metre metre) REALTIME
{
  for (uint8_t i = 0; i < METRE_CLASSES - 2; ++i) {
    if (metre_equals(metre, metres[i])) {
      return (uint8_t)(i + 1);
    }
  }
  return METRE_CLASSES - 1;
}

struct place
place_make(const struct metre metre, const uint32_t tick) REALTIME
{
  const uint32_t beat_ticks = metre_beat_ticks(metre);
  const uint32_t beat = tick / beat_ticks;
  const unsigned length = metre.numerator - 1U;
  return (struct place){
      .tick = (uint8_t)(tick % beat_ticks),
      .beat = (uint8_t)(beat < PLACE_BEATS ? beat : PLACE_BEATS - 1),
      .length = (uint8_t)(length < PLACE_LENGTHS ? length : PLACE_LENGTHS - 1),
  };
}

uint8_t
density_step(const double notes_per_quarter) REALTIME
{
  uint8_t step = 1;
  while (step < DENSITY_STEPS && notes_per_quarter >= densities[step - 1]) {
    ++step;
  }
  return step;
}

uint8_t
recall_step(const float factor) REALTIME
{
  const float bounded = factor > 4.0F ? 4.0F : factor > 0.0F ? factor : 0.0F;
  const uint8_t steps = (uint8_t)(bounded * RECALL_STEPS + 0.5F);
  return steps == RECALL_STEPS ? 0 : (uint8_t)(steps + 1);
}

float
recall_factor(const uint8_t recall_step) REALTIME
{
  return recall_step ? (float)(recall_step - 1) / RECALL_STEPS : 1.0F;
}
