// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "quotation_filter.h"

#include <stdlib.h>
#include <string.h>

// Write the hashes of all runs in `piece` to `hashes`, which has room for as many as it has events; return their number.
static size_t
piece_hashes(const struct piece *const piece, uint64_t *const hashes)
{
  struct move moves[QUOTATION_RUN];
  size_t count = 0;
  for (uint32_t i = 0; i + QUOTATION_RUN < piece->count; ++i) {
    for (uint32_t m = 0; m < QUOTATION_RUN; ++m) {
      moves[m] = quotation_move(&piece->events[i + m], piece->events[i + m + 1].pitch);
    }
    hashes[count++] = quotation_hash(moves);
  }
  return count;
}

static int
compare_hashes(const void *const a, const void *const b)
{
  const uint64_t first = *(const uint64_t *)a;
  const uint64_t second = *(const uint64_t *)b;
  return (first > second) - (first < second);
}

// Sort `hashes` [count] and leave each once; return how many there are.
static size_t
unite(uint64_t *const hashes, const size_t count)
{
  qsort(hashes, count, sizeof(*hashes), compare_hashes);
  size_t kept = 0;
  for (size_t i = 0; i < count; ++i) {
    if (i == 0 || hashes[i] != hashes[i - 1]) {
      hashes[kept++] = hashes[i];
    }
  }
  return kept;
}

enum status
quotation_filter_make(const struct corpus *const corpus,
                      const uint8_t *const held,
                      struct quotation_filter **const filter,
                      struct error *const error)
{
  size_t room = 0;
  for (size_t i = 0; i < corpus->piece_count; ++i) {
    room += corpus->pieces[i].count;
  }
  *filter = NULL;
  uint64_t *const hashes = malloc((room + 1) * sizeof(*hashes));
  size_t count = 0;
  for (size_t i = 0; hashes && i < corpus->piece_count; ++i) {
    count += held && held[i] ? 0 : piece_hashes(&corpus->pieces[i], hashes + count);
  }
  if (hashes) {
    count = unite(hashes, count);
    *filter = quotation_filter_new(count);
  }
  for (size_t i = 0; *filter && i < count; ++i) {
    quotation_filter_add(*filter, hashes[i]);
  }
  free(hashes);
  return *filter ? STATUS_SUCCESS : error_set(error, STATUS_NO_MEMORY, "no memory for a filter of %zu notes", room);
}

void
quotation_filter_describe(const struct quotation_filter *const filter, struct tensor *const tensor)
{
  *tensor = (struct tensor){
      .name = QUOTATION_TENSOR,
      .dtype = DTYPE_U8,
      .rank = 1,
      .shape = {filter->bits / 8},
      .data = filter->bytes,
      .size = filter->bits / 8,
  };
}
