// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "random_batches.h"

#include "engine/random.h"

enum { EVENTS_PER_BAR = 16 };

static const uint32_t table_rows[BATCH_INPUTS] = {3, 88, 36, 17, 122, 1, 96, 16, 16, 0, 25, 9, 11};

size_t
random_batch_events(const size_t steps, const size_t pass, const size_t stream)
{
  const size_t passes = RANDOM_PIECE_EVENTS / steps > 0 ? RANDOM_PIECE_EVENTS / steps : 1;
  const size_t begun = stream * 5 % passes; // Where the stream was before the first pass
  return (pass + begun) % passes * steps;
}

static void
fill_row(struct batch *const batch, const size_t row, const uint64_t key, const size_t event, const uint32_t styles)
{
  for (int table = 0; table < BATCH_INPUTS; ++table) {
    const uint32_t rows = table == TENSOR_CONDITION_STYLE ? styles + 1 : table_rows[table];
    batch->inputs[table][row] = (uint16_t)random_below(key, (uint64_t)table, rows);
  }
  for (int table = TENSOR_EMBED_HAND; table <= TENSOR_EMBED_START; ++table) {
    if ((table == TENSOR_EMBED_START) != (event == 0)) {
      batch->inputs[table][row] = BATCH_NONE;
    }
  }
  for (int field = 0; field < FIELD_COUNT; ++field) {
    batch->targets[field][row] = (uint16_t)random_below(key, 100 + (uint64_t)field, field_classes((enum field)field));
  }
  batch->bars[row] = (int32_t)(event / EVENTS_PER_BAR);
  batch->slot_bars[row] = (int32_t)((event ? event - 1 : 0) / EVENTS_PER_BAR);
  batch->events[row] = (uint32_t)event;
  batch->pieces[row] = 0;
}

void
random_batch_fill(
    struct batch *const batch, const size_t b, const size_t pass, const size_t before, const uint32_t styles)
{
  const uint64_t key = random_key(random_key(random_key(20261123, pass), before), b);
  batch->resets[b] = before == 0 || pass == 0;
  batch->keys[b] = key;
  for (size_t t = 0; t < batch->steps; ++t) {
    fill_row(batch, t * batch->streams + b, random_key(key, t), before + t, styles);
  }
  batch->notes = batch->steps * batch->streams;
}
