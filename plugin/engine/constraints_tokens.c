// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What may be chosen of tokens, whose vocabulary is whatever a weight file brings.

#include "constraints_private.h"
#include "tokens.h"

// Return how long token number `i` lasts, together with the rests before it if it is one itself; 0 if it is no music.
static uint32_t
token_length(const struct chord *const chord, const struct choice *const choice, const uint32_t i) REALTIME
{
  const struct token *const token = &choice->tokens[i];
  return token->duration > 0 && token->count == 0 ? chord->silence + token->duration : token->duration;
}

// If all tokens are too long, the shortest stays open.
void
constraints_allow_tokens(const struct chord *const chord,
                         const struct choice *const choice,
                         const struct metre metre,
                         uint8_t *const allowed) REALTIME
{
  const uint32_t longest = ADVANCE_BARS * metre_bar_ticks(metre);
  uint32_t shortest = choice->classes;
  for (uint32_t i = 0; i < choice->classes; ++i) {
    const uint32_t length = token_length(chord, choice, i);
    allowed[i] = length > 0 && length <= longest;
    if (length > 0 && (shortest == choice->classes || length < token_length(chord, choice, shortest))) {
      shortest = i;
    }
  }
  if (shortest < choice->classes) {
    allowed[shortest] = 1;
  }
}
