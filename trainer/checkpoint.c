// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "checkpoint.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PARTS = 3, FIGURES_SIZE = 256 };

static const char *const part_names[PARTS] = {"weights", "adam.mean", "adam.square"};

static float *
part_values(const struct updater *const u, const int part)
{
  return part == 0 ? u->parameters->values : part == 1 ? u->mean : u->square;
}

enum status
checkpoint_write(const char *const path,
                 const struct checkpoint *const checkpoint,
                 const struct updater *const updater,
                 struct error *const error)
{
  char network[STREAMING_TEXT_SIZE];
  char figures[FIGURES_SIZE];
  streaming_sizes_format(&updater->parameters->sizes, network);
  snprintf(figures, sizeof(figures), "%016" PRIx64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %a %a",
           checkpoint->corpus_hash, checkpoint->epoch, checkpoint->notes, updater->updates, checkpoint->seconds,
           checkpoint->best);
  const struct metadata metadata[] = {
      {"format", "ritornello-checkpoint-1"}, {"network", network}, {"figures", figures}};
  struct tensor tensors[PARTS];
  memset(tensors, 0, sizeof(tensors));
  for (int i = 0; i < PARTS; ++i) {
    strcpy(tensors[i].name, part_names[i]);
    tensors[i].dtype = DTYPE_F32;
    tensors[i].rank = 1;
    tensors[i].shape[0] = updater->parameters->count;
    tensors[i].size = updater->parameters->count * sizeof(float);
    tensors[i].data = part_values(updater, i);
  }
  return safetensors_write(path, metadata, sizeof(metadata) / sizeof(metadata[0]), tensors, PARTS, error);
}

static enum status
read_checked(const char *const path,
             const struct safetensors *const file,
             struct checkpoint *const checkpoint,
             struct updater *const updater,
             struct error *const error)
{
  const char *const figures = safetensors_metadata(file, "figures");
  const char *const network = safetensors_metadata(file, "network");
  char expected[STREAMING_TEXT_SIZE];
  streaming_sizes_format(&updater->parameters->sizes, expected);
  if (!figures || !network || strcmp(network, expected) != 0) {
    return error_set(error, STATUS_BAD_FORMAT,
                     "%s: is no checkpoint of this network; its sizes are not those asked for", path);
  }
  struct checkpoint read;
  uint64_t updates = 0;
  if (sscanf(figures, "%" SCNx64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %la %la", &read.corpus_hash, &read.epoch,
             &read.notes, &updates, &read.seconds, &read.best) != 6) {
    return error_set(error, STATUS_BAD_FORMAT, "%s: its figures can't be read; train anew without --resume", path);
  }
  const size_t count = updater->parameters->count;
  float *const values = malloc(PARTS * count * sizeof(float));
  if (!values) {
    return error_set(error, STATUS_NO_MEMORY, "%s: no memory to read it", path);
  }
  enum status status = STATUS_SUCCESS;
  for (int i = 0; !status && i < PARTS; ++i) {
    const struct tensor *const tensor = safetensors_find(file, part_names[i]);
    status = tensor ? tensor_floats(tensor, values + (size_t)i * count, count, error)
                    : error_set(error, STATUS_BAD_FORMAT, "%s: has no tensor `%s'", path, part_names[i]);
  }
  for (int i = 0; !status && i < PARTS; ++i) {
    memcpy(part_values(updater, i), values + (size_t)i * count, count * sizeof(float));
  }
  if (!status) {
    updater->updates = updates;
    *checkpoint = read;
  }
  free(values);
  return status;
}

enum status
checkpoint_read(const char *const path,
                struct checkpoint *const checkpoint,
                struct updater *const updater,
                struct error *const error)
{
  struct safetensors *file = NULL;
  enum status status = safetensors_read(path, &file, error);
  if (!status) {
    status = read_checked(path, file, checkpoint, updater, error);
  }
  safetensors_free(file);
  return status;
}
