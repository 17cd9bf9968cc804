// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The composer's inside, shared by its parts: composer.c (what the caller says), composer_frontier.c (where to compose),
// composer_step.c (composing), composer_bars.c (the take's bars), composer_latch.c (controls), composer_take.c (music that
// stays, goes and comes back), composer_input.c (what is played) and composer_played.c (how it enters the take).
//
// The frontier is the place up to which everything is final. It goes over bars that the take has; where they end, it is
// settled what comes there: the section that leads to it goes on, or a new one begins (section.h).

#ifndef RITORNELLO_COMPOSER_PRIVATE_H
#define RITORNELLO_COMPOSER_PRIVATE_H

#include "composer.h"
#include "constraints.h"
#include "latches.h"
#include "realtime.h"
#include "sampler.h"
#include "section.h"
#include "take.h"

#include <stdbool.h>
#include <stdint.h>

enum { PLAN_CHANGES = 128 };

/// Steps that section_resume() rather feeds than leaves out: few where music is waited for, and where there is time as many
/// as can be taken back.
enum { PATIENCE_NONE = 8, PATIENCE_LONG = NETWORK_REWIND };

/// From a beat on, up to the next of these: the controls settled for composing.
struct plan {
  struct position from;
  uint16_t number; ///< As in latches.h
};

/// A stretch that is to be composed anew, of which not all has been looked over.
struct fork {
  bool is_open;
  uint32_t next; // Bar
  uint32_t version;
  uint32_t salt;
  struct take_bar section; // A bar of the section that it ends with
};

/// Where kept bars end.
struct outlook {
  uint32_t changes;  ///< take_changes() when it was begun
  uint32_t from;     ///< Bars from here on
  uint32_t end;      ///< up to before this one are there and complete
  bool is_exploring; ///< The network is being told them all,
  bool is_explored;  ///< or has been
};

enum { HARMONY_CHANGES = 64 };

/// From a place on, up to the next of these: the harmony held.
struct hold {
  struct position from;
  uint16_t tones;
};

/// What is known of the player.
struct player_input {
  enum input_mode input;
  uint8_t hand;    ///< enum hand, that plays (INPUT_ACCOMPANY)
  bool is_playing; ///< INPUT_CONTINUE: something has been played since the last pause
  bool is_idle;    ///< INPUT_CONTINUE: there is nothing to go on with
  bool is_open;    ///< The last step at `open` was played; the network is still to say what comes after
  struct position open;
  uint32_t hold_count;                ///< At least 1
  struct hold holds[HARMONY_CHANGES]; ///< The latest
};

struct composer {
  struct take *take;
  struct weights *weights; // NULL: none yet
  struct controls controls;
  struct position playhead;
  struct metre metre;        // At the playhead, and of bars not yet composed
  bool has_reached;          // The playhead has moved since the last locate, and was told to come
  struct position reached;   // to here
  unsigned block_count;      // Controls are read at the beginning of blocks only; the last two, if so many,
  struct position blocks[2]; // began here, the older one first

  struct position frontier; // Everything from the playhead to here is final
  bool is_settled;          // The section knows that it goes on (or begins) at the frontier
  bool is_arriving;         // The frontier has come to a bar of the take by composing, not by going over kept bars
  struct section section;
  struct outlook outlook; // From the frontier, while that is in kept bars

  struct latches *latches;
  uint16_t present; // The number of `controls`
  uint16_t latched; // Of the step in the making
  struct plan plan[PLAN_CHANGES];
  uint32_t plan_count;    // At least 1
  struct position cursor; // The next beat to latch controls for
  bool is_standing;       // The playhead has not moved since the last locate
  bool has_stood;         // And something was composed since, from here on:
  struct position stood_from;
  uint32_t stood_until; // Up to this bar, where it came to older music

  bool has_take;      // Something of the take has been heard, or it was given
  bool has_lost_bars; // Bars that are shown have left for want of room
  bool is_locked;
  struct bar_set locked;
  uint32_t salt; // The last one used
  struct fork fork;

  struct player_input player;
  uint32_t pass;    // Counts landings: bars that were opened since have this number
  uint16_t harmony; // Of the step in the making

  float biased[SAMPLER_CLASSES]; // Logits under a key
  uint8_t allowed[SAMPLER_CLASSES];
  struct sampler sampler;
};

static inline bool
position_is_before(const struct position a, const struct position b) REALTIME
{
  return a.bar < b.bar || (a.bar == b.bar && a.tick < b.tick);
}

/// Return the controls that the step in the making is composed under.
static inline const struct controls *
composer_controls(const struct composer *const composer) REALTIME
{
  return latches_get(composer->latches, composer->latched);
}

// composer_bars.c

/// Return the metre and length of bar `number`, as it is in the take, or else as a new one will be.
struct metre composer_metre_at(const struct composer *composer, uint32_t number) REALTIME;
uint32_t composer_bar_ticks(const struct composer *composer, uint32_t number) REALTIME;

/// Return bar `number`, made a bar of the present section if it was not there; NULL if there is no room.
struct take_bar *composer_open_bar(struct composer *composer, uint32_t number) REALTIME;

/// Return bar `before->number` + 1, complete, as the one that follows `before` in its section; NULL if there is no room.
struct take_bar *composer_open_after(struct composer *composer, const struct take_bar *before) REALTIME;

/// Forget bar `number`, whose music is not wanted any more.
void composer_drop_bar(struct composer *composer, uint32_t number) REALTIME;

/// Let the oldest bars leave until there is room for any step, and for `notes` notes. What lies between playhead and frontier stays. Return
/// whether there is room now.
bool composer_make_room(struct composer *composer, uint32_t notes) REALTIME;

// composer_frontier.c

/// Settle what is composed at the frontier, unless the take is filled: let it pass kept bars, then let a section go on or
/// begin.
void composer_settle(struct composer *composer) REALTIME;

/// Let the frontier be settled again, from the beginning of its bar, unless a section begins inside it.
void composer_unsettle(struct composer *composer) REALTIME;

/// Go from the section's tail to the next onset; bars that lie between are complete. The frontier is there, or at a bar of
/// other music on the way, which ends this section.
void composer_advance(struct composer *composer) REALTIME;

/// With time to spare while kept bars are played: feed the network their section, which takes long if there is much of it. It
/// stands where the bars end, if that is near, or else goes along with the cursor: so wherever music is composed anew, because a
/// control has changed or a key is played, the way there is short. Counts `*operations` down.
void composer_prepare(struct composer *composer, uint32_t *operations) REALTIME;

// composer_latch.c

/// The playhead has come to its place by a locate.
void composer_land(struct composer *composer) REALTIME;

/// It has moved on.
void composer_leave(struct composer *composer) REALTIME;

/// Composing begins at the frontier.
void composer_stand(struct composer *composer) REALTIME;

/// Say what has been composed since the last locate while the playhead has not moved: bars shown from `from` up to before `end`,
/// which is 0 if there are none.
void composer_unheard(const struct composer *composer, struct position *from, uint32_t *end) REALTIME;

/// The playhead is in another metre than it was: latch the present controls for its next beats, as many as the look-ahead has
/// now.
void composer_latch_anew(struct composer *composer) REALTIME;

/// Return the number of the controls for music at `place`.
uint16_t composer_planned(const struct composer *composer, struct position place) REALTIME;

// composer_loop.c

/// Return the complete bar that comes back as bar `number`, or NULL if that one is to be composed.
const struct take_bar *composer_loop_source(struct composer *composer, uint32_t number) REALTIME;

/// Let a bar come back at the frontier, if one does and there is room.
bool composer_loop(struct composer *composer) REALTIME;

// composer_take.c

/// Compose anew from `beat` on, which stands in the take.
void composer_diverge(struct composer *composer, struct position beat) REALTIME;

/// Forget all bars from `number` on that are not locked; undo brings them back.
void composer_drop_from(struct composer *composer, uint32_t number) REALTIME;

/// Go on with what was too much for one slice; counts `*operations` down.
void composer_tidy(struct composer *composer, uint32_t *operations) REALTIME;

// composer_input.c

/// Return whether nothing is to be composed, because the player plays or has not begun to.
bool composer_listens(const struct composer *composer) REALTIME;

/// Return the harmony held at `place`.
uint16_t composer_harmony(const struct composer *composer, struct position place) REALTIME;

/// Return what may sound in the step in the making: the controls' limits, narrowed by what is played.
struct limits composer_limits(const struct composer *composer) REALTIME;

/// Return the style that `controls` ask for, or 0 (free) if the weights have none of that number.
static inline uint8_t
composer_style(const struct composer *const composer, const struct controls *const controls) REALTIME
{
  return controls->style <= composer->weights->network->style_count ? controls->style : 0;
}

/// Return how many ticks beyond the playhead are to be composed.
uint32_t composer_reach_ticks(const struct composer *composer) REALTIME;

/// Return the first note of `bar` that the present harmony does not let stand as bar `number`, or TAKE_NONE.
uint32_t composer_find_foreign(const struct composer *composer, const struct take_bar *bar, uint32_t number) REALTIME;

/// The playhead has jumped: the harmony held last is held from there on, and no other.
void composer_hold_on(struct composer *composer) REALTIME;

/// The playhead has moved: while nothing is composed, the frontier goes with it.
void composer_listen_on(struct composer *composer) REALTIME;

/// Nothing will be played before the tick at `place` is over: while nothing is composed, what is there up to it is final.
void composer_listen_until(struct composer *composer, struct position place) REALTIME;

/// What is composed from `place` on and has not sounded goes.
void composer_roll_back(struct composer *composer, struct position place) REALTIME;

// composer_played.c

/// Write a played note into the take at `place`, from which on nothing is composed but what has sounded. Its way on is `advance`
/// until something comes after it. False if there is no room.
bool
composer_enter(struct composer *composer, struct position place, const struct event *event, uint32_t advance) REALTIME;

/// Be where the step that is open in `bar` can be decided. Return whether there is one.
bool composer_go_to_open(struct composer *composer, const struct take_bar *bar) REALTIME;

/// Return whether the step in the making is the open one.
bool composer_is_open(const struct composer *composer) REALTIME;

/// Leave open of a choice for the open step what makes the notes that it has.
void composer_allow_open(struct composer *composer, const struct choice *choice) REALTIME;

/// The network has decided what the open step lacks; `step` is what it made of it. Counts `*operations` down.
void composer_close(struct composer *composer, const struct step *step, uint32_t *operations) REALTIME;

// composer_step.c

/// Return what the network is asked for under controls number `latched` in bars of `metre`.
struct conditions composer_conditions(const struct composer *composer, uint16_t latched, struct metre metre) REALTIME;

/// Tell the network the moment at the frontier.
void composer_feed(struct composer *composer) REALTIME;

/// Go on with the step in the making; counts `*operations` down.
void composer_compose(struct composer *composer, uint32_t *operations) REALTIME;

#endif // RITORNELLO_COMPOSER_PRIVATE_H
