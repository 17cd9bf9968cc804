// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "evaluation.h"

#include "schedule.h"
#include "streaming_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Shards, not workers, so that figures are the same to the bit with any number of threads
enum { SHARDS = 4, STREAMS = 8, STEPS_TARGET = 128 };

struct evaluator {
  const struct parameters *parameters;
  const uint8_t *style_map;
  struct workers *workers;
  struct schedule schedule;
  struct batch *batches;          // [SHARDS]
  struct streaming_model *models; // [SHARDS]
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
  for (int field = 0; field < EVALUATION_FIELDS; ++field) {
    total += evaluation_head(sums, (enum field)field);
  }
  return total;
}

double
evaluation_token(const struct evaluation_sums *const sums)
{
  return sums->tokens ? sums->nats[FIELD_TOKEN] / (double)sums->tokens : 0.0;
}

double
evaluation_score(const struct evaluation_sums *const sums)
{
  return evaluation_head(sums, FIELD_PITCH) + evaluation_head(sums, FIELD_DURATION) +
         evaluation_head(sums, FIELD_ADVANCE) + evaluation_head(sums, FIELD_TOKEN);
}

void
evaluation_add(struct evaluation_sums *const sums, const struct evaluation_sums *const more)
{
  sums->notes += more->notes;
  sums->tokens += more->tokens;
  for (int field = 0; field < EVALUATION_FIELDS; ++field) {
    sums->nats[field] += more->nats[field];
  }
}

void
evaluation_add_up_sums(struct evaluation_sums *const sums, struct ranks *const ranks)
{
  double values[2 + EVALUATION_FIELDS] = {(double)sums->notes, (double)sums->tokens};
  memcpy(values + 2, sums->nats, sizeof(sums->nats));
  ranks_add(ranks, values, sizeof(values) / sizeof(values[0]));
  sums->notes = (uint64_t)values[0];
  sums->tokens = (uint64_t)values[1];
  memcpy(sums->nats, values + 2, sizeof(sums->nats));
}

void
evaluation_add_up(struct evaluation *const evaluation, struct ranks *const ranks)
{
  evaluation_add_up_sums(&evaluation->all, ranks);
  evaluation_add_up_sums(&evaluation->folded, ranks);
  for (int style = 0; ranks && style < CORPUS_STYLES; ++style) {
    evaluation_add_up_sums(&evaluation->styles[style], ranks);
    evaluation_add_up_sums(&evaluation->folded_styles[style], ranks);
  }
}

void
evaluation_format(const struct evaluation_sums *const sums, char text[EVALUATION_TEXT_SIZE])
{
  if (sums->tokens) {
    snprintf(text, EVALUATION_TEXT_SIZE, "%.3f nats/note (%.3f per token)", evaluation_nats(sums),
             evaluation_token(sums));
    return;
  }
  int length = snprintf(text, EVALUATION_TEXT_SIZE, "%.3f nats/note", evaluation_nats(sums));
  for (int field = 0; field < FIELD_COUNT; ++field) {
    length += snprintf(text + length, EVALUATION_TEXT_SIZE - (size_t)length, "%s%s %.3f", field ? " " : " (",
                       field_name((enum field)field), evaluation_head(sums, (enum field)field));
  }
  snprintf(text + length, EVALUATION_TEXT_SIZE - (size_t)length, ")");
}

static void
forward_job(void *const context, const size_t shard)
{
  struct evaluator *const e = context;
  streaming_model_forward(&e->models[shard], e->parameters, &e->batches[shard], 0.0F);
  streaming_model_carry(&e->models[shard]);
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
count_batch(const struct evaluator *const e, const size_t shard, struct evaluation *const evaluation)
{
  const struct batch *const batch = &e->batches[shard];
  const float *const losses = e->models[shard].heads.losses;
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
  for (size_t s = 0; s < SHARDS; ++s) {
    if (e->batches) {
      batch_free(&e->batches[s]);
    }
    if (e->models) {
      streaming_model_free(&e->models[s]);
    }
  }
  free(e->batches);
  free(e->models);
  schedule_free(&e->schedule);
}

static enum status
evaluator_new(struct evaluator *const e, struct error *const error)
{
  const struct streaming_sizes *const sizes = &e->parameters->sizes;
  const size_t steps = (STEPS_TARGET + sizes->segment - 1) / sizes->segment * sizes->segment;
  e->batches = calloc(SHARDS, sizeof(*e->batches));
  e->models = calloc(SHARDS, sizeof(*e->models));
  if (!e->batches || !e->models) {
    return error_set(error, STATUS_NO_MEMORY, "no memory to evaluate");
  }
  enum status status = STATUS_SUCCESS;
  for (size_t s = 0; !status && s < SHARDS; ++s) {
    status = batch_new(steps, STREAMS, &e->batches[s], error);
    if (!status) {
      status = streaming_model_new(sizes, steps, STREAMS, &e->models[s], error);
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
  struct evaluator e = {.parameters = parameters, .style_map = style_map, .workers = workers};
  memset(evaluation, 0, sizeof(*evaluation));
  enum status status = schedule_new(corpus, held, want, SHARDS * STREAMS, 0, false, &e.schedule, error);
  if (!status) {
    status = evaluator_new(&e, error);
  }
  while (!status && schedule_next(&e.schedule, e.batches, SHARDS)) {
    for (size_t s = 0; s < SHARDS; ++s) {
      map_styles(&e, &e.batches[s]);
    }
    workers_spread(workers, SHARDS, forward_job, &e);
    for (size_t s = 0; s < SHARDS; ++s) {
      count_batch(&e, s, evaluation);
    }
  }
  evaluator_free(&e);
  return status;
}
