// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A folder of a test's own, with MIDI files in it, that is gone when the test is over.

#ifndef RITORNELLO_FOLDER_H
#define RITORNELLO_FOLDER_H

#include <limits.h>
#include <stdint.h>

struct folder {
  char path[PATH_MAX / 4];
};

/// Make a folder and set `*state` to it; a cmocka setup function.
int folder_setup(void **state);

/// Remove the folder `*state` with all that is in it; a cmocka teardown function.
int folder_teardown(void **state);

/// Return the path of `name` in the folder, to be freed by the caller. Makes the sub-folder that `name` begins with.
char *folder_path(const struct folder *folder, const char *name);

/// Write a file of `text`.
void folder_write_text(const struct folder *folder, const char *name, const char *text);

/// Write a MIDI file of `count` eighth notes.
void folder_write_piece(const struct folder *folder, const char *name, uint32_t count);

#endif // RITORNELLO_FOLDER_H
