// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What the models of a training carry from one pass to the next, gathered from all shards: without it a training that goes
// on would not be the one that was interrupted.

#ifndef RITORNELLO_CARRIED_STATE_H
#define RITORNELLO_CARRIED_STATE_H

#include "updater.h"

#include "engine/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CARRIED_ARRAYS = 6 };

/// Arrays over all streams S; H, M, N, K and V as in streaming_layout.h.
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

/// Take memory for the state of `updater`. Free with carried_state_free().
enum status carried_state_new(const struct updater *updater, struct carried_state *state, struct error *error);
void carried_state_free(struct carried_state *state);

/// Copy what the models carry.
void carried_state_take(struct carried_state *state, const struct updater *updater);

/// Return whether bars and slots can be what models carry.
bool carried_state_fits(const struct carried_state *state);

/// Let the models carry what `state` holds.
void carried_state_put(const struct carried_state *state, struct updater *updater);

#endif // RITORNELLO_CARRIED_STATE_H
