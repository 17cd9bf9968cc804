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
  size_t begin;                  ///< Of the streams, the first that the models at hand have, and
  size_t end;                    ///< the one after their last
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

/// Fill in the sizes for `shards` models, of equal sizes, of which `own` from number `first` on are in `models`; the arrays
/// are the caller's.
void carried_state_describe(
    const struct streaming_model *models, size_t shards, size_t first, size_t own, struct carried_state *state);

/// Copy what the models at hand carry.
void carried_state_take(struct carried_state *state, const struct streaming_model *models);

/// Return whether bars and slots can be what models carry.
bool carried_state_fits(const struct carried_state *state);

/// Let the models at hand carry what `state` holds.
void carried_state_put(const struct carried_state *state, struct streaming_model *models);

#endif // RITORNELLO_CARRIED_STATE_H
