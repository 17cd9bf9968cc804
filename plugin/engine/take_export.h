// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// From a take to a MIDI file. In two halves, so that whoever has heard the music (a host that recorded it) makes the very
// file of it that the take itself is exported as: first the notes of a range of bars, then a file of any such notes. Not for
// the audio thread.

#ifndef RITORNELLO_TAKE_EXPORT_H
#define RITORNELLO_TAKE_EXPORT_H

#include "event.h"
#include "midi_file.h"
#include "status.h"
#include "take.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  EXPORT_DIVISION = 480, ///< Ticks per quarter note of the files: finer than musical time, as other programs expect
  EXPORT_TRACK_RIGHT = 0,
  EXPORT_TRACK_LEFT = 1,
};

/// A note as it sounds.
struct export_note {
  uint32_t onset;    ///< Ticks of musical time (24 to a quarter) from the export's beginning
  uint32_t duration; ///< Ticks of musical time, at least 1
  uint8_t hand;      ///< enum hand: which track it goes to (the right hand's if untold)
  uint8_t channel;   ///< 0 to 15
  uint8_t pitch;     ///< 0 to 127
  uint8_t velocity;  ///< 1 to 127
};

/// A metre from `tick` (as onsets) on.
struct export_metre {
  uint32_t tick;
  struct metre metre;
};

/// What goes into a file. Arrays are the owner's: free with take_export_free() what take_export_bars() made.
struct take_export {
  struct export_note *notes; ///< In any order
  size_t note_count;
  struct export_metre *metres; ///< By rising ticks; the first at 0
  size_t metre_count;
};

/// Where gathering has come to.
struct export_walk {
  uint32_t number;    ///< The next bar
  uint32_t end;       ///< The bar after the last
  uint32_t tick;      ///< Where the next bar begins
  struct metre metre; ///< Of the bar before
};

/// Make room for `notes` notes and `metres` metres.
enum status take_export_new(struct take_export *exported, size_t notes, size_t metres, struct error *error);

/// Begin to gather bars `first` to `first + bars - 1` of `take`.
void export_walk_begin(struct export_walk *walk, struct take *take, uint32_t first, uint32_t bars) REALTIME;

/// Gather the next `bars` bars; `exported` has room for their notes, and for a metre per bar. Return whether there are more.
/// Bars that are gathered must not go or come in between, only notes be added at the take's end.
bool
export_walk_gather(struct export_walk *walk, struct take *take, uint32_t bars, struct take_export *exported) REALTIME;

/// All is gathered: let notes end with the last bar, and where their pitch begins again.
void export_walk_end(const struct export_walk *walk, struct take_export *exported);

/// Gather what sounds in bars `first` to `first + bars - 1` of `take`, on channel 0. Notes end with the last bar at the
/// latest. A bar that the take does not have is silent, and as long as the bar before it (at the beginning, 4/4).
enum status
take_export_bars(struct take *take, uint32_t first, uint32_t bars, struct take_export *exported, struct error *error);

void take_export_free(struct take_export *exported);

/// Make a MIDI file of `exported`: `title` (NULL: none), `bpm` quarter notes per minute, the hands in two tracks. Free it with
/// midi_file_free().
enum status take_export_file(
    const struct take_export *exported, const char *title, double bpm, struct midi_file *file, struct error *error);

#ifdef __cplusplus
}
#endif

#endif // RITORNELLO_TAKE_EXPORT_H
