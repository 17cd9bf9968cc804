// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Training in one process: this program is built without MPI.

#include "ranks.h"

#include <stdlib.h>

enum status
ranks_begin(struct ranks **const ranks, struct error *const error)
{
  static const char *const variables[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"}; // Open MPI's; MPICH's and its kin's
  *ranks = NULL;
  for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); ++i) {
    const char *const size = getenv(variables[i]);
    if (size && strtol(size, NULL, 10) > 1) {
      return error_set(error, STATUS_BAD_VALUE,
                       "this program can't train in several processes: build it with MPI (-Dmpi=enabled), or start it "
                       "without mpirun");
    }
  }
  return STATUS_SUCCESS;
}

void
ranks_end(struct ranks *const ranks)
{
  (void)ranks;
}

void
ranks_watch(struct ranks *const ranks, const volatile sig_atomic_t *const stop, const char *const checkpoint)
{
  (void)ranks;
  (void)stop;
  (void)checkpoint;
}

enum status
ranks_agree(struct ranks *const ranks, const enum status status, struct error *const error)
{
  (void)ranks;
  (void)error;
  return status;
}

void
ranks_add_floats(struct ranks *const ranks, float *const values, const size_t count)
{
  (void)ranks;
  (void)values;
  (void)count;
}

void
ranks_add(struct ranks *const ranks, double *const values, const size_t count)
{
  (void)ranks;
  (void)values;
  (void)count;
}

void
ranks_greatest(struct ranks *const ranks, double *const values, const size_t count)
{
  (void)ranks;
  (void)values;
  (void)count;
}

void
ranks_share(struct ranks *const ranks, void *const bytes, const size_t size)
{
  (void)ranks;
  (void)bytes;
  (void)size;
}

void
ranks_gather(struct ranks *const ranks, void *const bytes, const size_t size)
{
  (void)ranks;
  (void)bytes;
  (void)size;
}
