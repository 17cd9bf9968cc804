// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What may be chosen: masks over a network's choices, so that what is composed is always a valid row of events, whatever
// the network's logits say. Inside a chord notes rise; a chord has a bound; no rest is endless; nothing is left untold.
// Every mask leaves at least one class open.

#ifndef RITORNELLO_CONSTRAINTS_H
#define RITORNELLO_CONSTRAINTS_H

#include "event.h"
#include "network.h"
#include "quotation.h"
#include "realtime.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  CHORD_NOTES = 10, ///< Most notes that begin together
  ADVANCE_BARS = 2, ///< Most bars from one onset to the next
};

/// The notes that already stand at the present onset.
struct chord {
  uint32_t count;
  uint8_t highest;  ///< The last of them; means nothing if there are none
  uint32_t silence; ///< Ticks of rests since the last step with notes
};

/// Follow the music by one step: its notes join the chord, or, if time went on, the next onset has none.
void chord_follow(struct chord *chord, const struct step *step) REALTIME;

/// Fill `allowed` [choice->classes] for a choice at an onset in a bar of `metre` where `chord` already stands: 1 where the
/// class may be chosen. Of tokens, those that are no music are barred, and those that would make a note or a silence last
/// longer than ADVANCE_BARS.
void constraints_allow(const struct chord *chord, const struct choice *choice, struct metre metre, uint8_t *allowed)
    REALTIME;

/// Bar from `allowed` what would make a quotation of more than `limit` notes: pitches that lengthen one, and advances to
/// where only such pitches are left. Where that bars everything, it bars nothing. A token's choice is left free. `guard`
/// has followed all events before the one in the making. Return how many runs were looked up.
uint32_t constraints_original(const struct quotation_guard *guard,
                              const struct quotation_filter *filter,
                              const struct choice *choice,
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
