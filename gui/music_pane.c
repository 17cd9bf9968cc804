// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The roll in the window.

#include "music_pane.h"

#include "menu.h"
#include "paint.h"
#include "stage.h"

#include <stdio.h>

enum {
  FRAME = 30, ///< Milliseconds at least between two pictures
  TIP_SIZE = 160,
  FOLLOW = 100, ///< In the menu, beside the actions
};

static const double SCROLL_PIXELS = 80.0;
static const double SIDES = 50.0; ///< There are keyboard and meter, which leave some of it unpainted
static const double ZOOM_STEP = 1.2;
static const uint32_t ALL_BARS = 1U << 24U;

struct pane {
  struct widget widget;
  const struct roll_model *model;
  struct roll_view *view;
  void (*act)(void *handle, enum bar_action action, uint32_t first, uint32_t end);
  void *handle;
  uint32_t drawn_at;       ///< When the picture was last brought up to date
  uint32_t model_revision; ///< As of then
  uint32_t moment_revision;
  bool is_late;         ///< Something has happened since
  int32_t pressed_bar;  ///< Where a choice of bars began; -1: nowhere
  int32_t first, count; ///< The bars chosen
  double drag_x;        ///< Where the pointer was, while it scrolls
  bool is_scrolling;    ///< The middle button is down
  char tip[TIP_SIZE];
};

static struct pane *
pane_of(struct widget *const widget)
{
  return (struct pane *)widget;
}

/// Have drawn what the view says has changed.
static void
take_damage(struct pane *const pane)
{
  struct roll_rect rects[ROLL_VIEW_DAMAGES];
  const uint32_t count = roll_view_damage(pane->view, rects);
  for (uint32_t i = 0; i < count && pane->widget.stage; ++i) {
    const struct box box = {pane->widget.box.x + rects[i].x, pane->widget.box.y + rects[i].y, rects[i].width,
                            rects[i].height};
    stage_damage(pane->widget.stage, &box);
  }
}

void
music_pane_tick(struct widget *const widget, const uint32_t now)
{
  struct pane *const pane = pane_of(widget);
  const uint32_t model_revision = roll_model_revision(pane->model);
  const uint32_t moment_revision = roll_model_moment_revision(pane->model);
  pane->is_late = pane->is_late || model_revision != pane->model_revision || moment_revision != pane->moment_revision ||
                  roll_view_is_moving(pane->view);
  if (!pane->is_late || now - pane->drawn_at < FRAME) {
    return;
  }
  pane->is_late = false;
  pane->drawn_at = now;
  pane->model_revision = model_revision;
  pane->moment_revision = moment_revision;
  roll_view_advance(pane->view, (double)now / 1000.0);
  take_damage(pane);
}

static double
pane_min_width(struct widget *const widget, cairo_t *const gauge)
{
  (void)widget;
  (void)gauge;
  return ROLL_VIEW_WIDTH_LEAST;
}

static double
pane_height(struct widget *const widget, const double width)
{
  (void)widget;
  (void)width;
  return ROLL_VIEW_HEIGHT_LEAST;
}

static void
pane_arrange(struct widget *const widget)
{
  struct pane *const pane = pane_of(widget);
  roll_view_resize(pane->view, widget->box.width, widget->box.height);
  widget->opaque = widget->box;
  widget->opaque.x += SIDES;
  widget->opaque.width -= 2.0 * SIDES;
  pane->is_late = true;
}

static void
pane_draw(struct widget *const widget, struct painter *const painter)
{
  cairo_t *const cairo = painter->cairo;
  cairo_rectangle(cairo, widget->box.x, widget->box.y, widget->box.width, widget->box.height);
  cairo_clip(cairo);
  cairo_translate(cairo, widget->box.x, widget->box.y);
  roll_view_draw(pane_of(widget)->view, cairo);
  if (widget_shows_focus(widget)) {
    const struct box box = {0.0, 0.0, widget->box.width, widget->box.height};
    paint_focus(painter, &box);
  }
}

static void
pane_destroy(struct widget *const widget)
{
  roll_view_free(pane_of(widget)->view);
}

/// Something other than the model has changed: look at it with the next frame.
static bool
touch(struct pane *const pane)
{
  pane->is_late = true;
  take_damage(pane);
  return true;
}

static int32_t
bar_at(const struct pane *const pane, const struct input *const input)
{
  return roll_view_bar_at(pane->view, input->x - pane->widget.box.x, input->y - pane->widget.box.y);
}

static void
choose(struct pane *const pane, const int32_t first, const int32_t count)
{
  pane->first = first;
  pane->count = count;
  roll_view_choose_bars(pane->view, first, count);
}

/// Whether all bars chosen that are there are locked.
static bool
are_locked(const struct pane *const pane)
{
  bool is_any = false;
  for (int32_t bar = pane->first; bar < pane->first + pane->count; ++bar) {
    const struct roll_bar *const there = roll_model_bar(pane->model, bar);
    if (there && !(there->flags & BAR_IS_LOCKED)) {
      return false;
    }
    is_any = is_any || there;
  }
  return is_any;
}

static void
do_action(void *const handle, const int value)
{
  struct pane *const pane = handle;
  if (value == FOLLOW) {
    roll_view_follow(pane->view, true);
  } else if (value < 0) { // All bars
    pane->act(pane->handle, (enum bar_action)(-1 - value), 0, ALL_BARS);
  } else {
    pane->act(pane->handle, (enum bar_action)value, (uint32_t)pane->first, (uint32_t)(pane->first + pane->count));
  }
  choose(pane, 0, 0);
  touch(pane);
}

/// Write what the menu says of the bars chosen.
static void
label_bars(const struct pane *const pane, const char *const action, char label[MENU_LABEL])
{
  const int32_t first = roll_model_host_bar(pane->model, pane->first);
  const int32_t last = roll_model_host_bar(pane->model, pane->first + pane->count - 1);
  const int32_t from = first > 0 ? first : pane->first + 1;
  if (pane->count > 1 && last != from) {
    snprintf(label, MENU_LABEL, "%s bars %d to %d", action, (int)from,
             (int)(last > 0 ? last : pane->first + pane->count));
  } else {
    snprintf(label, MENU_LABEL, "%s bar %d", action, (int)from);
  }
}

/// Offer what can be done with the bars chosen.
static void
open_menu(struct pane *const pane, const struct input *const input)
{
  const bool is_locked = are_locked(pane);
  struct menu_item items[5] = {
      {.value = is_locked ? BARS_UNLOCK : BARS_LOCK},
      {.value = BARS_REGENERATE, .is_dim = is_locked},
      {.label = "Lock all bars", .value = -1 - BARS_LOCK, .is_divided = true},
      {.label = "Unlock all bars", .value = -1 - BARS_UNLOCK},
      {.label = "Follow the playhead", .value = FOLLOW, .is_divided = true},
  };
  label_bars(pane, is_locked ? "Unlock" : "Lock", items[0].label);
  label_bars(pane, "Regenerate", items[1].label);
  const struct box anchor = {input->x, input->y, 0.0, 0.0};
  menu_open(pane->widget.stage, &anchor, items, roll_view_is_following(pane->view) ? 4 : 5, do_action, pane);
}

static bool
press(struct pane *const pane, const struct input *const input)
{
  const int32_t bar = bar_at(pane, input);
  if (input->button == BUTTON_MIDDLE) {
    pane->is_scrolling = true;
    pane->drag_x = input->x;
  } else if (bar >= 0) {
    pane->pressed_bar = bar;
    choose(pane, bar, 1);
  }
  return touch(pane);
}

static bool
move(struct pane *const pane, const struct input *const input)
{
  const double x = input->x - pane->widget.box.x;
  const double y = input->y - pane->widget.box.y;
  const int32_t bar = roll_view_bar_at(pane->view, x, y);
  if (pane->is_scrolling) {
    roll_view_scroll(pane->view, pane->drag_x - input->x);
    pane->drag_x = input->x;
  } else if (pane->pressed_bar >= 0 && bar >= 0) {
    const int32_t first = bar < pane->pressed_bar ? bar : pane->pressed_bar;
    choose(pane, first, bar + pane->pressed_bar - 2 * first + 1);
  }
  roll_view_hover(pane->view, x, y);
  roll_view_describe(pane->view, x, y, pane->tip, sizeof pane->tip);
  pane->widget.tip = pane->tip[0] ? pane->tip : NULL;
  return touch(pane);
}

static bool
lift(struct pane *const pane, const struct input *const input)
{
  pane->is_scrolling = false;
  if (pane->pressed_bar >= 0) {
    pane->pressed_bar = -1;
    open_menu(pane, input);
  }
  return touch(pane);
}

static bool
scroll(struct pane *const pane, const struct input *const input)
{
  if (input->modifiers & INPUT_CONTROL) {
    const double factor = input->scroll > 0.0 ? ZOOM_STEP : 1.0 / ZOOM_STEP;
    roll_view_zoom(pane->view, factor, input->x - pane->widget.box.x);
  } else {
    roll_view_scroll(pane->view, -input->scroll * SCROLL_PIXELS);
  }
  return touch(pane);
}

static bool
key(struct pane *const pane, const struct input *const input)
{
  const double middle = pane->widget.box.width / 2.0;
  switch (input->key) {
  case KEY_LEFT:
    roll_view_scroll(pane->view, -SCROLL_PIXELS);
    return touch(pane);
  case KEY_RIGHT:
    roll_view_scroll(pane->view, SCROLL_PIXELS);
    return touch(pane);
  case KEY_UP:
    roll_view_zoom(pane->view, ZOOM_STEP, middle);
    return touch(pane);
  case KEY_DOWN:
    roll_view_zoom(pane->view, 1.0 / ZOOM_STEP, middle);
    return touch(pane);
  case KEY_HOME:
  case KEY_END:
    roll_view_follow(pane->view, true);
    return touch(pane);
  case KEY_ENTER: {
    const int32_t bar = roll_model_moment(pane->model)->bar;
    const struct input place = {.x = pane->widget.box.x + middle, .y = pane->widget.box.y + THEME_ROW};
    choose(pane, bar < 0 ? 0 : bar, 1);
    open_menu(pane, &place);
    return touch(pane);
  }
  default:
    return false;
  }
}

static bool
pane_input(struct widget *const widget, const struct input *const input)
{
  struct pane *const pane = pane_of(widget);
  switch (input->kind) {
  case INPUT_PRESS:
    return press(pane, input);
  case INPUT_MOVE:
    return move(pane, input);
  case INPUT_RELEASE:
    return lift(pane, input);
  case INPUT_SCROLL:
    return scroll(pane, input);
  case INPUT_KEY:
    return key(pane, input);
  default:
    return false;
  }
}

static void
pane_notice(struct widget *const widget, const enum widget_notice notice)
{
  struct pane *const pane = pane_of(widget);
  if (notice == NOTICE_LEAVE) {
    roll_view_hover(pane->view, -1.0, -1.0);
    touch(pane);
  } else if (notice == NOTICE_FOCUS || notice == NOTICE_BLUR) {
    widget_damage(widget);
  }
}

static const struct widget_class pane_class = {
    .min_width = pane_min_width,
    .height = pane_height,
    .arrange = pane_arrange,
    .draw = pane_draw,
    .input = pane_input,
    .destroy = pane_destroy,
    .notice = pane_notice,
};

struct widget *
music_pane_new(const char *const name,
               const struct roll_model *const model,
               void (*const act)(void *handle, enum bar_action action, uint32_t first, uint32_t end),
               void *const handle)
{
  struct widget *const widget = widget_new(sizeof(struct pane), &pane_class, name);
  struct pane *const pane = pane_of(widget);
  pane->model = model;
  pane->view = roll_view_new(model);
  pane->act = act;
  pane->handle = handle;
  pane->pressed_bar = -1;
  widget->is_focusable = true;
  return widget;
}

struct roll_view *
music_pane_view(struct widget *const widget)
{
  return pane_of(widget)->view;
}
