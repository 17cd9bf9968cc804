// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Music for benchmarks: events drawn at random, in pieces as long as those of real corpora, so that attention has as much to
// look at as in a real training. No file is read.

#ifndef RITORNELLO_RANDOM_BATCHES_H
#define RITORNELLO_RANDOM_BATCHES_H

#include "batch.h"

#include <stddef.h>
#include <stdint.h>

enum { RANDOM_PIECE_EVENTS = 2304 }; ///< About the mean of 650 classical piano pieces

/// Return how many events of its piece stream `stream` has behind it when `pass` begins: streams are in the middle of
/// different pieces from the first pass on, and begin a new one after RANDOM_PIECE_EVENTS.
size_t random_batch_events(size_t steps, size_t pass, size_t stream);

/// Fill stream b of `batch`, in pass `pass`, with events that come after `before` others of its piece.
void random_batch_fill(struct batch *batch, size_t b, size_t pass, size_t before, uint32_t styles);

#endif // RITORNELLO_RANDOM_BATCHES_H
