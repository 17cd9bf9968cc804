// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The same weight file in another precision.

#ifndef RITORNELLO_CONVERTED_H
#define RITORNELLO_CONVERTED_H

#include "engine/safetensors.h"

/// Write the weight file at `from` to `to` (which may be `from`), with all its F32 and F16 tensors as `dtype`, one of these;
/// the others stay as they are. Returns 0, or -1 on failure.
int converted_write(const char *from, const char *to, enum dtype dtype);

#endif // RITORNELLO_CONVERTED_H
