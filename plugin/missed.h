// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What comes in while the take is being saved at this very moment and run() can only let time pass (keeping.h): messages wait
// for the next block, where they are read before its own; and a trigger that rises is remembered. Nobody but the audio thread
// touches it, so it is not under the lease.

#ifndef RITORNELLO_MISSED_H
#define RITORNELLO_MISSED_H

#include "engine/realtime.h"

#include <lv2/atom/atom.h>

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { MISSED_SIZE = 65536 }; ///< Bytes of messages: those of some blocks, saving takes no longer

/// A port that counts when it rises.
struct missed_trigger {
  bool is_high; ///< In the last block that was missed
  bool has_risen;
};

struct missed {
  bool has_passed; ///< A block has passed without composer and player
  bool has_jumped; ///< And the song went somewhere else in it
  bool is_full;    ///< A message found no room
  struct missed_trigger regenerate;
  struct missed_trigger undo;
  uint32_t size; ///< Of
  union {
    LV2_Atom_Event first;
    uint8_t bytes[MISSED_SIZE];
  } events; ///< as they stand in a sequence
};

/// Keep a copy of `event`.
void missed_keep(struct missed *missed, const LV2_Atom_Event *event) REALTIME;

/// The port of `trigger` is high or not in this block; in the one before, if that was not missed, it was `before`.
void missed_watch(const struct missed *missed, struct missed_trigger *trigger, bool is_high, bool before) REALTIME;

/// Return the event at `*offset` (0 for the first) and go to the next; NULL at the end.
const LV2_Atom_Event *missed_next(const struct missed *missed, uint32_t *offset) REALTIME;

/// All has been read.
void missed_forget(struct missed *missed) REALTIME;

#ifdef __cplusplus
}
#endif

#endif // RITORNELLO_MISSED_H
