// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What may be chosen: masks over a network's choices, so that what is composed is always a valid row of events, whatever
// the network's logits say. Inside a chord notes rise; a chord has a bound; no rest is endless; nothing is left untold. To
// these the user's limits come: range, scale, hands, and how many notes sound together. They are exact: no onset or chord is
// begun that the limits leave no note for. Every mask leaves at least one class open.

#ifndef RITORNELLO_CONSTRAINTS_H
#define RITORNELLO_CONSTRAINTS_H

#include "event.h"
#include "network.h"
#include "quotation.h"
#include "realtime.h"
#include "strikes.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  CHORD_NOTES = 10, ///< Most notes that begin together
  ADVANCE_BARS = 2, ///< Most bars from one onset to the next
};

enum {
  LIMIT_POLYPHONY = 16, ///< From so many notes on, polyphony is without a limit
};

/// Which hands are composed.
enum hands {
  HANDS_BOTH,
  HANDS_RIGHT,
  HANDS_LEFT,
};

/// What the user lets sound. 0 is no limit everywhere.
struct limits {
  uint8_t low;       ///< Lowest MIDI note (if above `high`, the two change places)
  uint8_t high;      ///< Highest MIDI note
  uint8_t scale;     ///< Key (as in struct conditions) whose scale alone is allowed, if the range has a note of it
  uint8_t polyphony; ///< Most notes that sound together
  uint8_t hands;     ///< enum hands
  uint16_t harmony;  ///< Pitch classes that alone are allowed, bit 0 for C, if the range has a note of them
  uint8_t strikes[STRIKES_PERIODS]; ///< Limits of strikes_barred() by period, if the range has another note
};

/// A note that sounds on.
struct held_note {
  uint8_t pitch;
  uint16_t left; ///< Ticks from the present onset, above 0
};

/// What stands at the present onset: the notes that begin there already, and all that sound.
struct chord {
  uint32_t count;
  uint8_t highest;    ///< The last of them; means nothing if there are none
  uint32_t silence;   ///< Ticks of rests since the last step with notes
  uint8_t held_count; ///< Notes that sound, those of this onset too; of more than LIMIT_POLYPHONY, the longest
  struct held_note held[LIMIT_POLYPHONY];
  struct strikes strikes; ///< How often what stood at the onset before was struck
};

/// Follow the music by one step: its notes join the chord, or, if time went on, the next onset has none.
void chord_follow(struct chord *chord, const struct step *step) REALTIME;

/// Return the pitch classes that `limits` leave, bit 0 for C; all of them if harmony and scale count for nothing.
uint16_t limits_tones(const struct limits *limits) REALTIME;

/// Return whether `pitch` is within `limits`, of which `tones` is limits_tones().
bool limits_have(const struct limits *limits, uint16_t tones, uint32_t pitch) REALTIME;

/// Return whether the scale of `key` (1 to KEY_COUNT) has `pitch`. Minor scales are natural, with the leading tone too.
bool scale_has(uint8_t key, uint8_t pitch) REALTIME;

/// Fill `allowed` [choice->classes] for a choice at an onset in a bar of `metre` where `chord` already stands: 1 where the
/// class may be chosen within `limits`. If these have changed so that they leave nothing for a chord that is begun, only
/// what holds for every chord counts; more notes than asked for end one by one. If a range has a note of the harmony and one of
/// the scale, but none of both, the harmony goes before the scale. Of tokens, those that are no music are barred, those that
/// would make a note or a silence last longer than ADVANCE_BARS, and those of which any note is beyond the limits (hands part
/// at middle C): a vocabulary that has no other is silent.
void constraints_allow(const struct chord *chord,
                       const struct choice *choice,
                       struct metre metre,
                       const struct limits *limits,
                       uint8_t *allowed) REALTIME;

/// Bar from `allowed` what would make a quotation of more than `limit` notes: pitches that lengthen one, and advances to
/// where `limits` leave only such pitches. Where that bars everything, it bars nothing. A token's choice is left free. `guard`
/// has followed all events before the one in the making. Return how many runs were looked up.
uint32_t constraints_original(const struct quotation_guard *guard,
                              const struct quotation_filter *filter,
                              const struct choice *choice,
                              const struct limits *limits,
                              uint32_t limit,
                              uint8_t *allowed) REALTIME;
/// Allow in `allowed`, filled for `choice`, that the piece ends, if that is what is chosen there.
void constraints_allow_end(const struct choice *choice, uint8_t *allowed) REALTIME;

/// Return `advance` if it leads on by at least a tick or into a chord, and otherwise (the end of a piece, where pieces go on
/// for ever) a representable one to near the end of the bar, `ticks_left` away (at least 1).
uint16_t constraints_advance(uint16_t advance, uint32_t ticks_left) REALTIME;

#ifdef __cplusplus
}
#endif

#endif // RITORNELLO_CONSTRAINTS_H
