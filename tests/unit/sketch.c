// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "sketch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

struct sketch *
sketch_new(void)
{
  struct sketch *const sketch = calloc(1, sizeof(*sketch));
  assert_non_null(sketch);
  sketch->file.division = SKETCH_DIVISION;
  sketch->file.notes = sketch->notes;
  sketch->file.metres = sketch->metres;
  return sketch;
}

void
sketch_add_file_note(struct sketch *const sketch, const struct midi_note note)
{
  assert_true(sketch->file.note_count < SKETCH_NOTES);
  sketch->notes[sketch->file.note_count++] = note;
}

void
sketch_add(struct sketch *const sketch, const uint32_t onset, const uint32_t duration, const uint8_t pitch)
{
  sketch_add_file_note(sketch, (struct midi_note){onset * SKETCH_TICK, duration * SKETCH_TICK, 1, 0, pitch, 64});
}

void
sketch_add_metre(struct sketch *const sketch, const uint32_t tick, const uint8_t numerator, const uint16_t denominator)
{
  assert_true(sketch->file.metre_count < SKETCH_METRES);
  sketch->metres[sketch->file.metre_count++] = (struct midi_metre){tick * SKETCH_TICK, numerator, denominator};
}
