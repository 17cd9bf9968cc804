// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The tokens that a `windowed` network knows, and their numbers: start and end of a piece, then music. Counted from a corpus,
// written to a weight file as JSON text, and read back from there, where it is hostile until checked.

#ifndef RITORNELLO_VOCABULARY_H
#define RITORNELLO_VOCABULARY_H

#include "realtime.h"
#include "status.h"
#include "tokens.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  TOKEN_START = 0,       ///< Number of the token before a piece; duration 0
  TOKEN_END = 1,         ///< Number of the token after a piece; duration 0
  TOKEN_FIRST = 2,       ///< Number of the first token that is music
  VOCABULARY_SIZE = 8192 ///< Most tokens of a vocabulary
};

/// No token of the vocabulary.
#define TOKEN_NONE UINT32_MAX

/// The tokens that a network knows: start, end, then music in ascending order of token_compare(). Immutable.
struct vocabulary {
  uint32_t count; ///< TOKEN_FIRST + 1 to VOCABULARY_SIZE
  struct token *tokens;
};

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

#ifdef __cplusplus
}
#endif

#endif // RITORNELLO_VOCABULARY_H
