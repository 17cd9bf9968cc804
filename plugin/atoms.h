// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Reading atoms that may lie about their sizes. LV2's own iterators (lv2/atom/util.h) look whether an event or a property begins
// before the end, but not whether it ends there. What the functions here let through is whole, and safe with those iterators.

#ifndef RITORNELLO_ATOMS_H
#define RITORNELLO_ATOMS_H

#include "engine/realtime.h"

#include <lv2/atom/atom.h>
#include <lv2/atom/util.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// What is left to read of a sequence.
struct atom_events {
  const char *at;
  uint32_t left; ///< Bytes
};

/// Begin to read `sequence` (NULL: none), if it is of the type `sequence_type`.
static inline struct atom_events
atom_events_of(const LV2_Atom_Sequence *const sequence, const uint32_t sequence_type) REALTIME
{
  struct atom_events events = {NULL, 0};
  if (sequence && sequence->atom.type == sequence_type && sequence->atom.size > sizeof sequence->body) {
    events.at = (const char *)(sequence + 1);
    events.left = sequence->atom.size - (uint32_t)sizeof sequence->body;
  }
  return events;
}

/// Return the next event, which lies in the sequence with all its bytes; NULL if there is no such one.
static inline const LV2_Atom_Event *
atom_events_next(struct atom_events *const events) REALTIME
{
  const LV2_Atom_Event *const event = (const LV2_Atom_Event *)(const void *)events->at;
  if (events->left < sizeof *event || event->body.size > events->left - sizeof *event) {
    events->left = 0;
    return NULL;
  }
  const uint32_t used = (uint32_t)sizeof *event + event->body.size;
  const uint32_t padding = (8U - used % 8U) % 8U;
  const uint32_t step = padding < events->left - used ? used + padding : events->left;
  events->at += step;
  events->left -= step;
  return event;
}

/// Return whether `object`, whose own size is known to be true, has properties that all end inside it.
static inline bool
atom_object_is_whole(const LV2_Atom_Object *const object) REALTIME
{
  if (object->atom.size < sizeof object->body) {
    return false;
  }
  const char *at = (const char *)(object + 1);
  for (uint32_t left = object->atom.size - (uint32_t)sizeof object->body; left > 0;) {
    const LV2_Atom_Property_Body *const property = (const LV2_Atom_Property_Body *)(const void *)at;
    if (left < sizeof *property || property->value.size > left - sizeof *property) {
      return false;
    }
    const uint32_t used = (uint32_t)sizeof *property + property->value.size;
    const uint32_t padding = (8U - used % 8U) % 8U;
    const uint32_t step = padding < left - used ? used + padding : left;
    at += step;
    left -= step;
  }
  return true;
}

#endif // RITORNELLO_ATOMS_H
