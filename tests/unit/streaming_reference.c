// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The naive network. All vectors of all steps are kept; memory is taken in one go and given back at the end.

#include "streaming_reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// Arrays over steps t: x [T][E], f [T + 1][H] (f_(t-1) at t), b [T][B] and key, value of the event fed at step t.
struct reference {
  struct streaming_sizes sizes;
  double *tensors[STREAMING_TENSORS];
  uint32_t count;
  double *x, *f, *b, *keys, *values;
};

static double *
zeros(const size_t count)
{
  return calloc(count + 1, sizeof(double));
}

static int
tensors_load(struct reference *const r, const struct safetensors *const file)
{
  struct tensor_shape shapes[STREAMING_TENSORS];
  streaming_shapes(&r->sizes, shapes);
  for (unsigned i = 0; i < STREAMING_TENSORS; ++i) {
    const size_t count = shapes[i].rows ? tensor_shape_count(&shapes[i]) : 0;
    r->tensors[i] = zeros(count);
    if (count) {
      float *const values = malloc(count * sizeof(*values));
      if (tensor_floats(safetensors_find(file, shapes[i].name), values, count, NULL)) {
        return -1;
      }
      for (size_t j = 0; j < count; ++j) {
        r->tensors[i][j] = values[j];
      }
      free(values);
    }
  }
  return 0;
}

// y += tensor [rows][columns] x
static void
product_add(const double *const tensor, const size_t rows, const size_t columns, const double *const x, double *const y)
{
  for (size_t i = 0; i < rows; ++i) {
    for (size_t j = 0; j < columns; ++j) {
      y[i] += tensor[i * columns + j] * x[j];
    }
  }
}

static void
add(const double *const x, const size_t count, double *const y)
{
  for (size_t i = 0; i < count; ++i) {
    y[i] += x[i];
  }
}

static double
sigmoid(const double x)
{
  return 1.0 / (1.0 + exp(-x));
}

// One LSTM step; `tensor` is its input matrix, behind which are the recurrent one and the bias.
static void
lstm(const struct reference *const r,
     const unsigned tensor,
     const size_t inputs,
     const size_t hidden,
     const double *const x,
     const double *const before,
     double *const cell,
     double *const after)
{
  double *const gates = zeros(4 * hidden);
  product_add(r->tensors[tensor], 4 * hidden, inputs, x, gates);
  product_add(r->tensors[tensor + 1], 4 * hidden, hidden, before, gates);
  add(r->tensors[tensor + 2], 4 * hidden, gates);
  for (size_t i = 0; i < hidden; ++i) {
    cell[i] = sigmoid(gates[hidden + i]) * cell[i] + sigmoid(gates[i]) * tanh(gates[2 * hidden + i]);
    after[i] = sigmoid(gates[3 * hidden + i]) * tanh(cell[i]);
  }
  free(gates);
}

static void
embed(const struct reference *const r,
      const struct event *const event,
      const struct moment *const moment,
      double *const x)
{
  const size_t e = r->sizes.embedding;
  const struct place place = place_make(moment->metre, moment->tick);
  if (event) {
    for (unsigned field = 0; field < FIELD_COUNT; ++field) {
      add(r->tensors[TENSOR_EMBED_HAND + field] + event_class(event, (enum field)field) * e, e, x);
    }
  } else {
    add(r->tensors[TENSOR_EMBED_START], e, x);
  }
  add(r->tensors[TENSOR_PLACE_TICK] + place.tick * e, e, x);
  add(r->tensors[TENSOR_PLACE_BEAT] + place.beat * e, e, x);
  add(r->tensors[TENSOR_PLACE_LENGTH] + place.length * e, e, x);
  add(r->tensors[TENSOR_CONDITION_STYLE] + moment->conditions.style * e, e, x);
  add(r->tensors[TENSOR_CONDITION_KEY] + moment->conditions.key * e, e, x);
  add(r->tensors[TENSOR_CONDITION_DENSITY] + moment->conditions.density * e, e, x);
  add(r->tensors[TENSOR_CONDITION_METRE] + moment->conditions.metre * e, e, x);
}

// Read steps first .. last (one segment) from the end, and add what b gives to their values.
static void
segment_read(const struct reference *const r, const uint32_t first, const uint32_t last)
{
  const size_t e = r->sizes.embedding;
  const size_t size = r->sizes.backward;
  const size_t values = (size_t)r->sizes.heads * r->sizes.value;
  double *const cell = zeros(size);
  double *const nothing = zeros(size);
  const double *before = nothing;
  for (uint32_t t = last + 1; t-- > first;) {
    lstm(r, TENSOR_BACKWARD_INPUT, e, size, r->x + t * e, before, cell, r->b + t * size);
    before = r->b + t * size;
    product_add(r->tensors[TENSOR_ATTENTION_BACKWARD], values, size, before, r->values + t * values);
  }
  free(nothing);
  free(cell);
}

// Attend with head n at step t; add to `output` [V] and to `weights` of the events, newest first.
static void
attend(const struct reference *const r,
       const struct moment *const moments,
       const uint32_t t,
       const uint32_t n,
       const double *const query,
       double *const output,
       double *const weights)
{
  const struct streaming_sizes *const s = &r->sizes;
  const uint32_t first = t > s->memory ? t - s->memory + 1 : 1;
  double *const scores = zeros(r->count);
  double sum = exp(r->tensors[TENSOR_ATTENTION_SINK][n]);
  for (uint32_t i = first; i <= t; ++i) {
    const unsigned distance = attention_distance_class((int64_t)moments[t].bar - moments[i - 1].bar);
    for (uint32_t k = 0; k < s->key; ++k) {
      scores[i] += query[n * s->key + k] * r->keys[(size_t)i * s->heads * s->key + n * s->key + k];
    }
    scores[i] = exp(scores[i] / sqrt(s->key) + r->tensors[TENSOR_ATTENTION_BIAS][n * ATTENTION_DISTANCES + distance]);
    sum += scores[i];
  }
  for (uint32_t i = first; i <= t; ++i) {
    weights[t - i] += scores[i] / sum / s->heads;
    for (uint32_t v = 0; v < s->value; ++v) {
      output[v] += scores[i] / sum * r->values[(size_t)i * s->heads * s->value + n * s->value + v];
    }
  }
  free(scores);
}

static void
heads_run(const struct reference *const r, const double *const g, const struct event *const chosen, double *logits)
{
  const size_t d = r->sizes.dense;
  double *const z = zeros(d);
  double *const active = zeros(d);
  add(r->tensors[TENSOR_DENSE_BIAS], d, z);
  product_add(r->tensors[TENSOR_DENSE_WEIGHT], d, r->sizes.hidden, g, z);
  for (unsigned field = 0; field < FIELD_COUNT; ++field) {
    const unsigned classes = field_classes((enum field)field);
    for (size_t i = 0; i < d; ++i) {
      active[i] = fmax(z[i], 0.0);
    }
    memcpy(logits, r->tensors[TENSOR_HEAD_BIAS + field], classes * sizeof(double));
    product_add(r->tensors[TENSOR_HEAD_WEIGHT + field], classes, d, active, logits);
    logits += classes;
    if (field != FIELD_ADVANCE) {
      add(r->tensors[TENSOR_HEAD_EMBED + field] + event_class(chosen, (enum field)field) * d, d, z);
    }
  }
  free(active);
  free(z);
}

// Take in the event before step t, if there is one, and the place of onset t.
static void
step_encode(const struct reference *const r,
            const struct event *const events,
            const struct moment *const moments,
            const uint32_t t,
            double *const cell)
{
  const struct streaming_sizes *const s = &r->sizes;
  const size_t keys = (size_t)s->heads * s->key;
  const size_t values = (size_t)s->heads * s->value;
  double *const x = r->x + (size_t)t * s->embedding;
  double *const f = r->f + (size_t)t * s->hidden;
  embed(r, t ? &events[t - 1] : NULL, &moments[t], x);
  if (t) {
    product_add(r->tensors[TENSOR_ATTENTION_KEY], keys, s->hidden, f, r->keys + t * keys);
    product_add(r->tensors[TENSOR_ATTENTION_VALUE], values, s->embedding, x, r->values + t * values);
  }
  lstm(r, TENSOR_FORWARD_INPUT, s->embedding, s->hidden, x, f, cell, f + s->hidden);
  if (s->backward && t && t % s->segment == 0) {
    segment_read(r, t - s->segment, t - 1);
  }
}

int
reference_run(const struct safetensors *const file,
              const struct streaming_sizes *const sizes,
              const struct event *const events,
              const struct moment *const moments,
              const uint32_t count,
              double *const logits,
              double *const attention)
{
  const size_t h = sizes->hidden;
  const size_t values = (size_t)sizes->heads * sizes->value;
  const size_t steps = (size_t)count + 1;
  struct reference r = {.sizes = *sizes, .count = count};
  const int result = tensors_load(&r, file);
  r.x = zeros(steps * sizes->embedding);
  r.f = zeros(steps * h);
  r.b = zeros(steps * sizes->backward);
  r.keys = zeros(steps * sizes->heads * sizes->key);
  r.values = zeros(steps * values);
  double *const input = zeros(h + values);
  double *const query = zeros((size_t)sizes->heads * sizes->key);
  double *const cells = zeros(2 * h);
  double *const g = zeros(h);
  for (uint32_t t = 0; !result && t < count; ++t) {
    step_encode(&r, events, moments, t, cells);
    const double *const f = r.f + (t + 1) * h;
    memset(input, 0, (h + values) * sizeof(double));
    memset(query, 0, (size_t)sizes->heads * sizes->key * sizeof(double));
    memset(attention, 0, count * sizeof(double));
    memcpy(input, f, h * sizeof(double));
    product_add(r.tensors[TENSOR_ATTENTION_QUERY], (size_t)sizes->heads * sizes->key, h, f, query);
    for (uint32_t n = 0; n < sizes->heads; ++n) {
      attend(&r, moments, t, n, query, input + h + (size_t)n * sizes->value, attention);
    }
    lstm(&r, TENSOR_DECODER_INPUT, h + values, h, input, g, cells + h, g);
    heads_run(&r, g, &events[t], logits + (size_t)t * REFERENCE_LOGITS);
  }
  for (unsigned i = 0; i < STREAMING_TENSORS; ++i) {
    free(r.tensors[i]);
  }
  double *const blocks[] = {r.x, r.f, r.b, r.keys, r.values, input, query, cells, g};
  for (size_t i = 0; i < sizeof(blocks) / sizeof(*blocks); ++i) {
    free(blocks[i]);
  }
  return result;
}
