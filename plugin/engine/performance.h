// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// How composed notes are played: dynamics, the looseness of hands, channels, the pedal. The take holds what was composed; what
// is heard, and what is exported, both come out of here, so they are the same. All of it depends on the seed and on the
// note's place alone, so a bar that comes back sounds as it did.

#ifndef RITORNELLO_PERFORMANCE_H
#define RITORNELLO_PERFORMANCE_H

#include "event.h"
#include "realtime.h"
#include "take.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  FINE_TICKS = 20,        ///< Parts of a tick that notes can be delayed by
  HUMANIZE_VELOCITY = 12, ///< Most that looseness changes a velocity by
  PEDAL_CHANNELS = 2,     ///< Most channels that the pedal is written on
  PEDAL_PRESS = 2,        ///< Ticks after a change of harmony, where it was lifted, at which the pedal is pressed again
};

/// Time against the host's.
enum rate {
  RATE_NORMAL,
  RATE_HALF,
  RATE_DOUBLE,
};

/// How to play. 0 is as composed, everywhere.
struct performance {
  int8_t velocity;      ///< Added to all velocities
  uint8_t humanize;     ///< Looseness, in percent
  uint8_t channel;      ///< 0 to 15
  uint8_t left_channel; ///< Of the left hand, 1 to 16; 0: the same
  uint8_t rate;         ///< enum rate; for whoever keeps time
  bool pedal;           ///< Change the sustain pedal with the harmony
  uint32_t seed;
};

/// A note as it is played.
struct performed_note {
  uint8_t channel; ///< 0 to 15
  uint8_t pitch;
  uint8_t velocity; ///< 1 to 127
  uint8_t delay;    ///< Parts of a tick, below FINE_TICKS, after its onset; its end does not move
};

/// Return how `note` of bar `bar`, number `number` of those at its tick, is played. A delay is shorter than a tick and never
/// less than that of the note before at the same tick, so the order of notes stays. What was played by hand is played as it was,
/// on its hand's channel.
struct performed_note
performance_note(const struct performance *performance, uint32_t bar, const struct take_note *note, uint32_t number)
    REALTIME;

/// Return how many channels the pedal is written on, and set `channels` to them.
uint32_t performance_channels(const struct performance *performance, uint8_t channels[PEDAL_CHANNELS]) REALTIME;

/// The harmony of a bar, followed note by note. All 0 before its first.
struct harmony {
  uint16_t classes; ///< Bit per pitch class heard since the last change
  uint16_t tick;    ///< Of the last note
};

/// Hear the bar's next note. Return whether the harmony changes with it: with a bar's first note, and where on a beat the
/// lowest note is of a pitch class not heard since the last change. A doubled note or a rest is not heard.
bool harmony_hear(struct harmony *harmony, const struct take_note *note, struct metre metre) REALTIME;

#ifdef __cplusplus
}
#endif

#endif // RITORNELLO_PERFORMANCE_H
