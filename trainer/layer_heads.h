// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The end of the network: Dense with ReLU, then five softmax heads in the order of enum field, each conditioned on the
// targets of those before it. Gives the loss of every field of every row, and goes back.

#ifndef RITORNELLO_LAYER_HEADS_H
#define RITORNELLO_LAYER_HEADS_H

#include "batch.h"
#include "parameters.h"

#include "engine/status.h"

#include <stddef.h>

/// All memory of the layer; R is T * B rows, D the dense size.
struct heads {
  size_t rows;
  float *dense;                      ///< [FIELD_COUNT][R][D] before the ReLU, as each head sees it
  float *active;                     ///< [R][D] after it
  float *probabilities[FIELD_COUNT]; ///< [R][classes]
  float *losses;                     ///< [R][FIELD_COUNT] nats; 0 where there is no target
  float *d_dense;                    ///< [R][D]
  float *d_active;                   ///< [R][D]
};

enum status heads_new(const struct streaming_sizes *sizes, size_t rows, struct heads *heads, struct error *error);
void heads_free(struct heads *heads);

/// From g [R][H] to probabilities and losses.
void heads_forward(struct heads *heads, const struct parameters *parameters, const struct batch *batch, const float *g);

/// Back from the sum of the losses, times batch->factors and `scale`: adds to `gradients` (laid out like the parameters) and overwrites d_g [R][H].
void heads_backward(struct heads *heads,
                    const struct parameters *parameters,
                    const struct batch *batch,
                    const float *g,
                    float scale,
                    float *gradients,
                    float *d_g);

#endif // RITORNELLO_LAYER_HEADS_H
