// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// One update of the weights. The batch is cut into shards, each with a gradient of its own, and the weights into ranges that
// are added up and applied one by one. The workers share shards and ranges out among themselves; sums are made in the order
// of shards and ranges, so that a repeat is the same to the bit, with any number of threads.

#ifndef RITORNELLO_UPDATER_H
#define RITORNELLO_UPDATER_H

#include "batch.h"
#include "elementwise.h"
#include "parameters.h"
#include "streaming_model.h"
#include "workers.h"

#include "engine/status.h"

#include <stddef.h>
#include <stdint.h>

/// Everything an update works on. Made once; batches are filled from outside.
struct updater {
  struct parameters *parameters;
  struct workers *workers;
  size_t shards;
  struct batch *batches;          ///< [shards]
  struct streaming_model *models; ///< [shards]
  float **gradients;              ///< [shards] each laid out like the parameters
  double *squares;                ///< [ranges] sum of squares of each range of the gradient
  float *mean;                    ///< Adam's first moment
  float *square;                  ///< Adam's second moment
  uint64_t updates;               ///< Made so far
  float dropout;
  float factor; ///< 1 / notes of the batch
  struct adam adam;
};

/// Take memory for `shards` times `streams` (per shard) of `steps`.
enum status updater_new(struct parameters *parameters,
                        struct workers *workers,
                        size_t shards,
                        size_t steps,
                        size_t streams,
                        struct updater *updater,
                        struct error *error);
void updater_free(struct updater *updater);

/// Update the weights once from the batches, at learning rate `rate`, clipping the gradient at norm `clip`. Returns the
/// gradient's norm before clipping; if that is not finite, nothing is changed.
double updater_step(struct updater *updater, double rate, double clip);

#endif // RITORNELLO_UPDATER_H
