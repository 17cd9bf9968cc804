// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A composer at a desk: it is given a network that is quick and strict (fake_network.h), is moved along as the plugin moves
// it, and what it has written is looked at bar by bar.

#ifndef RITORNELLO_DESK_H
#define RITORNELLO_DESK_H

#include "engine/composer.h"
#include "fake_network.h"

#include <stdbool.h>
#include <stdint.h>

enum { UNLIMITED = 0x7FFFFFFF, BEAT = TICKS_PER_QUARTER };

static const struct metre four_four = {4, 4};
static const struct metre three_four = {3, 4};

static const struct controls controls_default = {
    .sampling = {.temperature = 1.0F, .top_p = 1.0F},
    .seed = 1,
    .look_ahead = 8 * BEAT,
};

// A composer with its weights
struct desk {
  struct composer *composer;
  struct weights *weights;
};

// A copy of one bar of a take
struct copy {
  bool is_there;
  struct metre metre;
  uint32_t count;
  struct take_note notes[2048];
};

// Copies of bars 0 to 31
struct copies {
  struct copy *bars[32];
};

/// A composer of those weights, with the usual controls and that seed.
struct desk desk_new(enum fake_kind kind, uint32_t seed);

void desk_free(struct desk *desk);

/// Jump, in 4/4.
void desk_locate(struct desk *desk, uint32_t bar, uint32_t tick);

/// Compose until the take is filled.
void desk_fill(struct desk *desk);

/// Play beat by beat from the start of bar `begin` to that of bar `end`, filling the take at every beat.
void desk_replay(struct desk *desk, uint32_t begin, uint32_t end, struct metre metre);

/// The same where nothing is composed anew, so that what is ready never goes back.
void desk_play(struct desk *desk, uint32_t begin, uint32_t end, struct metre metre);

/// The caller frees it.
struct copy *copy_bar(struct desk *desk, uint32_t number);

/// Whether the notes are the same; with_sounding: as they sound, too.
bool copies_are_equal(const struct copy *a, const struct copy *b, bool with_sounding);

bool bars_are_equal(struct desk *a, uint32_t bar_a, struct desk *b, uint32_t bar_b);

/// Fail the test unless bars `begin` to before `end` sound the same.
void assert_same_bars(struct desk *a, struct desk *b, uint32_t begin, uint32_t end);

/// How many notes there are in bars `begin` to before `end`.
uint32_t desk_notes(struct desk *desk, uint32_t begin, uint32_t end);

/// Check the rules of constraints.h and of the take on bars `begin` to `end`.
void desk_check(struct desk *desk, uint32_t begin, uint32_t end);

/// A desk that has played bars 0 to `bars` without ever leaving
struct desk desk_played_through(enum fake_kind kind, uint32_t bars);

/// Use key `key` from now on.
void desk_set_key(struct desk *desk, uint8_t key);

/// Play bars 0 to `end` from their beginning; from bar `change` on, to before `back`, the key is `key`.
void desk_play_automated(struct desk *desk, uint32_t end, uint32_t change, uint32_t back, uint8_t key);

struct copies copy_bars(struct desk *desk);

void free_copies(struct copies *copies);

/// Return the first bar from `first` to before `end` that is not as it was, or `end`; notes may end elsewhere.
uint32_t first_composed_anew(struct desk *desk, const struct copies *copies, uint32_t first, uint32_t end);

/// The same, and they may not.
uint32_t first_changed(struct desk *desk, const struct copies *copies, uint32_t first, uint32_t end);

#endif // RITORNELLO_DESK_H
