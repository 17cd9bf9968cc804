// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A progress line on stderr. On a terminal one line is written over and over; elsewhere (a log file, CI) a new line is
// written, but only every few seconds, so that a night's training leaves a log that can be read.

#ifndef RITORNELLO_PROGRESS_H
#define RITORNELLO_PROGRESS_H

#include <stdbool.h>
#include <stdio.h>

/// A progress line. Fields are private.
struct progress {
  FILE *stream;
  bool terminal;   ///< Lines can be written over
  double interval; ///< Least seconds from one line to the next
  double last;     ///< Time of the last line
  int width;       ///< Columns of the last line, to be wiped
};

/// Begin a progress line on `stream` (owned by the caller), with nothing shown yet.
void progress_begin(struct progress *progress, FILE *stream);

/// Return whether it is time for another line, for callers whose line is dear to make.
bool progress_is_due(const struct progress *progress);

/// Show a line made as by printf, without a newline, unless the last one was shown just before.
void progress_show(struct progress *progress, const char *format, ...) __attribute__((format(printf, 2, 3)));

/// Show a line whether it is due or not, and leave it standing: for an epoch's result. The next is shown below it.
void progress_keep(struct progress *progress, const char *format, ...) __attribute__((format(printf, 2, 3)));

/// End the progress: wipe the line from a terminal.
void progress_end(struct progress *progress);

/// Return seconds of a clock that never goes back.
double progress_seconds(void);

/// Return seconds of processor time that this process has used, all its threads together.
double progress_cpu_seconds(void);

#endif // RITORNELLO_PROGRESS_H
