// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A network stepped event by event, as the composer does it, with a clock.

#ifndef RITORNELLO_STEPPING_H
#define RITORNELLO_STEPPING_H

#include "engine/weights.h"

#include <stdint.h>
#include <stdio.h>

/// What the steps of one network take.
struct stepping {
  double us_median; ///< Microseconds per event, or token
  double us_p999;
  double bytes;           ///< Of weights that an event has to read
  double bytes_memory;    ///< Of what attention remembers, that an event has to read beside
  double bytes_block;     ///< Size of the largest block that is read again and again
  double limit_us;        ///< Microseconds that reading the weights takes, from the same cache
  double limit_all_us;    ///< The same of weights and memory
  double ns_per_thousand; ///< Nanoseconds that a thousand of the budget's operations take
};

/// Step the network of `weights` until its memory is full, then `count` times with a clock. That is done several times, which is
/// the same work step for step, and for every step the shortest time counts, as in some the system does something else. Returns
/// 0, or -1 without memory.
int stepping_measure(struct weights *weights, uint32_t count, struct stepping *stepping);

/// Write `count` steps of the `streaming` network of `weights` to `file`, a line of numbers each: the bar of the next onset, the
/// rows of the tables that are added up (hand, pitch, duration, velocity, advance, start, then tick, beat and length of the
/// place, style, key, density and metre; -1: none), the five classes chosen, and the logits of the five fields.
void stepping_dump(struct weights *weights, uint32_t count, FILE *file);

#endif // RITORNELLO_STEPPING_H
