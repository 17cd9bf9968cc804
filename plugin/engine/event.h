// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Musical time, notes and events: the words that the whole program speaks.
//
// All musical time is integer ticks, 24 to a quarter note. A song is a row of bars, each with its metre; a place in it is
// (bar, tick in bar). An event is one note as the network sees it, with `advance`, the ticks from its onset to the next
// event's. The network knows each field by classes; the tables here turn values into classes and back, and only values
// that a class stands for occur in events ("representable"). Everything here may run on the audio thread.

#ifndef RITORNELLO_EVENT_H
#define RITORNELLO_EVENT_H

#include "realtime.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  TICKS_PER_QUARTER = 24,
  TICKS_PER_WHOLE = 96,

  PITCH_LOWEST = 21,   ///< A0, the piano's lowest key, as a MIDI note
  PITCH_HIGHEST = 108, ///< C8, the piano's highest key

  HAND_CLASSES = 2,
  PITCH_CLASSES = PITCH_HIGHEST - PITCH_LOWEST + 1, ///< 88 keys
  DURATION_CLASSES = 36,
  VELOCITY_CLASSES = 16,
  ADVANCE_CLASSES = 122, ///< The last class, ADVANCE_CLASSES - 1, is the end of the piece

  DURATION_LONGEST = 576,
  ADVANCE_LONGEST = 768,
  ADVANCE_END = 0xFFFF, ///< Value of `advance` of a piece's last event

  VELOCITY_UNTOLD = 0, ///< Value of `velocity` where the file does not tell; never composed
};

enum hand {
  HAND_RIGHT = 0,
  HAND_LEFT = 1,
  HAND_UNTOLD = 2, ///< The file does not tell; never composed
};

/// The fields of an event, in the order in which the network chooses them. FIELD_TOKEN is a `windowed` network's only one.
enum field {
  FIELD_HAND,
  FIELD_PITCH,
  FIELD_DURATION,
  FIELD_VELOCITY,
  FIELD_ADVANCE,
  FIELD_COUNT,
  FIELD_TOKEN = FIELD_COUNT,
};

/// One note as the network sees it. All values are representable.
struct event {
  uint8_t hand;      ///< enum hand
  uint8_t pitch;     ///< MIDI note, PITCH_LOWEST to PITCH_HIGHEST
  uint8_t velocity;  ///< MIDI velocity 1 to 127, or VELOCITY_UNTOLD
  uint16_t duration; ///< Ticks, 1 to DURATION_LONGEST
  uint16_t advance;  ///< Ticks to the next onset, 0 to ADVANCE_LONGEST (0 inside a chord), or ADVANCE_END
};

/// A time signature. Valid: numerator 1 to 32, denominator a power of two from 1 to 32.
struct metre {
  uint8_t numerator;
  uint8_t denominator;
};

/// What the composer is asked for. 0 is "free" everywhere.
struct conditions {
  uint8_t style;   ///< 1 + index into the weight file's styles
  uint8_t key;     ///< 1 to 12: C to B major, 13 to 24: C to B minor
  uint8_t density; ///< 1 to DENSITY_STEPS: few to many notes per quarter
  uint8_t metre;   ///< metre_class()
  uint8_t recall;  ///< recall_step(): how sharp the network's attention is; 0 is as learned
};

/// Where and under which conditions the next event will sound.
struct moment {
  uint32_t bar;  ///< Any count that grows by one at every bar line
  uint16_t tick; ///< In the bar
  struct metre metre;
  struct conditions conditions;
};

enum {
  KEY_COUNT = 24,
  DENSITY_STEPS = 8,
  RECALL_STEPS = 20,  ///< To a factor of 1
  METRE_CLASSES = 11, ///< 0 is free, METRE_CLASSES - 1 any metre without a class of its own
  PLACE_TICKS = 96,   ///< Classes of the tick in the beat
  PLACE_BEATS = 16,   ///< Classes of the beat in the bar (the last also stands for all later ones)
  PLACE_LENGTHS = 16, ///< Classes of beats per bar, 1 to 16 and more, less one
};

/// The place of an onset in its bar, as classes. A beat is the metre's denominator.
struct place {
  uint8_t tick;   ///< Tick in the beat, below PLACE_TICKS
  uint8_t beat;   ///< Beat in the bar, below PLACE_BEATS
  uint8_t length; ///< Beats per bar less one, below PLACE_LENGTHS
};

/// Return the number of classes of `field`; 0 for FIELD_TOKEN, whose vocabulary stands in the weight file.
unsigned field_classes(enum field field) REALTIME;

/// Return the name of `field` in weight files and reports: hand, pitch, duration, velocity, advance or token.
const char *field_name(enum field field) REALTIME;

/// Return the ticks that `duration_class` (below DURATION_CLASSES) stands for.
uint16_t duration_ticks(unsigned duration_class) REALTIME;

/// Return the class nearest to `ticks`, the shorter of two equally near.
unsigned duration_class(uint32_t ticks) REALTIME;

/// Return the ticks that `advance_class` stands for, ADVANCE_END for the last class.
uint16_t advance_ticks(unsigned advance_class) REALTIME;

/// Return the class nearest to `ticks` (0 for 0 only); the last class for ADVANCE_END.
unsigned advance_class(uint32_t ticks) REALTIME;

/// Return the velocity that `velocity_class` (below VELOCITY_CLASSES) stands for.
uint8_t velocity_value(unsigned velocity_class) REALTIME;

/// Return the class of MIDI velocity 1 to 127.
unsigned velocity_class(unsigned velocity) REALTIME;

/// Return the class of `field` in `event`: for hand and velocity, HAND_CLASSES or VELOCITY_CLASSES where untold.
unsigned event_class(const struct event *event, enum field field) REALTIME;

/// Set `field` of `event` to the value that `value_class` stands for.
void event_set_class(struct event *event, enum field field, unsigned value_class) REALTIME;

/// Return whether every field of `event` is in range and representable.
bool event_is_valid(const struct event *event) REALTIME;

/// Return the metre nearest to `numerator`/`denominator` that is valid; 4/4 if either is no positive number.
struct metre metre_make(double numerator, double denominator) REALTIME;

bool metre_is_valid(struct metre metre) REALTIME;
bool metre_equals(struct metre a, struct metre b) REALTIME;

/// Return the ticks of one bar, 3 (1/32) to 3072 (32/1).
uint32_t metre_bar_ticks(struct metre metre) REALTIME;

/// Return the ticks of one beat (the denominator), 3 to 96.
uint32_t metre_beat_ticks(struct metre metre) REALTIME;

/// Return the class of `metre` as a condition, 1 to METRE_CLASSES - 1.
uint8_t metre_class(struct metre metre) REALTIME;

/// Return the place of `tick` in a bar of `metre`.
struct place place_make(struct metre metre, uint32_t tick) REALTIME;

/// Return the factor on the scores of attention, 0 (all alike) to 4, as a condition; 0 for 1, as learned.
uint8_t recall_step(float factor) REALTIME;

/// Return the factor that `recall_step` stands for.
float recall_factor(uint8_t recall_step) REALTIME;

/// Return the density step (1 to DENSITY_STEPS) of that many notes per quarter.
uint8_t density_step(double notes_per_quarter) REALTIME;

#ifdef __cplusplus
}
#endif

#endif // RITORNELLO_EVENT_H
