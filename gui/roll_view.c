// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What is where, what the user asks of the view, and what it says of a place in words.

#include "reserve.h"
#include "roll_view_private.h"

#include <math.h>
#include <stdio.h>

static const double RULER_HEIGHT = 22.0;
static const double KEYBOARD_WIDTH = 34.0;
static const double METER_WIDTH = 46.0;
static const double RECALL_PART = 0.26; ///< Of the height below the ruler
static const double RECALL_LEAST = 36.0;
static const double RECALL_MOST = 150.0;
static const double ZOOM_LEAST = 4.0;
static const double ZOOM_MOST = 400.0;

enum { RANGE_LOWEST = 40, RANGE_HIGHEST = 84 }; // Pitches that are always shown

struct roll_view *
roll_view_new(const struct roll_model *const model)
{
  struct roll_view *const view = reserve_allocate(sizeof *view);
  view->model = model;
  view->pixels_per_quarter = 26.0;
  view->follows = true;
  view->now = -1.0;
  view->recall_drawn = -1.0;
  view->present = *roll_model_moment(model);
  view->lowest = RANGE_LOWEST;
  view->highest = RANGE_HIGHEST;
  view->hovered = -1;
  view->seen_onset_bar = -1;
  view->seen_quotation = WINDOW_UNKNOWN;
  return view;
}

void
roll_view_free(struct roll_view *const view)
{
  if (view) {
    roll_recall_forget(view);
    reserve_free(view);
  }
}

// Where things are

struct roll_areas
roll_view_areas(const struct roll_view *const view)
{
  const double left = KEYBOARD_WIDTH;
  const double width = fmax(1.0, view->width - left - METER_WIDTH);
  const double below = fmax(2.0, view->height - RULER_HEIGHT);
  const double recall = fmin(fmax(round(below * RECALL_PART), RECALL_LEAST), fmin(RECALL_MOST, below / 2.0));
  return (struct roll_areas){
      .ruler = {left, 0.0, width, RULER_HEIGHT},
      .recall = {left, RULER_HEIGHT, width, recall},
      .notes = {left, RULER_HEIGHT + recall, width, below - recall},
      .keyboard = {0.0, RULER_HEIGHT + recall, left, below - recall},
      .meter = {left + width, 0.0, METER_WIDTH, view->height},
  };
}

struct roll_axis
roll_view_axis(const struct roll_view *const view)
{
  return (struct roll_axis){
      .model = view->model,
      .bar = view->left_bar,
      .tick = view->left_tick,
      .x = KEYBOARD_WIDTH,
      .pixels_per_tick = roll_view_pixels_per_tick(view),
  };
}

double
roll_view_row(const struct roll_view *const view)
{
  return roll_view_areas(view).notes.height / (view->highest - view->lowest + 1);
}

double
roll_view_pitch_y(const struct roll_view *const view, const int pitch)
{
  return roll_view_areas(view).notes.y + (view->highest - pitch) * roll_view_row(view);
}

void
roll_view_note_rect(const struct roll_view *const view,
                    const double bar_x,
                    const struct roll_note *const note,
                    struct roll_rect *const rect)
{
  const double row = roll_view_row(view);
  const double gap = row > 5.0 ? 1.0 : row > 3.0 ? 0.5 : 0.0;
  const double width = note->sounding * roll_view_pixels_per_tick(view);
  rect->x = bar_x + note->tick * roll_view_pixels_per_tick(view);
  rect->y = roll_view_pitch_y(view, note->pitch) + gap / 2.0;
  rect->width = fmax(2.0, width - (width > 4.0 ? 1.0 : 0.0));
  rect->height = fmax(1.5, row - gap);
}

bool
roll_view_is_past(const struct roll_view *const view, const int32_t bar, const double tick)
{
  return bar < view->present.bar || (bar == view->present.bar && tick < view->present.tick);
}

int32_t
roll_view_sight(const struct roll_view *const view, int32_t *const count)
{
  const struct roll_axis axis = roll_view_axis(view);
  const struct roll_areas areas = roll_view_areas(view);
  int32_t first = 0;
  int32_t last = 0;
  double tick = 0.0;
  roll_axis_place(&axis, areas.notes.x, &first, &tick);
  roll_axis_place(&axis, areas.notes.x + areas.notes.width, &last, &tick);
  first = first < 0 ? 0 : first;
  last = last < first ? first : last;
  *count = last - first + 1 < WINDOW_LOOK_BARS ? last - first + 1 : WINDOW_LOOK_BARS;
  return first;
}

static bool
is_inside(const struct roll_rect *const rect, const double x, const double y)
{
  return x >= rect->x && x < rect->x + rect->width && y >= rect->y && y < rect->y + rect->height;
}

int32_t
roll_view_bar_at(const struct roll_view *const view, const double x, const double y)
{
  const struct roll_areas areas = roll_view_areas(view);
  const struct roll_axis axis = roll_view_axis(view);
  const struct roll_rect song = {areas.ruler.x, 0.0, areas.ruler.width, view->height};
  int32_t bar = -1;
  double tick = 0.0;
  if (is_inside(&song, x, y)) {
    roll_axis_place(&axis, x, &bar, &tick);
  }
  return bar < 0 || bar >= WINDOW_BAR_LAST ? -1 : bar;
}

// The user

void
roll_view_resize(struct roll_view *const view, const double width, const double height)
{
  if (width != view->width || height != view->height) {
    view->width = width;
    view->height = height;
    view->glides = false;
    roll_damage_all(view);
  }
}

void
roll_view_set_left(struct roll_view *const view, const int32_t bar, const double tick)
{
  const struct roll_axis axis = {.model = view->model, .bar = bar, .tick = tick, .pixels_per_tick = 1.0};
  roll_axis_place(&axis, 0.0, &view->left_bar, &view->left_tick);
  if (view->left_bar < 0) {
    view->left_bar = 0;
    view->left_tick = 0.0;
  }
  view->left_bar = view->left_bar < WINDOW_BAR_LAST ? view->left_bar : WINDOW_BAR_LAST - 1;
  roll_damage_song(view);
}

void
roll_view_scroll(struct roll_view *const view, const double pixels)
{
  view->follows = false;
  view->glides = false;
  roll_view_set_left(view, view->left_bar, view->left_tick + pixels / roll_view_pixels_per_tick(view));
}

double
roll_view_zoom_level(const struct roll_view *const view)
{
  return view->pixels_per_quarter;
}

void
roll_view_set_zoom_level(struct roll_view *const view, const double pixels_per_quarter)
{
  view->pixels_per_quarter = fmax(ZOOM_LEAST, fmin(ZOOM_MOST, pixels_per_quarter));
  view->glides = false;
  roll_damage_song(view);
}

void
roll_view_zoom(struct roll_view *const view, const double factor, const double x)
{
  const struct roll_axis axis = roll_view_axis(view);
  int32_t bar = 0;
  double tick = 0.0;
  roll_axis_place(&axis, x, &bar, &tick);
  roll_view_set_zoom_level(view, view->pixels_per_quarter * factor);
  roll_view_set_left(view, bar, tick - (x - KEYBOARD_WIDTH) / roll_view_pixels_per_tick(view));
}

bool
roll_view_is_following(const struct roll_view *const view)
{
  return view->follows;
}

void
roll_view_choose_bars(struct roll_view *const view, const int32_t first, const int32_t count)
{
  if (first != view->chosen_first || count != view->chosen_count) {
    view->chosen_first = first;
    view->chosen_count = count;
    roll_damage_song(view);
  }
}

void
roll_view_hover(struct roll_view *const view, const double x, const double y)
{
  const int32_t bar = roll_view_bar_at(view, x, y);
  if (bar != view->hovered) {
    roll_damage_bar(view, view->hovered);
    roll_damage_bar(view, bar);
    view->hovered = bar;
  }
}

// In words

/// What is to be said of bar `number`.
static void
describe_bar(const struct roll_view *const view, const int32_t number, char *const text, const uint32_t size)
{
  const struct roll_bar *const bar = roll_model_bar(view->model, number);
  const unsigned flags = bar ? bar->flags : 0;
  const char *const state = !bar                      ? "not composed yet"
                            : (flags & BAR_IS_LOCKED) ? "locked: it stays as it is"
                            : (flags & BAR_IS_STALE)  ? "will be composed anew: the controls have changed since"
                                                      : "composed";
  snprintf(text, size, "Bar %d: %s%s", number + 1, state, (flags & BAR_IS_END) ? "; a piece ends here" : "");
}

static void
describe_meter(const struct roll_view *const view, char *const text, const uint32_t size)
{
  const uint16_t quotation = roll_view_quotation(view);
  if (!(view->present.flags & MOMENT_HAS_FILTER)) {
    snprintf(text, size, "These weights do not tell what is quoted");
  } else if (quotation == WINDOW_UNKNOWN) {
    snprintf(text, size, "Not known whether this is quoted");
  } else if (quotation <= 8) {
    snprintf(text, size, "No quotation: nothing of 9 notes or more stands in the training music");
  } else {
    snprintf(text, size, "The last %u notes may stand in the training music, in some key", quotation);
  }
}

void
roll_view_describe(
    const struct roll_view *const view, const double x, const double y, char *const text, const uint32_t size)
{
  const struct roll_areas areas = roll_view_areas(view);
  const int32_t bar = roll_view_bar_at(view, x, y);
  text[0] = '\0';
  if (is_inside(&areas.meter, x, y)) {
    describe_meter(view, text, size);
  } else if (bar >= 0) {
    describe_bar(view, bar, text, size);
  }
}
