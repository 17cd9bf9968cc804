// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Composing without a host: the plugin's own composer, with a playhead that goes from bar to bar as fast as it composes.

#ifndef RITORNELLO_COMPOSING_H
#define RITORNELLO_COMPOSING_H

#include "../plugin/engine/composer.h"
#include "../plugin/engine/status.h"
#include "corpus.h"

#include <stdbool.h>
#include <stdint.h>

/// Let `composer`, which has its weights and controls, compose the song's first `bars` bars in `metre`. With `show`, a line
/// on stderr says how far it is once that takes longer than a second.
enum status composing_run(struct composer *composer, struct metre metre, uint32_t bars, bool show, struct error *error);

/// Compose a piece of `bars` bars with `weights` and `controls`. It goes the way of any music: exported as a MIDI file (in
/// memory) and read as a piece, so that it can be measured just like a real one. Free it with piece_free() if it succeeds.
enum status composing_piece(struct weights *weights,
                            const struct controls *controls,
                            struct metre metre,
                            uint32_t bars,
                            struct piece *piece,
                            struct error *error);

#endif // RITORNELLO_COMPOSING_H
