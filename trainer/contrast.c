// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "contrast.h"

#include <math.h>

static double
stream_loss(const struct batch *const batch, const float *const losses, const size_t stream)
{
  double sum = 0.0;
  for (size_t row = stream; row < batch->steps * batch->streams; row += batch->streams) {
    for (size_t field = 0; field < FIELD_COUNT; ++field) {
      sum += (double)losses[row * FIELD_COUNT + field];
    }
  }
  return sum;
}

// Return whether the twin of `stream` was told another style anywhere.
static bool
is_told_otherwise(const struct batch *const batch, const size_t stream)
{
  const uint16_t *const styles = batch->inputs[TENSOR_CONDITION_STYLE];
  bool otherwise = false;
  for (size_t row = stream; row < batch->steps * batch->streams; row += batch->streams) {
    otherwise = otherwise || styles[row] != styles[row + 1];
  }
  return otherwise;
}

void
contrast_weigh(struct batch *const batch, const float *const losses, const float strength)
{
  for (size_t b = 0; b + 1 < batch->streams; b += 2) {
    const double worse = stream_loss(batch, losses, b + 1) - stream_loss(batch, losses, b);
    const float wrong = is_told_otherwise(batch, b) ? (float)(1.0 / (1.0 + exp(worse))) : 0.0F; // By what was heard
    batch->factors[b] = 1.0F + strength * wrong;
    batch->factors[b + 1] = -strength * wrong;
  }
}
