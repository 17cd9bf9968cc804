// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// One update of the weights. The batch is cut into shards, each with a gradient of its own, and the weights into ranges that
// are added up and applied one by one. The workers share shards and ranges out among themselves; sums are made in the order
// of shards and ranges, so that a repeat is the same to the bit, with any number of threads. Where several processes train
// (ranks.h), each has some of the shards, and all make the same update.

#ifndef RITORNELLO_UPDATER_H
#define RITORNELLO_UPDATER_H

#include "elementwise.h"
#include "trainee.h"
#include "workers.h"

#include "engine/status.h"

#include <stddef.h>
#include <stdint.h>

/// Everything an update works on. Made once.
struct updater {
  struct trainee *trainee;
  struct workers *workers;
  enum optimizer optimizer;
  size_t count;  ///< Weights
  size_t shards; ///< The trainee's own
  struct ranks *ranks;
  float **gradients; ///< [shards] each laid out like the parameters
  double *squares;   ///< [ranges] sum of squares of each range of the gradient
  float *mean;       ///< Adam's first moment; stays zero in RMSprop
  float *square;     ///< Adam's second moment, or RMSprop's running average
  uint64_t updates;  ///< Made so far
  float factor;      ///< 1 / targets of the batch
  struct adam adam;
  struct rmsprop rmsprop;
};

/// Take memory to update the weights of `trainee`, with weight decay `decay`.
enum status updater_new(struct trainee *trainee,
                        struct workers *workers,
                        struct ranks *ranks,
                        enum optimizer optimizer,
                        double decay,
                        struct updater *updater,
                        struct error *error);
void updater_free(struct updater *updater);

/// Update the weights once from the trainee's batch of `targets` (in all processes), at learning rate `rate`, clipping the gradient at norm
/// `clip`. Returns the gradient's norm before clipping; if that is not finite, nothing is changed.
double updater_step(struct updater *updater, size_t targets, double rate, double clip);

#endif // RITORNELLO_UPDATER_H
