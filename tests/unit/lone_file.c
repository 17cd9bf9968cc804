// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// See lone_file.h.

#define _XOPEN_SOURCE 700 // mkdtemp

#include "lone_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int
lone_file_setup(void **const state)
{
  struct lone_file *const file = calloc(1, sizeof(*file));
  const char *const parent = getenv("TMPDIR");
  if (!file) {
    return -1;
  }
  snprintf(file->folder, sizeof(file->folder), "%s/ritornello-XXXXXX", parent ? parent : "/tmp");
  *state = file;
  if (!mkdtemp(file->folder)) {
    return -1;
  }
  snprintf(file->path, sizeof(file->path), "%s/file", file->folder);
  return 0;
}

int
lone_file_teardown(void **const state)
{
  struct lone_file *const file = *state;
  (void)unlink(file->path);
  const int result = rmdir(file->folder);
  free(file);
  return result;
}
