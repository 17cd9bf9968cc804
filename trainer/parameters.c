// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "parameters.h"

#include "engine/random.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

// Lay the tensors of the table out one after another.
static enum status
allocate(struct parameters *const parameters, struct error *const error)
{
  for (size_t i = 0; i < parameters->tensors; ++i) {
    parameters->offsets[i] = parameters->count;
    parameters->count += tensor_shape_count(&parameters->shapes[i]);
  }
  parameters->values = calloc(parameters->count, sizeof(float));
  if (!parameters->values) {
    return error_set(error, STATUS_NO_MEMORY, "no memory for a network of %zu weights", parameters->count);
  }
  return STATUS_SUCCESS;
}

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
  parameters->tensors = STREAMING_TENSORS;
  return allocate(parameters, error);
}

enum status
parameters_new_windowed(const struct windowed_sizes *const sizes,
                        struct parameters *const parameters,
                        struct error *const error)
{
  struct windowed_tensor tensors[WINDOWED_TENSORS];
  memset(parameters, 0, sizeof(*parameters));
  const enum status status = windowed_sizes_check(sizes, error);
  if (status) {
    return status;
  }
  parameters->windowed = *sizes;
  parameters->tensors = windowed_tensors(sizes, tensors);
  for (size_t i = 0; i < parameters->tensors; ++i) {
    parameters->shapes[i] = tensors[i].shape;
  }
  return allocate(parameters, error);
}

void
parameters_free(struct parameters *const parameters)
{
  free(parameters->values);
  memset(parameters, 0, sizeof(*parameters));
}

enum { GATES = 4, FORGET_GATE = 1 };

static const float SPREAD_SLOPE = 0.175F; // Steepness of a unit that is told one number, for each unit of its layer

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

// A layer that is told one number from 0 to 1 (which token it was) can tell tokens apart only if its units turn at different
// ones, and steeply: this is how Nguyen and Widrow (1990) begin such layers. Gates that forget are left alone.
static void
spread_thresholds(struct parameters *const parameters, const int first, const uint64_t seed)
{
  const size_t hidden = parameters->shapes[first + 1].columns;
  float *const weights = parameters_tensor(parameters, parameters->values, first);
  float *const bias = parameters_tensor(parameters, parameters->values, first + 2);
  const uint64_t key = random_key(seed, UINT64_C(0x7475726E) + (uint64_t)first);
  const float slope = SPREAD_SLOPE * (float)hidden;
  for (size_t i = 0; i < GATES * hidden; ++i) {
    if (i / hidden != FORGET_GATE) {
      weights[i] = random_uniform(key, 2 * i) < 0.5F ? -slope : slope;
      bias[i] = -weights[i] * random_uniform(key, 2 * i + 1);
    }
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
    bias[FORGET_GATE * hidden + h] = 1.0F;
  }
  if (parameters->shapes[first].columns == 1) {
    spread_thresholds(parameters, first, seed);
  }
}

static void
initialise_windowed(struct parameters *const parameters, const uint64_t seed)
{
  struct windowed_tensor tensors[WINDOWED_TENSORS];
  const int count = (int)windowed_tensors(&parameters->windowed, tensors);
  for (int i = 0; i < count; ++i) {
    switch (tensors[i].role) {
    case ROLE_EMBED:
      fill_normal(parameters, i, seed, 0.5);
      break;
    case ROLE_INPUT:
    case ROLE_BACKWARD_INPUT:
      fill_lstm(parameters, i, seed);
      break;
    case ROLE_WEIGHT:
      if (!tensors[i].shape.columns) { // attention's
        fill_normal(parameters, i, seed, 1.0 / sqrt(tensors[i].shape.rows));
        break;
      }
      fill_matrix(parameters, i, seed, 1.0);
      break;
    case ROLE_QUERY:
    case ROLE_KEY:
      fill_matrix(parameters, i, seed, 1.0);
      break;
    case ROLE_RECURRENT:
    case ROLE_BACKWARD_RECURRENT:
    case ROLE_BACKWARD_BIAS:
    case ROLE_BIAS: // an LSTM's are filled with its input's, others stay zero
      break;
    }
  }
}

static void
initialise_streaming(struct parameters *const parameters, const uint64_t seed)
{
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

void
parameters_initialise(struct parameters *const parameters, const uint64_t seed)
{
  memset(parameters->values, 0, parameters->count * sizeof(float));
  if (parameters->windowed.layer_count) {
    initialise_windowed(parameters, seed);
  } else {
    initialise_streaming(parameters, seed);
  }
}

void
parameters_network(const struct parameters *const parameters, char text[PARAMETERS_TEXT_SIZE])
{
  if (parameters->windowed.layer_count) {
    windowed_sizes_format(&parameters->windowed, text);
  } else {
    streaming_sizes_format(&parameters->sizes, text);
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

// Make room for the network that `text` describes, of whatever kind.
static enum status
new_described(const char *const text, struct parameters *const parameters, struct error *const error)
{
  json_t *const object = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
  const char *const kind = json_string_value(json_object_get(object, "kind"));
  const bool is_windowed = kind && !strcmp(kind, "windowed");
  json_decref(object);
  if (is_windowed) {
    struct windowed_sizes sizes;
    const enum status status = windowed_sizes_parse(text, &sizes, error);
    return status ? status : parameters_new_windowed(&sizes, parameters, error);
  }
  struct streaming_sizes sizes;
  const enum status status = streaming_sizes_parse(text, &sizes, error);
  return status ? status : parameters_new(&sizes, parameters, error);
}

enum status
parameters_load(const struct safetensors *const file,
                const char *const path,
                struct parameters *const parameters,
                struct error *const error)
{
  const char *const network = safetensors_metadata(file, "network");
  memset(parameters, 0, sizeof(*parameters));
  if (!network) {
    return error_set(error, STATUS_BAD_FORMAT, "%s: does not say what network it holds (`network' in its metadata)",
                     path);
  }
  enum status status = new_described(network, parameters, error);
  for (size_t i = 0; !status && i < parameters->tensors; ++i) {
    if (parameters->shapes[i].rows) {
      status = load_tensor(file, path, parameters, (int)i, error);
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
                    struct tensor tensors[PARAMETERS_TENSORS])
{
  size_t count = 0;
  if (halves) {
    floats_to_halves(base, halves, parameters->count);
  }
  for (size_t i = 0; i < parameters->tensors; ++i) {
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
