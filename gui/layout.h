// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Widgets that place others: beside each other, below each other, or beside each other for as long as there is room and
// then in a new line. Room that is left over goes to the children that stretch.

#ifndef RITORNELLO_LAYOUT_H
#define RITORNELLO_LAYOUT_H

#include "widget.h"

/// How a row places children that are less high than it is.
enum row_align {
  ROW_FILL,
  ROW_TOP,
  ROW_CENTRE,
  ROW_BOTTOM,
};

/// Make a row with `gap` between its children.
struct widget *row_new(const char *name, enum row_align align, double gap);

/// Make a column.
struct widget *column_new(const char *name, double gap);

/// Make a flow: rows as long as fit, each with its children stretched to the whole width.
struct widget *flow_new(const char *name, double gap);

/// Make an empty place of at least `width` that stretches.
struct widget *spacer_new(double width, double stretch);

/// Make a panel with a title; `content`, which it owns then, stands in it.
struct widget *panel_new(const char *name, const char *title, struct widget *content);

/// Make a margin around `content`.
struct widget *margin_new(double margin, struct widget *content);

#endif // RITORNELLO_LAYOUT_H
