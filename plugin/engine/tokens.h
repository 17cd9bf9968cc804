// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The article's symbols: a token is one note, chord or rest together with its duration. Tokens follow one another without
// overlap: the next one begins when the duration is over. A vocabulary (vocabulary.h) numbers those that a network knows.
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

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  TOKEN_PITCHES = 10,    ///< Most notes of a chord
  TOKEN_LONGEST = 768,   ///< Longest duration in ticks
  TOKEN_GAP = 6,         ///< Shortest rest in ticks that is no articulation
  TOKEN_REST_BARS = 2,   ///< Longest rest in bars
  TOKEN_HANDS_PART = 60, ///< Middle C: notes from there on count as the right hand's
};

/// One note, chord or rest with its duration.
struct token {
  uint16_t duration;              ///< Ticks, 1 to TOKEN_LONGEST; 0 for start and end of a piece
  uint8_t count;                  ///< Notes; 0 for a rest
  uint8_t pitches[TOKEN_PITCHES]; ///< MIDI notes PITCH_LOWEST to PITCH_HIGHEST, ascending; zero from `count` on
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

/// Make the step that plays `token`: its notes (hands parted at middle C, for tokens know none), then the way to the next. The
/// end of a piece is a rest that advances by ADVANCE_END.
void token_step(const struct token *token, struct step *step) REALTIME;

/// Make the token that `step` plays, whose duration is the step's advance. Return false if no token can say it.
bool token_of_step(const struct step *step, struct token *token) REALTIME;

#ifdef __cplusplus
}
#endif

#endif // RITORNELLO_TOKENS_H
