// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Beginning with the weights of another training instead of random ones: a `streaming` network goes on learning from other
// music, or in another manner. Its styles are those of the new music; those that have the name of an old one begin as that.

#ifndef RITORNELLO_FINE_TUNING_H
#define RITORNELLO_FINE_TUNING_H

#include "corpus.h"
#include "parameters.h"

#include "engine/status.h"
#include "engine/streaming_layout.h"

#include <stddef.h>
#include <stdint.h>

/// Read the sizes of the `streaming` network in the weight file at `path`.
enum status fine_tuning_sizes(const char *path, struct streaming_sizes *sizes, struct error *error);

/// Mark in zeroed `held` [pieces] those whose works the weight file at `path` was not trained on, by its own word, and count
/// them in `*count`: they stay kept out, or what is measured on them would say nothing.
enum status
fine_tuning_hold_out(const char *path, const struct corpus *corpus, uint8_t *held, size_t *count, struct error *error);

/// Fill `parameters`, made for the styles of `corpus`, with the weights in the file at `path`. All sizes but the number of
/// styles must be the file's. A style that the file does not know begins as the file's "free" one.
enum status
fine_tuning_begin(const char *path, const struct corpus *corpus, struct parameters *parameters, struct error *error);

#endif // RITORNELLO_FINE_TUNING_H
