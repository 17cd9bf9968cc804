// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// How long the composers of a corpus strike the same onsets in turn (engine/strikes.h).

#ifndef RITORNELLO_STRIKE_LIMITS_H
#define RITORNELLO_STRIKE_LIMITS_H

#include "corpus.h"

#include <stdint.h>

enum { STRIKE_LIMIT_TIMES = 3 }; // That every figure may be struck

/// Return, as a weight file's metadata, the limits of all music in `corpus` and those of its styles called `names` [count],
/// each by period: what nine of ten pieces keep to, but so that a figure may be struck STRIKE_LIMIT_TIMES times. Pieces whose
/// entry in `held` is not 0 do not count. NULL without memory since json_memory_begin(); to be freed with free().
char *strike_limits_text(const struct corpus *corpus, const uint8_t *held, const char *const *names, size_t count);

#endif // RITORNELLO_STRIKE_LIMITS_H
