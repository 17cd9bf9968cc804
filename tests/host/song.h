// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The timeline of a scripted host: where the song is at every frame, exactly. Tests ask it on which tick an event fell.

#ifndef RITORNELLO_SONG_H
#define RITORNELLO_SONG_H

#include <stdbool.h>
#include <stdint.h>

struct song {
  double rate;       ///< Frames per second
  int64_t frame;     ///< Frames that have passed
  int64_t reference; ///< Frame at which what follows was set
  int64_t bar;       ///< Bar at the reference; below 0 is a pre-roll
  double beat;       ///< Beat in that bar at the reference
  double bpm;        ///< Beats of `unit` per minute
  int beats;         ///< Beats per bar
  int unit;          ///< 4: quarters, 8: eighths, ...
  bool rolling;
};

/// A place in the song.
struct song_place {
  int64_t bar;
  double beat;
};

/// Stand still at bar 0 in 4/4 at 120 bpm.
void song_init(struct song *song, double rate);

/// Return where the song is at `frame`, which is not before the reference.
struct song_place song_place_at(const struct song *song, int64_t frame);

/// Make the present frame the reference: call before changing bpm, beats, unit or rolling.
void song_settle(struct song *song);

/// Jump to a place at the present frame.
void song_locate(struct song *song, int64_t bar, double beat);

/// Return how many frames `frame` is away from where the nearest tick (1/24 of a quarter) falls; if `tick` is not NULL, it
/// is set to that tick's number, counted from bar 0 as if all bars were like the present one.
double song_frames_from_tick(const struct song *song, int64_t frame, int64_t *tick);

#endif // RITORNELLO_SONG_H
