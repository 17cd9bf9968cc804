// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Does this music stand in the training music too? A weight file remembers its training music as a Bloom filter (Bloom,
// "Space/time trade-offs in hash coding with allowable errors", 1970) of all its runs of QUOTATION_RUN moves. A move leads
// from one event to the next: the step in pitch and the advance, so transposed music is the same music; velocity, duration
// and hand don't count. What the filter says stands there may not (in about one of a hundred cases); what it says does not
// stand there certainly doesn't. The guard follows composed events and says how long a run of theirs may stand there.
//
// The hash of a run, for those who read or write weight files: from h = 0, for each move in order,
// h = random_mix(h ^ ((step + 128) << 16 | advance)) (random.h). Its bits are, for i from 0 to hashes - 1, number
// (((h + i * (random_mix(h) | 1)) >> 32) * bits) >> 32, all modulo 2^64; bit n is bit n % 8 (1 << n % 8) of byte n / 8.
// In the file they are the tensor `quotations` (U8 [bits / 8]), and the metadata `quotations` is
// {"run": 8, "hashes": hashes, "bits": bits}.

#ifndef RITORNELLO_QUOTATION_H
#define RITORNELLO_QUOTATION_H

#include "event.h"
#include "realtime.h"
#include "status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  QUOTATION_RUN = 8,    ///< Moves in a run
  QUOTATION_HASHES = 7, ///< Bits per run in filters made here; with QUOTATION_BITS_PER_RUN, 0.8 % are wrong
  QUOTATION_BITS_PER_RUN = 10,
  QUOTATION_HASHES_MOST = 16,
  QUOTATION_LENGTH_MOST = 1 << 20, ///< No run is told to be longer
};

#define QUOTATION_TENSOR "quotations"
#define QUOTATION_METADATA "quotations"

/// Most bits of a filter: 64 MiB.
#define QUOTATION_BITS_MOST ((uint32_t)1 << 29)

/// From one event to the next.
struct move {
  int16_t step;     ///< In pitch
  uint16_t advance; ///< Ticks
};

/// A filter, immutable once filled.
struct quotation_filter {
  uint32_t hashes; ///< 1 to QUOTATION_HASHES_MOST
  uint32_t bits;   ///< A multiple of 8, 64 to QUOTATION_BITS_MOST
  uint8_t bytes[]; ///< [bits / 8]
};

/// Make an empty filter with room for `runs` different runs. NULL without memory. Free with free().
struct quotation_filter *quotation_filter_new(size_t runs);

/// Make a filter from a weight file's metadata `text` and tensor `bytes` [size], checked and copied. `name` stands for the
/// file in errors. Free with free().
enum status quotation_filter_parse(const char *text,
                                   const uint8_t *bytes,
                                   size_t size,
                                   const char *name,
                                   struct quotation_filter **filter,
                                   struct error *error);

enum { QUOTATION_TEXT_SIZE = 80 };

/// Write the metadata of `filter` to `text`.
void quotation_filter_format(const struct quotation_filter *filter, char text[QUOTATION_TEXT_SIZE]);

/// Add the run of `hash`.
void quotation_filter_add(struct quotation_filter *filter, uint64_t hash);

/// Return whether the run of `hash` may have been added.
bool quotation_filter_has(const struct quotation_filter *filter, uint64_t hash) REALTIME;

/// Return the hash of the run that begins with `moves` [QUOTATION_RUN].
uint64_t quotation_hash(const struct move *moves) REALTIME;

/// Return the move from `event` to one of `pitch`. An advance of ADVANCE_END ends the piece: no move leads there.
struct move quotation_move(const struct event *event, uint8_t pitch) REALTIME;

/// Where composed music stands. Zeroed: before the first event.
struct quotation_guard {
  struct move moves[QUOTATION_RUN]; ///< The last ones, the latest last
  uint32_t known;                   ///< How many of them there are
  uint32_t length;                  ///< Moves of the present run that may stand in the training music
  bool has_event;
  uint8_t pitch;  ///< Of the last event
  uint32_t ticks; ///< From its onset to that of the next
};

/// Follow the music by one event. Without a filter (NULL) only the moves are kept.
void quotation_follow(struct quotation_guard *guard, const struct quotation_filter *filter, const struct event *event)
    REALTIME;

/// Follow a rest of `advance` ticks, which makes the last event's advance longer.
void quotation_rest(struct quotation_guard *guard, uint16_t advance) REALTIME;

/// Return the notes of the present run: as many as its moves, and the one that it begins with. Runs of fewer than
/// QUOTATION_RUN moves are not told apart.
uint32_t quotation_notes(const struct quotation_guard *guard) REALTIME;

/// Return whether one more move could make a run of more than `limit` notes (at least QUOTATION_RUN): if not, no pitch does.
bool quotation_is_near(const struct quotation_guard *guard, uint32_t limit) REALTIME;

/// Return whether going on with `pitch` would make a run of more than `limit` notes.
bool quotation_exceeds(const struct quotation_guard *guard,
                       const struct quotation_filter *filter,
                       uint8_t pitch,
                       uint32_t limit) REALTIME;

#ifdef __cplusplus
}
#endif

#endif // RITORNELLO_QUOTATION_H
