// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Texts and meters.

#include "label.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double METER_WIDTH = 56.0;
static const double METER_HEIGHT = 6.0;
static const float METER_MOST = 99999.0F; ///< More is shown as more than that

enum { LABEL_TEXT = 512 };

struct label {
  struct widget widget;
  enum theme_font font;
  enum theme_colour colour;
  bool is_elastic;
  char text[LABEL_TEXT];
};

static double
label_min_width(struct widget *const widget, cairo_t *const gauge)
{
  const struct label *const label = (const struct label *)widget;
  const char *const text = label->is_elastic ? "0000000000" : label->text;
  return ceil(theme_text_width(gauge, label->font, text));
}

static double
label_height(struct widget *const widget, const double width)
{
  (void)width;
  return theme_line_height(((const struct label *)widget)->font);
}

static void
label_draw(struct widget *const widget, struct painter *const painter)
{
  const struct label *const label = (const struct label *)widget;
  const unsigned cut = painter->cut_texts;
  paint_text(painter, label->font, label->colour, &widget->box, ALIGN_LEFT, label->text);
  if (label->is_elastic) {
    painter->cut_texts = cut;
  }
}

static const struct widget_class label_class = {
    .min_width = label_min_width,
    .height = label_height,
    .draw = label_draw,
};

struct widget *
label_new(const char *const name, const enum theme_font font, const enum theme_colour colour, const char *const text)
{
  struct widget *const widget = widget_new(sizeof(struct label), &label_class, name);
  struct label *const label = (struct label *)widget;
  label->font = font;
  label->colour = colour;
  label_set_text(widget, text);
  return widget;
}

void
label_make_elastic(struct widget *const widget)
{
  struct label *const label = (struct label *)widget;
  label->is_elastic = true;
  widget->stretch = 1.0;
  widget->tip = label->text;
}

void
label_set_text(struct widget *const widget, const char *const text)
{
  struct label *const label = (struct label *)widget;
  if (strcmp(label->text, text) != 0) {
    snprintf(label->text, sizeof label->text, "%s", text);
    widget_damage(widget);
  }
}

void
label_set_colour(struct widget *const widget, const enum theme_colour colour)
{
  struct label *const label = (struct label *)widget;
  if (label->colour != colour) {
    label->colour = colour;
    widget_damage(widget);
  }
}

const char *
label_text(const struct widget *const widget)
{
  return ((const struct label *)widget)->text;
}

struct paragraph {
  struct widget widget;
  enum theme_colour colour;
  double width;
  const char *text;
  cairo_t *gauge; ///< Of the last measurement
};

static double
paragraph_min_width(struct widget *const widget, cairo_t *const gauge)
{
  struct paragraph *const paragraph = (struct paragraph *)widget;
  paragraph->gauge = gauge;
  return paragraph->width;
}

static double
paragraph_height(struct widget *const widget, const double width)
{
  const struct paragraph *const paragraph = (const struct paragraph *)widget;
  double used = 0.0;
  return paint_paragraph_size(paragraph->gauge, FONT_NORMAL, width, paragraph->text, &used);
}

static void
paragraph_draw(struct widget *const widget, struct painter *const painter)
{
  const struct paragraph *const paragraph = (const struct paragraph *)widget;
  paint_paragraph(painter, FONT_NORMAL, paragraph->colour, &widget->box, paragraph->text);
}

static const struct widget_class paragraph_class = {
    .min_width = paragraph_min_width,
    .height = paragraph_height,
    .draw = paragraph_draw,
};

struct widget *
paragraph_new(const char *const name, const enum theme_colour colour, const double width, const char *const text)
{
  struct widget *const widget = widget_new(sizeof(struct paragraph), &paragraph_class, name);
  struct paragraph *const paragraph = (struct paragraph *)widget;
  paragraph->colour = colour;
  paragraph->width = width;
  paragraph->text = text;
  return widget;
}

struct meter {
  struct widget widget;
  struct values *values;
  enum port_index port;
};

static bool
is_share(const struct meter *const meter)
{
  return port_descriptions[meter->port].unit == UNIT_PERCENT;
}

/// Whether its text should be noticed: something goes wrong.
static bool
is_alarming(const struct meter *const meter)
{
  return meter->port == PORT_LATE && meter->values->now[meter->port] > 0.0F;
}

static void
meter_text(const struct meter *const meter, const float value, char text[VALUE_TEXT])
{
  const char *const end = is_share(meter) ? " %" : value > METER_MOST ? "+" : "";
  snprintf(text, VALUE_TEXT, "%s %.0f%s", port_descriptions[meter->port].name, (double)fminf(value, METER_MOST), end);
}

static double
meter_min_width(struct widget *const widget, cairo_t *const gauge)
{
  const struct meter *const meter = (const struct meter *)widget;
  char text[VALUE_TEXT];
  meter_text(meter, is_share(meter) ? 100.0F : METER_MOST + 1.0F, text);
  const double bar = is_share(meter) ? METER_WIDTH + THEME_GAP : 0.0;
  return ceil(theme_text_width(gauge, FONT_SMALL, text)) + bar;
}

static double
meter_height(struct widget *const widget, const double width)
{
  (void)widget;
  (void)width;
  return theme_line_height(FONT_NORMAL);
}

static void
draw_bar(const struct widget *const widget, struct painter *const painter, const double share)
{
  cairo_t *const cairo = painter->cairo;
  const double x = widget->box.x + widget->box.width - METER_WIDTH;
  const double y = widget->box.y + (widget->box.height - METER_HEIGHT) / 2.0;
  const double inside = fmax(0.0, fmin(1.0, share));
  theme_rounded(cairo, x, y, METER_WIDTH, METER_HEIGHT, METER_HEIGHT / 2.0);
  theme_set(cairo, THEME_WELL);
  cairo_fill_preserve(cairo);
  cairo_clip(cairo);
  cairo_rectangle(cairo, x, y, METER_WIDTH * inside, METER_HEIGHT);
  theme_set(cairo, inside < 0.8 ? THEME_GOOD : inside < 0.97 ? THEME_WARNING : THEME_ERROR);
  cairo_fill(cairo);
}

static void
meter_draw(struct widget *const widget, struct painter *const painter)
{
  const struct meter *const meter = (const struct meter *)widget;
  const float value = meter->values->now[meter->port];
  char text[VALUE_TEXT];
  meter_text(meter, value, text);
  struct box box = widget->box;
  box.width -= is_share(meter) ? METER_WIDTH + THEME_GAP : 0.0;
  paint_text(painter, FONT_SMALL, is_alarming(meter) ? THEME_WARNING : THEME_TEXT_DIM, &box, ALIGN_RIGHT, text);
  if (is_share(meter)) {
    draw_bar(widget, painter, (double)value / 100.0);
  }
}

static const struct widget_class meter_class = {
    .min_width = meter_min_width,
    .height = meter_height,
    .draw = meter_draw,
};

struct widget *
meter_new(struct values *const values, const enum port_index port)
{
  struct widget *const widget = widget_new(sizeof(struct meter), &meter_class, port_descriptions[port].symbol);
  struct meter *const meter = (struct meter *)widget;
  meter->values = values;
  meter->port = port;
  widget->tip = port_descriptions[port].comment;
  return widget;
}
