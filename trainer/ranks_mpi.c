// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Training in several processes, with MPI. Waiting is done by asking again and again, not inside MPI: a process whose peer
// has died would wait for ever there.

#include "ranks.h"

#include "progress.h"

#include <mpi.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

// Bytes of one message at most, for MPI counts in ints; it is a whole number of floats and doubles
enum { MESSAGE = 1 << 28 };

// How long the others may take once this process has been asked to terminate: mpirun kills after a second
static const double patience = 0.4;

// Whether mpirun has started this process. Open MPI, and MPICH and its kin, tell by a variable; to find out by MPI_Init()
// would start daemons for nothing.
static bool
is_started_by_mpirun(void)
{
  return getenv("OMPI_COMM_WORLD_SIZE") || getenv("PMI_SIZE") || getenv("PMIX_RANK");
}

// How many of the processes are on this machine
static size_t
count_here(void)
{
  MPI_Comm machine = MPI_COMM_NULL;
  int here = 1;
  MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &machine);
  MPI_Comm_size(machine, &here);
  MPI_Comm_free(&machine);
  return (size_t)here;
}

enum status
ranks_begin(struct ranks **const ranks, struct error *const error)
{
  int provided = 0;
  int count = 1;
  int rank = 0;
  *ranks = NULL;
  if (!is_started_by_mpirun()) {
    return STATUS_SUCCESS;
  }
  if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided) != MPI_SUCCESS || provided < MPI_THREAD_FUNNELED) {
    return error_set(error, STATUS_BAD_VALUE, "MPI can't be used by a program with threads");
  }
  MPI_Comm_size(MPI_COMM_WORLD, &count);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  *ranks = calloc(1, sizeof(**ranks));
  if (!*ranks) {
    return error_set(error, STATUS_NO_MEMORY, "no memory to train in %d processes", count);
  }
  **ranks = (struct ranks){.count = (size_t)count, .rank = (size_t)rank, .here = count_here()};
  return STATUS_SUCCESS;
}

void
ranks_end(struct ranks *const ranks)
{
  if (ranks) {
    MPI_Finalize();
    free(ranks);
  }
}

void
ranks_watch(struct ranks *const ranks, const volatile sig_atomic_t *const stop, const char *const checkpoint)
{
  if (ranks) {
    ranks->stop = stop;
    ranks->checkpoint = checkpoint;
  }
}

// A process is lost. Only one of those that are left needs to say so, unless it is the first one.
static void
exit_lost(const struct ranks *const ranks)
{
  if (ranks->rank < 2) {
    fprintf(stderr,
            "ritornello train: another process of this training has died; the last good checkpoint is %s: start it "
            "again with --resume\n",
            ranks->checkpoint);
  }
  _exit(1);
}

static void
wait_for(const struct ranks *const ranks, MPI_Request *const request)
{
  double asked = 0.0;
  for (;;) {
    int done = 0;
    MPI_Test(request, &done, MPI_STATUS_IGNORE);
    if (done) {
      return;
    }
    if (ranks->stop && *ranks->stop) {
      const double now = progress_seconds();
      asked = asked > 0.0 ? asked : now;
      if (now - asked > patience) {
        exit_lost(ranks);
      }
    }
    sched_yield();
  }
}

static void
reduce(struct ranks *const ranks,
       void *const values,
       const size_t count,
       const size_t size,
       MPI_Datatype type,
       MPI_Op operation)
{
  const size_t most = MESSAGE / size;
  for (size_t begin = 0; ranks && begin < count; begin += most) {
    MPI_Request request = MPI_REQUEST_NULL;
    const size_t left = count - begin;
    MPI_Iallreduce(MPI_IN_PLACE, (char *)values + begin * size, (int)(left < most ? left : most), type, operation,
                   MPI_COMM_WORLD, &request);
    wait_for(ranks, &request);
  }
}

void
ranks_add_floats(struct ranks *const ranks, float *const values, const size_t count)
{
  reduce(ranks, values, count, sizeof(*values), MPI_FLOAT, MPI_SUM);
}

void
ranks_add(struct ranks *const ranks, double *const values, const size_t count)
{
  reduce(ranks, values, count, sizeof(*values), MPI_DOUBLE, MPI_SUM);
}

void
ranks_greatest(struct ranks *const ranks, double *const values, const size_t count)
{
  reduce(ranks, values, count, sizeof(*values), MPI_DOUBLE, MPI_MAX);
}

enum status
ranks_agree(struct ranks *const ranks, const enum status status, struct error *const error)
{
  if (!ranks) {
    return status;
  }
  double first = status ? (double)(ranks->count - ranks->rank) : 0.0;
  ranks_greatest(ranks, &first, 1);
  ranks->speaker = first > 0.0 ? ranks->count - (size_t)first : 0;
  return status || first <= 0.0 ? status : error_set(error, STATUS_BAD_VALUE, "process %zu has failed", ranks->speaker);
}

void
ranks_share(struct ranks *const ranks, void *const bytes, const size_t size)
{
  for (size_t begin = 0; ranks && begin < size; begin += MESSAGE) {
    MPI_Request request = MPI_REQUEST_NULL;
    const size_t left = size - begin;
    MPI_Ibcast((char *)bytes + begin, (int)(left < MESSAGE ? left : MESSAGE), MPI_BYTE, 0, MPI_COMM_WORLD, &request);
    wait_for(ranks, &request);
  }
}

// Send a process' part to process 0, or receive it there.
static void
move_part(struct ranks *const ranks, char *const part, const size_t size, const size_t rank)
{
  for (size_t begin = 0; begin < size; begin += MESSAGE) {
    MPI_Request request = MPI_REQUEST_NULL;
    const size_t left = size - begin;
    const int count = (int)(left < MESSAGE ? left : MESSAGE);
    if (ranks->rank == 0) {
      MPI_Irecv(part + begin, count, MPI_BYTE, (int)rank, 0, MPI_COMM_WORLD, &request);
    } else {
      MPI_Isend(part + begin, count, MPI_BYTE, 0, 0, MPI_COMM_WORLD, &request);
    }
    wait_for(ranks, &request);
  }
}

void
ranks_gather(struct ranks *const ranks, void *const bytes, const size_t size)
{
  const size_t part = size / ranks_count(ranks);
  for (size_t rank = 1; rank < ranks_count(ranks); ++rank) {
    if (ranks->rank == 0 || ranks->rank == rank) {
      move_part(ranks, (char *)bytes + rank * part, part, rank);
    }
  }
}
