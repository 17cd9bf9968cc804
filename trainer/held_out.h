// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Which pieces a weight file was not trained on, by its own word.

#ifndef RITORNELLO_HELD_OUT_H
#define RITORNELLO_HELD_OUT_H

#include "corpus.h"

#include "engine/safetensors.h"

#include <stddef.h>
#include <stdint.h>

/// Mark in zeroed `held` [pieces] the pieces of the works that the metadata of `file`, read from `path`, calls held out,
/// and count them in `*count`. Fails if it does not say.
enum status held_out_mark(const struct safetensors *file,
                          const char *path,
                          const struct corpus *corpus,
                          uint8_t *held,
                          size_t *count,
                          struct error *error);

#endif // RITORNELLO_HELD_OUT_H
