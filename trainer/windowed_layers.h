// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What the layers of a `windowed` network do on the way forward and back, for windowed_model.c alone.

#ifndef RITORNELLO_WINDOWED_LAYERS_H
#define RITORNELLO_WINDOWED_LAYERS_H

#include "parameters.h"
#include "windowed_model.h"

#include <stdint.h>

/// A layer at work: what its functions need to know.
struct pass {
  struct windowed_model *model;
  const struct parameters *parameters;
  const struct window_batch *batch;
  float *gradients; ///< Laid out like the parameters; NULL on the way forward
  uint32_t index;   ///< Of the layer
};

/// Compute the layer's output from what the one before gives.
void windowed_layer_forward(const struct pass *pass);

/// Add to pass->gradients, and to the layer's d_x, which holds zeros before.
void windowed_layer_backward(const struct pass *pass);

#endif // RITORNELLO_WINDOWED_LAYERS_H
