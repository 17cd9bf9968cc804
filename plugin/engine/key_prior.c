// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "key_prior.h"

#include "tokens.h"

enum { TONES = 12 };

/// How much it counts: with 1, music without a key of its own would have the shares of the source.
static const float WEIGHT = 0.7F;

/// A degree that is strange to the key is left out no more than this.
static const float MOST_BARRED = 0.1F;

/// ln(12 share) of the degrees, in semitones from the tonic: major, then minor.
static const float PRIOR[2][TONES] = {
    {1.05F, -2.63F, 0.29F, -2.63F, 0.50F, 0.12F, -1.65F, 0.94F, -2.23F, -0.04F, -2.34F, -0.03F},
    {0.97F, -2.63F, 0.22F, 0.39F, -1.48F, 0.21F, -1.94F, 0.94F, -0.30F, -1.33F, -0.31F, -0.47F},
};

static float
prior_of(const uint8_t key, const uint8_t pitch) REALTIME
{
  const unsigned tonic = (key - 1U) % TONES;
  const float prior = WEIGHT * PRIOR[key > TONES][(pitch + TONES - tonic) % TONES];
  return prior > -MOST_BARRED ? prior : -MOST_BARRED;
}

static float
prior_of_token(const uint8_t key, const struct token *const token) REALTIME
{
  float sum = 0.0F;
  for (uint32_t i = 0; i < token->count; ++i) {
    sum += prior_of(key, token->pitches[i]);
  }
  return token->count > 0 ? sum / (float)token->count : 0.0F;
}

void
key_prior_apply(const uint8_t key, const struct choice *const choice, float *const biased) REALTIME
{
  for (uint32_t i = 0; i < choice->classes; ++i) {
    const float prior = choice->field == FIELD_TOKEN ? prior_of_token(key, &choice->tokens[i])
                        : i < PITCH_CLASSES          ? prior_of(key, (uint8_t)(PITCH_LOWEST + i))
                                                     : 0.0F;
    biased[i] = choice->logits[i] + prior;
  }
}
