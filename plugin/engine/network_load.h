// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What loading has in common for all kinds of networks: matrices are placed in one block, and the tensors of a file are
// checked one by one and copied there. Not for the audio thread.

#ifndef RITORNELLO_NETWORK_LOAD_H
#define RITORNELLO_NETWORK_LOAD_H

#include "kernels.h"
#include "safetensors.h"
#include "status.h"
#include "tensor_shape.h"

#include <stddef.h>
#include <stdint.h>

/// A file on its way into the block of a network.
struct network_loading {
  const struct safetensors *file;
  const char *path; ///< The file's, for errors
  float *block;     ///< Of all matrices, zeroed
  float *values;    ///< Room for the largest tensor
  struct error *error;
};

/// Place a matrix behind the `used` floats of `block`, or only count them while there is no block (NULL).
void network_place(struct matrix *matrix, uint32_t rows, uint32_t columns, const float *block, size_t *used);

/// Check that the file has the tensor of `shape`, before memory is taken for it.
enum status network_check_tensor(const struct network_loading *loading, const struct tensor_shape *shape);

/// Copy the values of the tensor of `shape`, which has been checked, into `matrix`, from `column` on.
enum status network_load_tensor(const struct network_loading *loading,
                                const struct tensor_shape *shape,
                                const struct matrix *matrix,
                                uint32_t column);

#endif // RITORNELLO_NETWORK_LOAD_H
