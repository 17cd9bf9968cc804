// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "evaluation.h"

#include "schedule.h"
#include "streaming_model.h"

#include <stdlib.h>
#include <string.h>

enum { STREAMS_PER_WORKER = 8, STEPS_TARGET = 128 };

struct evaluator {
  const struct parameters *parameters;
  const uint8_t *style_map;
  struct workers *workers;
  struct schedule schedule;
  struct batch *batches;          // [workers]
  struct streaming_model *models; // [workers]
};

double
evaluation_head(const struct evaluation_sums *const sums, const enum field field)
{
  return sums->notes ? sums->nats[field] / (double)sums->notes : 0.0;
}

double
evaluation_nats(const struct evaluation_sums *const sums)
{
  double total = 0.0;
  for (int field = 0; field < FIELD_COUNT; ++field) {
    total += evaluation_head(sums, (enum field)field);
  }
  return total;
}

static void
forward_job(void *const context, const size_t worker)
{
  struct evaluator *const e = context;
  streaming_model_forward(&e->models[worker], e->parameters, &e->batches[worker], 0.0F);
  streaming_model_carry(&e->models[worker]);
}

static void
count_note(struct evaluation_sums *const sums, const float *const losses)
{
  ++sums->notes;
  for (int field = 0; field < FIELD_COUNT; ++field) {
    sums->nats[field] += (double)losses[field];
  }
}

static void
count_batch(const struct evaluator *const e, const size_t worker, struct evaluation *const evaluation)
{
  const struct batch *const batch = &e->batches[worker];
  const float *const losses = e->models[worker].heads.losses;
  for (size_t r = 0; r < batch->steps * batch->streams; ++r) {
    if (batch->events[r] == UINT32_MAX) {
      continue;
    }
    const struct piece *const piece = &e->schedule.corpus->pieces[batch->pieces[r]];
    count_note(&evaluation->all, losses + r * FIELD_COUNT);
    count_note(&evaluation->styles[piece->style], losses + r * FIELD_COUNT);
    if (!piece->repeats[batch->events[r]]) {
      count_note(&evaluation->folded, losses + r * FIELD_COUNT);
      count_note(&evaluation->folded_styles[piece->style], losses + r * FIELD_COUNT);
    }
  }
}

static void
map_styles(const struct evaluator *const e, struct batch *const batch)
{
  uint16_t *const styles = batch->inputs[TENSOR_CONDITION_STYLE];
  for (size_t r = 0; r < batch->steps * batch->streams; ++r) {
    if (styles[r] != BATCH_NONE) {
      styles[r] = styles[r] ? e->style_map[styles[r] - 1] : 0;
    }
  }
}

static void
evaluator_free(struct evaluator *const e)
{
  for (size_t w = 0; w < workers_count(e->workers); ++w) {
    if (e->batches) {
      batch_free(&e->batches[w]);
    }
    if (e->models) {
      streaming_model_free(&e->models[w]);
    }
  }
  free(e->batches);
  free(e->models);
  schedule_free(&e->schedule);
}

static enum status
evaluator_new(struct evaluator *const e, struct error *const error)
{
  const size_t count = workers_count(e->workers);
  const struct streaming_sizes *const sizes = &e->parameters->sizes;
  const size_t steps = (STEPS_TARGET + sizes->segment - 1) / sizes->segment * sizes->segment;
  e->batches = calloc(count, sizeof(*e->batches));
  e->models = calloc(count, sizeof(*e->models));
  if (!e->batches || !e->models) {
    return error_set(error, STATUS_NO_MEMORY, "no memory to evaluate with %zu threads", count);
  }
  enum status status = STATUS_SUCCESS;
  for (size_t w = 0; !status && w < count; ++w) {
    status = batch_new(steps, STREAMS_PER_WORKER, &e->batches[w], error);
    if (!status) {
      status = streaming_model_new(sizes, steps, STREAMS_PER_WORKER, &e->models[w], error);
    }
  }
  return status;
}

enum status
evaluate(const struct parameters *const parameters,
         const struct corpus *const corpus,
         const uint8_t *const held,
         const uint8_t want,
         const uint8_t *const style_map,
         struct workers *const workers,
         struct evaluation *const evaluation,
         struct error *const error)
{
  const size_t count = workers_count(workers);
  struct evaluator e = {.parameters = parameters, .style_map = style_map, .workers = workers};
  memset(evaluation, 0, sizeof(*evaluation));
  enum status status = schedule_new(corpus, held, want, count * STREAMS_PER_WORKER, 0, false, &e.schedule, error);
  if (!status) {
    status = evaluator_new(&e, error);
  }
  while (!status && schedule_next(&e.schedule, e.batches, count)) {
    for (size_t w = 0; w < count; ++w) {
      map_styles(&e, &e.batches[w]);
    }
    workers_run(workers, forward_job, &e);
    for (size_t w = 0; w < count; ++w) {
      count_batch(&e, w, evaluation);
    }
  }
  evaluator_free(&e);
  return status;
}
