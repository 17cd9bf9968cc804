// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The take's inside, shared by take.c (bars), take_notes.c (notes) and take_history.c (versions).
//
// Bars live in slots that never move; a hash table (linear probing, at most half full, holes closed on removal) leads from
// a bar's number and version to its slot, and a list runs through the slots from the oldest to the newest bar. Notes live in
// a pool with a free list. Both pools hand out never-used entries by a water mark, so clearing does not walk through them.

#ifndef RITORNELLO_TAKE_PRIVATE_H
#define RITORNELLO_TAKE_PRIVATE_H

#include "take.h"
#include "take_view.h"

#include <stdint.h>

// A bar's neighbours in age, or, while the slot is free, the next free slot in `newer`
struct age {
  uint32_t older;
  uint32_t newer;
};

// The last note of a pitch before the place of writing, when it began, and the slot of its bar
struct last_note {
  uint32_t note;
  uint32_t onset;
  uint32_t slot;
};

// Where notes are appended: time counts from an arbitrary bar, a little more than the longest duration ago
struct writer {
  uint32_t bar; // TAKE_NONE: unknown, to be found again
  uint32_t start;
  struct last_note last[PITCH_CLASSES];
};

struct take {
  uint32_t bar_capacity;
  uint32_t bar_count;
  uint32_t bars_used; // Slots from here on were never used
  uint32_t free_slot;
  uint32_t oldest;
  uint32_t newest;
  struct take_bar *bars; // [bar_capacity]
  struct age *ages;      // [bar_capacity]
  uint32_t table_mask;
  uint32_t *table; // [table_mask + 1], slots or TAKE_NONE

  uint32_t note_capacity;
  uint32_t note_count;
  uint32_t notes_used; // Notes from here on were never used
  uint32_t free_note;
  struct take_note *notes; // [note_capacity]

  struct writer writer;

  struct view view;               // The present versions
  struct view history[TAKE_UNDO]; // [history_count], the oldest first
  uint32_t history_count;
  uint32_t versions;    // Handed out so far
  uint32_t changes;     // Counts what take_changes() tells
  uint32_t acceptances; // As well
  uint32_t collect;     // Next slot to look at for bars that no view shows, or TAKE_NONE
  uint64_t age;         // Given last

  bool is_watched;
  uint32_t touched_count;
  uint32_t *touched;   // [touched_count] of [bar_capacity] Slots that have changed, each once
  uint8_t *is_touched; // [bar_capacity] Whether a slot is among those
};

/// Return the table's index for `version` of bar `number`: where it stands, or the free place where it would.
uint32_t take_find(const struct take *take, uint32_t number, uint32_t version) REALTIME;

/// Return whether some view, the present one or one of history, shows `bar`.
bool take_is_wanted(const struct take *take, const struct take_bar *bar) REALTIME;

/// Note that the bar in `slot` has changed, if the take is watched.
void take_touch_slot(struct take *take, uint32_t slot) REALTIME;

#endif // RITORNELLO_TAKE_PRIVATE_H
