// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Bars of the take that the composer opens, keeps, drops and lets leave.

#include "composer_private.h"

#include "network.h"

#include <stddef.h>

enum {
  SWEEP_OPERATIONS = 4, // Looking at one slot of the take, in multiply-adds
  SWEEP_SLOTS = 256,    // Slots in one slice
  EVICTIONS = 512,      // Bars that leave, or may not leave, in one slice
};

struct metre
composer_metre_at(const struct composer *const c, const uint32_t number) REALTIME
{
  const struct take_bar *const bar = take_bar(c->take, number);
  return bar ? bar->metre : c->metre;
}

uint32_t
composer_bar_ticks(const struct composer *const c, const uint32_t number) REALTIME
{
  return metre_bar_ticks(composer_metre_at(c, number));
}

// Open a bar of the section in the making.
struct take_bar *
composer_open_bar(struct composer *const c, const uint32_t number) REALTIME
{
  struct take_bar *bar = take_bar(c->take, number);
  if (!bar && (bar = take_open_bar(c->take, number, c->metre))) {
    bar->section = c->section.bar;
    bar->entry = c->section.entry;
    bar->step = c->section.steps;
    bar->salt = take_range(c->take, number)->salt ? take_range(c->take, number)->salt : c->section.salt;
    bar->weights = c->weights->hash;
    bar->pass = c->pass;
  }
  return bar;
}

// Forget bar `number`, whose music is not wanted any more.
void
composer_drop_bar(struct composer *const c, const uint32_t number) REALTIME
{
  if (number >= c->section.bar && number <= c->section.tail_bar) {
    section_retreat(&c->section, number, 0);
    composer_unsettle(c);
  }
  take_remove_bar(c->take, number);
}

// Forget `bar` for want of room. A section that began there plays on: the network still knows.
static void
evict_bar(struct composer *const c, const struct take_bar *const bar) REALTIME
{
  c->has_lost_bars = c->has_lost_bars || take_shows(c->take, bar);
  if (take_shows(c->take, bar) && (bar->number == c->section.tail_bar || c->section.phase < SECTION_WAITING)) {
    section_lose(&c->section);
    composer_unsettle(c);
  }
  take_remove(c->take, bar);
}

// Let the oldest bars leave until a step and `notes` notes have room. What lies between playhead and frontier stays.
bool
composer_make_room(struct composer *const c, const uint32_t notes) REALTIME
{
  const uint32_t bars = ADVANCE_LONGEST / metre_bar_ticks(c->metre) + 2;
  bool has_room = take_has_room(c->take, bars, notes);
  for (uint32_t i = 0; i < EVICTIONS && !has_room; ++i) {
    const struct take_bar *const oldest = take_oldest_bar(c->take);
    if (!oldest) {
      break;
    }
    if (take_shows(c->take, oldest) && oldest->number >= c->playhead.bar && oldest->number <= c->frontier.bar) {
      take_refresh_bar(c->take, oldest->number);
    } else {
      evict_bar(c, oldest);
    }
    has_room = take_has_room(c->take, bars, notes);
  }
  return has_room;
}
