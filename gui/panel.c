// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What stands around other widgets: panels and margins; and between them: spacers.

#include "layout.h"
#include "paint.h"

#include <math.h>

static const double TITLE_GAP = 8.0;

struct panel {
  struct widget widget;
  const char *title; ///< NULL: a bare margin
  double padding;
};

struct spacer {
  struct widget widget;
  double width;
};

static const struct panel *
panel_of(const struct widget *const widget)
{
  return (const struct panel *)widget;
}

/// Height of the title with the gap below it.
static double
title_height(const struct panel *const panel)
{
  return panel->title ? theme_line_height(FONT_HEADING) + TITLE_GAP : 0.0;
}

static double
panel_min_width(struct widget *const widget, cairo_t *const gauge)
{
  const struct panel *const panel = panel_of(widget);
  const double title = panel->title ? theme_text_width(gauge, FONT_HEADING, panel->title) : 0.0;
  return ceil(fmax(title, widget->first->min_width)) + 2.0 * panel->padding;
}

static double
panel_height(struct widget *const widget, const double width)
{
  const struct panel *const panel = panel_of(widget);
  struct widget *const content = widget->first;
  return content->class->height(content, width - 2.0 * panel->padding) + title_height(panel) + 2.0 * panel->padding;
}

static void
panel_arrange(struct widget *const widget)
{
  const struct panel *const panel = panel_of(widget);
  struct box inside = box_inset(&widget->box, panel->padding);
  inside.y += title_height(panel);
  inside.height -= title_height(panel);
  widget_place(widget->first, &inside);
}

static void
panel_draw(struct widget *const widget, struct painter *const painter)
{
  const struct panel *const panel = panel_of(widget);
  struct box title = box_inset(&widget->box, panel->padding);
  title.height = theme_line_height(FONT_HEADING);
  paint_box(painter, &widget->box, THEME_PANEL);
  paint_text(painter, FONT_HEADING, THEME_ACCENT, &title, ALIGN_LEFT, panel->title);
}

static const struct widget_class panel_class = {
    .min_width = panel_min_width,
    .height = panel_height,
    .arrange = panel_arrange,
    .draw = panel_draw,
};

static const struct widget_class margin_class = {
    .min_width = panel_min_width,
    .height = panel_height,
    .arrange = panel_arrange,
};

struct widget *
panel_new(const char *const name, const char *const title, struct widget *const content)
{
  struct widget *const widget = widget_new(sizeof(struct panel), &panel_class, name);
  struct panel *const panel = (struct panel *)widget;
  panel->title = title;
  panel->padding = THEME_PADDING;
  widget_add(widget, content);
  return widget;
}

struct widget *
margin_new(const double margin, struct widget *const content)
{
  struct widget *const widget = widget_new(sizeof(struct panel), &margin_class, "");
  struct panel *const panel = (struct panel *)widget;
  panel->padding = margin;
  widget->stretch = content->stretch;
  widget_add(widget, content);
  return widget;
}

static double
spacer_min_width(struct widget *const widget, cairo_t *const gauge)
{
  (void)gauge;
  return ((const struct spacer *)widget)->width;
}

static double
spacer_height(struct widget *const widget, const double width)
{
  (void)widget;
  (void)width;
  return 0.0;
}

static const struct widget_class spacer_class = {
    .min_width = spacer_min_width,
    .height = spacer_height,
};

struct widget *
spacer_new(const double width, const double stretch)
{
  struct widget *const widget = widget_new(sizeof(struct spacer), &spacer_class, "");
  ((struct spacer *)widget)->width = width;
  widget->stretch = stretch;
  return widget;
}
