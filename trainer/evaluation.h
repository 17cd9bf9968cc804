// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Nats per note of a network on pieces: in all, per head and per style, as played and with verbatim repeats folded. Every
// note is predicted from all of its piece before it, with the memory of the network; style, key and metre are told as the
// file has them, density is left free.

#ifndef RITORNELLO_EVALUATION_H
#define RITORNELLO_EVALUATION_H

#include "corpus.h"
#include "parameters.h"
#include "ranks.h"
#include "workers.h"

#include "engine/event.h"
#include "engine/status.h"

#include <stdint.h>

enum { EVALUATION_FIELDS = FIELD_TOKEN + 1, EVALUATION_TEXT_SIZE = 160 };

/// Totals over notes. A `streaming` network has nats for the five fields of each note; a `windowed` one has them for tokens,
/// that stand for any number of notes.
struct evaluation_sums {
  uint64_t notes;
  uint64_t tokens;                ///< 0 for a `streaming` network
  double nats[EVALUATION_FIELDS]; ///< A field that the file does not tell counts 0
};

struct evaluation {
  struct evaluation_sums all;
  struct evaluation_sums styles[CORPUS_STYLES]; ///< By the corpus' styles
  struct evaluation_sums folded;                ///< Without the events of verbatim repeats
  struct evaluation_sums folded_styles[CORPUS_STYLES];
};

/// Add `more` to `sums`.
void evaluation_add(struct evaluation_sums *sums, const struct evaluation_sums *more);

/// Add up what several processes have measured: all of them get the sums.
void evaluation_add_up(struct evaluation *evaluation, struct ranks *ranks);
void evaluation_add_up_sums(struct evaluation_sums *sums, struct ranks *ranks);

/// Return nats per note over all heads, or of one; 0 without notes.
double evaluation_nats(const struct evaluation_sums *sums);
double evaluation_head(const struct evaluation_sums *sums, enum field field);

/// Return nats per token; 0 without tokens.
double evaluation_token(const struct evaluation_sums *sums);

/// Return what of the nats per note both kinds of network predict, pitches and time: pitch, duration and advance, or tokens.
/// Not quite the same: a token has one duration for a whole chord, up to the next onset or rest, and the style, key and metre
/// that a `streaming` network is told are not told to a `windowed` one.
double evaluation_score(const struct evaluation_sums *sums);

/// Write nats per note, and of what they are made: "5.100 nats/note (hand 0.100 pitch 2.000 ...)".
void evaluation_format(const struct evaluation_sums *sums, char text[EVALUATION_TEXT_SIZE]);

/// Measure `parameters` on the pieces of `corpus` whose entry in `held` equals `want` (all if `held` is NULL).
/// `style_map` [styles of the corpus] gives the network's style condition (0: free) for each of the corpus' styles.
enum status evaluate(const struct parameters *parameters,
                     const struct corpus *corpus,
                     const uint8_t *held,
                     uint8_t want,
                     const uint8_t *style_map,
                     struct workers *workers,
                     struct evaluation *evaluation,
                     struct error *error);

#endif // RITORNELLO_EVALUATION_H
