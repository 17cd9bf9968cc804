// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Nats per note of a `windowed` network: every token is predicted from the window before it.

#ifndef RITORNELLO_WINDOWED_EVALUATION_H
#define RITORNELLO_WINDOWED_EVALUATION_H

#include "corpus.h"
#include "evaluation.h"
#include "parameters.h"
#include "windows.h"
#include "workers.h"

#include "engine/safetensors.h"
#include "engine/status.h"

#include <stddef.h>

/// Measure `parameters` on `windows`, made of `corpus`: at all of them, or at `limit` of them that are spread evenly if that
/// is not 0 and less. Figures are the same with any number of workers. `folded` is left empty: tokens tell no repeats.
enum status windowed_evaluate(const struct parameters *parameters,
                              const struct corpus *corpus,
                              const struct windows *windows,
                              size_t limit,
                              struct workers *workers,
                              struct evaluation *evaluation,
                              struct error *error);

/// The same for the weight file `file`, whose vocabulary it takes, on the pieces of `corpus` whose entry in `held` equals
/// `want` (all if `held` is NULL). `path` stands in errors.
enum status windowed_evaluate_file(const struct safetensors *file,
                                   const char *path,
                                   const struct parameters *parameters,
                                   const struct corpus *corpus,
                                   const uint8_t *held,
                                   uint8_t want,
                                   size_t limit,
                                   struct workers *workers,
                                   struct evaluation *evaluation,
                                   struct error *error);

/// Read the vocabulary of the weight file `file`, which has to fit the network of `parameters`. `path` stands in errors. Clear
/// with vocabulary_clear().
enum status windowed_vocabulary(const struct safetensors *file,
                                const char *path,
                                const struct parameters *parameters,
                                struct vocabulary *vocabulary,
                                struct error *error);

#endif // RITORNELLO_WINDOWED_EVALUATION_H
