// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The folder FILE.run beside a weight file in training: `config` (the options), `log.csv` (a line for each epoch),
// `checkpoint.safetensors`, `lock` (empty; who trains here holds a lock on it), and of the epochs that are kept the weights, `epoch-N.safetensors`, and a short piece that
// they composed, `epoch-N.mid`.

#ifndef RITORNELLO_RUN_FOLDER_H
#define RITORNELLO_RUN_FOLDER_H

#include "evaluation.h"

#include "engine/status.h"

#include <stdint.h>

enum { RUN_PATH_SIZE = 4096 };

struct run_folder {
  char folder[RUN_PATH_SIZE - 64];
  char checkpoint[RUN_PATH_SIZE];
  char config[RUN_PATH_SIZE];
  char log[RUN_PATH_SIZE];
  char lock[RUN_PATH_SIZE];
};

/// One line of the log.
struct run_epoch {
  uint64_t epoch; ///< From 1
  uint64_t updates;
  uint64_t notes;
  double seconds;
  double rate;
  const struct evaluation_sums *train;
  const struct evaluation_sums *held; ///< Without notes if nothing is held out
};

/// Say where the files of the run of weight file `output` are.
enum status run_folder_find(const char *output, struct run_folder *run, struct error *error);

/// Make the folder if it isn't there.
enum status run_folder_make(const struct run_folder *run, struct error *error);

/// Make sure that nobody else trains here, until run_folder_unlock() or the end of the process, however it ends. `*lock` is a file
/// descriptor. Fails if somebody does.
enum status run_folder_lock(const struct run_folder *run, int *lock, struct error *error);

/// Let others train here; -1 is no lock.
void run_folder_unlock(int lock);

/// Remove what a kill in the middle of writing has left beside the checkpoint and beside `output`.
void run_folder_sweep(const struct run_folder *run, const char *output);

/// Where what is kept of `epoch` is; `extension` is "safetensors" or "mid".
void run_folder_kept(const struct run_folder *run, uint64_t epoch, const char *extension, char path[RUN_PATH_SIZE]);

/// Begin the log anew, or leave the lines of the first `epochs` epochs of it.
enum status run_log_begin(const struct run_folder *run, uint64_t epochs, struct error *error);

enum status run_log_append(const struct run_folder *run, const struct run_epoch *epoch, struct error *error);

#endif // RITORNELLO_RUN_FOLDER_H
