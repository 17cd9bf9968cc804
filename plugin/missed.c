// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What comes in while the take is being saved.

#include "missed.h"

#include <lv2/atom/util.h>

#include <stddef.h>
#include <string.h>

/// The bytes that `event` takes in a sequence.
static uint32_t
size_of(const LV2_Atom_Event *const event) REALTIME
{
  return lv2_atom_pad_size((uint32_t)sizeof *event + event->body.size);
}

void
missed_keep(struct missed *const missed, const LV2_Atom_Event *const event) REALTIME
{
  if (event->body.size > MISSED_SIZE || size_of(event) > MISSED_SIZE - missed->size) {
    missed->is_full = true;
    return;
  }
  memcpy(&missed->events.bytes[missed->size], event, sizeof *event + event->body.size);
  missed->size += size_of(event);
}

void
missed_watch(const struct missed *const missed,
             struct missed_trigger *const trigger,
             const bool is_high,
             const bool before) REALTIME
{
  const bool was_high = missed->has_passed ? trigger->is_high : before;
  trigger->has_risen = trigger->has_risen || (is_high && !was_high);
  trigger->is_high = is_high;
}

const LV2_Atom_Event *
missed_next(const struct missed *const missed, uint32_t *const offset) REALTIME
{
  if (*offset >= missed->size) {
    return NULL;
  }
  const void *const at = &missed->events.bytes[*offset];
  const LV2_Atom_Event *const event = at;
  *offset += size_of(event);
  return event;
}

void
missed_forget(struct missed *const missed) REALTIME
{
  missed->has_passed = false;
  missed->has_jumped = false;
  missed->is_full = false;
  missed->regenerate = (struct missed_trigger){.is_high = false};
  missed->undo = (struct missed_trigger){.is_high = false};
  missed->size = 0;
}
