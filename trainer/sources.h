// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// `sources.tsv`, the table of a corpus folder that says which work each file belongs to and whom it is owed to. The first
// line names the columns; those that are used are path, work, author, licence and source, in any order, and only path must
// be there. Fields are separated by tabs and have no quotes.

#ifndef RITORNELLO_SOURCES_H
#define RITORNELLO_SOURCES_H

#include "../plugin/engine/status.h"

#include <stddef.h>

enum source_column {
  SOURCE_PATH,
  SOURCE_WORK,
  SOURCE_AUTHOR,
  SOURCE_LICENCE,
  SOURCE_SOURCE,
  SOURCE_COLUMNS,
};

/// One line. What a line does not have is "".
struct source {
  const char *fields[SOURCE_COLUMNS];
};

struct sources {
  struct source *items; ///< [count], sorted by path
  size_t count;
  char *text; ///< What the fields point into
};

/// Read the table at `path` into `*sources`. A table that does not exist gives an empty one and success.
enum status sources_read(const char *path, struct sources *sources, struct error *error);

/// Return the line of `path`, NULL if there is none.
const struct source *sources_find(const struct sources *sources, const char *path);

/// Return "author; licence; source" without those that are empty, to be freed by the caller; NULL without memory.
char *source_attribution(const struct source *source);

/// Free what `sources` owns and empty it.
void sources_free(struct sources *sources);

#endif // RITORNELLO_SOURCES_H
