// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What is where, and what has changed since it was drawn.

#include "roll_view_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double RULER_HEIGHT = 22.0;
static const double KEYBOARD_WIDTH = 34.0;
static const double METER_WIDTH = 46.0;
static const double RECALL_PART = 0.26; ///< Of the height below the ruler
static const double RECALL_LEAST = 36.0;
static const double RECALL_MOST = 150.0;
static const double ZOOM_LEAST = 4.0;
static const double ZOOM_MOST = 400.0;
static const double FOLLOW_PART = 0.4;    ///< Of the width: where the playhead's bar begins, about
static const double GLIDE_SECONDS = 0.45; ///< To scroll by a bar
static const double JUMP_TICKS = 12.0;    ///< Differences between playhead and message beyond this are jumps
static const double CORRECTION = 0.15;    ///< Part of a smaller difference that is made up for at a message
static const double RECALL_SECONDS = 0.1; ///< Between drawings of fading arcs
static const double PLAYHEAD_REACH = 4.0; ///< Pixels to both sides that it is drawn on

enum {
  RANGE_LOWEST = 40, ///< Pitches that are always shown
  RANGE_HIGHEST = 84,
  RANGE_MARGIN = 1, ///< And so many beyond the lowest and highest note
  RANGE_STEP = 3,   ///< And some more, so that the range does not change with every note
};

struct roll_view *
roll_view_new(const struct roll_model *const model)
{
  struct roll_view *const view = calloc(1, sizeof *view);
  if (view) {
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
  }
  return view;
}

void
roll_view_free(struct roll_view *const view)
{
  if (view) {
    roll_recall_forget(view);
    free(view);
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

static double
pixels_per_tick(const struct roll_view *const view)
{
  return view->pixels_per_quarter / ROLL_TICKS_PER_QUARTER;
}

struct roll_axis
roll_view_axis(const struct roll_view *const view)
{
  return (struct roll_axis){
      .model = view->model,
      .bar = view->left_bar,
      .tick = view->left_tick,
      .x = KEYBOARD_WIDTH,
      .pixels_per_tick = pixels_per_tick(view),
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
  const double width = note->sounding * pixels_per_tick(view);
  rect->x = bar_x + note->tick * pixels_per_tick(view);
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

// Damage

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

static void
damage_all(struct roll_view *const view)
{
  view->damage_count = 0;
  view->target_count = roll_view_targets(view, view->targets);
  damage(view, (struct roll_rect){0.0, 0.0, view->width, view->height});
}

/// All that moves when the roll scrolls.
static void
damage_song(struct roll_view *const view)
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

uint32_t
roll_view_damage(struct roll_view *const view, struct roll_rect rects[ROLL_VIEW_DAMAGES])
{
  const uint32_t count = view->damage_count;
  memcpy(rects, view->damages, count * sizeof *rects);
  view->damage_count = 0;
  return count;
}

// The user

void
roll_view_resize(struct roll_view *const view, const double width, const double height)
{
  if (width != view->width || height != view->height) {
    view->width = width;
    view->height = height;
    view->glides = false;
    damage_all(view);
  }
}

/// Put the place at the left edge; not before the song's beginning.
static void
set_left(struct roll_view *const view, const int32_t bar, const double tick)
{
  const struct roll_axis axis = {.model = view->model, .bar = bar, .tick = tick, .pixels_per_tick = 1.0};
  roll_axis_place(&axis, 0.0, &view->left_bar, &view->left_tick);
  if (view->left_bar < 0) {
    view->left_bar = 0;
    view->left_tick = 0.0;
  }
  view->left_bar = view->left_bar < WINDOW_BAR_LAST ? view->left_bar : WINDOW_BAR_LAST - 1;
  damage_song(view);
}

void
roll_view_scroll(struct roll_view *const view, const double pixels)
{
  view->follows = false;
  view->glides = false;
  set_left(view, view->left_bar, view->left_tick + pixels / pixels_per_tick(view));
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
  damage_song(view);
}

void
roll_view_zoom(struct roll_view *const view, const double factor, const double x)
{
  const struct roll_axis axis = roll_view_axis(view);
  int32_t bar = 0;
  double tick = 0.0;
  roll_axis_place(&axis, x, &bar, &tick);
  roll_view_set_zoom_level(view, view->pixels_per_quarter * factor);
  set_left(view, bar, tick - (x - KEYBOARD_WIDTH) / pixels_per_tick(view));
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
    damage_song(view);
  }
}

/// The columns of bar `number`.
static void
damage_bar(struct roll_view *const view, const int32_t number)
{
  const struct roll_axis axis = roll_view_axis(view);
  if (number >= 0) {
    damage_span(view, roll_axis_x(&axis, number, 0.0) - 1.0, roll_axis_x(&axis, number + 1, 0.0) + 1.0);
  }
}

void
roll_view_hover(struct roll_view *const view, const double x, const double y)
{
  const int32_t bar = roll_view_bar_at(view, x, y);
  if (bar != view->hovered) {
    damage_bar(view, view->hovered);
    damage_bar(view, bar);
    view->hovered = bar;
  }
}

// Time

/// Let the shown playhead move by `ticks`.
static void
move_playhead(struct roll_view *const view, const double ticks)
{
  const struct roll_axis axis = {
      .model = view->model, .bar = view->present.bar, .tick = view->present.tick, .pixels_per_tick = 1.0};
  roll_axis_place(&axis, ticks, &view->present.bar, &view->present.tick);
}

/// Take in what was told of the playhead: small differences are made up for little by little, others at once. Return whether it
/// jumped.
static bool
take_in_moment(struct roll_view *const view)
{
  const struct roll_moment *const told = roll_model_moment(view->model);
  const struct roll_moment shown = view->present;
  const struct roll_axis axis = {.model = view->model};
  const double difference =
      roll_axis_ticks(&axis, shown.bar, told->bar) + told->tick - shown.tick; // How far it is behind
  const bool rolls = told->ticks_per_second > 0.0 && shown.ticks_per_second > 0.0;
  const bool jumps = fabs(difference) > JUMP_TICKS;
  if (told->flags != shown.flags || told->rate != shown.rate || told->originality != shown.originality) {
    damage_all(view);
  }
  view->present = *told;
  if (rolls && !jumps) {
    view->present.bar = shown.bar;
    view->present.tick = shown.tick;
    move_playhead(view, difference * CORRECTION);
  }
  return jumps;
}

/// The first bar in sight so that the playhead's begins at FOLLOW_PART of the width.
static int32_t
followed_left(const struct roll_view *const view)
{
  const double room = roll_view_areas(view).notes.width * FOLLOW_PART / pixels_per_tick(view);
  int32_t bar = view->present.bar < 0 ? 0 : view->present.bar;
  for (double ticks = 0.0; bar > 0;) {
    ticks += roll_bar_ticks(roll_model_metre(view->model, bar - 1));
    if (ticks > room) {
      break;
    }
    --bar;
  }
  return bar;
}

/// Return whether the playhead's bar, and what is composed ahead of it, is in sight if `left` is the first bar.
static bool
is_in_sight(const struct roll_view *const view, const int32_t left)
{
  const struct roll_axis axis = {.model = view->model};
  const double width = roll_view_areas(view).notes.width / pixels_per_tick(view);
  const double bar = roll_bar_ticks(view->present.metre);
  const double ahead = fmin(bar + view->present.look_ahead, width * (1.0 - FOLLOW_PART));
  const double playhead = roll_axis_ticks(&axis, left, view->present.bar);
  return playhead >= 0.0 && playhead + ahead <= width;
}

/// Keep the playhead in sight: glide some bars on where it nears the right edge, or jump to where it is now.
static void
follow(struct roll_view *const view, const bool jumps)
{
  const struct roll_axis axis = {.model = view->model};
  const bool is_placed = view->glides || view->left_tick == 0.0;
  if (!is_placed || !is_in_sight(view, view->glides ? view->left_goal : view->left_bar)) {
    view->left_goal = followed_left(view);
    view->glide_ticks = roll_axis_ticks(&axis, view->left_goal, view->left_bar) + view->left_tick;
    view->glide_begin = view->now;
    view->glides = view->glide_ticks != 0.0;
  }
  const double width = roll_view_areas(view).notes.width / pixels_per_tick(view);
  if (view->glides && (jumps || fabs(view->glide_ticks) > width)) {
    view->glides = false;
    set_left(view, view->left_goal, 0.0);
  }
}

/// Go on with gliding.
static void
glide(struct roll_view *const view)
{
  const double part = fmin(1.0, fmax(0.0, (view->now - view->glide_begin) / GLIDE_SECONDS));
  const double left = 1.0 - part * part * (3.0 - 2.0 * part);
  view->glides = part < 1.0;
  set_left(view, view->left_goal, view->glide_ticks * left);
}

void
roll_view_follow(struct roll_view *const view, const bool follows)
{
  view->follows = follows;
  view->glides = false;
  if (follows) {
    follow(view, false);
  }
}

bool
roll_view_is_moving(const struct roll_view *const view)
{
  return view->glides || view->recall_is_due || view->present.ticks_per_second > 0.0;
}

// What changed

static double
playhead_x(const struct roll_view *const view)
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
    damage_all(view);
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
  const double reach = ROLL_LONGEST_NOTE * pixels_per_tick(view);
  bool is_other = false;
  int32_t count = 0;
  const int32_t first = roll_view_sight(view, &count);
  for (int32_t number = first < 8 ? 0 : first - 8; number < first + count; ++number) {
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

/// The last onset that the playhead came over, as (bar, tick); bar -1: none near.
static void
last_onset(const struct roll_view *const view, int32_t *const bar, int32_t *const tick)
{
  *bar = -1;
  *tick = 0;
  for (int32_t number = view->present.bar; number >= 0 && number >= view->present.bar - 1 && *bar < 0; --number) {
    const struct roll_bar *const known = roll_model_bar(view->model, number);
    for (uint32_t i = known ? known->count : 0; i > 0 && *bar < 0; --i) {
      if (roll_view_is_past(view, number, known->notes[i - 1].tick)) {
        *bar = number;
        *tick = known->notes[i - 1].tick;
      }
    }
  }
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
  const double to = playhead_x(view);
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
  last_onset(view, &bar, &tick);
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
    damage_bar(view, before->ready_bar);
    damage_bar(view, view->present.ready_bar);
    view->recall_is_due = true;
  }
}

void
roll_view_advance(struct roll_view *const view, const double now)
{
  const double from = playhead_x(view);
  const struct roll_moment before = view->present;
  const double passed = view->now < 0.0 ? 0.0 : fmax(0.0, now - view->now);
  bool jumps = view->now < 0.0;
  view->now = now;
  move_playhead(view, passed * view->present.ticks_per_second);
  if (roll_model_moment_revision(view->model) != view->seen_moment) {
    view->seen_moment = roll_model_moment_revision(view->model);
    jumps = take_in_moment(view) || jumps;
  }
  look_at_bars(view);
  look_at_frontier(view, &before);
  look_at_playhead(view, from);
  look_at_onset(view);
  look_at_keys(view);
  if (view->follows) {
    follow(view, jumps);
  }
  if (view->glides) {
    glide(view);
  }
}

// What is in focus

/// Add the notes of `number` whose onset is less than a quarter before the playhead.
static uint32_t
add_heard(const struct roll_view *const view, const int32_t number, const double end, struct roll_focus *const focus)
{
  const struct roll_bar *const bar = roll_model_bar(view->model, number);
  uint32_t count = 0;
  for (uint32_t i = 0; bar && i < bar->count && count < ROLL_FOCUS / 4; ++i) {
    const double age = end - bar->notes[i].tick;
    if (age >= 0.0 && age < ROLL_TICKS_PER_QUARTER) {
      const double strength = 1.0 - age / ROLL_TICKS_PER_QUARTER;
      focus[count++] = (struct roll_focus){number, &bar->notes[i], strength, true};
    }
  }
  return count;
}

/// Add the notes of the onset composed last.
static uint32_t
add_composed(const struct roll_view *const view, struct roll_focus *const focus)
{
  uint32_t count = 0;
  for (int32_t number = view->present.ready_bar; number >= 0 && number > view->present.ready_bar - 4; --number) {
    const struct roll_bar *const bar = roll_model_bar(view->model, number);
    for (uint32_t i = bar ? bar->count : 0; i > 0 && count < ROLL_FOCUS / 4; --i) {
      const struct roll_note *const note = &bar->notes[i - 1];
      const bool is_composed = number < view->present.ready_bar || note->tick < view->present.ready_tick;
      if (is_composed && (count == 0 || note->tick == focus[0].note->tick)) {
        focus[count++] = (struct roll_focus){number, note, 1.0, false};
      }
    }
    if (count > 0) {
      break;
    }
  }
  return count;
}

uint32_t
roll_view_focus(const struct roll_view *const view, struct roll_focus focus[ROLL_FOCUS])
{
  uint32_t count = add_composed(view, focus);
  if (view->present.ticks_per_second > 0.0 && view->present.bar >= 0) {
    const int32_t bar = view->present.bar;
    const double before = bar > 0 ? roll_bar_ticks(roll_model_metre(view->model, bar - 1)) : 0.0;
    count += bar > 0 ? add_heard(view, bar - 1, view->present.tick + before, focus + count) : 0;
    count += add_heard(view, bar, view->present.tick, focus + count);
  }
  return count;
}

void
roll_view_keys(const struct roll_view *const view, uint8_t keys[128])
{
  memset(keys, 0, 128);
  if (!(view->present.flags & MOMENT_IS_PLAYING)) {
    return;
  }
  const struct roll_axis axis = {.model = view->model};
  for (int32_t number = view->present.bar; number >= 0 && number > view->present.bar - 7; --number) {
    const struct roll_bar *const bar = roll_model_bar(view->model, number);
    const double playhead = roll_axis_ticks(&axis, number, view->present.bar) + view->present.tick;
    for (uint32_t i = 0; bar && i < bar->count; ++i) {
      const struct roll_note *const note = &bar->notes[i];
      if (note->tick < playhead && note->tick + note->sounding > playhead) {
        keys[note->pitch] = note->is_left ? 2 : 1;
      }
    }
  }
}

uint16_t
roll_view_quotation(const struct roll_view *const view)
{
  int32_t number = 0;
  int32_t tick = 0;
  uint16_t quotation = WINDOW_UNKNOWN;
  last_onset(view, &number, &tick);
  const struct roll_bar *const bar = roll_model_bar(view->model, number);
  for (uint32_t i = 0; bar && i < bar->count; ++i) {
    const struct roll_note *const note = &bar->notes[i];
    const bool is_longer = quotation == WINDOW_UNKNOWN || note->quotation > quotation;
    if (note->tick == tick && note->quotation != WINDOW_UNKNOWN && is_longer) {
      quotation = note->quotation;
    }
  }
  return quotation;
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
