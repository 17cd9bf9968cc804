// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Things in the window: a tree of widgets, each with a box that its parent gives it. A widget is a struct that begins with
// `struct widget` and a class that says how much room it needs, how it is drawn and what it does with input. Boxes are in
// logical pixels from the window's top left. Nothing here knows X, LV2 or the scale.

#ifndef RITORNELLO_WIDGET_H
#define RITORNELLO_WIDGET_H

#include "input.h"

#include <cairo.h>
#include <stdbool.h>
#include <stddef.h>

struct stage;
struct widget;

struct box {
  double x, y, width, height;
};

bool box_has(const struct box *box, double x, double y);

/// Whether `inner` lies within `outer`.
bool box_holds(const struct box *outer, const struct box *inner);

/// Whether they share more than an edge.
bool box_overlaps(const struct box *one, const struct box *other);

/// Return `box` made smaller by `margin` on all sides.
struct box box_inset(const struct box *box, double margin);

/// What a widget draws with.
struct painter {
  cairo_t *cairo;
  double scale;       ///< Device pixels per logical pixel
  unsigned cut_texts; ///< How many texts did not fit and were shortened
};

enum widget_notice {
  NOTICE_ENTER,
  NOTICE_LEAVE,
  NOTICE_FOCUS,
  NOTICE_BLUR,
  NOTICE_PRESS, ///< It has got the pointer
  NOTICE_RELEASE,
};

struct widget_class {
  /// Return the least width it can have; `gauge` measures text.
  double (*min_width)(struct widget *widget, cairo_t *gauge);

  /// Return the height it needs at that width. Called after min_width().
  double (*height)(struct widget *widget, double width);

  /// Place the children in widget->box; NULL without children.
  void (*arrange)(struct widget *widget);

  /// Draw what is its own, not the children's; NULL if nothing is.
  void (*draw)(struct widget *widget, struct painter *painter);

  /// Take input; return whether it was meant for this widget. Otherwise the parent is asked. NULL: never.
  bool (*input)(struct widget *widget, const struct input *input);

  /// Free what it owns beside itself and its children; NULL if nothing.
  void (*destroy)(struct widget *widget);

  /// The pointer came over it or left, pressed it or let go, the keyboard's focus came or went. NULL: it is drawn anew; with this
  /// function, it says itself what is to be drawn.
  void (*notice)(struct widget *widget, enum widget_notice notice);

  /// A text that it asked for comes from the clipboard (stage_paste()). NULL: it never asks.
  void (*paste)(struct widget *widget, const char *text);
};

enum { WIDGET_NAME = 32 };

struct widget {
  const struct widget_class *class;
  struct stage *stage; ///< Where it is shown, NULL if nowhere yet
  struct widget *parent;
  struct widget *first; ///< Child
  struct widget *last;
  struct widget *next; ///< Sibling
  struct box box;
  struct box opaque;      ///< The part of its box that it paints wholly: what is below needs not be drawn
  double min_width;       ///< As last measured
  double stretch;         ///< Share of the room that is left over, in rows, columns and flows
  char name[WIDGET_NAME]; ///< What tests and scripts call it: a port's symbol, or a word
  const char *tip;        ///< What the tooltip says, not owned; NULL: nothing
  bool is_hidden;         ///< Takes no room
  bool is_disabled;       ///< Takes no input
  bool is_focusable;      ///< The keyboard can get to it
};

/// Allocate a zeroed widget of `size` bytes. Never NULL: without memory the program has ended, as with all of cairo's users.
struct widget *widget_new(size_t size, const struct widget_class *class, const char *name);

/// Free it with all its children, and take it off its parent.
void widget_free(struct widget *widget);

/// Put `child` at the end of `parent`, which owns it then; return `child`.
struct widget *widget_add(struct widget *parent, struct widget *child);

/// Measure it and all below.
double widget_measure(struct widget *widget, cairo_t *gauge);

/// Give it a box, and its children theirs.
void widget_place(struct widget *widget, const struct box *box);

/// Draw it and all below that touches `clip`.
void widget_draw(struct widget *widget, struct painter *painter, const struct box *clip);

/// Say that it must be drawn anew.
void widget_damage(struct widget *widget);

/// The deepest widget at that place that is shown, NULL if none.
struct widget *widget_at(struct widget *widget, double x, double y);

/// The widget of that name in the tree, NULL if none.
struct widget *widget_find(struct widget *widget, const char *name);

/// The next widget in the order of the tree that comes after `widget` within `root`; NULL at the end.
struct widget *widget_after(const struct widget *root, struct widget *widget);

/// Whether the pointer is over it, whether it is pressed or has the keyboard's focus, and shows it.
bool widget_is_hovered(const struct widget *widget);
bool widget_is_pressed(const struct widget *widget);
bool widget_shows_focus(const struct widget *widget);

#endif // RITORNELLO_WIDGET_H
