// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The take: the notes composed so far, keyed by (bar, tick in bar), each bar remembering its metre. All memory is taken at
// creation: a table of bars (open addressing by bar number, for bars may be far apart) and a pool of notes, chained per bar
// in order of onset. What is composed anew is a new version of its bars; the old ones stay for take_undo(). Reading and writing are for the audio thread; one thread at a time.

#ifndef RITORNELLO_TAKE_H
#define RITORNELLO_TAKE_H

#include "event.h"
#include "realtime.h"
#include "take_view.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
#if defined(RITORNELLO_FUZZ) // Quickly made and quickly full
  TAKE_BARS = 96,
  TAKE_NOTES = 2048,
#else
  TAKE_BARS = 16384,   ///< Bars a take has room for: over 4 hours at 120 bpm in 2/4
  TAKE_NOTES = 524288, ///< Notes a take has room for
#endif
  TAKE_UNDO = 8, ///< Views of before that it keeps
};

/// No note.
#define TAKE_NONE UINT32_MAX

/// Where a note comes from.
enum take_origin {
  TAKE_COMPOSED,
  TAKE_PLAYED, ///< By the user, on MIDI input
  TAKE_COPIED, ///< Played, too, but this is a bar that came back
};

struct take_note {
  struct event event; ///< As the network chose it, or was told; event.advance is the way to the next onset
  uint16_t length; ///< Ticks it lasts if nothing cuts it: event.duration, or what the caller has set (a key was let go)
  uint16_t sounding; ///< Ticks it sounds: its length, cut short where the same pitch begins again; 0: doubled
  uint16_t tick;     ///< Onset in its bar
  uint8_t rest;      ///< Not a note but a step without notes (its event.advance alone counts)
  uint8_t joined;    ///< In one step with the note before it (the caller sets it)
  struct conditions conditions; ///< What it was composed under (the caller sets it)
  uint8_t origin;               ///< enum take_origin (the caller sets it)
  int16_t steering;             ///< Level of the surprise control (mirostat.h) after it (the caller sets it)
  uint16_t latched;             ///< And under which controls (the caller sets it; latches.h)
  uint16_t harmony; ///< And in which held harmony: bit per pitch class, C first; 0: none (the caller sets it)
  uint32_t next;    ///< Index of the next note of the bar, or TAKE_NONE
};

struct take_bar {
  uint32_t number;  ///< Bar of the song; 0 is the first
  uint32_t version; ///< The take's own
  uint64_t age;     ///< The take's own: rises from the oldest bar to the newest
  struct metre metre;
  uint32_t section;  ///< Bar at which its section began
  uint16_t entry;    ///< Tick in the section's first bar at which the section began
  bool complete;     ///< Composed to its end
  bool ends;         ///< A piece ends here: nothing goes on from this bar (the caller sets it)
  uint32_t step;     ///< Steps of its section before this bar
  uint32_t salt;     ///< What its random numbers differ by from those of a bar never regenerated; 0: nothing
  uint32_t accepted; ///< If not the view's: undo brought it back, and it stays whatever the controls are now
  uint32_t pass;     ///< When it was opened, as the caller counts that (the caller sets it)
  uint64_t weights;  ///< Hash of the weights that composed it
  uint32_t first;    ///< Index of the first note, or TAKE_NONE
  uint32_t last;
  uint32_t count; ///< Notes and rests in the chain
};

struct take;

/// Make an empty take with room for `bars` bars and `notes` notes. NULL without memory.
struct take *take_new(uint32_t bars, uint32_t notes);
void take_free(struct take *take);

/// Forget all bars.
void take_clear(struct take *take) REALTIME;

/// Return bar `number`, or NULL if nothing of it has been composed.
struct take_bar *take_bar(struct take *take, uint32_t number) REALTIME;

/// Return bar `number`, made empty (and the newest bar) if it was not there; NULL if there is no room. The caller fills in
/// section, entry, step, salt, weights and complete.
struct take_bar *take_open_bar(struct take *take, uint32_t number, struct metre metre) REALTIME;

/// Forget bar `number` and its notes.
void take_remove_bar(struct take *take, uint32_t number) REALTIME;

/// Forget `bar`, whether it is of the present version or not.
void take_remove(struct take *take, const struct take_bar *bar) REALTIME;

/// Forget all notes of bar `number` at or after `tick`; the bar is no longer complete, nor does it end.
void take_cut_bar(struct take *take, uint32_t number, uint32_t tick) REALTIME;

/// The same, but keep what was played. What the advances of notes before those lead to is for the caller to set.
void take_cut_composed(struct take *take, uint32_t number, uint32_t tick) REALTIME;

/// Append a note to the end of an open bar; onsets never go back. A note of the same pitch that still sounds is cut to end
/// at this onset, in this bar and in those before. Returns the note's index, or TAKE_NONE if there is no room.
uint32_t take_append(struct take *take, uint32_t bar, uint16_t tick, const struct event *event, bool rest) REALTIME;

/// Append a copy of `note` of another bar, with all that the caller has set. As take_append().
uint32_t take_append_copy(struct take *take, uint32_t bar, const struct take_note *note) REALTIME;

/// Insert a note where its onset and pitch are in order, wherever that is in an open bar; ends of notes are found again. It
/// takes the place of a rest that stands there. The advances are the caller's to set. Returns the note's index, or TAKE_NONE if there is no room.
uint32_t take_insert(struct take *take, uint32_t bar, uint16_t tick, const struct event *event) REALTIME;

/// Let all notes that were composed before `tick` of bar `number` and sound there end there.
void take_hush(struct take *take, uint32_t number, uint32_t tick) REALTIME;

/// Tell that the music before bar `number` now runs on into that bar, which was there before: notes that still sound are
/// cut where their pitch begins again from that bar on. Also after lengths of notes before it have been set.
void take_join(struct take *take, uint32_t number) REALTIME;

/// Return the note at `index` (from a bar's `first` or a note's `next`).
struct take_note *take_note(struct take *take, uint32_t index) REALTIME;

/// Return whether there is room for that many more bars and notes.
bool take_has_room(const struct take *take, uint32_t bars, uint32_t notes) REALTIME;

/// Return the bar that was opened (or refreshed) first of all that are there, of any version; NULL in an empty take.
struct take_bar *take_oldest_bar(struct take *take) REALTIME;

/// Make bar `number` the newest, as if it had been opened now.
void take_refresh_bar(struct take *take, uint32_t number) REALTIME;

/// Return the bar in `slot` (below the `bars` of take_new()), or NULL if it is empty: a way through all bars of all
/// versions, in no order.
struct take_bar *take_slot(struct take *take, uint32_t slot) REALTIME;
uint32_t take_slot_count(const struct take *take) REALTIME;

/// Return a number that is another one whenever bars or notes have gone or other versions are shown.
uint32_t take_changes(const struct take *take) REALTIME;

/// Let `take`, of which nothing has been told yet, come after `before`: what take_changes() tells of it is new.
void take_succeed(struct take *take, const struct take *before) REALTIME;

/// Return how many bars and notes the take holds, with those that undo keeps.
uint32_t take_bar_count(const struct take *take) REALTIME;
uint32_t take_note_count(const struct take *take) REALTIME;

// Watching (take_image.c): whoever copies a take some bars at a time hears which ones have changed meanwhile

/// Begin to note which bars change, or end it. Of no bar is noted that it has changed.
void take_watch(struct take *take, bool is_watched) REALTIME;

/// Tell that the caller has changed `bar` or its notes. What is changed by functions here, and what is changed of a bar in the
/// same block as a note is appended to it, need not be told.
void take_touch(struct take *take, const struct take_bar *bar) REALTIME;

// Versions (take_history.c)

/// Remember the present view for take_undo(); if there are too many, the oldest is forgotten.
void take_remember(struct take *take) REALTIME;

/// Return a version that no bar is of.
uint32_t take_new_version(struct take *take) REALTIME;

/// Let bars `first` to `end - 1` (UINT32_MAX: all from `first` on) be of `version`, to be composed anew with `salt`; but of
/// bar `first`, keep what stands before `tick`. There must be room for that.
void
take_fork(struct take *take, uint32_t first, uint32_t tick, uint32_t end, uint32_t version, uint32_t salt) REALTIME;

/// Go back to the view that was remembered last. False if there is none.
bool take_undo(struct take *take) REALTIME;

/// Return how often take_undo() can go back.
uint32_t take_undo_count(const struct take *take) REALTIME;

/// The view, to keep some of it over take_undo(), and the way back. Music that meets at new borders is joined.
void take_view(const struct take *take, struct view *view) REALTIME;
void take_set_view(struct take *take, const struct view *view) REALTIME;

/// Return the view's range that bar `number` is in.
const struct view_range *take_range(const struct take *take, uint32_t number) REALTIME;

/// Return whether `bar` is of the present version.
bool take_shows(const struct take *take, const struct take_bar *bar) REALTIME;

/// Forget some of the bars that no view shows any more, looking at `slots` slots. Return whether there may be more.
bool take_collect(struct take *take, uint32_t slots) REALTIME;

#ifdef __cplusplus
}
#endif

#endif // RITORNELLO_TAKE_H
