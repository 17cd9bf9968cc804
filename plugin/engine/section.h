// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A section in the making: the network together with what it has been told. A section is a stretch of bars that is one
// piece to the network; its music depends on weights, controls, seed and the place where it begins.
//
// The network's state always stands right after one of the take's steps, the one that ends with note `tail`, or before the
// first. section_resume() gets it there: at once if it is there already, otherwise by feeding steps of the take in slices: from
// where it stands if that is on the way, or can be got to by taking steps back, else from the section's first bar that the
// take still has. Before it does, it traces those steps, which is quick: it goes over the take, and where the network has kept a
// state that just these steps lead to (network_keep()), they need not be fed. Then the composer feeds the moment of the next onset,
// answers the choices, writes the step's notes into the take, and tells it with section_extend(). If steps that it has been told
// are not wanted any more, section_retreat() takes them back one by one.
//
// States are kept under a hash of all steps and moments that led there, as the take has them. So nothing that becomes of the take
// makes a kept state a wrong one: what was changed has another hash, and what comes back is found again.

#ifndef RITORNELLO_SECTION_H
#define RITORNELLO_SECTION_H

#include "attention_log.h"
#include "constraints.h"
#include "network.h"
#include "quotation.h"
#include "realtime.h"
#include "take.h"
#include "weights.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum section_phase {
  SECTION_LOST,      ///< The state belongs to nothing in the take
  SECTION_SEEKING,   ///< Going back for the bar to replay from
  SECTION_TRACING,   ///< Going over the steps to feed, for a state that was kept
  SECTION_REPLAYING, ///< Feeding the take's steps
  SECTION_WAITING,   ///< Right after `tail`: the next onset's moment is wanted
  SECTION_COMPOSING, ///< The next step, at `moment`, is in the making
};

/// What was known right after a step.
struct section_mark {
  uint32_t bar; ///< Where the step's notes begin
  uint16_t tick;
  uint16_t place; ///< Steps that begin there before it (networks without chords have some)
  int16_t steering;
  uint64_t key; ///< Of the network's state, which has been fed what comes before the step
  struct chord chord;
  struct quotation_guard guard;
};

enum { SECTION_MARKS = NETWORK_REWIND + 1 }; ///< As many as can be taken back, and the one before

/// A state that was found: it is about to be told a step.
struct section_find {
  const void *luggage; ///< NULL: none was found
  uint64_t key;
  uint32_t traced; ///< Steps gone over before it
  uint32_t events; ///< As in struct network_trace
  uint32_t bar;    ///< Of the step
  uint32_t note;   ///< The first of it
};

enum { SECTION_WAYMARKS = 8 }; ///< So many reach back further than any memory

/// Where the tracing of steps began, and what it has found.
struct section_trace {
  struct network_trace network;
  bool is_new;        ///< It began with the section's first step
  uint32_t first_bar; ///< and there
  uint32_t first_note;
  uint64_t first_key;
  uint32_t traced;                                ///< Steps gone over
  struct section_find whole;                      ///< The last state
  struct section_find waymarks[SECTION_WAYMARKS]; ///< The last ones
  uint32_t waymark_count;                         ///< Of all
};

struct section {
  struct weights *weights;           ///< Not NULL from SECTION_SEEKING on
  struct attention_log *recollected; ///< Told where every step is that the network is fed; its owner sets it
  enum section_phase phase;
  uint32_t bar;   ///< Where the section begins
  uint16_t entry; ///< Tick in that bar
  uint32_t salt;  ///< As in struct take_bar, of the present bar

  uint32_t tail_bar;
  uint32_t tail;                ///< Last note of the last step, or TAKE_NONE before the first
  uint32_t steps;               ///< Steps up to there: the number of the next
  struct step last;             ///< That last step, not yet fed (SECTION_WAITING) or fed (SECTION_COMPOSING)
  struct chord chord;           ///< What stands at the next onset
  struct quotation_guard guard; ///< How far the music up to there is the training music's
  struct moment moment;         ///< As fed for the step in the making (SECTION_COMPOSING)
  uint32_t choices;             ///< Choices made in that step
  float bits;                   ///< Their surprise
  int16_t steering;             ///< Level of the surprise control (mirostat.h) after the last step

  uint32_t replay_bar; ///< Next step to replay or trace, or the bar that the search has reached
  uint32_t replay_note;
  uint32_t patience; ///< Steps that are rather fed than left out
  struct section_trace trace;
  uint64_t key; ///< Of the network's state, or of that which the trace has come to: what it was fed since it was reset

  bool is_adrift;    ///< `tail` and `steps` are not known since a retreat; section_resume() will tell
  bool is_whole;     ///< The network knows the section from its beginning on
  bool is_bare;      ///< The network is fed bare (network_restore()), up to
  uint64_t bare_key; ///< the state of this key
  uint32_t known;    ///< Steps it knows: as many as were told since it was reset, less what was taken back
  struct section_mark marks[SECTION_MARKS]; ///< Of them, counted from 1; the latest that were told
};

/// Run with `weights` from now on; nothing is known of any section.
void section_set_weights(struct section *section, struct weights *weights) REALTIME;

/// The take has changed under the section: forget where it stands.
void section_lose(struct section *section) REALTIME;

/// The music from `bar` and `tick` on is not wanted any more, or other music comes there: be where section_resume() for the
/// last note before it has nothing to do, or section_begin() if there is none. If that lies too far back, or the section is
/// being replayed, it is lost.
void section_retreat(struct section *section, uint32_t bar, uint32_t tick) REALTIME;

/// Begin a new section at `bar` and `tick`, unless it has begun there just now.
void section_begin(struct section *section, uint32_t bar, uint16_t tick) REALTIME;

/// Be, now or after section_replay(), right after note `tail` of bar `tail_bar` in `take`. Where a state was kept that spares it
/// `patience` steps or more, come back to that: which is quick, but only what is told since can be taken back.
void section_resume(struct section *section, struct take *take, uint32_t tail_bar, uint32_t tail, uint32_t patience)
    REALTIME;

/// Return whether section_replay() has something to do.
static inline bool
section_is_on_its_way(const struct section *const section) REALTIME
{
  return section->phase > SECTION_LOST && section->phase < SECTION_WAITING;
}

/// Go on until SECTION_WAITING (or SECTION_LOST) is reached; counts `*operations` down.
void section_replay(struct section *section, struct take *take, uint32_t *operations) REALTIME;

/// In SECTION_WAITING: tell the network the last step and the next onset's moment.
void section_feed(struct section *section, const struct moment *moment) REALTIME;

/// In SECTION_COMPOSING: the completed step now stands in the take and ends with note `tail` of the moment's bar. `step` is
/// as written. Counts `*operations` down.
void section_extend(struct section *section, const struct step *step, uint32_t tail, uint32_t *operations) REALTIME;

/// Return whether bars `a` and `b` belong to one section of one network.
static inline bool
section_has_both(const struct take_bar *const a, const struct take_bar *const b) REALTIME
{
  return a->section == b->section && a->entry == b->entry && a->weights == b->weights;
}

#ifdef __cplusplus
}
#endif

#endif // RITORNELLO_SECTION_H
