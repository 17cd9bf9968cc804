// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "layer_lstm.h"

#include "elementwise.h"
#include "gemm.h"
#include "packed_product.h"

#include <stdlib.h>
#include <string.h>

// Room for the recurrent weights, packed for either way
static size_t
packed_room(const size_t hidden)
{
  const size_t forward = packed_size(hidden, 4 * hidden);
  const size_t back = packed_size(4 * hidden, hidden);
  return forward > back ? forward : back;
}

enum status
lstm_new(const size_t steps,
         const size_t streams,
         const size_t inputs,
         const size_t hidden,
         struct lstm *const lstm,
         struct error *const error)
{
  const size_t slice = streams * hidden;
  *lstm = (struct lstm){
      .steps = steps,
      .streams = streams,
      .inputs = inputs,
      .hidden = hidden,
      .gates = calloc(steps * slice * 4, sizeof(float)),
      .cell = calloc((steps + 1) * slice, sizeof(float)),
      .tanh_cell = calloc(steps * slice, sizeof(float)),
      .output = calloc((steps + 1) * slice, sizeof(float)),
      .d_cell = calloc(slice, sizeof(float)),
      .d_carry = calloc(slice, sizeof(float)),
      .packed = calloc(packed_room(hidden), sizeof(float)),
  };
  if (!lstm->gates || !lstm->cell || !lstm->tanh_cell || !lstm->output || !lstm->d_cell || !lstm->d_carry ||
      !lstm->packed) {
    lstm_free(lstm);
    return error_set(error, STATUS_NO_MEMORY, "no memory for an LSTM of %zu units", hidden);
  }
  return STATUS_SUCCESS;
}

void
lstm_free(struct lstm *const lstm)
{
  free(lstm->gates);
  free(lstm->cell);
  free(lstm->tanh_cell);
  free(lstm->output);
  free(lstm->d_cell);
  free(lstm->d_carry);
  free(lstm->packed);
  memset(lstm, 0, sizeof(*lstm));
}

void
lstm_reset(struct lstm *const lstm, const size_t stream)
{
  memset(lstm->cell + stream * lstm->hidden, 0, lstm->hidden * sizeof(float));
  memset(lstm->output + stream * lstm->hidden, 0, lstm->hidden * sizeof(float));
}

void
lstm_carry(struct lstm *const lstm)
{
  const size_t slice = lstm->streams * lstm->hidden;
  memcpy(lstm->cell, lstm->cell + lstm->steps * slice, slice * sizeof(float));
  memcpy(lstm->output, lstm->output + lstm->steps * slice, slice * sizeof(float));
}

// rows [R][columns] each begin as a copy of bias [columns]
static void
fill_rows(float *const rows, const size_t row_count, const float *const bias, const size_t columns)
{
  for (size_t r = 0; r < row_count; ++r) {
    memcpy(rows + r * columns, bias, columns * sizeof(float));
  }
}

void
lstm_forward(struct lstm *const lstm, const struct lstm_weights *const weights, const float *const x)
{
  const size_t slice = lstm->streams * lstm->hidden;
  const int rows = (int)(lstm->steps * lstm->streams);
  const int inputs = (int)lstm->inputs;
  const int hidden = (int)lstm->hidden;

  fill_rows(lstm->gates, (size_t)rows, weights->bias, 4 * lstm->hidden);
  gemm_nt(rows, 4 * hidden, inputs, x, inputs, weights->input, inputs, 1.0F, lstm->gates, 4 * hidden);
  packed_pack_transposed(weights->recurrent, lstm->hidden, 4 * lstm->hidden, lstm->packed);

  for (size_t t = 0; t < lstm->steps; ++t) {
    float *const gates = lstm->gates + t * slice * 4;
    const float *const before = lstm->output + t * slice;
    packed_multiply(before, lstm->packed, lstm->streams, lstm->hidden, 4 * lstm->hidden, true, gates);
    lstm_gates_forward(lstm->streams, lstm->hidden, gates, lstm->cell + t * slice, lstm->cell + (t + 1) * slice,
                       lstm->tanh_cell + t * slice, lstm->output + (t + 1) * slice);
  }
}

// From the last step to the first, turn lstm->gates into the gradients at the pre-activations.
static void
backward_steps(struct lstm *const lstm, const struct lstm_weights *const weights, const float *const d_output)
{
  const size_t slice = lstm->streams * lstm->hidden;
  packed_pack(weights->recurrent, 4 * lstm->hidden, lstm->hidden, lstm->packed);
  memset(lstm->d_cell, 0, slice * sizeof(float));
  memset(lstm->d_carry, 0, slice * sizeof(float));
  for (size_t t = lstm->steps; t-- > 0;) {
    float *const gates = lstm->gates + t * slice * 4;
    add(lstm->d_carry, d_output + t * slice, slice);
    lstm_gates_backward(lstm->streams, lstm->hidden, gates, lstm->cell + t * slice, lstm->tanh_cell + t * slice,
                        lstm->d_carry, lstm->d_cell);
    if (t > 0) {
      packed_multiply(gates, lstm->packed, lstm->streams, 4 * lstm->hidden, lstm->hidden, false, lstm->d_carry);
    }
  }
}

void
lstm_backward(struct lstm *const lstm,
              const struct lstm_weights *const weights,
              const float *const x,
              const float *const d_output,
              const struct lstm_weights *const gradients,
              float *const d_x)
{
  const int rows = (int)(lstm->steps * lstm->streams);
  const int inputs = (int)lstm->inputs;
  const int hidden = (int)lstm->hidden;
  const int gates = 4 * hidden;

  backward_steps(lstm, weights, d_output);
  gemm_tn(gates, hidden, rows, lstm->gates, gates, lstm->output, hidden, 1.0F, gradients->recurrent, hidden);
  gemm_tn(gates, inputs, rows, lstm->gates, gates, x, inputs, 1.0F, gradients->input, inputs);
  gemm_nn(rows, inputs, gates, lstm->gates, gates, weights->input, inputs, 1.0F, d_x, inputs);
  for (size_t r = 0; r < (size_t)rows; ++r) {
    add(gradients->bias, lstm->gates + r * (size_t)gates, (size_t)gates);
  }
}
