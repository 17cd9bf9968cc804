// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "updater.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

// Values of one range: enough to be worth a call, few enough to share out evenly
enum { RANGE = 1 << 16 };

static size_t
range_count(const struct updater *const u)
{
  return (u->count + RANGE - 1) / RANGE;
}

static enum status
allocate(struct updater *const u, struct error *const error)
{
  u->gradients = calloc(u->shards, sizeof(*u->gradients));
  u->squares = calloc(range_count(u), sizeof(*u->squares));
  u->mean = calloc(u->count, sizeof(float));
  u->square = calloc(u->count, sizeof(float));
  bool complete = u->gradients && u->squares && u->mean && u->square;
  for (size_t s = 0; complete && s < u->shards; ++s) {
    u->gradients[s] = calloc(u->count, sizeof(float));
    complete = u->gradients[s];
  }
  return complete
             ? STATUS_SUCCESS
             : error_set(error, STATUS_NO_MEMORY, "no memory to train %zu weights in %zu shards", u->count, u->shards);
}

enum status
updater_new(struct trainee *const trainee,
            struct workers *const workers,
            struct ranks *const ranks,
            const enum optimizer optimizer,
            const double decay,
            struct updater *const u,
            struct error *const error)
{
  *u = (struct updater){
      .trainee = trainee,
      .workers = workers,
      .optimizer = optimizer,
      .count = trainee->parameters.count,
      .shards = trainee->own,
      .ranks = ranks,
      .adam = {.beta1 = 0.9F, .beta2 = 0.99F, .epsilon = 1e-8F, .decay = (float)decay},
      .rmsprop = {.memory = 0.9F, .epsilon = 1e-7F, .decay = (float)decay},
  };
  const enum status status = allocate(u, error);
  if (status) {
    updater_free(u);
  }
  return status;
}

void
updater_free(struct updater *const u)
{
  for (size_t s = 0; u->gradients && s < u->shards; ++s) {
    free(u->gradients[s]);
  }
  free(u->gradients);
  free(u->squares);
  free(u->mean);
  free(u->square);
  memset(u, 0, sizeof(*u));
}

// Some of the weights: [begin, begin + count)
struct range {
  size_t begin;
  size_t count;
};

static struct range
range_of(const struct updater *const u, const size_t index)
{
  const size_t begin = index * RANGE;
  const size_t left = u->count - begin;
  return (struct range){begin, left < RANGE ? left : RANGE};
}

static void
gradient_job(void *const context, const size_t shard)
{
  struct updater *const u = context;
  memset(u->gradients[shard], 0, u->count * sizeof(float));
  trainee_learn(u->trainee, u->trainee->first + shard, u->factor, u->gradients[shard]);
}

static void
sum_job(void *const context, const size_t index)
{
  struct updater *const u = context;
  const struct range range = range_of(u, index);
  float *const total = u->gradients[0] + range.begin;
  for (size_t s = 1; s < u->shards; ++s) {
    add(total, u->gradients[s] + range.begin, range.count);
  }
}

static void
square_job(void *const context, const size_t index)
{
  struct updater *const u = context;
  const struct range range = range_of(u, index);
  const float *const total = u->gradients[0] + range.begin;
  u->squares[index] = (double)dot(total, total, range.count);
}

static void
apply_job(void *const context, const size_t index)
{
  struct updater *const u = context;
  const struct range range = range_of(u, index);
  float *const values = u->trainee->parameters.values + range.begin;
  const float *const gradients = u->gradients[0] + range.begin;
  if (u->optimizer == OPTIMIZER_RMSPROP) {
    rmsprop_step(&u->rmsprop, values, gradients, u->square + range.begin, range.count);
  } else {
    adam_step(&u->adam, values, gradients, u->mean + range.begin, u->square + range.begin, range.count);
  }
}

double
updater_step(struct updater *const u, const size_t targets, const double rate, const double clip)
{
  u->factor = 1.0F / (float)(targets ? targets : 1);
  workers_spread(u->workers, u->shards, gradient_job, u);
  workers_spread(u->workers, range_count(u), sum_job, u);
  ranks_add_floats(u->ranks, u->gradients[0], u->count);
  workers_spread(u->workers, range_count(u), square_job, u);
  double square = 0.0;
  for (size_t i = 0; i < range_count(u); ++i) {
    square += u->squares[i];
  }
  const double norm = sqrt(square);
  if (!isfinite(norm)) {
    return norm;
  }
  ++u->updates;
  u->adam.rate = (float)rate;
  u->adam.correction1 = (float)(1.0 - pow((double)u->adam.beta1, (double)u->updates));
  u->adam.correction2 = (float)(1.0 - pow((double)u->adam.beta2, (double)u->updates));
  u->adam.gradient_scale = norm > clip ? (float)(clip / norm) : 1.0F;
  u->rmsprop.rate = u->adam.rate;
  u->rmsprop.gradient_scale = u->adam.gradient_scale;
  workers_spread(u->workers, range_count(u), apply_job, u);
  return norm;
}
