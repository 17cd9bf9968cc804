// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A short piece by weights that are still in training, so that one can hear how they come along.

#ifndef RITORNELLO_SAMPLE_H
#define RITORNELLO_SAMPLE_H

#include "engine/status.h"

enum { SAMPLE_BARS = 16 };

/// Compose SAMPLE_BARS bars with the weight file at `path_of_weights`, as the plugin does with its first seed and all else free, and
/// write them as a MIDI file at `path`.
enum status sample_write(const char *path_of_weights, const char *path, struct error *error);

#endif // RITORNELLO_SAMPLE_H
