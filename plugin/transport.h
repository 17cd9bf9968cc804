// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The host's transport: reads time:Position in every form that hosts send (atom:Object or atom:Blank, any number type, some
// properties or all), merges it property by property into what is known, and keeps a clock by it. Between positions the
// clock runs by frames; a position is compared with it, and only a true difference is a locate: hosts round, and jitter of
// a fraction of a tick is none. Some hosts (JACK's, after an xrun) skip frames and tell bar and beat as if they had not:
// the place is then corrected by the frames that were skipped. And Ardour counts in quarters where LV2 counts the metre's
// beats: half of a beat in 6/8 is 0.25 for it, and its tempo is that of any note value that its user chose. The first is
// known by a property that only its positions have, the second is measured from one position to the next.

#ifndef RITORNELLO_TRANSPORT_H
#define RITORNELLO_TRANSPORT_H

#include "clock.h"
#include "uris.h"

#include <lv2/atom/util.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What a position changed.
enum transport_change {
  TRANSPORT_LOCATED = 1 << 0, ///< The place jumped, or is known for the first time
  TRANSPORT_STARTED = 1 << 1,
  TRANSPORT_STOPPED = 1 << 2,
};

/// A position to measure the tempo from.
struct transport_anchor {
  bool is_set;
  double frame; ///< The host's
  int64_t bar;
  double tick;
  double bpm;
  double counted; ///< Ticks of the note that was counted up to here, 0 if that was not measured
};

struct transport {
  struct clock clock;
  bool known;       ///< The host has told a place
  double speed;     ///< 1: forward; 0 or less: nothing sounds
  double bpm;       ///< Counted notes per minute; 0 while the host has told none
  double counted;   ///< Ticks of the note that is counted, if that was measured; otherwise 0
  bool is_ardour;   ///< The host is Ardour, or one made of it
  bool in_quarters; ///< What is past the whole beats of the bar is told in quarters
  bool in_beats;    ///< It can't be, whatever the host seems to be
  struct transport_anchor anchor;
  double own_bpm;       ///< Quarters per minute to use while the host has told none
  double beats_per_bar; ///< As told, 4 before
  double beat_unit;     ///< As told, 4 before
  bool has_frame;       ///< The host has told a frame while rolling, namely
  double frame;         ///< this one,
  int64_t frame_now;    ///< when the clock was there,
  double frame_speed;   ///< going on at this speed
};

void transport_init(struct transport *transport, double frames_per_second) REALTIME;

/// Set the tempo (quarters per minute) that counts while the host tells none.
void transport_set_own_tempo(struct transport *transport, double bpm) REALTIME;

/// Take in a position that is true at the clock's present frame; return what changed (enum transport_change).
unsigned
transport_update(struct transport *transport, const struct uris *uris, const LV2_Atom_Object *position) REALTIME;

#ifdef __cplusplus
}
#endif

#endif // RITORNELLO_TRANSPORT_H
