// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Steering to a target of surprise, in bits per note: the feedback of mirostat (Basu et al., "Mirostat: a neural text
// decoding algorithm that directly controls perplexity", 2021). After each step the error, target less observed, moves a
// level by a fixed share. There the level cuts off unlikely tokens; here it is the temperature's, in octaves, because a note
// is several choices of different kinds, and because it can raise surprise as well as lower it.
//
// The level is a whole number, so that it can be kept with a note, and going on from there is exact.

#ifndef RITORNELLO_MIROSTAT_H
#define RITORNELLO_MIROSTAT_H

#include "realtime.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  MIROSTAT_OCTAVE = 1024, ///< Units of the level to an octave (a factor of two) of temperature
  MIROSTAT_LOWEST = -4 * MIROSTAT_OCTAVE,
  MIROSTAT_HIGHEST = 2 * MIROSTAT_OCTAVE,
};

/// Return `temperature` moved by `level`.
float mirostat_temperature(int16_t level, float temperature) REALTIME;

/// Return the level after a step of `notes` notes (a rest counts as one) that had `bits` of surprise in all, when `target`
/// bits per note are asked for. 0 if that is 0 (off).
int16_t mirostat_next(int16_t level, float target, uint32_t notes, float bits) REALTIME;

#ifdef __cplusplus
}
#endif

#endif // RITORNELLO_MIROSTAT_H
