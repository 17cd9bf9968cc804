// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What is heard now, and what was composed last: the notes whose arcs are bright, the keys that are pressed, the quotation
// that the music is in.

#include "roll_view_private.h"

#include <string.h>

void
roll_view_last_onset(const struct roll_view *const view, int32_t *const bar, int32_t *const tick)
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
  roll_view_last_onset(view, &number, &tick);
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
