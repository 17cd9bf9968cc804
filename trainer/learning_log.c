// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "learning_log.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_SIZE = 4096, PATH_SIZE = 4096, NOWHERE = -1 };

// Return the number of the column called `name` in the header `line`, or NOWHERE.
static int
find_column(const char *line, const char *const name)
{
  const size_t length = strlen(name);
  for (int column = 0; line; ++column) {
    const size_t size = strcspn(line, ",\r\n");
    if (size == length && !strncmp(line, name, length)) {
      return column;
    }
    line = line[size] == ',' ? line + size + 1 : NULL;
  }
  return NOWHERE;
}

// Read column `column` of `line`; false if it is not there or no number.
static bool
read_column(const char *line, const int column, double *const value)
{
  for (int i = 0; line && i < column; ++i) {
    line = strchr(line, ',');
    line = line ? line + 1 : NULL;
  }
  char *end = NULL;
  *value = line ? strtod(line, &end) : 0.0;
  return line && end != line && isfinite(*value);
}

// Read the lines of the table.
static void
read_lines(FILE *const file, struct learning_log *const log)
{
  char line[LINE_SIZE];
  if (fgets(line, sizeof(line), file)) {
    const int notes = find_column(line, "notes");
    const int train = find_column(line, "train");
    const int held_out = find_column(line, "held_out");
    const bool is_whole = notes >= 0 && train >= 0 && held_out >= 0;
    while (is_whole && log->count < LEARNING_EPOCHS && fgets(line, sizeof(line), file)) {
      const size_t i = log->count;
      if (read_column(line, notes, &log->notes[i]) && read_column(line, train, &log->train[i]) &&
          read_column(line, held_out, &log->held_out[i])) {
        log->notes[i] /= 1e6;
        ++log->count;
      }
    }
  }
}

enum status
learning_log_read(const char *const weights, struct learning_log *const log, struct error *const error)
{
  char path[PATH_SIZE];
  log->count = 0;
  const int length = snprintf(path, sizeof(path), "%s.run/log.csv", weights);
  if (length < 0 || (size_t)length >= sizeof(path)) {
    return STATUS_SUCCESS; // No training could have had it
  }
  FILE *const file = fopen(path, "r");
  if (!file) {
    return errno == ENOENT || errno == ENOTDIR
               ? STATUS_SUCCESS
               : error_set(error, STATUS_IO, "%s: can't be read: %s", error_path(path), strerror(errno));
  }
  read_lines(file, log);
  const bool is_read = !ferror(file);
  fclose(file);
  return is_read ? STATUS_SUCCESS : error_set(error, STATUS_IO, "%s: can't be read to its end", error_path(path));
}
