// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Buttons.

#include "button.h"

#include "stage.h"

#include <math.h>

static const double BIG_HEIGHT = 40.0;
static const double ICON_SIZE = 13.0;
static const double BIG_ICON_SIZE = 18.0;
static const double ICON_GAP = 7.0;
static const double SIDE = 10.0;

struct button {
  struct widget widget;
  enum icon icon;
  const char *text;
  bool is_big;
  bool is_on;
  void (*press)(void *handle);
  void *handle;
  struct values *values; ///< Of a button for a port; otherwise NULL
  enum port_index port;
  const char *text_on; ///< As well
};

static bool
is_on(const struct button *const button)
{
  return button->values ? button->values->now[button->port] > 0.0F : button->is_on;
}

static const char *
text_of(const struct button *const button)
{
  return button->values && is_on(button) ? button->text_on : button->text;
}

static enum theme_font
font_of(const struct button *const button)
{
  return button->is_big ? FONT_STRONG : FONT_NORMAL;
}

static double
icon_size(const struct button *const button)
{
  return button->is_big ? BIG_ICON_SIZE : ICON_SIZE;
}

/// Width of icon and text.
static double
content_width(const struct button *const button, cairo_t *const cairo, const char *const text)
{
  const double icon = button->icon != ICON_NONE ? icon_size(button) : 0.0;
  const double gap = button->icon != ICON_NONE && text ? ICON_GAP : 0.0;
  return icon + gap + (text ? theme_text_width(cairo, font_of(button), text) : 0.0);
}

static double
button_min_width(struct widget *const widget, cairo_t *const gauge)
{
  const struct button *const button = (const struct button *)widget;
  double width = content_width(button, gauge, button->text);
  if (button->text_on) {
    width = fmax(width, content_width(button, gauge, button->text_on));
  }
  const double side = button->is_big ? SIDE + THEME_UNIT : button->text ? SIDE : 5.0;
  return ceil(width + 2.0 * side);
}

static double
button_height(struct widget *const widget, const double width)
{
  (void)width;
  return ((const struct button *)widget)->is_big ? BIG_HEIGHT : THEME_ROW;
}

static void
button_draw(struct widget *const widget, struct painter *const painter)
{
  const struct button *const button = (const struct button *)widget;
  const char *const text = text_of(button);
  const enum theme_colour ink = widget->is_disabled ? THEME_TEXT_OFF
                                : is_on(button)     ? THEME_TEXT_ON_ACCENT
                                                    : THEME_TEXT;
  enum icon icon = button->icon;
  if (icon == ICON_LOCK && !is_on(button)) {
    icon = ICON_UNLOCK;
  }
  paint_button(painter, widget, is_on(button));
  const double width = fmin(content_width(button, painter->cairo, text), widget->box.width - 4.0);
  double x = widget->box.x + (widget->box.width - width) / 2.0;
  if (icon != ICON_NONE) {
    theme_set(painter->cairo, ink);
    paint_icon(painter, icon, x + icon_size(button) / 2.0, widget->box.y + widget->box.height / 2.0, icon_size(button));
    x += icon_size(button) + ICON_GAP;
  }
  if (text) {
    const struct box box = {x, widget->box.y, widget->box.x + widget->box.width - 2.0 - x, widget->box.height};
    paint_text(painter, font_of(button), ink, &box, ALIGN_LEFT, text);
  }
}

static void
activate(struct button *const button)
{
  if (button->values) {
    values_change(button->values, button->port, is_on(button) ? 0.0F : 1.0F);
  } else if (button->press) {
    button->press(button->handle);
  }
}

static bool
button_input(struct widget *const widget, const struct input *const input)
{
  struct button *const button = (struct button *)widget;
  switch (input->kind) {
  case INPUT_PRESS:
    return input->button == BUTTON_LEFT;
  case INPUT_RELEASE:
    if (box_has(&widget->box, input->x, input->y)) {
      activate(button);
    }
    return true;
  case INPUT_KEY:
    if (input->key == KEY_ENTER || (input->key == KEY_TEXT && input->text[0] == ' ' && !input->modifiers)) {
      activate(button);
      return true;
    }
    return false;
  default:
    return false;
  }
}

static const struct widget_class button_class = {
    .min_width = button_min_width,
    .height = button_height,
    .draw = button_draw,
    .input = button_input,
};

struct widget *
button_new(const char *const name,
           const enum icon icon,
           const char *const text,
           void (*const press)(void *handle),
           void *const handle)
{
  struct widget *const widget = widget_new(sizeof(struct button), &button_class, name);
  struct button *const button = (struct button *)widget;
  button->icon = icon;
  button->text = text;
  button->press = press;
  button->handle = handle;
  widget->is_focusable = true;
  return widget;
}

void
button_make_big(struct widget *const widget)
{
  ((struct button *)widget)->is_big = true;
}

void
button_set_text(struct widget *const widget, const char *const text)
{
  ((struct button *)widget)->text = text;
  widget_damage(widget);
}

void
button_set_on(struct widget *const widget, const bool on)
{
  struct button *const button = (struct button *)widget;
  if (button->is_on != on) {
    button->is_on = on;
    widget_damage(widget);
  }
}

struct widget *
lock_button_new(struct values *const values,
                const enum port_index port,
                const char *const text_off,
                const char *const text_on)
{
  struct widget *const widget = button_new(port_descriptions[port].symbol, ICON_LOCK, text_off, NULL, NULL);
  struct button *const button = (struct button *)widget;
  button->values = values;
  button->port = port;
  button->text_on = text_on;
  button->is_big = true;
  widget->tip = port_descriptions[port].comment;
  return widget;
}
