// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Beside the song: the keyboard at the left, whose keys are lit while they sound, and the quotation meter at the right.

#include "roll_view_private.h"
#include "theme.h"

#include <math.h>
#include <stdio.h>

enum {
  METER_LEAST = 8, // Notes at the meter's lower end: no quotation
  METER_MOST = 64,
};

static const double METER_COLUMN = 10.0;

static bool
is_black_key(const int pitch)
{
  return (0x54A >> pitch % 12 & 1) != 0;
}

static void
fill(cairo_t *const cairo, const double x, const double y, const double width, const double height)
{
  cairo_rectangle(cairo, x, y, width, height);
  cairo_fill(cairo);
}

/// Names of the Cs, as far as there is room.
static void
draw_key_names(const struct roll_view *const view, cairo_t *const cairo)
{
  const struct roll_rect keys = roll_view_areas(view).keyboard;
  const double row = roll_view_row(view);
  theme_set(cairo, THEME_TEXT_ON_ACCENT);
  for (int pitch = view->lowest; pitch <= view->highest; ++pitch) {
    const double y = roll_view_pitch_y(view, pitch) + row / 2.0;
    const bool has_room = y > keys.y + 5.0 && y < keys.y + keys.height - 5.0;
    if (pitch % 12 == 0 && 12.0 * row >= 16.0 && has_room) {
      char text[8];
      snprintf(text, sizeof text, "C%d", (pitch / 12 - 1) % 10);
      theme_text(cairo, FONT_TINY, keys.x + keys.width - 3.0 - theme_text_width(cairo, FONT_TINY, text),
                 y - theme_baseline(FONT_TINY) + 3.3, text);
    }
  }
}

/// The keys that sound, in the colour of the hand.
static void
draw_pressed(const struct roll_view *const view, cairo_t *const cairo)
{
  const struct roll_rect keys = roll_view_areas(view).keyboard;
  const double row = roll_view_row(view);
  for (int pitch = view->lowest; pitch <= view->highest; ++pitch) {
    const uint8_t hand = view->seen_keys[pitch];
    if (hand != 0) {
      const double width = is_black_key(pitch) ? keys.width * 0.58 : keys.width - 1.0;
      theme_set(cairo, hand == 2 ? THEME_LEFT_HAND : THEME_RIGHT_HAND);
      fill(cairo, keys.x, roll_view_pitch_y(view, pitch) + row * 0.05, width, row * 0.9);
    }
  }
}

void
roll_draw_keyboard(const struct roll_view *const view, cairo_t *const cairo)
{
  const struct roll_areas areas = roll_view_areas(view);
  const struct roll_rect keys = areas.keyboard;
  const double row = roll_view_row(view);
  theme_set(cairo, THEME_BACKGROUND);
  fill(cairo, 0.0, 0.0, keys.width, keys.y);
  theme_set_mix(cairo, THEME_PLAYHEAD, THEME_BACKGROUND, 0.3);
  fill(cairo, keys.x, keys.y, keys.width, keys.height);
  theme_set_alpha(cairo, THEME_BACKGROUND, 0.45);
  for (int pitch = view->lowest; pitch <= view->highest; ++pitch) {
    const int name = pitch % 12;
    if (name == 0 || name == 5) { // Where two white keys meet
      cairo_rectangle(cairo, keys.x, roll_view_pitch_y(view, pitch) + row - 0.4, keys.width, 0.8);
    }
  }
  cairo_fill(cairo);
  theme_set(cairo, THEME_BACKGROUND);
  for (int pitch = view->lowest; pitch <= view->highest; ++pitch) {
    if (is_black_key(pitch)) {
      cairo_rectangle(cairo, keys.x, roll_view_pitch_y(view, pitch) + row * 0.05, keys.width * 0.58, row * 0.9);
    }
  }
  cairo_fill(cairo);
  draw_pressed(view, cairo);
  draw_key_names(view, cairo);
  theme_set(cairo, THEME_WELL);
  fill(cairo, keys.x + keys.width - 1.0, keys.y, 1.0, keys.height);
}

/// The part of the meter's height that `notes` fill.
static double
meter_part(const double notes)
{
  const double part = log2(fmax(notes, METER_LEAST) / METER_LEAST) / log2((double)METER_MOST / METER_LEAST);
  return fmin(1.0, part);
}

static enum theme_colour
meter_colour(const double notes)
{
  return notes >= 32.0 ? THEME_ERROR : notes >= 16.0 ? THEME_WARNING : THEME_GOOD;
}

/// Marks at 8, 16, 32 and 64 notes, and at what is allowed.
static void
draw_scale(const struct roll_view *const view, cairo_t *const cairo, const struct roll_rect *const column)
{
  for (int notes = METER_LEAST; notes <= METER_MOST; notes *= 2) {
    const double y = column->y + column->height * (1.0 - meter_part(notes));
    char text[8];
    snprintf(text, sizeof text, "%d", notes);
    theme_set(cairo, THEME_TEXT_OFF);
    fill(cairo, column->x + column->width + 2.0, y - 0.5, 4.0, 1.0);
    theme_set(cairo, THEME_TEXT_DIM);
    theme_text(cairo, FONT_TINY, column->x + column->width + 8.0, y - theme_baseline(FONT_TINY) + 3.3, text);
  }
  const unsigned allowed = view->present.originality;
  if (allowed > 0) {
    const double y = column->y + column->height * (1.0 - meter_part(allowed < METER_LEAST ? METER_LEAST : allowed));
    theme_set(cairo, THEME_ACCENT);
    fill(cairo, column->x - 4.0, y - 1.0, column->width + 8.0, 2.0);
  }
}

void
roll_draw_meter(const struct roll_view *const view, cairo_t *const cairo)
{
  const struct roll_rect meter = roll_view_areas(view).meter;
  const struct roll_rect column = {meter.x + 11.0, meter.y + 46.0, METER_COLUMN, fmax(4.0, meter.height - 58.0)};
  const uint16_t quotation = roll_view_quotation(view);
  const bool is_known = quotation != WINDOW_UNKNOWN && (view->present.flags & MOMENT_HAS_FILTER);
  char text[8] = "\xE2\x80\x93"; // An en dash
  theme_set(cairo, THEME_BACKGROUND);
  fill(cairo, meter.x, meter.y, meter.width, meter.height);
  theme_set(cairo, THEME_TEXT_DIM);
  theme_text_centred(cairo, FONT_TINY, meter.x + meter.width / 2.0, meter.y + 10.0, "Quoted");
  theme_set(cairo, THEME_WELL);
  theme_rounded(cairo, column.x, column.y, column.width, column.height, 2.0);
  cairo_fill(cairo);
  if (is_known && quotation > METER_LEAST) {
    const double height = column.height * meter_part(quotation);
    theme_set(cairo, meter_colour(quotation));
    theme_rounded(cairo, column.x, column.y + column.height - height, column.width, height, 2.0);
    cairo_fill(cairo);
    snprintf(text, sizeof text, "%u", quotation < 1000 ? quotation : 999U);
  }
  theme_set(cairo, is_known && quotation > METER_LEAST ? meter_colour(quotation) : THEME_TEXT_OFF);
  theme_text_centred(cairo, FONT_STRONG, meter.x + meter.width / 2.0, meter.y + 28.0, text);
  draw_scale(view, cairo, &column);
}
