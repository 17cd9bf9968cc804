// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "batch.h"

#include <stdlib.h>
#include <string.h>

enum status
batch_new(const size_t steps, const size_t streams, struct batch *const batch, struct error *const error)
{
  const size_t rows = steps * streams;
  *batch = (struct batch){
      .steps = steps,
      .streams = streams,
      .resets = calloc(streams, sizeof(bool)),
      .keys = calloc(streams, sizeof(uint64_t)),
      .factors = calloc(streams, sizeof(float)),
      .bars = calloc(rows, sizeof(int32_t)),
      .slot_bars = calloc(rows, sizeof(int32_t)),
      .events = calloc(rows, sizeof(uint32_t)),
      .pieces = calloc(rows, sizeof(uint16_t)),
  };
  bool complete = batch->resets && batch->keys && batch->factors && batch->bars && batch->slot_bars && batch->events &&
                  batch->pieces;
  for (size_t b = 0; batch->factors && b < streams; ++b) {
    batch->factors[b] = 1.0F;
  }
  for (int i = 0; i < BATCH_INPUTS; ++i) {
    batch->inputs[i] = calloc(rows, sizeof(uint16_t));
    complete = complete && batch->inputs[i];
  }
  for (int field = 0; field < FIELD_COUNT; ++field) {
    batch->targets[field] = calloc(rows, sizeof(uint16_t));
    complete = complete && batch->targets[field];
  }
  if (!complete) {
    batch_free(batch);
    return error_set(error, STATUS_NO_MEMORY, "no memory for a batch of %zu streams", streams);
  }
  return STATUS_SUCCESS;
}

void
batch_free(struct batch *const batch)
{
  free(batch->resets);
  free(batch->keys);
  free(batch->factors);
  free(batch->bars);
  free(batch->slot_bars);
  free(batch->events);
  free(batch->pieces);
  for (int i = 0; i < BATCH_INPUTS; ++i) {
    free(batch->inputs[i]);
  }
  for (int field = 0; field < FIELD_COUNT; ++field) {
    free(batch->targets[field]);
  }
  memset(batch, 0, sizeof(*batch));
}
