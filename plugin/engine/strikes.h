// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The same onset struck again and again, or the same few in turn, as in a trill. An onset is all that begins together and the
// time to the next one. In real music it is rarely struck more than a few times in a row (in nine of ten of Bach's pieces
// twice at most, of Beethoven's seven times); a network that hears itself can get stuck there. A weight file says how long
// each composer does it, and no longer is composed.

#ifndef RITORNELLO_STRIKES_H
#define RITORNELLO_STRIKES_H

#include "network.h"
#include "realtime.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  STRIKES_NOTES = 10,  ///< Most notes of an onset that are told apart
  STRIKES_PERIODS = 4, ///< Most onsets that are struck in turn
};

struct strike {
  uint8_t count;
  uint8_t pitches[STRIKES_NOTES]; ///< Rising
  uint32_t interval;              ///< Ticks to the next onset
};

/// Zeroed: nothing was struck yet.
struct strikes {
  struct strike present;                   ///< As far as it has begun
  struct strike past[STRIKES_PERIODS + 1]; ///< Those before it, the last one first
  uint32_t
      runs[STRIKES_PERIODS]; ///< Onsets in a row, up to the last, that were each as the one p + 1 before, at place p
  uint32_t runs_before[STRIKES_PERIODS]; ///< The same up to the one before the last
};

/// Follow the music by one step.
void strikes_follow(struct strikes *strikes, const struct step *step) REALTIME;

/// Return the pitch that the next onset must not begin with, so that less than `limit` onsets in a row are as the one
/// `period` (1 to STRIKES_PERIODS) before: with period 1 none is struck more than `limit` times. 0 if it is free, or
/// `limit` is 0.
uint8_t strikes_barred(const struct strikes *strikes, uint32_t period, uint32_t limit) REALTIME;

#ifdef __cplusplus
}
#endif

#endif // RITORNELLO_STRIKES_H
