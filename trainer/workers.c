// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "workers.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

struct worker {
  struct workers *workers;
  pthread_t thread;
  size_t index;
};

struct workers {
  pthread_barrier_t begin;
  pthread_barrier_t end;
  void (*job)(void *context, size_t worker); // NULL asks the threads to leave
  void *context;
  size_t count;
  struct worker *others; // [count - 1]
};

static void *
worker_main(void *const argument)
{
  const struct worker *const worker = argument;
  struct workers *const workers = worker->workers;
  for (;;) {
    pthread_barrier_wait(&workers->begin);
    if (!workers->job) {
      return NULL;
    }
    workers->job(workers->context, worker->index);
    pthread_barrier_wait(&workers->end);
  }
}

// Threads that never came: let those that did leave, which wait at a barrier made for all.
static struct workers *
start_threads(struct workers *const workers)
{
  for (size_t i = 0; i + 1 < workers->count; ++i) {
    struct worker *const worker = &workers->others[i];
    *worker = (struct worker){.workers = workers, .index = i + 1};
    if (pthread_create(&worker->thread, NULL, worker_main, worker)) {
      for (size_t j = 0; j < i; ++j) {
        pthread_cancel(workers->others[j].thread);
        pthread_join(workers->others[j].thread, NULL);
      }
      workers->count = 1;
      workers_free(workers);
      return NULL;
    }
  }
  return workers;
}

struct workers *
workers_new(const size_t count)
{
  struct workers *const workers = calloc(1, sizeof(*workers));
  struct worker *const others = calloc(count, sizeof(*others));
  if (!workers || !others || pthread_barrier_init(&workers->begin, NULL, (unsigned)count)) {
    free(others);
    free(workers);
    return NULL;
  }
  if (pthread_barrier_init(&workers->end, NULL, (unsigned)count)) {
    pthread_barrier_destroy(&workers->begin);
    free(others);
    free(workers);
    return NULL;
  }
  workers->count = count;
  workers->others = others;
  return start_threads(workers);
}

void
workers_free(struct workers *const workers)
{
  if (!workers) {
    return;
  }
  if (workers->count > 1) {
    workers->job = NULL;
    pthread_barrier_wait(&workers->begin);
    for (size_t i = 0; i + 1 < workers->count; ++i) {
      pthread_join(workers->others[i].thread, NULL);
    }
  }
  pthread_barrier_destroy(&workers->begin);
  pthread_barrier_destroy(&workers->end);
  free(workers->others);
  free(workers);
}

size_t
workers_count(const struct workers *const workers)
{
  return workers->count;
}

void
workers_run(struct workers *const workers, void (*const job)(void *context, size_t worker), void *const context)
{
  if (workers->count == 1) {
    job(context, 0);
    return;
  }
  workers->job = job;
  workers->context = context;
  pthread_barrier_wait(&workers->begin);
  job(context, 0);
  pthread_barrier_wait(&workers->end);
}

// Jobs of one call, worker w doing w, w + workers, ...
struct spread {
  size_t jobs;
  size_t workers;
  void (*job)(void *context, size_t index);
  void *context;
};

static void
spread_job(void *const context, const size_t worker)
{
  const struct spread *const spread = context;
  for (size_t index = worker; index < spread->jobs; index += spread->workers) {
    spread->job(spread->context, index);
  }
}

void
workers_spread(struct workers *const workers,
               const size_t jobs,
               void (*const job)(void *context, size_t index),
               void *const context)
{
  struct spread spread = {jobs, workers->count, job, context};
  workers_run(workers, spread_job, &spread);
}
