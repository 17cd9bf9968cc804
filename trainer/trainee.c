// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "trainee.h"

#include "trainee_private.h"

#include <stdlib.h>
#include <string.h>

enum status
trainee_new(const struct trainee_music *const music,
            const struct training_options *const options,
            struct trainee **const trainee,
            struct error *const error)
{
  *trainee = NULL;
  return training_is_windowed(options) ? trainee_windowed_new(music, options, trainee, error)
                                       : trainee_streaming_new(music, options, trainee, error);
}

void
trainee_free(struct trainee *const trainee)
{
  if (trainee) {
    trainee->class_->free(trainee);
  }
}

enum status
trainee_state_new(const struct trainee *const trainee, struct trainee_state *const state, struct error *const error)
{
  memset(state, 0, sizeof(*state));
  if (!trainee->class_->state_new(trainee, state)) {
    trainee_state_free(state);
    return error_set(error, STATUS_NO_MEMORY, "no memory for a checkpoint");
  }
  return STATUS_SUCCESS;
}

void
trainee_state_free(struct trainee_state *const state)
{
  for (size_t i = 0; i < state->count; ++i) {
    free(state->parts[i].values);
  }
  memset(state, 0, sizeof(*state));
}
