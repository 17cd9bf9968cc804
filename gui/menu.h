// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A list of things to choose from, over the rest of the window: in one column, or several where it is long. Pointer, arrows,
// Home, End, Enter, and the first letters of what is looked for.

#ifndef RITORNELLO_MENU_H
#define RITORNELLO_MENU_H

#include "stage.h"
#include "widget.h"

enum { MENU_LABEL = 96 };

struct menu_item {
  char label[MENU_LABEL];
  int value;       ///< Whatever is told when it is chosen
  bool is_chosen;  ///< It is so now
  bool is_dim;     ///< It can be chosen, but is of little use now
  bool is_divided; ///< A line is before it
};

/// Open a menu of `count` items, copied, below `anchor` (or where there is room). `choose` is called with the value of what
/// is chosen, after the menu is closed.
void menu_open(struct stage *stage,
               const struct box *anchor,
               const struct menu_item *items,
               unsigned count,
               void (*choose)(void *handle, int value),
               void *handle);

#endif // RITORNELLO_MENU_H
