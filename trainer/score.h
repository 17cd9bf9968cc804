// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A score: MIDI messages as they come, made into the notes and pedal of a MIDI file.

#ifndef RITORNELLO_SCORE_H
#define RITORNELLO_SCORE_H

#include "../plugin/engine/event.h"
#include "../plugin/engine/midi_file.h"

#include <stddef.h>
#include <stdint.h>

/// Ticks per quarter note of scores: those of musical time, and finer by SCORE_DIVISION / TICKS_PER_QUARTER.
enum { SCORE_DIVISION = 480, SCORE_CHANNELS = 16, SCORE_PITCHES = 128 };

/// A score. `file` may be read at any time; what is not told by messages (tempo, title) may be set in it.
struct score {
  struct midi_file file;
  size_t note_capacity;
  size_t control_capacity;
  size_t open[SCORE_CHANNELS][SCORE_PITCHES]; ///< 1 + index of the note that sounds, 0 if none
};

/// Begin an empty score at one tempo and in one metre. `bpm` counts quarter notes per minute.
enum status score_begin(struct score *score, double bpm, struct metre metre, struct error *error);

void score_free(struct score *score);

/// Add a MIDI message at `tick`; ticks never go back. Anything but notes and sustain pedal is left out.
enum status score_midi(struct score *score, uint32_t tick, const uint8_t *message, uint32_t size, struct error *error);

/// End notes that still sound, at `tick`, and put all in a MIDI file's order. Nothing can be added afterwards.
void score_end(struct score *score, uint32_t tick);

#endif // RITORNELLO_SCORE_H
