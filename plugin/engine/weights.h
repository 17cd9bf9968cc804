// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A weight file in memory: a network, who made it from what, and a state to run it with. Made and freed outside the audio
// thread, used within it. All or nothing: a file that fails any check gives one sentence and no weights.

#ifndef RITORNELLO_WEIGHTS_H
#define RITORNELLO_WEIGHTS_H

#include "network.h"
#include "quotation.h"
#include "status.h"
#include "strikes.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { WEIGHTS_TEXT_SIZE = 256, WEIGHTS_STYLES = 64, WEIGHTS_STYLE_SIZE = 32 };

/// Most bytes that a network may need to run, beside its weights. Sizes that cost little in a file may cost much here.
enum { WEIGHTS_STATE_SIZE = 512 * 1024 * 1024 };

#define WEIGHTS_STRIKES "strikes" ///< Metadata
#define WEIGHTS_FORMAT "ritornello-1"

/// Immutable but for `state`, which belongs to whoever runs the network.
struct weights {
  struct network *network;             ///< Shared with all weights of the same file (sharing.h)
  struct network_state *state;         ///< Reset and ready
  struct quotation_filter *quotations; ///< Of the training music, or NULL: none, or of no use (tokens)
  char *path;                          ///< As given to weights_load()
  char title[WEIGHTS_TEXT_SIZE];
  char licence[WEIGHTS_TEXT_SIZE];
  uint32_t style_count;
  char styles[WEIGHTS_STYLES][WEIGHTS_STYLE_SIZE]; ///< Lower case, as the training folders were called
  /// Limits (strikes.h): free, then by style; each by period, 0 is none.
  uint8_t strikes[WEIGHTS_STYLES + 1][STRIKES_PERIODS];
  uint64_t hash; ///< Of the file's bytes (FNV-1a): tells two weights apart
};

/// Load the weight file at `path` into `*weights`; NULL on failure. Free with weights_free().
enum status weights_load(const char *path, struct weights **weights, struct error *error);

void weights_free(struct weights *weights);

/// Return 1 + the index of the style called `name` in `weights`, or 0 (free) if it has none of that name.
uint8_t weights_style(const struct weights *weights, const char *name) REALTIME;

#ifdef __cplusplus
}
#endif

#endif // RITORNELLO_WEIGHTS_H
