// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Which works are kept out of training. Every style that has enough works gives about the same share of its events, so that
// held-out figures speak of all styles; works are ranked by a hash of seed and name, so that the draw is the same on every
// machine and a work that is added or taken away changes the rest as little as possible.

#include "../plugin/engine/random.h"
#include "corpus.h"

#include <stdlib.h>
#include <string.h>

enum {
  LEAST_WORKS = 4,    // A style with fewer gives none
  WORKS_PER_HELD = 4, // One large work says little of its composer: at least one of so many works is held,
  ENOUGH_HELD = 3     // until so many are
};

struct work {
  const char *name;
  uint64_t rank;
  uint64_t events;
  uint16_t style; // Of its first piece
  bool held;
};

struct works {
  struct work *items; // [count], sorted by name while they are collected, later by style and rank
  size_t count;
};

static uint64_t
name_rank(const char *const name, const uint64_t seed)
{
  uint64_t hash = random_mix(seed);
  for (const char *letter = name; *letter; ++letter) {
    hash = random_mix(hash ^ (uint8_t)*letter);
  }
  return hash;
}

static int
compare_names(const void *const a, const void *const b)
{
  const struct work *const first = a;
  const struct work *const second = b;
  return strcmp(first->name, second->name);
}

static int
compare_ranks(const void *const a, const void *const b)
{
  const struct work *const first = a;
  const struct work *const second = b;
  if (first->style != second->style) {
    return first->style < second->style ? -1 : 1;
  }
  if (first->rank != second->rank) {
    return first->rank < second->rank ? -1 : 1;
  }
  return strcmp(first->name, second->name);
}

// Collect the works of all pieces, each once, sorted by name.
static void
collect_works(const struct corpus *const corpus, const uint64_t seed, struct works *const works)
{
  for (size_t i = 0; i < corpus->piece_count; ++i) {
    const struct piece *const piece = &corpus->pieces[i];
    works->items[i] = (struct work){piece->work, name_rank(piece->work, seed), piece->count, piece->style, false};
  }
  qsort(works->items, corpus->piece_count, sizeof(*works->items), compare_names);
  for (size_t i = 0; i < corpus->piece_count; ++i) {
    struct work *const last = works->count ? &works->items[works->count - 1] : NULL;
    if (last && strcmp(last->name, works->items[i].name) == 0) {
      last->events += works->items[i].events;
      last->style = works->items[i].style < last->style ? works->items[i].style : last->style;
    } else {
      works->items[works->count++] = works->items[i];
    }
  }
}

static uint64_t
count_events(const struct work *const works, const size_t count)
{
  uint64_t events = 0;
  for (size_t i = 0; i < count; ++i) {
    events += works[i].events;
  }
  return events;
}

// Hold works in the order given, up to the first that doesn't bring the events held nearer to `share` of all, but `least` at
// the least; return how many. Going on to smaller ones would leave the large works to training, and judge by small ones alone.
static size_t
hold_share(struct work *const works, const size_t count, const double share, const size_t least)
{
  const double wanted = share * (double)count_events(works, count);
  double events = 0.0;
  size_t held = 0;
  for (size_t i = 0; i < count; ++i) {
    if (held < least || events + 0.5 * (double)works[i].events <= wanted) {
      events += (double)works[i].events;
      works[i].held = true;
      ++held;
    } else if (held) {
      break;
    }
  }
  return held;
}

static size_t
least_held(const size_t work_count)
{
  return work_count / WORKS_PER_HELD < ENOUGH_HELD ? work_count / WORKS_PER_HELD : ENOUGH_HELD;
}

// Hold a share of every style that has enough works; return how many works are held.
static size_t
hold_by_style(const struct works *const works, const double share)
{
  size_t held = 0;
  size_t begin = 0;
  while (begin < works->count) {
    size_t end = begin + 1;
    while (end < works->count && works->items[end].style == works->items[begin].style) {
      ++end;
    }
    if (end - begin >= LEAST_WORKS) {
      held += hold_share(works->items + begin, end - begin, share, least_held(end - begin));
    }
    begin = end;
  }
  return held;
}

// Hold a share of all works whatever their style, at least one of them.
static void
hold_without_styles(const struct works *const works, const double share)
{
  for (size_t i = 0; i < works->count; ++i) {
    works->items[i].style = 0;
  }
  qsort(works->items, works->count, sizeof(*works->items), compare_ranks);
  if (hold_share(works->items, works->count, share, 0) == 0) {
    works->items[0].held = true;
  }
}

// Mark the pieces of the works that are held; the works are sorted by name again.
static void
mark_pieces(const struct corpus *const corpus, const struct works *const works, uint8_t *const held)
{
  qsort(works->items, works->count, sizeof(*works->items), compare_names);
  for (size_t i = 0; i < corpus->piece_count; ++i) {
    const struct work wanted = {.name = corpus->pieces[i].work};
    const struct work *const work = bsearch(&wanted, works->items, works->count, sizeof(*works->items), compare_names);
    held[i] = work && work->held;
  }
}

enum status
corpus_split(const struct corpus *const corpus,
             const double share,
             const uint64_t seed,
             uint8_t *const held,
             struct error *const error)
{
  memset(held, 0, corpus->piece_count);
  if (!(share > 0.0) || corpus->piece_count == 0) {
    return STATUS_SUCCESS;
  }
  struct works works = {.items = malloc(corpus->piece_count * sizeof(struct work))};
  if (!works.items) {
    return error_set(error, STATUS_NO_MEMORY, "no memory to hold works out of %zu pieces", corpus->piece_count);
  }
  const double kept_share = share < 0.5 ? share : 0.5;
  collect_works(corpus, seed, &works);
  if (works.count > 1) {
    qsort(works.items, works.count, sizeof(*works.items), compare_ranks);
    if (hold_by_style(&works, kept_share) == 0) {
      hold_without_styles(&works, kept_share);
    }
    mark_pieces(corpus, &works, held);
  }
  free(works.items);
  return STATUS_SUCCESS;
}
