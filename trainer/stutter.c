// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "stutter.h"

#include "engine/random.h"

enum { STUTTER_EVENTS = 64, STUTTER_BARS = 3 };

// What random numbers are drawn for
enum { DRAW_WHETHER, DRAW_TICKS, DRAW_TIMES };

static bool
is_first_of_onset(const struct piece *const piece, const uint32_t event)
{
  return event > 0 && piece->events[event - 1].advance > 0;
}

static bool
same_metre(const struct metre a, const struct metre b)
{
  return a.numerator == b.numerator && a.denominator == b.denominator;
}

// Return the event from which it takes `ticks` to `event`, or 0 if no onset or another metre is there, or too many notes.
static uint32_t
figure_begin(const struct piece *const piece, const uint32_t origin, const uint32_t event, const uint32_t ticks)
{
  uint32_t past = 0;
  uint32_t i = event;
  while (past < ticks && i > origin + 1 && event - i < STUTTER_EVENTS &&
         same_metre(piece->metres[i - 1], piece->metres[event])) {
    past += piece->events[--i].advance;
  }
  while (past == ticks && i > origin + 1 && !is_first_of_onset(piece, i)) {
    --i;
  }
  return past == ticks && i > origin && is_first_of_onset(piece, i) ? i : 0;
}

// Draw how long a figure is: a quarter, a third or half of a beat, a beat, half a bar, a bar or two.
static uint32_t
draw_ticks(const struct metre metre, const uint64_t key)
{
  const uint32_t bar = metre_bar_ticks(metre);
  const uint32_t beat = metre_beat_ticks(metre);
  const uint32_t lengths[] = {beat / 4, beat / 3, beat / 2, beat, bar / 2, bar, 2 * bar};
  return lengths[random_below(key, DRAW_TICKS, sizeof(lengths) / sizeof(lengths[0]))];
}

uint32_t
stutter_begin(struct stutter *const stutter,
              const struct piece *const piece,
              const uint32_t origin,
              const uint32_t event,
              const float share,
              const uint64_t key)
{
  if (stutter_is_on(stutter) || event == stutter->end || !is_first_of_onset(piece, event) ||
      piece->ticks[event] % metre_beat_ticks(piece->metres[event]) || random_uniform(key, DRAW_WHETHER) >= share) {
    return event;
  }
  const uint32_t ticks = draw_ticks(piece->metres[event], key);
  const uint32_t bar = metre_bar_ticks(piece->metres[event]);
  const uint32_t first = ticks ? figure_begin(piece, origin, event, ticks) : 0;
  const uint32_t most = ticks < metre_beat_ticks(piece->metres[event]) / 2 ? 1 : STUTTER_BARS;
  const uint32_t total = bar * (1 + random_below(key, DRAW_TIMES, most));
  if (!first || (ticks < bar && bar % ticks)) {
    return event;
  }
  stutter->first = first;
  stutter->end = event;
  stutter->left = total < ticks ? 1 : total / ticks;
  stutter->ticks = ticks;
  stutter->shift = ticks;
  return first;
}

uint32_t
stutter_next(struct stutter *const stutter, const struct piece *const piece, const uint32_t event)
{
  if (!stutter_is_on(stutter) || event != stutter->end) {
    return event;
  }
  if (--stutter->left) {
    stutter->shift += stutter->ticks;
    return stutter->first;
  }
  stutter_end(stutter, piece, event);
  return event;
}

void
stutter_end(struct stutter *const stutter, const struct piece *const piece, const uint32_t event)
{
  const uint32_t last = event < piece->count ? event : piece->count - 1;
  stutter->bars += stutter->shift / metre_bar_ticks(piece->metres[last]);
  stutter->shift = 0;
  stutter->left = 0;
}

uint32_t
stutter_place(const struct stutter *const stutter,
              const struct piece *const piece,
              const uint32_t event,
              uint16_t *const tick)
{
  const uint32_t bar = metre_bar_ticks(piece->metres[event]);
  const uint32_t ticks = piece->ticks[event] + stutter->shift;
  *tick = (uint16_t)(ticks % bar);
  return piece->bars[event] + ticks / bar + stutter->bars;
}
