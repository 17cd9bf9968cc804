// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "windows.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool
is_wanted(const uint8_t *const held, const uint8_t want, const size_t piece)
{
  return !held || held[piece] == want;
}

// The most tokens that a piece can become
static size_t
room_for(const struct piece *const piece)
{
  return 2 * (size_t)piece->count;
}

enum status
windows_vocabulary(const struct corpus *const corpus,
                   const uint8_t *const held,
                   const uint8_t want,
                   struct vocabulary *const vocabulary,
                   struct tokens_left_out *const left_out,
                   struct error *const error)
{
  size_t room = 0;
  size_t count = 0;
  memset(vocabulary, 0, sizeof(*vocabulary));
  memset(left_out, 0, sizeof(*left_out));
  for (size_t i = 0; i < corpus->piece_count; ++i) {
    room += is_wanted(held, want, i) ? room_for(&corpus->pieces[i]) : 0;
  }
  struct token *const tokens = calloc(room + 1, sizeof(*tokens));
  if (!tokens) {
    return error_set(error, STATUS_NO_MEMORY, "no memory for %zu tokens", room);
  }
  for (size_t i = 0; i < corpus->piece_count; ++i) {
    const struct piece *const piece = &corpus->pieces[i];
    if (is_wanted(held, want, i)) {
      count += tokens_make(piece->events, piece->metres, piece->count, tokens + count, left_out);
    }
  }
  const enum status status = vocabulary_make(tokens, count, VOCABULARY_SIZE - TOKEN_FIRST, vocabulary, error);
  free(tokens);
  return status;
}

// Nats of `token` if it is any token at all: each choice is even.
static double
unseen_nats(const struct token *const token)
{
  double nats = log(TOKEN_PITCHES + 1.0);
  unsigned durations = 0;
  for (uint32_t ticks = 1; ticks <= TOKEN_LONGEST; ++ticks) {
    durations += token_duration(ticks) == ticks;
  }
  for (unsigned i = 0; i < token->count; ++i) { // The number of ways to take that many of all keys
    nats += log((double)(PITCH_CLASSES - i) / (double)(i + 1));
  }
  return nats + log(durations);
}

static uint32_t
stand_in(const struct vocabulary *const vocabulary, const struct token *const token)
{
  const struct token rest = {.duration = token->duration};
  uint32_t number = vocabulary_nearest(vocabulary, token);
  if (number == TOKEN_NONE) {
    number = vocabulary_nearest(vocabulary, &rest);
  }
  return number == TOKEN_NONE ? TOKEN_START : number;
}

static void
number_tokens(const struct vocabulary *const vocabulary,
              const struct token *const tokens,
              struct window_piece *const to)
{
  for (uint32_t i = 0; i + 1 < to->count; ++i) {
    const uint32_t number = vocabulary_find(vocabulary, &tokens[i]);
    to->targets[i] = number == TOKEN_NONE ? WINDOW_NONE : (uint16_t)number;
    to->inputs[i] = (uint16_t)(number == TOKEN_NONE ? stand_in(vocabulary, &tokens[i]) : number);
    to->notes[i] = tokens[i].count;
    to->unseen[i] = number == TOKEN_NONE ? (float)(unseen_nats(&tokens[i]) - log(WINDOWS_UNSEEN)) : 0.0F;
  }
  to->targets[to->count - 1] = TOKEN_END;
  to->inputs[to->count - 1] = TOKEN_END;
}

static enum status
piece_new(const struct piece *const piece,
          const struct vocabulary *const vocabulary,
          struct window_piece *const to,
          struct error *const error)
{
  struct tokens_left_out left_out = {0};
  struct token *const tokens = calloc(room_for(piece) + 1, sizeof(*tokens));
  const size_t count = tokens ? tokens_make(piece->events, piece->metres, piece->count, tokens, &left_out) + 1 : 0;
  *to = (struct window_piece){
      .count = (uint32_t)count,
      .inputs = calloc(count + 1, sizeof(uint16_t)),
      .targets = calloc(count + 1, sizeof(uint16_t)),
      .notes = calloc(count + 1, sizeof(uint8_t)),
      .unseen = calloc(count + 1, sizeof(float)),
  };
  const bool complete = tokens && to->inputs && to->targets && to->notes && to->unseen;
  if (complete) {
    number_tokens(vocabulary, tokens, to);
  }
  free(tokens);
  return complete ? STATUS_SUCCESS : error_set(error, STATUS_NO_MEMORY, "no memory for the tokens of %s", piece->path);
}

// One sample for every token of every piece
static enum status
list_samples(struct windows *const windows, struct error *const error)
{
  size_t count = 0;
  for (size_t i = 0; i < windows->piece_count; ++i) {
    count += windows->pieces[i].count;
  }
  windows->samples = count < UINT32_MAX ? calloc(count + 1, sizeof(*windows->samples)) : NULL;
  if (!windows->samples) {
    return error_set(error, STATUS_NO_MEMORY, "no memory for %zu windows", count);
  }
  for (size_t i = 0; i < windows->piece_count; ++i) {
    const struct window_piece *const piece = &windows->pieces[i];
    for (uint32_t token = 0; token < piece->count; ++token) {
      windows->samples[windows->sample_count++] = (struct window_sample){.piece = (uint32_t)i, .token = token};
      windows->notes += piece->notes[token];
      windows->unknown += piece->targets[token] == WINDOW_NONE;
    }
  }
  return STATUS_SUCCESS;
}

enum status
windows_new(const struct corpus *const corpus,
            const uint8_t *const held,
            const uint8_t want,
            const struct vocabulary *const vocabulary,
            struct windows *const windows,
            struct error *const error)
{
  *windows = (struct windows){
      .pieces = calloc(corpus->piece_count + 1, sizeof(*windows->pieces)),
      .piece_count = corpus->piece_count,
  };
  enum status status = windows->pieces
                           ? STATUS_SUCCESS
                           : error_set(error, STATUS_NO_MEMORY, "no memory for %zu pieces", corpus->piece_count);
  for (size_t i = 0; !status && i < corpus->piece_count; ++i) {
    if (is_wanted(held, want, i)) {
      status = piece_new(&corpus->pieces[i], vocabulary, &windows->pieces[i], error);
    }
  }
  if (!status) {
    status = list_samples(windows, error);
  }
  if (status) {
    windows_free(windows);
  }
  return status;
}

void
windows_free(struct windows *const windows)
{
  for (size_t i = 0; windows->pieces && i < windows->piece_count; ++i) {
    free(windows->pieces[i].inputs);
    free(windows->pieces[i].targets);
    free(windows->pieces[i].notes);
    free(windows->pieces[i].unseen);
  }
  free(windows->pieces);
  free(windows->samples);
  memset(windows, 0, sizeof(*windows));
}

void
windows_fill(const struct windows *const windows,
             const uint32_t index,
             struct window_batch *const batch,
             const size_t b)
{
  batch->samples[b] = index;
  batch->targets[b] = WINDOW_NONE;
  for (size_t t = 0; t < batch->steps; ++t) {
    batch->tokens[t * batch->streams + b] = TOKEN_START;
  }
  if (index == UINT32_MAX) {
    return;
  }
  const struct window_sample sample = windows->samples[index];
  const struct window_piece *const piece = &windows->pieces[sample.piece];
  const size_t before = sample.token < batch->steps ? sample.token : batch->steps;
  batch->targets[b] = piece->targets[sample.token];
  for (size_t i = 0; i < before; ++i) {
    batch->tokens[(batch->steps - before + i) * batch->streams + b] = piece->inputs[sample.token - before + i];
  }
}

void
windows_count(const struct windows *const windows,
              const uint32_t index,
              const double loss,
              struct evaluation_sums *const sums)
{
  const struct window_sample sample = windows->samples[index];
  const struct window_piece *const piece = &windows->pieces[sample.piece];
  const bool is_known = piece->targets[sample.token] != WINDOW_NONE;
  sums->notes += piece->notes[sample.token];
  ++sums->tokens;
  sums->nats[FIELD_TOKEN] += is_known ? loss - log(1.0 - WINDOWS_UNSEEN) : (double)piece->unseen[sample.token];
}
