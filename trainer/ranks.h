// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The processes that train one network together, on one machine or on many, started by MPI's mpirun. Each learns from its
// shards of the batch; gradients and losses are added up, so that all of them have the same weights at all times. Every
// process reads the same music, and process 0 alone writes files and talks to the user. A call is made by all of them, at
// the same place of the program, and returns when all have come there.
//
// A process without others, as most are, has no `struct ranks`: NULL stands for it, everywhere, and no call does anything.
// Built without MPI (ranks_alone.c) there is never one.

#ifndef RITORNELLO_RANKS_H
#define RITORNELLO_RANKS_H

#include "engine/status.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

struct ranks {
  size_t count;                      ///< Processes
  size_t rank;                       ///< This one, from 0
  size_t here;                       ///< Of the processes, those on this machine
  size_t speaker;                    ///< The one that says what went wrong
  const volatile sig_atomic_t *stop; ///< See ranks_watch()
  const char *checkpoint;
};

static inline size_t
ranks_count(const struct ranks *const ranks)
{
  return ranks ? ranks->count : 1;
}

static inline size_t
ranks_rank(const struct ranks *const ranks)
{
  return ranks ? ranks->rank : 0;
}

/// Join the other processes if mpirun has started this one: `ranks` is NULL otherwise. Fails where mpirun has, but this
/// program is built without MPI: the processes would all write the same files.
enum status ranks_begin(struct ranks **ranks, struct error *error);

/// Part from the others and free `ranks`.
void ranks_end(struct ranks *ranks);

/// Let a process that waits for another one notice that there is none any more. MPI then asks those that are left to
/// terminate, so that *`stop` is set, and soon kills them: this process says that the training goes on from the file
/// `checkpoint`, and exits.
void ranks_watch(struct ranks *ranks, const volatile sig_atomic_t *stop, const char *checkpoint);

/// Return `status` or, if any other process has another than success, that there is a failure elsewhere. `ranks->speaker`
/// becomes the first process that has failed.
enum status ranks_agree(struct ranks *ranks, enum status status, struct error *error);

/// Replace `values` [count] with their sums over all processes: the same bits in all of them.
void ranks_add_floats(struct ranks *ranks, float *values, size_t count);
void ranks_add(struct ranks *ranks, double *values, size_t count);

/// Replace `values` [count] with the greatest that any process has.
void ranks_greatest(struct ranks *ranks, double *values, size_t count);

/// Give all processes the `size` bytes of process 0.
void ranks_share(struct ranks *ranks, void *bytes, size_t size);

/// Of `size` bytes cut into as many equal parts as there are processes, each process has its own: give process 0 all.
void ranks_gather(struct ranks *ranks, void *bytes, size_t size);

#endif // RITORNELLO_RANKS_H
