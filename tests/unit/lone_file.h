// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A folder of a test's own, for one file and nothing else: whatever is left beside it fails the test.

#ifndef RITORNELLO_LONE_FILE_H
#define RITORNELLO_LONE_FILE_H

enum { LONE_FILE_PATH = 256 };

struct lone_file {
  char folder[LONE_FILE_PATH / 2];
  char path[LONE_FILE_PATH]; ///< Of the file, which is not there yet
};

/// Make the folder and set `*state` to the file; a cmocka setup function.
int lone_file_setup(void **state);

/// Remove the file and its folder; a cmocka teardown function.
int lone_file_teardown(void **state);

#endif // RITORNELLO_LONE_FILE_H
