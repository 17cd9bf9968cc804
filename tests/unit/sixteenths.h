// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A weight file of the article's network that knows nothing but works hard: eight tokens a second at 120 beats per minute.

#ifndef RITORNELLO_SIXTEENTHS_H
#define RITORNELLO_SIXTEENTHS_H

#include <stdint.h>

/// Write an `article` network of random weights with LSTMs of `size` units (a multiple of 16) over 100 tokens to `path`, in
/// halves. Its vocabulary has as many tokens as the article's, about 3,400, and each lasts a sixteenth. Returns 0, or -1.
int sixteenths_write(const char *path, uint32_t size);

#endif // RITORNELLO_SIXTEENTHS_H
