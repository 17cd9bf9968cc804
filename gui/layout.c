// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Rows, columns and flows.

#include "layout.h"

#include <math.h>

struct layout {
  struct widget widget;
  double gap;
  enum row_align align;
};

/// Some children that stand beside each other: from `first`, before `end`.
struct line {
  struct widget *first;
  struct widget *end;
  double width;   ///< Least, with gaps
  double stretch; ///< In all
  unsigned count;
};

static const struct layout *
layout_of(const struct widget *const widget)
{
  return (const struct layout *)widget;
}

/// The first child from `child` on that takes room.
static struct widget *
shown(struct widget *child)
{
  while (child && child->is_hidden) {
    child = child->next;
  }
  return child;
}

/// Gather as many children from `first` on as fit into `width`, at least one.
static struct line
gather(struct widget *const first, const double gap, const double width)
{
  struct line line = {.first = first};
  struct widget *child = first;
  for (; child; child = shown(child->next)) {
    const double wider = line.width + child->min_width + (line.count > 0 ? gap : 0.0);
    if (line.count > 0 && wider > width + 0.001) {
      break;
    }
    line.width = wider;
    line.stretch += child->stretch;
    ++line.count;
  }
  line.end = child;
  return line;
}

/// What `child` gets of `line` when it is `width` wide; without anything that stretches, all share what is left if `share`.
static double
share_of(const struct line *const line, const struct widget *const child, const double width, const bool share)
{
  const double left = fmax(0.0, width - line->width);
  if (line->stretch > 0.0) {
    return child->min_width + left * child->stretch / line->stretch;
  }
  return child->min_width + (share ? left / line->count : 0.0);
}

static double
line_height(const struct line *const line, const double width, const bool share)
{
  double height = 0.0;
  for (struct widget *child = line->first; child != line->end; child = shown(child->next)) {
    height = fmax(height, child->class->height(child, share_of(line, child, width, share)));
  }
  return height;
}

static void
place_line(const struct line *const line,
           const struct box *const box,
           const double gap,
           const enum row_align align,
           const bool share)
{
  double x = box->x;
  for (struct widget *child = line->first; child != line->end; child = shown(child->next)) {
    const double width = share_of(line, child, box->width, share);
    const double height = align == ROW_FILL ? box->height : child->class->height(child, width);
    const double room = box->height - height;
    const double y = align == ROW_BOTTOM ? box->y + room : align == ROW_CENTRE ? box->y + room / 2.0 : box->y;
    const double left = round(x);
    const struct box placed = {left, round(y), round(x + width) - left, height};
    widget_place(child, &placed);
    x += width + gap;
  }
}

static double
row_min_width(struct widget *const widget, cairo_t *const gauge)
{
  (void)gauge;
  return gather(shown(widget->first), layout_of(widget)->gap, INFINITY).width;
}

static double
row_height(struct widget *const widget, const double width)
{
  const struct line line = gather(shown(widget->first), layout_of(widget)->gap, INFINITY);
  return line_height(&line, width, false);
}

static void
row_arrange(struct widget *const widget)
{
  const struct layout *const layout = layout_of(widget);
  const struct line line = gather(shown(widget->first), layout->gap, INFINITY);
  place_line(&line, &widget->box, layout->gap, layout->align, false);
}

static double
widest_child(struct widget *const widget, cairo_t *const gauge)
{
  (void)gauge;
  double width = 0.0;
  for (struct widget *child = shown(widget->first); child; child = shown(child->next)) {
    width = fmax(width, child->min_width);
  }
  return width;
}

/// The gap before `child` in a column where `used` is taken already: none around what has no height of its own.
static double
gap_before(const struct widget *const column, const double used, const double height)
{
  return used > 0.0 && height > 0.0 ? layout_of(column)->gap : 0.0;
}

static double
column_height(struct widget *const widget, const double width)
{
  double used = 0.0;
  for (struct widget *child = shown(widget->first); child; child = shown(child->next)) {
    const double height = child->class->height(child, width);
    used += gap_before(widget, used, height) + height;
  }
  return used;
}

static void
column_arrange(struct widget *const widget)
{
  const double left = fmax(0.0, widget->box.height - column_height(widget, widget->box.width));
  double stretch = 0.0;
  for (struct widget *child = shown(widget->first); child; child = shown(child->next)) {
    stretch += child->stretch;
  }
  struct box box = widget->box;
  double used = 0.0;
  for (struct widget *child = shown(widget->first); child; child = shown(child->next)) {
    const double height = child->class->height(child, box.width);
    box.y += gap_before(widget, used, height);
    used += height;
    box.height = height + (stretch > 0.0 ? left * child->stretch / stretch : 0.0);
    widget_place(child, &box);
    box.y += box.height;
  }
}

static double
flow_height(struct widget *const widget, const double width)
{
  const double gap = layout_of(widget)->gap;
  double height = 0.0;
  for (struct widget *child = shown(widget->first); child;) {
    const struct line line = gather(child, gap, width);
    height += (height > 0.0 ? gap : 0.0) + line_height(&line, width, true);
    child = line.end;
  }
  return height;
}

static void
flow_arrange(struct widget *const widget)
{
  const double gap = layout_of(widget)->gap;
  struct box box = widget->box;
  for (struct widget *child = shown(widget->first); child;) {
    const struct line line = gather(child, gap, box.width);
    box.height = line_height(&line, box.width, true);
    place_line(&line, &box, gap, ROW_FILL, true);
    box.y += box.height + gap;
    child = line.end;
  }
}

static const struct widget_class row_class = {
    .min_width = row_min_width,
    .height = row_height,
    .arrange = row_arrange,
};

static const struct widget_class column_class = {
    .min_width = widest_child,
    .height = column_height,
    .arrange = column_arrange,
};

static const struct widget_class flow_class = {
    .min_width = widest_child,
    .height = flow_height,
    .arrange = flow_arrange,
};

static struct widget *
layout_new(const struct widget_class *const class, const char *const name, const enum row_align align, const double gap)
{
  struct widget *const widget = widget_new(sizeof(struct layout), class, name);
  struct layout *const layout = (struct layout *)widget;
  layout->align = align;
  layout->gap = gap;
  return widget;
}

struct widget *
row_new(const char *const name, const enum row_align align, const double gap)
{
  return layout_new(&row_class, name, align, gap);
}

struct widget *
column_new(const char *const name, const double gap)
{
  return layout_new(&column_class, name, ROW_FILL, gap);
}

struct widget *
flow_new(const char *const name, const double gap)
{
  return layout_new(&flow_class, name, ROW_FILL, gap);
}
