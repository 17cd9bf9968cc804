// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "layer_additive.h"

#include "elementwise.h"
#include "gemm.h"

#include <stdlib.h>
#include <string.h>

enum status
additive_new(const size_t steps,
             const size_t streams,
             const size_t inputs,
             const size_t width,
             const size_t queries,
             struct additive *const a,
             struct error *const error)
{
  *a = (struct additive){
      .steps = steps,
      .streams = streams,
      .inputs = inputs,
      .width = width,
      .queries = queries,
      .query = calloc(queries * streams * width, sizeof(float)),
      .key = calloc(steps * streams * width, sizeof(float)),
      .keys = calloc(steps * streams * width, sizeof(float)),
      .energies = calloc(streams * queries * steps, sizeof(float)),
      .attention = calloc(streams * queries * steps, sizeof(float)),
      .output = calloc(queries * streams * inputs, sizeof(float)),
      .d_attention = calloc(queries * steps, sizeof(float)),
      .d_query = calloc(queries * streams * width, sizeof(float)),
      .d_keys = calloc(width * steps, sizeof(float)),
      .d_key = calloc(steps * streams * width, sizeof(float)),
  };
  if (!a->query || !a->key || !a->keys || !a->energies || !a->attention || !a->output || !a->d_attention ||
      !a->d_query || !a->d_keys || !a->d_key) {
    additive_free(a);
    return error_set(error, STATUS_NO_MEMORY, "no memory for attention over windows of %zu", steps);
  }
  return STATUS_SUCCESS;
}

void
additive_free(struct additive *const a)
{
  free(a->query);
  free(a->key);
  free(a->keys);
  free(a->energies);
  free(a->attention);
  free(a->output);
  free(a->d_attention);
  free(a->d_query);
  free(a->d_keys);
  free(a->d_key);
  memset(a, 0, sizeof(*a));
}

// The inputs at the first position that is computed
static size_t
first_input(const struct additive *const a)
{
  return (a->steps - a->queries) * a->streams * a->inputs;
}

static void
project(struct additive *const a, const struct additive_weights *const weights, const float *const x)
{
  const int width = (int)a->width;
  const int inputs = (int)a->inputs;
  const int query_rows = (int)(a->queries * a->streams);
  const int key_rows = (int)(a->steps * a->streams);
  for (size_t r = 0; r < (size_t)query_rows; ++r) {
    memcpy(a->query + r * a->width, weights->bias, a->width * sizeof(float));
  }
  gemm_nt(query_rows, width, inputs, x + first_input(a), inputs, weights->query, inputs, 1.0F, a->query, width);
  gemm_nt(key_rows, width, inputs, x, inputs, weights->key, inputs, 0.0F, a->key, width);
  for (size_t s = 0; s < a->steps; ++s) {
    for (size_t b = 0; b < a->streams; ++b) {
      const float *const key = a->key + (s * a->streams + b) * a->width;
      for (size_t n = 0; n < a->width; ++n) {
        a->keys[(b * a->width + n) * a->steps + s] = key[n];
      }
    }
  }
}

// One query's energies and their softmax
static void
attend(struct additive *const a, const struct additive_weights *const weights, const size_t b, const size_t t)
{
  const size_t row = (b * a->queries + t) * a->steps;
  float *const attention = a->attention + row;
  additive_energies(a->width, a->steps, a->query + (t * a->streams + b) * a->width, a->keys + b * a->width * a->steps,
                    weights->energy, a->energies + row);
  memcpy(attention, a->energies + row, a->steps * sizeof(float));
  scale(attention, a->steps, 1.0F / exponentials(attention, a->steps, largest(attention, a->steps)));
}

void
additive_forward(struct additive *const a, const struct additive_weights *const weights, const float *const x)
{
  const int stride = (int)(a->streams * a->inputs);
  project(a, weights, x);
  for (size_t b = 0; b < a->streams; ++b) {
    for (size_t t = 0; t < a->queries; ++t) {
      attend(a, weights, b, t);
    }
    gemm_nn((int)a->queries, (int)a->inputs, (int)a->steps, a->attention + b * a->queries * a->steps, (int)a->steps,
            x + b * a->inputs, stride, 0.0F, a->output + b * a->inputs, stride);
  }
}

// Stream b: through the weighted sum and the softmax to the energies' sums, and from there to d_query, d_key, energy
static void
stream_backward(struct additive *const a,
                const struct additive_weights *const weights,
                const size_t b,
                const struct additive_weights *const gradients)
{
  memset(a->d_keys, 0, a->width * a->steps * sizeof(float));
  for (size_t t = 0; t < a->queries; ++t) {
    const size_t row = (b * a->queries + t) * a->steps;
    const size_t query = (t * a->streams + b) * a->width;
    const float *const attention = a->attention + row;
    float *const d = a->d_attention + t * a->steps;
    softmax_backward(attention, d, a->steps, dot(attention, d, a->steps));
    logistic_backward(a->energies + row, d, a->steps);
    additive_energies_backward(a->width, a->steps, a->query + query, a->keys + b * a->width * a->steps, weights->energy,
                               d, a->d_query + query, a->d_keys, gradients->energy);
  }
  for (size_t s = 0; s < a->steps; ++s) {
    float *const d_key = a->d_key + (s * a->streams + b) * a->width;
    for (size_t n = 0; n < a->width; ++n) {
      d_key[n] = a->d_keys[n * a->steps + s];
    }
  }
}

// From d_query and d_key to the projections' weights and the inputs
static void
project_backward(const struct additive *const a,
                 const struct additive_weights *const weights,
                 const float *const x,
                 const struct additive_weights *const gradients,
                 float *const d_x)
{
  const int width = (int)a->width;
  const int inputs = (int)a->inputs;
  const int query_rows = (int)(a->queries * a->streams);
  const int key_rows = (int)(a->steps * a->streams);
  const size_t first = first_input(a);
  for (size_t r = 0; r < (size_t)query_rows; ++r) {
    add(gradients->bias, a->d_query + r * a->width, a->width);
  }
  gemm_tn(width, inputs, query_rows, a->d_query, width, x + first, inputs, 1.0F, gradients->query, inputs);
  gemm_tn(width, inputs, key_rows, a->d_key, width, x, inputs, 1.0F, gradients->key, inputs);
  gemm_nn(query_rows, inputs, width, a->d_query, width, weights->query, inputs, 1.0F, d_x + first, inputs);
  gemm_nn(key_rows, inputs, width, a->d_key, width, weights->key, inputs, 1.0F, d_x, inputs);
}

void
additive_backward(struct additive *const a,
                  const struct additive_weights *const weights,
                  const float *const x,
                  const float *const d_output,
                  const struct additive_weights *const gradients,
                  float *const d_x)
{
  const int queries = (int)a->queries;
  const int steps = (int)a->steps;
  const int inputs = (int)a->inputs;
  const int stride = (int)(a->streams * a->inputs);
  for (size_t b = 0; b < a->streams; ++b) {
    const float *const attention = a->attention + b * a->queries * a->steps;
    const float *const d = d_output + b * a->inputs;
    gemm_nt(queries, steps, inputs, d, stride, x + b * a->inputs, stride, 0.0F, a->d_attention, steps);
    gemm_tn(steps, inputs, queries, attention, steps, d, stride, 1.0F, d_x + b * a->inputs, stride);
    stream_backward(a, weights, b, gradients);
  }
  project_backward(a, weights, x, gradients, d_x);
}
