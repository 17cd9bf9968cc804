// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Training a `windowed` network: every token of every piece is one sample, and the samples come in an order that is drawn
// anew when all have been. Nothing is carried from one batch to the next.

#include "trainee_private.h"

#include "windowed_evaluation.h"
#include "windowed_model.h"
#include "windows.h"

#include "engine/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A window costs as much as a hundred events of a `streaming` network, so that measurements come by windows, not by playings
// of the music, and look at some of the windows that were kept out.
enum { MEASURE_AFTER = 1 << 16, MEASURED = 4096 };

// What random numbers are drawn for
enum { DRAW_ORDER = 1, DRAW_DROPOUT };

struct windowed_trainee {
  struct trainee base;
  struct trainee_music music;
  struct vocabulary vocabulary;
  char *vocabulary_text;
  struct windows windows;
  struct windows held;
  uint64_t seed;
  uint32_t *order; // [samples] the present epoch's
  uint64_t next;   // Of `order`
  uint64_t epoch;  // Times it has been drawn, from 1
  uint64_t passes;
  struct window_batch *batches;  // [shards]
  struct windowed_model *models; // [own]
};

static struct windowed_trainee *
self_of(struct trainee *const trainee)
{
  return (struct windowed_trainee *)trainee;
}

static const struct windowed_trainee *
const_self_of(const struct trainee *const trainee)
{
  return (const struct windowed_trainee *)trainee;
}

// An order that depends on seed and epoch alone (Fisher and Yates, from sorted order)
static void
draw_order(struct windowed_trainee *const t)
{
  const uint64_t key = random_key(random_key(t->seed, DRAW_ORDER), t->epoch);
  for (size_t i = 0; i < t->windows.sample_count; ++i) {
    t->order[i] = (uint32_t)i;
  }
  for (size_t i = t->windows.sample_count; i > 1; --i) {
    const uint32_t j = random_below(key, i, (uint32_t)i);
    const uint32_t swapped = t->order[i - 1];
    t->order[i - 1] = t->order[j];
    t->order[j] = swapped;
  }
}

static uint32_t
next_sample(struct windowed_trainee *const t)
{
  if (t->next == t->windows.sample_count || !t->epoch) {
    ++t->epoch;
    t->next = 0;
    draw_order(t);
  }
  return t->order[t->next++];
}

static size_t
next(struct trainee *const trainee)
{
  struct windowed_trainee *const t = self_of(trainee);
  size_t targets = 0;
  for (size_t s = 0; s < trainee->shards; ++s) {
    struct window_batch *const batch = &t->batches[s];
    for (size_t b = 0; b < batch->streams; ++b) {
      windows_fill(&t->windows, next_sample(t), batch, b);
      batch->keys[b] = random_key(random_key(random_key(t->seed, DRAW_DROPOUT), t->epoch), t->next);
      targets += batch->targets[b] != WINDOW_NONE;
    }
  }
  ++t->passes;
  return targets;
}

static void
learn(struct trainee *const trainee, const size_t shard, const float scale, float *const gradients)
{
  struct windowed_trainee *const t = self_of(trainee);
  struct windowed_model *const model = &t->models[shard - trainee->first];
  windowed_model_forward(model, &trainee->parameters, &t->batches[shard], true);
  windowed_model_backward(model, &trainee->parameters, &t->batches[shard], scale, gradients);
}

static void
count(const struct trainee *const trainee, struct evaluation_sums *const sums)
{
  const struct windowed_trainee *const t = const_self_of(trainee);
  for (size_t s = 0; s < trainee->own; ++s) {
    const struct window_batch *const batch = &t->batches[trainee->first + s];
    for (size_t b = 0; b < batch->streams; ++b) {
      windows_count(&t->windows, batch->samples[b], (double)t->models[s].losses[b], sums);
    }
  }
}

// The first process measures, for all
static enum status
measure(const struct trainee *const trainee,
        struct workers *const workers,
        struct ranks *const ranks,
        struct evaluation *const evaluation,
        struct error *const error)
{
  const struct windowed_trainee *const t = const_self_of(trainee);
  enum status status = STATUS_SUCCESS;
  if (!ranks_rank(ranks)) {
    status = windowed_evaluate(&trainee->parameters, t->music.corpus, &t->held, MEASURED, workers, evaluation, error);
  }
  status = ranks_agree(ranks, status, error);
  if (!status) {
    ranks_share(ranks, evaluation, sizeof(*evaluation));
  }
  return status;
}

// State

static bool
state_new(const struct trainee *const trainee, struct trainee_state *const state)
{
  (void)trainee;
  state->count = 0;
  return true;
}

static void
state_take(const struct trainee *const trainee, struct trainee_state *const state)
{
  const struct windowed_trainee *const t = const_self_of(trainee);
  state->epoch = t->epoch;
  state->next = t->next;
  state->passes = t->passes;
}

static bool
state_put(struct trainee *const trainee, const struct trainee_state *const state)
{
  struct windowed_trainee *const t = self_of(trainee);
  if (state->next > t->windows.sample_count) {
    return false;
  }
  t->epoch = state->epoch;
  t->next = state->next;
  t->passes = state->passes;
  if (t->epoch) {
    draw_order(t);
  }
  return true;
}

// Making and freeing

static void
free_self(struct trainee *const trainee)
{
  struct windowed_trainee *const t = self_of(trainee);
  for (size_t s = 0; s < trainee->shards; ++s) {
    if (t->batches) {
      window_batch_free(&t->batches[s]);
    }
    if (t->models && s < trainee->own) {
      windowed_model_free(&t->models[s]);
    }
  }
  free(t->batches);
  free(t->models);
  free(t->order);
  windows_free(&t->windows);
  windows_free(&t->held);
  free(t->vocabulary_text);
  vocabulary_clear(&t->vocabulary);
  parameters_free(&trainee->parameters);
  free(t);
}

static void
tell_music(const struct windowed_trainee *const t, const struct tokens_left_out *const left_out)
{
  printf("%zu tokens of %u kinds and ends of pieces to train on, %zu held out; not in the vocabulary: %llu and %llu\n",
         t->windows.sample_count, t->vocabulary.count, t->held.sample_count, (unsigned long long)t->windows.unknown,
         (unsigned long long)t->held.unknown);
  printf("Left out: %llu tokens whose duration is no musical value, %llu rests over two bars, %llu notes of large "
         "chords\n",
         (unsigned long long)left_out->durations, (unsigned long long)left_out->rests,
         (unsigned long long)left_out->notes);
  fflush(stdout);
}

static enum status
make_music(struct windowed_trainee *const t, struct error *const error)
{
  const struct trainee_music *const m = &t->music;
  struct tokens_left_out left_out;
  enum status status = windows_vocabulary(m->corpus, m->held, 0, &t->vocabulary, &left_out, error);
  if (!status) {
    status = windows_new(m->corpus, m->held, 0, &t->vocabulary, &t->windows, error);
  }
  if (!status) {
    status = windows_new(m->corpus, m->held, 1, &t->vocabulary, &t->held, error);
  }
  if (status) {
    return status;
  }
  t->order = calloc(t->windows.sample_count + 1, sizeof(uint32_t));
  t->vocabulary_text = vocabulary_format(&t->vocabulary);
  if (!t->order || !t->vocabulary_text) {
    return error_set(error, STATUS_NO_MEMORY, "no memory for %zu windows", t->windows.sample_count);
  }
  t->base.vocabulary = t->vocabulary_text;
  t->base.epoch_targets = t->windows.sample_count - t->windows.unknown;
  t->base.measure_targets = t->base.epoch_targets < MEASURE_AFTER ? t->base.epoch_targets : MEASURE_AFTER;
  tell_music(t, &left_out);
  return STATUS_SUCCESS;
}

static enum status
make_shards(struct windowed_trainee *const t, const size_t streams, struct error *const error)
{
  const struct windowed_sizes *const sizes = &t->base.parameters.windowed;
  t->batches = calloc(t->base.shards, sizeof(*t->batches));
  t->models = calloc(t->base.own, sizeof(*t->models));
  if (!t->batches || !t->models) {
    return error_set(error, STATUS_NO_MEMORY, "no memory to train in %zu shards", t->base.shards);
  }
  enum status status = STATUS_SUCCESS;
  for (size_t s = 0; !status && s < t->base.shards; ++s) {
    status = window_batch_new(sizes->context, streams, &t->batches[s], error);
    if (!status && s < t->base.own) {
      status = windowed_model_new(sizes, streams, &t->models[s], error);
    }
  }
  return status;
}

static enum status
fill(struct windowed_trainee *const t, const struct training_options *const o, struct error *const error)
{
  struct windowed_sizes sizes = {.context = (uint32_t)o->context};
  enum status status = windowed_layers_parse(o->network, &sizes, error);
  if (!status) {
    status = make_music(t, error);
  }
  if (!status) {
    sizes.vocabulary = t->vocabulary.count;
    status = parameters_new_windowed(&sizes, &t->base.parameters, error);
  }
  if (!status) {
    parameters_initialise(&t->base.parameters, o->seed);
    status = make_shards(t, o->streams / o->shards, error);
  }
  return status;
}

enum status
trainee_windowed_new(const struct trainee_music *const music,
                     const struct training_options *const options,
                     struct trainee **const trainee,
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
  struct windowed_trainee *const t = calloc(1, sizeof(*t));
  if (!t) {
    return error_set(error, STATUS_NO_MEMORY, "no memory to train");
  }
  t->base.class_ = &class_;
  trainee_share_out(&t->base, options);
  t->music = *music;
  t->seed = options->seed;
  const enum status status = fill(t, options, error);
  if (status) {
    free_self(&t->base);
    return status;
  }
  *trainee = &t->base;
  return STATUS_SUCCESS;
}
