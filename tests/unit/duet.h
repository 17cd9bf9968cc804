// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Somebody plays and a composer listens, at a desk (desk.h), in bars of 4/4: what is played is counted in ticks. On networks
// that know no music but never forget what they were told, so that anything told wrongly changes all that follows.

#ifndef RITORNELLO_DUET_H
#define RITORNELLO_DUET_H

#include "desk.h"

enum { BAR = 4 * BEAT, DUET_NOTES = 4096 };

// C E G, and D flat F A flat
enum { C_MAJOR = 0x091, D_FLAT_MAJOR = 0x122 };

// Notes of the take
struct duet_music {
  uint32_t count;
  struct duet_note {
    uint32_t tick;
    struct take_note note;
  } notes[DUET_NOTES];
};

/// A desk that listens in that way from bar 0 on; the player has the right hand. Free it with desk_free().
struct desk duet_new(enum fake_kind kind, enum input_mode input);

/// Where in the song `tick` is.
struct position duet_place(uint32_t tick);

/// Let the playhead go from tick to tick, `slice` operations at each.
void duet_roll(struct desk *desk, uint32_t begin, uint32_t end, uint32_t slice);

/// Press a key for the right hand at `tick`.
void duet_play(struct desk *desk, uint32_t tick, int pitch);

/// The notes from `begin` to before `end`. Free them with free().
struct duet_music *duet_music(struct desk *desk, uint32_t begin, uint32_t end);

/// Return whether both are the same notes.
bool duet_musics_are_equal(const struct duet_music *a, const struct duet_music *b);

/// Assert that both desks have the same notes there.
void duet_assert_same(struct desk *a, struct desk *b, uint32_t begin, uint32_t end);

/// How many notes there are of that origin.
uint32_t duet_count(struct desk *desk, uint32_t begin, uint32_t end, int origin);

/// The share of notes whose pitch class is one of `tones`.
double duet_share(struct desk *desk, uint32_t begin, uint32_t end, unsigned tones);

/// Assert that every note's advance leads to the next.
void duet_assert_leads_on(struct desk *desk, uint32_t begin, uint32_t end);

#endif // RITORNELLO_DUET_H
