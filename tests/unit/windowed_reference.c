// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The naive network: one sequence goes from layer to layer. Tensors are read where they are used.

#include "windowed_reference.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_SIZE = 64 };

// Where the run is: a sequence [T][width] and the layer that reads it.
struct run {
  const struct safetensors *file;
  const struct windowed_sizes *sizes;
  const struct windowed_layer *layer;
  uint32_t number;
  size_t length;
  size_t width;
  double *x;
  bool failed;
};

static double *
zeros(const size_t count)
{
  return calloc(count, sizeof(double));
}

// Return the `count` values of the present layer's tensor `name`; zeros if there are none.
static double *
tensor(struct run *const run, const char *const name, const size_t count)
{
  char full[NAME_SIZE];
  snprintf(full, sizeof(full), "layer%u.%s", run->number, name);
  const struct tensor *const found = safetensors_find(run->file, run->layer->kind == LAYER_EMBED ? name : full);
  float *const values = calloc(count, sizeof(*values));
  double *const result = zeros(count);
  run->failed |= !found || tensor_floats(found, values, count, NULL);
  for (size_t i = 0; i < count; ++i) {
    result[i] = values[i];
  }
  free(values);
  return result;
}

static double
dot(const double *const a, const double *const b, const size_t count)
{
  double sum = 0.0;
  for (size_t i = 0; i < count; ++i) {
    sum += a[i] * b[i];
  }
  return sum;
}

static double
sigmoid(const double x)
{
  return 1.0 / (1.0 + exp(-x));
}

// Go on with `y` [T][width] instead of the present sequence.
static void
replace(struct run *const run, double *const y, const size_t width)
{
  free(run->x);
  run->x = y;
  run->width = width;
}

static void
embed(struct run *const run, const uint16_t *const window)
{
  const size_t size = run->layer->kind == LAYER_EMBED ? run->layer->size : 1;
  double *const y = zeros(run->length * size);
  double *const table = run->layer->kind == LAYER_EMBED ? tensor(run, "embed", run->sizes->vocabulary * size) : NULL;
  for (size_t t = 0; t < run->length; ++t) {
    for (size_t i = 0; i < size; ++i) {
      y[t * size + i] = table ? table[window[t] * size + i] : (double)window[t] / run->sizes->vocabulary;
    }
  }
  free(table);
  replace(run, y, size);
}

// Write the outputs of an LSTM, whose tensors' names begin with `prefix`, into columns of y [T][width] from `column` on.
static void
lstm(struct run *const run, const char *const prefix, const int is_backward, double *y, size_t width, size_t column)
{
  char names[3][NAME_SIZE];
  snprintf(names[0], NAME_SIZE, "%sinput", prefix);
  snprintf(names[1], NAME_SIZE, "%srecurrent", prefix);
  snprintf(names[2], NAME_SIZE, "%sbias", prefix);
  const size_t hidden = run->layer->size;
  double *const input = tensor(run, names[0], 4 * hidden * run->width);
  double *const recurrent = tensor(run, names[1], 4 * hidden * hidden);
  double *const bias = tensor(run, names[2], 4 * hidden);
  double *const cell = zeros(hidden);
  double *const output = zeros(hidden);
  double *const gates = zeros(4 * hidden);
  for (size_t i = 0; i < run->length; ++i) {
    const size_t t = is_backward ? run->length - 1 - i : i;
    for (size_t g = 0; g < 4 * hidden; ++g) {
      gates[g] = bias[g] + dot(input + g * run->width, run->x + t * run->width, run->width) +
                 dot(recurrent + g * hidden, output, hidden);
    }
    for (size_t h = 0; h < hidden; ++h) {
      cell[h] = sigmoid(gates[hidden + h]) * cell[h] + sigmoid(gates[h]) * tanh(gates[2 * hidden + h]);
      output[h] = sigmoid(gates[3 * hidden + h]) * tanh(cell[h]);
    }
    memcpy(y + t * width + column, output, hidden * sizeof(*output));
  }
  free(input);
  free(recurrent);
  free(bias);
  free(cell);
  free(output);
  free(gates);
}

static void
attention(struct run *const run)
{
  const size_t size = run->layer->size;
  const size_t width = run->width;
  double *const query = tensor(run, "query", size * width);
  double *const key = tensor(run, "key", size * width);
  double *const bias = tensor(run, "bias", size);
  double *const weight = tensor(run, "weight", size);
  double *const y = zeros(run->length * width);
  for (size_t t = 0; t < run->length; ++t) {
    double sum = 0.0;
    for (size_t s = 0; s < run->length; ++s) {
      double energy = 0.0;
      for (size_t a = 0; a < size; ++a) {
        energy += weight[a] * tanh(dot(query + a * width, run->x + t * width, width) +
                                   dot(key + a * width, run->x + s * width, width) + bias[a]);
      }
      const double share = exp(sigmoid(energy));
      sum += share;
      for (size_t i = 0; i < width; ++i) {
        y[t * width + i] += share * run->x[s * width + i];
      }
    }
    for (size_t i = 0; i < width; ++i) {
      y[t * width + i] /= sum;
    }
  }
  free(query);
  free(key);
  free(bias);
  free(weight);
  replace(run, y, width);
}

static void
dense(struct run *const run)
{
  const size_t size = run->layer->kind == LAYER_SOFTMAX ? run->sizes->vocabulary : run->layer->size;
  double *const weight = tensor(run, "weight", size * run->width);
  double *const bias = tensor(run, "bias", size);
  double *const y = zeros(run->length * size);
  for (size_t t = 0; t < run->length; ++t) {
    for (size_t i = 0; i < size; ++i) {
      y[t * size + i] = bias[i] + dot(weight + i * run->width, run->x + t * run->width, run->width);
    }
  }
  free(weight);
  free(bias);
  replace(run, y, size);
}

static void
recurrent_layer(struct run *const run)
{
  const bool both = run->layer->kind == LAYER_BILSTM;
  const size_t width = run->layer->size * (both ? 2U : 1U);
  double *const y = zeros(run->length * width);
  lstm(run, both ? "forward." : "", 0, y, width, 0);
  if (both) {
    lstm(run, "backward.", 1, y, width, run->layer->size);
  }
  replace(run, y, width);
}

static void
layer_run(struct run *const run, const uint16_t *const window)
{
  switch (run->layer->kind) {
  case LAYER_INDEX:
  case LAYER_EMBED:
    embed(run, window);
    break;
  case LAYER_LSTM:
  case LAYER_BILSTM:
    recurrent_layer(run);
    break;
  case LAYER_ATTENTION:
    attention(run);
    break;
  case LAYER_DENSE:
  case LAYER_SOFTMAX:
    dense(run);
    break;
  default:
    break;
  }
}

int
windowed_reference_run(const struct safetensors *const file,
                       const struct windowed_sizes *const sizes,
                       const uint16_t *const window,
                       double *const logits)
{
  struct run run = {.file = file, .sizes = sizes, .length = sizes->context};
  for (; run.number < sizes->layer_count; ++run.number) {
    run.layer = &sizes->layers[run.number];
    layer_run(&run, window);
  }
  memcpy(logits, run.x + (run.length - 1) * run.width, run.width * sizeof(*logits));
  free(run.x);
  return run.failed ? -1 : 0;
}
