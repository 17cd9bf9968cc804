// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The plugin's side of what it and its window say to each other (window_messages.h): who looks, and what they have been told.
// window_link.c hears the windows and tells the moment, window_bars.c tells the bars. Both work in run(), a bounded piece of
// work per block: a bar that was told is gone over again and again, and told anew where it is not what it was. So nobody has
// to report changes of the take, and none is overlooked.

#ifndef RITORNELLO_WINDOW_LINK_H
#define RITORNELLO_WINDOW_LINK_H

#include "engine/composer.h"
#include "window_messages.h"

#include <stdbool.h>
#include <stdint.h>

enum {
  WINDOW_LOOKERS = 4,               ///< Windows at a time; a fifth takes the place of the one heard of longest ago
  WINDOW_MOMENTS_PER_SECOND = 25,   ///< Most #moment
  WINDOW_BYTES_PER_SECOND = 128000, ///< Of all messages, in the mean: hosts' buffers are small
  WINDOW_BYTES_BURST = 6144,        ///< And at once
  WINDOW_BARS_BEFORE = 8,           ///< Bars before the playhead that are told wherever windows look
  WINDOW_BARS_AFTER = 24,           ///< And after it, with its own
};

struct window_looker {
  bool is_there;
  int32_t window;
  uint32_t first; ///< Bars in sight
  uint32_t count;
  int64_t heard; ///< Frame at which it was heard of last
};

/// A slot for a bar, as the windows have it.
struct told_bar {
  uint32_t number;
  bool is_used; ///< The slot belongs to bar `number`
  bool is_true; ///< What is said here of it is what all windows have
  uint8_t flags;
  uint16_t metre;
  uint32_t section;
  uint32_t count; ///< Notes
  uint64_t hash;  ///< Of those
};

struct window_link {
  struct window_uris uris;
  struct window_looker lookers[WINDOW_LOOKERS];
  struct told_bar told[WINDOW_BARS]; ///< Bar n in place n % WINDOW_BARS
  uint32_t serial;                   ///< Of the next message
  int32_t moment[MOMENT_SIZE];       ///< As told last
  int64_t moment_frame;              ///< When
  bool moment_is_due;                ///< Whatever it is
  bool forget_is_due;
  int64_t frame;   ///< Now
  double credit;   ///< Bytes that may be sent
  uint32_t cursor; ///< Where going over the bars has come to
};

struct plugin;

void window_link_init(struct window_link *link, LV2_URID_Map *map);

/// Whether anybody looks.
bool window_link_is_seen(const struct window_link *link) REALTIME;

/// Take in a message. False if it is none for this.
bool window_link_read(struct window_link *link, const LV2_Atom_Object *message) REALTIME;

/// Return a place for a message of `count` integers in `forge`, or NULL: there is no room, or enough has been said for now.
/// Take the message's number from `link->serial`.
bool window_link_has_room(const struct window_link *link, const LV2_Atom_Forge *forge, uint32_t count) REALTIME;

/// Send a message, for which there is room.
void window_link_send(struct window_link *link, LV2_Atom_Forge *forge, LV2_URID kind, int32_t *ints, uint32_t count)
    REALTIME;

/// Tell the windows what they have not been told, as far as there is room: in the open sequence of the forge (window_link.c).
void plugin_write_window(struct plugin *plugin) REALTIME;

/// Tell of bars (window_bars.c). `playhead` is the one that it is in.
void window_bars_tell(struct window_link *link, LV2_Atom_Forge *forge, struct composer *composer, uint32_t playhead)
    REALTIME;

#endif // RITORNELLO_WINDOW_LINK_H
