// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The kinds of trainees, for trainee_new() alone.

#ifndef RITORNELLO_TRAINEE_PRIVATE_H
#define RITORNELLO_TRAINEE_PRIVATE_H

#include "trainee.h"

/// Say which shards are whose: every process has as many.
static inline void
trainee_share_out(struct trainee *const trainee, const struct training_options *const options)
{
  trainee->shards = options->shards;
  trainee->own = options->shards / ranks_count(options->ranks);
  trainee->first = trainee->own * ranks_rank(options->ranks);
}

enum status trainee_streaming_new(const struct trainee_music *music,
                                  const struct training_options *options,
                                  struct trainee **trainee,
                                  struct error *error);

enum status trainee_windowed_new(const struct trainee_music *music,
                                 const struct training_options *options,
                                 struct trainee **trainee,
                                 struct error *error);

#endif // RITORNELLO_TRAINEE_PRIVATE_H
