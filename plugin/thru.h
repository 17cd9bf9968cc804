// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// MIDI thru: what is played goes on to the instrument behind, as it will sound when the take is played again: on the channel
// of its hand, with its own velocity. It leaves through sounding.h like all else, so it never hangs either. Where the output
// buffer is full, it waits for the next block.

#ifndef RITORNELLO_THRU_H
#define RITORNELLO_THRU_H

#include "engine/performance.h"
#include "engine/realtime.h"
#include "listening.h"
#include "sounding.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { THRU_WAITING = 64 };

/// A key whose note has not gone out yet.
struct waiting_key {
  uint8_t channel; ///< Out
  uint8_t pitch;
  uint8_t velocity;
};

struct thru {
  uint8_t out[LISTENING_CHANNELS][LISTENING_KEYS]; ///< Channel that a key's note went out on, from 1 on; 0: none
  uint32_t count;
  struct waiting_key waiting[THRU_WAITING]; ///< [count], the oldest first
};

/// Pass `message` on at `frame` of the block.
void thru_hear(struct thru *thru,
               const struct heard_message *message,
               const struct performance *performance,
               struct sounding *sounding,
               uint32_t frame) REALTIME;

/// Send what waits.
void thru_flush(struct thru *thru, struct sounding *sounding, uint32_t frame) REALTIME;

/// Forget all keys; what sounds is the caller's to end.
void thru_forget(struct thru *thru) REALTIME;

#ifdef __cplusplus
}
#endif

#endif // RITORNELLO_THRU_H
