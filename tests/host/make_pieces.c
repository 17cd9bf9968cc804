// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// make_pieces FOLDER - write ten small pieces of two composers into FOLDER, for tests that train on them: an old tune, or a
// chorale's chords, in a key and at a pace of its own each.

#include "engine/midi_file.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { PIECES = 10, VERSES = 6, NOTES = 512, DIVISION = 480, EIGHTH = DIVISION / 2 };

// "Ah! vous dirai-je, maman" (18th century): steps of the scale over its bass, and lengths in eighths
static const uint8_t tune[] = {0, 0, 7, 7, 9, 9, 7, 5, 5, 4, 4, 2, 2, 0, 7, 7, 5, 5, 4, 4, 2};
static const uint8_t bass[] = {0, 12, 4, 12, 5, 12, 4, 2, 11, 0, 9, 5, 7, 0, 0, 4, 0, 5, 0, 4, 7};
static const uint8_t lengths[] = {2, 2, 2, 2, 2, 2, 4, 2, 2, 2, 2, 2, 2, 4, 2, 2, 2, 2, 2, 2, 4};

struct writing {
  struct midi_note notes[NOTES];
  size_t count;
};

static void
add(struct writing *const w, const uint32_t onset, const uint32_t duration, const int pitch, const uint8_t track)
{
  if (w->count < NOTES) {
    w->notes[w->count++] = (struct midi_note){.onset = onset,
                                              .duration = duration,
                                              .pitch = (uint8_t)pitch,
                                              .velocity = (uint8_t)(60 + 10 * track),
                                              .track = track};
  }
}

static int
write_piece(const char *const path, const int index)
{
  struct writing w = {.count = 0};
  uint32_t onset = 0;
  const uint32_t pace = EIGHTH * (index % 3 == 2 ? 2 : 1);
  for (int verse = 0; verse < VERSES; ++verse) {
    for (size_t i = 0; i < sizeof(tune); ++i) {
      const uint32_t duration = lengths[i] * pace;
      add(&w, onset, duration - pace / 4, 60 + index + tune[i], 0);
      add(&w, onset, duration / 2 - pace / 4, 48 + index + bass[i] % 12, 1);
      if (index % 2) {
        add(&w, onset, duration - pace / 4, 60 + index + (tune[i] + 3) % 12 - 12, 0); // Chords
      }
      onset += duration;
    }
  }
  const struct midi_file file = {
      .format = 1, .division = DIVISION, .tracks = 2, .notes = w.notes, .note_count = (uint32_t)w.count};
  struct error error = {STATUS_SUCCESS, ""};
  if (midi_file_write(path, &file, &error)) {
    fprintf(stderr, "make_pieces: %s\n", error.text);
    return 1;
  }
  return 0;
}

int
main(const int count, char **const arguments)
{
  static const char *const composers[] = {"mozart", "bach"};
  char path[4096];
  int result = count == 2 ? 0 : 2;
  for (int i = 0; !result && i < 2; ++i) {
    snprintf(path, sizeof(path), "%s/%s", arguments[1], composers[i]);
    result = mkdir(path, 0777) ? 1 : 0;
  }
  for (int i = 0; !result && i < PIECES; ++i) {
    snprintf(path, sizeof(path), "%s/%s/piece%d.mid", arguments[1], composers[i % 2], i + 1);
    result = write_piece(path, i);
  }
  if (result) {
    fprintf(stderr, "usage: make_pieces FOLDER (an empty one)\n");
  }
  return result;
}
