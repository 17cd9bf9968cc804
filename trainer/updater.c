// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "updater.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static enum status
allocate(struct updater *const u, const size_t workers, struct error *const error)
{
  const size_t count = u->parameters->count;
  u->batches = calloc(workers, sizeof(*u->batches));
  u->models = calloc(workers, sizeof(*u->models));
  u->gradients = calloc(workers, sizeof(*u->gradients));
  u->squares = calloc(workers, sizeof(*u->squares));
  u->mean = calloc(count, sizeof(float));
  u->square = calloc(count, sizeof(float));
  bool complete = u->batches && u->models && u->gradients && u->squares && u->mean && u->square;
  for (size_t w = 0; complete && w < workers; ++w) {
    u->gradients[w] = calloc(count, sizeof(float));
    complete = u->gradients[w];
  }
  return complete
             ? STATUS_SUCCESS
             : error_set(error, STATUS_NO_MEMORY, "no memory to train %zu weights with %zu threads", count, workers);
}

enum status
updater_new(struct parameters *const parameters,
            struct workers *const workers,
            const size_t steps,
            const size_t streams,
            struct updater *const u,
            struct error *const error)
{
  const size_t count = workers_count(workers);
  *u = (struct updater){
      .parameters = parameters,
      .workers = workers,
      .adam = {.beta1 = 0.9F, .beta2 = 0.99F, .epsilon = 1e-8F},
  };
  enum status status = allocate(u, count, error);
  for (size_t w = 0; !status && w < count; ++w) {
    status = batch_new(steps, streams, &u->batches[w], error);
    if (!status) {
      status = streaming_model_new(&parameters->sizes, steps, streams, &u->models[w], error);
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
  for (size_t w = 0; u->workers && w < workers_count(u->workers); ++w) {
    if (u->batches) {
      batch_free(&u->batches[w]);
    }
    if (u->models) {
      streaming_model_free(&u->models[w]);
    }
    if (u->gradients) {
      free(u->gradients[w]);
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

// Worker's range of the weights: [begin, end)
struct range {
  size_t begin;
  size_t end;
};

static struct range
range_of(const struct updater *const u, const size_t worker)
{
  const size_t workers = workers_count(u->workers);
  return (struct range){u->parameters->count * worker / workers, u->parameters->count * (worker + 1) / workers};
}

static void
gradient_job(void *const context, const size_t worker)
{
  struct updater *const u = context;
  struct streaming_model *const model = &u->models[worker];
  memset(u->gradients[worker], 0, u->parameters->count * sizeof(float));
  streaming_model_forward(model, u->parameters, &u->batches[worker], u->dropout);
  streaming_model_backward(model, u->parameters, &u->batches[worker], u->factor, u->gradients[worker]);
  streaming_model_carry(model);
}

static void
sum_job(void *const context, const size_t worker)
{
  struct updater *const u = context;
  const struct range range = range_of(u, worker);
  float *const total = u->gradients[0] + range.begin;
  const size_t count = range.end - range.begin;
  for (size_t w = 1; w < workers_count(u->workers); ++w) {
    add(total, u->gradients[w] + range.begin, count);
  }
  u->squares[worker] = (double)dot(total, total, count);
}

static void
adam_job(void *const context, const size_t worker)
{
  struct updater *const u = context;
  const struct range range = range_of(u, worker);
  adam_step(&u->adam, u->parameters->values + range.begin, u->gradients[0] + range.begin, u->mean + range.begin,
            u->square + range.begin, range.end - range.begin);
}

double
updater_step(struct updater *const u, const double rate, const double clip)
{
  size_t notes = 0;
  for (size_t w = 0; w < workers_count(u->workers); ++w) {
    notes += u->batches[w].notes;
  }
  u->factor = 1.0F / (float)(notes ? notes : 1);
  workers_run(u->workers, gradient_job, u);
  workers_run(u->workers, sum_job, u);
  double square = 0.0;
  for (size_t w = 0; w < workers_count(u->workers); ++w) {
    square += u->squares[w];
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
  workers_run(u->workers, adam_job, u);
  return norm;
}
