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
  const char *path;         ///< The file's, for errors
  enum precision precision; ///< Of the matrices
  char *block;              ///< Of all matrices and tables, zeroed
  float *values;            ///< Room for the largest tensor
  struct error *error;
};

/// Place a matrix behind the `used` bytes of `block`, or only count them while there is no block (NULL).
void network_place(
    struct matrix *matrix, uint32_t rows, uint32_t columns, enum precision precision, const char *block, size_t *used);

/// The same for a table.
void network_place_table(struct table *table, uint32_t rows, uint32_t columns, const char *block, size_t *used);

/// Return the precision that loses nothing of `count` checked tensors: halves if all that have columns are F16. Those with
/// rows == 0 don't count.
enum precision
network_precision(const struct network_loading *loading, const struct tensor_shape *const *shapes, size_t count);

/// Check that the file has the tensor of `shape`, before memory is taken for it.
enum status network_check_tensor(const struct network_loading *loading, const struct tensor_shape *shape);

/// Copy the values of the tensor of `shape`, which has been checked, into `matrix`, from `column` on, which KERNEL_LANES
/// divides.
enum status network_load_tensor(const struct network_loading *loading,
                                const struct tensor_shape *shape,
                                const struct matrix *matrix,
                                uint32_t column);

/// The same into `table`, from its beginning.
enum status
network_load_table(const struct network_loading *loading, const struct tensor_shape *shape, const struct table *table);

#endif // RITORNELLO_NETWORK_LOAD_H
