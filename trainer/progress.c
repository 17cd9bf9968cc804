// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "progress.h"

#include <stdarg.h>
#include <time.h>
#include <unistd.h>

static const double terminal_interval = 0.1;
static const double log_interval = 5.0;

static double
seconds_of(const clockid_t clock)
{
  struct timespec now = {0, 0};
  clock_gettime(clock, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double
progress_seconds(void)
{
  return seconds_of(CLOCK_MONOTONIC);
}

double
progress_cpu_seconds(void)
{
  return seconds_of(CLOCK_PROCESS_CPUTIME_ID);
}

void
progress_begin(struct progress *const progress, FILE *const stream)
{
  progress->stream = stream;
  progress->terminal = isatty(fileno(stream));
  progress->interval = progress->terminal ? terminal_interval : log_interval;
  progress->last = progress_seconds() - progress->interval;
  progress->width = 0;
}

bool
progress_is_due(const struct progress *const progress)
{
  return progress_seconds() - progress->last >= progress->interval;
}

// Wipe what is left of a longer line before this one, and end it as the kind of stream and of line wants.
static void
finish_line(struct progress *const progress, const int width, const bool keep)
{
  if (progress->terminal && width < progress->width) {
    fprintf(progress->stream, "%*s", progress->width - width, "");
  }
  fputs(keep || !progress->terminal ? "\n" : "\r", progress->stream);
  fflush(progress->stream);
  progress->width = keep ? 0 : width;
  progress->last = progress_seconds();
}

void
progress_show(struct progress *const progress, const char *const format, ...)
{
  if (!progress_is_due(progress)) {
    return;
  }
  va_list args;
  va_start(args, format);
  const int width = vfprintf(progress->stream, format, args);
  va_end(args);
  finish_line(progress, width, false);
}

void
progress_keep(struct progress *const progress, const char *const format, ...)
{
  va_list args;
  va_start(args, format);
  const int width = vfprintf(progress->stream, format, args);
  va_end(args);
  finish_line(progress, width, true);
}

void
progress_end(struct progress *const progress)
{
  if (progress->terminal && progress->width > 0) {
    fprintf(progress->stream, "%*s\r", progress->width, "");
    fflush(progress->stream);
  }
  progress->width = 0;
}
