// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What the roll says to the plugin: that somebody looks, at which bars, and that nobody does any more
// (plugin/window_messages.h). Whoever owns the LV2 side sends what is made here into the port `events_in`, as
// atom:eventTransfer:
//
//     when the window opens:  roll_link_init()
//     every frame, or second: while ((atom = roll_link_message(...))) write(atom, lv2_atom_total_size(atom))
//     when it closes:         atom = roll_link_goodbye(), write it if the host still takes messages

#ifndef RITORNELLO_ROLL_LINK_H
#define RITORNELLO_ROLL_LINK_H

#include "roll_model.h"

#include <stdint.h>

enum { ROLL_LINK_SIZE = 128 };

struct roll_link {
  struct window_uris uris;
  LV2_Atom_Forge forge;
  int32_t window;    ///< This window's number
  double said;       ///< When it last said that it looks, in seconds; below 0: never
  double asked;      ///< When it last asked for everything
  int32_t first_bar; ///< As last said
  int32_t bar_count;
  bool is_fresh; ///< Everything has to be told
  union {
    LV2_Atom atom; // For its alignment
    uint8_t bytes[ROLL_LINK_SIZE];
  } message;
};

/// Begin; `window` tells this window from others of the same plugin (any number, a random one for instance).
void roll_link_init(struct roll_link *link, LV2_URID_Map *map, uint32_t window);

/// Return what is to be sent at `now` (seconds of any clock that goes on), or NULL. The window looks at `bar_count` bars from
/// `first_bar` on (roll_view_sight()). Valid until the next call.
const LV2_Atom *
roll_link_message(struct roll_link *link, struct roll_model *model, int32_t first_bar, int32_t bar_count, double now);

/// Return what is to be sent at the end.
const LV2_Atom *roll_link_goodbye(struct roll_link *link);

#endif // RITORNELLO_ROLL_LINK_H
