// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Where a network's attention looks while it reads a piece: from every bar to every bar before it, and how many bars ago. For
// each note (token, in a `windowed` network) it is the share of attention that each earlier note has when this one is chosen,
// the mean over all heads; of several attention layers the last one counts.

#ifndef RITORNELLO_ATTENTION_MAP_H
#define RITORNELLO_ATTENTION_MAP_H

#include "corpus.h"

#include "engine/safetensors.h"
#include "engine/status.h"

#include <stddef.h>
#include <stdint.h>

enum { ATTENTION_MAP_BARS = 64, ATTENTION_MAP_AGO = 33 };

struct attention_map {
  uint32_t bars;                 ///< N: those of the piece, at most ATTENTION_MAP_BARS; 0: the network has no attention
  double *shares;                ///< [N][N] mean over the notes of a bar (row) of the attention to the notes of another
  double ago[ATTENTION_MAP_AGO]; ///< Mean over all notes of the attention to notes so many bars ago; the last: or more
};

/// Let the network of the weight file `file`, read from `path`, read `piece`, told style condition `style` (0: free). Free the
/// map with attention_map_free() in any case.
enum status attention_map_make(const struct safetensors *file,
                               const char *path,
                               const struct piece *piece,
                               uint8_t style,
                               struct attention_map *map,
                               struct error *error);
void attention_map_free(struct attention_map *map);

#endif // RITORNELLO_ATTENTION_MAP_H
