// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Something in the middle of the window that has a title and must be dealt with first.

#ifndef RITORNELLO_DIALOG_H
#define RITORNELLO_DIALOG_H

#include "stage.h"
#include "widget.h"

/// Make a dialog with that title (not copied) around `content`. It closes with Escape.
struct widget *dialog_new(const char *name, const char *title, struct widget *content);

/// Open it over everything; the stage owns it then.
bool dialog_open(struct stage *stage, struct widget *dialog);

/// Say what this is, whose it is, and what may be done with what it makes. `version` is not copied.
void about_open(struct stage *stage, const char *version);

#endif // RITORNELLO_DIALOG_H
