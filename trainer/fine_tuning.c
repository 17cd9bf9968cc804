// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "fine_tuning.h"

#include "held_out.h"
#include "style_map.h"

#include "engine/safetensors.h"

#include <string.h>

// What a weight file at `path` holds
struct source {
  struct safetensors *file;
  struct parameters parameters;
};

static void
source_close(struct source *const source)
{
  parameters_free(&source->parameters);
  safetensors_free(source->file);
}

static enum status
source_open(const char *const path, struct source *const source, struct error *const error)
{
  *source = (struct source){0};
  enum status status = safetensors_read(path, &source->file, error);
  if (!status) {
    status = parameters_load(source->file, path, &source->parameters, error);
  }
  if (!status && source->parameters.windowed.layer_count) {
    status = error_set(error, STATUS_BAD_VALUE,
                       "%s: holds a network of layers, whose tokens are those of its own music; only a streaming "
                       "network can be begun with",
                       path);
  }
  return status;
}

enum status
fine_tuning_sizes(const char *const path, struct streaming_sizes *const sizes, struct error *const error)
{
  struct source source;
  const enum status status = source_open(path, &source, error);
  if (!status) {
    *sizes = source.parameters.sizes;
  }
  source_close(&source);
  return status;
}

enum status
fine_tuning_hold_out(const char *const path,
                     const struct corpus *const corpus,
                     uint8_t *const held,
                     size_t *const count,
                     struct error *const error)
{
  struct source source;
  enum status status = source_open(path, &source, error);
  if (!status) {
    status = held_out_mark(source.file, path, corpus, held, count, error);
  }
  source_close(&source);
  return status;
}

static enum status
check_sizes(const char *const path,
            const struct streaming_sizes *const theirs,
            const struct streaming_sizes *const ours,
            struct error *const error)
{
  struct streaming_sizes expected = *theirs;
  expected.styles = ours->styles;
  return memcmp(&expected, ours, sizeof(expected)) == 0
             ? STATUS_SUCCESS
             : error_set(error, STATUS_BAD_VALUE,
                         "%s: its network has other sizes than those asked for; leave them out", path);
}

// Copy a tensor that both have. That of the styles has a row for "free", then one for each.
static void
copy_tensor(const struct parameters *const from,
            struct parameters *const to,
            const int tensor,
            const uint8_t *const map)
{
  const size_t columns = from->shapes[tensor].columns;
  const float *const source = parameters_value(from, tensor);
  float *const target = parameters_tensor(to, to->values, tensor);
  if (tensor != TENSOR_CONDITION_STYLE) {
    memcpy(target, source, tensor_shape_count(&to->shapes[tensor]) * sizeof(float));
    return;
  }
  for (size_t row = 0; row < to->shapes[tensor].rows; ++row) {
    const size_t known = row ? map[row - 1] : 0;
    memcpy(target + row * columns, source + known * columns, columns * sizeof(float));
  }
}

enum status
fine_tuning_begin(const char *const path,
                  const struct corpus *const corpus,
                  struct parameters *const parameters,
                  struct error *const error)
{
  struct source source;
  uint8_t map[CORPUS_STYLES] = {0};
  enum status status = source_open(path, &source, error);
  if (!status) {
    status = check_sizes(path, &source.parameters.sizes, &parameters->sizes, error);
  }
  if (!status) {
    status = style_map(source.file, path, source.parameters.sizes.styles, corpus, map, error);
  }
  for (int tensor = 0; !status && tensor < STREAMING_TENSORS; ++tensor) {
    if (parameters->shapes[tensor].rows) {
      copy_tensor(&source.parameters, parameters, tensor, map);
    }
  }
  source_close(&source);
  return status;
}
