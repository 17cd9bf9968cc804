// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// An LSTM layer over T steps of B streams, forward and back (Hochreiter and Schmidhuber 1997, with Gers' forget gate). The
// input's projection is one product over all steps; only the recurrent product is made step by step. Rows are time-major:
// row t * B + b.

#ifndef RITORNELLO_LAYER_LSTM_H
#define RITORNELLO_LAYER_LSTM_H

#include "engine/status.h"

#include <stddef.h>

/// Sizes and all memory of the layer; T, B, I and H in the shapes are `steps`, `streams`, `inputs` and `hidden`.
struct lstm {
  size_t steps;
  size_t streams;
  size_t inputs;
  size_t hidden;
  float *gates;     ///< [T][B][4][H] activations; after the way back the gradients at the pre-activations
  float *cell;      ///< [T + 1][B][H]; [0] is carried in
  float *tanh_cell; ///< [T][B][H]
  float *output;    ///< [T + 1][B][H]; [0] is carried in
  float *d_cell;    ///< [B][H]
  float *d_carry;   ///< [B][H]
  float *packed;    ///< Recurrent weights as packed_product.h wants them, for one way at a time
};

/// Weights, or gradients of the same shapes.
struct lstm_weights {
  float *input;     ///< [4H][I]
  float *recurrent; ///< [4H][H]
  float *bias;      ///< [4H]
};

enum status
lstm_new(size_t steps, size_t streams, size_t inputs, size_t hidden, struct lstm *lstm, struct error *error);
void lstm_free(struct lstm *lstm);

/// Forget what is carried for stream `stream`.
void lstm_reset(struct lstm *lstm, size_t stream);

/// Make the last step's state what is carried into the next call.
void lstm_carry(struct lstm *lstm);

/// Compute output[1 ...] from x [T][B][I].
void lstm_forward(struct lstm *lstm, const struct lstm_weights *weights, const float *x);

/// Add the gradients to `gradients`, given d_output [T][B][H], and to d_x [T][B][I]. Nothing flows into what was carried in.
void lstm_backward(struct lstm *lstm,
                   const struct lstm_weights *weights,
                   const float *x,
                   const float *d_output,
                   const struct lstm_weights *gradients,
                   float *d_x);

#endif // RITORNELLO_LAYER_LSTM_H
