// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Name and shape of a tensor: what the tables of the networks' layouts are made of.

#ifndef RITORNELLO_TENSOR_SHAPE_H
#define RITORNELLO_TENSOR_SHAPE_H

#include <stddef.h>
#include <stdint.h>

/// Name and shape of one tensor.
struct tensor_shape {
  char name[32];
  uint32_t rows;
  uint32_t columns; ///< 0: a vector of `rows` values
};

/// Return the number of values of a tensor of `shape`.
static inline size_t
tensor_shape_count(const struct tensor_shape *const shape)
{
  return (size_t)shape->rows * (shape->columns ? shape->columns : 1U);
}

#endif // RITORNELLO_TENSOR_SHAPE_H
