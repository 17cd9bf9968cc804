// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "converted.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

enum { METADATA = 64 };

// Give `tensor` values of `dtype`, in memory to be freed; return whether that worked.
static bool
tensor_convert(struct tensor *const tensor, const enum dtype dtype)
{
  const size_t count = tensor->size / dtype_size(tensor->dtype);
  float *const values = malloc(count * sizeof(*values) + 1);
  if (!values || tensor_floats(tensor, values, count, NULL)) {
    free(values);
    return false;
  }
  if (dtype == DTYPE_F16) {
    uint16_t *const halves = malloc(count * sizeof(*halves) + 1);
    if (halves) {
      floats_to_halves(values, halves, count);
    }
    free(values);
    tensor->data = halves;
  } else {
    tensor->data = values;
  }
  tensor->dtype = dtype;
  tensor->size = count * dtype_size(dtype);
  return tensor->data;
}

static void *
data_of(const struct tensor *const tensor)
{
  return (char *)(uintptr_t)tensor->data;
}

int
converted_write(const char *const from, const char *const to, const enum dtype dtype)
{
  struct safetensors *file = NULL;
  if (safetensors_read(from, &file, NULL)) {
    return -1;
  }
  struct metadata metadata[METADATA];
  const size_t metadata_count = safetensors_metadata_list(file, metadata, METADATA);
  const size_t count = safetensors_count(file);
  struct tensor *const tensors = calloc(count + 1, sizeof(*tensors));
  bool *const made = calloc(count + 1, sizeof(*made));
  bool good = tensors && made && metadata_count <= METADATA;
  for (size_t i = 0; good && i < count; ++i) {
    tensors[i] = *safetensors_tensor(file, i);
    if (tensors[i].dtype == DTYPE_F32 || tensors[i].dtype == DTYPE_F16) {
      good = made[i] = tensor_convert(&tensors[i], dtype);
    }
  }
  good = good && safetensors_write(to, metadata, metadata_count, tensors, count, NULL) == STATUS_SUCCESS;
  for (size_t i = 0; made && i < count; ++i) {
    if (made[i]) {
      free(data_of(&tensors[i]));
    }
  }
  free(made);
  free(tensors);
  safetensors_free(file);
  return good ? 0 : -1;
}
