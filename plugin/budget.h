// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// How much the composer may work: operations per second of audio, never of the clock on the wall, so that a busy machine
// makes no other music than an idle one. How many is settled outside run(): a share of what this machine does, measured once
// (speed.h). What a block overspends (work is cut in pieces of NETWORK_SLICE) is taken off the next; what it leaves is not
// saved up, so that the worst block is bounded. The first block after a pause may do less, by BUDGET_COLD, because other programs
// have the caches by then, and it has to read the weights from memory.
//
// All instances in a process may be called by one thread, one after the other, and all may be sent into empty land at once.
// So they share a part of one core, in proportion to what their networks need, through one atomic number.

#ifndef RITORNELLO_BUDGET_H
#define RITORNELLO_BUDGET_H

#include "engine/composer.h"

#include <stdbool.h>
#include <stdint.h>

enum {
  BUDGET_MOST = 10,  ///< Percent of a core that one instance may use. With errors of the measure, that stays below 20
  BUDGET_ALL = 50,   ///< Percent of a core that all instances of the process may use together
  BUDGET_HARD = 45,  ///< Percent of a core for a network that can't do with BUDGET_MOST
  BUDGET_STEPS = 16, ///< Steps (events or tokens) per second that a network must be able to make
  BUDGET_COLD = 4000000, ///< Operations that the first block after a pause loses, half of its own at most
};

struct budget {
  double frames_per_second;
  double speed;    ///< Operations per second that this machine does (speed_measure())
  int64_t credit;  ///< Operations; 0, or below that what was overspent
  bool is_at_work; ///< Whether the last block had something to do
  uint64_t need;   ///< Operations per second that this instance is counted with among all
  double load;     ///< Share of the budget that is used, smoothed
};

void budget_init(struct budget *budget, double frames_per_second, double speed);

/// Be counted among the instances that work, with a network whose steps take `operations` (0: none yet, or no more). Each
/// instance does so whenever that changes, and with 0 at its end.
void budget_claim(struct budget *budget, uint32_t operations) REALTIME;

/// Return the operations per second of audio that `budget` allows at present.
double budget_rate(const struct budget *budget) REALTIME;

/// Let `composer` work for `frames` of audio; without bounds, until the take is filled, if `unlimited`.
void budget_spend(struct budget *budget, struct composer *composer, uint32_t frames, bool unlimited) REALTIME;

#endif // RITORNELLO_BUDGET_H
