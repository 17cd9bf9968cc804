// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The door of MIDI files: any bytes are read as one. What is read keeps what midi_file.h promises, and it is the same after it
// was written and read again.

#include "fuzz.h"

#include "engine/midi_file.h"

#include <stdlib.h>
#include <string.h>

static void
check_notes(const struct midi_file *const file)
{
  for (size_t i = 0; i < file->note_count; ++i) {
    const struct midi_note *const note = &file->notes[i];
    fuzz_must(note->duration >= 1, "a note has a length");
    fuzz_must(note->pitch < 128 && note->channel < 16, "a note's pitch and channel are MIDI's");
    fuzz_must(note->velocity >= 1 && note->velocity < 128, "a note's velocity is MIDI's");
    fuzz_must(note->track < file->tracks, "a note belongs to a track");
    fuzz_must(i == 0 || note->onset > note[-1].onset ||
                  (note->onset == note[-1].onset && note->pitch >= note[-1].pitch),
              "notes are in order");
  }
}

static void
check(const struct midi_file *const file)
{
  fuzz_must(file->format <= 2 && file->division >= 1 && file->division < 0x8000, "the header is one that exists");
  check_notes(file);
  for (size_t i = 0; i < file->metre_count; ++i) {
    fuzz_must(i == 0 || file->metres[i].tick >= file->metres[i - 1].tick, "metres are in order");
  }
  for (size_t i = 0; i < file->key_count; ++i) {
    fuzz_must(file->keys[i].sharps >= -7 && file->keys[i].sharps <= 7 && file->keys[i].minor <= 1, "keys are keys");
  }
}

// Whether both have the same music.
static bool
is_same(const struct midi_file *const a, const struct midi_file *const b)
{
  bool same = a->note_count == b->note_count && a->metre_count == b->metre_count && a->tempo_count == b->tempo_count &&
              a->key_count == b->key_count && a->control_count == b->control_count && a->own_size == b->own_size;
  for (size_t i = 0; same && i < a->note_count; ++i) {
    same = a->notes[i].onset == b->notes[i].onset && a->notes[i].pitch == b->notes[i].pitch;
  }
  return same && (a->own_size == 0 || !memcmp(a->own, b->own, a->own_size));
}

int
LLVMFuzzerTestOneInput(const uint8_t *const data, const size_t size)
{
  struct midi_file file;
  struct midi_file again;
  struct midi_file third;
  struct error error = {.status = STATUS_SUCCESS};
  if (midi_file_parse(data, size, "fuzz.mid", &file, &error)) {
    fuzz_must(error.status && error.text[0] && !strchr(error.text, '\n'), "a failure is one sentence");
    fuzz_must(!file.notes && !file.own && !file.title, "nothing is left after a failure");
    return 0;
  }
  check(&file);
  uint8_t *bytes = NULL;
  uint8_t *twice = NULL;
  size_t length = 0;
  size_t length_twice = 0;
  if (!midi_file_bytes("fuzz.mid", &file, &bytes, &length, NULL)) {
    fuzz_must(!midi_file_parse(bytes, length, "again.mid", &again, NULL), "what was written can be read");
    check(&again);
    // Overlapping notes of one key end differently at first; from then on nothing changes any more
    fuzz_must(!midi_file_bytes("again.mid", &again, &twice, &length_twice, NULL), "it can be written again");
    fuzz_must(!midi_file_parse(twice, length_twice, "third.mid", &third, NULL), "it can be read again");
    fuzz_must(is_same(&again, &third), "what is written and read is the same");
    midi_file_free(&again);
    midi_file_free(&third);
  }
  free(bytes);
  free(twice);
  midi_file_free(&file);
  return 0;
}
