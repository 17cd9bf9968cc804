// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The section's inside, shared by its parts: section.c (what the network has been told), section_replay.c (feeding it steps of the
// take) and section_trace.c (finding a state that it has kept).

#ifndef RITORNELLO_SECTION_PRIVATE_H
#define RITORNELLO_SECTION_PRIVATE_H

#include "section.h"

/// What is kept with a state that has been fed what comes before a step: what is known of the step before that.
struct section_luggage {
  uint32_t known; ///< Steps up to there
  struct section_mark mark;
};

_Static_assert(sizeof(struct section_luggage) <= NETWORK_LUGGAGE, "it fits");

/// Count `*operations` down by `spent`, to 0 at the least.
static inline void
section_spend(uint32_t *const operations, const uint32_t spent) REALTIME
{
  *operations -= spent < *operations ? spent : *operations;
}

// section.c

/// Return the key of the state that is fed `step` (NULL: none) and the next moment, coming from the one of `key`.
uint64_t section_key_next(uint64_t key, const struct step *step, const struct moment *next) REALTIME;

/// Tell the network `step` (NULL: none), as nearly as it has words for it (what is played lies anywhere), and the next moment.
void section_tell(struct section *section, const struct step *step, const struct moment *next) REALTIME;

/// Nothing has been composed yet.
void section_forget_music(struct section *section) REALTIME;

/// Let the log know of `step`, which begins at `tick` of `bar`, once the music has been followed up to it.
void section_recollect(struct section *section, uint32_t bar, uint16_t tick, const struct step *step) REALTIME;

/// Follow the music by one step.
void section_follow(struct section *section, const struct step *step) REALTIME;

/// The mark of the last step that the network knows. There must be one.
struct section_mark *section_last_mark(struct section *section) REALTIME;

/// The network knows one step more, which begins at `bar` and `tick`: keep what is known after it.
void section_mark_step(struct section *section, uint32_t bar, uint16_t tick) REALTIME;

/// Keep the state, which knows all before the step that comes next, if it is one to keep.
void section_keep(struct section *section, uint32_t *operations) REALTIME;

// section_replay.c

/// Read the step that begins with note `first`; return its last note.
uint32_t section_step_read(struct take *take, uint32_t first, struct step *step) REALTIME;

/// Return the first note of the last step that the network knows, if it still is in the section; or TAKE_NONE.
uint32_t section_find_known(struct section *section, struct take *take) REALTIME;

/// Return the moment of the note to replay next, as it was composed, but in the metre that its bar has now.
struct moment section_replay_moment(const struct section *section, struct take *take) REALTIME;

/// Feed the last step (NULL: none) with that moment.
void section_replay_feed(struct section *section, struct take *take, const struct step *step) REALTIME;

/// Go to the step after the one that ends with note `last`. Return whether there is one, up to the tail.
bool section_replay_next(struct section *section, struct take *take, uint32_t last) REALTIME;

// section_trace.c

/// Trace the steps from the one to replay next on; if the network `is_new`, it knows nothing.
void section_trace_begin(struct section *section, struct take *take, bool is_new) REALTIME;

/// Go over one step, as section_replay() will if it has to.
void section_trace_step(struct section *section, struct take *take) REALTIME;

#endif // RITORNELLO_SECTION_PRIVATE_H
