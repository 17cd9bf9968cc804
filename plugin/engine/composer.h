// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The composer: keeps the take filled from the playhead up to the look-ahead, in slices of bounded work.
//
// It is told where the playhead is (composer_locate(), composer_move()) and given operations to spend (composer_work()); it
// composes from where the take's unbroken run of bars from the playhead ends. If the bar there follows composed music, that
// section goes on: unless the network is still there, it comes back to a state that it has kept, and is fed the steps from there on
// again (in slices; all of them if there is none). If not, a section
// begins at the playhead, or at the next beat if that is inside one, whose music depends on weights, controls, seed and its
// place alone. Music of other weights is never gone on with. Every random number is drawn by
// (seed, section, step in section, choice in step), so the same weights, seed, section starts and controls give the same
// notes however the work was cut.
//
// What the user plays comes in by composer_hold(), composer_play(), composer_let_go() and composer_pause() (composer_input.c).
// Notes that are played become notes of the take, at their places; the network is told them as if it had chosen them. Music
// that was composed ahead and has not sounded when they come is rolled back, step by step.
//
// The caller (the plugin, or `ritornello compose`) reads notes from the take; those before composer_ready() are final.
// All functions but create and free are for the audio thread.

#ifndef RITORNELLO_COMPOSER_H
#define RITORNELLO_COMPOSER_H

#include "attention_log.h"
#include "bar_set.h"
#include "constraints.h"
#include "event.h"
#include "realtime.h"
#include "sampler.h"
#include "status.h"
#include "take.h"
#include "weights.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A place in the song.
struct position {
  uint32_t bar;  ///< 0 is the song's first
  uint32_t tick; ///< In the bar
};

/// What the user asks for.
struct controls {
  struct sampling sampling;
  uint8_t style; ///< As in struct conditions; for the present weights
  uint8_t key;
  uint8_t density;
  uint8_t originality; ///< Longest quotation in notes that it may make (1 to 7 count as 8); 0 is off
  uint32_t seed;       ///< 0 to 2^24 - 1
  uint32_t loop_bars;  ///< Come back to the same so many bars; 0: go on
  bool ending;         ///< Pieces may end; the next one begins after a bar of rest
  uint32_t look_ahead; ///< Ticks beyond the playhead's beat that the take is filled to
  struct limits limits;
  float surprise; ///< Bits per note to steer to (mirostat.h) from the temperature on, unless that is 0; 0: off
  uint8_t recall; ///< As in struct conditions
};

/// X(field) for every control that music is composed under: each but the look-ahead.
#define LATCHED_CONTROLS(X)                                                                                            \
  X(sampling.temperature)                                                                                              \
  X(sampling.top_p)                                                                                                    \
  X(style)                                                                                                             \
  X(key)                                                                                                               \
  X(density)                                                                                                           \
  X(originality)                                                                                                       \
  X(seed)                                                                                                              \
  X(loop_bars)                                                                                                         \
  X(ending)                                                                                                            \
  X(limits.low)                                                                                                        \
  X(limits.high)                                                                                                       \
  X(limits.scale)                                                                                                      \
  X(limits.polyphony)                                                                                                  \
  X(limits.hands)                                                                                                      \
  X(surprise)                                                                                                          \
  X(recall)

/// What is played does this.
enum input_mode {
  INPUT_NONE,
  INPUT_CONTINUE,  ///< It is heard as music that the composer goes on with when the player pauses
  INPUT_FOLLOW,    ///< The notes held are the harmony
  INPUT_ACCOMPANY, ///< It is one hand; the other is composed to it
};

struct composer;

/// Make a composer with an empty take and no weights.
enum status composer_new(struct composer **composer, struct error *error);

/// Free the composer and its take, not its weights.
void composer_free(struct composer *composer);

/// Use `weights` (not NULL; the caller keeps them alive) from the playhead on, and return those used before, or NULL.
/// The bar of the playhead is kept as far as it is composed, unless the playhead is at its beginning; what lies after it is
/// composed anew, unless it is locked. Weights of the same hash go on where those before them were.
struct weights *composer_set_weights(struct composer *composer, struct weights *weights) REALTIME;

/// The controls are these from now on. They are latched per beat: for the music of a beat, those count that are present when
/// the playhead is the look-ahead before it. Music that was composed under others is composed anew from the first such beat
/// on, to the end of its section; music of beats whose controls are as they were stays.
void composer_set_controls(struct composer *composer, const struct controls *controls) REALTIME;

/// A block of a host begins at `position` that tells controls only at the beginning of its blocks, though they change inside:
/// where the next composer_set_controls() brings other ones, they are latched for all beats that came within the look-ahead since.
/// So a step of automation on a beat counts for that beat, wherever blocks begin.
void composer_begin_block(struct composer *composer, struct position position) REALTIME;

/// The playhead jumped to `position`, in a bar of `metre` (which also holds for new bars).
void composer_locate(struct composer *composer, struct position position, struct metre metre) REALTIME;

/// Time brought the playhead to `position`; `metre` as above. If the bar there was composed in another metre, it is composed
/// anew from `position`, and so are the bars after it until one in the present metre.
void composer_move(struct composer *composer, struct position position, struct metre metre) REALTIME;

/// The playhead will come to `position` before any control changes: latch the present ones for the beats which are the
/// look-ahead ahead of it by then. composer_move() does so for its own position; told in between, what is composed does not
/// depend on how often that is called.
void composer_reach(struct composer *composer, struct position position) REALTIME;

/// While locked, all bars that are composed stay as they are; empty ones are still composed.
void composer_lock(struct composer *composer, bool is_locked) REALTIME;

/// Lock the bars of this set, and no others.
void composer_lock_bars(struct composer *composer, const struct bar_set *bars) REALTIME;

/// Compose anew from the next bar line that is not locked, to the end of that section, with other random numbers.
void composer_regenerate(struct composer *composer) REALTIME;

/// Compose these bars anew, as far as they are not locked.
void composer_regenerate_bars(struct composer *composer, const struct bar_set *bars) REALTIME;

/// Bring back the music that was there before something was composed anew; TAKE_UNDO times at most. Locked bars stay. What
/// comes back stays too, whatever the controls are, until they change again. False if there is nothing to bring back.
bool composer_undo(struct composer *composer) REALTIME;

/// What is played from `place` on, where nothing has sounded yet, does `input`. In INPUT_ACCOMPANY it is `hand` that plays, the other is composed, and that no
/// more than a beat ahead. In INPUT_CONTINUE no section begins by itself: it is the player who begins.
void
composer_set_input(struct composer *composer, struct position place, enum input_mode input, enum hand hand) REALTIME;

/// From `place` on the harmony is `tones` (bit per pitch class, bit 0 for C; 0: none). What is composed keeps to it, and so
/// that it is heard from the very next onset on, what is composed from `place` on, where nothing has sounded yet, is composed
/// again: music of this pass always, and music of former times (take_undo() brings it back) if it was not composed under
/// these tones. The end of a harmony leaves music of former times as it is. `place` may lie further on; what was said of
/// places from there on is forgotten.
void composer_hold(struct composer *composer, struct position place, uint16_t tones) REALTIME;

/// A key went down. `place` is its onset on the grid, `next` the place from which on nothing has sounded yet: what is
/// composed from there on goes. Of `event`, hand, pitch and velocity count (any MIDI note: beyond a piano's keys, the nearest of
/// that name is taken). Composed notes end there (INPUT_CONTINUE). Return whether it entered the take: not without weights, in a
/// locked bar, in other inputs, or without room.
bool composer_play(struct composer *composer, struct position place, struct position next, const struct event *event)
    REALTIME;

/// The key of `pitch` that went down at `place`, `ticks` ago, is up.
void composer_let_go(struct composer *composer, struct position place, uint8_t pitch, uint32_t ticks) REALTIME;

/// Nothing is played any more since `place`. INPUT_CONTINUE: the composer goes on at the first bar line after half a bar, and at
/// least a beat, from there, unless something is played before.
void composer_pause(struct composer *composer, struct position place) REALTIME;

/// Return whether `note` of `bar` was played just now, so that it is not to sound (again).
bool
composer_has_heard(const struct composer *composer, const struct take_bar *bar, const struct take_note *note) REALTIME;

/// Compose until the take is filled to the look-ahead, and then prepare to go on where kept bars end, or until `operations` are
/// spent; return the operations spent (which may exceed them by NETWORK_SLICE). Does nothing without weights.
uint32_t composer_work(struct composer *composer, uint32_t operations) REALTIME;

/// Return the place before which the take from the playhead on is final: nothing will be added there. It is the next
/// onset, and lies behind the playhead where composing is late.
struct position composer_ready(const struct composer *composer) REALTIME;

/// Return whether the take is filled: to the look-ahead beyond the end of the playhead's beat. Where in the beat the playhead
/// is does not matter, so what is composed does not depend on how often it is told.
bool composer_is_filled(const struct composer *composer) REALTIME;

/// The take, for reading.
struct take *composer_take(struct composer *composer) REALTIME;

// For views (composer_views.c)

/// Return the ticks that are composed ahead.
uint32_t composer_look_ahead(const struct composer *composer) REALTIME;

/// Return whether bar `number` stays as it is.
bool composer_is_locked(const struct composer *composer, uint32_t number) REALTIME;

/// Return whether `bar`, which the take shows, holds music that will be composed anew when the playhead comes near, if the
/// controls stay as they are: it was composed under others, and neither lock nor undo keeps it. Music that the playhead has
/// come near to already, or has passed, is not stale.
bool composer_is_stale(const struct composer *composer, const struct take_bar *bar) REALTIME;

/// Return what is known of how `note` of bar `number` was composed, or NULL: it was long ago, or is not music of this composer.
const struct recollection *
composer_recollection(const struct composer *composer, uint32_t number, const struct take_note *note) REALTIME;

#ifdef __cplusplus
}
#endif

#endif // RITORNELLO_COMPOSER_H
