// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// From the notes of a MIDI file to the events of a piece: quantised to ticks, put into bars, told apart by hand.
//
// Onsets go to the nearest tick. Where no advance class stands for the ticks to the next onset, the nearest one is taken
// and the onset moves to where that leads; the next advance is counted from there, so that errors never add up. Bars and
// ticks in `struct piece` are those quantised places. Whole empty bars before the first note are left out, and so are
// those inside a rest that is longer than ADVANCE_LONGEST.

#ifndef RITORNELLO_PIECE_H
#define RITORNELLO_PIECE_H

#include "../plugin/engine/midi_file.h"
#include "corpus.h"

enum {
  PIECE_NOTES = 1 << 20,   ///< A file with more notes is no piece of piano music
  DISTINCT_VELOCITIES = 8, ///< A file with fewer different velocities doesn't tell them
  REPEAT_EVENTS = 48,      ///< Least events of a verbatim repeat
  REPEAT_BARS = 4,         ///< and its least bars
};

/// Make `*piece` of the notes of `file`; `name` becomes its path and work. `*left_out` is the number of notes that are no
/// events. Fails if there is no note left. The piece is to be freed with piece_free() in any case.
enum status piece_make(
    const struct midi_file *file, const char *name, struct piece *piece, uint64_t *left_out, struct error *error);

/// Fill `hands` [file->note_count] with the hand of each note and `*told` with true; with false, and nothing into `hands`, if the
/// file does not tell. Fails only for want of memory.
enum status hands_tell(const struct midi_file *file, uint8_t *hands, bool *told);

/// Return the key, 1 to 24, that fits the `count` events best: their pitch classes, weighted with how long each sounds.
uint8_t key_estimate(const struct event *events, uint32_t count);

/// Fill `piece->repeats` [N] from its events and their places in the bar.
enum status repeats_mark(struct piece *piece);

#endif // RITORNELLO_PIECE_H
