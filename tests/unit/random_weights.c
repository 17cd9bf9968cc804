// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Random weight files, the same bytes for the same seed. Tests run on little-endian machines, so floats are written as
// they lie in memory.

#include "random_weights.h"

#include "engine/random.h"
#include "engine/safetensors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STYLES_TEXT_SIZE = 1024 };

static void
styles_format(const uint32_t count, char text[STYLES_TEXT_SIZE])
{
  static const char *const names[] = {"bach", "beethoven", "chopin", "mozart", "schubert"};
  int length = snprintf(text, STYLES_TEXT_SIZE, "[");
  for (uint32_t i = 0; i < count; ++i) {
    char name[16];
    snprintf(name, sizeof(name), "style%u", i + 1);
    length += snprintf(text + length, STYLES_TEXT_SIZE - (size_t)length, "%s\"%s\"", i ? ", " : "",
                       i < sizeof(names) / sizeof(*names) ? names[i] : name);
  }
  snprintf(text + length, STYLES_TEXT_SIZE - (size_t)length, "]");
}

static void
tensor_fill(struct tensor *const tensor,
            const struct tensor_shape *const shape,
            float *const values,
            const uint64_t key,
            const float scale)
{
  const size_t count = tensor_shape_count(shape);
  for (size_t i = 0; i < count; ++i) {
    values[i] = (2.0F * random_uniform(key, i) - 1.0F) * scale;
  }
  *tensor = (struct tensor){
      .dtype = DTYPE_F32,
      .rank = shape->columns ? 2 : 1,
      .shape = {shape->rows, shape->columns},
      .data = values,
      .size = count * sizeof(float),
  };
  memcpy(tensor->name, shape->name, sizeof(shape->name));
}

int
random_weights_write(const char *const path,
                     const struct streaming_sizes *const sizes,
                     const uint64_t seed,
                     const float scale)
{
  struct tensor_shape shapes[STREAMING_TENSORS];
  streaming_shapes(sizes, shapes);
  size_t total = 0;
  for (unsigned i = 0; i < STREAMING_TENSORS; ++i) {
    total += shapes[i].rows ? tensor_shape_count(&shapes[i]) : 0;
  }
  float *const values = malloc(total * sizeof(*values));
  if (!values) {
    return -1;
  }
  struct tensor tensors[STREAMING_TENSORS];
  size_t count = 0;
  size_t used = 0;
  for (unsigned i = 0; i < STREAMING_TENSORS; ++i) {
    if (shapes[i].rows) {
      tensor_fill(&tensors[count++], &shapes[i], values + used, random_key(seed, i), scale);
      used += tensor_shape_count(&shapes[i]);
    }
  }
  char network[STREAMING_TEXT_SIZE];
  char styles[STYLES_TEXT_SIZE];
  streaming_sizes_format(sizes, network);
  styles_format(sizes->styles, styles);
  const struct metadata metadata[] = {
      {"format", "ritornello-1"}, {"network", network},     {"vocabulary", "events-1"},
      {"styles", styles},         {"title", "Random test"}, {"licence", "CC0-1.0"},
  };
  const enum status status =
      safetensors_write(path, metadata, sizeof(metadata) / sizeof(*metadata), tensors, count, NULL);
  free(values);
  return status ? -1 : 0;
}
