// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Random sessions on the host for tests. A seed makes a plan: a kind of host and a row of actions (run, locate, loop, change
// a port, save, ...). A plan is played, and everything that must hold whatever a user and a host do is checked on the way:
//
// - each on has an off, no note is struck twice, events are ordered and inside their block (minihost_faults())
// - outputs are numbers in their ranges; nothing is late
// - nothing sounds while bypassed, stopped, or before bar 1
// - onsets are on the host's grid
// - at the end everything falls silent
//
// and by the plan's kind:
//
// - PLAN_TWINS: a second instance, of other block lengths and exporting, plays the same
// - PLAN_RETURN: bars that were played come back as they were
//
// What a plan can't promise is not asked of it: with buffers of a few bytes, or a host that tells nonsense, notes need not
// be on the grid. Plans are plain data, so that one that fails can be made smaller.

#ifndef RITORNELLO_RANDOM_SESSION_H
#define RITORNELLO_RANDOM_SESSION_H

#include "fixture.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum plan_kind {
  PLAN_WILD, ///< Anything may happen
  PLAN_TWINS,
  PLAN_RETURN,
};

enum action_kind {
  ACTION_RUN,   ///< `frames`
  ACTION_BLOCK, ///< `frames` per block from now on
  ACTION_PLAY,  ///< `delay` frames into a block, as all of the transport
  ACTION_STOP,
  ACTION_LOCATE,     ///< To `bar`, beat `number`
  ACTION_TEMPO,      ///< `number`
  ACTION_METRE,      ///< `first` / `second`
  ACTION_LOOP,       ///< `first` times `number` beats from `bar`, beat `other`
  ACTION_PASS,       ///< Play `first` bars from `bar`: the bars that must come back (PLAN_RETURN)
  ACTION_PORT,       ///< Port `first` to `number`
  ACTION_PRESET,     ///< Number `first`
  ACTION_WEIGHTS,    ///< The bundle's (0), others (1), none (2)
  ACTION_SAVE,       ///< And restore at once if `first`
  ACTION_RESTORE,    ///< What was saved last
  ACTION_MIDI,       ///< `first` is what, `second` the pitch
  ACTION_POSITION,   ///< A position that says what `first` says
  ACTION_REACTIVATE, ///< Deactivate; activate
  ACTION_ASK,        ///< patch:Get
  ACTION_KINDS,
};

struct action {
  enum action_kind kind;
  uint32_t frames;
  uint32_t delay;
  int64_t bar;
  double number;
  double other;
  int first;
  int second;
};

enum { PLAN_ACTIONS = 64, PLAN_FAILURE = 256 };

struct plan {
  uint32_t seed;
  enum plan_kind kind;
  struct minihost_options host;
  struct minihost_options twin; ///< PLAN_TWINS
  bool exports;                 ///< Freewheels all the time; a twin does anyway
  bool listens;                 ///< To MIDI: much comes in
  bool is_exact;                ///< Onsets must be on the grid and nothing may be late
  size_t count;
  struct action actions[PLAN_ACTIONS];
};

/// Make the plan of `seed`. `is_quick`: the network is so small that everything is composed almost at once; if not, only
/// exports must be exact.
void plan_make(struct plan *plan, uint32_t seed, bool is_quick);

/// Say what is in a plan.
void plan_print(const struct plan *plan, FILE *stream);

/// Play a plan. Returns true, or false with a sentence about what did not hold in `failure`.
bool plan_play(const struct plan *plan, const struct fixture *fixture, char failure[PLAN_FAILURE]);

#endif // RITORNELLO_RANDOM_SESSION_H
