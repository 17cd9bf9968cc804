// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The inline display: a small roll of the last two bars and the next two in Ardour's mixer strip. The host asks for a picture
// in a thread of its own while run() goes on, so run() copies what is to be seen into one of three places, and the two
// threads exchange places by one atomic word: neither waits, and none ever sees half a copy. The plugin links no drawing
// library; a roll is rectangles, and those are easily filled.
//
// The extension (http://harrisonconsoles.com/lv2/inlinedisplay) is Harrison's and Robin Gareus'; what it asks of both sides is
// declared here.

#ifndef RITORNELLO_INLINE_DISPLAY_H
#define RITORNELLO_INLINE_DISPLAY_H

#include "clock.h"
#include "engine/composer.h"

#include <lv2/core/lv2.h>

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define INLINE_DISPLAY_PREFIX "http://harrisonconsoles.com/lv2/inlinedisplay#"
#define INLINE_DISPLAY_INTERFACE INLINE_DISPLAY_PREFIX "interface"
#define INLINE_DISPLAY_QUEUE_DRAW INLINE_DISPLAY_PREFIX "queue_draw"

/// A picture for the host, as cairo's ARGB32: 0xAARRGGBB in the machine's order.
struct inline_surface {
  unsigned char *data;
  int width;
  int height;
  int stride; ///< Bytes per row
};

/// What extension_data(INLINE_DISPLAY_INTERFACE) returns: the host calls `render` for a picture `width` wide and at most
/// `height_most` high, which is valid until the next call. Not for the audio thread.
struct inline_interface {
  struct inline_surface *(*render)(LV2_Handle instance, uint32_t width, uint32_t height_most);
};

/// The feature INLINE_DISPLAY_QUEUE_DRAW: call `queue_draw` when there is something new to see; run() may.
struct inline_host {
  void *handle;
  void (*queue_draw)(void *handle);
};

enum {
  INLINE_BARS = 4,         ///< The two bars before the playhead's, that one, and the next
  INLINE_NOTES = 512,      ///< As far as they are shown
  INLINE_PER_SECOND = 20,  ///< Looks at the music
  INLINE_STEPS = 200,      ///< Places of the playhead that are told apart
  INLINE_WIDTH_MOST = 4096 ///< Pixels; the height as well
};

struct inline_note {
  int16_t tick; ///< From the first bar shown on; below 0 if it began before
  uint16_t sounding;
  uint8_t pitch;
  uint8_t is_left;
};

/// What is to be seen.
struct inline_music {
  uint16_t lines[INLINE_BARS + 1]; ///< Ticks at which the bars begin, and the last ends
  int32_t playhead;                ///< In ticks; below 0: none
  uint32_t count;
  struct inline_note notes[INLINE_NOTES]; ///< [count]
};

struct inline_display {
  const struct inline_host *host; ///< NULL: it shows no such thing
  struct inline_music music[3];   ///< One for each side, and one between them
  atomic_uint between;            ///< The number of that one; INLINE_FRESH: run() has put it there
  unsigned written;               ///< The one of run()
  unsigned shown;                 ///< The one of render()
  int64_t looked;                 ///< Frame of the last look
  uint64_t seen;                  ///< Hash of what was seen
  struct inline_surface surface;  ///< render()'s
  uint32_t *pixels;               ///< As well; owned
  size_t room;                    ///< Pixels
};

enum { INLINE_FRESH = 4 };

void inline_display_init(struct inline_display *display, const struct inline_host *host);
void inline_display_clear(struct inline_display *display);

/// Look at the music around `clock`'s place at `frame`, and tell the host if there is something new.
void
inline_display_look(struct inline_display *display, struct composer *composer, const struct clock *clock, int64_t frame)
    REALTIME;

/// Draw what was looked at last. NULL without memory. One thread at a time, any but the audio thread.
struct inline_surface *inline_display_render(struct inline_display *display, uint32_t width, uint32_t height_most);

#endif // RITORNELLO_INLINE_DISPLAY_H
