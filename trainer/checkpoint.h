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

#include <stdbool.h>
#include <stdint.h>

enum { CHECKPOINT_MUSIC_SIZE = 96 };

/// How far a training had come, and with what music.
struct checkpoint {
  uint64_t corpus_hash;
  uint64_t order_hash;  ///< Of the pieces' names, works and styles in their order, and which are kept out; 0: untold
  uint64_t labels_hash; ///< Of what the network knows by number: names of styles, vocabulary; 0: untold
  char music[CHECKPOINT_MUSIC_SIZE]; ///< How much music that is, in words; "": untold
  const char *held_out;              ///< Works that are kept out (held_out_text()); it is not read
  uint64_t epoch;                    ///< Epochs that have ended
  uint64_t notes;                    ///< Learned from
  uint64_t stale;                    ///< Epochs since the best one
  double seconds;                    ///< Of training, by the clock
  double cpu_seconds;                ///< Of processor time
  double best;                       ///< Best held-out nats per note so far; infinity: none yet
  struct evaluation_sums losses;     ///< Of the present epoch's training
};

/// Whether the music is the same, as far as both tell.
bool checkpoint_same_music(const struct checkpoint *a, const struct checkpoint *b);

/// Write a checkpoint, all processes together; the first one has the file.
enum status checkpoint_write(const char *path,
                             const struct checkpoint *checkpoint,
                             const struct updater *updater,
                             struct error *error);

/// Read into an updater made for a network of the same sizes, the same streams and the same corpus, which `checkpoint` tells.
/// With `force`, the corpus may be another if its labels are the same: the weights are taken over then, and `checkpoint` tells of
/// the corpus before, but the trainee stays where it is. Nothing is changed on failure.
enum status checkpoint_read(
    const char *path, bool force, struct checkpoint *checkpoint, struct updater *updater, struct error *error);

#endif // RITORNELLO_CHECKPOINT_H
