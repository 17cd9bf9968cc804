// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Which music a network sees when: every stream plays a piece from its start to its end, then takes the next of a shuffled
// list. In training each playing is transposed to a random key, conditions are now and then left free, music begins anywhere,
// a few of the events heard are wrong, and some are heard again and again; and every other stream may be there to be told
// wrong styles. In evaluation all is as in the file. What comes when depends on the seed alone.

#ifndef RITORNELLO_SCHEDULE_H
#define RITORNELLO_SCHEDULE_H

#include "batch.h"
#include "corpus.h"
#include "stutter.h"

#include "engine/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SCHEDULE_STREAM_VALUES = 11 };

/// What one stream is playing.
struct schedule_stream {
  uint32_t piece;     ///< Index into the corpus, UINT32_MAX: none
  uint32_t event;     ///< Next target
  uint32_t origin;    ///< Event at which the stream last began with nothing before it
  int32_t semitones;  ///< Transposition
  uint64_t key;       ///< Randomness of this playing
  uint32_t heard_bar; ///< Bar of the last event, as the stream counts them
  struct stutter stutter;
};

struct schedule {
  const struct corpus *corpus;
  bool training;
  float fold;  ///< Share of the playings that leave verbatim repeats out of the loss
  float noise; ///< Share of input events that are wrong, in training
  float alter; ///< Share of the playings that are altered, and learned from in verbatim repeats alone, in training
  float cold;  ///< Share of passes beginning on a beat that begin with nothing before them, in training
  float style_noise; ///< Standard deviation of the noise on a style's vector, in training
  float stutter;     ///< Share of beats before which what was just played is repeated, in training
  bool twins;        ///< Every odd stream is the one before it once more, told another style, in training
  uint64_t seed;
  uint32_t *pieces; ///< [count] indices of the pieces to play, in the present epoch's order
  size_t count;
  size_t next;         ///< Next of `pieces`
  uint64_t epoch;      ///< Times the list has been shuffled, from 1
  uint64_t passes;     ///< Passes made
  size_t stream_count; ///< Streams of all workers
  struct schedule_stream *streams;
};

/// Play the pieces of `corpus` whose entry in `held` equals `want` (all if `held` is NULL) in `streams` streams.
enum status schedule_new(const struct corpus *corpus,
                         const uint8_t *held,
                         uint8_t want,
                         size_t streams,
                         uint64_t seed,
                         bool training,
                         struct schedule *schedule,
                         struct error *error);
void schedule_free(struct schedule *schedule);

/// What is needed to put a training schedule back to where it was.
struct schedule_place {
  uint64_t epoch;
  uint64_t next;
  uint64_t passes;
  uint64_t (*streams)[SCHEDULE_STREAM_VALUES]; ///< [stream_count] piece (UINT32_MAX: none), event, key, origin and
                                               ///< struct stutter; the caller's
};

/// Say where `schedule` is.
void schedule_tell(const struct schedule *schedule, struct schedule_place *place);

/// Go to `place`. Returns false, with nothing changed, if it is none of this schedule's.
bool schedule_go_to(struct schedule *schedule, const struct schedule_place *place);

/// Fill the batches of all workers (their streams add up to the schedule's) with the next pass. Returns false, with nothing
/// filled, when an evaluation has played all its pieces.
bool schedule_next(struct schedule *schedule, struct batch *batches, size_t batch_count);

#endif // RITORNELLO_SCHEDULE_H
