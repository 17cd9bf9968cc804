// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "latches.h"

#include "random.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { TABLE_SIZE = 2 * LATCHES }; // At most half full

struct latches {
  uint32_t count;             // Sets in use; set 0 is the one of all for which there was no room
  uint16_t table[TABLE_SIZE]; // Numbers by hash, or 0
  struct controls sets[LATCHES];
};

struct latches *
latches_new(void)
{
  struct latches *const latches = malloc(sizeof(*latches));
  if (latches) {
    memset(latches, 0, sizeof(*latches)); // Every page is there before the audio thread needs it
    latches->count = 1;
  }
  return latches;
}

void
latches_free(struct latches *const latches)
{
  free(latches);
}

static uint64_t
value_bits(const double value) REALTIME
{
  uint64_t bits = 0;
  memcpy(&bits, &value, sizeof(bits));
  return bits;
}

static uint32_t
hash_of(const struct controls *const controls) REALTIME
{
  uint64_t hash = 0;
#define HASH(field) hash = random_key(hash, value_bits((double)controls->field));
  LATCHED_CONTROLS(HASH)
#undef HASH
  return (uint32_t)hash % TABLE_SIZE;
}

static bool
are_equal(const struct controls *const a, const struct controls *const b) REALTIME
{
#define IS_EQUAL(field) value_bits((double)a->field) == value_bits((double)b->field) &&
  return LATCHED_CONTROLS(IS_EQUAL) true;
#undef IS_EQUAL
}

uint16_t
latches_number(struct latches *const latches, const struct controls *const controls) REALTIME
{
  uint32_t i = hash_of(controls);
  for (; latches->table[i] != 0; i = (i + 1) % TABLE_SIZE) {
    if (are_equal(&latches->sets[latches->table[i]], controls)) {
      return latches->table[i];
    }
  }
  if (latches->count == LATCHES) {
    latches->sets[0] = *controls;
    return 0;
  }
  latches->sets[latches->count] = *controls;
  latches->table[i] = (uint16_t)latches->count;
  return (uint16_t)latches->count++;
}

// Whether two values of a control are the same or one step apart; 0 is another thing than little
static bool
is_near(const double a, const double b, const double step) REALTIME
{
  const double slack = step * 1.01;
  return a == b || (a > 0.0 && b > 0.0 && a - b <= slack && b - a <= slack);
}

bool
latches_are_near(const struct latches *const latches, const uint16_t a, const uint16_t b) REALTIME
{
  if (a == b) {
    return true;
  }
  const struct controls *const one = &latches->sets[a];
  struct controls other = latches->sets[b];
  const bool is_close = is_near((double)one->sampling.temperature, (double)other.sampling.temperature, 0.01) &&
                        is_near((double)one->sampling.top_p, (double)other.sampling.top_p, 0.01) &&
                        is_near((double)one->surprise, (double)other.surprise, 0.1) &&
                        is_near((double)one->recall, (double)other.recall, 1.0);
  other.sampling.temperature = one->sampling.temperature;
  other.sampling.top_p = one->sampling.top_p;
  other.surprise = one->surprise;
  other.recall = one->recall;
  return is_close && are_equal(one, &other);
}

const struct controls *
latches_get(const struct latches *const latches, const uint16_t number) REALTIME
{
  return &latches->sets[number];
}

uint32_t
latches_count(const struct latches *const latches) REALTIME
{
  return latches->count;
}
