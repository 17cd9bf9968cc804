// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Additive self-attention over a window, forward and back (Bahdanau et al. 2015; over one sequence as in Zheng et al.,
// "OpenTag", 2018, which the article's layer goes back to). With x_s the input at position s of the window,
//
//     e_ts = logistic(energy . tanh(query x_t + key x_s + bias)),    a_t = softmax of e_t over all s,    y_t = sum_s a_ts x_s.
//
// Rows are time-major: row t * B + b. What comes after may want the last positions only; the others are then not computed.

#ifndef RITORNELLO_LAYER_ADDITIVE_H
#define RITORNELLO_LAYER_ADDITIVE_H

#include "engine/status.h"

#include <stddef.h>

/// Sizes and all memory of the layer; T, B, I, N and Q in the shapes are `steps`, `streams`, `inputs`, `width` and `queries`.
struct additive {
  size_t steps;
  size_t streams;
  size_t inputs;
  size_t width;
  size_t queries;     ///< Positions that are computed: the last Q of the window
  float *query;       ///< [Q][B][N] query x_t + bias
  float *key;         ///< [T][B][N] key x_s
  float *keys;        ///< [B][N][T] the same, so that one stream's values of one n stand side by side
  float *energies;    ///< [B][Q][T] e
  float *attention;   ///< [B][Q][T] a
  float *output;      ///< [Q][B][I] y
  float *d_attention; ///< [Q][T]
  float *d_query;     ///< [Q][B][N]
  float *d_keys;      ///< [N][T]
  float *d_key;       ///< [T][B][N]
};

/// Weights, or gradients of the same shapes.
struct additive_weights {
  float *query;  ///< [N][I]
  float *key;    ///< [N][I]
  float *bias;   ///< [N]
  float *energy; ///< [N]
};

/// Take memory to compute the last `queries` (at most `steps`) positions of windows of `steps`.
enum status additive_new(size_t steps,
                         size_t streams,
                         size_t inputs,
                         size_t width,
                         size_t queries,
                         struct additive *additive,
                         struct error *error);
void additive_free(struct additive *additive);

/// Compute output from x [T][B][I].
void additive_forward(struct additive *additive, const struct additive_weights *weights, const float *x);

/// Add the gradients to `gradients`, given d_output [Q][B][I], and to d_x [T][B][I].
void additive_backward(struct additive *additive,
                       const struct additive_weights *weights,
                       const float *x,
                       const float *d_output,
                       const struct additive_weights *gradients,
                       float *d_x);

#endif // RITORNELLO_LAYER_ADDITIVE_H
