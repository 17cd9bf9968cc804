// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "sources.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LARGEST_TABLE = 64 * 1024 * 1024, MOST_COLUMNS = 64 };

static const char *const column_names[SOURCE_COLUMNS] = {"path", "work", "author", "licence", "source"};

// Which of the columns that are used stands at each place of a line; SOURCE_COLUMNS for others
struct header {
  unsigned columns[MOST_COLUMNS];
  unsigned count;
};

// Return the text up to `separator` and move `*rest` behind it; NULL if nothing is left.
static char *
cut(char **const rest, const char separator)
{
  char *const text = *rest;
  if (text) {
    char *const end = strchr(text, separator);
    *rest = end ? end + 1 : NULL;
    if (end) {
      *end = '\0';
    }
  }
  return text;
}

static char *
cut_line(char **const rest)
{
  char *const line = cut(rest, '\n');
  const size_t length = line ? strlen(line) : 0;
  if (length && line[length - 1] == '\r') {
    line[length - 1] = '\0';
  }
  return line;
}

static unsigned
find_column(const char *const name)
{
  unsigned column = 0;
  while (column < SOURCE_COLUMNS && strcmp(column_names[column], name) != 0) {
    ++column;
  }
  return column;
}

// Read the names of the columns; return whether path is one of them.
static bool
read_header(char *line, struct header *const header)
{
  bool has_path = false;
  for (char *name = cut(&line, '\t'); name && header->count < MOST_COLUMNS; name = cut(&line, '\t')) {
    const unsigned column = find_column(name);
    header->columns[header->count++] = column;
    has_path |= column == SOURCE_PATH;
  }
  return has_path;
}

static struct source
read_line(char *line, const struct header *const header)
{
  struct source source = {{"", "", "", "", ""}};
  for (unsigned i = 0; i < header->count; ++i) {
    const char *const field = cut(&line, '\t');
    if (field && header->columns[i] < SOURCE_COLUMNS) {
      source.fields[header->columns[i]] = field;
    }
  }
  return source;
}

static size_t
count_lines(const char *const text)
{
  size_t count = 1;
  for (const char *at = strchr(text, '\n'); at; at = strchr(at + 1, '\n')) {
    ++count;
  }
  return count;
}

static int
compare_sources(const void *const a, const void *const b)
{
  const struct source *const first = a;
  const struct source *const second = b;
  return strcmp(first->fields[SOURCE_PATH], second->fields[SOURCE_PATH]);
}

static enum status
read_table(const char *const path, struct sources *const sources, struct error *const error)
{
  char *rest = sources->text;
  sources->items = malloc(count_lines(rest) * sizeof(*sources->items));
  if (!sources->items) {
    return error_set(error, STATUS_NO_MEMORY, "%s: not enough memory to read it", path);
  }
  struct header header = {{0}, 0};
  if (!read_header(cut_line(&rest), &header)) {
    return error_set(error, STATUS_BAD_FORMAT, "%s: its first line names no column \"path\", so it is not used", path);
  }
  for (char *line = cut_line(&rest); line; line = cut_line(&rest)) {
    const struct source source = read_line(line, &header);
    if (*source.fields[SOURCE_PATH]) {
      sources->items[sources->count++] = source;
    }
  }
  qsort(sources->items, sources->count, sizeof(*sources->items), compare_sources);
  return STATUS_SUCCESS;
}

// Read all of `file` into `sources->text`.
static enum status
read_text(FILE *const file, const char *const path, struct sources *const sources, struct error *const error)
{
  struct stat info;
  if (fstat(fileno(file), &info) || !S_ISREG(info.st_mode) || info.st_size > LARGEST_TABLE) {
    return error_set(error, STATUS_BAD_FORMAT, "%s: is no ordinary file of at most 64 MiB, so it is not used", path);
  }
  const size_t size = (size_t)info.st_size;
  sources->text = malloc(size + 1);
  if (!sources->text) {
    return error_set(error, STATUS_NO_MEMORY, "%s: not enough memory to read it", path);
  }
  sources->text[fread(sources->text, 1, size, file)] = '\0';
  return ferror(file) ? error_set(error, STATUS_IO, "%s: can't be read to its end", path) : STATUS_SUCCESS;
}

enum status
sources_read(const char *const path, struct sources *const sources, struct error *const error)
{
  memset(sources, 0, sizeof(*sources));
  const int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) {
    return errno == ENOENT ? STATUS_SUCCESS
                           : error_set(error, STATUS_NO_FILE, "%s: can't be opened: %s", path, strerror(errno));
  }
  FILE *const file = fdopen(descriptor, "rb");
  if (!file) {
    close(descriptor);
    return error_set(error, STATUS_NO_MEMORY, "%s: not enough memory to read it", path);
  }
  enum status status = read_text(file, path, sources, error);
  fclose(file);
  if (!status) {
    status = read_table(path, sources, error);
  }
  if (status) {
    sources_free(sources);
  }
  return status;
}

const struct source *
sources_find(const struct sources *const sources, const char *const path)
{
  const struct source wanted = {{path, "", "", "", ""}};
  return sources->count ? bsearch(&wanted, sources->items, sources->count, sizeof(*sources->items), compare_sources)
                        : NULL;
}

char *
source_attribution(const struct source *const source)
{
  const char *const parts[] = {
      source->fields[SOURCE_AUTHOR],
      source->fields[SOURCE_LICENCE],
      source->fields[SOURCE_SOURCE],
  };
  const size_t size = strlen(parts[0]) + strlen(parts[1]) + strlen(parts[2]) + 5;
  char *const text = calloc(size, 1);
  for (unsigned i = 0; text && i < 3; ++i) {
    const size_t used = strlen(text);
    snprintf(text + used, size - used, "%s%s", used && *parts[i] ? "; " : "", parts[i]);
  }
  return text;
}

void
sources_free(struct sources *const sources)
{
  free(sources->items);
  free(sources->text);
  memset(sources, 0, sizeof(*sources));
}
