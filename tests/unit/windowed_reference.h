// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The formulas of windowed_layout.h once more, in double precision, with loops that look like them and no thought for speed:
// what the network is tested against. Every layer is computed at every position, whether it is wanted there or not.

#ifndef RITORNELLO_WINDOWED_REFERENCE_H
#define RITORNELLO_WINDOWED_REFERENCE_H

#include "engine/safetensors.h"
#include "engine/windowed_layout.h"

/// Compute the logits [vocabulary] of the token after the `window` [context]. Returns 0, or -1 on failure.
int windowed_reference_run(const struct safetensors *file,
                           const struct windowed_sizes *sizes,
                           const uint16_t *window,
                           double *logits);

#endif // RITORNELLO_WINDOWED_REFERENCE_H
