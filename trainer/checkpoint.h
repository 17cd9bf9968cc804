// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// All that a training needs to go on as if it had never been interrupted, to the bit: weights and the optimizer's
// moments, where the trainee is (trainee.h), and how far the training had come. A safetensors file, written
// beside the old one and renamed over it.

#ifndef RITORNELLO_CHECKPOINT_H
#define RITORNELLO_CHECKPOINT_H

#include "evaluation.h"
#include "updater.h"

#include "engine/status.h"

#include <stdint.h>

/// How far a training had come.
struct checkpoint {
  uint64_t corpus_hash;
  uint64_t epoch;                ///< Epochs that have ended
  uint64_t notes;                ///< Learned from
  uint64_t stale;                ///< Epochs since the best one
  double seconds;                ///< Of training, by the clock
  double cpu_seconds;            ///< Of processor time
  double best;                   ///< Best held-out nats per note so far; infinity: none yet
  struct evaluation_sums losses; ///< Of the present epoch's training
};

/// Write a checkpoint, all processes together; the first one has the file.
enum status checkpoint_write(const char *path,
                             const struct checkpoint *checkpoint,
                             const struct updater *updater,
                             struct error *error);

/// Read into an updater made for a network of the same sizes, the same streams and the same corpus, whose hash `checkpoint`
/// tells; nothing is changed on failure.
enum status
checkpoint_read(const char *path, struct checkpoint *checkpoint, struct updater *updater, struct error *error);

#endif // RITORNELLO_CHECKPOINT_H
