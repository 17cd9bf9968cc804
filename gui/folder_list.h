// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What is in a folder, for choosing a file: folders first, then files of one kind, by name. And paths as people type them.

#ifndef RITORNELLO_FOLDER_LIST_H
#define RITORNELLO_FOLDER_LIST_H

#include <stdbool.h>
#include <stddef.h>

enum {
  FOLDER_PATH = 1024,    ///< Bytes of a path, with its end
  FOLDER_ENTRIES = 4096, ///< More are not looked at
};

struct folder_entry {
  char *name; ///< Folders end in "/"
  bool is_folder;
};

struct folder_list {
  char folder[FOLDER_PATH]; ///< Ends in "/"
  bool is_readable;
  struct folder_entry *entries; ///< [count]
  size_t count;
};

/// Read `folder`: sub-folders, and files whose names end in `extension` (any, if it is ""). What begins with a point is left
/// out. A folder that can't be read has no entries.
void folder_list_read(struct folder_list *list, const char *folder, const char *extension);
void folder_list_free(struct folder_list *list);

/// Write the path that was typed as a whole one: "~/" is the home folder, and what does not begin with "/" is in it. False if
/// it is too long.
bool path_expand(const char *typed, char path[FOLDER_PATH]);

/// Return where the last part of `path` begins.
const char *path_name(const char *path);

/// Find what all entries that begin with `name` have in common beyond it; `*count` is how many do. Writes it, with `name`, into
/// `common` (`size` bytes).
void folder_list_complete(const struct folder_list *list, const char *name, char *common, size_t size, size_t *count);

#endif // RITORNELLO_FOLDER_LIST_H
