// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The one random generator: a keyed counter, so that draw number n of a stream is known without making those before it.
// That is what lets a rewound bar, a resumed training or another machine see the very same numbers.
// The mixing function is SplitMix64's finaliser (Steele, Lea and Flood, "Fast splittable pseudorandom number generators",
// OOPSLA 2014), applied twice so that key and counter both spread over all bits.

#ifndef RITORNELLO_RANDOM_H
#define RITORNELLO_RANDOM_H

#include "realtime.h"

#include <stdint.h>

/// Return `value` with its bits mixed; a bijection.
static inline uint64_t
random_mix(uint64_t value) REALTIME
{
  value += 0x9E3779B97F4A7C15U;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9U;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBU;
  return value ^ (value >> 31);
}

/// Return a key for a stream of its own below `key`.
static inline uint64_t
random_key(const uint64_t key, const uint64_t stream) REALTIME
{
  return random_mix(random_mix(key) ^ stream);
}

/// Return draw number `counter` of `key`, all 64 bits random.
static inline uint64_t
random_bits(const uint64_t key, const uint64_t counter) REALTIME
{
  return random_mix(random_mix(key ^ random_mix(counter)));
}

/// Return draw number `counter` of `key` as a float in [0, 1), 24 bits fine.
static inline float
random_uniform(const uint64_t key, const uint64_t counter) REALTIME
{
  return (float)(random_bits(key, counter) >> 40) * 0x1p-24F;
}

/// Return draw number `counter` of `key` as an integer below `bound` (1 to 2^32 - 1).
static inline uint32_t
random_below(const uint64_t key, const uint64_t counter, const uint32_t bound) REALTIME
{
  return (uint32_t)(((random_bits(key, counter) >> 32) * bound) >> 32);
}

#endif // RITORNELLO_RANDOM_H
