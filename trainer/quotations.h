// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Who is quoted where: the exact counterpart of the filter in the weight file (engine/quotation.h). An index holds every run
// of QUOTATION_RUN moves of a corpus and where it stands; a piece is looked up in it, run by run, and each is followed as
// far as the corpus goes along. Lengths are in moves, from event to event: transposed music is the same music.

#ifndef RITORNELLO_QUOTATIONS_H
#define RITORNELLO_QUOTATIONS_H

#include "corpus.h"

#include "engine/quotation.h"
#include "engine/status.h"

#include <stddef.h>
#include <stdint.h>

enum {
  QUOTATIONS_SHORT = QUOTATION_RUN,
  QUOTATIONS_LONG = 2 * QUOTATION_RUN,
};

/// An index into a corpus, which has to outlive it.
struct quotations_index;

/// One run of a piece that also stands in the corpus.
struct quotation {
  uint32_t event; ///< It begins with this event of the piece
  uint32_t moves;
  size_t source;         ///< Index of a piece in the corpus
  uint32_t source_event; ///< where it begins with this event
};

/// What is quoted in one piece, or in many together.
struct quotations {
  uint64_t short_runs;  ///< Runs of QUOTATIONS_SHORT moves in the music,
  uint64_t short_found; ///< and how many of them are quotations
  uint64_t long_runs;   ///< The same of QUOTATIONS_LONG moves
  uint64_t long_found;
  struct quotation longest; ///< 0 moves: there is none
};

/// Make an index of all pieces of `corpus`. Free with quotations_index_free().
enum status quotations_index_new(const struct corpus *corpus, struct quotations_index **index, struct error *error);
void quotations_index_free(struct quotations_index *index);

/// Find what `events` [count] quote, leaving out pieces of `work` (NULL: none) and, unless `style` is negative, of all other
/// styles. `lengths` [count] is filled with the moves of the longest quotation that begins with each event; it may be NULL.
void quotations_find(const struct quotations_index *index,
                     const struct event *events,
                     uint32_t count,
                     const char *work,
                     int style,
                     struct quotations *quotations,
                     uint32_t *lengths);

/// Add the counts of `more` to `sum`; the longest stays there.
void quotations_add(struct quotations *sum, const struct quotations *more);

/// Return the share of short and of long runs that are quotations, 0 to 1.
double quotations_short_share(const struct quotations *quotations);
double quotations_long_share(const struct quotations *quotations);

#endif // RITORNELLO_QUOTATIONS_H
