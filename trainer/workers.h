// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A handful of threads that do the same job on their own data and wait for each other. Results do not depend on timing: what
// worker w does depends on w alone.

#ifndef RITORNELLO_WORKERS_H
#define RITORNELLO_WORKERS_H

#include "engine/status.h"

#include <stddef.h>

struct workers;

/// Start `count` (at least 1) workers; the caller is worker 0, so count - 1 threads are made. NULL without resources.
struct workers *workers_new(size_t count);
void workers_free(struct workers *workers);

size_t workers_count(const struct workers *workers);

/// Call job(context, worker) once for each worker, at the same time, and return when all are done.
void workers_run(struct workers *workers, void (*job)(void *context, size_t worker), void *context);

/// Call job(context, index) once for each index below `jobs`, spread over the workers, and return when all are done. What a
/// job does may depend on its index alone, so that the number of workers changes nothing but the time.
void workers_spread(struct workers *workers, size_t jobs, void (*job)(void *context, size_t index), void *context);

#endif // RITORNELLO_WORKERS_H
