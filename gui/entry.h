// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A line of text that is typed: cursor, selection, cut, copy and paste.

#ifndef RITORNELLO_ENTRY_H
#define RITORNELLO_ENTRY_H

#include "stage.h"
#include "widget.h"

enum { ENTRY_SIZE = 1024 }; ///< Bytes, with the end

/// Who is told. Each may be NULL.
struct entry_listener {
  void *handle;
  void (*done)(void *handle, const char *text);         ///< Enter was pressed
  void (*changed)(void *handle, const char *text);      ///< Something was typed
  bool (*key)(void *handle, const struct input *input); ///< A key comes first to here; return whether it was taken
};

/// Make an entry with that text, all of it selected if `is_selected`, otherwise the cursor at its end.
struct widget *entry_new(const char *name, const char *text, bool is_selected, const struct entry_listener *listener);

const char *entry_text(const struct widget *entry);

/// Replace the text; the cursor goes to its end. Longer texts are cut.
void entry_set_text(struct widget *entry, const char *text);

/// Select from byte `from` to the end.
void entry_select(struct widget *entry, size_t from);

/// Open an entry over the window at `box`. It closes when it is done, with Escape or a click elsewhere (done too).
void entry_popup(struct stage *stage,
                 const struct box *box,
                 const char *text,
                 bool is_selected,
                 const struct entry_listener *listener);

#endif // RITORNELLO_ENTRY_H
