// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Memory for what a window is made of. Where the system has none, it comes from a reserve that is enough for a whole window, so that a
// host never ends because of one. All windows of a process live in one thread, as LV2 has it.

#ifndef RITORNELLO_RESERVE_H
#define RITORNELLO_RESERVE_H

#include <stddef.h>

/// Return `size` bytes of zeros. Ends the program where the reserve is used up too.
void *reserve_allocate(size_t size);

/// Give them back; NULL is nothing.
void reserve_free(void *memory);

#endif // RITORNELLO_RESERVE_H
