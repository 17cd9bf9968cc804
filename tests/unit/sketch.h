// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A few notes on paper: a MIDI file that a test writes note by note, in musical ticks.

#ifndef RITORNELLO_SKETCH_H
#define RITORNELLO_SKETCH_H

#include "engine/event.h"
#include "engine/midi_file.h"

enum {
  SKETCH_DIVISION = 480,
  SKETCH_TICK = SKETCH_DIVISION / TICKS_PER_QUARTER, ///< File ticks of one tick
  SKETCH_NOTES = 4096,
  SKETCH_METRES = 8,
};

/// `file` points into the two arrays; its counts say how much of them is used.
struct sketch {
  struct midi_note notes[SKETCH_NOTES];
  struct midi_metre metres[SKETCH_METRES];
  struct midi_file file;
};

/// Return an empty sketch, to be given back with free().
struct sketch *sketch_new(void);

/// Add `note`, in file ticks.
void sketch_add_file_note(struct sketch *sketch, struct midi_note note);

/// Add a note in ticks to track 1.
void sketch_add(struct sketch *sketch, uint32_t onset, uint32_t duration, uint8_t pitch);

/// Add a time signature at `tick`.
void sketch_add_metre(struct sketch *sketch, uint32_t tick, uint8_t numerator, uint16_t denominator);

#endif // RITORNELLO_SKETCH_H
