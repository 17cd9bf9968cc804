// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The measures of many pieces together, and their names.

#include "structure.h"

#include <math.h>
#include <string.h>

void
structure_spread_make(const struct structure *const pieces, const size_t count, struct structure_spread *const spread)
{
  memset(spread, 0, sizeof(*spread));
  for (unsigned m = 0; m < STRUCTURE_COUNT; ++m) {
    double sum = 0.0;
    double squares = 0.0;
    size_t n = 0;
    for (size_t i = 0; i < count; ++i) {
      const double value = pieces[i].values[m];
      sum += isnan(value) ? 0.0 : value;
      n += !isnan(value);
    }
    const double mean = n ? sum / (double)n : (double)NAN;
    for (size_t i = 0; i < count; ++i) {
      const double off = pieces[i].values[m] - mean;
      squares += isnan(off) ? 0.0 : off * off;
    }
    spread->counts[m] = n;
    spread->means[m] = mean;
    spread->deviations[m] = n > 1 ? sqrt(squares / (double)(n - 1)) : (double)NAN;
  }
}

double
structure_distance(const struct structure_spread *const real, const double mean, const enum structure_measure measure)
{
  const double deviation = real->deviations[measure];
  return deviation > 0.0 ? (mean - real->means[measure]) / deviation : (double)NAN;
}

#define STRUCTURE_KEY(NAME, key, words) key,
#define STRUCTURE_WORDS(NAME, key, words) words,

const char *
structure_key(const enum structure_measure measure)
{
  static const char *const keys[STRUCTURE_COUNT] = {STRUCTURE_MEASURES(STRUCTURE_KEY)};
  return keys[measure];
}

const char *
structure_words(const enum structure_measure measure)
{
  static const char *const all_words[STRUCTURE_COUNT] = {STRUCTURE_MEASURES(STRUCTURE_WORDS)};
  return all_words[measure];
}
