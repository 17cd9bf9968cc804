// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Styles of a folder and of a weight file, brought together by name.

#ifndef RITORNELLO_STYLE_MAP_H
#define RITORNELLO_STYLE_MAP_H

#include "corpus.h"

#include "engine/safetensors.h"
#include "engine/status.h"

#include <stdint.h>

/// For each style of `corpus`, set its entry in zeroed `map` [corpus->style_count] to 1 + the index of the style of that name
/// in `file` (read from `path`), whose network knows `count` styles; one that it does not know stays 0.
enum status style_map(const struct safetensors *file,
                      const char *path,
                      uint32_t count,
                      const struct corpus *corpus,
                      uint8_t *map,
                      struct error *error);

/// Set `*number` to 1 + the index of the style `name` in `file`, or fail with what it does know.
enum status style_find(const struct safetensors *file,
                       const char *path,
                       uint32_t count,
                       const char *name,
                       uint8_t *number,
                       struct error *error);

#endif // RITORNELLO_STYLE_MAP_H
