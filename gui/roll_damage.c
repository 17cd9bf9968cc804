// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What is out of date: what is shown is compared with what was drawn, and where they differ is damage.

#include "roll_view_private.h"

#include <math.h>
#include <string.h>

static const double RECALL_SECONDS = 0.1; ///< Between drawings of fading arcs
static const double PLAYHEAD_REACH = 4.0; ///< Pixels to both sides that it is drawn on

enum {
  RANGE_MARGIN = 1, ///< Keys that are shown beyond the lowest and highest note,
  RANGE_STEP = 3,   ///< and some more, so that the range does not change with every note
  BARS_BEFORE = 8,  ///< Notes of so many bars before the first in sight may reach into it
};

/// Make `rect` damage, as far as it is within the view, in whole pixels.
static void
damage(struct roll_view *const view, struct roll_rect rect)
{
  const double right = fmin(ceil(view->width), ceil(rect.x + rect.width));
  const double bottom = fmin(ceil(view->height), ceil(rect.y + rect.height));
  rect.x = fmax(0.0, floor(rect.x));
  rect.y = fmax(0.0, floor(rect.y));
  rect.width = right - rect.x;
  rect.height = bottom - rect.y;
  if (rect.width <= 0.0 || rect.height <= 0.0) {
    return;
  }
  if (view->damage_count < ROLL_VIEW_DAMAGES) {
    view->damages[view->damage_count++] = rect;
    return;
  }
  struct roll_rect *const last = &view->damages[ROLL_VIEW_DAMAGES - 1];
  const double x = fmin(last->x, rect.x);
  const double y = fmin(last->y, rect.y);
  *last = (struct roll_rect){x, y, fmax(last->x + last->width, right) - x, fmax(last->y + last->height, bottom) - y};
}

void
roll_damage_all(struct roll_view *const view)
{
  view->damage_count = 0;
  view->target_count = roll_view_targets(view, view->targets);
  damage(view, (struct roll_rect){0.0, 0.0, view->width, view->height});
}

void
roll_damage_song(struct roll_view *const view)
{
  const struct roll_areas areas = roll_view_areas(view);
  view->target_count = roll_view_targets(view, view->targets); // They have moved with it
  damage(view, (struct roll_rect){areas.ruler.x, 0.0, areas.ruler.width, view->height});
}

/// The ruler and the notes between two x.
static void
damage_span(struct roll_view *const view, const double begin, const double end)
{
  const struct roll_areas areas = roll_view_areas(view);
  const double x = fmax(begin, areas.notes.x);
  const double width = fmin(end, areas.notes.x + areas.notes.width) - x;
  damage(view, (struct roll_rect){x, areas.ruler.y, width, areas.ruler.height});
  damage(view, (struct roll_rect){x, areas.notes.y, width, areas.notes.height});
}

void
roll_damage_bar(struct roll_view *const view, const int32_t number)
{
  const struct roll_axis axis = roll_view_axis(view);
  if (number >= 0) {
    damage_span(view, roll_axis_x(&axis, number, 0.0) - 1.0, roll_axis_x(&axis, number + 1, 0.0) + 1.0);
  }
}

uint32_t
roll_view_damage(struct roll_view *const view, struct roll_rect rects[ROLL_VIEW_DAMAGES])
{
  const uint32_t count = view->damage_count;
  memcpy(rects, view->damages, count * sizeof *rects);
  view->damage_count = 0;
  return count;
}

// What changed

double
roll_view_playhead_x(const struct roll_view *const view)
{
  const struct roll_axis axis = roll_view_axis(view);
  return roll_axis_x(&axis, view->present.bar, view->present.tick);
}

/// Show all pitches that are known.
static void
fit_range(struct roll_view *const view, const struct roll_bar *const bar)
{
  int lowest = view->lowest;
  int highest = view->highest;
  for (uint32_t i = 0; i < bar->count; ++i) {
    const int pitch = bar->notes[i].pitch;
    lowest = pitch - RANGE_MARGIN < lowest ? pitch - RANGE_MARGIN - RANGE_STEP : lowest;
    highest = pitch + RANGE_MARGIN > highest ? pitch + RANGE_MARGIN + RANGE_STEP : highest;
  }
  lowest = lowest < ROLL_PITCH_LOWEST ? ROLL_PITCH_LOWEST : lowest;
  highest = highest > ROLL_PITCH_HIGHEST ? ROLL_PITCH_HIGHEST : highest;
  if (lowest != view->lowest || highest != view->highest) {
    view->lowest = lowest;
    view->highest = highest;
    roll_damage_all(view);
  }
}

/// Look for bars in sight that are not as they were drawn.
static void
look_at_bars(struct roll_view *const view)
{
  if (roll_model_revision(view->model) == view->seen_model) {
    return;
  }
  view->seen_model = roll_model_revision(view->model);
  const struct roll_axis axis = roll_view_axis(view);
  const double reach = ROLL_LONGEST_NOTE * roll_view_pixels_per_tick(view);
  bool is_other = false;
  int32_t count = 0;
  const int32_t first = roll_view_sight(view, &count);
  for (int32_t number = first < BARS_BEFORE ? 0 : first - BARS_BEFORE; number < first + count; ++number) {
    const struct roll_bar *const bar = roll_model_bar(view->model, number);
    const uint32_t revision = bar ? bar->revision : 0;
    uint32_t *const seen = &view->seen_bars[number % ROLL_SEEN_BARS];
    if (revision != *seen) {
      *seen = revision;
      is_other = true;
      damage_span(view, roll_axis_x(&axis, number, 0.0) - 2.0, roll_axis_x(&axis, number + 1, 0.0) + reach);
      if (bar) {
        fit_range(view, bar);
      }
    }
  }
  view->recall_is_due = view->recall_is_due || is_other;
}

static void
damage_targets(struct roll_view *const view)
{
  for (uint32_t i = 0; i < view->target_count; ++i) {
    const struct roll_rect *const rect = &view->targets[i].rect;
    damage(view, (struct roll_rect){rect->x - 1.0, rect->y - 1.0, rect->width + 2.0, rect->height + 2.0});
  }
}

/// What the notes heard now look back at is shown among the notes.
static void
look_at_targets(struct roll_view *const view)
{
  struct roll_target targets[ROLL_TARGETS];
  const uint32_t count = roll_view_targets(view, targets);
  bool is_other = count != view->target_count;
  for (uint32_t i = 0; i < count && !is_other; ++i) {
    const struct roll_target *const a = &targets[i];
    const struct roll_target *const b = &view->targets[i];
    is_other = a->rect.x != b->rect.x || a->rect.y != b->rect.y || a->share != b->share;
  }
  if (is_other) {
    damage_targets(view);
    memcpy(view->targets, targets, count * sizeof *targets);
    view->target_count = count;
    damage_targets(view);
  }
}

/// Make the notes that begin or cease to sound between two places of the playhead damage.
static void
damage_lights(struct roll_view *const view, const double from, const double to)
{
  const struct roll_axis axis = roll_view_axis(view);
  for (int32_t number = view->present.bar - 6 < 0 ? 0 : view->present.bar - 6; number <= view->present.bar; ++number) {
    const struct roll_bar *const bar = roll_model_bar(view->model, number);
    const double bar_x = roll_axis_x(&axis, number, 0.0);
    for (uint32_t i = 0; bar && i < bar->count; ++i) {
      const double begin = bar_x + bar->notes[i].tick * axis.pixels_per_tick;
      const double end = begin + bar->notes[i].sounding * axis.pixels_per_tick;
      if ((begin >= from && begin < to) || (end >= from && end < to)) {
        struct roll_rect rect;
        roll_view_note_rect(view, bar_x, &bar->notes[i], &rect);
        damage(view, (struct roll_rect){rect.x - 4.0, rect.y - 4.0, rect.width + 8.0, rect.height + 8.0});
      }
    }
  }
}

/// The playhead went from `from` to where it is now, in one scrolling position.
static void
look_at_playhead(struct roll_view *const view, const double from)
{
  const double to = roll_view_playhead_x(view);
  if (floor(from * 2.0) == floor(to * 2.0)) {
    return;
  }
  damage_span(view, fmin(from, to) - PLAYHEAD_REACH, fmax(from, to) + PLAYHEAD_REACH);
  damage_lights(view, fmin(from, to) - 0.5, fmax(from, to) + 0.5);
}

/// Keys that are pressed or released.
static void
look_at_keys(struct roll_view *const view)
{
  uint8_t keys[128];
  roll_view_keys(view, keys);
  if (memcmp(keys, view->seen_keys, sizeof keys) != 0) {
    memcpy(view->seen_keys, keys, sizeof keys);
    damage(view, roll_view_areas(view).keyboard);
  }
}

/// Arcs of what is heard, and the quotation that it is in.
static void
look_at_onset(struct roll_view *const view)
{
  int32_t bar = 0;
  int32_t tick = 0;
  roll_view_last_onset(view, &bar, &tick);
  const bool is_other = bar != view->seen_onset_bar || tick != view->seen_onset_tick;
  view->seen_onset_bar = bar;
  view->seen_onset_tick = tick;
  look_at_targets(view);
  view->recall_is_due = view->recall_is_due || is_other || view->present.ticks_per_second > 0.0;
  if (view->recall_is_due && fabs(view->now - view->recall_drawn) >= RECALL_SECONDS) {
    view->recall_is_due = false;
    view->recall_drawn = view->now;
    damage(view, roll_view_areas(view).recall);
  }
  const uint16_t quotation = roll_view_quotation(view);
  if (quotation != view->seen_quotation) {
    view->seen_quotation = quotation;
    damage(view, roll_view_areas(view).meter);
  }
}

/// What is composed up to here is drawn otherwise than what is not.
static void
look_at_frontier(struct roll_view *const view, const struct roll_moment *const before)
{
  if (before->ready_bar != view->present.ready_bar || before->ready_tick != view->present.ready_tick) {
    roll_damage_bar(view, before->ready_bar);
    roll_damage_bar(view, view->present.ready_bar);
    view->recall_is_due = true;
  }
}

void
roll_view_look(struct roll_view *const view, const struct roll_moment *const before, const double from)
{
  look_at_bars(view);
  look_at_frontier(view, before);
  look_at_playhead(view, from);
  look_at_onset(view);
  look_at_keys(view);
}
