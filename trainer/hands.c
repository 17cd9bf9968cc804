// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Which hand plays a note. Files of piano music nearly always have one track per hand; some have a third with a few notes
// (an ossia, a pedal point), which are given to the hand that plays nearer to them.

#include "piece.h"

#include <math.h>
#include <stdlib.h>

enum { PARTS = 65536, CHANNELS = 16 };

// The two hands' parts together hold at least this share of all notes, and the smaller one at least the other share
static const double both_share = 0.9;
static const double smaller_share = 0.02;

// The notes of a track, or of a channel where all stand in one track
struct part {
  uint32_t notes;
  double pitch_sum;
};

static double
mean_pitch(const struct part *const part)
{
  return part->notes ? part->pitch_sum / part->notes : 0.0;
}

static unsigned
note_part(const struct midi_note *const note, const bool by_channel)
{
  return by_channel ? note->channel : note->track;
}

// Fill `parts` [PARTS] and return how many of them have notes.
static unsigned
count_parts(const struct midi_file *const file, const bool by_channel, struct part *const parts)
{
  unsigned count = 0;
  for (size_t i = 0; i < file->note_count; ++i) {
    struct part *const part = &parts[note_part(&file->notes[i], by_channel)];
    count += part->notes == 0;
    ++part->notes;
    part->pitch_sum += file->notes[i].pitch;
  }
  return count;
}

// Find the two parts with the most notes, `right` being the higher one; return whether they are two hands.
static bool
find_hands(const struct part *const parts, const size_t note_count, unsigned *const right, unsigned *const left)
{
  unsigned first = 0;
  for (unsigned i = 1; i < PARTS; ++i) {
    first = parts[i].notes > parts[first].notes ? i : first;
  }
  unsigned second = first == 0 ? 1 : 0;
  for (unsigned i = second + 1; i < PARTS; ++i) {
    second = i != first && parts[i].notes > parts[second].notes ? i : second;
  }
  const bool first_is_higher = mean_pitch(&parts[first]) >= mean_pitch(&parts[second]);
  *right = first_is_higher ? first : second;
  *left = first_is_higher ? second : first;
  return parts[first].notes + parts[second].notes >= both_share * (double)note_count &&
         parts[second].notes >= smaller_share * (double)note_count;
}

enum status
hands_tell(const struct midi_file *const file, uint8_t *const hands, bool *const told)
{
  struct part *parts = calloc(PARTS, sizeof(*parts));
  bool by_channel = false;
  if (parts && count_parts(file, false, parts) == 1) {
    by_channel = true;
    free(parts);
    parts = calloc(PARTS, sizeof(*parts));
  }
  if (parts && by_channel) {
    count_parts(file, true, parts);
  }
  unsigned right = 0;
  unsigned left = 0;
  *told = parts && find_hands(parts, file->note_count, &right, &left);
  for (size_t i = 0; *told && i < file->note_count; ++i) {
    const struct midi_note *const note = &file->notes[i];
    const unsigned part = note_part(note, by_channel);
    const bool nearer_left =
        fabs(note->pitch - mean_pitch(&parts[left])) < fabs(note->pitch - mean_pitch(&parts[right]));
    hands[i] = part == left || (part != right && nearer_left) ? HAND_LEFT : HAND_RIGHT;
  }
  const enum status status = parts ? STATUS_SUCCESS : STATUS_NO_MEMORY;
  free(parts);
  return status;
}
