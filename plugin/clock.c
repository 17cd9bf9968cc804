// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Musical time by frames.

#include "clock.h"

/// So far apart may a tick or a frame be at all; 2^62, so that two can be added.
static const double FAR = 4611686018427387904.0;

/// Whole part of `value`, towards minus infinity; FAR if it is further.
static int64_t
whole_below(const double value) REALTIME
{
  if (!(value > -FAR && value < FAR)) {
    return (int64_t)(value < 0.0 ? -FAR : FAR);
  }
  const int64_t truncated = (int64_t)value;
  return (double)truncated > value ? truncated - 1 : truncated;
}

void
clock_init(struct clock *const clock, const double frames_per_second) REALTIME
{
  *clock = (struct clock){.frames_per_second = frames_per_second, .metre = {4, 4}};
}

bool
clock_is_rolling(const struct clock *const clock) REALTIME
{
  return clock->ticks_per_second > 0.0;
}

double
clock_tick(const struct clock *const clock) REALTIME
{
  const double frames = (double)(clock->now - clock->reference_frame);
  return clock->reference_tick + frames * clock->ticks_per_second / clock->frames_per_second;
}

double
clock_bar_tick(const struct clock *const clock) REALTIME
{
  return clock_tick(clock) - (double)clock->bar_start;
}

int64_t
clock_frame_of(const struct clock *const clock, const int64_t tick) REALTIME
{
  const double ticks = (double)tick - clock->reference_tick;
  const double frames = ticks * clock->frames_per_second / clock->ticks_per_second;
  // A tie goes up, however its last bits were rounded
  return clock->reference_frame + whole_below(frames + 0.5 + 1e-6);
}

int64_t
clock_first_tick(const struct clock *const clock, const int64_t frame) REALTIME
{
  const double frames = (double)(frame - clock->reference_frame);
  const double ticks = clock->reference_tick + frames * clock->ticks_per_second / clock->frames_per_second;
  // Half a frame may be many ticks at wild tempos
  const double slack = 1.0 + clock->ticks_per_second / clock->frames_per_second;
  int64_t tick = whole_below(ticks - slack);
  while (clock_frame_of(clock, tick) < frame) {
    ++tick;
  }
  return tick;
}

void
clock_locate(struct clock *const clock, const int64_t bar, const double tick, const struct metre metre) REALTIME
{
  clock->reference_frame = clock->now;
  clock->reference_tick = tick;
  clock->bar = bar;
  clock->bar_start = 0;
  clock->metre = metre;
}

void
clock_adjust(struct clock *const clock, const int64_t bar, const double tick) REALTIME
{
  clock->bar_start += (bar - clock->bar) * (int64_t)metre_bar_ticks(clock->metre);
  clock->bar = bar;
  clock->reference_frame = clock->now;
  clock->reference_tick = (double)clock->bar_start + tick;
}

void
clock_set_metre(struct clock *const clock, const struct metre metre) REALTIME
{
  clock->metre = metre;
}

void
clock_set_tempo(struct clock *const clock, const double ticks_per_second) REALTIME
{
  if (ticks_per_second == clock->ticks_per_second) {
    return; // The old reference stays: nothing is rounded
  }
  clock->reference_tick = clock_tick(clock);
  clock->reference_frame = clock->now;
  clock->ticks_per_second = ticks_per_second;
}

// Let two bars pass for one.
static void
clock_double(struct clock *const clock) REALTIME
{
  const int64_t length = metre_bar_ticks(clock->metre);
  clock->reference_tick *= 2.0;
  clock->ticks_per_second *= 2.0;
  clock->bar *= 2;
  clock->bar_start *= 2;
  const bool is_second = clock_is_rolling(clock) ? clock_frame_of(clock, clock->bar_start + length) <= clock->now
                                                 : clock_bar_tick(clock) >= (double)length;
  clock->bar += is_second;
  clock->bar_start += is_second ? length : 0;
}

// Let one bar pass for two.
static void
clock_halve(struct clock *const clock) REALTIME
{
  const bool is_second = clock->bar % 2 != 0;
  const int64_t pair_start = clock->bar_start - (is_second ? (int64_t)metre_bar_ticks(clock->metre) : 0);
  const bool is_odd = pair_start % 2 != 0; // Bar lines are whole ticks: then all is half a tick earlier
  clock->reference_tick = clock->reference_tick / 2.0 - (is_odd ? 0.5 : 0.0);
  clock->ticks_per_second /= 2.0;
  clock->bar = (clock->bar - is_second) / 2;
  clock->bar_start = (pair_start - is_odd) / 2;
}

void
clock_scale(struct clock *const scaled, const struct clock *const clock, const enum rate rate) REALTIME
{
  *scaled = *clock;
  if (rate == RATE_DOUBLE) {
    clock_double(scaled);
  } else if (rate == RATE_HALF) {
    clock_halve(scaled);
  }
}

void
clock_advance(struct clock *const clock, const uint32_t frames) REALTIME
{
  clock->now += frames;
  if (!clock_is_rolling(clock)) {
    // Time stands still, so the reference moves along
    clock->reference_frame = clock->now;
    return;
  }
  int64_t next = clock->bar_start + (int64_t)metre_bar_ticks(clock->metre);
  while (clock_frame_of(clock, next) <= clock->now) {
    ++clock->bar;
    clock->bar_start = next;
    next += (int64_t)metre_bar_ticks(clock->metre);
  }
}
