// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What can go wrong, and the sentence that tells the user. Every function that reads outside data or takes memory
// returns a status and, through an optional `struct error`, one sentence that names the file, the place and the remedy.

#ifndef RITORNELLO_STATUS_H
#define RITORNELLO_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

enum status {
  STATUS_SUCCESS,    ///< Done as asked
  STATUS_NO_MEMORY,  ///< The system gave no memory
  STATUS_NO_FILE,    ///< A file or folder does not exist or may not be opened
  STATUS_IO,         ///< Reading or writing failed part of the way
  STATUS_BAD_FORMAT, ///< A file is not what it says it is
  STATUS_TOO_LARGE,  ///< Something is beyond a stated bound
  STATUS_NOT_FOUND,  ///< A name or entry is not there
  STATUS_BAD_VALUE,  ///< An argument is out of its range
  STATUS_STOPPED,    ///< The user asked to stop
};

enum { ERROR_TEXT_SIZE = 512 };

/// A status and the sentence that goes with it. `text` has no newline and no full stop at its end.
struct error {
  enum status status;
  char text[ERROR_TEXT_SIZE];
};

/// Return a few words for `status`, never NULL; the string is constant.
const char *status_strerror(enum status status);

/// Return `path`, or the end of it that still leaves room for a sentence in struct error.
const char *error_path(const char *path);

/// Fill `error` (which may be NULL) with `status` and a sentence made as by printf, and return `status`.
enum status error_set(struct error *error, enum status status, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 3, 4)))
#endif
    ;

#ifdef __cplusplus
}
#endif

#endif // RITORNELLO_STATUS_H
