// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "theme.h"

#include <stdlib.h>

// One onset: its notes from low to high (0: no more), how long they sound, and the way to the next.
struct onset {
  uint8_t pitches[4];
  uint16_t duration;
  uint16_t advance;
};

static const struct onset onsets[] = {
    {{48, 64}, 24, 24},     {{64}, 24, 24},     {{65}, 24, 24},
    {{67}, 24, 24},         {{47, 67}, 24, 24}, {{65}, 24, 24},
    {{64}, 24, 24},         {{62}, 24, 24},     {{48, 55, 60}, 24, 24},
    {{60}, 24, 24},         {{62}, 24, 24},     {{64}, 24, 24},
    {{43, 64}, 36, 36},     {{62}, 12, 12},     {{43, 55, 62}, 24, 48},
    {{62}, 24, 24},         {{60}, 12, 12},     {{64}, 12, 12},
    {{67}, 18, 18},         {{65}, 6, 6},       {{64}, 24, 24},
    {{48, 55, 60}, 96, 96}, {{67}, 8, 8},       {{65}, 8, 8},
    {{64}, 8, 8},           {{62}, 48, 72},     {{48, 60}, 96, ADVANCE_END},
};

size_t
theme_events(struct event *const events, struct metre *const metres)
{
  size_t count = 0;
  for (size_t i = 0; i < sizeof(onsets) / sizeof(*onsets); ++i) {
    for (unsigned j = 0; j < 4 && onsets[i].pitches[j]; ++j) {
      metres[count] = (struct metre){4, 4};
      events[count++] = (struct event){
          .hand = HAND_RIGHT,
          .pitch = onsets[i].pitches[j],
          .velocity = velocity_value(9),
          .duration = onsets[i].duration,
      };
    }
    events[count - 1].advance = onsets[i].advance;
  }
  return count;
}

int
theme_vocabulary(const unsigned transpositions, struct vocabulary *const vocabulary)
{
  struct event events[THEME_EVENTS];
  struct metre metres[THEME_EVENTS];
  struct tokens_left_out left_out = {0};
  const size_t count = theme_events(events, metres);
  struct token *const tokens = calloc(2 * count * transpositions, sizeof(*tokens));
  size_t made = 0;
  for (unsigned i = 0; tokens && i < transpositions; ++i) {
    made += tokens_make(events, metres, count, tokens + made, &left_out);
    for (size_t j = 0; j < count; ++j) {
      ++events[j].pitch;
    }
  }
  const enum status status = vocabulary_make(tokens, made, VOCABULARY_SIZE - TOKEN_FIRST, vocabulary, NULL);
  free(tokens);
  return status ? -1 : 0;
}
