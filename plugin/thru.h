// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// MIDI thru: what is played goes on to the instrument behind, as it will sound when the take is played again: on the channel
// of its hand, with its own velocity. It leaves through sounding.h like all else, so it never hangs either.
//
// Where the output buffer is full, it waits for the next block, in its order, and nothing is lost however long that takes:
// there is a place for every key, controller and wheel of every channel. Of a controller or a wheel that moves on while it
// waits, the newest value goes out; a key that goes up while its note waits is still heard, as a short note.

#ifndef RITORNELLO_THRU_H
#define RITORNELLO_THRU_H

#include "engine/performance.h"
#include "engine/realtime.h"
#include "listening.h"
#include "sounding.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  THRU_CONTROLLERS = 120,
  THRU_CONTROLLER = LISTENING_KEYS,                ///< Things of a channel: its keys, then controllers from here on,
  THRU_WHEEL = THRU_CONTROLLER + THRU_CONTROLLERS, ///< then the wheel
  THRU_THINGS,
  THRU_PLACES = SOUNDING_CHANNELS * THRU_THINGS,
};

/// Something that may have to wait.
struct waiting {
  bool is_waiting;  ///< It is in the order once
  bool is_released; ///< A key that has gone up again
  uint8_t first;    ///< Of its message: pitch, controller, or the lower part of the wheel
  uint8_t second;
};

struct thru {
  uint8_t out[LISTENING_CHANNELS][LISTENING_KEYS]; ///< Channel that a key's note went out on, from 1 on; 0: none
  struct waiting things[THRU_PLACES];              ///< Place: channel out * THRU_THINGS + thing
  uint16_t order[THRU_PLACES]; ///< [count] from `first` on, round: places, the longest waiting first
  uint32_t first;
  uint32_t count;
};

void thru_init(struct thru *thru) REALTIME;

/// Pass `message` on at `frame` of the block.
void thru_hear(struct thru *thru,
               const struct heard_message *message,
               const struct performance *performance,
               struct sounding *sounding,
               uint32_t frame) REALTIME;

/// Send what waits.
void thru_flush(struct thru *thru, struct sounding *sounding, uint32_t frame) REALTIME;

/// Forget all keys and pedals; what sounds is the caller's to end. Other controllers that wait still go out.
void thru_forget(struct thru *thru) REALTIME;

#ifdef __cplusplus
}
#endif

#endif // RITORNELLO_THRU_H
