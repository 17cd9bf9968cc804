// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What the plugin and its window say to each other, beside patch messages and control ports; the one place where it is laid
// down, for both sides. (The window is shown a copy of what lies around the playhead and of what it looks at.)
//
// Every message is an atom:Object, id 0, whose type is one of the URIs below, with one property: RITORNELLO_CONTENT, an
// atom:Vector of atom:Int. So its bytes are, all in the machine's order and all 32 bit:
//
//     size type(atom:Object) | id(0) otype | key(RITORNELLO_CONTENT) context(0) | size type(atom:Vector) | 4 type(atom:Int)
//     | the integers, and 4 bytes of padding if there is an odd number of them
//
// What is in the integers stands in the enums below: X_FIELD = index of that integer. Longer messages than told are fine
// (a later version may append to those of fixed length); shorter ones, and values out of range, are left alone.
//
// From the window, into `events_in`:
//   #look      "I am here, and look at these bars." Sent when the window opens, when what it looks at changes, and every
//              WINDOW_LOOK_SECONDS, for who is not heard of for WINDOW_FORGET_SECONDS of song is taken for gone.
//   #goodbye   "I am gone." When nobody looks, the plugin sends nothing of all this.
//
// From the plugin, out of `notify`:
//   #forget    "Forget all bars." Comes first when somebody looks and nobody did before.
//   #moment    Where the playhead is and how composing goes: on change, but no more than 25 times a second; and after #look.
//   #bar       One bar, or a part of it: whatever changes in a bar that the window has is sent again.
// They are numbered: the first integer of each is the one of the message before plus one (modulo 2^32). A window that misses
// one forgets all bars and asks for everything anew (LOOK_FRESH). What does not fit into a block comes later.
//
// The window's bars are the plugin's list of what it has told: WINDOW_BARS slots, bar n in slot n % WINDOW_BARS. A message for
// a bar takes the slot from the bar that was there. So both sides know which bars the window has, and those stay true.

#ifndef RITORNELLO_WINDOW_MESSAGES_H
#define RITORNELLO_WINDOW_MESSAGES_H

#include "engine/realtime.h"
#include "forge.h"
#include "uris.h"

#include <lv2/atom/util.h>

#include <stdbool.h>
#include <stdint.h>

#define RITORNELLO_CONTENT RITORNELLO_URI "#content"
#define RITORNELLO_LOOK RITORNELLO_URI "#look"
#define RITORNELLO_GOODBYE RITORNELLO_URI "#goodbye"
#define RITORNELLO_FORGET RITORNELLO_URI "#forget"
#define RITORNELLO_MOMENT RITORNELLO_URI "#moment"
#define RITORNELLO_BAR RITORNELLO_URI "#bar"

enum {
  WINDOW_BARS = 512,          ///< Bars that a window has at most
  WINDOW_LOOK_BARS = 256,     ///< Bars that it may look at
  WINDOW_BAR_LAST = 1 << 24,  ///< No bar from here on is told
  WINDOW_BAR_NOTES = 1024,    ///< Notes of a bar that are told
  WINDOW_LOOK_SECONDS = 2,    ///< At least so often a window says #look
  WINDOW_FORGET_SECONDS = 20, ///< Of song, after which one that has not is taken for gone
  WINDOW_GLANCES = 4,         ///< Places that one note looks back at, as far as they are told
  WINDOW_UNKNOWN = 0x7FFF,    ///< A quotation of which nothing is known
};

/// #look
enum {
  LOOK_WINDOW,    ///< A number of its own, to tell windows apart
  LOOK_FIRST_BAR, ///< The bars that are in sight (0: the song's first);
  LOOK_BAR_COUNT, ///< 0 to WINDOW_LOOK_BARS. Those around the playhead come anyway
  LOOK_FRESH,     ///< 1: it knows nothing, everything has to be told anew; else 0
  LOOK_SIZE
};

/// #goodbye
enum { GOODBYE_WINDOW, GOODBYE_SIZE };

/// #forget
enum { FORGET_SERIAL, FORGET_SIZE };

/// #moment. Bars and ticks are the music's: they are the host's unless the rate is not 0.
enum {
  MOMENT_SERIAL,
  MOMENT_BAR,        ///< Of the playhead; below 0 in a pre-roll
  MOMENT_PLACE,      ///< Of the playhead in its bar, in 1/256 ticks
  MOMENT_SPEED,      ///< Ticks per 1000 seconds; 0: time stands still
  MOMENT_METRE,      ///< Of the playhead's bar: numerator | denominator << 8
  MOMENT_READY_BAR,  ///< The music is composed up to here;
  MOMENT_READY_TICK, ///< the next note that is composed will begin there
  MOMENT_FLAGS,      ///< MOMENT_IS_...
  MOMENT_UNDO,       ///< How often undo can go back
  MOMENT_LOOK_AHEAD, ///< Ticks that are composed ahead
  MOMENT_RATE,       ///< 0; 1: in half time, the host's bar n is bar n / 2; 2: in double time, it is bars 2n and 2n + 1
  MOMENT_ORIGINALITY, ///< Longest quotation allowed, in notes; 0: not limited
  MOMENT_SIZE
};

enum {
  MOMENT_IS_ROLLING = 1 << 0,   ///< Time goes on
  MOMENT_IS_PLAYING = 1 << 1,   ///< And notes sound
  MOMENT_IS_KNOWN = 1 << 2,     ///< There is a time at all (the host's, or its own)
  MOMENT_IS_LOADED = 1 << 3,    ///< There are weights
  MOMENT_IS_COMPOSING = 1 << 4, ///< The look-ahead is not filled yet
  MOMENT_IS_LOCKED = 1 << 5,    ///< All that is composed stays (the port `lock`)
  MOMENT_HAS_FILTER = 1 << 6,   ///< Quotations are known: the weights came with a filter
};

/// #bar: BAR_NOTES integers, then the notes. The window forgets the notes of this bar from number BAR_FIRST on, and puts these
/// there.
enum {
  BAR_SERIAL,
  BAR_NUMBER,
  BAR_FLAGS,   ///< BAR_IS_...
  BAR_METRE,   ///< numerator | denominator << 8
  BAR_SECTION, ///< The bar at which its section began: a stretch of music that is one piece to the network
  BAR_FIRST,   ///< Number of the first note here
  BAR_COUNT,   ///< Notes here
  BAR_NOTES
};

enum {
  BAR_IS_THERE = 1 << 0,    ///< Something is composed; without it, nothing else is told
  BAR_IS_COMPLETE = 1 << 1, ///< To its end
  BAR_IS_END = 1 << 2,      ///< A piece ends here
  BAR_IS_LOCKED = 1 << 3,
  BAR_IS_STALE =
      1 << 4, ///< Composed under other controls than the present: it will be composed anew when its time comes
};

/// A note of a #bar: 2 integers, and 2 more for each place that it looks back at, the most looked at first.
///   0: tick in its bar | pitch << 12 | velocity << 19 | hand << 26 (0 right, 1 left) | played << 27 (1: by the user, 0:
///      composed) | places << 28 (0 to WINDOW_GLANCES)
///   1: ticks that it sounds | quotation << 16: notes up to this one that may stand in the training music in one run, in any
///      key (8 or fewer are none), or WINDOW_UNKNOWN
///   2, 4, ...: bar of the place
///   3, 5, ...: tick in it | pitch << 12 | share << 19: how much of all its looking goes there, in 1/255
enum {
  NOTE_TICK_BITS = 12,
  NOTE_PITCH_SHIFT = 12,
  NOTE_VELOCITY_SHIFT = 19,
  NOTE_HAND_SHIFT = 26,
  NOTE_PLAYED_SHIFT = 27,
  NOTE_PLACES_SHIFT = 28,
  NOTE_QUOTATION_SHIFT = 16,
  NOTE_SHARE_SHIFT = 19,
  NOTE_SHARE_WHOLE = 255,
  NOTE_SIZE = 2,
  NOTE_PLACE_SIZE = 2,
  NOTE_SIZE_MOST = NOTE_SIZE + WINDOW_GLANCES * NOTE_PLACE_SIZE
};

/// Most integers of one message, and the bytes of a message that has so many beside its header.
enum { WINDOW_INTS = 320, WINDOW_MESSAGE_HEAD = 48, WINDOW_MESSAGE_SIZE = WINDOW_MESSAGE_HEAD + 4 * WINDOW_INTS };

/// X(field, URI).
#define WINDOW_URIS(X)                                                                                                 \
  X(object, LV2_ATOM__Object)                                                                                          \
  X(vector, LV2_ATOM__Vector)                                                                                          \
  X(integer, LV2_ATOM__Int)                                                                                            \
  X(content, RITORNELLO_CONTENT)                                                                                       \
  X(look, RITORNELLO_LOOK)                                                                                             \
  X(goodbye, RITORNELLO_GOODBYE)                                                                                       \
  X(forget, RITORNELLO_FORGET)                                                                                         \
  X(moment, RITORNELLO_MOMENT)                                                                                         \
  X(bar, RITORNELLO_BAR)

#define WINDOW_URI_FIELD(field, uri) LV2_URID field;

struct window_uris {
  WINDOW_URIS(WINDOW_URI_FIELD)
};

#undef WINDOW_URI_FIELD

/// Map them all. Not for the audio thread.
static inline void
window_uris_map(struct window_uris *const uris, LV2_URID_Map *const map)
{
#define WINDOW_URI_MAP(field, uri) uris->field = map->map(map->handle, uri);
  WINDOW_URIS(WINDOW_URI_MAP)
#undef WINDOW_URI_MAP
}

/// A message as it came.
struct window_message {
  LV2_URID kind;       ///< One of struct window_uris
  uint32_t count;      ///< Integers
  const int32_t *ints; ///< [count], in the atom
};

/// Read `atom`, of which `atom->size` bytes follow in memory. False if it is no such message.
static inline bool
window_message_read(const struct window_uris *const uris,
                    const LV2_Atom *const atom,
                    struct window_message *const message) REALTIME
{
  const LV2_Atom_Object *const object = (const LV2_Atom_Object *)atom;
  const uint32_t head = sizeof(LV2_Atom_Object_Body) + sizeof(LV2_Atom_Property_Body) + sizeof(LV2_Atom_Vector_Body);
  if (atom->type != uris->object || atom->size < head) {
    return false;
  }
  const LV2_Atom_Property_Body *const property = (const LV2_Atom_Property_Body *)(const void *)(&object->body + 1);
  const LV2_Atom_Vector *const vector = (const LV2_Atom_Vector *)&property->value;
  if (property->key != uris->content || vector->atom.type != uris->vector ||
      vector->atom.size < sizeof(LV2_Atom_Vector_Body) ||
      vector->atom.size > atom->size - (head - sizeof(LV2_Atom_Vector_Body)) ||
      vector->body.child_type != uris->integer || vector->body.child_size != sizeof(int32_t)) {
    return false;
  }
  message->kind = object->body.otype;
  message->count = (uint32_t)((vector->atom.size - sizeof(LV2_Atom_Vector_Body)) / sizeof(int32_t));
  message->ints = (const int32_t *)(&vector->body + 1);
  return true;
}

/// Write a message where `forge` is; there must be room for WINDOW_MESSAGE_HEAD bytes and the integers (an even number).
static inline void
window_message_write(const struct window_uris *const uris,
                     LV2_Atom_Forge *const forge,
                     const LV2_URID kind,
                     const int32_t *const ints,
                     const uint32_t count) REALTIME
{
  LV2_Atom_Forge_Frame frame;
  lv2_atom_forge_object(forge, &frame, 0, kind);
  lv2_atom_forge_key(forge, uris->content);
  lv2_atom_forge_vector(forge, sizeof(int32_t), uris->integer, count, ints);
  lv2_atom_forge_pop(forge, &frame);
}

#endif // RITORNELLO_WINDOW_MESSAGES_H
