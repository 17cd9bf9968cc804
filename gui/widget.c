// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The tree.

#include "widget.h"

#include "reserve.h"
#include "stage.h"

#include <string.h>

bool
box_has(const struct box *const box, const double x, const double y)
{
  return x >= box->x && y >= box->y && x < box->x + box->width && y < box->y + box->height;
}

bool
box_holds(const struct box *const outer, const struct box *const inner)
{
  return inner->x >= outer->x && inner->y >= outer->y && inner->x + inner->width <= outer->x + outer->width &&
         inner->y + inner->height <= outer->y + outer->height;
}

bool
box_overlaps(const struct box *const one, const struct box *const other)
{
  return one->x < other->x + other->width && other->x < one->x + one->width && one->y < other->y + other->height &&
         other->y < one->y + one->height;
}

struct box
box_inset(const struct box *const box, const double margin)
{
  return (struct box){box->x + margin, box->y + margin, box->width - 2.0 * margin, box->height - 2.0 * margin};
}

struct widget *
widget_new(const size_t size, const struct widget_class *const class, const char *const name)
{
  struct widget *const widget = reserve_allocate(size);
  widget->class = class;
  strncpy(widget->name, name, sizeof widget->name - 1);
  return widget;
}

static void
remove_from_parent(struct widget *const widget)
{
  struct widget *const parent = widget->parent;
  if (!parent) {
    return;
  }
  struct widget *before = NULL;
  for (struct widget *child = parent->first; child != widget; child = child->next) {
    before = child;
  }
  *(before ? &before->next : &parent->first) = widget->next;
  if (parent->last == widget) {
    parent->last = before;
  }
}

void
widget_free(struct widget *const widget)
{
  if (!widget) {
    return;
  }
  while (widget->first) {
    widget_free(widget->first);
  }
  remove_from_parent(widget);
  if (widget->stage) {
    stage_forget(widget->stage, widget);
  }
  if (widget->class->destroy) {
    widget->class->destroy(widget);
  }
  reserve_free(widget);
}

struct widget *
widget_add(struct widget *const parent, struct widget *const child)
{
  child->parent = parent;
  *(parent->last ? &parent->last->next : &parent->first) = child;
  parent->last = child;
  return child;
}

double
widget_measure(struct widget *const widget, cairo_t *const gauge)
{
  for (struct widget *child = widget->first; child; child = child->next) {
    widget_measure(child, gauge);
  }
  widget->min_width = widget->class->min_width(widget, gauge);
  return widget->min_width;
}

void
widget_place(struct widget *const widget, const struct box *const box)
{
  widget->box = *box;
  if (widget->parent) {
    widget->stage = widget->parent->stage;
  }
  if (widget->class->arrange) {
    widget->class->arrange(widget);
  }
}

void
widget_draw(struct widget *const widget, struct painter *const painter, const struct box *const clip)
{
  if (widget->is_hidden || !box_overlaps(&widget->box, clip)) {
    return;
  }
  if (widget->class->draw) {
    cairo_save(painter->cairo);
    widget->class->draw(widget, painter);
    cairo_restore(painter->cairo);
  }
  for (struct widget *child = widget->first; child; child = child->next) {
    widget_draw(child, painter, clip);
  }
}

void
widget_damage(struct widget *const widget)
{
  if (widget->stage && !widget->is_hidden) {
    stage_damage(widget->stage, &widget->box);
  }
}

struct widget *
widget_at(struct widget *const widget, const double x, const double y)
{
  if (widget->is_hidden || !box_has(&widget->box, x, y)) {
    return NULL;
  }
  for (struct widget *child = widget->first; child; child = child->next) {
    struct widget *const found = widget_at(child, x, y);
    if (found) {
      return found;
    }
  }
  return widget;
}

struct widget *
widget_find(struct widget *const widget, const char *const name)
{
  if (!strcmp(widget->name, name)) {
    return widget;
  }
  for (struct widget *child = widget->first; child; child = child->next) {
    struct widget *const found = widget_find(child, name);
    if (found) {
      return found;
    }
  }
  return NULL;
}

struct widget *
widget_after(const struct widget *const root, struct widget *const widget)
{
  if (widget->first && !widget->is_hidden) {
    return widget->first;
  }
  for (struct widget *at = widget; at && at != root; at = at->parent) {
    if (at->next) {
      return at->next;
    }
  }
  return NULL;
}

bool
widget_is_hovered(const struct widget *const widget)
{
  return widget->stage && widget->stage->hover == widget && !widget->is_disabled;
}

bool
widget_is_pressed(const struct widget *const widget)
{
  return widget->stage && widget->stage->grab == widget && !widget->is_disabled;
}

bool
widget_shows_focus(const struct widget *const widget)
{
  return widget->stage && widget->stage->focus == widget && widget->stage->is_focus_shown;
}
