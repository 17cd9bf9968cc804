// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Large pieces of memory that the audio thread reads: weights, and the states of networks. They come from the system and go
// back to it, in pages of their own, all of them touched before anybody plays from them, and in huge pages where there are
// any. Not for the audio thread.

#ifndef RITORNELLO_BLOCK_H
#define RITORNELLO_BLOCK_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Return `size` zeroed bytes, aligned to KERNEL_ALIGNMENT and present in memory, or NULL. Free with block_free().
void *block_new(size_t size);

/// From now on the block is only read; writing to it ends the program.
void block_seal(void *block);

/// Free `block`, which may be NULL.
void block_free(void *block);

#ifdef __cplusplus
}
#endif

#endif // RITORNELLO_BLOCK_H
