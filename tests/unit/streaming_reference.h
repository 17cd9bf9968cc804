// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The formulas of streaming_layout.h once more, in double precision, with loops that look like them and no thought for
// speed: what the network is tested against.

#ifndef RITORNELLO_STREAMING_REFERENCE_H
#define RITORNELLO_STREAMING_REFERENCE_H

#include "engine/safetensors.h"
#include "engine/streaming_layout.h"

enum { REFERENCE_LOGITS = HAND_CLASSES + PITCH_CLASSES + DURATION_CLASSES + VELOCITY_CLASSES + ADVANCE_CLASSES };

/// Compute the logits of `count` steps into `logits` [count][REFERENCE_LOGITS], all fields one after the other. Step t
/// chooses events[t] under moments[t]. `attention` [count] gets the last step's, averaged over heads, newest event first.
/// Returns 0, or -1 on failure.
int reference_run(const struct safetensors *file,
                  const struct streaming_sizes *sizes,
                  const struct event *events,
                  const struct moment *moments,
                  uint32_t count,
                  double *logits,
                  double *attention);

#endif // RITORNELLO_STREAMING_REFERENCE_H
