// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The picture, from back to front: rows of keys, bars, notes, arcs, ruler, playhead; keyboard and meter beside them.

#include "roll_view_private.h"
#include "theme.h"

#include <math.h>
#include <stdio.h>

static const double BAR_NUMBER_ROOM = 30.0; ///< Pixels that a bar number takes
static const double BEAT_ROOM = 9.0;        ///< Pixels between beat lines

bool
roll_is_clipped_out(cairo_t *const cairo, const struct roll_rect *const rect)
{
  double left = 0.0;
  double top = 0.0;
  double right = 0.0;
  double bottom = 0.0;
  cairo_clip_extents(cairo, &left, &top, &right, &bottom);
  return rect->x >= right || rect->y >= bottom || rect->x + rect->width <= left || rect->y + rect->height <= top;
}

void
roll_clip(cairo_t *const cairo, const struct roll_rect *const rect)
{
  cairo_rectangle(cairo, rect->x, rect->y, rect->width, rect->height);
  cairo_clip(cairo);
}

static void
fill(cairo_t *const cairo, const double x, const double y, const double width, const double height)
{
  cairo_rectangle(cairo, x, y, width, height);
  cairo_fill(cairo);
}

static bool
is_black_key(const int pitch)
{
  return (0x54A >> pitch % 12 & 1) != 0; // C sharp, E flat, F sharp, A flat, B flat
}

/// Rows of the keys behind the notes.
static void
draw_rows(const struct roll_view *const view, cairo_t *const cairo)
{
  const struct roll_rect notes = roll_view_areas(view).notes;
  const double row = roll_view_row(view);
  theme_set(cairo, THEME_GRID_BLACK);
  for (int pitch = view->lowest; pitch <= view->highest; ++pitch) {
    if (is_black_key(pitch)) {
      cairo_rectangle(cairo, notes.x, roll_view_pitch_y(view, pitch), notes.width, row);
    }
  }
  cairo_fill(cairo);
  theme_set_alpha(cairo, THEME_GRID_BAR, 0.45);
  for (int pitch = view->lowest; pitch <= view->highest; ++pitch) {
    if (pitch % 12 == 0) {
      cairo_rectangle(cairo, notes.x, roll_view_pitch_y(view, pitch) + row - 0.5, notes.width, 0.75);
    }
  }
  cairo_fill(cairo);
}

/// The colour of what is done with a bar, over its columns.
static void
tint_bar(
    const struct roll_view *const view, cairo_t *const cairo, const int32_t number, const double x, const double width)
{
  const struct roll_rect notes = roll_view_areas(view).notes;
  const struct roll_bar *const bar = roll_model_bar(view->model, number);
  if (bar && (bar->flags & BAR_IS_LOCKED)) {
    theme_set_alpha(cairo, THEME_LOCKED, 0.07);
    fill(cairo, x, notes.y, width, notes.height);
  }
  if (number - view->chosen_first >= 0 && number - view->chosen_first < view->chosen_count) {
    theme_set_alpha(cairo, THEME_FOCUS, 0.14);
    fill(cairo, x, notes.y, width, notes.height);
  } else if (number == view->hovered) {
    theme_set_alpha(cairo, THEME_TEXT, 0.035);
    fill(cairo, x, notes.y, width, notes.height);
  }
}

/// What is not composed yet is darker.
static void
shade_bar(
    const struct roll_view *const view, cairo_t *const cairo, const int32_t number, const double x, const double width)
{
  const struct roll_rect notes = roll_view_areas(view).notes;
  const struct roll_bar *const bar = roll_model_bar(view->model, number);
  double begin = 0.0;
  if (bar && (bar->flags & BAR_IS_COMPLETE)) {
    return;
  }
  if (bar && number == view->present.ready_bar) {
    begin = fmin(width, view->present.ready_tick * view->pixels_per_quarter / ROLL_TICKS_PER_QUARTER);
  } else if (bar && bar->count > 0) {
    begin = bar->notes[bar->count - 1].tick * view->pixels_per_quarter / ROLL_TICKS_PER_QUARTER;
  }
  theme_set_alpha(cairo, THEME_BACKGROUND, 0.75);
  fill(cairo, x + begin, notes.y, width - begin, notes.height);
}

/// Slanting lines over a bar that will be composed anew.
static void
hatch_bar(const struct roll_view *const view, cairo_t *const cairo, const double x, const double width)
{
  const struct roll_rect notes = roll_view_areas(view).notes;
  const double step = 9.0;
  cairo_save(cairo);
  cairo_rectangle(cairo, x, notes.y, width, notes.height);
  cairo_clip(cairo);
  theme_set_alpha(cairo, THEME_STALE, 0.22);
  cairo_set_line_width(cairo, 1.0);
  const double begin = floor(x / step) * step - notes.height;
  const int lines = (int)ceil((x + width - begin) / step);
  for (int i = 0; i < lines; ++i) {
    const double at = begin + i * step;
    cairo_move_to(cairo, at, notes.y + notes.height);
    cairo_line_to(cairo, at + notes.height, notes.y);
  }
  cairo_stroke(cairo);
  cairo_restore(cairo);
}

/// The lines of a bar and its beats; a piece ends with a thick one, as in print.
static void
draw_lines(const struct roll_view *const view, cairo_t *const cairo, const int32_t number, const double x)
{
  const struct roll_rect notes = roll_view_areas(view).notes;
  const struct roll_metre metre = roll_model_metre(view->model, number);
  const struct roll_bar *const bar = roll_model_bar(view->model, number);
  const double beat = roll_beat_ticks(metre) * view->pixels_per_quarter / ROLL_TICKS_PER_QUARTER;
  if (beat >= BEAT_ROOM) {
    theme_set(cairo, THEME_GRID_BEAT);
    for (unsigned i = 1; i < metre.numerator; ++i) {
      cairo_rectangle(cairo, x + i * beat - 0.5, notes.y, 1.0, notes.height);
    }
    cairo_fill(cairo);
  }
  theme_set(cairo, THEME_GRID_BAR);
  fill(cairo, x - 0.5, notes.y, 1.0, notes.height);
  if (bar && (bar->flags & BAR_IS_END)) {
    theme_set(cairo, THEME_TEXT_OFF);
    const double end = x + metre.numerator * beat;
    fill(cairo, end - 7.0, notes.y, 1.0, notes.height);
    fill(cairo, end - 4.0, notes.y, 3.0, notes.height);
  }
}

void
roll_draw_bars(const struct roll_view *const view, cairo_t *const cairo)
{
  const struct roll_areas areas = roll_view_areas(view);
  const struct roll_axis axis = roll_view_axis(view);
  int32_t count = 0;
  const int32_t first = roll_view_sight(view, &count);
  double x = roll_axis_x(&axis, first, 0.0);
  draw_rows(view, cairo);
  for (int32_t number = first; number < first + count; ++number) {
    const double width = roll_bar_ticks(roll_model_metre(view->model, number)) * axis.pixels_per_tick;
    const struct roll_rect columns = {x - 1.0, areas.notes.y, width + 2.0, areas.notes.height};
    const struct roll_bar *const bar = roll_model_bar(view->model, number);
    if (!roll_is_clipped_out(cairo, &columns)) {
      tint_bar(view, cairo, number, x, width);
      draw_lines(view, cairo, number, x);
      shade_bar(view, cairo, number, x, width);
      if (bar && (bar->flags & BAR_IS_STALE)) {
        hatch_bar(view, cairo, x, width);
      }
    }
    x += width;
  }
}

// The ruler

/// A padlock whose body's middle is at (`x`, `y`).
static void
draw_padlock(cairo_t *const cairo, const double x, const double y)
{
  cairo_set_line_width(cairo, 1.4);
  cairo_new_path(cairo);
  cairo_arc(cairo, x, y - 2.0, 2.4, M_PI, 2.0 * M_PI);
  cairo_stroke(cairo);
  theme_rounded(cairo, x - 3.5, y - 2.0, 7.0, 5.5, 1.0);
  cairo_fill(cairo);
}

/// Bars from one number that is shown to the next.
static int32_t
number_step(const double bar_width)
{
  int32_t step = 1;
  while (step * bar_width < BAR_NUMBER_ROOM && step < 1024) {
    step *= 2;
  }
  return step;
}

static void
draw_bar_number(
    const struct roll_view *const view, cairo_t *const cairo, const int32_t number, const double x, const double width)
{
  const struct roll_rect ruler = roll_view_areas(view).ruler;
  const struct roll_bar *const bar = roll_model_bar(view->model, number);
  const bool is_locked = bar && (bar->flags & BAR_IS_LOCKED);
  const int32_t host = roll_model_host_bar(view->model, number);
  char text[16];
  if (is_locked) {
    theme_set_alpha(cairo, THEME_LOCKED, 0.8);
    fill(cairo, x + 1.0, ruler.y + ruler.height - 3.0, width - 1.0, 2.0);
  }
  if (number % number_step(width) != 0 || host == 0) {
    return;
  }
  snprintf(text, sizeof text, "%d", host);
  theme_set(cairo, is_locked ? THEME_LOCKED : number == view->hovered ? THEME_TEXT : THEME_TEXT_DIM);
  theme_text(cairo, FONT_TINY, x + 4.0, ruler.y + 5.0, text);
  const double after = x + 4.0 + theme_text_width(cairo, FONT_TINY, text) + 8.0;
  if (is_locked && after + 6.0 < x + width * number_step(width)) {
    draw_padlock(cairo, after, ruler.y + 11.0);
  }
}

void
roll_draw_ruler(const struct roll_view *const view, cairo_t *const cairo)
{
  const struct roll_rect ruler = roll_view_areas(view).ruler;
  const struct roll_axis axis = roll_view_axis(view);
  int32_t count = 0;
  const int32_t first = roll_view_sight(view, &count);
  double x = roll_axis_x(&axis, first, 0.0);
  theme_set(cairo, THEME_PANEL);
  fill(cairo, ruler.x, ruler.y, ruler.width, ruler.height - 1.0);
  theme_set(cairo, THEME_PANEL_EDGE);
  fill(cairo, ruler.x, ruler.y + ruler.height - 1.0, ruler.width, 1.0);
  for (int32_t number = first; number < first + count; ++number) {
    const double width = roll_bar_ticks(roll_model_metre(view->model, number)) * axis.pixels_per_tick;
    const bool is_chosen = number - view->chosen_first >= 0 && number - view->chosen_first < view->chosen_count;
    if (is_chosen) {
      theme_set_alpha(cairo, THEME_FOCUS, 0.3);
      fill(cairo, x, ruler.y, width, ruler.height - 1.0);
    }
    theme_set(cairo, THEME_GRID_BAR);
    fill(cairo, x - 0.5, ruler.y + ruler.height - 8.0, 1.0, 7.0);
    draw_bar_number(view, cairo, number, x, width);
    x += width;
  }
}

// The playhead, and where composing has come to

static void
draw_playhead(const struct roll_view *const view, cairo_t *const cairo)
{
  const struct roll_areas areas = roll_view_areas(view);
  const struct roll_axis axis = roll_view_axis(view);
  const double x = roll_axis_x(&axis, view->present.bar, view->present.tick);
  if (view->present.bar < 0 || !(view->present.flags & MOMENT_IS_KNOWN)) {
    return;
  }
  const double y = areas.ruler.y + areas.ruler.height - 7.0;
  theme_set(cairo, THEME_PLAYHEAD);
  cairo_move_to(cairo, x - 3.5, y);
  cairo_line_to(cairo, x + 3.5, y);
  cairo_line_to(cairo, x, y + 6.0);
  cairo_close_path(cairo);
  cairo_fill(cairo);
  theme_set_alpha(cairo, THEME_PLAYHEAD, 0.85);
  fill(cairo, x - 0.6, areas.notes.y, 1.2, areas.notes.height);
}

static void
draw_song(struct roll_view *const view, cairo_t *const cairo)
{
  const struct roll_areas areas = roll_view_areas(view);
  cairo_save(cairo);
  roll_clip(cairo, &(struct roll_rect){areas.ruler.x, 0.0, areas.ruler.width, view->height});
  if (!roll_is_clipped_out(cairo, &areas.notes)) {
    cairo_save(cairo);
    roll_clip(cairo, &areas.notes);
    theme_set(cairo, THEME_WELL);
    cairo_paint(cairo);
    roll_draw_bars(view, cairo);
    roll_draw_targets(view, cairo);
    roll_draw_notes(view, cairo);
    cairo_restore(cairo);
  }
  if (!roll_is_clipped_out(cairo, &areas.recall)) {
    cairo_save(cairo);
    roll_clip(cairo, &areas.recall);
    roll_draw_recall(view, cairo);
    cairo_restore(cairo);
  }
  if (!roll_is_clipped_out(cairo, &areas.ruler)) {
    roll_draw_ruler(view, cairo);
  }
  draw_playhead(view, cairo);
  cairo_restore(cairo);
}

void
roll_view_draw(struct roll_view *const view, cairo_t *const cairo)
{
  const struct roll_areas areas = roll_view_areas(view);
  draw_song(view, cairo);
  const struct roll_rect left = {0.0, 0.0, areas.keyboard.width, view->height};
  if (!roll_is_clipped_out(cairo, &left)) {
    roll_draw_keyboard(view, cairo);
  }
  if (!roll_is_clipped_out(cairo, &areas.meter)) {
    roll_draw_meter(view, cairo);
  }
}
