// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Standard MIDI files (formats 0, 1 and 2): read into plain arrays of notes, metres, tempos, keys and pedal, and written
// from the same. The reader is lenient with what files from the wild really do (running status, missing end of track,
// lengths that lie, notes left on) and strict with memory: nothing is read outside the bytes given and nothing allocated
// that the bytes do not pay for. Not for the audio thread.
// Source of the format: "Standard MIDI-File Format Spec. 1.1", MIDI Manufacturers Association, 1988.

#ifndef RITORNELLO_MIDI_FILE_H
#define RITORNELLO_MIDI_FILE_H

#include "status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Largest file that is read, in bytes.
enum { MIDI_FILE_SIZE = 64 * 1024 * 1024 };

/// What sequencer-specific meta events of this program begin with: the number that MIDI leaves to anyone, and a name.
#define MIDI_OWN_MARK "\x7DRitornello"
enum { MIDI_OWN_MARK_SIZE = sizeof(MIDI_OWN_MARK) - 1 };

struct midi_note {
  uint32_t onset;    ///< File ticks
  uint32_t duration; ///< File ticks, at least 1
  uint16_t track;    ///< Index of the track chunk
  uint8_t channel;   ///< 0 to 15
  uint8_t pitch;     ///< 0 to 127
  uint8_t velocity;  ///< 1 to 127
};

struct midi_metre {
  uint32_t tick;
  uint8_t numerator;    ///< As in the file, 0 is possible
  uint16_t denominator; ///< 1, 2, 4, ... 32768
};

struct midi_tempo {
  uint32_t tick;
  uint32_t microseconds; ///< Per quarter note
};

struct midi_key {
  uint32_t tick;
  int8_t sharps; ///< -7 (flats) to 7
  uint8_t minor; ///< 0 or 1
};

struct midi_control {
  uint32_t tick;
  uint8_t channel;
  uint8_t controller;
  uint8_t value;
};

/// A file's contents. All arrays are sorted by tick (notes: onset, then pitch) and owned by the struct.
struct midi_file {
  uint16_t format;   ///< 0, 1 or 2 (the tracks of format 2 stand one after another)
  uint16_t division; ///< Ticks per quarter note, 1 to 32767 (SMPTE files are converted: 480 ticks, as if at 120 bpm)
  uint16_t tracks;
  struct midi_note *notes;
  size_t note_count;
  struct midi_metre *metres;
  size_t metre_count;
  struct midi_tempo *tempos;
  size_t tempo_count;
  struct midi_key *keys;
  size_t key_count;
  struct midi_control *controls; ///< CC 64 (sustain) only
  size_t control_count;
  char *title; ///< First track name, or NULL
  uint8_t
      *own; ///< [own_size] What stands in sequencer-specific meta events of this program, one after the other, or NULL
  size_t own_size;
};

/// Read the file at `path` into `*file`; on failure `*file` is empty (safe to free).
enum status midi_file_read(const char *path, struct midi_file *file, struct error *error);

/// The same from `size` bytes in memory; `name` stands for the file in errors.
enum status
midi_file_parse(const uint8_t *bytes, size_t size, const char *name, struct midi_file *file, struct error *error);

/// Put the arrays of `file` into their order: by tick, keeping the order of equals; notes by onset, pitch and then all else.
/// Return false, with some arrays unsorted, if there is no memory.
bool midi_file_sort(struct midi_file *file);

/// Free what `file` owns and empty it.
void midi_file_free(struct midi_file *file);

/// Write `file` at `path` as format 1: a first track with title, own data, metres, keys and tempos, then one track per distinct
/// `track` number of the notes, in rising order; controls go with the first of them. Deterministic to the byte. Goes to a
/// temporary name beside `path` first, then renamed.
enum status midi_file_write(const char *path, const struct midi_file *file, struct error *error);

/// The same into memory: `*bytes` is the caller's to free; `name` stands for the file in errors.
enum status
midi_file_bytes(const char *name, const struct midi_file *file, uint8_t **bytes, size_t *size, struct error *error);

#ifdef __cplusplus
}
#endif

#endif // RITORNELLO_MIDI_FILE_H
