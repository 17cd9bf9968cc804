// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The filter and the guard. The guard looks a run up once per event, and once more per candidate where the limit is near.

#include "quotation.h"

#include "random.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double WRONG_MOST = 0.1;

enum { BITS_LEAST = 64, STEP_OFFSET = 128, TEXT_LONGEST = 1024 };

// The filter

static struct quotation_filter *
filter_new(const uint32_t hashes, const uint32_t bits)
{
  struct quotation_filter *const filter = calloc(1, sizeof(*filter) + bits / 8);
  if (filter) {
    filter->hashes = hashes;
    filter->bits = bits;
  }
  return filter;
}

struct quotation_filter *
quotation_filter_new(const size_t runs)
{
  const size_t most = QUOTATION_BITS_MOST / QUOTATION_BITS_PER_RUN;
  const size_t bits = (runs < most ? runs : most) * QUOTATION_BITS_PER_RUN;
  const size_t rounded = (bits + BITS_LEAST - 1) / BITS_LEAST * BITS_LEAST;
  return filter_new(QUOTATION_HASHES, rounded ? (uint32_t)rounded : (uint32_t)BITS_LEAST);
}

// Read a whole number from `lowest` to `highest`; 0 if it is none.
static uint32_t
whole(const json_t *const object, const char *const key, const json_int_t lowest, const json_int_t highest)
{
  const json_t *const number = json_object_get(object, key);
  const json_int_t value = json_is_integer(number) ? json_integer_value(number) : 0;
  return value >= lowest && value <= highest ? (uint32_t)value : 0;
}

// Return the share of music never added that a filter of these bits takes for added.
static double
wrong_share(const uint8_t *const bytes, const uint32_t bits, const uint32_t hashes)
{
  uint32_t set = 0;
  for (uint32_t i = 0; i < bits / 8; ++i) {
    for (unsigned byte = bytes[i]; byte; byte &= byte - 1) {
      ++set;
    }
  }
  double share = 1.0;
  for (uint32_t i = 0; i < hashes; ++i) {
    share *= (double)set / bits;
  }
  return share;
}

enum status
quotation_filter_parse(const char *const text,
                       const uint8_t *const bytes,
                       const size_t size,
                       const char *const name,
                       struct quotation_filter **const filter,
                       struct error *const error)
{
  *filter = NULL;
  json_t *const object = strlen(text) < TEXT_LONGEST ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
  const uint32_t run = whole(object, "run", 1, UINT16_MAX);
  const uint32_t hashes = whole(object, "hashes", 1, QUOTATION_HASHES_MOST);
  const uint32_t bits = whole(object, "bits", BITS_LEAST, QUOTATION_BITS_MOST);
  json_decref(object);
  if (run != QUOTATION_RUN || !hashes || !bits || bits % 8 || bits / 8 != size) {
    return error_set(error, STATUS_BAD_FORMAT,
                     "%s is no usable weight file: the filter of its training music is not as its metadata says",
                     error_path(name));
  }
  if (wrong_share(bytes, bits, hashes) > WRONG_MOST) {
    return error_set(error, STATUS_BAD_FORMAT,
                     "%s is no usable weight file: the filter of its training music is so full that it knows all music",
                     error_path(name));
  }
  *filter = filter_new(hashes, bits);
  if (!*filter) {
    return error_set(error, STATUS_NO_MEMORY, "no memory to load %s", error_path(name));
  }
  memcpy((*filter)->bytes, bytes, size);
  return STATUS_SUCCESS;
}

void
quotation_filter_format(const struct quotation_filter *const filter, char text[QUOTATION_TEXT_SIZE])
{
  snprintf(text, QUOTATION_TEXT_SIZE, "{\"run\": %d, \"hashes\": %u, \"bits\": %u}", QUOTATION_RUN, filter->hashes,
           filter->bits);
}

// Return the number of bit `i` of the run of `hash`. Double hashing after Kirsch and Mitzenmacher (2006).
static uint32_t
bit_of(const struct quotation_filter *const filter, const uint64_t hash, const uint32_t i) REALTIME
{
  const uint64_t place = hash + i * (random_mix(hash) | 1U);
  return (uint32_t)(((place >> 32) * filter->bits) >> 32);
}

void
quotation_filter_add(struct quotation_filter *const filter, const uint64_t hash)
{
  for (uint32_t i = 0; i < filter->hashes; ++i) {
    const uint32_t bit = bit_of(filter, hash, i);
    filter->bytes[bit / 8] |= (uint8_t)(1U << bit % 8);
  }
}

bool
quotation_filter_has(const struct quotation_filter *const filter, const uint64_t hash) REALTIME
{
  for (uint32_t i = 0; i < filter->hashes; ++i) {
    const uint32_t bit = bit_of(filter, hash, i);
    if (!(filter->bytes[bit / 8] & 1U << bit % 8)) {
      return false;
    }
  }
  return true;
}

// Moves

static uint64_t
hash_on(const uint64_t hash, const struct move move) REALTIME
{
  return random_mix(hash ^ ((uint64_t)(uint8_t)(move.step + STEP_OFFSET) << 16 | move.advance));
}

uint64_t
quotation_hash(const struct move *const moves) REALTIME
{
  uint64_t hash = 0;
  for (unsigned i = 0; i < QUOTATION_RUN; ++i) {
    hash = hash_on(hash, moves[i]);
  }
  return hash;
}

struct move
quotation_move(const struct event *const event, const uint8_t pitch) REALTIME
{
  return (struct move){.step = (int16_t)(pitch - event->pitch), .advance = event->advance};
}

// The guard

static struct move
move_to(const struct quotation_guard *const guard, const uint8_t pitch) REALTIME
{
  const uint32_t advance = guard->ticks < UINT16_MAX ? guard->ticks : UINT16_MAX;
  return (struct move){.step = (int16_t)(pitch - guard->pitch), .advance = (uint16_t)advance};
}

// Return how many moves of the run that `move` would make may stand in the training music.
static uint32_t
length_with(const struct quotation_guard *const guard,
            const struct quotation_filter *const filter,
            const struct move move) REALTIME
{
  if (guard->known + 1 < QUOTATION_RUN) {
    return guard->known + 1;
  }
  struct move moves[QUOTATION_RUN];
  memcpy(moves, guard->moves + 1, sizeof(moves) - sizeof(*moves));
  moves[QUOTATION_RUN - 1] = move;
  if (!filter || !quotation_filter_has(filter, quotation_hash(moves))) {
    return QUOTATION_RUN - 1;
  }
  const uint32_t before = guard->length < QUOTATION_RUN - 1 ? QUOTATION_RUN - 1U : guard->length;
  return before < QUOTATION_LENGTH_MOST ? before + 1 : before;
}

void
quotation_follow(struct quotation_guard *const guard,
                 const struct quotation_filter *const filter,
                 const struct event *const event) REALTIME
{
  if (guard->has_event) {
    const struct move move = move_to(guard, event->pitch);
    guard->length = length_with(guard, filter, move);
    memmove(guard->moves, guard->moves + 1, sizeof(guard->moves) - sizeof(*guard->moves));
    guard->moves[QUOTATION_RUN - 1] = move;
    guard->known += guard->known < QUOTATION_RUN;
  }
  guard->has_event = true;
  guard->pitch = event->pitch;
  guard->ticks = event->advance;
}

void
quotation_rest(struct quotation_guard *const guard, const uint16_t advance) REALTIME
{
  guard->ticks += guard->ticks < UINT16_MAX ? advance : 0;
}

uint32_t
quotation_notes(const struct quotation_guard *const guard) REALTIME
{
  return guard->has_event ? guard->length + 1 : 0;
}

bool
quotation_is_near(const struct quotation_guard *const guard, const uint32_t limit) REALTIME
{
  return guard->has_event && guard->length + 2 > limit;
}

bool
quotation_exceeds(const struct quotation_guard *const guard,
                  const struct quotation_filter *const filter,
                  const uint8_t pitch,
                  const uint32_t limit) REALTIME
{
  return quotation_is_near(guard, limit) && length_with(guard, filter, move_to(guard, pitch)) + 1 > limit;
}
