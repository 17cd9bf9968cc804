// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Sums run in double and always in the same order, so that they agree everywhere. The nucleus is taken off a heap, likeliest
// class first: most of the time it is a few classes of many, and the rest never needs to be sorted.

#include "sampler.h"

#include "kernels.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>

static bool
is_open(const float *const logits, const uint8_t *const allowed, const uint32_t i) REALTIME
{
  return logits[i] == logits[i] && (!allowed || allowed[i]);
}

// Return the likeliest class, the lowest of equals; `classes` if all are barred.
static uint32_t
likeliest(const float *const logits, const uint8_t *const allowed, const uint32_t classes) REALTIME
{
  uint32_t best = classes;
  for (uint32_t i = 0; i < classes; ++i) {
    if (is_open(logits, allowed, i) && (best == classes || logits[i] > logits[best])) {
      best = i;
    }
  }
  return best;
}

// Fill `probabilities` (not yet divided by their sum) and return the sum. A logit of minus infinity gives 0.
static double
softmax(float *const probabilities,
        const float *const logits,
        const uint8_t *const allowed,
        const uint32_t classes,
        const float highest,
        const float temperature) REALTIME
{
  double sum = 0.0;
  for (uint32_t i = 0; i < classes; ++i) {
    probabilities[i] = is_open(logits, allowed, i) ? kernel_exp((logits[i] - highest) / temperature) : 0.0F;
    sum += (double)probabilities[i];
  }
  return sum;
}

// The heap: order[0 .. count) with the likeliest class on top

static bool
is_before(const float *const probabilities, const uint16_t a, const uint16_t b) REALTIME
{
  return probabilities[a] > probabilities[b] || (probabilities[a] == probabilities[b] && a < b);
}

static void
heap_sift(const struct sampler *const sampler, uint16_t *const order, uint32_t i, const uint32_t count) REALTIME
{
  const uint16_t sinking = order[i];
  for (uint32_t child = 2 * i + 1; child < count; child = 2 * i + 1) {
    if (child + 1 < count && is_before(sampler->probabilities, order[child + 1], order[child])) {
      ++child;
    }
    if (!is_before(sampler->probabilities, order[child], sinking)) {
      break;
    }
    order[i] = order[child];
    i = child;
  }
  order[i] = sinking;
}

// Move the likeliest class of the heap behind its end.
static uint16_t
heap_pop(const struct sampler *const sampler, uint16_t *const order, const uint32_t count) REALTIME
{
  const uint16_t top = order[0];
  order[0] = order[count - 1];
  order[count - 1] = top;
  heap_sift(sampler, order, 0, count - 1);
  return top;
}

static uint32_t
pick_from_all(const struct sampler *const sampler, const uint32_t classes, const double target) REALTIME
{
  double sum = 0.0;
  uint32_t last = 0;
  for (uint32_t i = 0; i < classes; ++i) {
    if (sampler->probabilities[i] > 0.0F) {
      sum += (double)sampler->probabilities[i];
      last = i;
      if (sum > target) {
        break;
      }
    }
  }
  return last;
}

// Pick from the fewest likeliest classes that have `share` of the probability together.
static uint32_t
pick_from_nucleus(struct sampler *const sampler, const uint32_t classes, const double share, const float uniform)
    REALTIME
{
  uint16_t *const order = sampler->order;
  for (uint32_t i = 0; i < classes; ++i) {
    order[i] = (uint16_t)i;
  }
  for (uint32_t i = classes / 2; i-- > 0;) {
    heap_sift(sampler, order, i, classes);
  }

  double nucleus = 0.0;
  uint32_t left = classes;
  do {
    nucleus += (double)sampler->probabilities[heap_pop(sampler, order, left--)];
  } while (left > 0 && nucleus < share && sampler->probabilities[order[0]] > 0.0F);

  const double target = (double)uniform * nucleus;
  double sum = 0.0;
  uint32_t i = classes;
  do {
    sum += (double)sampler->probabilities[order[--i]];
  } while (i > left && sum <= target);
  return order[i];
}

uint32_t
sampler_pick(struct sampler *const sampler,
             const float *const logits,
             const uint8_t *allowed,
             const uint32_t classes,
             const struct sampling sampling,
             const float uniform) REALTIME
{
  assert(classes >= 1 && classes <= SAMPLER_CLASSES);
  uint32_t best = likeliest(logits, allowed, classes);
  if (best == classes) {
    allowed = NULL;
    best = likeliest(logits, allowed, classes);
  }
  if (best == classes) {
    return 0; // Not a number anywhere
  }
  // Infinity leaves nothing to draw, and neither does a temperature of 0 (or one that is no number)
  const bool is_finite = logits[best] - logits[best] == 0.0F;
  if (!is_finite || !(sampling.temperature > 0.0F)) {
    return best;
  }

  const struct kernel_mode mode = kernel_mode_enter();
  const double sum = softmax(sampler->probabilities, logits, allowed, classes, logits[best], sampling.temperature);
  const uint32_t picked = sampling.top_p >= 1.0F
                              ? pick_from_all(sampler, classes, (double)uniform * sum)
                              : pick_from_nucleus(sampler, classes, (double)sampling.top_p * sum, uniform);
  kernel_mode_leave(mode);
  return picked;
}
