// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Bars that come back: while `loop_bars` asks for it, the bar so many before is written down again instead of a new one
// being composed. Like all controls it is latched, here for a bar's first beat; other controls that have changed since, or a
// regenerated stretch, have bars composed first and then come back.

#include "composer_private.h"

#include "network.h"

#include <stddef.h>

// Return the number of the controls `number`, but looping as `loop_bars` says.
static uint16_t
looping(struct composer *const c, const uint16_t number, const uint32_t loop_bars) REALTIME
{
  struct controls controls = *latches_get(c->latches, number);
  controls.loop_bars = loop_bars;
  return latches_number(c->latches, &controls);
}

const struct take_bar *
composer_loop_source(struct composer *const c, const uint32_t number) REALTIME
{
  const uint16_t planned = composer_planned(c, (struct position){.bar = number});
  const uint32_t loop_bars = latches_get(c->latches, planned)->loop_bars;
  if (loop_bars == 0 || loop_bars > number) {
    return NULL;
  }
  const struct take_bar *const source = take_bar(c->take, number - loop_bars);
  const struct take_bar *const before = take_bar(c->take, number - 1);
  if (!source || !source->complete || !before || source->weights != c->weights->hash ||
      !metre_equals(source->metre, c->metre)) {
    return NULL;
  }
  const uint32_t salt = take_range(c->take, number)->salt;
  const bool is_alike =
      source->first == TAKE_NONE || looping(c, take_note(c->take, source->first)->latched, loop_bars) == planned;
  const bool is_held = composer_find_foreign(c, source, number) == TAKE_NONE;
  return is_alike && is_held && (salt == 0 || salt == source->salt) ? source : NULL;
}

// Count the steps of `bar`.
static uint32_t
steps_of(struct take *const take, const struct take_bar *const bar) REALTIME
{
  uint32_t steps = 0;
  for (uint32_t i = bar->first; i != TAKE_NONE; i = take_note(take, i)->next) {
    steps += !take_note(take, i)->joined;
  }
  return steps;
}

struct take_bar *
composer_open_after(struct composer *const c, const struct take_bar *const before) REALTIME
{
  struct take_bar *const bar = take_open_bar(c->take, before->number + 1, c->metre);
  if (bar) {
    const uint32_t salt = take_range(c->take, bar->number)->salt;
    bar->section = before->section;
    bar->entry = before->entry;
    bar->step = before->step + steps_of(c->take, before);
    bar->salt = salt ? salt : before->salt;
    bar->weights = before->weights;
    bar->pass = c->pass;
    bar->complete = true;
  }
  return bar;
}

bool
composer_loop(struct composer *const c) REALTIME
{
  const uint32_t number = c->frontier.bar;
  const struct take_bar *source = c->frontier.tick == 0 ? composer_loop_source(c, number) : NULL;
  if (!source || !composer_make_room(c, source->count + STEP_NOTES) || !(source = composer_loop_source(c, number))) {
    return false;
  }
  const uint32_t loop_bars = number - source->number;
  struct take_bar *const bar = composer_open_after(c, take_bar(c->take, number - 1));
  if (!bar) {
    return false;
  }
  bar->ends = source->ends;
  for (uint32_t i = source->first; i != TAKE_NONE; i = take_note(c->take, i)->next) {
    const uint32_t copy = take_append_copy(c->take, number, take_note(c->take, i));
    if (copy == TAKE_NONE) {
      break;
    }
    struct take_note *const note = take_note(c->take, copy);
    note->latched = looping(c, note->latched, loop_bars);
    note->origin = note->origin == TAKE_PLAYED ? TAKE_COPIED : note->origin;
  }
  composer_stand(c);
  c->frontier = (struct position){.bar = number + 1};
  c->is_arriving = take_bar(c->take, number + 1) != NULL;
  c->stood_until = c->is_arriving && number + 1 < c->stood_until ? number + 1 : c->stood_until;
  return true;
}
