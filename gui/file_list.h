// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The files and folders that begin with what was typed, in a well that scrolls.

#ifndef RITORNELLO_FILE_LIST_H
#define RITORNELLO_FILE_LIST_H

#include "folder_list.h"
#include "widget.h"

/// How a file was chosen.
enum file_choice {
  FILE_REACHED, ///< With the arrow keys: a folder is not opened
  FILE_CLICKED,
  FILE_TAKEN, ///< With a double click
};

/// Make a list that reads files of that extension; `choose` is called when one is chosen.
struct widget *file_list_new(const char *name,
                             const char *extension,
                             void (*choose)(void *handle, const char *path, enum file_choice choice),
                             void *handle);

/// Show what begins with `path` in its folder.
void file_list_show(struct widget *list, const char *path);

/// Whether that folder can be read.
bool file_list_is_readable(const struct widget *list);

/// What is known of the folder.
const struct folder_list *file_list_folder(const struct widget *list);

/// Choose the next one (1) or the one before (-1).
void file_list_step(struct widget *list, int step);

#endif // RITORNELLO_FILE_LIST_H
