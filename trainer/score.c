// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "score.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { NOTE_OFF = 0x80, NOTE_ON = 0x90, CONTROL_CHANGE = 0xB0, SUSTAIN_PEDAL = 64 };

enum status
score_begin(struct score *const score, const double bpm, const struct metre metre, struct error *const error)
{
  memset(score, 0, sizeof(*score));
  struct midi_file *const file = &score->file;
  file->format = 1;
  file->division = SCORE_DIVISION;
  file->metres = calloc(1, sizeof(*file->metres));
  file->tempos = calloc(1, sizeof(*file->tempos));
  if (!file->metres || !file->tempos) {
    score_free(score);
    return error_set(error, STATUS_NO_MEMORY, "out of memory");
  }
  file->metres[0] = (struct midi_metre){0, metre.numerator, metre.denominator};
  file->metre_count = 1;
  file->tempos[0] = (struct midi_tempo){0, (uint32_t)lround(60e6 / bpm)};
  file->tempo_count = 1;
  return STATUS_SUCCESS;
}

void
score_free(struct score *const score)
{
  midi_file_free(&score->file);
}

// Make room for one more entry of `size` bytes in `*array`
static bool
make_room(void **const array, const size_t count, size_t *const capacity, const size_t size)
{
  if (count < *capacity) {
    return true;
  }
  const size_t larger = *capacity ? 2 * *capacity : 256;
  void *const moved = realloc(*array, larger * size);
  if (moved) {
    *array = moved;
    *capacity = larger;
  }
  return moved;
}

static void
end_note(struct score *const score, const uint32_t tick, const unsigned channel, const unsigned pitch)
{
  size_t *const open = &score->open[channel][pitch];
  if (*open) {
    struct midi_note *const note = &score->file.notes[*open - 1];
    note->duration = tick > note->onset ? tick - note->onset : 1;
    *open = 0;
  }
}

static bool
begin_note(struct score *const score, const uint32_t tick, const unsigned channel, const uint8_t *const message)
{
  struct midi_file *const file = &score->file;
  void *notes = file->notes;
  const bool room = make_room(&notes, file->note_count, &score->note_capacity, sizeof(*file->notes));
  file->notes = notes;
  if (room) {
    file->notes[file->note_count] = (struct midi_note){
        .onset = tick,
        .duration = 1,
        .track = (uint16_t)channel,
        .channel = (uint8_t)channel,
        .pitch = message[1],
        .velocity = message[2],
    };
    score->open[channel][message[1]] = ++file->note_count;
  }
  return room;
}

static bool
add_control(struct score *const score, const uint32_t tick, const unsigned channel, const uint8_t *const message)
{
  struct midi_file *const file = &score->file;
  void *controls = file->controls;
  const bool room = make_room(&controls, file->control_count, &score->control_capacity, sizeof(*file->controls));
  file->controls = controls;
  if (room) {
    file->controls[file->control_count++] = (struct midi_control){tick, (uint8_t)channel, message[1], message[2]};
  }
  return room;
}

enum status
score_midi(struct score *const score,
           const uint32_t tick,
           const uint8_t *const message,
           const uint32_t size,
           struct error *const error)
{
  if (size != 3 || message[1] > 127 || message[2] > 127) {
    return STATUS_SUCCESS;
  }
  const unsigned kind = message[0] & 0xF0U;
  const unsigned channel = message[0] & 0x0FU;
  bool room = true;
  if (kind == NOTE_ON || kind == NOTE_OFF) {
    end_note(score, tick, channel, message[1]);
    if (kind == NOTE_ON && message[2] > 0) {
      room = begin_note(score, tick, channel, message);
    }
  } else if (kind == CONTROL_CHANGE && message[1] == SUSTAIN_PEDAL) {
    room = add_control(score, tick, channel, message);
  }
  return room ? STATUS_SUCCESS : error_set(error, STATUS_NO_MEMORY, "out of memory");
}

static int
compare_notes(const void *const a, const void *const b)
{
  const struct midi_note *const left = a;
  const struct midi_note *const right = b;
  if (left->onset != right->onset) {
    return left->onset < right->onset ? -1 : 1;
  }
  if (left->pitch != right->pitch) {
    return left->pitch < right->pitch ? -1 : 1;
  }
  return (left->channel > right->channel) - (left->channel < right->channel);
}

void
score_end(struct score *const score, const uint32_t tick)
{
  for (unsigned channel = 0; channel < SCORE_CHANNELS; ++channel) {
    for (unsigned pitch = 0; pitch < SCORE_PITCHES; ++pitch) {
      end_note(score, tick, channel, pitch);
    }
  }
  if (score->file.note_count) {
    qsort(score->file.notes, score->file.note_count, sizeof(*score->file.notes), compare_notes);
  }
}
