// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The key of a piece: the one whose profile correlates best with the time that each pitch class sounds.
// Source of the profiles: Albrecht and Shanahan, "The use of large corpora to train a new type of key-finding algorithm",
// Music Perception 31 (1), 2013. On 406 files with one key signature throughout, 391 estimates agree with it; with the
// probe tones of Krumhansl and Kessler (1982), whose dominant pulls too much, 326 do.

#include "piece.h"

#include <math.h>

enum { SEMITONES = 12 };

static const double profiles[2][SEMITONES] = {
    {.238, .006, .111, .006, .137, .094, .016, .214, .009, .080, .008, .081}, // Major
    {.220, .006, .104, .123, .019, .103, .012, .214, .062, .022, .061, .052}, // Minor
};

static double
mean(const double *const values)
{
  double sum = 0.0;
  for (unsigned i = 0; i < SEMITONES; ++i) {
    sum += values[i];
  }
  return sum / SEMITONES;
}

// Return Pearson's correlation of `profile` with `weights` begun at `tonic`, 0 if there is none.
static double
correlation(const double *const profile, const double *const weights, const unsigned tonic)
{
  const double profile_mean = mean(profile);
  const double weights_mean = mean(weights);
  double product = 0.0;
  double profile_square = 0.0;
  double weights_square = 0.0;
  for (unsigned i = 0; i < SEMITONES; ++i) {
    const double p = profile[i] - profile_mean;
    const double w = weights[(tonic + i) % SEMITONES] - weights_mean;
    product += p * w;
    profile_square += p * p;
    weights_square += w * w;
  }
  return weights_square > 0.0 ? product / sqrt(profile_square * weights_square) : 0.0;
}

uint8_t
key_estimate(const struct event *const events, const uint32_t count)
{
  double weights[SEMITONES] = {0.0};
  for (uint32_t i = 0; i < count; ++i) {
    weights[events[i].pitch % SEMITONES] += events[i].duration;
  }
  uint8_t best = 1;
  double highest = -2.0;
  for (uint8_t key = 0; key < KEY_COUNT; ++key) {
    const double fit = correlation(profiles[key / SEMITONES], weights, key % SEMITONES);
    if (fit > highest) {
      highest = fit;
      best = (uint8_t)(key + 1);
    }
  }
  return best;
}

uint8_t
key_transpose(const uint8_t key, const int semitones)
{
  if (key < 1 || key > KEY_COUNT) {
    return 0;
  }
  const int mode = (key - 1) / SEMITONES;
  const int tonic = (key - 1) % SEMITONES;
  const int moved = (tonic + semitones % SEMITONES + SEMITONES) % SEMITONES;
  return (uint8_t)(1 + SEMITONES * mode + moved);
}
