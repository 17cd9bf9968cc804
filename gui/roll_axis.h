// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The roll's axis of time: which place of the song is where. Bars differ in length, and those of which nothing is known are
// taken to be as long as the present one; so an axis is held at a place of the song, and all else is counted from there.

#ifndef RITORNELLO_ROLL_AXIS_H
#define RITORNELLO_ROLL_AXIS_H

#include "roll_model.h"

struct roll_axis {
  const struct roll_model *model;
  int32_t bar;            ///< The place
  double tick;            ///< at
  double x;               ///< this x
  double pixels_per_tick; ///< Above 0
};

/// Return the ticks from (bar, 0) `from` to (bar, 0) `to`, below 0 if that lies before. Beyond some hundred bars it is an
/// estimate.
double roll_axis_ticks(const struct roll_axis *axis, int32_t from, int32_t to);

/// Return where a place is; `bar` may be below 0.
double roll_axis_x(const struct roll_axis *axis, int32_t bar, double tick);

/// Set `bar` and `tick` to the place at `x`; before the song's beginning, bars below 0.
void roll_axis_place(const struct roll_axis *axis, double x, int32_t *bar, double *tick);

#endif // RITORNELLO_ROLL_AXIS_H
