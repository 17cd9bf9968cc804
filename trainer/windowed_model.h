// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A `windowed` network in training: B windows of T tokens forward, and back with exact gradients, layer by layer after the
// list and the formulas of windowed_layout.h. Every window begins from nothing, and only its last position is predicted from;
// what nothing needs (other positions after the last layer that reads a sequence) is not computed.
// One model belongs to one thread; the parameters are shared and only read.

#ifndef RITORNELLO_WINDOWED_MODEL_H
#define RITORNELLO_WINDOWED_MODEL_H

#include "layer_additive.h"
#include "layer_lstm.h"
#include "loss.h"
#include "parameters.h"

#include "engine/status.h"
#include "engine/windowed_layout.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WINDOW_NONE = LOSS_NONE }; ///< "No target": a token that is not in the vocabulary, or no window at all

/// Windows and what follows each of them.
struct window_batch {
  size_t steps;      ///< T
  size_t streams;    ///< B
  uint16_t *tokens;  ///< [T][B] number of each token
  uint16_t *targets; ///< [B] number of the token that follows, or WINDOW_NONE
  uint64_t *keys;    ///< [B] the window's randomness (dropout)
  uint32_t *samples; ///< [B] which of the music's windows it is; UINT32_MAX: none
};

enum status window_batch_new(size_t steps, size_t streams, struct window_batch *batch, struct error *error);
void window_batch_free(struct window_batch *batch);

/// One layer's memory. S is T where it gives a sequence and 1 where it gives the last position, likewise S' for its input;
/// O is what it gives per position, H half of that for a bilstm.
struct model_layer {
  struct windowed_layer layer;
  struct windowed_width width;
  size_t steps;    ///< S
  const float *x;  ///< [S'][B][I] what the layer before gives
  float *d_x;      ///< [S'][B][I] where the gradients at it go
  float *output;   ///< [S][B][O]
  float *d_output; ///< [S][B][O]
  float *values;   ///< Owned memory of `output`, NULL where a part below has it
  float *d_values; ///< [S'][B][O] owned memory of `d_output`, which are its last rows; what is before them stays zero
  struct lstm forward;
  struct lstm backward; ///< Of a bilstm; its steps go back in time from the last position, S of them
  struct additive additive;
  float *reversed;   ///< [S][B][I] x in the order in which `backward` reads it
  float *d_reversed; ///< [S][B][I]
  float *d_forward;  ///< [T][B][H] gradients at the output of `forward`
  float *d_backward; ///< [S][B][H] and of `backward`, in its order
};

struct windowed_model {
  struct windowed_sizes sizes;
  size_t streams;
  bool training;                                 ///< The last pass forward was with dropout
  int tensors[WINDOWED_LAYERS][ROLE_WEIGHT + 1]; ///< Index of each layer's tensors in the parameters, -1: none
  struct model_layer layers[WINDOWED_LAYERS];
  float *losses; ///< [B] nats; 0 where there is no target
};

/// Take memory for batches of `streams` windows. Free with windowed_model_free().
enum status windowed_model_new(const struct windowed_sizes *sizes,
                               size_t streams,
                               struct windowed_model *model,
                               struct error *error);
void windowed_model_free(struct windowed_model *model);

/// Compute model->losses and the probabilities for `batch`, with dropout as the list says if `training`.
void windowed_model_forward(struct windowed_model *model,
                            const struct parameters *parameters,
                            const struct window_batch *batch,
                            bool training);

/// Return the probabilities [B][V] that the last pass forward computed; the way back overwrites them.
const float *windowed_model_probabilities(const struct windowed_model *model);

/// Add to `gradients` (laid out like the parameters) those of the losses' sum times `scale`. Once after each forward pass.
void windowed_model_backward(struct windowed_model *model,
                             const struct parameters *parameters,
                             const struct window_batch *batch,
                             float scale,
                             float *gradients);

#endif // RITORNELLO_WINDOWED_MODEL_H
