// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What one pass of a `streaming` network in training sees: T steps of B streams, as row numbers of the embedding tables and
// as classes to be predicted. Rows are time-major: row t * B + b. Step t of a piece has event t - 1 as input (the start of
// the piece for t = 0), the place and conditions of onset t, and event t as its target.

#ifndef RITORNELLO_BATCH_H
#define RITORNELLO_BATCH_H

#include "loss.h"

#include "engine/event.h"
#include "engine/status.h"
#include "engine/streaming_layout.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  BATCH_INPUTS = TENSOR_CONDITION_METRE + 1, ///< Embedding tables that make up the input
  BATCH_NONE = LOSS_NONE,                    ///< "No row of this table", "no target"
};

struct batch {
  size_t steps;                   ///< T
  size_t streams;                 ///< B
  bool *resets;                   ///< [B] the stream begins a piece
  uint64_t *keys;                 ///< [B] the stream's randomness in this pass (dropout)
  float *factors;                 ///< [B] of the stream's loss in the gradients; 1 but for contrast.h
  uint16_t *inputs[BATCH_INPUTS]; ///< [T][B] row of each table, or BATCH_NONE
  uint16_t *targets[FIELD_COUNT]; ///< [T][B] class of each field, or BATCH_NONE where untold or beyond the piece
  int32_t *bars;                  ///< [T][B] bar of the onset of the target
  int32_t *slot_bars;             ///< [T][B] bar of the onset of the input event
  uint32_t *events;               ///< [T][B] index of the target in its piece, UINT32_MAX beyond its end
  uint16_t *pieces;               ///< [T][B] index of the piece
  size_t notes;                   ///< Rows that have a target, but for twins
  bool has_twins;                 ///< Every odd stream is the one before it once more, told another style
  float style_noise; ///< Standard deviation of what is added to the vector of a style that is told, in training
};

enum status batch_new(size_t steps, size_t streams, struct batch *batch, struct error *error);
void batch_free(struct batch *batch);

#endif // RITORNELLO_BATCH_H
