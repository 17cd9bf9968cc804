// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Plays stored inputs through a fuzzer: all files that are named, and all in the folders that are named.
// Usage: replay_NAME FILE_OR_FOLDER...

#include "fuzz.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

// Play one file. It stands in memory of its exact size, so that sanitizers see whatever is read outside.
static bool
play(const char *const path)
{
  struct stat status;
  FILE *const file = fopen(path, "rb");
  if (!file || fstat(fileno(file), &status)) {
    fprintf(stderr, "%s: can't be read\n", path);
    return false;
  }
  const size_t size = (size_t)status.st_size;
  uint8_t *const data = malloc(size ? size : 1);
  const bool is_read = data && fread(data, 1, size, file) == size;
  fclose(file);
  if (is_read) {
    LLVMFuzzerTestOneInput(data, size);
  }
  free(data);
  return is_read;
}

static int
compare(const void *const a, const void *const b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool play_all(const char *path, unsigned *count);

static bool
play_folder(const char *const folder, unsigned *const count)
{
  struct dirent **entries = NULL;
  const int found = scandir(folder, &entries, NULL, alphasort);
  bool is_good = found >= 0;
  for (int i = 0; i < found; ++i) {
    char path[PATH_MAX];
    const int length = snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
    if (entries[i]->d_name[0] != '.' && length < (int)sizeof path) {
      is_good = play_all(path, count) && is_good;
    }
    free(entries[i]);
  }
  free(entries);
  return is_good;
}

static bool
play_all(const char *const path, unsigned *const count)
{
  struct stat status;
  if (!stat(path, &status) && S_ISDIR(status.st_mode)) {
    return play_folder(path, count);
  }
  ++*count;
  return play(path);
}

int
main(const int argc, char **const argv)
{
  unsigned count = 0;
  bool is_good = LLVMFuzzerTestOneInput((const uint8_t *)"", 0) == 0;
  qsort(argv + 1, (size_t)argc - 1, sizeof *argv, compare);
  for (int i = 1; i < argc; ++i) {
    is_good = play_all(argv[i], &count) && is_good;
  }
  printf("%u inputs were played\n", count);
  return is_good && count > 0 ? 0 : 1;
}
