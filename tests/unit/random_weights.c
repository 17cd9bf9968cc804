// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Random weight files, the same bytes for the same seed. Tests run on little-endian machines, so floats are written as
// they lie in memory.

#include "random_weights.h"

#include "converted.h"

#include "engine/random.h"
#include "engine/safetensors.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STYLES_TEXT_SIZE = 1024, PATH_SIZE = 512 };

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

// Write a file of random tensors of `shapes`, but for those without rows.
static int
file_write(const char *const path,
           const struct metadata *const metadata,
           const size_t metadata_count,
           const struct tensor_shape *const shapes,
           const unsigned shape_count,
           const uint64_t seed,
           const float scale)
{
  size_t total = 0;
  for (unsigned i = 0; i < shape_count; ++i) {
    total += shapes[i].rows ? tensor_shape_count(&shapes[i]) : 0;
  }
  float *const values = malloc(total * sizeof(*values));
  struct tensor *const tensors = calloc(shape_count, sizeof(*tensors));
  size_t count = 0;
  size_t used = 0;
  for (unsigned i = 0; values && tensors && i < shape_count; ++i) {
    if (shapes[i].rows) {
      tensor_fill(&tensors[count++], &shapes[i], values + used, random_key(seed, i), scale);
      used += tensor_shape_count(&shapes[i]);
    }
  }
  const bool written = values && tensors && !safetensors_write(path, metadata, metadata_count, tensors, count, NULL);
  free(tensors);
  free(values);
  return written ? 0 : -1;
}

int
random_weights_write(const char *const path,
                     const struct streaming_sizes *const sizes,
                     const uint64_t seed,
                     const float scale)
{
  struct tensor_shape shapes[STREAMING_TENSORS];
  char network[STREAMING_TEXT_SIZE];
  char styles[STYLES_TEXT_SIZE];
  streaming_shapes(sizes, shapes);
  streaming_sizes_format(sizes, network);
  styles_format(sizes->styles, styles);
  const struct metadata metadata[] = {
      {"format", "ritornello-1"}, {"network", network},     {"vocabulary", "events-1"},
      {"styles", styles},         {"title", "Random test"}, {"licence", "CC0-1.0"},
  };
  return file_write(path, metadata, sizeof(metadata) / sizeof(*metadata), shapes, STREAMING_TENSORS, seed, scale);
}

// Write the weights to a new file of a name that nobody else has, and return whether that went well. The name is in `path`.
static bool
temporary_write(const struct streaming_sizes *const sizes, const uint64_t seed, const float scale, char path[PATH_SIZE])
{
  const char *const parent = getenv("TMPDIR");
  snprintf(path, PATH_SIZE, "%s/ritornello-XXXXXX", parent ? parent : "/tmp");
  const int descriptor = mkstemp(path);
  return descriptor >= 0 && close(descriptor) == 0 && random_weights_write(path, sizes, seed, scale) == 0;
}

struct safetensors *
random_weights_read(const struct streaming_sizes *const sizes,
                    const uint64_t seed,
                    const float scale,
                    const enum dtype dtype)
{
  char path[PATH_SIZE];
  struct safetensors *file = NULL;
  if (temporary_write(sizes, seed, scale, path) && converted_write(path, path, dtype) == 0) {
    (void)safetensors_read(path, &file, NULL);
  }
  (void)unlink(path);
  return file;
}

struct weights *
random_weights_load(const struct streaming_sizes *const sizes, const uint64_t seed, const float scale)
{
  char path[PATH_SIZE];
  struct weights *weights = NULL;
  if (temporary_write(sizes, seed, scale, path)) {
    (void)weights_load(path, &weights, NULL);
  }
  (void)unlink(path);
  return weights;
}

int
random_windowed_write(const char *const path,
                      const struct windowed_sizes *const sizes,
                      const struct vocabulary *const vocabulary,
                      const uint64_t seed,
                      const float scale)
{
  struct windowed_tensor tensors[WINDOWED_TENSORS];
  struct tensor_shape shapes[WINDOWED_TENSORS];
  const unsigned count = windowed_tensors(sizes, tensors);
  for (unsigned i = 0; i < count; ++i) {
    shapes[i] = tensors[i].shape;
  }
  char network[WINDOWED_TEXT_SIZE];
  windowed_sizes_format(sizes, network);
  char *const tokens = vocabulary_format(vocabulary);
  const struct metadata metadata[] = {
      {"format", "ritornello-1"}, {"network", network},     {"vocabulary", tokens ? tokens : ""},
      {"styles", "[]"},           {"title", "Random test"}, {"licence", "CC0-1.0"},
  };
  const int result = file_write(path, metadata, sizeof(metadata) / sizeof(*metadata), shapes, count, seed, scale);
  free(tokens);
  return result;
}
