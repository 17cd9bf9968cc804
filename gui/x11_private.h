// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What the X11 files share.

#ifndef RITORNELLO_X11_PRIVATE_H
#define RITORNELLO_X11_PRIVATE_H

#include "x11_window.h"

#include <X11/Xlib.h>
#include <cairo.h>

enum x11_atom {
  ATOM_CLIPBOARD,
  ATOM_TARGETS,
  ATOM_UTF8_STRING,
  ATOM_OURS, ///< Property that pasted text comes in
  ATOM_DELETE_WINDOW,
  ATOM_PROTOCOLS,
  ATOM_COUNT
};

struct x11_window {
  struct stage *stage;
  struct x11_window_options options;
  Display *display;
  Window window;
  Atom atoms[ATOM_COUNT];
  XIM method;             ///< For dead keys and the like; NULL without
  XIC context;            ///< As well
  cairo_surface_t *front; ///< The X window
  cairo_surface_t *back;  ///< Where is drawn
  int width, height;      ///< Device pixels
  double wanted_scale;
  double scale; ///< Wanted, or less if the window is too small
  bool is_alive;
  char *clipboard; ///< What was copied; NULL: nothing
};

/// The X window has that size now (x11_window.c).
void x11_window_take_size(struct x11_window *window, int width, int height);

/// Have errors of this connection ignored, however it ends (x11_errors.c).
void x11_errors_ignore(struct x11_window *window);

/// Translate a key; true if there is something to hand out (x11_keys.c).
void x11_keys_init(struct x11_window *window);
void x11_keys_free(struct x11_window *window);
bool x11_keys_translate(struct x11_window *window, XKeyEvent *event, struct input *input);

/// Modifiers in X's state.
unsigned x11_modifiers(unsigned state);

/// The clipboard (x11_clipboard.c).
void x11_clipboard_copy(struct x11_window *window, const char *text, size_t length);
void x11_clipboard_ask(struct x11_window *window);
void x11_clipboard_serve(struct x11_window *window, const XSelectionRequestEvent *request);
void x11_clipboard_receive(struct x11_window *window, const XSelectionEvent *event);

#endif // RITORNELLO_X11_PRIVATE_H
