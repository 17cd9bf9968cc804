// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What the files of training share: the training itself (training.c) and what happens at the end of its epochs
// (training_epoch.c).

#ifndef RITORNELLO_TRAINING_PRIVATE_H
#define RITORNELLO_TRAINING_PRIVATE_H

#include "training.h"

#include "checkpoint.h"
#include "corpus.h"
#include "progress.h"
#include "run_folder.h"
#include "trainee.h"
#include "updater.h"
#include "workers.h"

#include "engine/status.h"

#include <stdbool.h>
#include <stdint.h>

/// One training: what it works on and how far it is.
struct training {
  bool first; ///< Of the processes (ranks.h), the one that writes files
  const struct training_options *options;
  struct corpus corpus;
  uint8_t *held;  ///< [pieces]
  char *held_out; ///< The same as works, held_out_text()
  uint64_t epoch_notes;
  uint64_t held_notes;
  struct trainee *trainee;
  struct workers *workers;
  struct updater updater;
  struct checkpoint state;
  double began;     ///< Clock when this run began, less the seconds of runs before
  double cpu_began; ///< The same of processor time
  double written;   ///< Clock when the last checkpoint was
  struct progress progress;
  struct run_folder run;
  int lock; ///< run_folder_lock(); -1: none
};

/// Read the music and keep some works out of it.
enum status training_read_music(struct training *training, struct error *error);

/// Make the state of a training that has not begun; the trainee is there.
enum status training_first_state(struct training *training, struct error *error);

/// Go on where the checkpoint says, from training_first_state(). With other music than before, which is forced, an epoch begins, and
/// as figures of what is kept out can't be compared with those before, the best epoch is sought anew.
enum status training_go_on(struct training *training, struct error *error);

/// An epoch is over, trained at last with `rate`: measure, keep what is to be kept, write the log and then the checkpoint.
/// What a kill in between leaves twice is written once more by the training that goes on.
enum status training_end_epoch(struct training *training, double rate, struct error *error);

/// The user asks to stop: nothing is measured and no epoch ends, so that going on is as if nothing had happened. Only who has
/// no weights at all yet gets those of the moment.
enum status training_stop_here(struct training *training, struct error *error);

enum status training_write_checkpoint(struct training *training, struct error *error);

/// Take over from the clocks how long this training has gone on.
void training_take_time(struct training *training);

/// Fail with the sentence for a loss that is no longer a number.
enum status training_not_a_number(const struct training *training, struct error *error);

#endif // RITORNELLO_TRAINING_PRIVATE_H
