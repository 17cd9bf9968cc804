// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "windowed_evaluation.h"

#include "windowed_model.h"

#include <stdlib.h>
#include <string.h>

enum { STREAMS = 32 }; // Windows of one batch

struct evaluator {
  const struct parameters *parameters;
  const struct windows *windows;
  struct workers *workers;
  size_t count;                  // Windows to measure
  float *losses;                 // [count]
  struct window_batch *batches;  // [workers]
  struct windowed_model *models; // [workers]
};

// The sample that is measured as number `index`
static uint32_t
sample_at(const struct evaluator *const e, const size_t index)
{
  return index < e->count ? (uint32_t)((uint64_t)index * e->windows->sample_count / e->count) : UINT32_MAX;
}

// Every batch is made whole by one worker, so that nothing depends on how many there are.
static void
forward_job(void *const context, const size_t worker)
{
  struct evaluator *const e = context;
  struct window_batch *const batch = &e->batches[worker];
  for (size_t first = worker * STREAMS; first < e->count; first += workers_count(e->workers) * STREAMS) {
    for (size_t b = 0; b < STREAMS; ++b) {
      windows_fill(e->windows, sample_at(e, first + b), batch, b);
    }
    windowed_model_forward(&e->models[worker], e->parameters, batch, false);
    for (size_t b = 0; b < STREAMS && first + b < e->count; ++b) {
      e->losses[first + b] = e->models[worker].losses[b];
    }
  }
}

static void
evaluator_free(struct evaluator *const e)
{
  for (size_t w = 0; w < workers_count(e->workers); ++w) {
    if (e->batches) {
      window_batch_free(&e->batches[w]);
    }
    if (e->models) {
      windowed_model_free(&e->models[w]);
    }
  }
  free(e->batches);
  free(e->models);
  free(e->losses);
}

static enum status
evaluator_new(struct evaluator *const e, struct error *const error)
{
  const struct windowed_sizes *const sizes = &e->parameters->windowed;
  const size_t workers = workers_count(e->workers);
  e->losses = calloc(e->count + 1, sizeof(float));
  e->batches = calloc(workers, sizeof(*e->batches));
  e->models = calloc(workers, sizeof(*e->models));
  if (!e->losses || !e->batches || !e->models) {
    return error_set(error, STATUS_NO_MEMORY, "no memory to evaluate %zu windows", e->count);
  }
  enum status status = STATUS_SUCCESS;
  for (size_t w = 0; !status && w < workers; ++w) {
    status = window_batch_new(sizes->context, STREAMS, &e->batches[w], error);
    if (!status) {
      status = windowed_model_new(sizes, STREAMS, &e->models[w], error);
    }
  }
  return status;
}

enum status
windowed_evaluate(const struct parameters *const parameters,
                  const struct corpus *const corpus,
                  const struct windows *const windows,
                  const size_t limit,
                  struct workers *const workers,
                  struct evaluation *const evaluation,
                  struct error *const error)
{
  struct evaluator e = {
      .parameters = parameters,
      .windows = windows,
      .workers = workers,
      .count = limit && limit < windows->sample_count ? limit : windows->sample_count,
  };
  memset(evaluation, 0, sizeof(*evaluation));
  const enum status status = evaluator_new(&e, error);
  if (!status) {
    workers_run(workers, forward_job, &e);
    for (size_t i = 0; i < e.count; ++i) {
      const uint32_t sample = sample_at(&e, i);
      const struct piece *const piece = &corpus->pieces[windows->samples[sample].piece];
      windows_count(windows, sample, (double)e.losses[i], &evaluation->all);
      windows_count(windows, sample, (double)e.losses[i], &evaluation->styles[piece->style]);
    }
  }
  evaluator_free(&e);
  return status;
}

enum status
windowed_vocabulary(const struct safetensors *const file,
                    const char *const path,
                    const struct parameters *const parameters,
                    struct vocabulary *const vocabulary,
                    struct error *const error)
{
  const char *const text = safetensors_metadata(file, "vocabulary");
  if (!text) {
    return error_set(error, STATUS_BAD_FORMAT, "%s: does not say what its tokens are (`vocabulary' in its metadata)",
                     path);
  }
  const enum status status = vocabulary_parse(text, vocabulary, error);
  if (!status && vocabulary->count != parameters->windowed.vocabulary) {
    vocabulary_clear(vocabulary);
    return error_set(error, STATUS_BAD_FORMAT, "%s: its vocabulary does not fit its network", path);
  }
  return status;
}

enum status
windowed_evaluate_file(const struct safetensors *const file,
                       const char *const path,
                       const struct parameters *const parameters,
                       const struct corpus *const corpus,
                       const uint8_t *const held,
                       const uint8_t want,
                       const size_t limit,
                       struct workers *const workers,
                       struct evaluation *const evaluation,
                       struct error *const error)
{
  struct vocabulary vocabulary;
  struct windows windows;
  enum status status = windowed_vocabulary(file, path, parameters, &vocabulary, error);
  if (status) {
    return status;
  }
  status = windows_new(corpus, held, want, &vocabulary, &windows, error);
  if (!status) {
    status = windowed_evaluate(parameters, corpus, &windows, limit, workers, evaluation, error);
    windows_free(&windows);
  }
  vocabulary_clear(&vocabulary);
  return status;
}
