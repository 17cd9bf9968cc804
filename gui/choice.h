// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A drop-down: a label, what is chosen, and a menu of what can be.

#ifndef RITORNELLO_CHOICE_H
#define RITORNELLO_CHOICE_H

#include "menu.h"
#include "values.h"
#include "widget.h"

/// Make a drop-down for a port with named values.
struct widget *choice_new(struct values *values, enum port_index port);

/// Say which of its values are of use now: bit-wise, value 0 first. The others are shown dimmed.
void choice_set_useful(struct widget *choice, uint64_t useful);

/// Make a drop-down that shows `text` (see picker_set_text()) and calls `open` when its menu is wanted; `room` is a text that
/// there is room for at least.
struct widget *picker_new(const char *name,
                          const char *label,
                          const char *room,
                          void (*open)(void *handle, struct widget *picker),
                          void *handle);

/// Show `text`, which is copied.
void picker_set_text(struct widget *picker, const char *text);

/// Where its menu hangs.
struct box picker_anchor(const struct widget *picker);

#endif // RITORNELLO_CHOICE_H
