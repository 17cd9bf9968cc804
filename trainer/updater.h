// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// One update of the weights, shared by all workers: each makes the gradient of its own streams, then each adds up and
// applies its own range of the weights. Sums are made in a fixed order, so that a repeat is the same to the bit.

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
  struct batch *batches;          ///< [workers]
  struct streaming_model *models; ///< [workers]
  float **gradients;              ///< [workers] each laid out like the parameters
  double *squares;                ///< [workers] sum of squares of each one's range of the gradient
  float *mean;                    ///< Adam's first moment
  float *square;                  ///< Adam's second moment
  uint64_t updates;               ///< Made so far
  float dropout;
  float factor; ///< 1 / notes of the batch
  struct adam adam;
};

/// Take memory for `workers` times `streams` (per worker) of `steps`.
enum status updater_new(struct parameters *parameters,
                        struct workers *workers,
                        size_t steps,
                        size_t streams,
                        struct updater *updater,
                        struct error *error);
void updater_free(struct updater *updater);

/// Update the weights once from the batches, at learning rate `rate`, clipping the gradient at norm `clip`. Returns the
/// gradient's norm before clipping; if that is not finite, nothing is changed.
double updater_step(struct updater *updater, double rate, double clip);

#endif // RITORNELLO_UPDATER_H
