// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The theme in cairo's terms.

#include "theme.h"

#include <math.h>
#include <stdint.h>

#define THEME_COLOUR_VALUE(name, value) value,

static const uint32_t colours[THEME_COLOUR_COUNT] = {THEME_COLOURS(THEME_COLOUR_VALUE)};

static const struct {
  const char *family;
  cairo_font_weight_t weight;
  double size;
} fonts[FONT_COUNT] = {
    [FONT_TINY] = {"DejaVu Sans", CAIRO_FONT_WEIGHT_NORMAL, 9.0},
    [FONT_SMALL] = {"DejaVu Sans", CAIRO_FONT_WEIGHT_NORMAL, 10.5},
    [FONT_NORMAL] = {"DejaVu Sans", CAIRO_FONT_WEIGHT_NORMAL, 11.5},
    [FONT_STRONG] = {"DejaVu Sans", CAIRO_FONT_WEIGHT_BOLD, 11.5},
    [FONT_HEADING] = {"DejaVu Sans", CAIRO_FONT_WEIGHT_BOLD, 10.0},
    [FONT_TITLE] = {"DejaVu Serif", CAIRO_FONT_WEIGHT_NORMAL, 19.0},
};

/// Of DejaVu, in parts of the size.
static const double ASCENT = 0.93;
static const double DESCENT = 0.24;
static const double CAPITAL = 0.73;

/// Red, green or blue of a colour: the byte at `shift`, 0 to 1.
static double
part_of(const enum theme_colour colour, const unsigned shift)
{
  return (double)(colours[colour] >> shift & 0xFFU) / 255.0;
}

void
theme_set_alpha(cairo_t *const cairo, const enum theme_colour colour, const double alpha)
{
  cairo_set_source_rgba(cairo, part_of(colour, 16), part_of(colour, 8), part_of(colour, 0), alpha);
}

void
theme_add_stop(cairo_pattern_t *const pattern, const double offset, const enum theme_colour colour, const double alpha)
{
  cairo_pattern_add_color_stop_rgba(pattern, offset, part_of(colour, 16), part_of(colour, 8), part_of(colour, 0),
                                    alpha);
}

void
theme_set(cairo_t *const cairo, const enum theme_colour colour)
{
  theme_set_alpha(cairo, colour, 1.0);
}

void
theme_set_mix(cairo_t *const cairo, const enum theme_colour from, const enum theme_colour to, const double part)
{
  double mixed[3];
  for (unsigned i = 0; i < 3; ++i) {
    const unsigned shift = 16 - 8 * i;
    mixed[i] = part_of(from, shift) + (part_of(to, shift) - part_of(from, shift)) * part;
  }
  cairo_set_source_rgb(cairo, mixed[0], mixed[1], mixed[2]);
}

void
theme_font(cairo_t *const cairo, const enum theme_font font)
{
  cairo_font_options_t *const options = cairo_font_options_create();
  cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
  cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
  cairo_set_font_options(cairo, options);
  cairo_font_options_destroy(options);
  cairo_select_font_face(cairo, fonts[font].family, CAIRO_FONT_SLANT_NORMAL, fonts[font].weight);
  cairo_set_font_size(cairo, fonts[font].size);
}

double
theme_line_height(const enum theme_font font)
{
  return ceil(fonts[font].size * (ASCENT + DESCENT));
}

double
theme_baseline(const enum theme_font font)
{
  return round(fonts[font].size * ASCENT);
}

double
theme_text_width(cairo_t *const cairo, const enum theme_font font, const char *const text)
{
  cairo_text_extents_t extents;
  theme_font(cairo, font);
  cairo_text_extents(cairo, text, &extents);
  return extents.x_advance;
}

void
theme_text(cairo_t *const cairo, const enum theme_font font, const double x, const double y, const char *const text)
{
  theme_font(cairo, font);
  cairo_move_to(cairo, x, y + theme_baseline(font));
  cairo_show_text(cairo, text);
}

void
theme_text_centred(
    cairo_t *const cairo, const enum theme_font font, const double x, const double y, const char *const text)
{
  const double width = theme_text_width(cairo, font, text);
  cairo_move_to(cairo, x - width / 2.0, y + fonts[font].size * CAPITAL / 2.0);
  cairo_show_text(cairo, text);
}

void
theme_rounded(
    cairo_t *const cairo, const double x, const double y, const double width, const double height, const double radius)
{
  const double half = fmin(width, height) / 2.0;
  const double corner = radius < half ? radius : half;
  cairo_new_sub_path(cairo);
  cairo_arc(cairo, x + width - corner, y + corner, corner, -M_PI_2, 0.0);
  cairo_arc(cairo, x + width - corner, y + height - corner, corner, 0.0, M_PI_2);
  cairo_arc(cairo, x + corner, y + height - corner, corner, M_PI_2, M_PI);
  cairo_arc(cairo, x + corner, y + corner, corner, M_PI, 3.0 * M_PI_2);
  cairo_close_path(cairo);
}
