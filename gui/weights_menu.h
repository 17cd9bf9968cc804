// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The weight files at hand: those beside the plugin, and those that `ritornello preset` has put into the user's LV2 folder.

#ifndef RITORNELLO_WEIGHTS_MENU_H
#define RITORNELLO_WEIGHTS_MENU_H

#include "menu.h"

enum {
  WEIGHTS_FILES = 48,
  WEIGHTS_PATH = 1024,
  WEIGHTS_OTHER = -1, ///< Value of the item that is for another file
};

struct weights_menu {
  char paths[WEIGHTS_FILES][WEIGHTS_PATH];
  struct menu_item items[WEIGHTS_FILES + 1]; ///< [count + 1], by path; the last is for another file
  unsigned count;
};

/// Look for files in `bundle` (NULL: nowhere) and in ~/.lv2; `present` is marked as the one in use, and is listed wherever it is.
void weights_menu_find(struct weights_menu *menu, const char *bundle, const char *present);

#endif // RITORNELLO_WEIGHTS_MENU_H
