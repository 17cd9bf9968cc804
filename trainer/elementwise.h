// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The trainer's work on single elements, between the matrix products: LSTM gates, softmax, dropout, Adam and RMSprop. Each function is
// one loop that the compiler vectorises, compiled for several instruction sets and chosen when the program starts.

#ifndef RITORNELLO_ELEMENTWISE_H
#define RITORNELLO_ELEMENTWISE_H

#include <stddef.h>
#include <stdint.h>

/// One LSTM step of `batch` rows: gates [batch][4][hidden] (input, forget, cell, output) from pre-activations to
/// activations, cell = f cell_before + i g, tanh_cell = tanh(cell), output = o tanh_cell; all others [batch][hidden].
void lstm_gates_forward(
    size_t batch, size_t hidden, float *gates, const float *cell_before, float *cell, float *tanh_cell, float *output);

/// The step back: `gates`, the activations, become the gradients at the pre-activations, given d_output and d_cell (in: from
/// the step after, out: for the step before).
void lstm_gates_backward(size_t batch,
                         size_t hidden,
                         float *gates,
                         const float *cell_before,
                         const float *tanh_cell,
                         const float *d_output,
                         float *d_cell);

/// Replace `values` [count] by exp(values - max) and return their sum; `max` is theirs or more.
float exponentials(float *values, size_t count, float max);

/// Return the largest of `values` [count >= 1].
float largest(const float *values, size_t count);

/// values *= factor
void scale(float *values, size_t count, float factor);

/// values += value
void add_constant(float *values, size_t count, float value);

/// values += others
void add(float *values, const float *others, size_t count);

/// Return the sum of `values`.
float sum(const float *values, size_t count);

/// Return the sum of the products of `a` and `b`.
float dot(const float *a, const float *b, size_t count);

/// output = max(input, 0)
void rectify(const float *input, float *output, size_t count);

/// d_input += d_output where input > 0
void rectify_backward(const float *input, const float *d_output, float *d_input, size_t count);

/// d_scores = probabilities (d_probabilities - shift), in place of d_probabilities.
void softmax_backward(const float *probabilities, float *d_probabilities, size_t count, float shift);

/// d_sums = d_outputs logistic' where `outputs` are the logistic function's, in place of d_outputs.
void logistic_backward(const float *outputs, float *d_outputs, size_t count);

/// Energies of one query in additive attention: energies [count] = logistic(sum_n energy[n] tanh(query[n] + keys[n][count])).
void additive_energies(
    size_t width, size_t count, const float *query, const float *keys, const float *energy, float *energies);

/// The way back from d_sums [count], the gradients before the logistic function: overwrites d_query [width], adds to
/// d_keys [width][count] and d_energy [width].
void additive_energies_backward(size_t width,
                                size_t count,
                                const float *query,
                                const float *keys,
                                const float *energy,
                                const float *d_sums,
                                float *d_query,
                                float *d_keys,
                                float *d_energy);

/// Multiply `values` by 0 with probability `rate`, otherwise by 1 / (1 - rate); the same mask for the same key.
void dropout(float *values, size_t count, float rate, uint64_t key);

/// One Adam step (Kingma and Ba 2015, with decoupled weight decay after Loshchilov and Hutter 2019) on `count` values:
/// gradient is multiplied by `gradient_scale` first; correction1 = 1 - beta1^n and correction2 = 1 - beta2^n.
struct adam {
  float rate;
  float beta1;
  float beta2;
  float epsilon;
  float decay;
  float correction1;
  float correction2;
  float gradient_scale;
};
void
adam_step(const struct adam *adam, float *values, const float *gradients, float *mean, float *square, size_t count);

/// One RMSprop step (Hinton 2012) on `count` values: the gradient times `gradient_scale`, divided by the root of its square's
/// running average, which forgets by `memory`.
struct rmsprop {
  float rate;
  float memory;
  float epsilon;
  float decay;
  float gradient_scale;
};
void rmsprop_step(const struct rmsprop *rmsprop, float *values, const float *gradients, float *square, size_t count);

#endif // RITORNELLO_ELEMENTWISE_H
