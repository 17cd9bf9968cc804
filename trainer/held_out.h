// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Which pieces a weight file was not trained on, by its own word.

#ifndef RITORNELLO_HELD_OUT_H
#define RITORNELLO_HELD_OUT_H

#include "corpus.h"

#include "engine/safetensors.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/// The works of the pieces that are marked in `held`, as a JSON array.
json_t *held_out_works(const struct corpus *corpus, const uint8_t *held);

/// The text that says so in the metadata of a file, under `training`; NULL without memory. Free it with free().
char *held_out_text(const struct corpus *corpus, const uint8_t *held);

/// Mark in zeroed `held` [pieces] the pieces of the works that the metadata of `file`, read from `path`, calls held out,
/// and count them in `*count`. Fails if it does not say.
enum status held_out_mark(const struct safetensors *file,
                          const char *path,
                          const struct corpus *corpus,
                          uint8_t *held,
                          size_t *count,
                          struct error *error);

/// The same, by the weight file or checkpoint at `path`.
enum status
held_out_by(const char *path, const struct corpus *corpus, uint8_t *held, size_t *count, struct error *error);

#endif // RITORNELLO_HELD_OUT_H
