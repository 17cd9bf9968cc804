// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The index is a table of runs sorted by their hash. A place where a run stands is followed only if the piece was not
// already going along there one event before; what was followed from there is one move shorter now. So music that repeats
// itself takes no more time than other music.

#include "quotations.h"

#include <stdlib.h>
#include <string.h>

struct run {
  uint64_t hash;
  uint32_t piece;
  uint32_t event;
};

struct quotations_index {
  const struct corpus *corpus;
  struct run *runs; // [count] by hash, then by piece and event
  size_t count;
};

// What is looked for
struct search {
  const struct quotations_index *index;
  const struct event *events;
  uint32_t count;
  const char *work;
  int style;
};

static bool
same_move(const struct event *const a, const struct event *const b)
{
  return a[0].advance == b[0].advance && a[1].pitch - a[0].pitch == b[1].pitch - b[0].pitch;
}

static uint64_t
run_hash(const struct event *const events)
{
  struct move moves[QUOTATION_RUN];
  for (unsigned i = 0; i < QUOTATION_RUN; ++i) {
    moves[i] = quotation_move(&events[i], events[i + 1].pitch);
  }
  return quotation_hash(moves);
}

static int
compare_runs(const void *const a, const void *const b)
{
  const struct run *const first = a;
  const struct run *const second = b;
  if (first->hash != second->hash) {
    return first->hash < second->hash ? -1 : 1;
  }
  if (first->piece != second->piece) {
    return first->piece < second->piece ? -1 : 1;
  }
  return (first->event > second->event) - (first->event < second->event);
}

enum status
quotations_index_new(const struct corpus *const corpus,
                     struct quotations_index **const index,
                     struct error *const error)
{
  size_t room = 1;
  for (size_t p = 0; p < corpus->piece_count; ++p) {
    room += corpus->pieces[p].count;
  }
  struct quotations_index *const made = calloc(1, sizeof(*made));
  struct run *const runs = malloc(room * sizeof(*runs));
  *index = made;
  if (!made || !runs) {
    free(runs);
    free(made);
    *index = NULL;
    return error_set(error, STATUS_NO_MEMORY, "no memory for an index of %zu notes", room);
  }
  *made = (struct quotations_index){.corpus = corpus, .runs = runs};
  for (size_t p = 0; p < corpus->piece_count; ++p) {
    const struct piece *const piece = &corpus->pieces[p];
    for (uint32_t i = 0; i + QUOTATION_RUN < piece->count; ++i) {
      runs[made->count++] = (struct run){run_hash(&piece->events[i]), (uint32_t)p, i};
    }
  }
  qsort(runs, made->count, sizeof(*runs), compare_runs);
  return STATUS_SUCCESS;
}

void
quotations_index_free(struct quotations_index *const index)
{
  if (index) {
    free(index->runs);
    free(index);
  }
}

// Return the first run of `hash` or above.
static size_t
find_hash(const struct quotations_index *const index, const uint64_t hash)
{
  size_t low = 0;
  size_t high = index->count;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (index->runs[middle].hash < hash) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

// Return how many moves from `event` on go along with `piece` from `source` on.
static uint32_t
follow(const struct search *const search, const uint32_t event, const struct piece *const piece, const uint32_t source)
{
  uint32_t moves = 0;
  while (event + moves + 1 < search->count && source + moves + 1 < piece->count &&
         same_move(&search->events[event + moves], &piece->events[source + moves])) {
    ++moves;
  }
  return moves;
}

static bool
is_wanted(const struct search *const search, const struct piece *const piece)
{
  return !(search->work && !strcmp(search->work, piece->work)) && (search->style < 0 || piece->style == search->style);
}

// Return the longest quotation that begins with `event`, given the longest one that began just before; 0 moves for none.
static struct quotation
longest_at(const struct search *const search, const uint32_t event, const struct quotation before)
{
  struct quotation longest = {.event = event};
  if (before.moves > QUOTATION_RUN) {
    longest = (struct quotation){event, before.moves - 1, before.source, before.source_event + 1};
  }
  const struct quotations_index *const index = search->index;
  const uint64_t hash = run_hash(&search->events[event]);
  for (size_t r = find_hash(index, hash); r < index->count && index->runs[r].hash == hash; ++r) {
    const struct run *const run = &index->runs[r];
    const struct piece *const piece = &index->corpus->pieces[run->piece];
    const bool is_followed =
        event > 0 && run->event > 0 && same_move(&search->events[event - 1], &piece->events[run->event - 1]);
    if (is_followed || !is_wanted(search, piece)) {
      continue;
    }
    const uint32_t moves = follow(search, event, piece, run->event);
    if (moves >= QUOTATION_RUN && moves > longest.moves) {
      longest = (struct quotation){event, moves, run->piece, run->event};
    }
  }
  return longest;
}

void
quotations_find(const struct quotations_index *const index,
                const struct event *const events,
                const uint32_t count,
                const char *const work,
                const int style,
                struct quotations *const quotations,
                uint32_t *const lengths)
{
  const struct search search = {index, events, count, work, style};
  memset(quotations, 0, sizeof(*quotations));
  struct quotation now = {0};
  if (lengths) {
    memset(lengths, 0, count * sizeof(*lengths));
  }
  for (uint32_t i = 0; i + QUOTATIONS_SHORT < count; ++i) {
    now = longest_at(&search, i, now);
    if (lengths) {
      lengths[i] = now.moves;
    }
    ++quotations->short_runs;
    quotations->short_found += now.moves >= QUOTATIONS_SHORT;
    quotations->long_runs += i + QUOTATIONS_LONG < count;
    quotations->long_found += now.moves >= QUOTATIONS_LONG;
    if (now.moves > quotations->longest.moves) {
      quotations->longest = now;
    }
  }
}

void
quotations_add(struct quotations *const sum, const struct quotations *const more)
{
  sum->short_runs += more->short_runs;
  sum->short_found += more->short_found;
  sum->long_runs += more->long_runs;
  sum->long_found += more->long_found;
  if (more->longest.moves > sum->longest.moves) {
    sum->longest = more->longest;
  }
}

double
quotations_short_share(const struct quotations *const quotations)
{
  return quotations->short_runs ? (double)quotations->short_found / (double)quotations->short_runs : 0.0;
}

double
quotations_long_share(const struct quotations *const quotations)
{
  return quotations->long_runs ? (double)quotations->long_found / (double)quotations->long_runs : 0.0;
}
