// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What the three files of the safetensors module share: the opened file and its bounds.

#ifndef RITORNELLO_SAFETENSORS_PRIVATE_H
#define RITORNELLO_SAFETENSORS_PRIVATE_H

#include "safetensors.h"

#include <jansson.h>
#include <stdbool.h>

enum {
  DTYPE_COUNT = DTYPE_U64 + 1,
  LENGTH_SIZE = 8 ///< Bytes that say how long the header is
};

#define METADATA_KEY "__metadata__"

struct safetensors {
  unsigned char *bytes; ///< [size] The whole file
  size_t size;
  json_t *header;         ///< The parsed header
  json_t *metadata;       ///< Its metadata object, or NULL; owned by `header`
  struct tensor *tensors; ///< [count] In the order of their data
  size_t count;
};

/// Return the bytes of a tensor of `dtype` and `shape` [rank] in `size`, or false if they are more than a file may have.
bool tensor_size(enum dtype dtype, const uint64_t *shape, unsigned rank, size_t *size);

#endif // RITORNELLO_SAFETENSORS_PRIVATE_H
