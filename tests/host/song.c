// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The timeline of a scripted host.

#include "song.h"

#include <math.h>

void
song_init(struct song *const song, const double rate)
{
  *song = (struct song){.rate = rate, .bpm = 120.0, .beats = 4, .unit = 4};
}

/// Beats since the bar line of the reference's bar.
static double
beats_at(const struct song *const song, const int64_t frame)
{
  const double frames = song->rolling ? (double)(frame - song->reference) : 0.0;
  return song->beat + frames * song->bpm / (60.0 * song->rate);
}

struct song_place
song_place_at(const struct song *const song, const int64_t frame)
{
  const double beats = beats_at(song, frame);
  const double bars = floor(beats / song->beats + 1e-12);
  const double beat = beats - bars * song->beats;
  return (struct song_place){song->bar + (int64_t)bars, beat > 0.0 ? beat : 0.0};
}

void
song_settle(struct song *const song)
{
  const struct song_place place = song_place_at(song, song->frame);
  song_locate(song, place.bar, place.beat);
}

void
song_locate(struct song *const song, const int64_t bar, const double beat)
{
  song->reference = song->frame;
  song->bar = bar;
  song->beat = beat;
}

double
song_frames_from_tick(const struct song *const song, const int64_t frame, int64_t *const tick)
{
  const double ticks_per_beat = 96.0 / song->unit;
  const double ticks = ((double)song->bar * song->beats + beats_at(song, frame)) * ticks_per_beat;
  const double nearest = nearbyint(ticks);
  if (tick) {
    *tick = (int64_t)nearest;
  }
  return (ticks - nearest) / ticks_per_beat * 60.0 * song->rate / song->bpm;
}
