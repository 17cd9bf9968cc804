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
  double bytes_block;     ///< Size of the largest block that is read again and again
  double limit_us;        ///< Microseconds that reading these bytes takes, from the same cache
  double ns_per_thousand; ///< Nanoseconds that a thousand of the budget's operations take
};

/// Step the network of `weights` until its memory is full, then `count` times with a clock. Returns 0, or -1 without memory.
int stepping_measure(struct weights *weights, uint32_t count, struct stepping *stepping);

/// Write `count` steps of the `streaming` network of `weights` to `file`, a line of numbers each: the bar of the next onset, the
/// rows of the tables that are added up (hand, pitch, duration, velocity, advance, start, then tick, beat and length of the
/// place, style, key, density and metre; -1: none), the five classes chosen, and the logits of the five fields.
void stepping_dump(struct weights *weights, uint32_t count, FILE *file);

#endif // RITORNELLO_STEPPING_H
