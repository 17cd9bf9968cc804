// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The kinds of trainees, for trainee_new() alone.

#ifndef RITORNELLO_TRAINEE_PRIVATE_H
#define RITORNELLO_TRAINEE_PRIVATE_H

#include "trainee.h"

enum status trainee_streaming_new(const struct trainee_music *music,
                                  const struct training_options *options,
                                  struct trainee **trainee,
                                  struct error *error);

enum status trainee_windowed_new(const struct trainee_music *music,
                                 const struct training_options *options,
                                 struct trainee **trainee,
                                 struct error *error);

#endif // RITORNELLO_TRAINEE_PRIVATE_H
