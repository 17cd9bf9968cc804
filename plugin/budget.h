// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// How much the composer may work: operations per second of audio, never of the clock on the wall, so that a busy machine
// makes no other music than an idle one. What a block overspends (work is cut in pieces of NETWORK_SLICE) is taken off the
// next; what it leaves is not saved up, so that the worst block is bounded.

#ifndef RITORNELLO_BUDGET_H
#define RITORNELLO_BUDGET_H

#include "engine/composer.h"

/// Multiply-adds per second of audio. In a 64-frame block at 48 kHz that is half a million: on a desktop core at two to
/// four billion per second (the kernels' speed on weights in cache) a tenth to a fifth of the block. The default network
/// needs 1.6 million per note, so this composes 250 notes a second, where dense piano music has 20.
enum { BUDGET_PER_SECOND = 400000000 };

/// After a locate into empty land, this many times the budget, for this long at the most.
enum { BUDGET_BURST = 4, BUDGET_BURST_MS = 500 };

struct budget {
  double frames_per_second;
  int64_t credit; ///< Operations; below 0 what was overspent
  int64_t burst;  ///< Frames that are left of a burst
  double load;    ///< Share of the plain budget that is used, smoothed
};

void budget_init(struct budget *budget, double frames_per_second) REALTIME;

/// The playhead jumped.
void budget_locate(struct budget *budget) REALTIME;

/// Let `composer` work for `frames` of audio; without bounds, until the take is filled, if `unlimited`.
void budget_spend(struct budget *budget, struct composer *composer, uint32_t frames, bool unlimited) REALTIME;

#endif // RITORNELLO_BUDGET_H
