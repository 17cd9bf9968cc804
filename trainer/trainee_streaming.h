// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Training a `streaming` network: every stream plays pieces, and what the models carry goes on from pass to pass.

#ifndef RITORNELLO_TRAINEE_STREAMING_H
#define RITORNELLO_TRAINEE_STREAMING_H

#include "batch.h"
#include "schedule.h"
#include "streaming_model.h"
#include "trainee.h"

struct streaming_trainee {
  struct trainee base;
  struct trainee_music music;
  struct schedule schedule;
  struct batch *batches;          ///< [shards]
  struct streaming_model *models; ///< [own]
  float dropout;
  float contrast; ///< With twins in the schedule
};

/// Make a trainee of `sizes` without music: who measures speed fills the batches, and does not call trainee_next(). Of
/// `options`, shards, streams, steps, dropout and seed count. Free with trainee_free().
enum status streaming_trainee_new(const struct streaming_sizes *sizes,
                                  const struct training_options *options,
                                  struct streaming_trainee **trainee,
                                  struct error *error);

#endif // RITORNELLO_TRAINEE_STREAMING_H
