// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "preset_bundle.h"

#include "../plugin/styles.h"
#include "../plugin/uris.h"
#include "../ttl/preset_writer.h"

#include "engine/weights.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MARK "# Presets made by `ritornello preset', which also replaces and removes this folder.\n"

enum { NAME_SIZE = 128, URI_SIZE = 512, BUFFER_SIZE = 1 << 14, TITLE_MOST = 100 };

// The files of a bundle; the manifest comes last, so that what is unfinished has none
static const char weights_file[] = "weights.safetensors";
static const char presets_file[] = "presets.ttl";
static const char manifest_file[] = "manifest.ttl";
static const char *const files[] = {weights_file, presets_file, manifest_file};

enum { FILES = sizeof(files) / sizeof(files[0]) };

// A bundle in the making
struct making {
  const struct weights *weights;
  struct preset_bundle *bundle;
  char name[NAME_SIZE];
  char folder[PRESET_PATH_SIZE]; // Where it is made
  unsigned styles[PRESET_MOST];  // Of the presets, by number; 0: free
};

// Names and places

// A name that can stand in a path and in a URI
static void
make_name(const struct preset_request *const request, char name[NAME_SIZE])
{
  static const char extension[] = ".safetensors";
  const char *const slash = strrchr(request->weights, '/');
  const char *const from = request->name ? request->name : slash ? slash + 1 : request->weights;
  const size_t length = strlen(from);
  const size_t cut = sizeof(extension) - 1;
  const size_t whole =
      !request->name && length > cut && !strcmp(from + length - cut, extension) ? length - cut : length;
  size_t count = 0;
  for (size_t i = 0; i < whole && count + 1 < NAME_SIZE; ++i) {
    const char c = from[i];
    const bool plain = isascii((unsigned char)c) && (isalnum((unsigned char)c) || c == '-' || c == '_' || c == '.');
    name[count++] = (char)(plain ? c : '-');
  }
  name[count] = '\0';
  if (!count) {
    snprintf(name, NAME_SIZE, "weights");
  }
}

static enum status
find_directory(const struct preset_request *const request, char directory[PRESET_PATH_SIZE], struct error *const error)
{
  const char *const home = getenv("HOME");
  if (!request->directory && (!home || !*home)) {
    return error_set(error, STATUS_NOT_FOUND, "there is no home folder (HOME is not set); say where with --directory");
  }
  const int length = request->directory ? snprintf(directory, PRESET_PATH_SIZE, "%s", request->directory)
                                        : snprintf(directory, PRESET_PATH_SIZE, "%s/.lv2", home);
  return length < 0 || length >= PRESET_PATH_SIZE - 2 * NAME_SIZE
             ? error_set(error, STATUS_TOO_LARGE, "the path of the folder for presets is too long")
             : STATUS_SUCCESS;
}

// Join two parts of a path that fit, as find_directory() has seen to.
static void
join(char path[PRESET_PATH_SIZE], const char *const folder, const char *const name)
{
  const int length = snprintf(path, PRESET_PATH_SIZE, "%s/%s", folder, name);
  if (length < 0 || length >= PRESET_PATH_SIZE) {
    path[0] = '\0';
  }
}

static enum status
find_bundle(const struct preset_request *const request,
            char directory[PRESET_PATH_SIZE],
            char name[NAME_SIZE],
            char bundle[PRESET_PATH_SIZE],
            struct error *const error)
{
  char folder[NAME_SIZE + 32];
  const enum status status = find_directory(request, directory, error);
  if (!status) {
    make_name(request, name);
    snprintf(folder, sizeof(folder), "ritornello-%s.lv2", name);
    join(bundle, directory, folder);
  }
  return status;
}

static enum status
io_error(const char *const path, struct error *const error)
{
  return error_set(error, STATUS_IO, "%s: can't be written: %s", error_path(path), strerror(errno));
}

// Whether there is a bundle, which has to be one of ours
static enum status
look(const char *const path, bool *const exists, struct error *const error)
{
  struct stat status;
  char manifest[PRESET_PATH_SIZE];
  char line[sizeof(MARK)] = "";
  *exists = !lstat(path, &status);
  if (!*exists) {
    return STATUS_SUCCESS;
  }
  join(manifest, path, manifest_file);
  FILE *const file = S_ISDIR(status.st_mode) ? fopen(manifest, "r") : NULL;
  const bool ours = file && fgets(line, sizeof(line), file) && !strcmp(line, MARK);
  if (file) {
    fclose(file);
  }
  return ours ? STATUS_SUCCESS
              : error_set(error, STATUS_BAD_VALUE,
                          "%s: is there already and was not made by this program; choose another --name",
                          error_path(path));
}

// Remove our files and then the folder; whatever else is in it stays, and so does the folder then.
static bool
clear(const char *const folder)
{
  char path[PRESET_PATH_SIZE];
  for (size_t i = FILES; i-- > 0;) {
    join(path, folder, files[i]);
    if (unlink(path) && errno != ENOENT) {
      return false;
    }
  }
  return !rmdir(folder);
}

// Writing

static enum status
close_file(FILE *const file, const char *const path, struct error *const error)
{
  const bool whole = !ferror(file) && !fflush(file) && !fsync(fileno(file));
  const int reason = errno;
  if (fclose(file) && whole) {
    return io_error(path, error);
  }
  errno = reason;
  return whole ? STATUS_SUCCESS : io_error(path, error);
}

static enum status
copy_weights(const char *const from, const char *const to, struct error *const error)
{
  FILE *const in = fopen(from, "rb");
  if (!in) {
    return error_set(error, STATUS_NO_FILE, "%s: can't be read: %s", error_path(from), strerror(errno));
  }
  FILE *const out = fopen(to, "wb");
  if (!out) {
    const enum status status = io_error(to, error);
    fclose(in);
    return status;
  }
  char buffer[BUFFER_SIZE];
  size_t count = fread(buffer, 1, sizeof(buffer), in);
  while (count && fwrite(buffer, 1, count, out) == count) {
    count = fread(buffer, 1, sizeof(buffer), in);
  }
  const bool read = !ferror(in);
  fclose(in);
  const enum status status = close_file(out, to, error);
  return status || read ? status : error_set(error, STATUS_IO, "%s: can't be read to its end", error_path(from));
}

// Bytes of a title that a label has room for: whole characters of UTF-8
static int
title_length(const char *const title)
{
  size_t length = strlen(title);
  length = length < TITLE_MOST ? length : TITLE_MOST;
  while (length > 0 && ((unsigned char)title[length] & 0xC0U) == 0x80U) {
    --length;
  }
  return (int)length;
}

// List the presets: the styles that the plugin can ask for, and where it can't ask for all, one that leaves it open.
static void
list_presets(struct making *const m)
{
  struct preset_bundle *const bundle = m->bundle;
  const char *const title = m->weights->title;
  const int length = title_length(title);
  bool all = m->weights->style_count > 0;
  bundle->count = 0;
  for (uint32_t i = 0; i < m->weights->style_count; ++i) {
    const unsigned style = *m->weights->styles[i] ? style_number(m->weights->styles[i]) : 0;
    all = all && style;
    if (style) {
      m->styles[bundle->count] = style;
      snprintf(bundle->labels[bundle->count++], PRESET_LABEL_SIZE, "%.*s: %s", length, title,
               style_descriptions[style].label);
    }
  }
  if (!all) {
    m->styles[bundle->count] = 0;
    snprintf(bundle->labels[bundle->count++], PRESET_LABEL_SIZE, "%.*s", length, title);
  }
}

static void
write_presets(const struct making *const m, FILE *const to, const bool manifest)
{
  for (size_t i = 0; i < m->bundle->count; ++i) {
    char uri[URI_SIZE];
    const unsigned style = m->styles[i];
    snprintf(uri, sizeof(uri), "%s:preset:%s:%s", RITORNELLO_URI, m->name, style ? style_descriptions[style].name : "");
    const struct preset_entry entry = {
        .uri = uri, .label = m->bundle->labels[i], .weights = weights_file, .style = style};
    if (manifest) {
      preset_write_manifest(to, &entry, presets_file);
    } else {
      preset_write(to, &entry);
    }
  }
}

static enum status
write_description(const struct making *const m, const char *const name, struct error *const error)
{
  char path[PRESET_PATH_SIZE];
  join(path, m->folder, name);
  FILE *const to = fopen(path, "w");
  if (!to) {
    return io_error(path, error);
  }
  fputs(MARK, to);
  preset_write_prefixes(to);
  write_presets(m, to, name == manifest_file);
  return close_file(to, path, error);
}

static enum status
write_files(const struct making *const m, const char *const weights, struct error *const error)
{
  char path[PRESET_PATH_SIZE];
  join(path, m->folder, weights_file);
  enum status status = copy_weights(weights, path, error);
  if (!status) {
    status = write_description(m, presets_file, error);
  }
  return status ? status : write_description(m, manifest_file, error);
}

// As below on a file system that can't exchange: what was there stands aside until the new folder is in its place.
static enum status
put_in_place_of(const struct making *const m, struct error *const error)
{
  const char *const path = m->bundle->path;
  char aside[PRESET_PATH_SIZE + NAME_SIZE];
  snprintf(aside, sizeof(aside), "%s.old", m->folder);
  if (rename(path, aside)) {
    return io_error(path, error);
  }
  if (rename(m->folder, path)) {
    const enum status status = io_error(path, error);
    (void)rename(aside, path);
    return status;
  }
  return clear(aside) ? STATUS_SUCCESS : io_error(aside, error);
}

// Put the folder where it belongs, in one move. What was there is then where the new one was made.
static enum status
put_in_place(const struct making *const m, struct error *const error)
{
  const char *const path = m->bundle->path;
  if (!m->bundle->replaced) {
    return rename(m->folder, path) ? io_error(path, error) : STATUS_SUCCESS;
  }
  if (!renameat2(AT_FDCWD, m->folder, AT_FDCWD, path, RENAME_EXCHANGE)) {
    return clear(m->folder) ? STATUS_SUCCESS
                            : error_set(error, STATUS_IO, "%s: holds what was there before, and more than was made",
                                        error_path(m->folder));
  }
  return put_in_place_of(m, error);
}

static enum status
make(struct making *const m, const struct preset_request *const request, struct error *const error)
{
  enum status status = STATUS_SUCCESS;
  const mode_t mask = umask(0);
  umask(mask);
  if (!mkdtemp(m->folder) || chmod(m->folder, 0777 & ~mask)) {
    return io_error(m->folder, error);
  }
  list_presets(m);
  status = write_files(m, request->weights, error);
  if (!status) {
    status = put_in_place(m, error);
  }
  if (status) {
    clear(m->folder);
  }
  return status;
}

static enum status
make_directory(const char *const directory, struct error *const error)
{
  return mkdir(directory, 0777) && errno != EEXIST
             ? error_set(error, STATUS_IO, "%s: can't make this folder: %s", error_path(directory), strerror(errno))
             : STATUS_SUCCESS;
}

enum status
preset_bundle_install(const struct preset_request *const request,
                      struct preset_bundle *const bundle,
                      struct error *const error)
{
  char directory[PRESET_PATH_SIZE];
  struct weights *weights = NULL;
  struct making *const m = calloc(1, sizeof(*m));
  if (!m) {
    return error_set(error, STATUS_NO_MEMORY, "no memory to make presets");
  }
  m->bundle = bundle;
  enum status status = find_bundle(request, directory, m->name, bundle->path, error);
  if (!status) {
    status = look(bundle->path, &bundle->replaced, error);
  }
  if (!status) {
    status = weights_load(request->weights, &weights, error);
  }
  if (!status) {
    status = make_directory(directory, error);
  }
  if (!status) {
    m->weights = weights;
    join(m->folder, directory, ".ritornello-XXXXXX");
    status = make(m, request, error);
  }
  weights_free(weights);
  free(m);
  return status;
}

enum status
preset_bundle_remove(const struct preset_request *const request, struct error *const error)
{
  char bundle[PRESET_PATH_SIZE];
  char directory[PRESET_PATH_SIZE];
  char name[NAME_SIZE];
  bool exists = false;
  enum status status = find_bundle(request, directory, name, bundle, error);
  if (!status) {
    status = look(bundle, &exists, error);
  }
  if (!status && !exists) {
    status = error_set(error, STATUS_NOT_FOUND, "%s: is not there", error_path(bundle));
  }
  if (!status && !clear(bundle)) {
    status = errno == ENOTEMPTY || errno == EEXIST
                 ? error_set(error, STATUS_IO, "%s: the presets are removed, but there are other files, which stay",
                             error_path(bundle))
                 : io_error(bundle, error);
  }
  if (!status) {
    printf("%s: removed\n", bundle);
  }
  return status;
}

enum status
preset_bundle_make(const struct preset_request *const request, struct error *const error)
{
  struct preset_bundle *const bundle = calloc(1, sizeof(*bundle));
  if (!bundle) {
    return error_set(error, STATUS_NO_MEMORY, "no memory to make presets");
  }
  const enum status status = preset_bundle_install(request, bundle, error);
  if (!status) {
    printf("%s: %s; hosts list these presets when they look for plugins next:\n", bundle->path,
           bundle->replaced ? "replaced" : "made");
    for (size_t i = 0; i < bundle->count; ++i) {
      printf("  %s\n", bundle->labels[i]);
    }
  }
  free(bundle);
  return status;
}
