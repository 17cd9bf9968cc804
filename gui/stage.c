// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Sizes, overlays, damage and drawing. Input is handed out in stage_input.c.

#include "stage.h"

#include "paint.h"
#include "stage_private.h"
#include "theme.h"

#include <math.h>
#include <string.h>

void
stage_init(struct stage *const stage, struct widget *const root)
{
  *stage = (struct stage){.root = root, .pointer_x = -1.0, .pointer_y = -1.0};
  cairo_surface_t *const surface = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1);
  stage->gauge = cairo_create(surface);
  cairo_surface_destroy(surface);
  root->stage = stage;
}

void
stage_free(struct stage *const stage)
{
  for (unsigned i = stage->overlay_count; i-- > 0;) {
    widget_free(stage->overlays[i].widget);
  }
  widget_free(stage->root);
  cairo_destroy(stage->gauge);
}

void
stage_min_size(struct stage *const stage, double *const width, double *const height)
{
  *width = ceil(widget_measure(stage->root, stage->gauge));
  *height = ceil(stage->root->class->height(stage->root, *width));
}

/// Measure and place one overlay.
static void
place_overlay(struct stage *const stage, const struct overlay *const overlay)
{
  struct widget *const widget = overlay->widget;
  widget->stage = stage;
  widget_measure(widget, stage->gauge);
  const struct box box = overlay->place(widget, stage);
  widget_place(widget, &box);
}

void
stage_rearrange(struct stage *const stage)
{
  widget_measure(stage->root, stage->gauge);
  widget_place(stage->root, &stage->size);
  for (unsigned i = 0; i < stage->overlay_count; ++i) {
    place_overlay(stage, &stage->overlays[i]);
  }
  stage_damage_all(stage);
}

void
stage_resize(struct stage *const stage, const double width, const double height)
{
  stage->size = (struct box){0.0, 0.0, width, height};
  tip_hide(stage);
  stage_rearrange(stage);
}

/// The smallest box around both.
static struct box
join(const struct box *const one, const struct box *const other)
{
  const double x = fmin(one->x, other->x);
  const double y = fmin(one->y, other->y);
  return (struct box){x, y, fmax(one->x + one->width, other->x + other->width) - x,
                      fmax(one->y + one->height, other->y + other->height) - y};
}

/// Whether it costs little more to draw both as one.
static bool
are_near(const struct box *const one, const struct box *const other)
{
  const struct box joined = join(one, other);
  return joined.width * joined.height <= 1.2 * (one->width * one->height + other->width * other->height);
}

void
stage_damage(struct stage *const stage, const struct box *const box)
{
  struct box *const damage = stage->damage;
  if (box->width <= 0.0 || box->height <= 0.0) {
    return;
  }
  for (unsigned i = 0; i < stage->damage_count; ++i) {
    if (are_near(&damage[i], box)) {
      damage[i] = join(&damage[i], box);
      return;
    }
  }
  if (stage->damage_count == STAGE_DAMAGES) {
    damage[0] = join(&damage[0], box);
    return;
  }
  damage[stage->damage_count++] = *box;
}

void
stage_damage_all(struct stage *const stage)
{
  stage->damage[0] = stage->size;
  stage->damage_count = 1;
}

/// The widget that paints all of `clip`, NULL if none does.
static struct widget *
cover_of(const struct stage *const stage, const struct box *const clip)
{
  struct widget *cover = NULL;
  for (struct widget *at = stage->root; at; at = widget_after(stage->root, at)) {
    cover = !at->is_hidden && box_holds(&at->opaque, clip) ? at : cover;
  }
  return cover;
}

void
stage_draw(struct stage *const stage, struct painter *const painter, const struct box *const clip)
{
  cairo_t *const cairo = painter->cairo;
  cairo_save(cairo);
  cairo_rectangle(cairo, clip->x, clip->y, clip->width, clip->height);
  cairo_clip(cairo);
  struct widget *const cover = cover_of(stage, clip);
  if (!cover) {
    theme_set(cairo, THEME_BACKGROUND);
    cairo_paint(cairo);
  }
  widget_draw(cover ? cover : stage->root, painter, clip);
  for (unsigned i = 0; i < stage->overlay_count; ++i) {
    widget_draw(stage->overlays[i].widget, painter, clip);
  }
  if (stage->tip.width > 0.0) {
    tip_draw(stage, painter);
  }
  cairo_restore(cairo);
}

/// The first widget in `widget` that the keyboard can get to, NULL if none.
static struct widget *
first_focusable(struct widget *const widget)
{
  for (struct widget *at = widget; at; at = widget_after(widget, at)) {
    if (at->is_focusable && !at->is_hidden && !at->is_disabled) {
      return at;
    }
  }
  return NULL;
}

bool
stage_open(struct stage *const stage,
           struct widget *const widget,
           struct box (*const place)(struct widget *widget, const struct stage *stage))
{
  if (stage->overlay_count == STAGE_OVERLAYS) {
    widget_free(widget);
    return false;
  }
  tip_hide(stage);
  struct overlay *const overlay = &stage->overlays[stage->overlay_count++];
  *overlay = (struct overlay){.widget = widget, .focus_before = stage->focus, .place = place};
  place_overlay(stage, overlay);
  stage_focus(stage, first_focusable(widget));
  widget_damage(widget);
  return true;
}

void
stage_close(struct stage *const stage, struct widget *const widget)
{
  bool is_above = false;
  for (unsigned i = 0; i < stage->overlay_count; ++i) {
    is_above = is_above || stage->overlays[i].widget == widget;
    stage->overlays[i].is_closed = stage->overlays[i].is_closed || is_above;
  }
}

void
overlays_settle(struct stage *const stage)
{
  while (stage->overlay_count > 0 && stage->overlays[stage->overlay_count - 1].is_closed) {
    const struct overlay overlay = stage->overlays[--stage->overlay_count];
    widget_damage(overlay.widget);
    stage->focus = NULL;
    struct widget *const before = overlay.focus_before;
    widget_free(overlay.widget);
    stage_focus(stage, before);
  }
}

struct widget *
stage_top(const struct stage *const stage)
{
  return stage->overlay_count > 0 ? stage->overlays[stage->overlay_count - 1].widget : NULL;
}

void
stage_forget(struct stage *const stage, const struct widget *const widget)
{
  if (stage->hover == widget) {
    stage->hover = NULL;
  }
  if (stage->grab == widget) {
    stage->grab = NULL;
  }
  if (stage->focus == widget) {
    stage->focus = NULL;
  }
  if (stage->pressed == widget) {
    stage->pressed = NULL;
  }
  if (stage->tip_of == widget) {
    tip_hide(stage);
  }
  for (unsigned i = 0; i < stage->overlay_count; ++i) {
    if (stage->overlays[i].focus_before == widget) {
      stage->overlays[i].focus_before = NULL;
    }
  }
}

struct box
stage_fit(const struct stage *const stage, struct box box)
{
  const double right = stage->size.width - THEME_GAP;
  const double bottom = stage->size.height - THEME_GAP;
  box.x = fmax(THEME_GAP, fmin(box.x, right - box.width));
  box.y = fmax(THEME_GAP, fmin(box.y, bottom - box.height));
  return box;
}
