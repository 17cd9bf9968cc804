// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// How fast this machine reads memory, from whatever cache a block of that size stays in.

#ifndef RITORNELLO_READING_H
#define RITORNELLO_READING_H

#include <stddef.h>

/// Return the seconds that reading `size` bytes takes at best, by the quickest of several loops, when the block has been
/// read before; 0 without memory.
double reading_seconds(size_t size);

/// Return the time in seconds, from some moment on.
double reading_clock(void);

#endif // RITORNELLO_READING_H
