// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A corpus as a `windowed` network sees it: pieces of tokens, and one window for every token (and end) of every piece: the
// `context` tokens before it, with TOKEN_START where the piece is younger.
//
// A token that the vocabulary lacks stands in a window as the nearest one of its pitches, or else as a rest of its duration.
// As what follows it has no probability of its own. So that the losses of vocabularies of different sizes compare with one
// another and with a `streaming` network's, they are those of a mixture: with probability WINDOWS_UNSEEN the token is any token
// at all, evenly over the written durations, then over how many notes it has, then over which of the piano's keys; otherwise it
// is the network's. Tokens that can't be written (tokens.h) are in no piece, and in no loss.

#ifndef RITORNELLO_WINDOWS_H
#define RITORNELLO_WINDOWS_H

#include "corpus.h"
#include "evaluation.h"
#include "windowed_model.h"

#include "engine/status.h"
#include "engine/tokens.h"
#include "engine/vocabulary.h"

#include <stddef.h>
#include <stdint.h>

/// Share of the mixture that tokens outside the vocabulary have.
#define WINDOWS_UNSEEN 0.125

/// One piece: its tokens, then TOKEN_END. [N] is `count`.
struct window_piece {
  uint32_t count;
  uint16_t *inputs;  ///< [N] number of each token, or of what stands for it in a window
  uint16_t *targets; ///< [N] number of each token, or WINDOW_NONE
  uint8_t *notes;    ///< [N] notes of each token
  float *unseen;     ///< [N] nats of each token outside the mixture's network
};

/// Which window: what follows it is token `token` of piece `piece`.
struct window_sample {
  uint32_t piece;
  uint32_t token;
};

struct windows {
  struct window_piece *pieces; ///< [piece_count] as in the corpus; those that are not wanted are empty
  size_t piece_count;
  struct window_sample *samples; ///< [sample_count] in the order of the corpus
  size_t sample_count;
  uint64_t notes;   ///< Of all samples
  uint64_t unknown; ///< Samples whose token the vocabulary lacks
};

/// Make the vocabulary of the pieces of `corpus` whose entry in `held` equals `want` (all if `held` is NULL), and count in
/// `left_out` what of them can't be written. Free with vocabulary_clear().
enum status windows_vocabulary(const struct corpus *corpus,
                               const uint8_t *held,
                               uint8_t want,
                               struct vocabulary *vocabulary,
                               struct tokens_left_out *left_out,
                               struct error *error);

/// Make the windows of these pieces. Free with windows_free().
enum status windows_new(const struct corpus *corpus,
                        const uint8_t *held,
                        uint8_t want,
                        const struct vocabulary *vocabulary,
                        struct windows *windows,
                        struct error *error);
void windows_free(struct windows *windows);

/// Make stream b of `batch` the window of sample number `sample`, or no window if that is UINT32_MAX. Keys are left.
void windows_fill(const struct windows *windows, uint32_t sample, struct window_batch *batch, size_t b);

/// Add to `sums` the sample that was predicted with `loss` nats: its token, its notes and its nats in the mixture.
void windows_count(const struct windows *windows, uint32_t sample, double loss, struct evaluation_sums *sums);

#endif // RITORNELLO_WINDOWS_H
