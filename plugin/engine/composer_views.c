// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What those want to know of the music who show it. Nothing here changes anything.

#include "composer_private.h"

#include <stddef.h>

uint32_t
composer_look_ahead(const struct composer *const c) REALTIME
{
  return c->controls.look_ahead;
}

bool
composer_is_stale(const struct composer *const c, const struct take_bar *const bar) REALTIME
{
  if (composer_is_locked(c, bar->number) || bar->number < c->cursor.bar ||
      bar->accepted != take_range(c->take, bar->number)->accepted) {
    return false;
  }
  for (uint32_t i = bar->first; i != TAKE_NONE; i = take_note(c->take, i)->next) {
    const struct take_note *const note = take_note(c->take, i);
    const bool is_settled = bar->number == c->cursor.bar && note->tick < c->cursor.tick;
    if (!is_settled && note->latched != c->present) {
      return true;
    }
  }
  return false;
}

const struct recollection *
composer_recollection(const struct composer *const c, const uint32_t number, const struct take_note *const note)
    REALTIME
{
  return attention_log_find(c->section.recollected, number, note->tick, note->event.pitch);
}
