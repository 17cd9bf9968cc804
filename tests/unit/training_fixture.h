// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What tests of training share: a folder of short pieces that a tiny network learns in no time, options to do so, and ways
// to look at what a training left behind.

#ifndef RITORNELLO_TRAINING_FIXTURE_H
#define RITORNELLO_TRAINING_FIXTURE_H

#include "training.h"

#include <stddef.h>

enum { FIXTURE_PIECES = 6 };

/// Make and remove the folder; cmocka's group functions. It holds music/even and music/odd with three pieces each.
int fixture_setup(void **state);
int fixture_teardown(void **state);

/// Return the path of `name` in the folder; the last sixteen of them are valid.
const char *fixture_path(const char *name);

/// Write a piece into the folder, `index` tells its key and its limp.
void fixture_write_piece(const char *name, int index);

/// Return options for training music/ to `name`; never stops.
struct training_options fixture_options(const char *name);

/// Train, or fail the test.
void fixture_train(const struct training_options *options);

/// Read a whole file; `bytes` are freed by the caller and end with a zero that doesn't count.
size_t fixture_read(const char *path, char **bytes);

/// Read column `column` of the log at `path`: its value in the first and in the last line, and how many lines there are.
void fixture_log_column(const char *path, int column, double *first, double *last, int *lines);

/// Fail the test unless both safetensors files hold the same tensors, to the bit.
void fixture_assert_same_tensors(const char *path, const char *other);

/// Fail the test unless both trainings left the same weights, checkpoint and log, the clock's figures aside.
void fixture_assert_same_training(const char *output, const char *other);

#endif // RITORNELLO_TRAINING_FIXTURE_H
