// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Sums run in double and always in the same order, so that they agree everywhere. A token's choice has thousands of classes
// and is one piece of work, so what a pick costs depends on their number alone and not on how likely they are.

#include "sampler.h"

#include "kernels.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum {
  CLASS_OPERATIONS = 300,     // What a class costs, in multiplications and additions of a weight,
  SORTED_OPERATIONS = 300,    // and to put it in its place,
  SORTING_OPERATIONS = 12000, // and to sort at all
};

uint32_t
sampler_operations(const uint32_t classes, const struct sampling sampling) REALTIME
{
  const bool is_sorted = sampling.temperature > 0.0F && sampling.top_p < 1.0F;
  return classes * CLASS_OPERATIONS + (is_sorted ? SORTING_OPERATIONS + classes * SORTED_OPERATIONS : 0);
}

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

// y[i] = exp(x[i]), by whatever means; the results are the same.
static void
exponentials(const struct sampler *const sampler, const float *const x, float *const y, const uint32_t count) REALTIME
{
  if (sampler->kernels) {
    sampler->kernels->exponentials(x, 0.0F, y, 0, count);
    return;
  }
  for (uint32_t i = 0; i < count; ++i) {
    y[i] = kernel_exp(x[i]);
  }
}

// Fill the probabilities (not yet divided by their sum) and return the sum. A logit of minus infinity gives 0.
static double
softmax(struct sampler *const sampler,
        const float *const logits,
        const uint8_t *const allowed,
        const uint32_t classes,
        const float highest,
        const float temperature) REALTIME
{
  float *const probabilities = sampler->probabilities;
  for (uint32_t i = 0; i < classes; ++i) {
    probabilities[i] = is_open(logits, allowed, i) ? (logits[i] - highest) / temperature : -INFINITY;
  }
  exponentials(sampler, probabilities, probabilities, classes);
  double sum = 0.0;
  for (uint32_t i = 0; i < classes; ++i) {
    sum += (double)probabilities[i];
  }
  return sum;
}

// Sorting, likeliest class first and the lower of equals: by the bits of the probabilities, which are no less than zero,
// eight at a time (radix sort), so that a flat distribution takes no longer than a steep one

enum { DIGIT_BITS = 8, DIGITS = 1 << DIGIT_BITS, PROBABILITY_BITS = 32 };

// Return a digit of the probability that is the smaller, the likelier a class is.
static uint32_t
digit_of(const float probability, const uint32_t shift) REALTIME
{
  uint32_t bits = 0;
  memcpy(&bits, &probability, sizeof(bits));
  return (~bits >> shift) % DIGITS;
}

// Sort by one digit; equal ones stay in their order.
static void
sort_by_digit(const float *const probabilities,
              const uint16_t *const from,
              uint16_t *const to,
              const uint32_t classes,
              const uint32_t shift) REALTIME
{
  uint32_t places[DIGITS] = {0};
  for (uint32_t i = 0; i < classes; ++i) {
    ++places[digit_of(probabilities[i], shift)];
  }
  uint32_t place = 0;
  for (uint32_t d = 0; d < DIGITS; ++d) {
    const uint32_t count = places[d];
    places[d] = place;
    place += count;
  }
  for (uint32_t i = 0; i < classes; ++i) {
    to[places[digit_of(probabilities[from[i]], shift)]++] = from[i];
  }
}

static void
sort_classes(struct sampler *const sampler, const uint32_t classes) REALTIME
{
  for (uint32_t i = 0; i < classes; ++i) {
    sampler->order[i] = (uint16_t)i;
  }
  for (uint32_t shift = 0; shift < PROBABILITY_BITS; shift += 2 * DIGIT_BITS) {
    sort_by_digit(sampler->probabilities, sampler->order, sampler->spare, classes, shift);
    sort_by_digit(sampler->probabilities, sampler->spare, sampler->order, classes, shift + DIGIT_BITS);
  }
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
  const uint16_t *const order = sampler->order;
  sort_classes(sampler, classes);

  double nucleus = 0.0;
  uint32_t count = 0;
  do {
    nucleus += (double)sampler->probabilities[order[count++]];
  } while (count < classes && nucleus < share && sampler->probabilities[order[count]] > 0.0F);

  const double target = (double)uniform * nucleus;
  double sum = 0.0;
  uint32_t i = 0;
  do {
    sum += (double)sampler->probabilities[order[i++]];
  } while (i < count && sum <= target);
  return order[i - 1];
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
  const double sum = softmax(sampler, logits, allowed, classes, logits[best], sampling.temperature);
  const uint32_t picked = sampling.top_p >= 1.0F
                              ? pick_from_all(sampler, classes, (double)uniform * sum)
                              : pick_from_nucleus(sampler, classes, (double)sampling.top_p * sum, uniform);
  kernel_mode_leave(mode);
  return picked;
}

float
sampler_surprise(const float *const logits, const uint8_t *const allowed, const uint32_t classes, const uint32_t chosen)
    REALTIME
{
  const double bits_per_nat = 1.4426950408889634;
  const uint32_t best = likeliest(logits, allowed, classes);
  if (best == classes || !is_open(logits, allowed, chosen)) {
    return 0.0F;
  }
  const float distance = logits[best] - logits[chosen];
  if (distance - distance != 0.0F) {
    return 0.0F; // Infinite
  }
  const struct kernel_mode mode = kernel_mode_enter();
  double sum = 0.0;
  for (uint32_t i = 0; i < classes; ++i) {
    sum += is_open(logits, allowed, i) ? (double)kernel_exp(logits[i] - logits[best]) : 0.0;
  }
  const double nats = (double)kernel_log((float)sum) + (double)distance;
  kernel_mode_leave(mode);
  return nats > 0.0 ? (float)(nats * bits_per_nat) : 0.0F;
}
