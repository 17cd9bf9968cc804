// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Switches.

#include "button.h"

#include <math.h>

static const double SWITCH_WIDTH = 28.0;
static const double SWITCH_HEIGHT = 16.0;
static const double SWITCH_INSET = 3.0;

struct toggle {
  struct widget widget;
  struct values *values;
  enum port_index port;
};

static double
switch_min_width(struct widget *const widget, cairo_t *const gauge)
{
  const struct toggle *const toggle = (const struct toggle *)widget;
  return ceil(theme_text_width(gauge, FONT_SMALL, port_descriptions[toggle->port].name)) + SWITCH_WIDTH + THEME_GAP +
         4.0;
}

static double
switch_height(struct widget *const widget, const double width)
{
  (void)widget;
  (void)width;
  return THEME_ROW;
}

static void
switch_draw(struct widget *const widget, struct painter *const painter)
{
  const struct toggle *const toggle = (const struct toggle *)widget;
  const bool is_on = toggle->values->now[toggle->port] > 0.0F;
  const struct box way = {widget->box.x + 2.0, widget->box.y + (widget->box.height - SWITCH_HEIGHT) / 2.0, SWITCH_WIDTH,
                          SWITCH_HEIGHT};
  const double radius = SWITCH_HEIGHT / 2.0 - SWITCH_INSET;
  const double x = is_on ? way.x + way.width - SWITCH_INSET - radius : way.x + SWITCH_INSET + radius;
  const bool is_hovered = widget_is_hovered(widget);
  theme_rounded(painter->cairo, way.x, way.y, way.width, way.height, SWITCH_HEIGHT / 2.0);
  theme_set(painter->cairo, is_on && !widget->is_disabled ? THEME_ACCENT
                            : is_hovered                  ? THEME_BUTTON_HOVER
                                                          : THEME_TRACK);
  cairo_fill(painter->cairo);
  cairo_arc(painter->cairo, x, way.y + SWITCH_HEIGHT / 2.0, radius, 0.0, 2.0 * M_PI);
  theme_set(painter->cairo, is_on ? THEME_TEXT_ON_ACCENT : widget->is_disabled ? THEME_TEXT_OFF : THEME_TEXT);
  cairo_fill(painter->cairo);
  const double left = way.x + way.width + THEME_GAP;
  const struct box text = {left, widget->box.y, widget->box.x + widget->box.width - left, widget->box.height};
  paint_text(painter, FONT_SMALL, widget->is_disabled ? THEME_TEXT_OFF : THEME_TEXT, &text, ALIGN_LEFT,
             port_descriptions[toggle->port].name);
  if (widget_shows_focus(widget)) {
    paint_focus(painter, &widget->box);
  }
}

static void
turn(struct toggle *const toggle)
{
  values_change(toggle->values, toggle->port, toggle->values->now[toggle->port] > 0.0F ? 0.0F : 1.0F);
}

static bool
switch_input(struct widget *const widget, const struct input *const input)
{
  struct toggle *const toggle = (struct toggle *)widget;
  switch (input->kind) {
  case INPUT_PRESS:
    return input->button == BUTTON_LEFT;
  case INPUT_RELEASE:
    if (box_has(&widget->box, input->x, input->y)) {
      turn(toggle);
    }
    return true;
  case INPUT_SCROLL:
    values_change(toggle->values, toggle->port, input->scroll > 0.0 ? 1.0F : 0.0F);
    return true;
  case INPUT_KEY:
    if (input->key == KEY_ENTER || (input->key == KEY_TEXT && input->text[0] == ' ' && !input->modifiers)) {
      turn(toggle);
      return true;
    }
    return false;
  default:
    return false;
  }
}

static const struct widget_class switch_class = {
    .min_width = switch_min_width,
    .height = switch_height,
    .draw = switch_draw,
    .input = switch_input,
};

struct widget *
switch_new(struct values *const values, const enum port_index port)
{
  struct widget *const widget = widget_new(sizeof(struct toggle), &switch_class, port_descriptions[port].symbol);
  struct toggle *const toggle = (struct toggle *)widget;
  toggle->values = values;
  toggle->port = port;
  widget->is_focusable = true;
  widget->tip = port_descriptions[port].comment;
  return widget;
}
