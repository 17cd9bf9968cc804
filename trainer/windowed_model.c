// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "windowed_model.h"

#include "windowed_layers.h"

#include <stdlib.h>
#include <string.h>

enum status
window_batch_new(const size_t steps, const size_t streams, struct window_batch *const batch, struct error *const error)
{
  *batch = (struct window_batch){
      .steps = steps,
      .streams = streams,
      .tokens = calloc(steps * streams, sizeof(uint16_t)),
      .targets = calloc(streams, sizeof(uint16_t)),
      .keys = calloc(streams, sizeof(uint64_t)),
      .samples = calloc(streams, sizeof(uint32_t)),
  };
  if (!batch->tokens || !batch->targets || !batch->keys || !batch->samples) {
    window_batch_free(batch);
    return error_set(error, STATUS_NO_MEMORY, "no memory for a batch of %zu windows", streams);
  }
  return STATUS_SUCCESS;
}

void
window_batch_free(struct window_batch *const batch)
{
  free(batch->tokens);
  free(batch->targets);
  free(batch->keys);
  free(batch->samples);
  memset(batch, 0, sizeof(*batch));
}

// Memory

static float *
floats(const size_t rows, const size_t columns)
{
  return calloc(rows * columns, sizeof(float));
}

static enum status
reader_new(struct model_layer *const l, const size_t steps, const size_t streams, struct error *const error)
{
  const size_t hidden = l->layer.size;
  const size_t inputs = l->width.input;
  enum status status = STATUS_SUCCESS;
  if (l->layer.kind == LAYER_ATTENTION) {
    status = additive_new(steps, streams, inputs, hidden, l->steps, &l->additive, error);
    l->output = l->additive.output;
  } else if (l->layer.kind == LAYER_LSTM) {
    status = lstm_new(steps, streams, inputs, hidden, &l->forward, error);
    l->output = status ? NULL : l->forward.output + (1 + steps - l->steps) * streams * hidden;
  } else if (l->layer.kind == LAYER_BILSTM) {
    status = lstm_new(steps, streams, inputs, hidden, &l->forward, error);
    if (!status) {
      status = lstm_new(l->steps, streams, inputs, hidden, &l->backward, error);
    }
    l->reversed = floats(l->steps * streams, inputs);
    l->d_reversed = floats(l->steps * streams, inputs);
    l->d_forward = floats(steps * streams, hidden);
    l->d_backward = floats(l->steps * streams, hidden);
    if (!status && (!l->reversed || !l->d_reversed || !l->d_forward || !l->d_backward)) {
      status = error_set(error, STATUS_NO_MEMORY, "no memory for a BiLSTM of %zu units", hidden);
    }
  }
  return status;
}

// `before` is the layer whose output this one reads, NULL for the first.
static enum status
layer_new(struct model_layer *const l,
          const struct model_layer *const before,
          const size_t context,
          const size_t streams,
          struct error *const error)
{
  const size_t steps_in = l->width.is_sequence ? context : 1;
  l->steps = l->width.gives_sequence ? context : 1;
  l->x = before ? before->output : NULL;
  l->d_x = before ? before->d_output : NULL;
  const enum status status = reader_new(l, steps_in, streams, error);
  if (status) {
    return status;
  }
  const size_t rows = (before ? steps_in : l->steps) * streams;
  if (!l->output) {
    l->values = floats(rows, l->width.output);
    l->output = l->values;
  }
  l->d_values = floats(rows, l->width.output);
  if (!l->output || !l->d_values) {
    return error_set(error, STATUS_NO_MEMORY, "no memory for windows of %zu tokens", context);
  }
  l->d_output = l->d_values + (rows - l->steps * streams) * l->width.output;
  return STATUS_SUCCESS;
}

static void
find_tensors(struct windowed_model *const m)
{
  struct windowed_tensor tensors[WINDOWED_TENSORS];
  const unsigned count = windowed_tensors(&m->sizes, tensors);
  for (size_t l = 0; l < WINDOWED_LAYERS; ++l) {
    for (size_t role = 0; role <= ROLE_WEIGHT; ++role) {
      m->tensors[l][role] = -1;
    }
  }
  for (unsigned i = 0; i < count; ++i) {
    m->tensors[tensors[i].layer][tensors[i].role] = (int)i;
  }
}

enum status
windowed_model_new(const struct windowed_sizes *const sizes,
                   const size_t streams,
                   struct windowed_model *const m,
                   struct error *const error)
{
  struct windowed_width widths[WINDOWED_LAYERS];
  memset(m, 0, sizeof(*m));
  m->sizes = *sizes;
  m->streams = streams;
  m->losses = floats(streams, 1);
  enum status status =
      m->losses ? STATUS_SUCCESS : error_set(error, STATUS_NO_MEMORY, "no memory for %zu windows", streams);
  windowed_widths(sizes, widths);
  find_tensors(m);
  for (uint32_t i = 0; !status && i < sizes->layer_count; ++i) {
    m->layers[i].layer = sizes->layers[i];
    m->layers[i].width = widths[i];
    status = layer_new(&m->layers[i], i ? &m->layers[i - 1] : NULL, sizes->context, streams, error);
  }
  if (status) {
    windowed_model_free(m);
  }
  return status;
}

void
windowed_model_free(struct windowed_model *const m)
{
  for (size_t i = 0; i < WINDOWED_LAYERS; ++i) {
    struct model_layer *const l = &m->layers[i];
    lstm_free(&l->forward);
    lstm_free(&l->backward);
    additive_free(&l->additive);
    free(l->values);
    free(l->d_values);
    free(l->reversed);
    free(l->d_reversed);
    free(l->d_forward);
    free(l->d_backward);
  }
  free(m->losses);
  memset(m, 0, sizeof(*m));
}

// The whole network

static struct model_layer *
last_layer(struct windowed_model *const m)
{
  return &m->layers[m->sizes.layer_count - 1];
}

void
windowed_model_forward(struct windowed_model *const m,
                       const struct parameters *const parameters,
                       const struct window_batch *const batch,
                       const bool training)
{
  struct pass pass = {.model = m, .parameters = parameters, .batch = batch};
  m->training = training;
  for (pass.index = 0; pass.index < m->sizes.layer_count; ++pass.index) {
    windowed_layer_forward(&pass);
  }
  float *const logits = last_layer(m)->output;
  for (size_t b = 0; b < m->streams; ++b) {
    m->losses[b] = softmax_loss(logits + b * m->sizes.vocabulary, m->sizes.vocabulary, batch->targets[b]);
  }
}

const float *
windowed_model_probabilities(const struct windowed_model *const m)
{
  return m->layers[m->sizes.layer_count - 1].output;
}

void
windowed_model_backward(struct windowed_model *const m,
                        const struct parameters *const parameters,
                        const struct window_batch *const batch,
                        const float factor,
                        float *const gradients)
{
  const size_t classes = m->sizes.vocabulary;
  struct pass pass = {.model = m, .parameters = parameters, .batch = batch, .gradients = gradients};
  struct model_layer *const last = last_layer(m);
  for (size_t b = 0; b < m->streams; ++b) {
    softmax_loss_backward(last->output + b * classes, classes, batch->targets[b], factor);
  }
  memcpy(last->d_output, last->output, m->streams * classes * sizeof(float));
  for (pass.index = m->sizes.layer_count; pass.index-- > 0;) {
    const struct model_layer *const l = &m->layers[pass.index];
    if (l->d_x) {
      const size_t rows = (l->width.is_sequence ? m->sizes.context : 1) * m->streams;
      memset(l->d_x, 0, rows * l->width.input * sizeof(float));
    }
    windowed_layer_backward(&pass);
  }
}
