// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Music for the roll's tests: messages as the plugin sends them (plugin/window_messages.h), note by note, and a short piece
// made of them in which a theme comes back.

#ifndef RITORNELLO_ROLL_SONG_H
#define RITORNELLO_ROLL_SONG_H

#include "roll_model.h"
#include "urids.h"

enum { SONG_THEME = 4, SONG_RETURN = 12 }; // Bars at which the theme begins, and comes back

/// Who sends: numbers for URIs, and for messages.
struct sender {
  struct urids urids;
  struct window_uris window;
  LV2_Atom_Forge forge;
  uint32_t serial;
  union {
    LV2_Atom atom;
    uint8_t bytes[WINDOW_MESSAGE_SIZE];
  } message;
};

void sender_init(struct sender *sender);
void sender_clear(struct sender *sender);

/// Make a message of `count` integers, of which the first becomes its number; return it, valid until the next.
const LV2_Atom *sender_message(struct sender *sender, LV2_URID kind, const int32_t *ints, uint32_t count);

/// A bar in the making.
struct sent_bar {
  int32_t ints[WINDOW_INTS];
  uint32_t count; ///< Of the integers
};

/// Begin a bar without notes.
void sent_bar_begin(struct sent_bar *bar, int32_t number, unsigned flags, unsigned numerator, unsigned denominator);

/// Add a note; then, for the last one, places that it looks back at. `share` of 255.
void
sent_bar_note(struct sent_bar *bar, unsigned tick, unsigned pitch, unsigned sounding, unsigned velocity, bool is_left);
void sent_bar_quote(struct sent_bar *bar, unsigned notes);
void sent_bar_glance(struct sent_bar *bar, int32_t to, unsigned tick, unsigned pitch, unsigned share);

/// Make it a message.
const LV2_Atom *sender_bar(struct sender *sender, struct sent_bar *bar);

/// Make a message of a moment: what is 0 in `moment` is 0 there.
const LV2_Atom *sender_moment(struct sender *sender, const struct roll_moment *moment);

/// Tell `model` sixteen bars of a piece: a theme in bars 5 to 8 that comes back in bars 13 to 16 (as users count), the last of
/// them not heard yet when the playhead is at `bar` and `tick`.
void song_tell(struct sender *sender, struct roll_model *model, int32_t bar, double tick);

#endif // RITORNELLO_ROLL_SONG_H
