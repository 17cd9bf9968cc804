// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Writing a weight file: tensors rounded to F16, and the metadata that says what network it is, from what music it was
// learned, whose work that music is and how well it went. A filter of the music goes with it, against quotations.

#ifndef RITORNELLO_WEIGHT_FILE_H
#define RITORNELLO_WEIGHT_FILE_H

#include "corpus.h"
#include "evaluation.h"
#include "parameters.h"

#include "engine/status.h"

#include <stdint.h>

/// What the file says about itself.
struct weight_file {
  const struct parameters *parameters;
  const char *vocabulary; ///< As the metadata has it
  const struct corpus *corpus;
  const uint8_t *held;                 ///< [pieces] 1: kept out of training
  const struct evaluation *evaluation; ///< On the held pieces, or NULL
  const char *title;
  const char *licence;
  const char *attribution; ///< NULL: gathered from the corpus
  uint64_t seed;
  uint64_t epochs; ///< Trained when these weights were taken
  uint64_t notes;  ///< Seen in training, every playing counted
  double seconds;  ///< Of training
};

/// Write it at `path`, whole or not at all, with what guards composing: the filter of the pieces that are not held out
/// (engine/quotation.h), and how often they strike an onset (engine/strikes.h).
enum status weight_file_write(const char *path, const struct weight_file *file, struct error *error);

/// What is changed in a weight file; NULL and 0 where nothing is.
struct weight_file_changes {
  const char *title; ///< What it says of itself
  const char *licence;
  const char *attribution;
  double weaken_styles; ///< 0 to 1: how much nearer every style is brought to "none"
};

/// Write the weight file at `old` again at `path`, with nothing changed but what `changes` says and those two, which are made
/// anew of the pieces of `corpus` that `old` does not call held out. `corpus` has to be the music that it was trained on.
enum status weight_file_refilter(const char *path,
                                 const char *old,
                                 const struct weight_file_changes *changes,
                                 const struct corpus *corpus,
                                 struct error *error);

#endif // RITORNELLO_WEIGHT_FILE_H
