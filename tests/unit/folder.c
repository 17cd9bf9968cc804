// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "folder.h"
#include "sketch.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

int
folder_setup(void **const state)
{
  struct folder *const folder = calloc(1, sizeof(*folder));
  const char *const base = getenv("TMPDIR");
  snprintf(folder->path, sizeof(folder->path), "%s/ritornello-XXXXXX", base ? base : "/tmp");
  assert_non_null(mkdtemp(folder->path));
  *state = folder;
  return 0;
}

// Remove all that is in the folder at `path`, and the folder.
static int
remove_folder(const char *const path)
{
  DIR *const stream = opendir(path);
  assert_non_null(stream);
  for (const struct dirent *entry = readdir(stream); entry; entry = readdir(stream)) {
    char name[PATH_MAX];
    snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 && unlink(name) != 0) {
      remove_folder(name);
    }
  }
  closedir(stream);
  return rmdir(path);
}

int
folder_teardown(void **const state)
{
  struct folder *const folder = *state;
  const int result = remove_folder(folder->path);
  free(folder);
  return result;
}

char *
folder_path(const struct folder *const folder, const char *const name)
{
  char *const path = calloc(1, PATH_MAX);
  const char *const slash = strchr(name, '/');
  if (slash) {
    snprintf(path, PATH_MAX, "%s/%.*s", folder->path, (int)(slash - name), name);
    (void)mkdir(path, 0777);
  }
  snprintf(path, PATH_MAX, "%s/%s", folder->path, name);
  return path;
}

void
folder_write_text(const struct folder *const folder, const char *const name, const char *const text)
{
  char *const path = folder_path(folder, name);
  FILE *const stream = fopen(path, "wb");
  assert_non_null(stream);
  assert_int_equal(fwrite(text, 1, strlen(text), stream), strlen(text));
  assert_int_equal(fclose(stream), 0);
  free(path);
}

void
folder_write_piece(const struct folder *const folder, const char *const name, const uint32_t count)
{
  struct sketch *const sketch = sketch_new();
  for (uint32_t i = 0; i < count; ++i) {
    sketch_add(sketch, 12 * i, 12, (uint8_t)(40 + i % 30));
  }
  char *const path = folder_path(folder, name);
  assert_int_equal(midi_file_write(path, &sketch->file, NULL), STATUS_SUCCESS);
  free(path);
  free(sketch);
}
