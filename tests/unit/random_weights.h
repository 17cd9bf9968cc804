// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Weight files for tests: small networks of random weights, which know nothing of music but are of the right form.

#ifndef RITORNELLO_RANDOM_WEIGHTS_H
#define RITORNELLO_RANDOM_WEIGHTS_H

#include "engine/safetensors.h"
#include "engine/streaming_layout.h"
#include "engine/vocabulary.h"
#include "engine/weights.h"
#include "engine/windowed_layout.h"

#include <stdint.h>

/// Write a weight file of a `streaming` network of `sizes` to `path`: F32 tensors, values uniform in [-scale, scale), drawn
/// by `seed`. Its styles are bach, beethoven, chopin, mozart, schubert, then style6 and so on. Returns 0, or -1 on failure.
int random_weights_write(const char *path, const struct streaming_sizes *sizes, uint64_t seed, float scale);

/// The file that random_weights_write() writes, in precision `dtype` (F32 or F16), read: nothing of it stays on disk. NULL on
/// failure. Free it with safetensors_free().
struct safetensors *
random_weights_read(const struct streaming_sizes *sizes, uint64_t seed, float scale, enum dtype dtype);

/// The same, loaded as the plugin loads it. Free it with weights_free().
struct weights *random_weights_load(const struct streaming_sizes *sizes, uint64_t seed, float scale);

/// As random_weights_write(), for a `windowed` network of `sizes`, whose vocabulary has sizes->vocabulary tokens. It has no styles.
int random_windowed_write(const char *path,
                          const struct windowed_sizes *sizes,
                          const struct vocabulary *vocabulary,
                          uint64_t seed,
                          float scale);

#endif // RITORNELLO_RANDOM_WEIGHTS_H
