// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// From events to tokens, and from tokens to steps and back. The vocabulary is in vocabulary.c.

#include "tokens.h"

#include <assert.h>
#include <string.h>

enum {
  TOKEN_VELOCITY = 80, // Tokens tell none
};

int
token_compare(const struct token *const a, const struct token *const b) REALTIME
{
  for (unsigned i = 0; i < TOKEN_PITCHES; ++i) { // Zero beyond the last, so that the shorter comes first
    if (a->pitches[i] != b->pitches[i]) {
      return a->pitches[i] < b->pitches[i] ? -1 : 1;
    }
  }
  return (a->duration > b->duration) - (a->duration < b->duration);
}

static bool
is_written(const uint32_t ticks) REALTIME
{
  if (ticks <= TICKS_PER_WHOLE) {
    return ticks >= 2 && (ticks % 2 == 0 || ticks % 3 == 0);
  }
  return ticks <= 2 * TICKS_PER_WHOLE ? ticks % 6 == 0 : ticks <= TOKEN_LONGEST && ticks % TICKS_PER_QUARTER == 0;
}

uint16_t
token_duration(const uint32_t ticks) REALTIME
{
  if (ticks < 2 || ticks > TOKEN_LONGEST + 1) {
    return 0;
  }
  const uint32_t tried[] = {ticks, ticks + 1, ticks - 1};
  for (unsigned i = 0; i < 3; ++i) {
    if (is_written(tried[i]) && (i == 0 || tried[i] % 6 == 0)) {
      return (uint16_t)tried[i];
    }
  }
  return 0;
}

// Pieces

// The notes that begin together, and the way from them to the next.
struct onset {
  struct token token; // Its duration: the shortest note's
  uint32_t advance;   // To the next onset, or ADVANCE_END
};

// Add a note to the chord, which is in ascending order; of too many, the lowest leave.
static void
onset_add(struct onset *const onset, const struct event *const event, struct tokens_left_out *const left_out)
{
  struct token *const token = &onset->token;
  token->duration = token->count && token->duration < event->duration ? token->duration : event->duration;
  unsigned place = 0;
  while (place < token->count && token->pitches[place] < event->pitch) {
    ++place;
  }
  if (place < token->count && token->pitches[place] == event->pitch) {
    return; // Doubled
  }
  if (token->count < TOKEN_PITCHES) {
    memmove(token->pitches + place + 1, token->pitches + place, token->count - place);
    token->pitches[place] = event->pitch;
    ++token->count;
    return;
  }
  ++left_out->notes;
  if (place > 0) {
    memmove(token->pitches, token->pitches + 1, place - 1U);
    token->pitches[place - 1] = event->pitch;
  }
}

// Gather the notes from events[0] on that begin together; return how many there are.
static size_t
onset_read(const struct event *const events,
           const size_t count,
           struct onset *const onset,
           struct tokens_left_out *const left_out)
{
  *onset = (struct onset){.advance = ADVANCE_END};
  size_t notes = 0;
  while (notes < count) {
    onset_add(onset, &events[notes], left_out);
    onset->advance = events[notes++].advance;
    if (onset->advance > 0) {
      break;
    }
  }
  return notes;
}

// Make the token or two of `onset`; return how many there are.
static size_t
onset_tokens(const struct onset *const onset,
             const struct metre metre,
             struct token *const tokens,
             struct tokens_left_out *const left_out)
{
  const uint32_t sounding = onset->token.duration;
  const bool is_last = onset->advance > TOKEN_LONGEST; // The end, or no way at all
  const uint32_t gap = !is_last && onset->advance > sounding ? onset->advance - sounding : 0;
  const bool has_rest = gap >= TOKEN_GAP;
  size_t count = 0;
  tokens[count] = onset->token;
  tokens[count].duration = token_duration(is_last || has_rest ? sounding : onset->advance);
  if (tokens[count].duration) {
    ++count;
  } else {
    ++left_out->durations;
  }
  if (has_rest && gap > TOKEN_REST_BARS * metre_bar_ticks(metre)) {
    ++left_out->rests;
  } else if (has_rest) {
    tokens[count] = (struct token){.duration = token_duration(gap)};
    if (tokens[count].duration) {
      ++count;
    } else {
      ++left_out->durations;
    }
  }
  return count;
}

size_t
tokens_make(const struct event *const events,
            const struct metre *const metres,
            const size_t count,
            struct token *const tokens,
            struct tokens_left_out *const left_out)
{
  size_t made = 0;
  for (size_t i = 0; i < count;) {
    struct onset onset;
    const size_t notes = onset_read(events + i, count - i, &onset, left_out);
    made += onset_tokens(&onset, metres[i], tokens + made, left_out);
    i += notes;
  }
  return made;
}

// Steps

void
token_step(const struct token *const token, struct step *const step) REALTIME
{
  *step = (struct step){.count = token->count, .advance = token->duration ? token->duration : ADVANCE_END};
  assert(token->count <= TOKEN_PITCHES);
  for (uint32_t i = 0; i < step->count; ++i) {
    step->notes[i] = (struct event){
        .hand = token->pitches[i] < TOKEN_HANDS_PART ? HAND_LEFT : HAND_RIGHT,
        .pitch = token->pitches[i],
        .velocity = velocity_value(velocity_class(TOKEN_VELOCITY)),
        .duration = duration_ticks(duration_class(token->duration)),
    };
  }
  if (step->count) {
    step->notes[step->count - 1].advance = step->advance;
  }
}

bool
token_of_step(const struct step *const step, struct token *const token) REALTIME
{
  *token = (struct token){.duration = step->advance};
  if (step->advance == 0 || step->advance > TOKEN_LONGEST || step->count > TOKEN_PITCHES) {
    return false;
  }
  for (uint32_t i = 0; i < step->count; ++i) {
    if (i > 0 && step->notes[i].pitch <= step->notes[i - 1].pitch) {
      return false;
    }
    token->pitches[i] = step->notes[i].pitch;
  }
  token->count = (uint8_t)step->count;
  return true;
}
