// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "summary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DENOMINATORS = 6, METRE_KINDS = 33 * DENOMINATORS };

// A work's name and the style of one of its pieces
struct entry {
  const char *work;
  uint16_t style;
};

static unsigned
metre_index(const struct metre metre)
{
  unsigned power = 0;
  while (1U << power < metre.denominator) {
    ++power;
  }
  return metre.numerator * (unsigned)DENOMINATORS + power;
}

// Add the bars of `piece` in which a note begins to `tallies` [METRE_KINDS].
static void
count_metres(const struct piece *const piece, struct metre_tally *const tallies)
{
  bool seen[METRE_KINDS] = {false};
  for (uint32_t i = 0; i < piece->count; ++i) {
    if (i > 0 && piece->bars[i] == piece->bars[i - 1]) {
      continue;
    }
    const unsigned index = metre_index(piece->metres[i]);
    tallies[index].metre = piece->metres[i];
    tallies[index].files += !seen[index];
    ++tallies[index].bars;
    seen[index] = true;
  }
}

static void
count_piece(const struct piece *const piece, struct tally *const tally)
{
  ++tally->files;
  tally->bars += piece->bars[piece->count - 1] + (uint64_t)1;
  tally->notes += piece->count;
  tally->with_velocity += piece->has_velocities ? piece->count : 0;
  tally->with_hand += piece->has_hands ? piece->count : 0;
  for (uint32_t i = 0; i < piece->count; ++i) {
    tally->repeated += piece->repeats[i];
  }
}

static int
compare_entries(const void *const a, const void *const b)
{
  const struct entry *const first = a;
  const struct entry *const second = b;
  const int names = strcmp(first->work, second->work);
  return names ? names : first->style - second->style;
}

// Count each work once in all and once in every style that it occurs in.
static enum status
count_works(const struct corpus *const corpus, struct summary *const summary)
{
  struct entry *const entries = malloc((corpus->piece_count + 1) * sizeof(*entries));
  if (!entries) {
    return STATUS_NO_MEMORY;
  }
  for (size_t i = 0; i < corpus->piece_count; ++i) {
    entries[i] = (struct entry){corpus->pieces[i].work, corpus->pieces[i].style};
  }
  qsort(entries, corpus->piece_count, sizeof(*entries), compare_entries);
  for (size_t i = 0; i < corpus->piece_count; ++i) {
    const bool new_work = i == 0 || strcmp(entries[i].work, entries[i - 1].work) != 0;
    summary->all.works += new_work;
    summary->styles[entries[i].style].works += new_work || entries[i].style != entries[i - 1].style;
  }
  free(entries);
  return STATUS_SUCCESS;
}

static int
compare_metres(const void *const a, const void *const b)
{
  const struct metre_tally *const first = a;
  const struct metre_tally *const second = b;
  if (first->bars != second->bars) {
    return first->bars > second->bars ? -1 : 1;
  }
  const int denominators = first->metre.denominator - second->metre.denominator;
  return denominators ? denominators : first->metre.numerator - second->metre.numerator;
}

enum status
summary_make(const struct corpus *const corpus, struct summary *const summary)
{
  memset(summary, 0, sizeof(*summary));
  struct metre_tally tallies[METRE_KINDS] = {{{0, 0}, 0, 0}};
  for (size_t i = 0; i < corpus->piece_count; ++i) {
    const struct piece *const piece = &corpus->pieces[i];
    count_piece(piece, &summary->all);
    count_piece(piece, &summary->styles[piece->style]);
    count_metres(piece, tallies);
    ++summary->keys[piece->key];
  }
  for (unsigned i = 0; i < METRE_KINDS; ++i) {
    if (tallies[i].bars) {
      summary->metres[summary->metre_count++] = tallies[i];
    }
  }
  qsort(summary->metres, summary->metre_count, sizeof(summary->metres[0]), compare_metres);
  return count_works(corpus, summary);
}

void
key_name(const uint8_t key, char name[SUMMARY_KEY_NAME_SIZE])
{
  static const char *const tonics[KEY_COUNT] = {
      "C", "D flat",  "D", "E flat", "E", "F", "F sharp", "G", "A flat",  "A", "B flat", "B",
      "C", "C sharp", "D", "E flat", "E", "F", "F sharp", "G", "G sharp", "A", "B flat", "B",
  };
  if (key < 1 || key > KEY_COUNT) {
    snprintf(name, SUMMARY_KEY_NAME_SIZE, "free");
  } else {
    snprintf(name, SUMMARY_KEY_NAME_SIZE, "%s %s", tonics[key - 1], key <= 12 ? "major" : "minor");
  }
}
