// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What the two halves of the MIDI file reader share: midi_parse.c finds the tracks, midi_track.c reads the events in them.

#ifndef RITORNELLO_MIDI_TRACK_H
#define RITORNELLO_MIDI_TRACK_H

#include "midi_file.h"

#include <stdbool.h>

enum { MIDI_CHANNELS = 16, MIDI_PITCHES = 128 };

/// The first and the last of the notes that sound at one channel and pitch, as indices; UINT32_MAX where there is none.
struct midi_queue {
  uint32_t first;
  uint32_t last;
};

/// A file on its way from bytes to arrays.
struct midi_parser {
  const uint8_t *bytes;   ///< [size]
  size_t size;            ///< Of the file
  size_t position;        ///< Where to read next
  size_t end;             ///< Of the track
  const char *name;       ///< Of the file, for errors
  struct error *error;    ///< May be NULL
  struct midi_file *file; ///< What is filled
  uint32_t *next_open;    ///< [note_count] the note of the same channel and pitch that began after this one
  uint64_t scale;         ///< File ticks times scale / divisor are ticks of file->division
  uint64_t divisor;       ///< Both are 1 but for SMPTE files
  uint64_t base;          ///< Where the track begins, in file ticks; not 0 in format 2 only
  uint64_t tick;          ///< Time now, in file ticks
  uint8_t running_status; ///< 0: none
  bool cut;               ///< The file ends before the track should
  bool finished;          ///< The end of track was read
  struct midi_queue open[MIDI_CHANNELS][MIDI_PITCHES];
};

/// Set the parser's error to say `what` is wrong at the present byte, and return STATUS_BAD_FORMAT.
enum status midi_parser_fail(const struct midi_parser *parser, const char *what);

/// Return the unsigned number in the `count` (1 to 4) bytes at `bytes`, the highest first.
uint32_t midi_big_endian(const uint8_t *bytes, unsigned count);

/// Read the events from `position` to `end` as the file's next track. The end of track may be missing, nothing else may.
enum status midi_track_read(struct midi_parser *parser);

#endif // RITORNELLO_MIDI_TRACK_H
