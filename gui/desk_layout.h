// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Where everything stands in the window, and what the buttons call.

#ifndef RITORNELLO_DESK_LAYOUT_H
#define RITORNELLO_DESK_LAYOUT_H

#include "desk.h"
#include "music_pane.h"

/// Make the tree of widgets; sets those that `desk` points to.
struct widget *desk_layout(struct desk *desk);

/// Tell what the user wishes.
void desk_wish(const struct desk *desk, enum desk_wish what, const char *text);

/// What the buttons do (desk.c, desk_menus.c); `handle` is the desk.
void desk_press_regenerate(void *handle);
void desk_press_undo(void *handle);
void desk_press_dice(void *handle);
void desk_press_save(void *handle);
void desk_press_about(void *handle);
void desk_press_zoom(void *handle);
void desk_act_on_bars(void *handle, enum bar_action action, uint32_t first, uint32_t end);
void desk_open_presets(void *handle, struct widget *picker);
void desk_open_weights(void *handle, struct widget *picker);

#endif // RITORNELLO_DESK_LAYOUT_H
