// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A network as the composer sees it, whatever is inside: it is fed what was decided, works in slices, offers choices, and
// says which notes the choices make.
//
//     network_feed(nothing, moment of the first onset)
//     for every step:
//       while network_work(budget) says NETWORK_WORKING: come back in the next slice
//       while it says NETWORK_CHOICE: network_choice() -> pick a class -> network_choose()
//       it says NETWORK_STEP: network_step() -> notes and the advance to the next onset
//       network_feed(that step, moment of the next onset)
//
// To replay a take, feed its steps without asking for choices: network_feed() may be called as soon as network_work() has
// said anything but NETWORK_WORKING. network_absorb() instead of network_work() says so sooner, because it leaves out what
// only choices need. What was fed may be taken back, some steps at least (network_rewind()).
//
// A network that carries on all that it was ever fed can keep its state now and then (network_keep()), and come back to it: the
// caller follows a take's steps with network_trace(), which costs next to nothing, and where that knows the state, network_restore()
// has it without any step being fed. Of times long past only waymarks are kept, now and then: states without what attention remembers.
// From one of them the steps are fed bare, which makes the memory again and costs a third, to another one, where the state is complete.
// States are kept under keys of the caller's, which tell all that was fed apart; so whatever has
// become of the take since, a state is found exactly where it is the right one.
//
// A network is immutable and may be shared; a state belongs to one composer.
// Kinds: `streaming` (network_streaming.h) and `windowed` (network_windowed.h). A new kind fills in `struct network_class`; nothing else needs to know it.

#ifndef RITORNELLO_NETWORK_H
#define RITORNELLO_NETWORK_H

#include "event.h"
#include "realtime.h"
#include "status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  STEP_NOTES = 16,         ///< Most notes in one step
  NETWORK_REWIND = 256,    ///< Steps that can always be taken back: over ten bars
  NETWORK_SLICE = 1 << 16, ///< Operations by which one piece of work that can't be cut may overrun
  NETWORK_LUGGAGE = 384,   ///< Bytes that a caller can have kept with a state
};

/// What one step of the network makes: notes that begin together at the present onset, then the way to the next.
struct step {
  struct event notes[STEP_NOTES]; ///< `advance` is 0 in all of them but the last, where it is the step's
  uint32_t count;                 ///< Notes; 0 for a rest
  uint16_t advance;               ///< Ticks to the next onset, or ADVANCE_END
};

struct token;

/// One choice: a softmax over `classes` logits, for `field` of the event in the making.
struct choice {
  enum field field;
  uint32_t classes;
  const float *logits;        ///< [classes], owned by the state, valid until the next call
  const struct event *event;  ///< The event in the making: fields before `field` are decided (not for FIELD_TOKEN)
  const struct token *tokens; ///< [classes] What the classes stand for (FIELD_TOKEN only), as struct vocabulary
};

enum network_progress {
  NETWORK_WORKING, ///< The budget is used up; call again
  NETWORK_CHOICE,  ///< A choice waits
  NETWORK_STEP,    ///< The step is complete
};

struct network;
struct network_state;

/// Where a state would be if it were fed what network_trace() is told.
struct network_trace {
  uint32_t events;     ///< Steps with notes that it would have been fed
  const void *waymark; ///< Luggage of the waymark at the last step, or NULL
  uint32_t run;        ///< How much is kept without a gap up to there
  uint64_t key;        ///< Of the last of that
  bool is_started;
};

/// What every kind of network implements. See the functions of the same names below.
struct network_class {
  const char *kind;
  size_t (*state_size)(const struct network *network);
  void (*reset)(const struct network *network, struct network_state *state) REALTIME;
  void (*feed)(const struct network *network,
               struct network_state *state,
               const struct step *step,
               const struct moment *next) REALTIME;
  enum network_progress (*work)(const struct network *network, struct network_state *state, uint32_t *operations)
      REALTIME;
  bool (*absorb)(const struct network *network, struct network_state *state, uint32_t *operations) REALTIME;
  void (*choice)(const struct network *network, const struct network_state *state, struct choice *choice) REALTIME;
  void (*choose)(const struct network *network, struct network_state *state, uint32_t chosen) REALTIME;
  void (*step)(const struct network *network, const struct network_state *state, struct step *step) REALTIME;
  uint32_t (*attention)(const struct network *network,
                        const struct network_state *state,
                        uint32_t first,
                        float *weights,
                        uint32_t capacity) REALTIME; ///< NULL: it does not look back
  bool (*rewind)(const struct network *network, struct network_state *state, uint32_t steps) REALTIME;
  void (*keep)(const struct network *network,
               struct network_state *state,
               uint64_t key,
               const void *luggage,
               size_t size,
               uint32_t *operations) REALTIME; ///< NULL: it keeps nothing, and need not define the next four
  void (*trace_begin)(const struct network *network,
                      const struct network_state *state,
                      bool is_new,
                      struct network_trace *trace) REALTIME;
  const void *(*trace)(const struct network *network,
                       const struct network_state *state,
                       struct network_trace *trace,
                       const struct step *step,
                       uint64_t key)REALTIME;
  void (*restore)(const struct network *network, struct network_state *state, uint64_t key, bool is_bare) REALTIME;
  void (*complete)(const struct network *network, struct network_state *state, uint64_t key) REALTIME;
  void (*free)(struct network *network);
};

/// The part that all kinds begin with.
struct network {
  const struct network_class *class_;
  uint32_t step_operations; ///< Operations of one step when the memory is full, for budgets and meters
  uint32_t reach;           ///< Steps with notes that must be fed bare before the memory is whole
  uint32_t style_count;     ///< Styles it knows: conditions.style may be 0 to style_count
  bool has_chords;          ///< Notes that begin together are one step; if not, each is one of its own
};

/// Make a state for `network`: one block, taken here, sized for good. Reset it before use. NULL without memory.
struct network_state *network_state_new(const struct network *network);
void network_state_free(struct network_state *state);

/// Forget everything: the state before a piece.
static inline void
network_reset(const struct network *const network, struct network_state *const state) REALTIME
{
  network->class_->reset(network, state);
}

/// Tell what was decided (`step`, NULL at the start of a piece) and where the next onset is. Does no work yet.
static inline void
network_feed(const struct network *const network,
             struct network_state *const state,
             const struct step *const step,
             const struct moment *const next) REALTIME
{
  network->class_->feed(network, state, step, next);
}

/// Work until a choice or step waits or `*operations` (counted down) are used up; overruns by NETWORK_SLICE at the most.
static inline enum network_progress
network_work(const struct network *const network, struct network_state *const state, uint32_t *const operations)
    REALTIME
{
  return network->class_->work(network, state, operations);
}

/// Work as network_work() does, but no further than until network_feed() may be called again; return whether it may.
/// network_work() goes on from there if the next choice is wanted after all.
static inline bool
network_absorb(const struct network *const network, struct network_state *const state, uint32_t *const operations)
    REALTIME
{
  return network->class_->absorb(network, state, operations);
}

/// Take back the last `steps` calls of network_feed(), at any time: the state is as if they had not been, and the next call
/// tells what comes instead (the start of a piece, if all are taken back). Until then there is no choice to be made. False if
/// that leads further back than is known, which is NETWORK_REWIND steps at least; then only network_reset() helps.
static inline bool
network_rewind(const struct network *const network, struct network_state *const state, const uint32_t steps) REALTIME
{
  return network->class_->rewind(network, state, steps);
}

/// Return whether the network keeps states: one that does not knows but a few of the last steps, or is a test's.
static inline bool
network_keeps(const struct network *const network) REALTIME
{
  return network->class_->keep ? true : false;
}

/// Keep the present state under `key`, if it is one of those that are kept (every sixteenth step or so), in place of the one
/// that was used longest ago, if there is no room; and with it `luggage` of `size` bytes, NETWORK_LUGGAGE at most: what the caller
/// will want to know when it comes back. Where network_feed() may be called, right after what it was fed has been absorbed.
/// Equal keys promise that equal steps and moments were fed since the reset. Counts `*operations` down.
static inline void
network_keep(const struct network *const network,
             struct network_state *const state,
             const uint64_t key,
             const void *const luggage,
             const size_t size,
             uint32_t *const operations) REALTIME
{
  if (network_keeps(network)) {
    network->class_->keep(network, state, key, luggage, size, operations);
  }
}

/// Begin `trace` at `state`, or, if it `is_new`, before anything is fed. Until it is over, `state` must not be touched.
static inline void
network_trace_begin(const struct network *const network,
                    const struct network_state *const state,
                    const bool is_new,
                    struct network_trace *const trace) REALTIME
{
  network->class_->trace_begin(network, state, is_new, trace);
}

/// Follow `step` (NULL at the start of a piece), as it would be fed, to the state that would have `key`. Return its luggage if
/// network_restore() can bring all of it, or NULL. If there is a waymark, the trace tells its luggage.
static inline const void *
network_trace(const struct network *const network,
              const struct network_state *const state,
              struct network_trace *const trace,
              const struct step *const step,
              const uint64_t key) REALTIME
{
  return network->class_->trace(network, state, trace, step, key);
}

/// Be the state of `key`, which network_trace() has found since anything was fed or kept: to the bit as if all had been fed.
/// Work goes on with network_absorb(). Nothing that was fed before can be taken back. If the state `is_bare`, it is a waymark:
/// then it can be fed, and no more, until network_complete().
static inline void
network_restore(const struct network *const network,
                struct network_state *const state,
                const uint64_t key,
                const bool is_bare) REALTIME
{
  network->class_->restore(network, state, key, is_bare);
}

/// Let a bare state, which has absorbed at least network->reach steps with notes, be whole. It has come to the waymark of `key`,
/// which the same trace has found.
static inline void
network_complete(const struct network *const network, struct network_state *const state, const uint64_t key) REALTIME
{
  network->class_->complete(network, state, key);
}

/// Describe the choice that waits.
static inline void
network_choice(const struct network *const network,
               const struct network_state *const state,
               struct choice *const choice) REALTIME
{
  network->class_->choice(network, state, choice);
}

/// Choose class `chosen` (below choice.classes) where a choice waits.
static inline void
network_choose(const struct network *const network, struct network_state *const state, const uint32_t chosen) REALTIME
{
  network->class_->choose(network, state, chosen);
}

/// Copy the completed step.
static inline void
network_step(const struct network *const network, const struct network_state *const state, struct step *const step)
    REALTIME
{
  network->class_->step(network, state, step);
}

/// Tell how the present step looks back, once a choice or the step waits: `weights[i]` becomes the share, 0 to 1, of the step
/// that was fed `first + i` feeds ago (0: the last one), the mean of all heads. Return how many were written, `capacity` at
/// most; fewer, or 0, where there are no earlier ones.
static inline uint32_t
network_attention(const struct network *const network,
                  const struct network_state *const state,
                  const uint32_t first,
                  float *const weights,
                  const uint32_t capacity) REALTIME
{
  return network->class_->attention ? network->class_->attention(network, state, first, weights, capacity) : 0;
}

#ifdef __cplusplus
}
#endif

#endif // RITORNELLO_NETWORK_H
