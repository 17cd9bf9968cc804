// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "trainee_streaming.h"

#include "carried_state.h"
#include "contrast.h"
#include "trainee_private.h"

#include <stdlib.h>
#include <string.h>

// After the carried arrays: bars and first slots of the attention, and where each stream is
enum { PART_BARS = CARRIED_ARRAYS, PART_FIRST, PART_STREAMS, PARTS };

static_assert((int)PARTS <= (int)TRAINEE_PARTS, "no room for the parts of a checkpoint");

static struct streaming_trainee *
self_of(struct trainee *const trainee)
{
  return (struct streaming_trainee *)trainee;
}

static const struct streaming_trainee *
const_self_of(const struct trainee *const trainee)
{
  return (const struct streaming_trainee *)trainee;
}

static size_t
next(struct trainee *const trainee)
{
  struct streaming_trainee *const t = self_of(trainee);
  size_t notes = 0;
  schedule_next(&t->schedule, t->batches, trainee->shards);
  for (size_t s = 0; s < trainee->shards; ++s) {
    notes += t->batches[s].notes;
  }
  return notes;
}

static void
learn(struct trainee *const trainee, const size_t shard, const float scale, float *const gradients)
{
  struct streaming_trainee *const t = self_of(trainee);
  struct streaming_model *const model = &t->models[shard - trainee->first];
  streaming_model_forward(model, &trainee->parameters, &t->batches[shard], t->dropout);
  if (t->batches[shard].has_twins) {
    contrast_weigh(&t->batches[shard], model->heads.losses, t->contrast);
  }
  streaming_model_backward(model, &trainee->parameters, &t->batches[shard], scale, gradients);
  streaming_model_carry(model);
}

static void
count(const struct trainee *const trainee, struct evaluation_sums *const sums)
{
  const struct streaming_trainee *const t = const_self_of(trainee);
  for (size_t s = 0; s < trainee->own; ++s) {
    const struct batch *const batch = &t->batches[trainee->first + s];
    sums->notes += batch->notes;
    for (size_t i = 0; i < batch->steps * batch->streams * FIELD_COUNT; ++i) {
      const bool is_twin = batch->has_twins && i / FIELD_COUNT % batch->streams % 2;
      sums->nats[i % FIELD_COUNT] += is_twin ? 0.0 : (double)t->models[s].heads.losses[i];
    }
  }
}

// Of the pieces that are held out every process measures as many, and their sums are everybody's.
static enum status
measure(const struct trainee *const trainee,
        struct workers *const workers,
        struct ranks *const ranks,
        struct evaluation *const evaluation,
        struct error *const error)
{
  const struct streaming_trainee *const t = const_self_of(trainee);
  const struct corpus *const corpus = t->music.corpus;
  uint8_t *const own = calloc(corpus->piece_count + 1, 1);
  uint8_t map[CORPUS_STYLES];
  for (uint32_t i = 0; i < CORPUS_STYLES; ++i) {
    map[i] = (uint8_t)(i + 1);
  }
  for (size_t i = 0, held = 0; own && i < corpus->piece_count; ++i) {
    own[i] = t->music.held[i] && held++ % ranks_count(ranks) == ranks_rank(ranks);
  }
  enum status status = own ? evaluate(&trainee->parameters, corpus, own, 1, map, workers, evaluation, error)
                           : error_set(error, STATUS_NO_MEMORY, "no memory to evaluate");
  free(own);
  status = ranks_agree(ranks, status, error);
  if (!status) {
    evaluation_add_up(evaluation, ranks);
  }
  return status;
}

// State

// The carried state whose arrays are the parts of `state`
static struct carried_state
carried_in(const struct streaming_trainee *const t, const struct trainee_state *const state)
{
  struct carried_state carried;
  carried_state_describe(t->models, t->base.shards, t->base.first, t->base.own, &carried);
  for (int i = 0; i < CARRIED_ARRAYS; ++i) {
    carried.arrays[i] = state->parts[i].values;
  }
  carried.bars = state->parts[PART_BARS].values;
  carried.first = state->parts[PART_FIRST].values;
  return carried;
}

static bool
state_new(const struct trainee *const trainee, struct trainee_state *const state)
{
  struct carried_state carried;
  carried_state_describe(const_self_of(trainee)->models, trainee->shards, trainee->first, trainee->own, &carried);
  bool complete = true;
  state->count = PARTS;
  for (int i = 0; i < CARRIED_ARRAYS; ++i) {
    state->parts[i] = (struct trainee_part){carried_name(i), DTYPE_F32, carried.streams * carried.widths[i], NULL};
  }
  state->parts[PART_BARS] = (struct trainee_part){"attention.bars", DTYPE_U64, carried.streams * carried.memory, NULL};
  state->parts[PART_FIRST] = (struct trainee_part){"attention.first", DTYPE_U64, carried.streams, NULL};
  state->parts[PART_STREAMS] =
      (struct trainee_part){"streams", DTYPE_U64, carried.streams * SCHEDULE_STREAM_VALUES, NULL};
  for (size_t i = 0; i < state->count; ++i) {
    struct trainee_part *const part = &state->parts[i];
    part->values = calloc(part->count + 1, dtype_size(part->dtype));
    complete = complete && part->values;
  }
  return complete;
}

static void
state_take(const struct trainee *const trainee, struct trainee_state *const state)
{
  const struct streaming_trainee *const t = const_self_of(trainee);
  struct carried_state carried = carried_in(t, state);
  struct schedule_place place = {.streams = state->parts[PART_STREAMS].values};
  schedule_tell(&t->schedule, &place);
  carried_state_take(&carried, t->models);
  state->epoch = place.epoch;
  state->next = place.next;
  state->passes = place.passes;
}

static bool
state_put(struct trainee *const trainee, const struct trainee_state *const state)
{
  struct streaming_trainee *const t = self_of(trainee);
  const struct carried_state carried = carried_in(t, state);
  const struct schedule_place place = {
      .epoch = state->epoch,
      .next = state->next,
      .passes = state->passes,
      .streams = state->parts[PART_STREAMS].values,
  };
  if (!carried_state_fits(&carried) || !schedule_go_to(&t->schedule, &place)) {
    return false;
  }
  carried_state_put(&carried, t->models);
  return true;
}

// Making and freeing

static void
free_self(struct trainee *const trainee)
{
  struct streaming_trainee *const t = self_of(trainee);
  for (size_t s = 0; s < trainee->shards; ++s) {
    if (t->batches) {
      batch_free(&t->batches[s]);
    }
    if (t->models && s < trainee->own) {
      streaming_model_free(&t->models[s]);
    }
  }
  free(t->batches);
  free(t->models);
  schedule_free(&t->schedule);
  parameters_free(&trainee->parameters);
  free(t);
}

static enum status
make_shards(struct streaming_trainee *const t, const size_t steps, const size_t streams, struct error *const error)
{
  t->batches = calloc(t->base.shards, sizeof(*t->batches));
  t->models = calloc(t->base.own, sizeof(*t->models));
  if (!t->batches || !t->models) {
    return error_set(error, STATUS_NO_MEMORY, "no memory to train in %zu shards", t->base.shards);
  }
  enum status status = STATUS_SUCCESS;
  for (size_t s = 0; !status && s < t->base.shards; ++s) {
    status = batch_new(steps, streams, &t->batches[s], error);
    if (!status && s < t->base.own) {
      status = streaming_model_new(&t->base.parameters.sizes, steps, streams, &t->models[s], error);
    }
  }
  return status;
}

enum status
streaming_trainee_new(const struct streaming_sizes *const sizes,
                      const struct training_options *const options,
                      struct streaming_trainee **const trainee,
                      struct error *const error)
{
  static const struct trainee_class class_ = {
      .next = next,
      .learn = learn,
      .count = count,
      .evaluate = measure,
      .state_new = state_new,
      .state_take = state_take,
      .state_put = state_put,
      .free = free_self,
  };
  struct streaming_trainee *const t = calloc(1, sizeof(*t));
  *trainee = NULL;
  if (!t) {
    return error_set(error, STATUS_NO_MEMORY, "no memory to train");
  }
  t->base.class_ = &class_;
  trainee_share_out(&t->base, options);
  t->base.vocabulary = "events-1";
  t->dropout = (float)options->dropout;
  t->contrast = (float)options->contrast;
  enum status status = parameters_new(sizes, &t->base.parameters, error);
  if (!status) {
    parameters_initialise(&t->base.parameters, options->seed);
    status = make_shards(t, options->steps, options->streams / options->shards, error);
  }
  if (status) {
    free_self(&t->base);
    return status;
  }
  *trainee = t;
  return STATUS_SUCCESS;
}

enum status
trainee_streaming_new(const struct trainee_music *const music,
                      const struct training_options *const options,
                      struct trainee **const trainee,
                      struct error *const error)
{
  struct streaming_trainee *t = NULL;
  struct streaming_sizes sizes = options->sizes;
  sizes.styles = music->corpus->style_count;
  enum status status = streaming_trainee_new(&sizes, options, &t, error);
  if (status) {
    return status;
  }
  t->music = *music;
  t->base.epoch_targets = music->notes;
  t->base.measure_targets = music->notes;
  status = schedule_new(music->corpus, music->held, 0, options->streams, options->seed, true, &t->schedule, error);
  if (status) {
    free_self(&t->base);
    return status;
  }
  t->schedule.fold = (float)options->fold;
  t->schedule.noise = (float)options->noise;
  t->schedule.cold = (float)options->cold;
  t->schedule.stutter = (float)options->stutter;
  t->schedule.alter = (float)options->alter;
  t->schedule.style_noise = (float)options->style_noise;
  t->schedule.twins = options->contrast > 0.0;
  *trainee = &t->base;
  return STATUS_SUCCESS;
}
