// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// One network in memory for all who loaded the same file: it is immutable, and thirty instances that read the same weights
// find them in the cache, where those of thirty copies would not fit. Any thread but the audio thread may call.

#ifndef RITORNELLO_SHARING_H
#define RITORNELLO_SHARING_H

#include "network.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Return the network that was made of the file with that `hash`, for one user more, or NULL if there is none.
struct network *sharing_find(uint64_t hash);

/// Let others find `network`, which its maker uses. Without memory they won't, and nothing else happens.
void sharing_add(uint64_t hash, struct network *network);

/// `network` (not NULL) has one user less; without any it is freed.
void sharing_release(struct network *network);

#ifdef __cplusplus
}
#endif

#endif // RITORNELLO_SHARING_H
