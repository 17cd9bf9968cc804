// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "streaming_model.h"

#include "elementwise.h"
#include "gemm.h"

#include "engine/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// Where dropout acts; each has a mask of its own
enum { DROP_INPUT, DROP_JOINED, DROP_OUTPUT, DROP_PLACES };

// Stream of a batch's random numbers that dropout, which counts from 0, does not come to
static const uint64_t DRAW_STYLE_NOISE = UINT64_C(1) << 32;

static size_t
joined_width(const struct streaming_sizes *const sizes)
{
  return sizes->hidden + (size_t)sizes->heads * sizes->value;
}

static enum status
layers_new(struct streaming_model *const m, struct error *const error)
{
  const struct streaming_sizes *const s = &m->sizes;
  enum status status = lstm_new(m->steps, m->streams, s->embedding, s->hidden, &m->forward, error);
  if (!status) {
    status = lstm_new(m->steps, m->streams, joined_width(s), s->hidden, &m->decoder, error);
  }
  if (!status && s->heads) {
    status = attention_new(s, m->steps, m->streams, &m->attention, error);
  }
  if (!status && s->backward) {
    status = lstm_new(s->segment, m->rows / s->segment, s->embedding, s->backward, &m->backward, error);
  }
  return status ? status : heads_new(s, m->rows, &m->heads, error);
}

struct buffer {
  float **at;
  size_t width;
};

enum { BUFFERS = 20 };

// All plain buffers with their widths per row, so that they are taken and freed in one place.
static void
list_buffers(struct streaming_model *const m, struct buffer buffers[BUFFERS])
{
  const struct streaming_sizes *const s = &m->sizes;
  const size_t keys = (size_t)s->heads * s->key;
  const size_t values = (size_t)s->heads * s->value;
  const size_t encodings = s->backward ? values : 0;
  const size_t reversed = s->backward ? s->embedding : 0;
  const struct buffer all[BUFFERS] = {
      {&m->x, s->embedding},
      {&m->d_x, s->embedding},
      {&m->reversed, reversed},
      {&m->d_reversed, reversed},
      {&m->encoded, s->backward},
      {&m->d_encoded, s->backward},
      {&m->keys, keys},
      {&m->d_keys, keys},
      {&m->queries, keys},
      {&m->d_queries, keys},
      {&m->values, values},
      {&m->d_values, values},
      {&m->encodings, encodings},
      {&m->d_encodings, encodings},
      {&m->joined, joined_width(s)},
      {&m->d_joined, joined_width(s)},
      {&m->g, s->hidden},
      {&m->d_g, s->hidden},
      {&m->d_f, s->hidden},
      {NULL, 0},
  };
  memcpy(buffers, all, sizeof(all));
}

enum status
streaming_model_new(const struct streaming_sizes *const sizes,
                    const size_t steps,
                    const size_t streams,
                    struct streaming_model *const m,
                    struct error *const error)
{
  memset(m, 0, sizeof(*m));
  m->sizes = *sizes;
  m->steps = steps;
  m->streams = streams;
  m->rows = steps * streams;
  enum status status = layers_new(m, error);
  struct buffer buffers[BUFFERS];
  list_buffers(m, buffers);
  for (size_t i = 0; !status && buffers[i].at; ++i) {
    *buffers[i].at = calloc((m->rows + streams) * buffers[i].width + 1, sizeof(float));
    if (!*buffers[i].at) {
      status = error_set(error, STATUS_NO_MEMORY, "no memory to train on %zu streams of %zu steps", streams, steps);
    }
  }
  if (status) {
    streaming_model_free(m);
  }
  return status;
}

void
streaming_model_free(struct streaming_model *const m)
{
  struct buffer buffers[BUFFERS];
  list_buffers(m, buffers);
  for (size_t i = 0; buffers[i].at; ++i) {
    free(*buffers[i].at);
  }
  lstm_free(&m->forward);
  lstm_free(&m->backward);
  lstm_free(&m->decoder);
  attention_free(&m->attention);
  heads_free(&m->heads);
  memset(m, 0, sizeof(*m));
}

static struct lstm_weights
lstm_weights_at(const struct parameters *const parameters, float *const base, const int input)
{
  return (struct lstm_weights){
      .input = parameters_tensor(parameters, base, input),
      .recurrent = parameters_tensor(parameters, base, input + 1),
      .bias = parameters_tensor(parameters, base, input + 2),
  };
}

// The same mask forward and back, for it depends on stream, step and place alone
static void
drop(const struct streaming_model *const m,
     const struct batch *const batch,
     const int place,
     float *const rows,
     const size_t width)
{
  if (m->dropout <= 0.0F) {
    return;
  }
  for (size_t r = 0; r < m->rows; ++r) {
    const uint64_t step = r / m->streams;
    const uint64_t key = random_key(batch->keys[r % m->streams], step * DROP_PLACES + (uint64_t)place);
    dropout(rows + r * width, width, m->dropout, key);
  }
}

// Noise on the styles that are told, the same for all steps of a stream in one pass; evenly distributed.
static void
blur_styles(struct streaming_model *const m, const struct batch *const batch)
{
  const size_t width = m->sizes.embedding;
  const float reach = 2.0F * sqrtf(3.0F) * batch->style_noise;
  for (size_t r = 0; batch->style_noise > 0.0F && r < m->rows; ++r) {
    const uint16_t style = batch->inputs[TENSOR_CONDITION_STYLE][r];
    const uint64_t key = random_key(batch->keys[r % m->streams], DRAW_STYLE_NOISE);
    for (size_t i = 0; style && style != BATCH_NONE && i < width; ++i) {
      m->x[r * width + i] += reach * (random_uniform(key, i) - 0.5F);
    }
  }
}

static void
embed_forward(struct streaming_model *const m,
              const struct parameters *const parameters,
              const struct batch *const batch)
{
  const size_t width = m->sizes.embedding;
  memset(m->x, 0, m->rows * width * sizeof(float));
  for (int table = 0; table < BATCH_INPUTS; ++table) {
    const float *const values = parameters_value(parameters, table);
    for (size_t r = 0; r < m->rows; ++r) {
      if (batch->inputs[table][r] != BATCH_NONE) {
        add(m->x + r * width, values + batch->inputs[table][r] * width, width);
      }
    }
  }
  blur_styles(m, batch);
  drop(m, batch, DROP_INPUT, m->x, width);
}

static void
embed_backward(struct streaming_model *const m,
               const struct parameters *const parameters,
               const struct batch *const batch,
               float *const gradients)
{
  const size_t width = m->sizes.embedding;
  drop(m, batch, DROP_INPUT, m->d_x, width);
  for (int table = 0; table < BATCH_INPUTS; ++table) {
    float *const d_values = parameters_tensor(parameters, gradients, table);
    for (size_t r = 0; r < m->rows; ++r) {
      if (batch->inputs[table][r] != BATCH_NONE) {
        add(d_values + batch->inputs[table][r] * width, m->d_x + r * width, width);
      }
    }
  }
}

// The backward encoder's row for step t of stream b: its steps count from the end of each segment.
static size_t
reversed_row(const struct streaming_model *const m, const size_t row)
{
  const size_t segment = m->sizes.segment;
  const size_t t = row / m->streams;
  const size_t step = segment - 1 - t % segment;
  return step * (m->rows / segment) + t / segment * m->streams + row % m->streams;
}

static void
encode_backwards(struct streaming_model *const m, const struct parameters *const parameters)
{
  const size_t inputs = m->sizes.embedding;
  const size_t width = m->sizes.backward;
  const int values = (int)(m->sizes.heads * m->sizes.value);
  for (size_t r = 0; r < m->rows; ++r) {
    memcpy(m->reversed + reversed_row(m, r) * inputs, m->x + r * inputs, inputs * sizeof(float));
  }
  const struct lstm_weights weights = lstm_weights_at(parameters, parameters->values, TENSOR_BACKWARD_INPUT);
  lstm_forward(&m->backward, &weights, m->reversed);
  const float *const output = m->backward.output + m->backward.streams * width;
  for (size_t r = 0; r < m->rows; ++r) {
    memcpy(m->encoded + r * width, output + reversed_row(m, r) * width, width * sizeof(float));
  }
  gemm_nt((int)m->rows, values, (int)width, m->encoded, (int)width,
          parameters_value(parameters, TENSOR_ATTENTION_BACKWARD), (int)width, 0.0F, m->encodings, values);
}

static void
attend(struct streaming_model *const m, const struct parameters *const parameters, const struct batch *const batch)
{
  const struct streaming_sizes *const s = &m->sizes;
  const int rows = (int)m->rows;
  const int hidden = (int)s->hidden;
  const int keys = (int)(s->heads * s->key);
  const int values = (int)(s->heads * s->value);
  const float *const f_before = m->forward.output;
  const float *const f = m->forward.output + m->streams * s->hidden;

  gemm_nt(rows, keys, hidden, f_before, hidden, parameters_value(parameters, TENSOR_ATTENTION_KEY), hidden, 0.0F,
          m->keys, keys);
  gemm_nt(rows, keys, hidden, f, hidden, parameters_value(parameters, TENSOR_ATTENTION_QUERY), hidden, 0.0F, m->queries,
          keys);
  scale(m->queries, m->rows * (size_t)keys, 1.0F / sqrtf((float)s->key));
  gemm_nt(rows, values, (int)s->embedding, m->x, (int)s->embedding,
          parameters_value(parameters, TENSOR_ATTENTION_VALUE), (int)s->embedding, 0.0F, m->values, values);
  if (s->backward) {
    encode_backwards(m, parameters);
  }
  attention_fill(&m->attention, batch, m->keys, m->values, s->backward ? m->encodings : NULL);
  attention_forward(&m->attention, batch, m->queries, parameters_value(parameters, TENSOR_ATTENTION_BIAS),
                    parameters_value(parameters, TENSOR_ATTENTION_SINK), m->joined + s->hidden, joined_width(s));
}

static void
reset_streams(struct streaming_model *const m, const struct batch *const batch)
{
  for (size_t b = 0; b < m->streams; ++b) {
    if (batch->resets[b]) {
      lstm_reset(&m->forward, b);
      lstm_reset(&m->decoder, b);
    }
  }
}

void
streaming_model_forward(struct streaming_model *const m,
                        const struct parameters *const parameters,
                        const struct batch *const batch,
                        const float rate)
{
  const struct streaming_sizes *const s = &m->sizes;
  const size_t width = joined_width(s);
  m->dropout = rate;
  reset_streams(m, batch);
  embed_forward(m, parameters, batch);

  const struct lstm_weights forward = lstm_weights_at(parameters, parameters->values, TENSOR_FORWARD_INPUT);
  lstm_forward(&m->forward, &forward, m->x);
  const float *const f = m->forward.output + m->streams * s->hidden;
  for (size_t r = 0; r < m->rows; ++r) {
    memcpy(m->joined + r * width, f + r * s->hidden, s->hidden * sizeof(float));
  }
  if (s->heads) {
    attend(m, parameters, batch);
  }
  drop(m, batch, DROP_JOINED, m->joined, width);

  const struct lstm_weights decoder = lstm_weights_at(parameters, parameters->values, TENSOR_DECODER_INPUT);
  lstm_forward(&m->decoder, &decoder, m->joined);
  memcpy(m->g, m->decoder.output + m->streams * s->hidden, m->rows * s->hidden * sizeof(float));
  drop(m, batch, DROP_OUTPUT, m->g, s->hidden);
  heads_forward(&m->heads, parameters, batch, m->g);
}

static void
encode_backwards_back(struct streaming_model *const m,
                      const struct parameters *const parameters,
                      float *const gradients)
{
  const size_t inputs = m->sizes.embedding;
  const size_t width = m->sizes.backward;
  const int values = (int)(m->sizes.heads * m->sizes.value);
  const int rows = (int)m->rows;
  gemm_tn(values, (int)width, rows, m->d_encodings, values, m->encoded, (int)width, 1.0F,
          parameters_tensor(parameters, gradients, TENSOR_ATTENTION_BACKWARD), (int)width);
  // `encoded` is done with: it takes the gradient in order of time
  gemm_nn(rows, (int)width, values, m->d_encodings, values, parameters_value(parameters, TENSOR_ATTENTION_BACKWARD),
          (int)width, 0.0F, m->encoded, (int)width);
  for (size_t r = 0; r < m->rows; ++r) {
    memcpy(m->d_encoded + reversed_row(m, r) * width, m->encoded + r * width, width * sizeof(float));
  }
  const struct lstm_weights weights = lstm_weights_at(parameters, parameters->values, TENSOR_BACKWARD_INPUT);
  const struct lstm_weights d_weights = lstm_weights_at(parameters, gradients, TENSOR_BACKWARD_INPUT);
  memset(m->d_reversed, 0, m->rows * inputs * sizeof(float));
  lstm_backward(&m->backward, &weights, m->reversed, m->d_encoded, &d_weights, m->d_reversed);
  for (size_t r = 0; r < m->rows; ++r) {
    add(m->d_x + r * inputs, m->d_reversed + reversed_row(m, r) * inputs, inputs);
  }
}

// d_joined -> d_f, d_x and the gradients of everything in between
static void
attend_back(struct streaming_model *const m,
            const struct parameters *const parameters,
            const struct batch *const batch,
            float *const gradients)
{
  const struct streaming_sizes *const s = &m->sizes;
  const int rows = (int)m->rows;
  const int hidden = (int)s->hidden;
  const int embedding = (int)s->embedding;
  const int keys = (int)(s->heads * s->key);
  const int values = (int)(s->heads * s->value);
  const float *const f_before = m->forward.output;
  const float *const f = m->forward.output + m->streams * s->hidden;
  float *const d_f = m->d_f + m->streams * s->hidden;
  const struct attention_gradients results = {
      .queries = m->d_queries,
      .keys = m->d_keys,
      .values = m->d_values,
      .encodings = m->d_encodings,
      .bias = parameters_tensor(parameters, gradients, TENSOR_ATTENTION_BIAS),
      .sink = parameters_tensor(parameters, gradients, TENSOR_ATTENTION_SINK),
  };
  attention_backward(&m->attention, batch, m->queries, m->d_joined + s->hidden, joined_width(s), &results);
  scale(m->d_queries, m->rows * (size_t)keys, 1.0F / sqrtf((float)s->key));

  gemm_tn(keys, hidden, rows, m->d_queries, keys, f, hidden, 1.0F,
          parameters_tensor(parameters, gradients, TENSOR_ATTENTION_QUERY), hidden);
  gemm_tn(keys, hidden, rows, m->d_keys, keys, f_before, hidden, 1.0F,
          parameters_tensor(parameters, gradients, TENSOR_ATTENTION_KEY), hidden);
  gemm_tn(values, embedding, rows, m->d_values, values, m->x, embedding, 1.0F,
          parameters_tensor(parameters, gradients, TENSOR_ATTENTION_VALUE), embedding);
  gemm_nn(rows, hidden, keys, m->d_queries, keys, parameters_value(parameters, TENSOR_ATTENTION_QUERY), hidden, 1.0F,
          d_f, hidden);
  gemm_nn(rows, hidden, keys, m->d_keys, keys, parameters_value(parameters, TENSOR_ATTENTION_KEY), hidden, 1.0F, m->d_f,
          hidden);
  gemm_nn(rows, embedding, values, m->d_values, values, parameters_value(parameters, TENSOR_ATTENTION_VALUE), embedding,
          1.0F, m->d_x, embedding);
  if (s->backward) {
    encode_backwards_back(m, parameters, gradients);
  }
}

void
streaming_model_backward(struct streaming_model *const m,
                         const struct parameters *const parameters,
                         const struct batch *const batch,
                         const float factor,
                         float *const gradients)
{
  const struct streaming_sizes *const s = &m->sizes;
  const size_t width = joined_width(s);
  heads_backward(&m->heads, parameters, batch, m->g, factor, gradients, m->d_g);
  drop(m, batch, DROP_OUTPUT, m->d_g, s->hidden);

  const struct lstm_weights decoder = lstm_weights_at(parameters, parameters->values, TENSOR_DECODER_INPUT);
  const struct lstm_weights d_decoder = lstm_weights_at(parameters, gradients, TENSOR_DECODER_INPUT);
  memset(m->d_joined, 0, m->rows * width * sizeof(float));
  lstm_backward(&m->decoder, &decoder, m->joined, m->d_g, &d_decoder, m->d_joined);
  drop(m, batch, DROP_JOINED, m->d_joined, width);

  memset(m->d_x, 0, m->rows * s->embedding * sizeof(float));
  memset(m->d_f, 0, m->streams * s->hidden * sizeof(float));
  for (size_t r = 0; r < m->rows; ++r) {
    memcpy(m->d_f + (m->streams + r) * s->hidden, m->d_joined + r * width, s->hidden * sizeof(float));
  }
  if (s->heads) {
    attend_back(m, parameters, batch, gradients);
  }
  const struct lstm_weights forward = lstm_weights_at(parameters, parameters->values, TENSOR_FORWARD_INPUT);
  const struct lstm_weights d_forward = lstm_weights_at(parameters, gradients, TENSOR_FORWARD_INPUT);
  lstm_backward(&m->forward, &forward, m->x, m->d_f + m->streams * s->hidden, &d_forward, m->d_x);
  embed_backward(m, parameters, batch, gradients);
}

void
streaming_model_carry(struct streaming_model *const m)
{
  lstm_carry(&m->forward);
  lstm_carry(&m->decoder);
  if (m->sizes.heads) {
    attention_carry(&m->attention);
  }
}
