// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "updater.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// Values of one range: enough to be worth a call, few enough to share out evenly
enum { RANGE = 1 << 16 };

static size_t
range_count(const struct updater *const u)
{
  return (u->parameters->count + RANGE - 1) / RANGE;
}

static enum status
allocate(struct updater *const u, struct error *const error)
{
  const size_t count = u->parameters->count;
  u->batches = calloc(u->shards, sizeof(*u->batches));
  u->models = calloc(u->shards, sizeof(*u->models));
  u->gradients = calloc(u->shards, sizeof(*u->gradients));
  u->squares = calloc(range_count(u), sizeof(*u->squares));
  u->mean = calloc(count, sizeof(float));
  u->square = calloc(count, sizeof(float));
  bool complete = u->batches && u->models && u->gradients && u->squares && u->mean && u->square;
  for (size_t s = 0; complete && s < u->shards; ++s) {
    u->gradients[s] = calloc(count, sizeof(float));
    complete = u->gradients[s];
  }
  return complete
             ? STATUS_SUCCESS
             : error_set(error, STATUS_NO_MEMORY, "no memory to train %zu weights in %zu shards", count, u->shards);
}

enum status
updater_new(struct parameters *const parameters,
            struct workers *const workers,
            const size_t shards,
            const size_t steps,
            const size_t streams,
            struct updater *const u,
            struct error *const error)
{
  *u = (struct updater){
      .parameters = parameters,
      .workers = workers,
      .shards = shards,
      .adam = {.beta1 = 0.9F, .beta2 = 0.99F, .epsilon = 1e-8F},
  };
  enum status status = allocate(u, error);
  for (size_t s = 0; !status && s < shards; ++s) {
    status = batch_new(steps, streams, &u->batches[s], error);
    if (!status) {
      status = streaming_model_new(&parameters->sizes, steps, streams, &u->models[s], error);
    }
  }
  if (status) {
    updater_free(u);
  }
  return status;
}

void
updater_free(struct updater *const u)
{
  for (size_t s = 0; s < u->shards; ++s) {
    if (u->batches) {
      batch_free(&u->batches[s]);
    }
    if (u->models) {
      streaming_model_free(&u->models[s]);
    }
    if (u->gradients) {
      free(u->gradients[s]);
    }
  }
  free(u->batches);
  free(u->models);
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
  const size_t left = u->parameters->count - begin;
  return (struct range){begin, left < RANGE ? left : RANGE};
}

static void
gradient_job(void *const context, const size_t shard)
{
  struct updater *const u = context;
  struct streaming_model *const model = &u->models[shard];
  memset(u->gradients[shard], 0, u->parameters->count * sizeof(float));
  streaming_model_forward(model, u->parameters, &u->batches[shard], u->dropout);
  streaming_model_backward(model, u->parameters, &u->batches[shard], u->factor, u->gradients[shard]);
  streaming_model_carry(model);
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
  u->squares[index] = (double)dot(total, total, range.count);
}

static void
adam_job(void *const context, const size_t index)
{
  struct updater *const u = context;
  const struct range range = range_of(u, index);
  adam_step(&u->adam, u->parameters->values + range.begin, u->gradients[0] + range.begin, u->mean + range.begin,
            u->square + range.begin, range.count);
}

double
updater_step(struct updater *const u, const double rate, const double clip)
{
  size_t notes = 0;
  for (size_t s = 0; s < u->shards; ++s) {
    notes += u->batches[s].notes;
  }
  u->factor = 1.0F / (float)(notes ? notes : 1);
  workers_spread(u->workers, u->shards, gradient_job, u);
  workers_spread(u->workers, range_count(u), sum_job, u);
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
  workers_spread(u->workers, range_count(u), adam_job, u);
  return norm;
}
