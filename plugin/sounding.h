// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The notes that sound, and the only way to MIDI out. Every note-on that leaves here is remembered with its channel until
// its note-off has left too; when the output buffer is full, offs are kept for the next block and come first there. A note
// that is struck again is ended before. So no note hangs and none is struck twice, whatever happens above.

#ifndef RITORNELLO_SOUNDING_H
#define RITORNELLO_SOUNDING_H

#include "engine/realtime.h"

#include <lv2/atom/atom.h>

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { SOUNDING_NOTES = 256, SOUNDING_CHANNELS = 16 };

struct sounding_note {
  int64_t end; ///< Run tick at which it ends (clock.h)
  uint8_t channel;
  uint8_t pitch;
  bool over; ///< Due at once
  bool held; ///< By a key: it ends when that goes up
};

struct sounding {
  LV2_Atom_Sequence *output; ///< Of this block; NULL if the port is not connected
  uint32_t capacity;         ///< Bytes that output->atom.size may grow to
  uint32_t midi_event;       ///< URID
  uint32_t sequence;         ///< URID
  bool full;                 ///< Something did not fit into this block: nothing more goes in
  uint16_t pedals;           ///< Bit per channel: CC 64 = 0 is still to be sent
  uint16_t pressed;          ///< Bit per channel: the pedal is down
  uint32_t count;
  struct sounding_note notes[SOUNDING_NOTES];
};

void sounding_init(struct sounding *sounding, uint32_t sequence, uint32_t midi_event) REALTIME;

/// Begin a block of `frames`: empty `output` (may be NULL), whose atom.size says how much it can hold. In a block of no frames
/// there is no place for anything.
void sounding_begin(struct sounding *sounding, LV2_Atom_Sequence *output, uint32_t frames) REALTIME;

/// Mark all notes as over, and have the pedal lifted on every channel that had one.
void sounding_end_all(struct sounding *sounding) REALTIME;

/// Send, at `frame` of the block, what is over. False if it did not all fit.
bool sounding_flush(struct sounding *sounding, uint32_t frame) REALTIME;

/// Begin a note at `frame` of the block that ends at run tick `end`. False if there was no room; then nothing changed but
/// that a same note that sounded may have ended.
bool
sounding_start(struct sounding *sounding, uint32_t frame, uint8_t channel, uint8_t pitch, uint8_t velocity, int64_t end)
    REALTIME;

/// Begin a note that lasts until sounding_release(). As sounding_start().
bool
sounding_hold(struct sounding *sounding, uint32_t frame, uint8_t channel, uint8_t pitch, uint8_t velocity) REALTIME;

/// End the note that is held there, if there is one: now, or as soon as there is room.
void sounding_release(struct sounding *sounding, uint32_t frame, uint8_t channel, uint8_t pitch) REALTIME;

/// Mark all notes as over but those that are held.
void sounding_end_composed(struct sounding *sounding) REALTIME;

/// Send any other message of three bytes. False if there was no room.
bool sounding_pass(struct sounding *sounding, uint32_t frame, uint8_t status, uint8_t first, uint8_t second) REALTIME;

/// Press the pedal of `channel` or lift it, unless it is so already. False if there was no room.
bool sounding_pedal(struct sounding *sounding, uint32_t frame, uint8_t channel, bool is_pressed) REALTIME;

/// Have the pedal lifted at the next flush wherever it is down.
void sounding_lift(struct sounding *sounding) REALTIME;

/// Return the note that ends first, or NULL if none sounds.
struct sounding_note *sounding_first(struct sounding *sounding) REALTIME;

/// End `note` (from sounding_first()) at `frame` of the block. False if there was no room.
bool sounding_stop(struct sounding *sounding, uint32_t frame, struct sounding_note *note) REALTIME;

#ifdef __cplusplus
}
#endif

#endif // RITORNELLO_SOUNDING_H
