// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What the window knows of the music: bars with their notes, where the playhead is, how composing goes. It is fed with what
// the plugin sends (plugin/window_messages.h) and trusts none of it: what is out of range is left out, and a message that
// makes no sense changes nothing. No drawing, no LV2 ports here: views look at it, and learn from revisions what changed.

#ifndef RITORNELLO_ROLL_MODEL_H
#define RITORNELLO_ROLL_MODEL_H

#include "window_messages.h"

#include <lv2/atom/atom.h>
#include <lv2/urid/urid.h>

#include <stdbool.h>
#include <stdint.h>

enum {
  ROLL_TICKS_PER_QUARTER = 24,
  ROLL_PITCH_LOWEST = 21,   ///< A0, the piano's lowest key
  ROLL_PITCH_HIGHEST = 108, ///< C8
};

struct roll_metre {
  uint8_t numerator;   ///< 1 to 32
  uint8_t denominator; ///< A power of two, 1 to 32
};

/// Where a note looked back to when it was composed.
struct roll_glance {
  int32_t bar;
  uint16_t tick;
  uint8_t pitch;
  uint8_t share; ///< Of all its looking, in 1/255
};

struct roll_note {
  uint16_t tick;     ///< Onset in its bar
  uint16_t sounding; ///< Ticks, at least 1
  uint8_t pitch;     ///< ROLL_PITCH_LOWEST to ROLL_PITCH_HIGHEST
  uint8_t velocity;  ///< 1 to 127
  bool is_left;      ///< Hand
  bool is_played;    ///< By the user, not composed
  uint8_t glance_count;
  uint16_t quotation; ///< Notes up to this one that may stand in the training music; WINDOW_UNKNOWN: not known
  struct roll_glance glances[WINDOW_GLANCES];
};

struct roll_bar {
  int32_t number;
  unsigned flags; ///< BAR_IS_...
  struct roll_metre metre;
  int32_t section;         ///< Bar at which its section began
  uint32_t count;          ///< Notes
  uint32_t room;           ///< For so many is there memory
  struct roll_note *notes; ///< [count], by onset
  uint32_t revision;       ///< Another one whenever anything above changes; never 0
};

/// See MOMENT_... in window_messages.h.
struct roll_moment {
  int32_t bar;
  double tick;             ///< In the bar
  double ticks_per_second; ///< 0: stands still
  struct roll_metre metre;
  int32_t ready_bar;
  int32_t ready_tick;
  unsigned flags; ///< MOMENT_IS_...
  uint32_t undo;
  uint32_t look_ahead; ///< Ticks
  uint8_t rate;
  uint8_t originality;
};

struct roll_model;

/// Make an empty model that reads atoms of `map`. NULL without memory.
struct roll_model *roll_model_new(LV2_URID_Map *map);
void roll_model_free(struct roll_model *model);

/// Take in `atom`, which came out of the port `notify`; `atom->size` bytes follow it in memory. Return whether it was one of
/// the messages of window_messages.h, good or bad: others are for somebody else.
bool roll_model_read(struct roll_model *model, const LV2_Atom *atom);

/// Return bar `number` (0: the song's first), or NULL if nothing is known of it or nothing is composed there. Valid until the
/// next message.
const struct roll_bar *roll_model_bar(const struct roll_model *model, int32_t number);

/// Return its revision; 0 for a bar that is not there.
uint32_t roll_model_bar_revision(const struct roll_model *model, int32_t number);

/// Return its metre, or the present one where nothing is known of the bar.
struct roll_metre roll_model_metre(const struct roll_model *model, int32_t number);

/// Return the ticks of a bar and of a beat.
uint32_t roll_bar_ticks(struct roll_metre metre);
uint32_t roll_beat_ticks(struct roll_metre metre);

/// What was told last of the playhead; before anything was, the song's beginning in 4/4.
const struct roll_moment *roll_model_moment(const struct roll_model *model);

/// Return the number by which the host knows the song's bar `number`, counted from 1, or 0 if no bar of the host begins there
/// (in double time).
int32_t roll_model_host_bar(const struct roll_model *model, int32_t number);

/// Return a number that is another one whenever the model has changed; and whenever the moment has.
uint32_t roll_model_revision(const struct roll_model *model);
uint32_t roll_model_moment_revision(const struct roll_model *model);

/// Return whether a message was missed since this was last asked: everything has to be told anew (roll_link.h does so).
bool roll_model_has_gap(struct roll_model *model);

/// Forget everything.
void roll_model_clear(struct roll_model *model);

#endif // RITORNELLO_ROLL_MODEL_H
