// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The article's symbols: a token is one note, chord or rest together with its duration. Tokens follow one another without
// overlap: the next one begins when the duration is over. A vocabulary numbers the tokens that a network knows; start and
// end of a piece are its first two.
//
// A piece of events becomes tokens by onsets. The notes that begin together are one token; it lasts as long as the shortest of
// them, but not beyond the next onset. If a gap of at least TOKEN_GAP ticks is left until the next onset, a rest fills it; a
// smaller one is articulation, and the token lasts until the next onset. Durations are written values: one that is a tick off
// a written value is taken for it, and tokens of other durations are left out, as are rests over two bars; both are counted.

#ifndef RITORNELLO_TOKENS_H
#define RITORNELLO_TOKENS_H

#include "event.h"
#include "network.h"
#include "realtime.h"
#include "status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  TOKEN_START = 0,       ///< Number of the token before a piece; duration 0
  TOKEN_END = 1,         ///< Number of the token after a piece; duration 0
  TOKEN_FIRST = 2,       ///< Number of the first token that is music
  TOKEN_PITCHES = 10,    ///< Most notes of a chord
  TOKEN_LONGEST = 768,   ///< Longest duration in ticks
  TOKEN_GAP = 6,         ///< Shortest rest in ticks that is no articulation
  TOKEN_REST_BARS = 2,   ///< Longest rest in bars
  VOCABULARY_SIZE = 8192 ///< Most tokens of a vocabulary
};

/// No token of the vocabulary.
#define TOKEN_NONE UINT32_MAX

/// One note, chord or rest with its duration.
struct token {
  uint16_t duration;              ///< Ticks, 1 to TOKEN_LONGEST; 0 for start and end of a piece
  uint8_t count;                  ///< Notes; 0 for a rest
  uint8_t pitches[TOKEN_PITCHES]; ///< MIDI notes PITCH_LOWEST to PITCH_HIGHEST, ascending; zero from `count` on
};

/// The tokens that a network knows: start, end, then music in ascending order of token_compare(). Immutable.
struct vocabulary {
  uint32_t count; ///< TOKEN_FIRST + 1 to VOCABULARY_SIZE
  struct token *tokens;
};

/// What did not become a token.
struct tokens_left_out {
  uint64_t durations; ///< Tokens whose duration is no written value
  uint64_t rests;     ///< Rests over TOKEN_REST_BARS bars
  uint64_t notes;     ///< Notes of chords beyond TOKEN_PITCHES (the lowest ones)
};

/// Order tokens: by the pitches, lowest first (rests before all notes), then by duration. Less than, equal to or more than 0.
int token_compare(const struct token *a, const struct token *b) REALTIME;

/// Return the written duration that `ticks` is or is one tick off from, or 0 if there is none: from 2 ticks up to a whole note
/// all multiples of 2 or 3 ticks, of 6 up to two whole notes, of 24 up to TOKEN_LONGEST.
uint16_t token_duration(uint32_t ticks) REALTIME;

/// Make tokens, without start and end, of `count` events in order of onset (the last one's advance is ADVANCE_END or its way
/// to the end), with the metres [count] of their bars. `tokens` has room for 2 * count; returns how many there are. Adds to
/// `left_out`.
size_t tokens_make(const struct event *events,
                   const struct metre *metres,
                   size_t count,
                   struct token *tokens,
                   struct tokens_left_out *left_out);

/// Make the vocabulary of `count` tokens: all that occur, or, if they are more than `limit` (1 to VOCABULARY_SIZE -
/// TOKEN_FIRST), those that occur most often. Free with vocabulary_clear(). Fails without tokens or memory.
enum status vocabulary_make(
    const struct token *tokens, size_t count, uint32_t limit, struct vocabulary *vocabulary, struct error *error);

/// Return the JSON text that a weight file's `vocabulary` metadata holds, to be freed, or NULL without memory:
/// {"format": "tokens-1", "tokens": [[24], [12, 60], [24, 60, 64, 67], ...]}, each token's duration, then its pitches; start
/// and end are not in the list.
char *vocabulary_format(const struct vocabulary *vocabulary);

/// Read and check that text. Clear with vocabulary_clear().
enum status vocabulary_parse(const char *text, struct vocabulary *vocabulary, struct error *error);

void vocabulary_clear(struct vocabulary *vocabulary);

/// Return the number of `token` (music, not start or end), or TOKEN_NONE.
uint32_t vocabulary_find(const struct vocabulary *vocabulary, const struct token *token) REALTIME;

/// Return the number of the token of the same pitches whose duration is nearest (the shorter of two equally near), or
/// TOKEN_NONE if there is none of these pitches.
uint32_t vocabulary_nearest(const struct vocabulary *vocabulary, const struct token *token) REALTIME;

/// Make the step that plays `token`: its notes (hands parted at middle C, for tokens know none), then the way to the next. The
/// end of a piece is a rest that advances by ADVANCE_END.
void token_step(const struct token *token, struct step *step) REALTIME;

/// Make the token that `step` plays, whose duration is the step's advance. Return false if no token can say it.
bool token_of_step(const struct step *step, struct token *token) REALTIME;

#ifdef __cplusplus
}
#endif

#endif // RITORNELLO_TOKENS_H
