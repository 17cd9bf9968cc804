// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "layer_attention.h"

#include "elementwise.h"
#include "gemm.h"

#include <stdlib.h>
#include <string.h>

enum status
attention_new(const struct streaming_sizes *const sizes,
              const size_t steps,
              const size_t streams,
              struct attention *const attention,
              struct error *const error)
{
  const size_t slots = sizes->memory + steps;
  struct attention a = {
      .steps = steps,
      .streams = streams,
      .memory = sizes->memory,
      .heads = sizes->heads,
      .key = sizes->key,
      .value = sizes->value,
      .segment = sizes->segment,
      .keys = calloc(streams * slots * sizes->heads * sizes->key, sizeof(float)),
      .values = calloc(streams * slots * sizes->heads * sizes->value, sizeof(float)),
      .slot_bars = calloc(streams * slots, sizeof(int32_t)),
      .first = calloc(streams, sizeof(uint32_t)),
      .probabilities = calloc(streams * sizes->heads * steps * slots, sizeof(float)),
      .sinks = calloc(streams * sizes->heads * steps, sizeof(float)),
      .scratch = calloc(steps * slots, sizeof(float)),
      .runs = calloc(steps, sizeof(struct distance_runs)),
  };
  bool complete = a.keys && a.values && a.slot_bars && a.first && a.probabilities && a.sinks && a.scratch && a.runs;
  if (sizes->backward) {
    a.encodings = calloc(streams * steps * sizes->heads * sizes->value, sizeof(float));
    a.masked = calloc(steps * steps, sizeof(float));
    complete = complete && a.encodings && a.masked;
  }
  *attention = a;
  if (!complete) {
    attention_free(attention);
    return error_set(error, STATUS_NO_MEMORY, "no memory for attention to %zu slots", slots);
  }
  for (size_t b = 0; b < streams; ++b) {
    attention->first[b] = (uint32_t)attention->memory;
  }
  return STATUS_SUCCESS;
}

void
attention_free(struct attention *const attention)
{
  free(attention->keys);
  free(attention->values);
  free(attention->encodings);
  free(attention->slot_bars);
  free(attention->first);
  free(attention->probabilities);
  free(attention->sinks);
  free(attention->scratch);
  free(attention->masked);
  free(attention->runs);
  memset(attention, 0, sizeof(*attention));
}

// from [T][B][width], stream b -> to [T][width]
static void
gather_rows(
    const struct attention *const a, const float *const from, const size_t b, const size_t width, float *const to)
{
  for (size_t t = 0; t < a->steps; ++t) {
    memcpy(to + t * width, from + (t * a->streams + b) * width, width * sizeof(float));
  }
}

void
attention_fill(struct attention *const a,
               const struct batch *const batch,
               const float *const keys,
               const float *const values,
               const float *const encodings)
{
  const size_t slots = a->memory + a->steps;
  const size_t key_width = a->heads * a->key;
  const size_t value_width = a->heads * a->value;
  for (size_t b = 0; b < a->streams; ++b) {
    gather_rows(a, keys, b, key_width, a->keys + (b * slots + a->memory) * key_width);
    gather_rows(a, values, b, value_width, a->values + (b * slots + a->memory) * value_width);
    if (encodings) {
      gather_rows(a, encodings, b, value_width, a->encodings + b * a->steps * value_width);
    }
    for (size_t t = 0; t < a->steps; ++t) {
      a->slot_bars[b * slots + a->memory + t] = batch->slot_bars[t * a->streams + b];
    }
    if (batch->resets[b]) {
      a->first[b] = (uint32_t)a->memory + 1; // step 0 is the start, no event
    }
  }
}

void
attention_carry(struct attention *const a)
{
  const size_t slots = a->memory + a->steps;
  const size_t key_width = a->heads * a->key;
  const size_t value_width = a->heads * a->value;
  for (size_t b = 0; b < a->streams; ++b) {
    float *const values = a->values + b * slots * value_width;
    if (a->encodings) {
      add(values + a->memory * value_width, a->encodings + b * a->steps * value_width, a->steps * value_width);
    }
    float *const keys = a->keys + b * slots * key_width;
    int32_t *const bars = a->slot_bars + b * slots;
    memmove(keys, keys + a->steps * key_width, a->memory * key_width * sizeof(float));
    memmove(values, values + a->steps * value_width, a->memory * value_width * sizeof(float));
    memmove(bars, bars + a->steps, a->memory * sizeof(int32_t));
    a->first[b] = a->first[b] > a->steps ? a->first[b] - (uint32_t)a->steps : 0;
  }
}

// The slots that one stream's pass looks at: columns [begin, S) of its buffers, the pass's own always among them; step t sees
// [low(t), M + t].
struct window {
  size_t begin;
  size_t width;
};

static struct window
window_of(const struct attention *const a, const size_t b)
{
  const size_t first = a->first[b] > 1 ? a->first[b] : 1;
  const size_t begin = first < a->memory ? first : a->memory;
  return (struct window){begin, a->memory + a->steps - begin};
}

static size_t
window_low(const struct attention *const a, const size_t b, const size_t t)
{
  return a->first[b] > t + 1 ? a->first[b] : t + 1;
}

// How far the slots are from each query of stream b. Bars never fall from slot to slot, so neither do distances rise, and there
// are no more runs than distances.
static void
find_runs(struct attention *const a, const struct batch *const batch, const size_t b)
{
  const int32_t *const bars = a->slot_bars + b * (a->memory + a->steps);
  for (size_t t = 0; t < a->steps; ++t) {
    struct distance_runs *const runs = &a->runs[t];
    const int32_t bar = batch->bars[t * a->streams + b];
    const size_t high = a->memory + t + 1;
    runs->count = 0;
    runs->low = (uint32_t)window_low(a, b, t);
    for (size_t s = runs->low; s < high;) {
      const int32_t slot_bar = bars[s];
      const uint8_t distance = (uint8_t)attention_distance_class((int64_t)bar - slot_bar);
      while (s < high && bars[s] == slot_bar) {
        ++s;
      }
      const bool same = runs->count && runs->distances[runs->count - 1] == distance;
      runs->count += !same && runs->count < ATTENTION_DISTANCES;
      runs->distances[runs->count - 1] = distance;
      runs->ends[runs->count - 1] = (uint32_t)s;
    }
  }
}

// Scores -> probabilities of one query and head, in place; `row` [width] begins at slot window.begin.
static float
softmax_row(const struct window window,
            const struct distance_runs *const runs,
            const size_t high,
            const float *const bias,
            const float sink,
            float *const row)
{
  float *const scores = row - window.begin;
  const size_t low = runs->low;
  float max = sink;
  for (size_t i = 0, s = low; i < runs->count; s = runs->ends[i++]) {
    add_constant(scores + s, runs->ends[i] - s, bias[runs->distances[i]]);
  }
  if (low < high) {
    const float top = largest(scores + low, high - low);
    max = top > max ? top : max;
  }
  float sink_probability = sink - max;
  float total = exponentials(&sink_probability, 1, 0.0F);
  total += low < high ? exponentials(scores + low, high - low, max) : 0.0F;
  scale(scores + low, high - low, 1.0F / total);
  memset(row, 0, (low - window.begin) * sizeof(float));
  memset(scores + high, 0, (window.begin + window.width - high) * sizeof(float));
  return sink_probability / total;
}

// Zero the probabilities of slots whose segment is not complete for the query: only earlier segments' encodings count.
static void
mask_encodings(const struct attention *const a, const float *const row, const size_t t, float *const masked)
{
  const size_t complete = t / a->segment * a->segment;
  memcpy(masked, row, complete * sizeof(float));
  memset(masked + complete, 0, (a->steps - complete) * sizeof(float));
}

// The probabilities of the pass's own slots, [T][T] with encodings masked, for one stream and head.
static void
fill_masked(const struct attention *const a, const struct window window, const float *const probabilities)
{
  const size_t own = a->memory - window.begin;
  for (size_t t = 0; t < a->steps; ++t) {
    mask_encodings(a, probabilities + t * window.width + own, t, a->masked + t * a->steps);
  }
}

static void
forward_head(struct attention *const a,
             const size_t b,
             const size_t h,
             const float *const queries,
             const float *const bias,
             const float sink,
             float *const attended,
             const size_t stride)
{
  const size_t slots = a->memory + a->steps;
  const int key_width = (int)(a->heads * a->key);
  const int value_width = (int)(a->heads * a->value);
  const struct window window = window_of(a, b);
  const int steps = (int)a->steps;
  const int width = (int)window.width;
  float *const p = a->probabilities + (b * a->heads + h) * a->steps * slots;
  const float *const keys = a->keys + (b * slots + window.begin) * (size_t)key_width + h * a->key;
  const float *const values = a->values + (b * slots + window.begin) * (size_t)value_width + h * a->value;
  const float *const q = queries + b * (size_t)key_width + h * a->key;
  const int output_stride = (int)(a->streams * stride);

  gemm_nt(steps, width, (int)a->key, q, (int)a->streams * key_width, keys, key_width, 0.0F, p, width);
  for (size_t t = 0; t < a->steps; ++t) {
    a->sinks[(b * a->heads + h) * a->steps + t] =
        softmax_row(window, &a->runs[t], a->memory + t + 1, bias, sink, p + t * window.width);
  }
  float *const output = attended + b * stride + h * a->value;
  gemm_nn(steps, (int)a->value, width, p, width, values, value_width, 0.0F, output, output_stride);
  if (a->encodings) {
    fill_masked(a, window, p);
    const float *const encodings = a->encodings + b * a->steps * (size_t)value_width + h * a->value;
    gemm_nn(steps, (int)a->value, steps, a->masked, steps, encodings, value_width, 1.0F, output, output_stride);
  }
}

void
attention_forward(struct attention *const a,
                  const struct batch *const batch,
                  const float *const queries,
                  const float *const bias,
                  const float *const sink,
                  float *const attended,
                  const size_t stride)
{
  for (size_t b = 0; b < a->streams; ++b) {
    find_runs(a, batch, b);
    for (size_t h = 0; h < a->heads; ++h) {
      forward_head(a, b, h, queries, bias + h * ATTENTION_DISTANCES, sink[h], attended, stride);
    }
  }
}

struct attention_row
attention_row(const struct attention *const a, const size_t b, const size_t n, const size_t t)
{
  const struct window window = window_of(a, b);
  const float *const p = a->probabilities + (b * a->heads + n) * a->steps * (a->memory + a->steps);
  return (struct attention_row){p + t * window.width, window.begin, window.width};
}

// d_probabilities [T][width] -> d_scores in place, adding to the gradients of bias and sink.
static void
backward_rows(struct attention *const a,
              const size_t b,
              const size_t h,
              const float *const p,
              float *const d,
              float *const d_bias,
              float *const d_sink)
{
  const struct window window = window_of(a, b);
  for (size_t t = 0; t < a->steps; ++t) {
    const float *const row = p + t * window.width;
    float *const d_row = d + t * window.width;
    const float shift = dot(row, d_row, window.width);
    softmax_backward(row, d_row, window.width, shift);
    *d_sink -= a->sinks[(b * a->heads + h) * a->steps + t] * shift;
    const struct distance_runs *const runs = &a->runs[t];
    for (size_t i = 0, s = runs->low; i < runs->count; s = runs->ends[i++]) {
      d_bias[runs->distances[i]] += sum(d_row + s - window.begin, runs->ends[i] - s);
    }
  }
}

// The gradient of the pass's own probabilities through the encodings, added to d [T][width].
static void
backward_encodings(struct attention *const a,
                   const size_t b,
                   const size_t h,
                   const float *const p,
                   float *const d,
                   const float *const d_output,
                   const int output_stride,
                   float *const d_encodings)
{
  const struct window window = window_of(a, b);
  const int steps = (int)a->steps;
  const int value_width = (int)(a->heads * a->value);
  const float *const encodings = a->encodings + b * a->steps * (size_t)value_width + h * a->value;
  const size_t own = a->memory - window.begin;
  fill_masked(a, window, p);
  gemm_tn(steps, (int)a->value, steps, a->masked, steps, d_output, output_stride, 0.0F, d_encodings,
          (int)a->streams * value_width);
  gemm_nt(steps, steps, (int)a->value, d_output, output_stride, encodings, value_width, 0.0F, a->masked, steps);
  for (size_t t = 0; t < a->steps; ++t) {
    add(d + t * window.width + own, a->masked + t * a->steps, t / a->segment * a->segment);
  }
}

static void
backward_head(struct attention *const a,
              const size_t b,
              const size_t h,
              const float *const queries,
              const float *const d_attended,
              const size_t stride,
              const struct attention_gradients *const gradients)
{
  const size_t slots = a->memory + a->steps;
  const struct window window = window_of(a, b);
  const size_t key_width = a->heads * a->key;
  const size_t value_width = a->heads * a->value;
  const int row_keys = (int)(a->streams * key_width);
  const int row_values = (int)(a->streams * value_width);
  const int output_stride = (int)(a->streams * stride);
  const int steps = (int)a->steps;
  const int width = (int)window.width;
  const size_t own = a->memory - window.begin; // the pass's first slot in the window
  const float *const p = a->probabilities + (b * a->heads + h) * a->steps * slots;
  const float *const keys = a->keys + (b * slots + window.begin) * key_width + h * a->key;
  const float *const values = a->values + (b * slots + window.begin) * value_width + h * a->value;
  const float *const d_output = d_attended + b * stride + h * a->value;
  const size_t key_at = b * key_width + h * a->key;
  const size_t value_at = b * value_width + h * a->value;
  float *const d = a->scratch;

  gemm_nt(steps, width, (int)a->value, d_output, output_stride, values, (int)value_width, 0.0F, d, width);
  if (a->encodings) {
    backward_encodings(a, b, h, p, d, d_output, output_stride, gradients->encodings + value_at);
  }
  backward_rows(a, b, h, p, d, gradients->bias + h * ATTENTION_DISTANCES, gradients->sink + h);
  gemm_nn(steps, (int)a->key, width, d, width, keys, (int)key_width, 0.0F, gradients->queries + key_at, row_keys);
  gemm_tn(steps, (int)a->key, steps, d + own, width, queries + key_at, row_keys, 0.0F, gradients->keys + key_at,
          row_keys);
  gemm_tn(steps, (int)a->value, steps, p + own, width, d_output, output_stride, 0.0F, gradients->values + value_at,
          row_values);
}

void
attention_backward(struct attention *const a,
                   const struct batch *const batch,
                   const float *const queries,
                   const float *const d_attended,
                   const size_t stride,
                   const struct attention_gradients *const gradients)
{
  for (size_t b = 0; b < a->streams; ++b) {
    find_runs(a, batch, b);
    for (size_t h = 0; h < a->heads; ++h) {
      backward_head(a, b, h, queries, d_attended, stride, gradients);
    }
  }
}
