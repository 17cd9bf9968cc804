// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The `streaming` network in training: T steps of B streams forward, and back with exact gradients, after the formulas of
// streaming_layout.h. State (LSTMs and memory) is carried from pass to pass; gradients stop where a pass begins.
// One model belongs to one thread; the parameters are shared and only read.

#ifndef RITORNELLO_STREAMING_MODEL_H
#define RITORNELLO_STREAMING_MODEL_H

#include "batch.h"
#include "layer_attention.h"
#include "layer_heads.h"
#include "layer_lstm.h"
#include "parameters.h"

#include "engine/status.h"

#include <stddef.h>

/// All memory of a pass. Shapes: R = T * B rows; E, H, B', N, K, V as in streaming_layout.h; W = H + N * V.
struct streaming_model {
  struct streaming_sizes sizes;
  size_t steps;
  size_t streams;
  size_t rows;
  float dropout;
  struct lstm forward;
  struct lstm backward; ///< Steps are a segment's, streams all segments of all streams
  struct lstm decoder;
  struct attention attention;
  struct heads heads;
  float *x;           ///< [R][E] inputs
  float *reversed;    ///< [R][E] inputs in the order in which the backward encoder reads them
  float *encoded;     ///< [R][B'] backward encodings in order of time
  float *keys;        ///< [R][N * K]
  float *queries;     ///< [R][N * K]
  float *values;      ///< [R][N * V]
  float *encodings;   ///< [R][N * V]
  float *joined;      ///< [R][W] decoder inputs: f, then attended
  float *g;           ///< [R][H] decoder outputs after dropout
  float *d_x;         ///< [R][E]
  float *d_f;         ///< [T + 1][B][H], by f's time; [0] is what was carried in
  float *d_keys;      ///< [R][N * K]
  float *d_queries;   ///< [R][N * K]
  float *d_values;    ///< [R][N * V]
  float *d_encodings; ///< [R][N * V]
  float *d_encoded;   ///< [R][B'] in the backward encoder's order
  float *d_reversed;  ///< [R][E]
  float *d_joined;    ///< [R][W]
  float *d_g;         ///< [R][H]
};

/// Take memory for passes of `steps` (a multiple of sizes->segment) and `streams`. Free with streaming_model_free().
enum status streaming_model_new(const struct streaming_sizes *sizes,
                                size_t steps,
                                size_t streams,
                                struct streaming_model *model,
                                struct error *error);
void streaming_model_free(struct streaming_model *model);

/// Compute model->heads.losses for `batch`; `dropout` in [0, 1) is the rate at x, at the decoder's input and output.
void streaming_model_forward(struct streaming_model *model,
                             const struct parameters *parameters,
                             const struct batch *batch,
                             float dropout);

/// Add to `gradients` (laid out like the parameters) those of the losses' sum times `scale`. Once after each forward pass.
void streaming_model_backward(struct streaming_model *model,
                              const struct parameters *parameters,
                              const struct batch *batch,
                              float scale,
                              float *gradients);

/// End the pass: its state is what the next one begins with.
void streaming_model_carry(struct streaming_model *model);

#endif // RITORNELLO_STREAMING_MODEL_H
