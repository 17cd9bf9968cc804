// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Looking for weight files.

#include "weights_menu.h"

#include "folder_list.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char EXTENSION[] = ".safetensors";

/// Whether both are the same file, by whatever name.
static bool
is_same_file(const char *const one, const char *const other)
{
  struct stat a;
  struct stat b;
  return !strcmp(one, other) ||
         (stat(one, &a) == 0 && stat(other, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino);
}

static void
add(struct weights_menu *const menu, const char *const folder, const char *const name, const char *const present)
{
  char path[2 * WEIGHTS_PATH];
  const int length = snprintf(path, sizeof path, "%s%s", folder, name);
  if (menu->count == WEIGHTS_FILES || length >= WEIGHTS_PATH) {
    return;
  }
  for (unsigned i = 0; i < menu->count; ++i) {
    if (is_same_file(menu->paths[i], path)) {
      return;
    }
  }
  struct menu_item *const item = &menu->items[menu->count];
  const size_t stem = strlen(name) > sizeof EXTENSION ? strlen(name) - (sizeof EXTENSION - 1) : strlen(name);
  *item = (struct menu_item){.value = (int)menu->count, .is_chosen = is_same_file(path, present)};
  snprintf(item->label, sizeof item->label, "%.*s", (int)(stem < sizeof item->label ? stem : sizeof item->label - 1),
           name);
  memcpy(menu->paths[menu->count++], path, (size_t)length + 1);
}

static void
add_folder(struct weights_menu *const menu, const char *const folder, const char *const present)
{
  struct folder_list list;
  folder_list_read(&list, folder, EXTENSION);
  for (size_t i = 0; i < list.count; ++i) {
    if (!list.entries[i].is_folder) {
      add(menu, folder, list.entries[i].name, present);
    }
  }
  folder_list_free(&list);
}

/// Look into all bundles in the user's LV2 folder.
static void
add_bundles(struct weights_menu *const menu, const char *const present)
{
  char folder[FOLDER_PATH];
  struct folder_list list;
  if (!path_expand("~/.lv2/", folder)) {
    return;
  }
  folder_list_read(&list, folder, ".lv2/");
  for (size_t i = 0; i < list.count; ++i) {
    char bundle[2 * FOLDER_PATH];
    if (list.entries[i].is_folder &&
        snprintf(bundle, sizeof bundle, "%s%s", folder, list.entries[i].name) < FOLDER_PATH) {
      add_folder(menu, bundle, present);
    }
  }
  folder_list_free(&list);
}

void
weights_menu_find(struct weights_menu *const menu, const char *const bundle, const char *const present)
{
  menu->count = 0;
  if (bundle) {
    char folder[FOLDER_PATH];
    const size_t length = strlen(bundle);
    snprintf(folder, sizeof folder, "%s%s", bundle, length > 0 && bundle[length - 1] == '/' ? "" : "/");
    add_folder(menu, folder, present);
  }
  add_bundles(menu, present);
  const char *const name = path_name(present);
  if (*name) {
    char folder[FOLDER_PATH];
    snprintf(folder, sizeof folder, "%.*s", (int)(name - present), present);
    add(menu, folder, name, present);
  }
  menu->items[menu->count] =
      (struct menu_item){.label = "Another file\xe2\x80\xa6", .value = WEIGHTS_OTHER, .is_divided = true};
}
