// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "windowed_layers.h"

#include "elementwise.h"
#include "gemm.h"

#include "engine/random.h"

#include <string.h>

// A tensor of the layer among the weights, and among the gradients
static const float *
weight(const struct pass *const pass, const enum windowed_role role)
{
  return parameters_value(pass->parameters, pass->model->tensors[pass->index][role]);
}

static float *
gradient(const struct pass *const pass, const enum windowed_role role)
{
  return parameters_tensor(pass->parameters, pass->gradients, pass->model->tensors[pass->index][role]);
}

static struct lstm_weights
lstm_at(const struct pass *const pass, float *const base, const enum windowed_role first)
{
  const int *const tensors = pass->model->tensors[pass->index];
  return (struct lstm_weights){
      .input = parameters_tensor(pass->parameters, base, tensors[first]),
      .recurrent = parameters_tensor(pass->parameters, base, tensors[first + 1]),
      .bias = parameters_tensor(pass->parameters, base, tensors[first + 2]),
  };
}

static struct additive_weights
additive_at(const struct pass *const pass, float *const base)
{
  const int *const tensors = pass->model->tensors[pass->index];
  return (struct additive_weights){
      .query = parameters_tensor(pass->parameters, base, tensors[ROLE_QUERY]),
      .key = parameters_tensor(pass->parameters, base, tensors[ROLE_KEY]),
      .bias = parameters_tensor(pass->parameters, base, tensors[ROLE_BIAS]),
      .energy = parameters_tensor(pass->parameters, base, tensors[ROLE_WEIGHT]),
  };
}

// The first of the window's tokens that the input layer gives
static const uint16_t *
tokens_read(const struct pass *const pass, const struct model_layer *const l)
{
  return pass->batch->tokens + (pass->batch->steps - l->steps) * pass->batch->streams;
}

static void
input_forward(const struct pass *const pass, struct model_layer *const l)
{
  const size_t rows = l->steps * pass->model->streams;
  const size_t width = l->width.output;
  const uint16_t *const tokens = tokens_read(pass, l);
  if (l->layer.kind == LAYER_INDEX) {
    for (size_t r = 0; r < rows; ++r) {
      l->output[r] = (float)tokens[r] / (float)pass->model->sizes.vocabulary;
    }
    return;
  }
  const float *const table = weight(pass, ROLE_EMBED);
  for (size_t r = 0; r < rows; ++r) {
    memcpy(l->output + r * width, table + tokens[r] * width, width * sizeof(float));
  }
}

static void
input_backward(const struct pass *const pass, struct model_layer *const l)
{
  if (l->layer.kind == LAYER_INDEX) {
    return;
  }
  const size_t width = l->width.output;
  const uint16_t *const tokens = tokens_read(pass, l);
  float *const table = gradient(pass, ROLE_EMBED);
  for (size_t r = 0; r < l->steps * pass->model->streams; ++r) {
    add(table + tokens[r] * width, l->d_output + r * width, width);
  }
}

// The window as a bilstm's second half reads it, or its gradients back: `to` [S][B][I] at step t is position T - 1 - t.
static const float *
position_back(const struct pass *const pass, const struct model_layer *const l, const float *const rows, const size_t t)
{
  return rows + (pass->model->sizes.context - 1 - t) * pass->model->streams * l->width.input;
}

// Where step t of the second half stands in a layer's output [S][B][2H]
static size_t
output_back(const struct pass *const pass, const struct model_layer *const l, const size_t t)
{
  return (l->steps - 1 - t) * pass->model->streams * l->width.output;
}

static void
bilstm_forward(const struct pass *const pass, struct model_layer *const l)
{
  const size_t streams = pass->model->streams;
  const size_t hidden = l->layer.size;
  const size_t slice = streams * l->width.input;
  const struct lstm_weights forward = lstm_at(pass, pass->parameters->values, ROLE_INPUT);
  const struct lstm_weights backward = lstm_at(pass, pass->parameters->values, ROLE_BACKWARD_INPUT);
  for (size_t t = 0; t < l->steps; ++t) {
    memcpy(l->reversed + t * slice, position_back(pass, l, l->x, t), slice * sizeof(float));
  }
  lstm_forward(&l->forward, &forward, l->x);
  lstm_forward(&l->backward, &backward, l->reversed);

  const float *const h = l->forward.output + (1 + l->forward.steps - l->steps) * streams * hidden;
  const float *const g = l->backward.output + streams * hidden;
  for (size_t t = 0; t < l->steps; ++t) {
    float *const to_h = l->output + t * streams * 2 * hidden;
    float *const to_g = l->output + output_back(pass, l, t) + hidden;
    for (size_t b = 0; b < streams; ++b) {
      memcpy(to_h + b * 2 * hidden, h + (t * streams + b) * hidden, hidden * sizeof(float));
      memcpy(to_g + b * 2 * hidden, g + (t * streams + b) * hidden, hidden * sizeof(float));
    }
  }
}

static void
bilstm_backward(const struct pass *const pass, struct model_layer *const l)
{
  const size_t streams = pass->model->streams;
  const size_t hidden = l->layer.size;
  const size_t slice = streams * l->width.input;
  float *const d_h = l->d_forward + (l->forward.steps - l->steps) * streams * hidden; // what is before stays zero
  for (size_t t = 0; t < l->steps; ++t) {
    const float *const from_h = l->d_output + t * streams * 2 * hidden;
    const float *const from_g = l->d_output + output_back(pass, l, t) + hidden;
    for (size_t b = 0; b < streams; ++b) {
      memcpy(d_h + (t * streams + b) * hidden, from_h + b * 2 * hidden, hidden * sizeof(float));
      memcpy(l->d_backward + (t * streams + b) * hidden, from_g + b * 2 * hidden, hidden * sizeof(float));
    }
  }
  float *const values = pass->parameters->values;
  const struct lstm_weights forward = lstm_at(pass, values, ROLE_INPUT);
  const struct lstm_weights backward = lstm_at(pass, values, ROLE_BACKWARD_INPUT);
  const struct lstm_weights to_forward = lstm_at(pass, pass->gradients, ROLE_INPUT);
  const struct lstm_weights to_backward = lstm_at(pass, pass->gradients, ROLE_BACKWARD_INPUT);
  lstm_backward(&l->forward, &forward, l->x, l->d_forward, &to_forward, l->d_x);
  memset(l->d_reversed, 0, l->steps * slice * sizeof(float));
  lstm_backward(&l->backward, &backward, l->reversed, l->d_backward, &to_backward, l->d_reversed);
  for (size_t t = 0; t < l->steps; ++t) {
    add(l->d_x + (pass->model->sizes.context - 1 - t) * slice, l->d_reversed + t * slice, slice);
  }
}

static void
drop(const struct pass *const pass, const struct model_layer *const l, float *const rows)
{
  const size_t streams = pass->model->streams;
  if (!pass->model->training) {
    return;
  }
  for (size_t r = 0; r < l->steps * streams; ++r) {
    const uint64_t key = random_key(pass->batch->keys[r % streams], pass->index);
    dropout(rows + r * l->width.output, l->width.output, (float)l->layer.dropout * 1e-3F, random_key(key, r / streams));
  }
}

static void
dense_forward(const struct pass *const pass, struct model_layer *const l)
{
  const size_t rows = l->steps * pass->model->streams;
  const int inputs = (int)l->width.input;
  const int outputs = (int)l->width.output;
  const float *const bias = weight(pass, ROLE_BIAS);
  for (size_t r = 0; r < rows; ++r) {
    memcpy(l->output + r * (size_t)outputs, bias, (size_t)outputs * sizeof(float));
  }
  gemm_nt((int)rows, outputs, inputs, l->x, inputs, weight(pass, ROLE_WEIGHT), inputs, 1.0F, l->output, outputs);
}

static void
dense_backward(const struct pass *const pass, struct model_layer *const l)
{
  const int rows = (int)(l->steps * pass->model->streams);
  const int inputs = (int)l->width.input;
  const int outputs = (int)l->width.output;
  float *const bias = gradient(pass, ROLE_BIAS);
  for (size_t r = 0; r < (size_t)rows; ++r) {
    add(bias, l->d_output + r * (size_t)outputs, (size_t)outputs);
  }
  gemm_tn(outputs, inputs, rows, l->d_output, outputs, l->x, inputs, 1.0F, gradient(pass, ROLE_WEIGHT), inputs);
  gemm_nn(rows, inputs, outputs, l->d_output, outputs, weight(pass, ROLE_WEIGHT), inputs, 1.0F, l->d_x, inputs);
}

void
windowed_layer_forward(const struct pass *const pass)
{
  struct model_layer *const l = &pass->model->layers[pass->index];
  const size_t values = l->steps * pass->model->streams * l->width.output;
  switch (l->layer.kind) {
  case LAYER_INDEX:
  case LAYER_EMBED:
    input_forward(pass, l);
    break;
  case LAYER_LSTM: {
    const struct lstm_weights weights = lstm_at(pass, pass->parameters->values, ROLE_INPUT);
    lstm_forward(&l->forward, &weights, l->x);
    break;
  }
  case LAYER_BILSTM:
    bilstm_forward(pass, l);
    break;
  case LAYER_ATTENTION: {
    const struct additive_weights weights = additive_at(pass, pass->parameters->values);
    additive_forward(&l->additive, &weights, l->x);
    break;
  }
  case LAYER_DROPOUT:
    memcpy(l->output, l->x, values * sizeof(float));
    drop(pass, l, l->output);
    break;
  case LAYER_DENSE:
  case LAYER_SOFTMAX:
    dense_forward(pass, l);
    break;
  case LAYER_KINDS:
    break;
  }
}

void
windowed_layer_backward(const struct pass *const pass)
{
  struct model_layer *const l = &pass->model->layers[pass->index];
  const size_t values = l->steps * pass->model->streams * l->width.output;
  switch (l->layer.kind) {
  case LAYER_INDEX:
  case LAYER_EMBED:
    input_backward(pass, l);
    break;
  case LAYER_LSTM: {
    const struct lstm_weights weights = lstm_at(pass, pass->parameters->values, ROLE_INPUT);
    const struct lstm_weights gradients = lstm_at(pass, pass->gradients, ROLE_INPUT);
    lstm_backward(&l->forward, &weights, l->x, l->d_values, &gradients, l->d_x);
    break;
  }
  case LAYER_BILSTM:
    bilstm_backward(pass, l);
    break;
  case LAYER_ATTENTION: {
    const struct additive_weights weights = additive_at(pass, pass->parameters->values);
    const struct additive_weights gradients = additive_at(pass, pass->gradients);
    additive_backward(&l->additive, &weights, l->x, l->d_output, &gradients, l->d_x);
    break;
  }
  case LAYER_DROPOUT:
    memcpy(l->d_x, l->d_output, values * sizeof(float));
    drop(pass, l, l->d_x);
    break;
  case LAYER_DENSE:
  case LAYER_SOFTMAX:
    dense_backward(pass, l);
    break;
  case LAYER_KINDS:
    break;
  }
}
