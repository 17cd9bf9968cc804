// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Writing the take into a file while it plays. A job goes round: the worker makes it, with room for all that a take can
// hold; the audio thread fills it, some bars in each block, and begins again if bars have gone or come meanwhile; the worker
// writes the file; the audio thread reads what became of it; the worker frees it. Whoever has taken a job out of a slot is
// alone with it, so there are no locks, and no file holds half of a change.

#ifndef RITORNELLO_EXPORTING_H
#define RITORNELLO_EXPORTING_H

#include "engine/realtime.h"
#include "engine/status.h"
#include "engine/take.h"
#include "engine/take_export.h"
#include "loading.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/// One export.
struct export_job {
  char path[PATH_SIZE];
  char title[128];
  double bpm;
  struct take_export music;
  struct export_walk walk;
  uint32_t slot;                 ///< Of the take, next to look at for the last bar
  uint32_t bars;                 ///< Up to the last bar found
  uint32_t changes;              ///< take_changes() at the beginning
  bool is_walking;               ///< All slots have been looked at
  char message[ERROR_TEXT_SIZE]; ///< What became of it
};

/// The jobs on their way between the threads, each NULL or the reader's.
struct exporting {
  _Atomic(struct export_job *) prepared; ///< To be filled by the audio thread
  _Atomic(struct export_job *) gathered; ///< To be written by the worker
  _Atomic(struct export_job *) written;  ///< To be read by the audio thread
  _Atomic(struct export_job *) spent;    ///< To be freed by the worker
  atomic_bool is_starved;                ///< There was no memory for a job; the audio thread takes this down
};

void exporting_init(struct exporting *exporting);

/// Free what is on its way. No other thread may use `exporting` any more.
void exporting_free(struct exporting *exporting);
void export_job_free(struct export_job *job);

/// In the worker: prepare a job that writes to `path`.
void exporting_prepare(struct exporting *exporting, const char *path);

/// Return whether what is written waits for what is spent to be freed.
bool exporting_is_stuck(struct exporting *exporting) REALTIME;

/// In the worker: free what is spent.
void exporting_collect(struct exporting *exporting);

/// In the worker: write what is gathered.
void exporting_write(struct exporting *exporting);

/// Begin to fill `job` from `take`.
void export_job_begin(struct export_job *job, const struct take *take) REALTIME;

/// Go on filling it. Return whether it is filled.
bool export_job_fill(struct export_job *job, struct take *take) REALTIME;

#endif // RITORNELLO_EXPORTING_H
