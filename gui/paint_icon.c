// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Icons, drawn in a square from -1 to 1.

#include "paint.h"

#include <math.h>

/// A triangle with its tip at (x, y) that points in `direction` (radians, clockwise from the right).
static void
arrow_head(cairo_t *const cairo, const double x, const double y, const double direction, const double size)
{
  cairo_save(cairo);
  cairo_translate(cairo, x, y);
  cairo_rotate(cairo, direction);
  cairo_move_to(cairo, size, 0.0);
  cairo_line_to(cairo, -size * 0.5, -size);
  cairo_line_to(cairo, -size * 0.5, size);
  cairo_close_path(cairo);
  cairo_fill(cairo);
  cairo_restore(cairo);
}

/// Two arrows that run after each other.
static void
regenerate(cairo_t *const cairo)
{
  for (unsigned i = 0; i < 2; ++i) {
    cairo_arc(cairo, 0.0, 0.0, 0.72, -0.85 * M_PI, -0.2 * M_PI);
    cairo_stroke(cairo);
    arrow_head(cairo, 0.72 * cos(-0.14 * M_PI), 0.72 * sin(-0.14 * M_PI), 0.36 * M_PI, 0.36);
    cairo_rotate(cairo, M_PI);
  }
}

/// An arrow that turns back.
static void
undo(cairo_t *const cairo)
{
  cairo_move_to(cairo, -0.5, -0.35);
  cairo_line_to(cairo, 0.25, -0.35);
  cairo_arc(cairo, 0.25, 0.15, 0.5, -M_PI_2, M_PI_2);
  cairo_line_to(cairo, -0.35, 0.65);
  cairo_stroke(cairo);
  arrow_head(cairo, -0.55, -0.35, M_PI, 0.38);
}

static void
lock(cairo_t *const cairo, const bool is_open)
{
  theme_rounded(cairo, -0.65, -0.1, 1.3, 0.95, 0.15);
  cairo_fill(cairo);
  cairo_new_path(cairo);
  cairo_move_to(cairo, -0.4, -0.1);
  cairo_arc(cairo, 0.0, is_open ? -0.55 : -0.4, 0.4, M_PI, is_open ? 1.9 * M_PI : 2.0 * M_PI);
  if (!is_open) {
    cairo_line_to(cairo, 0.4, -0.1);
  }
  cairo_stroke(cairo);
}

/// A die that shows five.
static void
dice(cairo_t *const cairo)
{
  static const double eyes[][2] = {{0.0, 0.0}, {-0.38, -0.38}, {0.38, 0.38}, {-0.38, 0.38}, {0.38, -0.38}};
  theme_rounded(cairo, -0.8, -0.8, 1.6, 1.6, 0.3);
  cairo_stroke(cairo);
  for (unsigned i = 0; i < sizeof eyes / sizeof eyes[0]; ++i) {
    cairo_arc(cairo, eyes[i][0], eyes[i][1], 0.15, 0.0, 2.0 * M_PI);
    cairo_fill(cairo);
  }
}

/// An arrow down into a tray.
static void
save(cairo_t *const cairo)
{
  cairo_move_to(cairo, 0.0, -0.8);
  cairo_line_to(cairo, 0.0, 0.1);
  cairo_move_to(cairo, -0.75, 0.3);
  cairo_line_to(cairo, -0.75, 0.75);
  cairo_line_to(cairo, 0.75, 0.75);
  cairo_line_to(cairo, 0.75, 0.3);
  cairo_stroke(cairo);
  arrow_head(cairo, 0.0, 0.1, M_PI_2, 0.36);
}

static void
folder(cairo_t *const cairo)
{
  cairo_move_to(cairo, -0.85, -0.6);
  cairo_line_to(cairo, -0.2, -0.6);
  cairo_line_to(cairo, 0.0, -0.35);
  cairo_line_to(cairo, 0.85, -0.35);
  cairo_line_to(cairo, 0.85, 0.65);
  cairo_line_to(cairo, -0.85, 0.65);
  cairo_close_path(cairo);
  cairo_fill(cairo);
}

static void
note(cairo_t *const cairo)
{
  cairo_save(cairo);
  cairo_translate(cairo, -0.25, 0.55);
  cairo_rotate(cairo, -0.35);
  cairo_scale(cairo, 0.42, 0.3);
  cairo_arc(cairo, 0.0, 0.0, 1.0, 0.0, 2.0 * M_PI);
  cairo_restore(cairo);
  cairo_fill(cairo);
  cairo_move_to(cairo, 0.1, 0.45);
  cairo_line_to(cairo, 0.1, -0.85);
  cairo_curve_to(cairo, 0.2, -0.4, 0.6, -0.4, 0.5, 0.1);
  cairo_stroke(cairo);
}

static void
tick(cairo_t *const cairo)
{
  cairo_move_to(cairo, -0.6, 0.05);
  cairo_line_to(cairo, -0.15, 0.5);
  cairo_line_to(cairo, 0.65, -0.5);
  cairo_stroke(cairo);
}

void
paint_icon(struct painter *const painter, const enum icon icon, const double x, const double y, const double size)
{
  cairo_t *const cairo = painter->cairo;
  cairo_save(cairo);
  cairo_translate(cairo, x, y);
  cairo_scale(cairo, size / 2.0, size / 2.0);
  cairo_set_line_width(cairo, 0.2);
  cairo_set_line_cap(cairo, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join(cairo, CAIRO_LINE_JOIN_ROUND);
  cairo_new_path(cairo);
  switch (icon) {
  case ICON_NONE:
    break;
  case ICON_REGENERATE:
    regenerate(cairo);
    break;
  case ICON_UNDO:
    undo(cairo);
    break;
  case ICON_LOCK:
    lock(cairo, false);
    break;
  case ICON_UNLOCK:
    lock(cairo, true);
    break;
  case ICON_DICE:
    dice(cairo);
    break;
  case ICON_SAVE:
    save(cairo);
    break;
  case ICON_DOWN:
    arrow_head(cairo, 0.0, 0.1, M_PI_2, 0.55);
    break;
  case ICON_FOLDER:
    folder(cairo);
    break;
  case ICON_NOTE:
    note(cairo);
    break;
  case ICON_TICK:
    tick(cairo);
    break;
  }
  cairo_restore(cairo);
}
