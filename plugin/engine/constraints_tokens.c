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

// Return how many notes sound together where `token` begins.
static uint32_t
notes_together(const struct chord *const chord, const struct token *const token) REALTIME
{
  uint32_t count = token->count;
  for (uint32_t i = 0; i < chord->held_count; ++i) {
    bool is_struck = false;
    for (uint32_t k = 0; k < token->count; ++k) {
      is_struck = is_struck || token->pitches[k] == chord->held[i].pitch;
    }
    count += !is_struck;
  }
  return count;
}

// Return whether all notes of `token` are within `limits`, whose tones are `tones`. A rest always is.
static bool
token_is_within(const struct chord *const chord,
                const struct token *const token,
                const struct limits *const limits,
                const uint16_t tones) REALTIME
{
  for (uint32_t i = 0; i < token->count; ++i) {
    const enum hand hand = token->pitches[i] < TOKEN_HANDS_PART ? HAND_LEFT : HAND_RIGHT;
    if (!limits_have(limits, tones, token->pitches[i]) || (limits->hands == HANDS_RIGHT && hand != HAND_RIGHT) ||
        (limits->hands == HANDS_LEFT && hand != HAND_LEFT)) {
      return false;
    }
  }
  const bool is_counted = token->count > 0 && limits->polyphony > 0 && limits->polyphony < LIMIT_POLYPHONY;
  return !is_counted || notes_together(chord, token) <= limits->polyphony;
}

// If all tokens are too long or beyond the limits, the shortest within them stays open, or else the shortest of all.
void
constraints_allow_tokens(const struct chord *const chord,
                         const struct choice *const choice,
                         const struct metre metre,
                         const struct limits *const limits,
                         uint8_t *const allowed) REALTIME
{
  const uint32_t longest = ADVANCE_BARS * metre_bar_ticks(metre);
  const uint16_t tones = limits_tones(limits);
  uint32_t shortest = choice->classes;
  bool is_shortest_within = false;
  for (uint32_t i = 0; i < choice->classes; ++i) {
    const uint32_t length = token_length(chord, choice, i);
    const bool is_within = length > 0 && token_is_within(chord, &choice->tokens[i], limits, tones);
    allowed[i] = is_within && length <= longest;
    if (length > 0 && (is_within || !is_shortest_within) &&
        (is_within != is_shortest_within || shortest == choice->classes ||
         length < token_length(chord, choice, shortest))) {
      shortest = i;
      is_shortest_within = is_within;
    }
  }
  if (shortest < choice->classes) {
    allowed[shortest] = 1;
  }
}
