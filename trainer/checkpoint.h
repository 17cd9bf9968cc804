// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What a training needs to go on: weights and Adam's moments as F32, and how far it had come. A safetensors file, written
// beside the old one and renamed over it.

#ifndef RITORNELLO_CHECKPOINT_H
#define RITORNELLO_CHECKPOINT_H

#include "updater.h"

#include "engine/status.h"

#include <stdint.h>

/// How far a training had come.
struct checkpoint {
  uint64_t corpus_hash;
  uint64_t epoch;
  uint64_t notes;
  double seconds;
  double best; ///< Best held-out nats per note so far
};

enum status checkpoint_write(const char *path,
                             const struct checkpoint *checkpoint,
                             const struct updater *updater,
                             struct error *error);

/// Read into an updater made for a network of the same sizes; nothing is changed on failure.
enum status
checkpoint_read(const char *path, struct checkpoint *checkpoint, struct updater *updater, struct error *error);

#endif // RITORNELLO_CHECKPOINT_H
