// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The vocabulary of tokens: counted from music, written to and read from a weight file, and searched.

#include "vocabulary.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define VOCABULARY_FORMAT "tokens-1"

enum { VOCABULARY_TEXT_SIZE = 1 << 20 }; // More than any vocabulary needs

// Searching

// Return the first place in the vocabulary, from TOKEN_FIRST on, of a token that is not before `token`.
static uint32_t
lower_bound(const struct vocabulary *const vocabulary, const struct token *const token) REALTIME
{
  uint32_t low = TOKEN_FIRST;
  uint32_t high = vocabulary->count;
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    if (token_compare(&vocabulary->tokens[middle], token) < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

uint32_t
vocabulary_find(const struct vocabulary *const vocabulary, const struct token *const token) REALTIME
{
  const uint32_t place = lower_bound(vocabulary, token);
  return place < vocabulary->count && token_compare(&vocabulary->tokens[place], token) == 0 ? place : TOKEN_NONE;
}

static bool
has_pitches(const struct vocabulary *const vocabulary, const uint32_t place, const struct token *const token) REALTIME
{
  return place >= TOKEN_FIRST && place < vocabulary->count &&
         !memcmp(vocabulary->tokens[place].pitches, token->pitches, sizeof(token->pitches));
}

uint32_t
vocabulary_nearest(const struct vocabulary *const vocabulary, const struct token *const token) REALTIME
{
  const uint32_t longer = lower_bound(vocabulary, token);
  const uint32_t shorter = longer - 1;
  const bool has_longer = has_pitches(vocabulary, longer, token);
  if (!has_pitches(vocabulary, shorter, token)) {
    return has_longer ? longer : TOKEN_NONE;
  }
  const int below = token->duration - vocabulary->tokens[shorter].duration;
  return has_longer && vocabulary->tokens[longer].duration - token->duration < below ? longer : shorter;
}

// Making

// A token and how often it occurs.
struct tally {
  struct token token;
  size_t count;
};

static int
by_token(const void *const a, const void *const b)
{
  return token_compare(a, b); // A tally begins with its token
}

static int
by_count(const void *const a, const void *const b)
{
  const struct tally *const x = a;
  const struct tally *const y = b;
  return x->count != y->count ? (x->count < y->count ? 1 : -1) : token_compare(&x->token, &y->token);
}

// Merge equal neighbours; return how many tallies are left.
static size_t
tallies_merge(struct tally *const tallies, const size_t count)
{
  size_t kept = 0;
  for (size_t i = 0; i < count; ++i) {
    if (kept && !token_compare(&tallies[kept - 1].token, &tallies[i].token)) {
      ++tallies[kept - 1].count;
    } else {
      tallies[kept++] = tallies[i];
    }
  }
  return kept;
}

// Take room for `count` tokens of music and let start and end stand before them.
static enum status
vocabulary_take(struct vocabulary *const vocabulary, const size_t count, struct error *const error)
{
  *vocabulary = (struct vocabulary){0};
  if (count < 1 || count > VOCABULARY_SIZE - TOKEN_FIRST) {
    return error_set(error, STATUS_BAD_FORMAT, "the vocabulary has %zu tokens; it has to have 1 to %d", count,
                     VOCABULARY_SIZE - TOKEN_FIRST);
  }
  vocabulary->tokens = calloc(count + TOKEN_FIRST, sizeof(*vocabulary->tokens));
  if (!vocabulary->tokens) {
    return error_set(error, STATUS_NO_MEMORY, "no memory for the vocabulary");
  }
  vocabulary->count = (uint32_t)count + TOKEN_FIRST;
  return STATUS_SUCCESS;
}

enum status
vocabulary_make(const struct token *const tokens,
                const size_t count,
                const uint32_t limit,
                struct vocabulary *const vocabulary,
                struct error *const error)
{
  *vocabulary = (struct vocabulary){0};
  struct tally *const tallies = calloc(count ? count : 1, sizeof(*tallies));
  if (!tallies) {
    return error_set(error, STATUS_NO_MEMORY, "no memory to count the tokens");
  }
  for (size_t i = 0; i < count; ++i) {
    tallies[i] = (struct tally){tokens[i], 1};
  }
  qsort(tallies, count, sizeof(*tallies), by_token);
  size_t kept = tallies_merge(tallies, count);
  if (kept > limit) {
    qsort(tallies, kept, sizeof(*tallies), by_count);
    kept = limit;
    qsort(tallies, kept, sizeof(*tallies), by_token);
  }
  const enum status status = vocabulary_take(vocabulary, kept, error);
  for (size_t i = 0; !status && i < kept; ++i) {
    vocabulary->tokens[TOKEN_FIRST + i] = tallies[i].token;
  }
  free(tallies);
  return status;
}

void
vocabulary_clear(struct vocabulary *const vocabulary)
{
  free(vocabulary->tokens);
  *vocabulary = (struct vocabulary){0};
}

// Writing and reading

// Return `token` as an array, or NULL without memory.
static json_t *
token_json(const struct token *const token)
{
  json_t *const array = json_array();
  int failed = json_array_append_new(array, json_integer(token->duration));
  for (uint32_t i = 0; i < token->count; ++i) {
    failed |= json_array_append_new(array, json_integer(token->pitches[i]));
  }
  if (failed) {
    json_decref(array);
    return NULL;
  }
  return array;
}

char *
vocabulary_format(const struct vocabulary *const vocabulary)
{
  json_t *const array = json_array();
  int failed = 0;
  for (uint32_t i = TOKEN_FIRST; i < vocabulary->count; ++i) {
    failed |= json_array_append_new(array, token_json(&vocabulary->tokens[i]));
  }
  json_t *const object = json_pack("{s:s, s:o}", "format", VOCABULARY_FORMAT, "tokens", array);
  char *const text = object && !failed ? json_dumps(object, JSON_COMPACT) : NULL;
  json_decref(object);
  return text;
}

// Return the whole number at `index` if it is from `lowest` to `highest`, else 0.
static uint16_t
number_read(const json_t *const array, const size_t index, const json_int_t lowest, const json_int_t highest)
{
  const json_t *const value = json_array_get(array, index);
  const json_int_t number = json_is_integer(value) ? json_integer_value(value) : 0;
  return number >= lowest && number <= highest ? (uint16_t)number : 0;
}

static bool
token_read(const json_t *const array, struct token *const token)
{
  const size_t size = json_array_size(array);
  if (size < 1 || size > 1 + TOKEN_PITCHES) {
    return false;
  }
  token->duration = number_read(array, 0, 1, TOKEN_LONGEST);
  token->count = (uint8_t)(size - 1);
  int lowest = PITCH_LOWEST;
  for (size_t i = 0; i < token->count; ++i) {
    token->pitches[i] = (uint8_t)number_read(array, i + 1, lowest, PITCH_HIGHEST);
    if (!token->pitches[i]) {
      return false;
    }
    lowest = token->pitches[i] + 1;
  }
  return token->duration > 0;
}

static enum status
tokens_read(const json_t *const array, struct vocabulary *const vocabulary, struct error *const error)
{
  const enum status status = vocabulary_take(vocabulary, json_array_size(array), error);
  for (uint32_t i = TOKEN_FIRST; i < vocabulary->count; ++i) {
    struct token *const token = &vocabulary->tokens[i];
    if (!token_read(json_array_get(array, i - TOKEN_FIRST), token) ||
        (i > TOKEN_FIRST && token_compare(token - 1, token) >= 0)) {
      vocabulary_clear(vocabulary);
      return error_set(
          error, STATUS_BAD_FORMAT,
          "token %u of the vocabulary is no duration with up to %d ascending pitches, or not after the one "
          "before it",
          i - TOKEN_FIRST, TOKEN_PITCHES);
    }
  }
  return status;
}

enum status
vocabulary_parse(const char *const text, struct vocabulary *const vocabulary, struct error *const error)
{
  *vocabulary = (struct vocabulary){0};
  if (strlen(text) > VOCABULARY_TEXT_SIZE) {
    return error_set(error, STATUS_TOO_LARGE, "the vocabulary is longer than %d bytes", VOCABULARY_TEXT_SIZE);
  }
  json_t *const object = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
  const char *format = NULL;
  json_t *array = NULL;
  enum status status = STATUS_SUCCESS;
  if (json_unpack_ex(object, NULL, JSON_STRICT, "{s:s, s:o}", "format", &format, "tokens", &array) ||
      strcmp(format, VOCABULARY_FORMAT) != 0 || !json_is_array(array)) {
    status = error_set(error, STATUS_BAD_FORMAT, "the vocabulary is no list of tokens of format " VOCABULARY_FORMAT);
  } else {
    status = tokens_read(array, vocabulary, error);
  }
  json_decref(object);
  return status;
}
