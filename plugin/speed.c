// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// How fast this machine computes: the best of some rounds, so that what else it does meanwhile makes no difference.

#include "speed.h"

#include "engine/block.h"
#include "engine/kernels.h"

#include <stdatomic.h>
#include <stdint.h>
#include <time.h>

enum { ROWS = 1536, COLUMNS = 1024, ROUNDS = 12 };

/// Operations per second if there is nothing to measure with, as the slowest machine that anybody plays on. What sanitizers have
/// put checks into says nothing of a machine; in tests it is to have the time that others have.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
static const double SLOWEST = 5e10;
#else
static const double SLOWEST = 5e8;
#endif

/// What was measured, or 0. All that measure write much the same.
static _Atomic(double) measured;

static double
now(void)
{
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/// Return the seconds that the quickest round takes.
static double
best_round(const struct matrix *const matrix, const float *const x, float *const y)
{
  const struct kernels *const kernels = kernels_best();
  double best = 1.0;
  for (unsigned i = 0; i < ROUNDS; ++i) {
    const double begin = now();
    kernels->matrix_vector(matrix, NULL, x, y, 0, ROWS);
    const double seconds = now() - begin;
    best = seconds > 0.0 && seconds < best ? seconds : best;
  }
  return best;
}

double
speed_measure(void)
{
  const double known = atomic_load(&measured);
  if (known > 0.0) {
    return known;
  }
  const size_t size = matrix_size(ROWS, COLUMNS, PRECISION_F16);
  char *const block = block_new(size + (ROWS + COLUMNS) * sizeof(float));
  if (!block) {
    return SLOWEST;
  }
  float *const x = (float *)(void *)(block + size);
  const struct matrix matrix = {block, ROWS, COLUMNS, PRECISION_F16};
  const double speed = (double)ROWS * COLUMNS / best_round(&matrix, x, x + COLUMNS);
  block_free(block);
  atomic_store(&measured, speed > SLOWEST ? speed : SLOWEST);
  return atomic_load(&measured);
}
