// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Reading folders.

#include "folder_list.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

static bool
ends_in(const char *const name, const char *const extension)
{
  const size_t length = strlen(name);
  const size_t end = strlen(extension);
  return length >= end && !strcasecmp(name + length - end, extension);
}

/// Whether `name` in `folder` is a folder, also behind a link.
static bool
is_folder(const char *const folder, const struct dirent *const entry)
{
  if (entry->d_type == DT_DIR) {
    return true;
  }
  if (entry->d_type != DT_LNK && entry->d_type != DT_UNKNOWN) {
    return false;
  }
  char path[FOLDER_PATH + sizeof entry->d_name];
  struct stat status;
  snprintf(path, sizeof path, "%s%s", folder, entry->d_name);
  return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static int
compare(const void *const a, const void *const b)
{
  const struct folder_entry *const one = a;
  const struct folder_entry *const other = b;
  if (one->is_folder != other->is_folder) {
    return one->is_folder ? -1 : 1;
  }
  const int order = strcasecmp(one->name, other->name);
  return order != 0 ? order : strcmp(one->name, other->name);
}

/// Add an entry. False without memory.
static bool
add(struct folder_list *const list, const char *const name, const bool folder)
{
  struct folder_entry *const entry = &list->entries[list->count];
  entry->name = malloc(strlen(name) + 2);
  if (!entry->name) {
    return false;
  }
  strcpy(entry->name, name); // NOLINT(clang-analyzer-security.insecureAPI.strcpy): it has its length
  if (folder) {
    strcat(entry->name, "/"); // NOLINT(clang-analyzer-security.insecureAPI.strcpy)
  }
  entry->is_folder = folder;
  ++list->count;
  return true;
}

void
folder_list_read(struct folder_list *const list, const char *const folder, const char *const extension)
{
  *list = (struct folder_list){0};
  snprintf(list->folder, sizeof list->folder, "%s", folder);
  DIR *const directory = opendir(folder);
  list->entries = directory ? calloc(FOLDER_ENTRIES, sizeof *list->entries) : NULL;
  list->is_readable = list->entries != NULL;
  while (list->is_readable && list->count < FOLDER_ENTRIES) {
    const struct dirent *const entry = readdir(directory);
    if (!entry) {
      break;
    }
    const bool folder_too = entry->d_name[0] != '.' && is_folder(list->folder, entry);
    if (entry->d_name[0] != '.' && (folder_too || ends_in(entry->d_name, extension)) &&
        !add(list, entry->d_name, folder_too)) {
      break;
    }
  }
  if (directory) {
    closedir(directory);
  }
  if (list->count > 1) {
    qsort(list->entries, list->count, sizeof *list->entries, compare);
  }
}

void
folder_list_free(struct folder_list *const list)
{
  for (size_t i = 0; i < list->count; ++i) {
    free(list->entries[i].name);
  }
  free(list->entries);
  *list = (struct folder_list){0};
}

bool
path_expand(const char *const typed, char path[FOLDER_PATH])
{
  const char *home = getenv("HOME");
  home = home && home[0] == '/' ? home : "/";
  int length = 0;
  if (typed[0] == '/') {
    length = snprintf(path, FOLDER_PATH, "%s", typed);
  } else if (typed[0] == '~' && (typed[1] == '/' || typed[1] == '\0')) {
    length = snprintf(path, FOLDER_PATH, "%s%s", home, typed[1] ? typed + 1 : "/");
  } else {
    length = snprintf(path, FOLDER_PATH, "%s%s%s", home, home[strlen(home) - 1] == '/' ? "" : "/", typed);
  }
  return length >= 0 && length < FOLDER_PATH;
}

const char *
path_name(const char *const path)
{
  const char *const slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

void
folder_list_complete(const struct folder_list *const list,
                     const char *const name,
                     char *const common,
                     const size_t size,
                     size_t *const count)
{
  const size_t begin = strlen(name);
  *count = 0;
  snprintf(common, size, "%s", name);
  for (size_t i = 0; i < list->count; ++i) {
    const char *const entry = list->entries[i].name;
    if (strncmp(entry, name, begin) != 0) {
      continue;
    }
    if ((*count)++ == 0) {
      snprintf(common, size, "%s", entry);
      continue;
    }
    size_t same = begin;
    while (common[same] != '\0' && common[same] == entry[same]) {
      ++same;
    }
    while (same > begin && ((unsigned char)entry[same] & 0xC0U) == 0x80U) { // Not inside a character
      --same;
    }
    common[same] = '\0';
  }
}
