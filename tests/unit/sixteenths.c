// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "sixteenths.h"

#include "converted.h"
#include "random_weights.h"

#include <stdio.h>
#include <stdlib.h>

enum { CONTEXT = 100, TOKENS = 3400, SIXTEENTH = TICKS_PER_QUARTER / 4 };

// All single notes and pairs of notes, lowest first, until there are enough
static int
vocabulary_fill(struct vocabulary *const vocabulary)
{
  struct token *const tokens = calloc(TOKENS, sizeof(*tokens));
  size_t count = 0;
  for (uint32_t low = PITCH_LOWEST; tokens && low <= PITCH_HIGHEST; ++low) {
    for (uint32_t high = low; high <= PITCH_HIGHEST && count < TOKENS; ++high) {
      tokens[count++] = high > low ? (struct token){SIXTEENTH, 2, {(uint8_t)low, (uint8_t)high}}
                                   : (struct token){SIXTEENTH, 1, {(uint8_t)low}};
    }
  }
  const int result = tokens && vocabulary_make(tokens, count, TOKENS, vocabulary, NULL) == STATUS_SUCCESS ? 0 : -1;
  free(tokens);
  return result;
}

int
sixteenths_write(const char *const path, const uint32_t size)
{
  struct vocabulary vocabulary;
  char layers[WINDOWED_TEXT_SIZE];
  snprintf(layers, sizeof(layers),
           "index, bilstm:%u, attention:32, dropout:0.3, lstm:%u, dropout:0.3, dense:256, softmax", size, size);
  if (vocabulary_fill(&vocabulary)) {
    return -1;
  }
  struct windowed_sizes sizes = {.context = CONTEXT, .vocabulary = vocabulary.count};
  int result = windowed_layers_parse(layers, &sizes, NULL) == STATUS_SUCCESS ? 0 : -1;
  if (!result) {
    result = random_windowed_write(path, &sizes, &vocabulary, 5, 0.08F);
  }
  if (!result) {
    result = converted_write(path, path, DTYPE_F16);
  }
  vocabulary_clear(&vocabulary);
  return result;
}
