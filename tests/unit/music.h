// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Composed music, in 4/4, and what can be measured of it.

#ifndef RITORNELLO_MUSIC_H
#define RITORNELLO_MUSIC_H

#include "engine/composer.h"

#include <stdbool.h>
#include <stdint.h>

enum { UNLIMITED = 0x7FFFFFFF, BAR = 96, NOTES_MOST = 20000, TONES = 12 };

static const struct metre four_four = {4, 4};

static const struct controls plain = {
    .sampling = {.temperature = 1.0F, .top_p = 1.0F},
    .seed = 3,
    .look_ahead = 2 * BAR,
};

struct heard_note {
  int64_t onset;
  int64_t end;
  struct event event;
  struct conditions conditions;
  int16_t steering;
};

// Bars of music
struct music {
  uint32_t bars;
  uint32_t count;
  struct heard_note notes[NOTES_MOST];
};

/// A composer at bar 0 that nothing has been composed by.
struct composer *composer_with(struct weights *weights, const struct controls *controls);

/// Compose on from where `composer` is to bar `end`.
void compose_on(struct composer *composer, uint32_t begin, uint32_t end);

/// The notes of bars `begin` to `end` of a take in 4/4; the caller frees them.
struct music *music_read(struct take *take, uint32_t begin, uint32_t end);

/// So many bars composed under those controls; the caller frees them.
struct music *composed(struct weights *weights, const struct controls *controls, uint32_t bars);

/// The most notes that sound together.
uint32_t most_together(const struct music *music);

/// Whether the same notes sound.
bool musics_are_equal(const struct music *a, const struct music *b);

/// The share of notes in the scale of `key`.
double share_in_scale(const struct music *music, uint8_t key);

/// The surprise of `music` from note `begin` on, in bits per note, as `weights` see it when they are told it anew: as music of
/// style number `style`, or (-1) of the one it was composed in.
double bits_per_note(struct weights *weights, const struct music *music, uint32_t begin, int style);

/// Compose with each of the targets of surprise (0 ends them), and fail the test if something else comes of it.
void check_surprise(struct weights *weights, const float *targets, uint32_t bars);

#endif // RITORNELLO_MUSIC_H
