// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Plays stored inputs through a fuzzer: all files that are named, and all in the folders that are named. Says how many they
// were, and which took longest, in seconds of a processor.
// Usage: replay_NAME FILE_OR_FOLDER...

#include "fuzz.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

// What was played so far.
struct played {
  unsigned count;
  double slowest; // Seconds
  char path[PATH_MAX];
};

// Play one file. It stands in memory of its exact size, so that sanitizers see whatever is read outside.
static bool
play(const char *const path, struct played *const played)
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
    const clock_t begin = clock();
    LLVMFuzzerTestOneInput(data, size);
    const double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
    ++played->count;
    if (seconds > played->slowest) {
      played->slowest = seconds;
      snprintf(played->path, sizeof played->path, "%s", path);
    }
  }
  free(data);
  return is_read;
}

static int
compare(const void *const a, const void *const b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool play_all(const char *path, struct played *played);

static bool
play_folder(const char *const folder, struct played *const played)
{
  struct dirent **entries = NULL;
  const int found = scandir(folder, &entries, NULL, alphasort);
  bool is_good = found >= 0;
  for (int i = 0; i < found; ++i) {
    char path[PATH_MAX];
    const int length = snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
    if (entries[i]->d_name[0] != '.' && length < (int)sizeof path) {
      is_good = play_all(path, played) && is_good;
    }
    free(entries[i]);
  }
  free(entries);
  return is_good;
}

static bool
play_all(const char *const path, struct played *const played)
{
  struct stat status;
  if (!stat(path, &status) && S_ISDIR(status.st_mode)) {
    return play_folder(path, played);
  }
  return play(path, played);
}

int
main(const int argc, char **const argv)
{
  struct played played = {.count = 0};
  bool is_good = LLVMFuzzerTestOneInput((const uint8_t *)"", 0) == 0;
  qsort(argv + 1, (size_t)argc - 1, sizeof *argv, compare);
  for (int i = 1; i < argc; ++i) {
    is_good = play_all(argv[i], &played) && is_good;
  }
  printf("%u inputs were played; the slowest took %.2f s: %s\n", played.count, played.slowest, played.path);
  return is_good && played.count > 0 ? 0 : 1;
}
