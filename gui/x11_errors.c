// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Errors from the X server. XSetErrorHandler() is the whole process's, and its default ends the process; but each connection
// has a vector of its own to translate errors with (Xlib, appendix C, XESetWireToError), and what is not translated is ignored.

#include "x11_private.h"

#include <X11/Xlibint.h>

enum { ERROR_CODES = 256 };

static Bool
ignore(Display *const display, XErrorEvent *const event, xError *const error)
{
  (void)display;
  (void)event;
  (void)error;
  return False;
}

/// The connection is lost: nothing can be drawn any more, but the host lives.
static void
lost(Display *const display, void *const handle)
{
  (void)display;
  struct x11_window *const window = handle;
  window->is_alive = false;
}

void
x11_errors_ignore(struct x11_window *const window)
{
  for (int code = 1; code < ERROR_CODES; ++code) {
    XESetWireToError(window->display, code, ignore);
  }
  XSetIOErrorExitHandler(window->display, lost, window);
}
