// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The door of folders and paths: what a user's folder of weights may hold, what is typed as a path, and where a session says
// that its weights are. Each line of the input is a file, a folder, a link or a pipe of that name.

#include "fuzz.h"

#include "folder_list.h"
#include "loading.h"
#include "weights_menu.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ENTRIES = 24, LINE = 600 };

static void
make_file(const char *const path)
{
  FILE *const file = fopen(path, "wx"); // What is there may be a pipe
  if (file) {
    fputs("no weights", file);
    fclose(file);
  }
}

// Make what a line says in `folder`: the first letter is the kind, the rest its name and what a link leads to.
static void
make_entry(const char *const folder, const char *const line)
{
  char path[PATH_MAX];
  const char *const slash = strchr(line, '/');
  const int name = slash ? (int)(slash - line) : (int)strlen(line);
  if (name < 2 || snprintf(path, sizeof path, "%s/%.*s", folder, name - 1, line + 1) >= (int)sizeof path ||
      !strcmp(line + 1, ".") || !strcmp(line + 1, "..")) {
    return;
  }
  bool made = true;
  switch (line[0] % 5) {
  case 0:
    made = !mkdir(path, 0700);
    break;
  case 1:
    made = !symlink(slash ? slash + 1 : path, path);
    break;
  case 2:
    made = !mkfifo(path, 0600);
    break;
  default:
    make_file(path);
  }
  if (made && line[0] % 5 == 0 && slash) { // One level down
    char below[PATH_MAX];
    if (snprintf(below, sizeof below, "%s/%s", path, slash + 1) < (int)sizeof below && !strchr(slash + 1, '/')) {
      make_file(below);
    }
  }
}

static void
check_list(const char *const folder, const char *const typed)
{
  struct folder_list list;
  char common[64];
  size_t count = 0;
  folder_list_read(&list, folder, ".safetensors");
  for (size_t i = 1; i < list.count; ++i) {
    fuzz_must(list.entries[i - 1].is_folder >= list.entries[i].is_folder, "folders come first");
  }
  folder_list_complete(&list, path_name(typed), common, sizeof common, &count);
  fuzz_must(count <= list.count, "no more is found than there is");
  fuzz_must(strlen(common) < sizeof common, "a completed name has an end");
  folder_list_free(&list);
}

// A path that a session asks for, and another one that it was at.
static void
check_loading(const char *const folder, const char *const path, const char *const plain)
{
  struct loading loading;
  fuzz_must(loading_init(&loading, folder) == STATUS_SUCCESS, "loading begins");
  loading_load(&loading, loading_request(&loading), path, plain);
  struct delivery *const delivery = loading_take(&loading);
  fuzz_must(delivery && !delivery->weights && delivery->status[0] != '\0', "what is no weights is told in a sentence");
  loading_retire(&loading, delivery);
  loading_free(&loading);
}

int
LLVMFuzzerTestOneInput(const uint8_t *const data, const size_t size)
{
  struct fuzz_input input = {data, size};
  char lines[2][LINE];
  char path[FOLDER_PATH];
  char lv2[FOLDER_PATH];
  const char *const home = fuzz_folder();
  snprintf(lv2, sizeof lv2, "%s/.lv2", home);
  setenv("HOME", home, 1);
  fuzz_text(&input, lines[0], LINE);
  fuzz_text(&input, lines[1], LINE);
  mkdir(lv2, 0700);
  for (unsigned i = 0; i < ENTRIES && input.left > 0; ++i) {
    char line[LINE];
    fuzz_text(&input, line, sizeof line);
    make_entry(i % 2 ? lv2 : home, line);
  }
  struct weights_menu *const menu = malloc(sizeof *menu);
  weights_menu_find(menu, lines[0][0] ? home : NULL, lines[1]);
  fuzz_must(menu->count <= WEIGHTS_FILES, "a menu has an end");
  weights_menu_find(menu, lines[0], home);
  free(menu);
  check_list(home, lines[0]);
  check_list(lines[0], lines[1]);
  if (path_expand(lines[0], path)) {
    fuzz_must(path[0] == '/' && strlen(path) < FOLDER_PATH, "a path is whole");
  }
  check_loading(home, lines[0], lines[1][0] ? lines[1] : NULL);
  fuzz_clear_folder(home);
  return 0;
}
