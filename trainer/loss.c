// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "loss.h"

#include "elementwise.h"

#include <math.h>
#include <string.h>

float
softmax_loss(float *const logits, const size_t classes, const unsigned target)
{
  const float max = largest(logits, classes);
  const float score = target == LOSS_NONE ? 0.0F : logits[target] - max;
  const float total = exponentials(logits, classes, max);
  scale(logits, classes, 1.0F / total);
  return target == LOSS_NONE ? 0.0F : logf(total) - score;
}

void
softmax_loss_backward(float *const probabilities, const size_t classes, const unsigned target, const float factor)
{
  if (target == LOSS_NONE) {
    memset(probabilities, 0, classes * sizeof(float));
  } else {
    probabilities[target] -= 1.0F;
    scale(probabilities, classes, factor);
  }
}
