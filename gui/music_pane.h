// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The roll as a widget: its place in the window, its damage, and what the user does with bars: click or drag over them, and lock
// them or have them composed anew; wheel and arrows to scroll, with control to zoom.

#ifndef RITORNELLO_MUSIC_PANE_H
#define RITORNELLO_MUSIC_PANE_H

#include "roll_model.h"
#include "roll_view.h"
#include "widget.h"

/// What can be done with bars.
enum bar_action {
  BARS_LOCK,
  BARS_UNLOCK,
  BARS_REGENERATE,
};

/// Make the pane for `model`, which is not owned. `act` is called for the bars from `first` up to before `end`, from 0.
struct widget *music_pane_new(const char *name,
                              const struct roll_model *model,
                              void (*act)(void *handle, enum bar_action action, uint32_t first, uint32_t end),
                              void *handle);

/// Let time pass (milliseconds): what has changed is to be drawn.
void music_pane_tick(struct widget *pane, uint32_t now);

/// The view: where the user looks.
struct roll_view *music_pane_view(struct widget *pane);

#endif // RITORNELLO_MUSIC_PANE_H
