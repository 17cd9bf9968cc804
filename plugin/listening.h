// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// MIDI input: keys that go down and up, on any channel, become what the composer understands (engine/composer.h): a harmony
// that is held, or notes at places of the host's grid.
//
//     event -> key (channel, pitch) -> follow: pitch classes held       -> composer_hold()
//                                   -> continue, accompany: note         -> composer_play(), composer_let_go(), composer_pause()
//
// Onsets go to the nearest tick; keys that go down within LISTENING_CHORD_MS of a chord's first are part of it. The hand is
// guessed: the one that has been nearer lately. In follow, a key that goes down counts at once, and a key that goes up until
// the next beat or the next key, so that changing hands over a chord leaves no hole. What hosts and keyboards leave out is made
// up for: a key struck again went up before; a key that is never let go counts as silent LISTENING_BARS bars after the last
// event; all keys go up where the song jumps or stops. So nothing hangs, and nothing depends on the lengths of blocks.

#ifndef RITORNELLO_LISTENING_H
#define RITORNELLO_LISTENING_H

#include "clock.h"
#include "engine/composer.h"
#include "engine/realtime.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  LISTENING_CHANNELS = 16,
  LISTENING_KEYS = 128,
  LISTENING_CHORD_MS = 40, ///< And less than LISTENING_CHORD_TICKS ticks
  LISTENING_CHORD_TICKS = 3,
  LISTENING_BARS = 2,
  LISTENING_VOICE = 8, ///< Keys over which the player's register is followed (accompany)
};

struct key {
  bool is_down;
  bool is_entered;       ///< It is a note of the take
  struct position place; ///< There, and
  int64_t onset;         ///< in run ticks
};

struct listening {
  enum input_mode input;
  uint8_t hands;         ///< The port: enum hands
  enum hand hand;        ///< The player's, in accompany
  uint32_t down;         ///< Keys
  uint16_t held[12];     ///< Keys down of each pitch class
  float register_of[2];  ///< By hand: a pitch that it has been near lately
  float middle;          ///< Of what is played (accompany); 0: nothing yet
  int64_t last;          ///< Run tick of the last event while keys are down
  bool has_chord;        ///< There is one that more keys may join:
  int64_t chord_frame;   ///< Its first onset, by the clock
  int64_t chord_tick;    ///< And in run ticks
  struct position chord; ///< And in the song
  struct key keys[LISTENING_CHANNELS][LISTENING_KEYS];
};

/// What a message says.
enum heard {
  HEARD_NOTHING, ///< Nothing for music, or no message
  HEARD_ON,      ///< A key went down
  HEARD_OFF,     ///< A key went up
  HEARD_CONTROL, ///< A controller (below 120), or the wheel
  HEARD_ALL_OFF, ///< All keys of the channel went up
};

/// A message, read.
struct heard_message {
  enum heard kind;
  uint8_t status;
  uint8_t channel; ///< 0 to 15
  uint8_t first;   ///< Pitch or controller, below 128
  uint8_t second;  ///< Velocity or value, below 128
  enum hand hand;  ///< HEARD_ON: which one played it (listening_hear() sets it)
};

void listening_init(struct listening *listening) REALTIME;

/// Read `size` bytes of MIDI; any bytes will do.
struct heard_message listening_read(const uint8_t *bytes, uint32_t size) REALTIME;

/// The ports say so: `hands` is which of them are composed. What was held in another input is let go.
void listening_set(struct listening *listening,
                   enum input_mode input,
                   uint8_t hands,
                   const struct clock *clock,
                   struct composer *composer) REALTIME;

/// Hear `message` now; notes only enter the take if it `is_open` (the song plays).
void listening_hear(struct listening *listening,
                    struct heard_message *message,
                    const struct clock *clock,
                    struct composer *composer,
                    bool is_open) REALTIME;

/// Time has gone on.
void listening_wait(struct listening *listening, const struct clock *clock, struct composer *composer) REALTIME;

/// The song stops or is about to jump: notes of the take end here. Keys of a held harmony stay.
void listening_end(struct listening *listening, const struct clock *clock, struct composer *composer) REALTIME;

#ifdef __cplusplus
}
#endif

#endif // RITORNELLO_LISTENING_H
