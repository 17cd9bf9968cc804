// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "parameters.h"

#include "engine/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum status
parameters_new(const struct streaming_sizes *const sizes,
               struct parameters *const parameters,
               struct error *const error)
{
  memset(parameters, 0, sizeof(*parameters));
  const enum status status = streaming_sizes_check(sizes, error);
  if (status) {
    return status;
  }
  parameters->sizes = *sizes;
  streaming_shapes(sizes, parameters->shapes);
  for (int i = 0; i < STREAMING_TENSORS; ++i) {
    parameters->offsets[i] = parameters->count;
    parameters->count += tensor_shape_count(&parameters->shapes[i]);
  }
  parameters->values = calloc(parameters->count, sizeof(float));
  if (!parameters->values) {
    return error_set(error, STATUS_NO_MEMORY, "no memory for a network of %zu weights", parameters->count);
  }
  return STATUS_SUCCESS;
}

void
parameters_free(struct parameters *const parameters)
{
  free(parameters->values);
  memset(parameters, 0, sizeof(*parameters));
}

// Draw from the normal distribution (Box and Muller 1958).
static float
normal(const uint64_t key, const uint64_t counter)
{
  const double radius = sqrt(-2.0 * log(1.0 - (double)random_uniform(key, 2 * counter)));
  return (float)(radius * cos(6.283185307179586 * (double)random_uniform(key, 2 * counter + 1)));
}

static void
fill_normal(struct parameters *const parameters, const int tensor, const uint64_t seed, const double deviation)
{
  float *const values = parameters_tensor(parameters, parameters->values, tensor);
  const size_t count = tensor_shape_count(&parameters->shapes[tensor]);
  const uint64_t key = random_key(seed, (uint64_t)tensor);
  for (size_t i = 0; i < count; ++i) {
    values[i] = (float)deviation * normal(key, i);
  }
}

// Normal with the variance that keeps the sum over the inputs at `gain` squared.
static void
fill_matrix(struct parameters *const parameters, const int tensor, const uint64_t seed, const double gain)
{
  if (parameters->shapes[tensor].rows && parameters->shapes[tensor].columns) {
    fill_normal(parameters, tensor, seed, gain / sqrt(parameters->shapes[tensor].columns));
  }
}

// Input, recurrent and bias of an LSTM stand one after another, `first` is the input's.
static void
fill_lstm(struct parameters *const parameters, const int first, const uint64_t seed)
{
  const size_t hidden = parameters->shapes[first + 1].columns;
  if (!hidden) {
    return;
  }
  for (int tensor = first; tensor < first + 2; ++tensor) {
    float *const values = parameters_tensor(parameters, parameters->values, tensor);
    const size_t count = tensor_shape_count(&parameters->shapes[tensor]);
    const uint64_t key = random_key(seed, (uint64_t)tensor);
    const float bound = (float)(1.0 / sqrt((double)hidden));
    for (size_t i = 0; i < count; ++i) {
      values[i] = bound * (2.0F * random_uniform(key, i) - 1.0F);
    }
  }
  float *const bias = parameters_tensor(parameters, parameters->values, first + 2);
  for (size_t h = 0; h < hidden; ++h) {
    bias[hidden + h] = 1.0F;
  }
}

void
parameters_initialise(struct parameters *const parameters, const uint64_t seed)
{
  memset(parameters->values, 0, parameters->count * sizeof(float));
  for (int tensor = TENSOR_EMBED_HAND; tensor <= TENSOR_CONDITION_METRE; ++tensor) {
    fill_normal(parameters, tensor, seed, 0.25);
  }
  fill_lstm(parameters, TENSOR_FORWARD_INPUT, seed);
  fill_lstm(parameters, TENSOR_BACKWARD_INPUT, seed);
  fill_lstm(parameters, TENSOR_DECODER_INPUT, seed);
  fill_matrix(parameters, TENSOR_ATTENTION_KEY, seed, 2.0);
  memcpy(parameters_tensor(parameters, parameters->values, TENSOR_ATTENTION_QUERY),
         parameters_value(parameters, TENSOR_ATTENTION_KEY),
         tensor_shape_count(&parameters->shapes[TENSOR_ATTENTION_KEY]) * sizeof(float));
  fill_matrix(parameters, TENSOR_ATTENTION_VALUE, seed, 1.0);
  fill_matrix(parameters, TENSOR_ATTENTION_BACKWARD, seed, 1.0);
  fill_matrix(parameters, TENSOR_DENSE_WEIGHT, seed, 1.4);
  for (int field = 0; field < FIELD_COUNT; ++field) {
    fill_matrix(parameters, TENSOR_HEAD_WEIGHT + field, seed, 1.0);
  }
  for (int field = 0; field < FIELD_COUNT - 1; ++field) {
    fill_normal(parameters, TENSOR_HEAD_EMBED + field, seed, 0.25);
  }
}

static enum status
load_tensor(const struct safetensors *const file,
            const char *const path,
            struct parameters *const parameters,
            const int index,
            struct error *const error)
{
  const struct tensor_shape *const shape = &parameters->shapes[index];
  const struct tensor *const tensor = safetensors_find(file, shape->name);
  if (!tensor) {
    return error_set(error, STATUS_BAD_FORMAT, "%s: has no tensor `%s'", path, shape->name);
  }
  const unsigned rank = shape->columns ? 2 : 1;
  if (tensor->rank != rank || tensor->shape[0] != shape->rows || (rank == 2 && tensor->shape[1] != shape->columns)) {
    return error_set(error, STATUS_BAD_FORMAT, "%s: tensor `%s' has the wrong shape", path, shape->name);
  }
  return tensor_floats(tensor, parameters_tensor(parameters, parameters->values, index), tensor_shape_count(shape),
                       error);
}

enum status
parameters_load(const struct safetensors *const file,
                const char *const path,
                struct parameters *const parameters,
                struct error *const error)
{
  const char *const network = safetensors_metadata(file, "network");
  if (!network) {
    memset(parameters, 0, sizeof(*parameters));
    return error_set(error, STATUS_BAD_FORMAT, "%s: does not say what network it holds (`network' in its metadata)",
                     path);
  }
  struct streaming_sizes sizes;
  memset(parameters, 0, sizeof(*parameters));
  enum status status = streaming_sizes_parse(network, &sizes, error);
  if (!status) {
    status = parameters_new(&sizes, parameters, error);
  }
  for (int i = 0; !status && i < STREAMING_TENSORS; ++i) {
    if (parameters->shapes[i].rows) {
      status = load_tensor(file, path, parameters, i, error);
    }
  }
  if (status) {
    parameters_free(parameters);
  }
  return status;
}

size_t
parameters_describe(const struct parameters *const parameters,
                    const float *const base,
                    uint16_t *const halves,
                    struct tensor tensors[STREAMING_TENSORS])
{
  size_t count = 0;
  if (halves) {
    floats_to_halves(base, halves, parameters->count);
  }
  for (int i = 0; i < STREAMING_TENSORS; ++i) {
    const struct tensor_shape *const shape = &parameters->shapes[i];
    if (!shape->rows) {
      continue;
    }
    struct tensor *const tensor = &tensors[count++];
    memset(tensor, 0, sizeof(*tensor));
    memcpy(tensor->name, shape->name, sizeof(shape->name));
    tensor->dtype = halves ? DTYPE_F16 : DTYPE_F32;
    tensor->rank = shape->columns ? 2 : 1;
    tensor->shape[0] = shape->rows;
    tensor->shape[1] = shape->columns;
    tensor->size = tensor_shape_count(shape) * (halves ? sizeof(uint16_t) : sizeof(float));
    tensor->data =
        halves ? (const void *)(halves + parameters->offsets[i]) : (const void *)(base + parameters->offsets[i]);
  }
  return count;
}
