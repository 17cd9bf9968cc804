// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Time goes on: the playhead moves between the messages that tell where it is, and the roll scrolls along with it.

#include "roll_view_private.h"

#include <math.h>

static const double FOLLOW_PART = 0.4;    ///< Of the width: where the playhead's bar begins after scrolling
static const double GLIDE_SECONDS = 0.45; ///< To scroll on
static const double JUMP_TICKS = 12.0;    ///< Differences between playhead and message beyond this are jumps
static const double CORRECTION = 0.15;    ///< Part of a smaller difference that is made up for at a message

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
    roll_damage_all(view);
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
  const double room = roll_view_areas(view).notes.width * FOLLOW_PART / roll_view_pixels_per_tick(view);
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
  const double width = roll_view_areas(view).notes.width / roll_view_pixels_per_tick(view);
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
  const double width = roll_view_areas(view).notes.width / roll_view_pixels_per_tick(view);
  if (view->glides && (jumps || fabs(view->glide_ticks) > width)) {
    view->glides = false;
    roll_view_set_left(view, view->left_goal, 0.0);
  }
}

/// Go on with gliding.
static void
glide(struct roll_view *const view)
{
  const double part = fmin(1.0, fmax(0.0, (view->now - view->glide_begin) / GLIDE_SECONDS));
  const double left = 1.0 - part * part * (3.0 - 2.0 * part);
  view->glides = part < 1.0;
  roll_view_set_left(view, view->left_goal, view->glide_ticks * left);
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

void
roll_view_advance(struct roll_view *const view, const double now)
{
  const double from = roll_view_playhead_x(view);
  const struct roll_moment before = view->present;
  const double passed = view->now < 0.0 ? 0.0 : fmax(0.0, now - view->now);
  bool jumps = view->now < 0.0;
  view->now = now;
  move_playhead(view, passed * view->present.ticks_per_second);
  if (roll_model_moment_revision(view->model) != view->seen_moment) {
    view->seen_moment = roll_model_moment_revision(view->model);
    jumps = take_in_moment(view) || jumps;
  }
  roll_view_look(view, &before, from);
  if (view->follows) {
    follow(view, jumps);
  }
  if (view->glides) {
    glide(view);
  }
}
