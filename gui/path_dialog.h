// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Choosing a file to open or to save to, where the host has no chooser: a path that is typed, with completion (Tab), and what
// is in the folder below it.

#ifndef RITORNELLO_PATH_DIALOG_H
#define RITORNELLO_PATH_DIALOG_H

#include "stage.h"

struct path_dialog_options {
  const char *title;
  const char *action;    ///< What the button says: "Open", "Save"
  const char *path;      ///< To begin with; a folder ends in "/"
  const char *extension; ///< ".mid": such files are listed; it is added when it is missing while saving
  bool is_saving;
  void (*done)(void *handle,
               const char *path); ///< Called with the whole path of what was chosen, when the dialog is closed
  void *handle;
};

/// Open the dialog; texts but the path are not copied.
void path_dialog_open(struct stage *stage, const struct path_dialog_options *options);

#endif // RITORNELLO_PATH_DIALOG_H
