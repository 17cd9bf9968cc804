// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A gentle hand on the key. A network that is asked for a key heeds that as one condition among others, and often plays in a
// neighbouring one. So where pitches are chosen under a key, each gets a share more or less, by how often its degree stands in
// music of that key. With the key free nothing is changed.
// Source of the shares: Albrecht and Shanahan, "The use of large corpora to train a new type of key-finding algorithm", Music
// Perception 31 (1), 2013.

#ifndef RITORNELLO_KEY_PRIOR_H
#define RITORNELLO_KEY_PRIOR_H

#include "network.h"
#include "realtime.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Write to `biased` [choice->classes] the logits of a choice of pitch or token as they are in `key` (1 to KEY_COUNT); a token
/// counts by the mean of its notes.
void key_prior_apply(uint8_t key, const struct choice *choice, float *biased) REALTIME;

#ifdef __cplusplus
}
#endif

#endif // RITORNELLO_KEY_PRIOR_H
