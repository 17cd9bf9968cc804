// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The options of a training as a JSON file in its run folder: so that one knows later how weights were made, and that a
// training goes on as it was begun. One table says how each option is called, where it stands and whether it may change.

#ifndef RITORNELLO_TRAINING_CONFIG_H
#define RITORNELLO_TRAINING_CONFIG_H

#include "training.h"

#include "engine/status.h"

/// A config as read; owns the texts that options point to.
struct training_config;

/// Write the options that make up a training at `path`, whole or not at all.
enum status training_config_write(const char *path, const struct training_options *options, struct error *error);

/// Read `path` over `options`: what it tells is set, the rest stays. Free `config` after the options' last use.
enum status training_config_read(const char *path,
                                 struct training_options *options,
                                 struct training_config **config,
                                 struct error *error);
void training_config_free(struct training_config *config);

/// Compare the options of a training that goes on with those it began with. One that may not change fails with a sentence;
/// those that may and did are told on stdout.
enum status
training_config_compare(const struct training_options *began, const struct training_options *now, struct error *error);

#endif // RITORNELLO_TRAINING_CONFIG_H
