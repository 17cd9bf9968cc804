// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A network that is none: its logits are random numbers that depend on all it was ever fed, and its work is a counter. It
// is quick, a wrong or missing feed changes all that follows, and it asserts that it is used as network.h says. Every eighth of
// its states is kept.

#ifndef RITORNELLO_FAKE_NETWORK_H
#define RITORNELLO_FAKE_NETWORK_H

#include "engine/weights.h"

#include <stdint.h>

enum fake_kind {
  FAKE_EVENTS, ///< One note per step, chosen field by field, like `streaming`
  FAKE_TOKENS, ///< A rest or up to three notes per step, chosen as one token, like `windowed`
  FAKE_FLAT,   ///< FAKE_EVENTS whose logits are all equal: what comes is the random numbers' own
  FAKE_BROKEN, ///< FAKE_EVENTS whose logits are no numbers
  FAKE_PARROT, ///< FAKE_EVENTS that always wants to play on in fake_tune()
};

enum {
  FAKE_STEP_OPERATIONS = 5000,
  FAKE_LOOK = 300, ///< Its attention: half of it goes so many steps back, a quarter one step back
};

/// Make weights around a fake network; those of equal `seed` compose alike, and `seed` is their hash.
struct weights *fake_weights_new(enum fake_kind kind, uint64_t seed);
void fake_weights_free(struct weights *weights);

/// From now on none of its states are kept; it must be told everything again where it can't go back.
void fake_keep_nothing(struct weights *weights);

/// From now on only waymarks are kept, one of 48 states; from one that is 100 steps or more before it, another one is complete.
void fake_keep_waymarks_only(struct weights *weights);

/// Return event `number` of the parrot's tune, which has no end.
struct event fake_tune(uint32_t number);

/// Return how often the weights' network was reset and fed.
uint32_t fake_resets(const struct weights *weights);
uint32_t fake_feeds(const struct weights *weights);

/// Return how often it came back to a state that was kept.
uint32_t fake_restores(const struct weights *weights);

#endif // RITORNELLO_FAKE_NETWORK_H
