// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The composer's inside, shared by its parts: composer.c (what the caller says), composer_frontier.c (where to compose),
// composer_step.c (composing) and composer_bars.c (the take's bars).
//
// The frontier is the place up to which everything is final. It goes over bars that the take has; where they end, it is
// settled what comes there: the section that leads to it goes on, or a new one begins (section.h).

#ifndef RITORNELLO_COMPOSER_PRIVATE_H
#define RITORNELLO_COMPOSER_PRIVATE_H

#include "composer.h"
#include "constraints.h"
#include "realtime.h"
#include "sampler.h"
#include "section.h"
#include "take.h"

#include <stdbool.h>
#include <stdint.h>

/// Beyond every bar.
enum { NOTHING_STALE = INT32_MAX };

struct composer {
  struct take *take;
  struct weights *weights; // NULL: none yet
  struct controls controls;
  struct position playhead;
  struct metre metre; // At the playhead, and of bars not yet composed

  struct position frontier; // Everything from the playhead to here is final
  bool is_settled;          // The section knows that it goes on (or begins) at the frontier
  bool is_arriving;         // The frontier has come to a bar of the take by composing, not by going over kept bars
  struct section section;

  uint32_t stale_from; // Bars from here on that other weights composed are to be dropped
  uint32_t sweep;      // Next slot to look at for them

  uint8_t allowed[SAMPLER_CLASSES];
  struct sampler sampler;
};

// composer_bars.c

/// Return the metre and length of bar `number`, as it is in the take, or else as a new one will be.
struct metre composer_metre_at(const struct composer *composer, uint32_t number) REALTIME;
uint32_t composer_bar_ticks(const struct composer *composer, uint32_t number) REALTIME;

/// Return bar `number`, made a bar of the present section if it was not there; NULL if there is no room.
struct take_bar *composer_open_bar(struct composer *composer, uint32_t number) REALTIME;

/// Return bar `number` of the take, or NULL if it is not there or had to go.
struct take_bar *composer_kept_bar(struct composer *composer, uint32_t number) REALTIME;

/// Forget bar `number`, whose music is not wanted any more.
void composer_drop_bar(struct composer *composer, uint32_t number) REALTIME;

/// Look for stale bars all over the take, some slots at a time; counts `*operations` down.
void composer_sweep(struct composer *composer, uint32_t *operations) REALTIME;

/// Let the oldest bars leave until there is room for any step. What lies between playhead and frontier stays. Return
/// whether there is room now.
bool composer_make_room(struct composer *composer) REALTIME;

// composer_frontier.c

/// Settle what is composed at the frontier, unless the take is filled: let it pass kept bars, then let a section go on or
/// begin.
void composer_settle(struct composer *composer) REALTIME;

/// Let the frontier be settled again, from the beginning of its bar, unless a section begins inside it.
void composer_unsettle(struct composer *composer) REALTIME;

/// Go from the section's tail to the next onset; bars that lie between are complete. The frontier is there, or at a bar of
/// other music on the way, which ends this section.
void composer_advance(struct composer *composer) REALTIME;

// composer_step.c

/// Tell the network the moment at the frontier.
void composer_feed(struct composer *composer) REALTIME;

/// Go on with the step in the making; counts `*operations` down.
void composer_compose(struct composer *composer, uint32_t *operations) REALTIME;

#endif // RITORNELLO_COMPOSER_PRIVATE_H
