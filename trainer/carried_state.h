// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What the models of a training carry from one pass to the next, gathered from all shards: without it a training that goes
// on would not be the one that was interrupted.

#ifndef RITORNELLO_CARRIED_STATE_H
#define RITORNELLO_CARRIED_STATE_H

#include "streaming_model.h"

#include "engine/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CARRIED_ARRAYS = 6 };

/// Arrays over all streams S, of the caller's; H, M, N, K and V as in streaming_layout.h.
struct carried_state {
  size_t streams;                ///< S
  size_t memory;                 ///< M; 0 without attention
  size_t widths[CARRIED_ARRAYS]; ///< Values of one stream
  float *
      arrays[CARRIED_ARRAYS]; ///< Cell and output of the forward encoder, of the decoder [S][H]; keys [S][M][N * K] and
                              ///< values [S][M][N * V] of the attention
  uint64_t *bars;             ///< [S][M] bar of each slot
  uint64_t *first;            ///< [S] first valid slot
};

/// Return the name of array `index`.
const char *carried_name(int index);

/// Fill in the sizes for `count` models, of equal sizes; the arrays are the caller's.
void carried_state_describe(const struct streaming_model *models, size_t count, struct carried_state *state);

/// Copy what the models carry.
void carried_state_take(struct carried_state *state, const struct streaming_model *models);

/// Return whether bars and slots can be what models carry.
bool carried_state_fits(const struct carried_state *state);

/// Let the models carry what `state` holds.
void carried_state_put(const struct carried_state *state, struct streaming_model *models);

#endif // RITORNELLO_CARRIED_STATE_H
