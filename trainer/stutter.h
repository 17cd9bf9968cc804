// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A figure that is repeated for no good, in training. A network that composes hears itself: once it has repeated a figure a
// few times, repeating it again becomes ever likelier, and it is caught. It can only learn to get out from being caught: so
// now and then a stream goes back and plays its last notes again, from a quarter of a beat to two bars of them and up to three
// bars in all, before it goes on where it was. Nothing is learned from what is repeated, only from the note that goes on. (The
// remedy of Xu et al., "Learning to Break the Loop", 2022, is akin: it makes repeated sentences of training text.)

#ifndef RITORNELLO_STUTTER_H
#define RITORNELLO_STUTTER_H

#include "corpus.h"

#include <stdbool.h>
#include <stdint.h>

/// Where a stream is in a stutter, and how far its time has run ahead of the piece's through those before.
struct stutter {
  uint32_t first; ///< First event of the figure
  uint32_t end;   ///< The event after it; none is begun there again
  uint32_t left;  ///< Times that it is still to be played again, the present one included; 0: no stutter
  uint32_t ticks; ///< Of the figure
  uint32_t shift; ///< Ticks that this stutter has put in so far
  uint32_t bars;  ///< Bars that all before have
};

/// Return whether what is played stands in a repetition.
static inline bool
stutter_is_on(const struct stutter *const stutter)
{
  return stutter->left > 0;
}

/// Perhaps begin one before `event` of `piece`, of which the stream has heard the events from `origin` on: with the
/// probability `share`, if a beat begins there. `key` is this place's randomness. Return the event to play.
uint32_t stutter_begin(
    struct stutter *stutter, const struct piece *piece, uint32_t origin, uint32_t event, float share, uint64_t key);

/// Return the event to play after the one before `event` has been played: `event`, or the figure's first again.
uint32_t stutter_next(struct stutter *stutter, const struct piece *piece, uint32_t event);

/// End a stutter where it is: the time that it has put in stays, in whole bars.
void stutter_end(struct stutter *stutter, const struct piece *piece, uint32_t event);

/// Return the event that was heard before `event`.
static inline uint32_t
stutter_heard(const struct stutter *const stutter, const uint32_t event)
{
  return stutter->left > 0 && event == stutter->first ? stutter->end - 1 : event - 1;
}

/// Return the bar of `event`, and its tick there, as the stream counts them.
uint32_t stutter_place(const struct stutter *stutter, const struct piece *piece, uint32_t event, uint16_t *tick);

#endif // RITORNELLO_STUTTER_H
