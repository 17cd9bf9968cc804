// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The walk through the folder and the bookkeeping around pieces; what a piece is stands in piece.c. Files are read in the
// order of their paths, so that the same folder always gives the same corpus. Hidden files and folders are passed over:
// some systems leave a hidden twin beside each file that has the same ending and no music.

#include "corpus.h"
#include "../plugin/engine/random.h"
#include "piece.h"
#include "sources.h"

#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct paths {
  char **items; // Relative to the folder
  size_t count;
};

// The parts that are only needed while reading
struct reading {
  const char *folder;
  struct corpus *corpus;
  struct paths paths;
  struct sources sources;
  char (*names)[CORPUS_STYLE_SIZE]; // [piece_count] styles by name, until all are known
};

static bool
ends_like_midi(const char *const name)
{
  const char *const ending = strrchr(name, '.');
  return ending &&
         (strcasecmp(ending, ".mid") == 0 || strcasecmp(ending, ".midi") == 0 || strcasecmp(ending, ".smf") == 0);
}

// Return `items` with room for one more than `count`, NULL if there is no memory; room doubles at powers of two.
static void *
make_room(void *const items, const size_t count, const size_t item_size)
{
  if (count == 0) {
    return malloc(16 * item_size);
  }
  return count >= 16 && (count & (count - 1)) == 0 ? realloc(items, 2 * count * item_size) : items;
}

static enum status
reject(struct corpus *const corpus, const char *const path, const char *const reason)
{
  struct rejection *const items = make_room(corpus->rejections, corpus->rejection_count, sizeof(*items));
  if (!items) {
    return STATUS_NO_MEMORY;
  }
  corpus->rejections = items;
  struct rejection *const rejection = &items[corpus->rejection_count];
  rejection->path = strdup(path);
  rejection->reason = strdup(reason);
  if (!rejection->path || !rejection->reason) {
    free(rejection->path);
    free(rejection->reason);
    return STATUS_NO_MEMORY;
  }
  ++corpus->rejection_count;
  return STATUS_SUCCESS;
}

static enum status
add_path(struct paths *const paths, const char *const path)
{
  char **const items = make_room(paths->items, paths->count, sizeof(*items));
  if (!items) {
    return STATUS_NO_MEMORY;
  }
  paths->items = items;
  items[paths->count] = strdup(path);
  if (!items[paths->count]) {
    return STATUS_NO_MEMORY;
  }
  ++paths->count;
  return STATUS_SUCCESS;
}

// Return the part of `path` that is below the folder.
static const char *
below_folder(const struct reading *const reading, const char *const path)
{
  const char *below = path + strlen(reading->folder);
  while (*below == '/') {
    ++below;
  }
  return below;
}

// Note a file that the walk has found, or why it can't go further there.
static enum status
visit(struct reading *const reading, FTS *const walk, FTSENT *const entry)
{
  const char *const path = below_folder(reading, entry->fts_path);
  if (entry->fts_level > 0 && entry->fts_name[0] == '.') {
    if (entry->fts_info == FTS_D) {
      fts_set(walk, entry, FTS_SKIP);
    }
    return STATUS_SUCCESS;
  }
  switch (entry->fts_info) {
  case FTS_F:
  case FTS_DEFAULT:
  case FTS_SLNONE:
    return ends_like_midi(entry->fts_name) ? add_path(&reading->paths, path) : STATUS_SUCCESS;
  case FTS_DNR:
  case FTS_ERR:
  case FTS_NS:
    return reject(reading->corpus, path, strerror(entry->fts_errno));
  default:
    return STATUS_SUCCESS;
  }
}

static int
compare_paths(const void *const a, const void *const b)
{
  const char *const *const first = a;
  const char *const *const second = b;
  return strcmp(*first, *second);
}

// Find all files that look like MIDI files.
static enum status
find_paths(struct reading *const reading, struct error *const error)
{
  char *const folder = strdup(reading->folder);
  char *const roots[] = {folder, NULL};
  FTS *const walk = folder ? fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, NULL) : NULL;
  if (!walk) {
    free(folder);
    return STATUS_NO_MEMORY;
  }
  enum status status = STATUS_SUCCESS;
  FTSENT *entry = fts_read(walk);
  if (!entry || entry->fts_info != FTS_D) {
    const int reason = entry && entry->fts_errno ? entry->fts_errno : ENOTDIR;
    status = error_set(error, STATUS_NO_FILE, "%s: is not a folder that can be read: %s", folder, strerror(reason));
  }
  for (; entry && !status; entry = fts_read(walk)) {
    status = entry->fts_level == 0 && entry->fts_info == FTS_DNR
                 ? error_set(error, STATUS_NO_FILE, "%s: can't be read: %s", folder, strerror(entry->fts_errno))
                 : visit(reading, walk, entry);
  }
  fts_close(walk);
  free(folder);
  if (reading->paths.count) {
    qsort(reading->paths.items, reading->paths.count, sizeof(*reading->paths.items), compare_paths);
  }
  return status;
}

// Return "folder/name" in memory of its own.
static char *
join(const char *const folder, const char *const name)
{
  const size_t size = strlen(folder) + strlen(name) + 2;
  char *const path = malloc(size);
  if (path) {
    snprintf(path, size, "%s/%s", folder, name);
  }
  return path;
}

// Read `sources.tsv`; a bad one is listed and not used. One that can't be read is an error: without it, works would be told apart
// in another way than the next time.
static enum status
read_sources(struct reading *const reading, struct error *const reason)
{
  char *const path = join(reading->folder, "sources.tsv");
  if (!path) {
    return STATUS_NO_MEMORY;
  }
  struct error error = {STATUS_SUCCESS, ""};
  enum status status = sources_read(path, &reading->sources, &error);
  if (status == STATUS_NO_FILE || status == STATUS_IO) {
    error_set(reason, status, "%s", error.text);
  } else if (status && status != STATUS_NO_MEMORY) {
    status = reject(reading->corpus, "sources.tsv", error.text + strlen(path) + 2);
  }
  free(path);
  return status;
}

static bool
apply_source(struct piece *const piece, const struct source *const source)
{
  if (!source) {
    return true;
  }
  if (*source->fields[SOURCE_WORK]) {
    char *const work = strdup(source->fields[SOURCE_WORK]);
    if (!work) {
      return false;
    }
    free(piece->work);
    piece->work = work;
  }
  piece->attribution = source_attribution(source);
  return piece->attribution != NULL;
}

// Copy the name of the first sub-folder in `path` to `style`, "" if there is none.
static void
style_name(const char *const path, char *const style)
{
  const char *const slash = strchr(path, '/');
  const size_t length = slash ? (size_t)(slash - path) : 0;
  const size_t kept = length < CORPUS_STYLE_SIZE ? length : CORPUS_STYLE_SIZE - 1;
  memset(style, 0, CORPUS_STYLE_SIZE);
  memcpy(style, path, kept);
}

// Enter `name` among the styles; return false if there are too many.
static bool
add_style(struct corpus *const corpus, const char *const name)
{
  for (uint32_t i = 0; i < corpus->style_count; ++i) {
    if (strcmp(corpus->styles[i], name) == 0) {
      return true;
    }
  }
  if (corpus->style_count == CORPUS_STYLES) {
    return false;
  }
  memcpy(corpus->styles[corpus->style_count++], name, CORPUS_STYLE_SIZE);
  return true;
}

static uint64_t
piece_hash(const struct piece *const piece)
{
  uint64_t hash = piece->count;
  for (uint32_t i = 0; i < piece->count; ++i) {
    const struct event *const event = &piece->events[i];
    hash = random_mix(hash ^ ((uint64_t)event->hand << 48 | (uint64_t)event->pitch << 40 |
                              (uint64_t)event->velocity << 32 | (uint64_t)event->duration << 16 | event->advance));
  }
  return hash;
}

static enum status
add_piece(struct reading *const reading, struct piece *const piece)
{
  struct corpus *const corpus = reading->corpus;
  struct piece *const pieces = make_room(corpus->pieces, corpus->piece_count, sizeof(*pieces));
  if (!pieces) {
    return STATUS_NO_MEMORY;
  }
  corpus->pieces = pieces;
  char(*const names)[CORPUS_STYLE_SIZE] = make_room(reading->names, corpus->piece_count, sizeof(*names));
  if (!names) {
    return STATUS_NO_MEMORY;
  }
  reading->names = names;
  style_name(piece->path, names[corpus->piece_count]);
  if (!apply_source(piece, sources_find(&reading->sources, piece->path))) {
    return STATUS_NO_MEMORY;
  }
  if (!add_style(corpus, names[corpus->piece_count])) {
    const enum status status = reject(corpus, piece->path, "there are more sub-folders than the 64 styles that fit");
    piece_free(piece);
    return status;
  }
  corpus->hash += piece_hash(piece);
  pieces[corpus->piece_count++] = *piece;
  return STATUS_SUCCESS;
}

// Read the file at `path` (relative) as a piece, or list why that can't be done.
static enum status
read_piece(struct reading *const reading, const char *const path, const char *const full_path)
{
  struct error error = {STATUS_SUCCESS, ""};
  struct midi_file file;
  struct piece piece;
  uint64_t left_out = 0;
  enum status status = midi_file_read(full_path, &file, &error);
  size_t prefix = strlen(full_path) + 2; // "NAME: " in front of the reason
  if (!status) {
    status = piece_make(&file, path, &piece, &left_out, &error);
    prefix = strlen(path) + 2;
  }
  if (!status) {
    reading->corpus->notes += file.note_count;
    reading->corpus->notes_left_out += left_out;
    status = add_piece(reading, &piece);
    if (status) {
      piece_free(&piece);
    }
  } else if (status != STATUS_NO_MEMORY) {
    status = reject(reading->corpus, path, strlen(error.text) > prefix ? error.text + prefix : error.text);
  }
  midi_file_free(&file);
  return status;
}

static enum status
read_pieces(struct reading *const reading)
{
  for (size_t i = 0; i < reading->paths.count; ++i) {
    char *const full_path = join(reading->folder, reading->paths.items[i]);
    const enum status status = full_path ? read_piece(reading, reading->paths.items[i], full_path) : STATUS_NO_MEMORY;
    free(full_path);
    if (status) {
      return status;
    }
  }
  return STATUS_SUCCESS;
}

static int
compare_styles(const void *const a, const void *const b)
{
  const char *const first = a;
  const char *const second = b;
  return strcmp(first, second);
}

// Sort the styles by name and give every piece its style's index.
static void
number_styles(struct reading *const reading)
{
  struct corpus *const corpus = reading->corpus;
  if (corpus->style_count == 0) {
    return;
  }
  qsort(corpus->styles, corpus->style_count, sizeof(corpus->styles[0]), compare_styles);
  for (size_t i = 0; i < corpus->piece_count; ++i) {
    const char *const found =
        bsearch(reading->names[i], corpus->styles, corpus->style_count, sizeof(corpus->styles[0]), compare_styles);
    corpus->pieces[i].style = (uint16_t)((found - corpus->styles[0]) / CORPUS_STYLE_SIZE);
  }
}

static void
free_reading(struct reading *const reading)
{
  for (size_t i = 0; i < reading->paths.count; ++i) {
    free(reading->paths.items[i]);
  }
  free(reading->paths.items);
  free(reading->names);
  sources_free(&reading->sources);
}

static enum status
say_nothing_found(const struct reading *const reading, struct error *const error)
{
  const struct corpus *const corpus = reading->corpus;
  if (corpus->rejection_count == 0) {
    return error_set(error, STATUS_NOT_FOUND, "%s: holds no MIDI file (.mid, .midi or .smf)", reading->folder);
  }
  const struct rejection *const rejection = &corpus->rejections[0];
  return error_set(error, STATUS_NOT_FOUND,
                   "%s: holds no usable MIDI file; of %zu that are not usable the first is %s: %s", reading->folder,
                   corpus->rejection_count, rejection->path, rejection->reason);
}

enum status
corpus_read(const char *const folder, struct corpus *const corpus, struct error *const error)
{
  memset(corpus, 0, sizeof(*corpus));
  if (!*folder) {
    return error_set(error, STATUS_NO_FILE, "the folder's name is empty");
  }
  struct reading reading = {.folder = folder, .corpus = corpus};
  enum status status = find_paths(&reading, error);
  if (!status) {
    status = read_sources(&reading, error);
  }
  if (!status) {
    status = read_pieces(&reading);
  }
  if (!status) {
    number_styles(&reading);
    status = corpus->piece_count ? STATUS_SUCCESS : say_nothing_found(&reading, error);
  }
  free_reading(&reading);
  if (status == STATUS_NO_MEMORY) {
    error_set(error, status, "%s: not enough memory to read it", folder);
  }
  return status;
}

void
corpus_warn(const struct corpus *const corpus, const char *const folder)
{
  if (corpus->rejection_count) {
    fprintf(stderr, "%s: %zu rejected, such as %s: %s; `ritornello corpus' lists all\n", folder,
            corpus->rejection_count, corpus->rejections[0].path, corpus->rejections[0].reason);
  }
}

void
corpus_free(struct corpus *const corpus)
{
  for (size_t i = 0; i < corpus->piece_count; ++i) {
    piece_free(&corpus->pieces[i]);
  }
  for (size_t i = 0; i < corpus->rejection_count; ++i) {
    free(corpus->rejections[i].path);
    free(corpus->rejections[i].reason);
  }
  free(corpus->pieces);
  free(corpus->rejections);
  memset(corpus, 0, sizeof(*corpus));
}
