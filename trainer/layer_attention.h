// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Attention of T queries per stream into a memory that slides along: the slots of the last M steps before the pass, as they
// were then, and those of the pass itself, each seen by its own and all later steps (streaming_layout.h has the formulas).
// Gradients reach the pass's own slots only, like the state of truncated backpropagation (and like Dai et al.,
// "Transformer-XL", 2019). Each stream's slots are contiguous, so that scores and values are matrix products per head.

#ifndef RITORNELLO_LAYER_ATTENTION_H
#define RITORNELLO_LAYER_ATTENTION_H

#include "batch.h"

#include "engine/status.h"
#include "engine/streaming_layout.h"

#include <stddef.h>
#include <stdint.h>

/// Neighbouring slots at the same distance, for one query: run i ends before slot ends[i] and begins where the one before ends.
struct distance_runs {
  uint32_t count;
  uint32_t low; ///< First slot that the query sees
  uint32_t ends[ATTENTION_DISTANCES];
  uint8_t distances[ATTENTION_DISTANCES];
};

/// All memory of the layer. T, B, M, N, K, V: steps, streams, memory, heads, key and value sizes; S = M + T.
struct attention {
  size_t steps;
  size_t streams;
  size_t memory;
  size_t heads;
  size_t key;
  size_t value;
  size_t segment;
  float *keys;                ///< [B][S][N * K]; the last T are the pass's
  float *values;              ///< [B][S][N * V] without the pass's backward encoding
  float *encodings;           ///< [B][T][N * V] what the backward encoder adds to the pass's values; NULL without one
  int32_t *slot_bars;         ///< [B][S]
  uint32_t *first;            ///< [B] first valid slot
  float *probabilities;       ///< [B][N][T][S]
  float *sinks;               ///< [B][N][T] probability of the sink
  float *scratch;             ///< [T][S]
  float *masked;              ///< [T][T]
  struct distance_runs *runs; ///< [T] how far the slots are from each query of one stream
};

enum status attention_new(const struct streaming_sizes *sizes,
                          size_t steps,
                          size_t streams,
                          struct attention *attention,
                          struct error *error);
void attention_free(struct attention *attention);

/// Take in the pass's slots: keys [T][B][N * K], values [T][B][N * V], encodings the same or NULL, and what `batch` says of
/// bars and of streams that begin anew.
void attention_fill(struct attention *attention,
                    const struct batch *batch,
                    const float *keys,
                    const float *values,
                    const float *encodings);

/// Compute attended [T][B] rows of `stride` floats, of which the first N * V are written, from queries [T][B][N * K] (already
/// scaled), with bias [N][ATTENTION_DISTANCES] and sink [N].
void attention_forward(struct attention *attention,
                       const struct batch *batch,
                       const float *queries,
                       const float *bias,
                       const float *sink,
                       float *attended,
                       size_t stride);

/// What the last pass forward attended to, for one query.
struct attention_row {
  const float *shares; ///< [count] probabilities; what is left to 1 is the sink's
  size_t first;        ///< Slot of the first of them
  size_t count;
};

/// Return the row of stream b, head n and step t. Valid until the way back or the next pass.
struct attention_row attention_row(const struct attention *attention, size_t b, size_t n, size_t t);

/// Where the way back puts its results; all but bias and sink are overwritten.
struct attention_gradients {
  float *queries;   ///< [T][B][N * K]
  float *keys;      ///< [T][B][N * K]
  float *values;    ///< [T][B][N * V]
  float *encodings; ///< [T][B][N * V], or NULL
  float *bias;      ///< [N][ATTENTION_DISTANCES], added to
  float *sink;      ///< [N], added to
};

/// The way back from d_attended (rows of `stride` floats).
void attention_backward(struct attention *attention,
                        const struct batch *batch,
                        const float *queries,
                        const float *d_attended,
                        size_t stride,
                        const struct attention_gradients *gradients);

/// Slide: the pass's slots become part of the memory.
void attention_carry(struct attention *attention);

#endif // RITORNELLO_LAYER_ATTENTION_H
