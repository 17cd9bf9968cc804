// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "roll_axis.h"

#include <math.h>

enum { COUNTED_BARS = 600 }; // More than are known or in sight

static double
ticks_of(const struct roll_axis *const axis, const int32_t bar)
{
  return roll_bar_ticks(roll_model_metre(axis->model, bar));
}

double
roll_axis_ticks(const struct roll_axis *const axis, const int32_t from, const int32_t to)
{
  const int32_t first = from < to ? from : to;
  const int32_t end = from < to ? to : from;
  const int32_t counted = end - first < COUNTED_BARS ? end : first + COUNTED_BARS;
  double ticks = 0.0;
  for (int32_t bar = first; bar < counted; ++bar) {
    ticks += ticks_of(axis, bar);
  }
  ticks += (double)(end - counted) * roll_bar_ticks(roll_model_moment(axis->model)->metre);
  return from < to ? ticks : -ticks;
}

double
roll_axis_x(const struct roll_axis *const axis, const int32_t bar, const double tick)
{
  return axis->x + (roll_axis_ticks(axis, axis->bar, bar) + tick - axis->tick) * axis->pixels_per_tick;
}

void
roll_axis_place(const struct roll_axis *const axis, const double x, int32_t *const bar, double *const tick)
{
  const double most = 1e6; // As far as anybody scrolls
  *bar = axis->bar;
  *tick = axis->tick + fmax(-most, fmin(most, (x - axis->x) / axis->pixels_per_tick));
  while (*tick < 0.0) {
    --*bar;
    *tick += ticks_of(axis, *bar);
  }
  while (*tick >= ticks_of(axis, *bar)) {
    *tick -= ticks_of(axis, *bar);
    ++*bar;
  }
}
