// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Texts and faces.

#include "paint.h"

#include <math.h>
#include <string.h>

enum { LINE_SIZE = 512 };

static const char ELLIPSIS[] = "\xe2\x80\xa6";

/// Return `length` or less, so that no character of UTF-8 is cut in two there.
static size_t
whole_characters(const char *const text, size_t length)
{
  while (length > 0 && ((unsigned char)text[length] & 0xC0U) == 0x80U) {
    --length;
  }
  return length;
}

/// Copy the beginning of `text` into `line`, as much as fits into `width` with an ellipsis after it.
static void
shorten(
    cairo_t *const cairo, const enum theme_font font, const double width, const char *const text, char line[LINE_SIZE])
{
  size_t length = strnlen(text, LINE_SIZE - sizeof ELLIPSIS);
  size_t low = 0;
  while (low < length) {
    const size_t middle = (low + length + 1) / 2;
    const size_t kept = whole_characters(text, middle);
    memcpy(line, text, kept);
    memcpy(line + kept, ELLIPSIS, sizeof ELLIPSIS);
    if (theme_text_width(cairo, font, line) <= width) {
      low = middle;
    } else {
      length = middle - 1;
    }
  }
  const size_t kept = whole_characters(text, low);
  memcpy(line, text, kept);
  memcpy(line + kept, ELLIPSIS, sizeof ELLIPSIS);
}

void
paint_text(struct painter *const painter,
           const enum theme_font font,
           const enum theme_colour colour,
           const struct box *const box,
           const enum alignment alignment,
           const char *const text)
{
  char line[LINE_SIZE];
  const char *shown = text;
  double width = theme_text_width(painter->cairo, font, text);
  if (width > box->width + 0.5) {
    shorten(painter->cairo, font, box->width, text, line);
    shown = line;
    width = theme_text_width(painter->cairo, font, line);
    ++painter->cut_texts;
  }
  const double room = box->width - width;
  const double x = alignment == ALIGN_LEFT ? box->x : alignment == ALIGN_RIGHT ? box->x + room : box->x + room / 2.0;
  const double y = box->y + (box->height - theme_line_height(font)) / 2.0;
  theme_set(painter->cairo, colour);
  theme_text(painter->cairo, font, x, round(y * painter->scale) / painter->scale, shown);
}

/// Copy one line of at most `max_width` of the text at `text` into `line`; return where the next one begins.
static const char *
take_line(cairo_t *const cairo,
          const enum theme_font font,
          const double max_width,
          const char *const text,
          char line[LINE_SIZE])
{
  size_t length = 0; // Of what fits
  for (size_t at = 0;; ++at) {
    const bool is_end = text[at] == '\0' || text[at] == '\n';
    if (!is_end && text[at] != ' ') {
      continue;
    }
    if (at >= LINE_SIZE) {
      break;
    }
    memcpy(line, text, at);
    line[at] = '\0';
    if (length > 0 && theme_text_width(cairo, font, line) > max_width) {
      break;
    }
    length = at;
    if (is_end) {
      break;
    }
  }
  line[length] = '\0';
  return text[length] == '\0' ? text + length : text + length + 1;
}

double
paint_paragraph_size(cairo_t *const gauge,
                     const enum theme_font font,
                     const double max_width,
                     const char *const text,
                     double *const width)
{
  char line[LINE_SIZE];
  double height = 0.0;
  *width = 0.0;
  for (const char *at = text; *at;) {
    at = take_line(gauge, font, max_width, at, line);
    *width = fmax(*width, ceil(theme_text_width(gauge, font, line)));
    height += theme_line_height(font);
  }
  return height;
}

void
paint_paragraph(struct painter *const painter,
                const enum theme_font font,
                const enum theme_colour colour,
                const struct box *const box,
                const char *const text)
{
  char line[LINE_SIZE];
  struct box row = {box->x, box->y, box->width, theme_line_height(font)};
  for (const char *at = text; *at;) {
    at = take_line(painter->cairo, font, box->width + 0.5, at, line);
    if (row.y + row.height > box->y + box->height + 0.5) {
      ++painter->cut_texts;
      return;
    }
    paint_text(painter, font, colour, &row, ALIGN_LEFT, line);
    row.y += row.height;
  }
}

void
paint_box(struct painter *const painter, const struct box *const box, const enum theme_colour fill)
{
  theme_rounded(painter->cairo, box->x, box->y, box->width, box->height, THEME_RADIUS);
  theme_set(painter->cairo, fill);
  cairo_fill(painter->cairo);
}

void
paint_edge(struct painter *const painter,
           const struct box *const box,
           const enum theme_colour colour,
           const double radius)
{
  const double line = 1.0 / painter->scale;
  theme_rounded(painter->cairo, box->x + line / 2.0, box->y + line / 2.0, box->width - line, box->height - line,
                radius);
  theme_set(painter->cairo, colour);
  cairo_set_line_width(painter->cairo, line);
  cairo_stroke(painter->cairo);
}

void
paint_well(struct painter *const painter, const struct box *const box)
{
  paint_box(painter, box, THEME_WELL);
  paint_edge(painter, box, THEME_WELL_EDGE, THEME_RADIUS);
}

void
paint_raised(struct painter *const painter, const struct box *const box)
{
  paint_box(painter, box, THEME_BUTTON_DOWN);
  paint_edge(painter, box, THEME_TRACK, THEME_RADIUS);
}

void
paint_focus(struct painter *const painter, const struct box *const box)
{
  theme_rounded(painter->cairo, box->x + 0.75, box->y + 0.75, box->width - 1.5, box->height - 1.5, THEME_RADIUS);
  theme_set(painter->cairo, THEME_FOCUS);
  cairo_set_line_width(painter->cairo, 1.5);
  cairo_stroke(painter->cairo);
}

void
paint_button(struct painter *const painter, const struct widget *const widget, const bool is_on)
{
  enum theme_colour fill = is_on ? THEME_ACCENT : widget_is_hovered(widget) ? THEME_BUTTON_HOVER : THEME_BUTTON;
  if (widget->is_disabled || (widget_is_pressed(widget) && !is_on)) {
    fill = THEME_BUTTON_DOWN;
  }
  paint_box(painter, &widget->box, fill);
  if (widget_shows_focus(widget)) {
    paint_focus(painter, &widget->box);
  }
}
