// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A window of X11 that shows a stage: events in, damaged parts out. It has a connection of its own to the X server, so nothing
// here disturbs the host's or other plugins', and errors (the host may destroy our parent first) stay in it.

#ifndef RITORNELLO_X11_WINDOW_H
#define RITORNELLO_X11_WINDOW_H

#include "stage.h"

#include <stdbool.h>
#include <stdint.h>

struct x11_window;

struct x11_window_options {
  unsigned long parent; ///< X window to be in; 0: a window by itself
  double width, height; ///< To begin with, in logical pixels
  double scale;         ///< Device pixels per logical pixel
  void *handle;
  bool (*input)(void *handle,
                const struct input *input); ///< Return whether it was taken; keys that were not go to the host
};

/// Make and show the window. NULL if there is no X server or no memory.
struct x11_window *x11_window_new(struct stage *stage, const struct x11_window_options *options);
void x11_window_free(struct x11_window *window);

/// The X window.
unsigned long x11_window_id(const struct x11_window *window);

/// Hand out what has happened.
void x11_window_pump(struct x11_window *window);

/// Draw what is damaged, and send all that is to be sent.
void x11_window_draw(struct x11_window *window);

/// Whether it still is: the host may have destroyed it.
bool x11_window_is_alive(const struct x11_window *window);

/// Let a logical pixel be `scale` device pixels, and the window of that size in logical pixels. What does not fit into the
/// window that the host gives us is drawn smaller.
void x11_window_set_scale(struct x11_window *window, double scale, double width, double height);

/// The size in device pixels, and set it.
void x11_window_size(const struct x11_window *window, int *width, int *height);
void x11_window_resize(struct x11_window *window, int width, int height);

/// Requests sent to the X server since it was made: a measure of traffic.
unsigned long x11_window_requests(const struct x11_window *window);

#endif // RITORNELLO_X11_WINDOW_H
