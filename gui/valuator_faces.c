// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Knob, slider and number.

#include "paint.h"
#include "valuator.h"

#include <math.h>

static const double KNOB_SIZE = 46.0;
static const double KNOB_LINE = 4.0;
static const double KNOB_BEGIN = 0.75 * M_PI; ///< Of the way, clockwise from the right
static const double KNOB_WAY = 1.5 * M_PI;
static const double SLIDER_HEIGHT = 16.0;
static const double SLIDER_LINE = 4.0;
static const double SLIDER_THUMB = 6.0; ///< Radius
static const double SIDE = 4.0;         ///< Beside texts

static const struct port_description *
port_of(const struct valuator *const valuator)
{
  return &port_descriptions[valuator->port];
}

static float
now(const struct valuator *const valuator)
{
  return valuator->values->now[valuator->port];
}

/// Where the coloured part of the way begins: at 0 where the scale goes both ways.
static double
origin(const struct valuator *const valuator)
{
  return port_of(valuator)->minimum < 0.0F ? value_position(valuator->port, 0.0F) : 0.0;
}

/// The line of text at the top of the widget.
static struct box
label_box(const struct widget *const widget)
{
  return (struct box){widget->box.x, widget->box.y, widget->box.width, theme_line_height(FONT_SMALL)};
}

static void
draw_label(const struct valuator *const valuator, struct painter *const painter, const enum alignment alignment)
{
  const struct box box = label_box(&valuator->widget);
  const enum theme_colour colour = valuator->widget.is_disabled ? THEME_TEXT_OFF : THEME_TEXT_DIM;
  paint_text(painter, FONT_SMALL, colour, &box, alignment, port_of(valuator)->name);
}

static void
draw_value(const struct valuator *const valuator, struct painter *const painter, const enum alignment alignment)
{
  char text[VALUE_TEXT];
  value_format(valuator->port, now(valuator), text);
  const struct box box = valuator_value_box(valuator);
  const enum theme_colour colour = valuator->widget.is_disabled ? THEME_TEXT_OFF : THEME_TEXT;
  paint_text(painter, FONT_SMALL, colour, &box, alignment, text);
}

static double
knob_min_width(struct widget *const widget, cairo_t *const gauge)
{
  struct valuator *const valuator = (struct valuator *)widget;
  const double label = ceil(theme_text_width(gauge, FONT_SMALL, port_of(valuator)->name));
  return fmax(fmax(label, valuator_value_width(valuator, gauge)), KNOB_SIZE) + SIDE;
}

static double
knob_height(struct widget *const widget, const double width)
{
  (void)widget;
  (void)width;
  return 2.0 * theme_line_height(FONT_SMALL) + KNOB_SIZE + THEME_UNIT;
}

/// Draw a part of the knob's way, from and to positions of values.
static void
draw_way(cairo_t *const cairo, const double x, const double y, const double from, const double to)
{
  const double begin = KNOB_BEGIN + KNOB_WAY * fmin(from, to);
  const double end = KNOB_BEGIN + KNOB_WAY * fmax(from, to);
  cairo_new_path(cairo);
  cairo_arc(cairo, x, y, (KNOB_SIZE - KNOB_LINE) / 2.0, begin, end);
  cairo_stroke(cairo);
}

static void
draw_cap(
    const struct valuator *const valuator, cairo_t *const cairo, const double x, const double y, const double position)
{
  const double radius = KNOB_SIZE / 2.0 - KNOB_LINE - 3.0;
  const double angle = KNOB_BEGIN + KNOB_WAY * position;
  const bool is_lit = widget_is_hovered(&valuator->widget) || valuator->is_dragged;
  cairo_new_path(cairo);
  cairo_arc(cairo, x, y, radius, 0.0, 2.0 * M_PI);
  theme_set(cairo, is_lit ? THEME_BUTTON_HOVER : THEME_BUTTON);
  cairo_fill(cairo);
  cairo_move_to(cairo, x + cos(angle) * radius * 0.35, y + sin(angle) * radius * 0.35);
  cairo_line_to(cairo, x + cos(angle) * radius * 0.9, y + sin(angle) * radius * 0.9);
  theme_set(cairo, valuator->widget.is_disabled ? THEME_TEXT_OFF : THEME_TEXT);
  cairo_set_line_width(cairo, 2.0);
  cairo_stroke(cairo);
}

static void
knob_draw(struct widget *const widget, struct painter *const painter)
{
  const struct valuator *const valuator = (const struct valuator *)widget;
  cairo_t *const cairo = painter->cairo;
  const double x = widget->box.x + widget->box.width / 2.0;
  const double y = widget->box.y + theme_line_height(FONT_SMALL) + KNOB_SIZE / 2.0 + 2.0;
  const double position = value_position(valuator->port, now(valuator));
  draw_label(valuator, painter, ALIGN_CENTRE);
  cairo_set_line_cap(cairo, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_width(cairo, KNOB_LINE);
  theme_set(cairo, THEME_TRACK);
  draw_way(cairo, x, y, 0.0, 1.0);
  if (!widget->is_disabled && fabs(position - origin(valuator)) > 1e-6) {
    theme_set(cairo, THEME_ACCENT);
    draw_way(cairo, x, y, origin(valuator), position);
  }
  draw_cap(valuator, cairo, x, y, position);
  draw_value(valuator, painter, ALIGN_CENTRE);
  if (widget_shows_focus(widget)) {
    const struct box ring = {x - KNOB_SIZE / 2.0 - 2.0, y - KNOB_SIZE / 2.0 - 2.0, KNOB_SIZE + 4.0, KNOB_SIZE + 4.0};
    paint_focus(painter, &ring);
  }
}

static double
slider_min_width(struct widget *const widget, cairo_t *const gauge)
{
  struct valuator *const valuator = (struct valuator *)widget;
  return ceil(theme_text_width(gauge, FONT_SMALL, port_of(valuator)->name)) + 3.0 * SIDE +
         valuator_value_width(valuator, gauge);
}

static double
slider_height(struct widget *const widget, const double width)
{
  (void)widget;
  (void)width;
  return theme_line_height(FONT_SMALL) + SLIDER_HEIGHT + 2.0;
}

static void
slider_draw(struct widget *const widget, struct painter *const painter)
{
  const struct valuator *const valuator = (const struct valuator *)widget;
  cairo_t *const cairo = painter->cairo;
  const double left = widget->box.x + SLIDER_THUMB;
  const double way = widget->box.width - 2.0 * SLIDER_THUMB;
  const double y = widget->box.y + theme_line_height(FONT_SMALL) + SLIDER_HEIGHT / 2.0 + 1.0;
  const double x = left + way * value_position(valuator->port, now(valuator));
  draw_label(valuator, painter, ALIGN_LEFT);
  draw_value(valuator, painter, ALIGN_RIGHT);
  cairo_set_line_cap(cairo, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_width(cairo, SLIDER_LINE);
  cairo_move_to(cairo, left, y);
  cairo_line_to(cairo, left + way, y);
  theme_set(cairo, THEME_TRACK);
  cairo_stroke(cairo);
  cairo_move_to(cairo, left + way * origin(valuator), y);
  cairo_line_to(cairo, x, y);
  theme_set(cairo, widget->is_disabled ? THEME_TRACK : THEME_ACCENT);
  cairo_stroke(cairo);
  cairo_arc(cairo, x, y, SLIDER_THUMB, 0.0, 2.0 * M_PI);
  theme_set(cairo, widget->is_disabled ? THEME_TEXT_OFF : THEME_TEXT);
  cairo_fill(cairo);
  if (widget_shows_focus(widget)) {
    const struct box ring = {widget->box.x, y - SLIDER_HEIGHT / 2.0, widget->box.width, SLIDER_HEIGHT};
    paint_focus(painter, &ring);
  }
}

static double
number_min_width(struct widget *const widget, cairo_t *const gauge)
{
  struct valuator *const valuator = (struct valuator *)widget;
  const double label = ceil(theme_text_width(gauge, FONT_SMALL, port_of(valuator)->name));
  return fmax(label, valuator_value_width(valuator, gauge) + 2.0 * THEME_GAP);
}

static double
number_height(struct widget *const widget, const double width)
{
  (void)widget;
  (void)width;
  return theme_line_height(FONT_SMALL) + 2.0 + THEME_ROW;
}

static void
number_draw(struct widget *const widget, struct painter *const painter)
{
  const struct valuator *const valuator = (const struct valuator *)widget;
  struct box well = widget->box;
  well.y += theme_line_height(FONT_SMALL) + 2.0;
  well.height = THEME_ROW;
  draw_label(valuator, painter, ALIGN_LEFT);
  paint_well(painter, &well);
  if (widget_is_hovered(widget) || valuator->is_dragged) {
    paint_edge(painter, &well, THEME_TRACK, THEME_RADIUS);
  }
  draw_value(valuator, painter, ALIGN_CENTRE);
  if (widget_shows_focus(widget)) {
    paint_focus(painter, &well);
  }
}

static const struct widget_class knob_class = {
    .min_width = knob_min_width,
    .height = knob_height,
    .draw = knob_draw,
    .input = valuator_input,
};

static const struct widget_class slider_class = {
    .min_width = slider_min_width,
    .height = slider_height,
    .draw = slider_draw,
    .input = valuator_input,
};

static const struct widget_class number_class = {
    .min_width = number_min_width,
    .height = number_height,
    .draw = number_draw,
    .input = valuator_input,
};

struct box
valuator_value_box(const struct valuator *const valuator)
{
  const struct box *const box = &valuator->widget.box;
  const double line = theme_line_height(FONT_SMALL);
  if (valuator->widget.class == &slider_class) {
    return (struct box){box->x + box->width - valuator->value_width, box->y, valuator->value_width, line};
  }
  if (valuator->widget.class == &knob_class) {
    return (struct box){box->x, box->y + line + KNOB_SIZE + THEME_UNIT, box->width, line};
  }
  return (struct box){box->x, box->y + line + 2.0, box->width, THEME_ROW};
}

static struct widget *
valuator_new(const struct widget_class *const class, struct values *const values, const enum port_index port)
{
  struct widget *const widget = widget_new(sizeof(struct valuator), class, port_descriptions[port].symbol);
  struct valuator *const valuator = (struct valuator *)widget;
  valuator->values = values;
  valuator->port = port;
  widget->is_focusable = true;
  widget->tip = port_descriptions[port].comment;
  return widget;
}

struct widget *
knob_new(struct values *const values, const enum port_index port)
{
  return valuator_new(&knob_class, values, port);
}

struct widget *
slider_new(struct values *const values, const enum port_index port)
{
  return valuator_new(&slider_class, values, port);
}

struct widget *
number_new(struct values *const values, const enum port_index port)
{
  return valuator_new(&number_class, values, port);
}
