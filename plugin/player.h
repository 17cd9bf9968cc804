// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The player: reads the take along the clock and sends MIDI. A cursor marks the place before which every note has been
// dealt with; it goes no further than the composer is ready. A note that the composer finishes late still sounds if it is
// under 30 ms late; a later one is left out and counted. Offs come before ons of the same tick. How a note is played, and
// where the pedal changes, is settled in engine/performance.h.

#ifndef RITORNELLO_PLAYER_H
#define RITORNELLO_PLAYER_H

#include "clock.h"
#include "engine/composer.h"
#include "engine/performance.h"
#include "sounding.h"
#include "uris.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Most milliseconds that a note may be late and still sound.
enum { PLAYER_LATE_MS = 30 };

#define PLAYER_NEVER INT64_MAX

struct player {
  struct sounding sounding;
  int64_t bar;       ///< The cursor
  int64_t bar_start; ///< Its bar line, in run ticks
  int64_t tick;      ///< In that bar
  uint32_t dealt;    ///< Notes at that very tick that have been dealt with (where the buffer was full in a chord)
  int64_t struck;    ///< Frame of the clock at which the last note was struck, since the last jump
  uint32_t late;     ///< Notes left out
  int64_t press;     ///< Run tick at which the pedal is to be pressed, or PLAYER_NEVER
  struct performance performance;
};

void player_init(struct player *player, const struct uris *uris) REALTIME;

/// End what sounds, at the next chance.
void player_silence(struct player *player) REALTIME;

/// Go to where the clock is, without playing what lies between.
void player_locate(struct player *player, const struct clock *clock) REALTIME;

/// Play so from now on. Where channels change, what sounds is ended.
void player_set_performance(struct player *player, const struct performance *performance) REALTIME;

/// Play the `frames` from the clock's frame on, which stand at `offset` in the block.
void player_run(struct player *player,
                const struct clock *clock,
                struct composer *composer,
                uint32_t offset,
                uint32_t frames) REALTIME;

#ifdef __cplusplus
}
#endif

#endif // RITORNELLO_PLAYER_H
