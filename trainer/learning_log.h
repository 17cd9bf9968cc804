// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The log that a training keeps beside its weights: FILE.run/log.csv, a line per epoch.

#ifndef RITORNELLO_LEARNING_LOG_H
#define RITORNELLO_LEARNING_LOG_H

#include "engine/status.h"

#include <stddef.h>

enum { LEARNING_EPOCHS = 4096 }; ///< Lines that are read; a longer training's last ones are left out

struct learning_log {
  size_t count;
  double notes[LEARNING_EPOCHS];    ///< Millions, seen until then
  double train[LEARNING_EPOCHS];    ///< Nats per note
  double held_out[LEARNING_EPOCHS]; ///< Nats per note
};

/// Read the log that belongs to the weight file at `weights`. Without one, or without the columns, `log` is empty. Fails if there is
/// one that can't be read.
enum status learning_log_read(const char *weights, struct learning_log *log, struct error *error);

#endif // RITORNELLO_LEARNING_LOG_H
