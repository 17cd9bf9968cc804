// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "network_load.h"

#include <stdbool.h>
#include <string.h>

void
network_place(struct matrix *const matrix,
              const uint32_t rows,
              const uint32_t columns,
              const float *const block,
              size_t *const used)
{
  *matrix = (struct matrix){block ? block + *used : NULL, rows, kernel_padded(columns)};
  *used += (size_t)rows * matrix->padded;
}

static bool
tensor_has_shape(const struct tensor *const tensor, const struct tensor_shape *const shape)
{
  return tensor->rank == (shape->columns ? 2U : 1U) && tensor->shape[0] == shape->rows &&
         (!shape->columns || tensor->shape[1] == shape->columns);
}

enum status
network_check_tensor(const struct network_loading *const loading, const struct tensor_shape *const shape)
{
  const struct tensor *const tensor = safetensors_find(loading->file, shape->name);
  if (!tensor) {
    return error_set(loading->error, STATUS_BAD_FORMAT, "%s has no tensor %s, which its network needs",
                     error_path(loading->path), shape->name);
  }
  if (!tensor_has_shape(tensor, shape)) {
    return error_set(loading->error, STATUS_BAD_FORMAT, "%s: tensor %s has not the shape [%u, %u] of its network",
                     error_path(loading->path), shape->name, shape->rows, shape->columns);
  }
  return STATUS_SUCCESS;
}

enum status
network_load_tensor(const struct network_loading *const loading,
                    const struct tensor_shape *const shape,
                    const struct matrix *const matrix,
                    const uint32_t column)
{
  const struct tensor *const tensor = safetensors_find(loading->file, shape->name);
  struct error error;
  if (tensor_floats(tensor, loading->values, tensor_shape_count(shape), &error)) {
    return error_set(loading->error, error.status, "%s: %s", error_path(loading->path), error.text);
  }
  const size_t rows = shape->columns ? shape->rows : 1;
  const size_t columns = shape->columns ? shape->columns : shape->rows;
  const size_t begin = (size_t)(matrix->data - loading->block) + column;
  for (size_t r = 0; r < rows; ++r) {
    memcpy(loading->block + begin + r * matrix->padded, loading->values + r * columns, columns * sizeof(float));
  }
  return STATUS_SUCCESS;
}
