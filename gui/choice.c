// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Drop-downs.

#include "choice.h"

#include "paint.h"
#include "points.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double TEXT_SIDE = 8.0;
static const double ARROW_WIDTH = 18.0;
static const double LABEL_GAP = 2.0;

enum { PICKER_TEXT = 256 };

struct picker {
  struct widget widget;
  const char *label;
  const char *room;
  char text[PICKER_TEXT];
  void (*open)(void *handle, struct widget *picker);
  void *handle;
  struct values *values; ///< Of a choice; otherwise NULL
  enum port_index port;
  uint64_t useful;
};

static double
label_height(void)
{
  return theme_line_height(FONT_SMALL) + LABEL_GAP;
}

struct box
picker_anchor(const struct widget *const widget)
{
  return (struct box){widget->box.x, widget->box.y + label_height(), widget->box.width, THEME_ROW};
}

/// The value chosen; its name.
static int
chosen(const struct picker *const picker)
{
  return (int)picker->values->now[picker->port];
}

static const char *
text_of(const struct picker *const picker, char text[VALUE_TEXT])
{
  if (!picker->values) {
    return picker->text;
  }
  value_format(picker->port, picker->values->now[picker->port], text);
  return text;
}

static double
picker_min_width(struct widget *const widget, cairo_t *const gauge)
{
  const struct picker *const picker = (const struct picker *)widget;
  double width = picker->room ? theme_text_width(gauge, FONT_NORMAL, picker->room) : 0.0;
  const enum port_points points = picker->values ? port_descriptions[picker->port].points : POINTS_NONE;
  for (unsigned i = 0; i < point_count(points); ++i) {
    width = fmax(width, theme_text_width(gauge, FONT_NORMAL, point_name(points, i)));
  }
  const double label = theme_text_width(gauge, FONT_SMALL, picker->label);
  return ceil(fmax(label, width + TEXT_SIDE + ARROW_WIDTH)) + 1.0;
}

static double
picker_height(struct widget *const widget, const double width)
{
  (void)widget;
  (void)width;
  return label_height() + THEME_ROW;
}

static void
picker_draw(struct widget *const widget, struct painter *const painter)
{
  const struct picker *const picker = (const struct picker *)widget;
  const struct box label = {widget->box.x, widget->box.y, widget->box.width, theme_line_height(FONT_SMALL)};
  const struct box face = picker_anchor(widget);
  const struct box inside = {face.x + TEXT_SIDE, face.y, face.width - TEXT_SIDE - ARROW_WIDTH, face.height};
  const enum theme_colour ink = widget->is_disabled ? THEME_TEXT_OFF : THEME_TEXT;
  char text[VALUE_TEXT];
  paint_text(painter, FONT_SMALL, THEME_TEXT_DIM, &label, ALIGN_LEFT, picker->label);
  paint_box(painter, &face, widget_is_hovered(widget) ? THEME_BUTTON_HOVER : THEME_BUTTON);
  const unsigned cut = painter->cut_texts;
  paint_text(painter, FONT_NORMAL, ink, &inside, ALIGN_LEFT, text_of(picker, text));
  if (!picker->values) {
    painter->cut_texts = cut; // Titles of weights are as long as they are; the tooltip has them whole
  }
  theme_set(painter->cairo, widget->is_disabled ? THEME_TEXT_OFF : THEME_TEXT_DIM);
  paint_icon(painter, ICON_DOWN, face.x + face.width - ARROW_WIDTH / 2.0, face.y + face.height / 2.0, 11.0);
  if (widget_shows_focus(widget)) {
    paint_focus(painter, &face);
  }
}

static void
choose(void *const handle, const int value)
{
  struct picker *const picker = handle;
  values_change(picker->values, picker->port, (float)value);
}

/// Open the menu of a port's values.
static void
open_values(void *const handle, struct widget *const widget)
{
  (void)handle;
  struct picker *const picker = (struct picker *)widget;
  struct menu_item items[64];
  const enum port_points points = port_descriptions[picker->port].points;
  unsigned count = point_count(points);
  count = count < 64 ? count : 64;
  for (unsigned i = 0; i < count; ++i) {
    items[i] = (struct menu_item){.value = (int)i, .is_chosen = chosen(picker) == (int)i};
    items[i].is_dim = (picker->useful >> i & 1U) == 0;
    snprintf(items[i].label, sizeof items[i].label, "%s", point_name(points, i));
  }
  const struct box anchor = picker_anchor(widget);
  menu_open(widget->stage, &anchor, items, count, choose, picker);
}

static bool
picker_input(struct widget *const widget, const struct input *const input)
{
  struct picker *const picker = (struct picker *)widget;
  switch (input->kind) {
  case INPUT_PRESS:
    if (input->button != BUTTON_LEFT && input->button != BUTTON_RIGHT) {
      return false;
    }
    picker->open(picker->handle, widget);
    return true;
  case INPUT_SCROLL:
    if (picker->values) {
      values_change(picker->values, picker->port, (float)(chosen(picker) - (input->scroll > 0.0 ? 1 : -1)));
    }
    return true;
  case INPUT_KEY:
    if (input->key == KEY_ENTER || input->key == KEY_DOWN || (input->key == KEY_TEXT && input->text[0] == ' ')) {
      picker->open(picker->handle, widget);
      return true;
    }
    if (picker->values && (input->key == KEY_DELETE || input->key == KEY_BACKSPACE)) {
      values_change(picker->values, picker->port, port_descriptions[picker->port].normal);
      return true;
    }
    return false;
  default:
    return false;
  }
}

static const struct widget_class picker_class = {
    .min_width = picker_min_width,
    .height = picker_height,
    .draw = picker_draw,
    .input = picker_input,
};

struct widget *
picker_new(const char *const name,
           const char *const label,
           const char *const room,
           void (*const open)(void *handle, struct widget *picker),
           void *const handle)
{
  struct widget *const widget = widget_new(sizeof(struct picker), &picker_class, name);
  struct picker *const picker = (struct picker *)widget;
  picker->label = label;
  picker->room = room;
  picker->open = open;
  picker->handle = handle;
  picker->useful = UINT64_MAX;
  widget->is_focusable = true;
  return widget;
}

struct widget *
choice_new(struct values *const values, const enum port_index port)
{
  const struct port_description *const description = &port_descriptions[port];
  struct widget *const widget = picker_new(description->symbol, description->name, NULL, open_values, NULL);
  struct picker *const picker = (struct picker *)widget;
  picker->values = values;
  picker->port = port;
  widget->tip = description->comment;
  return widget;
}

void
choice_set_useful(struct widget *const widget, const uint64_t useful)
{
  ((struct picker *)widget)->useful = useful;
}

void
picker_set_text(struct widget *const widget, const char *const text)
{
  struct picker *const picker = (struct picker *)widget;
  if (strcmp(picker->text, text) != 0) {
    snprintf(picker->text, sizeof picker->text, "%s", text);
    widget_damage(widget);
  }
}
