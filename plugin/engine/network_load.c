// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "network_load.h"

#include <stdbool.h>
#include <string.h>

// Return the place of `size` bytes behind those used, rounded up to KERNEL_ALIGNMENT; NULL without a block.
static const void *
place_take(const size_t size, const char *const block, size_t *const used)
{
  const char *const place = block ? block + *used : NULL;
  *used += (size + KERNEL_ALIGNMENT - 1) / KERNEL_ALIGNMENT * KERNEL_ALIGNMENT;
  return place;
}

void
network_place(struct matrix *const matrix,
              const uint32_t rows,
              const uint32_t columns,
              const enum precision precision,
              const char *const block,
              size_t *const used)
{
  const uint32_t padded = kernel_padded(columns);
  *matrix = (struct matrix){place_take(matrix_size(rows, padded, precision), block, used), rows, padded, precision};
}

void
network_place_table(
    struct table *const table, const uint32_t rows, const uint32_t columns, const char *const block, size_t *const used)
{
  const uint32_t padded = kernel_padded(columns);
  *table = (struct table){place_take((size_t)rows * padded * sizeof(float), block, used), rows, padded};
}

enum precision
network_precision(const struct network_loading *const loading,
                  const struct tensor_shape *const *const shapes,
                  const size_t count)
{
  for (size_t i = 0; i < count; ++i) {
    if (shapes[i]->rows && shapes[i]->columns && safetensors_find(loading->file, shapes[i]->name)->dtype != DTYPE_F16) {
      return PRECISION_F32;
    }
  }
  return PRECISION_F16;
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

// Read the values of a tensor into loading->values.
static enum status
values_read(const struct network_loading *const loading, const struct tensor_shape *const shape)
{
  const struct tensor *const tensor = safetensors_find(loading->file, shape->name);
  struct error error;
  if (tensor_floats(tensor, loading->values, tensor_shape_count(shape), &error)) {
    return error_set(loading->error, error.status, "%s: %s", error_path(loading->path), error.text);
  }
  return STATUS_SUCCESS;
}

// Copy some values that lie side by side to `place` of a matrix, in numbers from its beginning.
static void
values_store(const struct network_loading *const loading,
             const struct matrix *const matrix,
             const size_t place,
             const float *const values,
             const size_t count)
{
  char *const data = loading->block + ((const char *)matrix->data - loading->block);
  if (matrix->precision == PRECISION_F16) {
    floats_to_halves(values, (uint16_t *)(void *)data + place, count);
  } else {
    memcpy((float *)(void *)data + place, values, count * sizeof(*values));
  }
}

enum status
network_load_tensor(const struct network_loading *const loading,
                    const struct tensor_shape *const shape,
                    const struct matrix *const matrix,
                    const uint32_t column)
{
  const enum status status = values_read(loading, shape);
  const uint32_t columns = shape->columns;
  for (uint32_t r = 0; !status && r < shape->rows; ++r) {
    for (uint32_t c = 0; c < columns; c += KERNEL_LANES) {
      values_store(loading, matrix, matrix_place(matrix->padded, r, column + c),
                   loading->values + (size_t)r * columns + c, columns - c < KERNEL_LANES ? columns - c : KERNEL_LANES);
    }
  }
  return status;
}

enum status
network_load_table(const struct network_loading *const loading,
                   const struct tensor_shape *const shape,
                   const struct table *const table)
{
  const enum status status = values_read(loading, shape);
  const size_t rows = shape->columns ? shape->rows : 1;
  const size_t columns = shape->columns ? shape->columns : shape->rows;
  float *const data = (float *)(void *)(loading->block + ((const char *)table->data - loading->block));
  for (size_t r = 0; !status && r < rows; ++r) {
    memcpy(data + r * table->padded, loading->values + r * columns, columns * sizeof(float));
  }
  return status;
}
