// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The notes that sound, and the only way to MIDI out.

#include "sounding.h"

#include <lv2/atom/util.h>

#include <string.h>

enum {
  NOTE_OFF = 0x80,
  NOTE_ON = 0x90,
  CONTROL_CHANGE = 0xB0,
  SUSTAIN_PEDAL = 64,
  OFF_VELOCITY = 64,
};

/// A MIDI message of three bytes as it stands in a sequence.
struct midi_message {
  LV2_Atom_Event event;
  uint8_t bytes[8]; ///< Three, and the padding
};

/// Append a message; false, for the rest of the block, if it does not fit.
static bool
write_message(struct sounding *const sounding,
              const uint32_t frame,
              const uint8_t status,
              const uint8_t first,
              const uint8_t second) REALTIME
{
  LV2_Atom_Sequence *const output = sounding->output;
  if (!output || sounding->full || sounding->capacity < output->atom.size ||
      sounding->capacity - output->atom.size < sizeof(struct midi_message)) {
    sounding->full = true;
    return false;
  }
  const struct midi_message message = {
      .event = {.time = {.frames = frame}, .body = {.size = 3, .type = sounding->midi_event}},
      .bytes = {status, first, second},
  };
  memcpy(lv2_atom_sequence_end(&output->body, output->atom.size), &message, sizeof message);
  output->atom.size += (uint32_t)sizeof message;
  return true;
}

void
sounding_init(struct sounding *const sounding, const uint32_t sequence, const uint32_t midi_event) REALTIME
{
  *sounding = (struct sounding){.sequence = sequence, .midi_event = midi_event};
}

void
sounding_begin(struct sounding *const sounding, LV2_Atom_Sequence *const output, const uint32_t frames) REALTIME
{
  sounding->output = NULL;
  sounding->full = frames == 0;
  if (output && output->atom.size >= sizeof(LV2_Atom_Sequence_Body)) {
    sounding->output = output;
    sounding->capacity = output->atom.size;
    output->atom.type = sounding->sequence;
    output->atom.size = sizeof(LV2_Atom_Sequence_Body);
    output->body.unit = 0;
    output->body.pad = 0;
  }
}

void
sounding_end_all(struct sounding *const sounding) REALTIME
{
  for (uint32_t i = 0; i < sounding->count; ++i) {
    struct sounding_note *const note = &sounding->notes[i];
    note->over = true;
    sounding->pedals = (uint16_t)(sounding->pedals | 1U << note->channel);
  }
  sounding_lift(sounding);
}

void
sounding_lift(struct sounding *const sounding) REALTIME
{
  sounding->pedals |= sounding->pressed;
}

bool
sounding_pedal(struct sounding *const sounding, const uint32_t frame, const uint8_t channel, const bool is_pressed)
    REALTIME
{
  const uint16_t bit = (uint16_t)(1U << channel);
  if (((sounding->pressed & bit) != 0) == is_pressed) {
    return true;
  }
  if (!write_message(sounding, frame, (uint8_t)(CONTROL_CHANGE | channel), SUSTAIN_PEDAL, is_pressed ? 127 : 0)) {
    return false;
  }
  sounding->pressed ^= bit;
  return true;
}

/// Forget `note`; the order of the others stays.
static void
forget(struct sounding *const sounding, struct sounding_note *const note) REALTIME
{
  const uint32_t index = (uint32_t)(note - sounding->notes);
  memmove(note, note + 1, (sounding->count - index - 1) * sizeof *note);
  --sounding->count;
}

bool
sounding_stop(struct sounding *const sounding, const uint32_t frame, struct sounding_note *const note) REALTIME
{
  if (!write_message(sounding, frame, (uint8_t)(NOTE_OFF | note->channel), note->pitch, OFF_VELOCITY)) {
    return false;
  }
  forget(sounding, note);
  return true;
}

bool
sounding_flush(struct sounding *const sounding, const uint32_t frame) REALTIME
{
  for (uint32_t i = 0; i < sounding->count;) {
    if (!sounding->notes[i].over) {
      ++i;
    } else if (!sounding_stop(sounding, frame, &sounding->notes[i])) {
      return false;
    }
  }
  for (uint8_t channel = 0; sounding->pedals != 0 && channel < SOUNDING_CHANNELS; ++channel) {
    if (sounding->pedals >> channel & 1U) {
      if (!write_message(sounding, frame, (uint8_t)(CONTROL_CHANGE | channel), SUSTAIN_PEDAL, 0)) {
        return false;
      }
      sounding->pedals = (uint16_t)(sounding->pedals & ~(1U << channel));
      sounding->pressed = (uint16_t)(sounding->pressed & ~(1U << channel));
    }
  }
  return true;
}

/// The note of that channel and pitch that sounds, or NULL.
static struct sounding_note *
find(struct sounding *const sounding, const uint8_t channel, const uint8_t pitch) REALTIME
{
  for (uint32_t i = 0; i < sounding->count; ++i) {
    if (sounding->notes[i].channel == channel && sounding->notes[i].pitch == pitch) {
      return &sounding->notes[i];
    }
  }
  return NULL;
}

bool
sounding_start(struct sounding *const sounding,
               const uint32_t frame,
               const uint8_t channel,
               const uint8_t pitch,
               const uint8_t velocity,
               const int64_t end) REALTIME
{
  struct sounding_note *const same = find(sounding, channel, pitch);
  if (same && !sounding_stop(sounding, frame, same)) {
    return false;
  }
  if (sounding->count == SOUNDING_NOTES ||
      !write_message(sounding, frame, (uint8_t)(NOTE_ON | channel), pitch, velocity)) {
    return false;
  }
  sounding->notes[sounding->count++] = (struct sounding_note){.end = end, .channel = channel, .pitch = pitch};
  return true;
}

bool
sounding_hold(struct sounding *const sounding,
              const uint32_t frame,
              const uint8_t channel,
              const uint8_t pitch,
              const uint8_t velocity) REALTIME
{
  if (!sounding_start(sounding, frame, channel, pitch, velocity, INT64_MAX)) {
    return false;
  }
  sounding->notes[sounding->count - 1].held = true;
  return true;
}

void
sounding_release(struct sounding *const sounding, const uint32_t frame, const uint8_t channel, const uint8_t pitch)
    REALTIME
{
  struct sounding_note *const note = find(sounding, channel, pitch);
  if (note && note->held && !sounding_stop(sounding, frame, note)) {
    note->over = true;
  }
}

void
sounding_end_composed(struct sounding *const sounding) REALTIME
{
  for (uint32_t i = 0; i < sounding->count; ++i) {
    sounding->notes[i].over = sounding->notes[i].over || !sounding->notes[i].held;
  }
}

bool
sounding_pass(struct sounding *const sounding,
              const uint32_t frame,
              const uint8_t status,
              const uint8_t first,
              const uint8_t second) REALTIME
{
  return write_message(sounding, frame, status, first, second);
}

struct sounding_note *
sounding_first(struct sounding *const sounding) REALTIME
{
  struct sounding_note *first = NULL;
  for (uint32_t i = 0; i < sounding->count; ++i) {
    struct sounding_note *const note = &sounding->notes[i];
    if (!first || note->end < first->end) {
      first = note;
    }
  }
  return first;
}
