// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Musical time by frames. A clock knows at which bar and tick it is, and at which exact frame every tick falls; it counts
// from its last reference (a locate, a change of tempo) in one multiplication, so that rounding never adds up and the
// lengths of blocks do not matter.
//
// Ticks are counted from a zero of the clock's own, which changes at a locate only: "run ticks". Bar lines are whole run
// ticks, so that notes (bar, tick in bar) fall on whole run ticks too.

#ifndef RITORNELLO_CLOCK_H
#define RITORNELLO_CLOCK_H

#include "engine/event.h"
#include "engine/performance.h"
#include "engine/realtime.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct clock {
  double frames_per_second;
  int64_t now;             ///< Frames since clock_init()
  int64_t reference_frame; ///< Where time was last set
  double reference_tick;   ///< Run ticks at the reference frame
  double ticks_per_second; ///< 0: stands still
  int64_t bar;             ///< Bar that `now` is in; below 0 in a pre-roll
  int64_t bar_start;       ///< Run tick of its bar line
  struct metre metre;      ///< Of the bar
};

/// Stand still at bar 0, tick 0 in 4/4.
void clock_init(struct clock *clock, double frames_per_second) REALTIME;

/// Return whether time goes on.
bool clock_is_rolling(const struct clock *clock) REALTIME;

/// Return the run ticks now.
double clock_tick(const struct clock *clock) REALTIME;

/// Return the ticks since the bar line now.
double clock_bar_tick(const struct clock *clock) REALTIME;

/// Return the frame at which run tick `tick` falls, rounded to the nearest. The clock must be rolling.
int64_t clock_frame_of(const struct clock *clock, int64_t tick) REALTIME;

/// Return the first run tick that falls at or after `frame`. The clock must be rolling.
int64_t clock_first_tick(const struct clock *clock, int64_t frame) REALTIME;

/// Go to `tick` of `bar`, a bar of `metre`; run ticks begin anew.
void clock_locate(struct clock *clock, int64_t bar, double tick, struct metre metre) REALTIME;

/// Correct the place by a little: run ticks go on.
void clock_adjust(struct clock *clock, int64_t bar, double tick) REALTIME;

/// Change the bar's metre; the place stays.
void clock_set_metre(struct clock *clock, struct metre metre) REALTIME;

/// Go on at `ticks_per_second` from now.
void clock_set_tempo(struct clock *clock, double ticks_per_second) REALTIME;

/// Set `scaled` to a clock that runs at `rate` against `clock`: in double time, bars 2n and 2n + 1 pass in its bar n; in half
/// time, its bar n in bars 2n and 2n + 1.
void clock_scale(struct clock *scaled, const struct clock *clock, enum rate rate) REALTIME;

/// Let `frames` pass.
void clock_advance(struct clock *clock, uint32_t frames) REALTIME;

#ifdef __cplusplus
}
#endif

#endif // RITORNELLO_CLOCK_H
