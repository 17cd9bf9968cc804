// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A folder to run the program `ritornello` in, again and again from the same beginning, and what is there afterwards.

#ifndef RITORNELLO_WORKSHOP_H
#define RITORNELLO_WORKSHOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { WORKSHOP_PATH = 1024, WORKSHOP_TEXT = 1 << 16 };

struct workshop {
  char folder[WORKSHOP_PATH]; ///< Temporary; holds `begin`, what each run begins with, and `now`, where it runs
  const char *program;
  const char *output;          ///< Where stdout goes instead; NULL: into `printed`
  unsigned long limit;         ///< Largest file that may be written, in bytes; 0: any
  char printed[WORKSHOP_TEXT]; ///< Of the last run, on stdout
  char errors[WORKSHOP_TEXT];  ///< On stderr
};

/// How to look at a file.
enum product_kind {
  PRODUCT_BYTES,
  PRODUCT_TENSORS, ///< The tensors of a weight file or checkpoint; its texts hold times
  PRODUCT_LINES,   ///< Whole lines; the log, which holds times
  PRODUCT_JSON,    ///< JSON that can be read; the config
  PRODUCT_BUNDLE,  ///< A folder with a preset bundle
};

/// What a file is; two that are alike have the same.
enum { PRODUCT_ABSENT = 0, PRODUCT_BROKEN = 1 };

/// Make the folder, with `begin` empty and as it is now `now`. Stops the program if it can't.
void workshop_make(struct workshop *workshop, const char *program);
void workshop_remove(const struct workshop *workshop);

/// The whole path of a program or library, or the end of this program if there is none; never freed.
const char *workshop_find(const char *path);

/// Let `now` be as `begin` is, or the other way round.
void workshop_reset(const struct workshop *workshop);
void workshop_keep(const struct workshop *workshop);

/// Run the program in `now` with these arguments (ending in NULL), its stdout and stderr into `workshop`, with the environment's
/// `name` set to `value` and `library` loaded first (NULL: not). Returns its exit status, or 128 and the signal that ended it.
int workshop_run(
    struct workshop *workshop, const char *const *arguments, const char *name, const char *value, const char *library);

/// Start the program as workshop_run() does, without waiting. Returns its process.
pid_t workshop_start(struct workshop *workshop, const char *const *arguments);

/// Wait for its end, as workshop_run() does.
int workshop_wait(struct workshop *workshop, pid_t process);

/// Look at the file at `path` in `now`.
uint64_t workshop_look(const struct workshop *workshop, const char *path, enum product_kind kind);

/// Find a file in `now` that nobody is to leave behind: an unfinished one. Its path is in `path` then.
bool workshop_find_leftover(const struct workshop *workshop, char path[WORKSHOP_PATH]);

#endif // RITORNELLO_WORKSHOP_H
