// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Copy and paste of text (ICCCM, section 2). Texts are short: no transfers in parts.

#include "x11_private.h"

#include <X11/Xatom.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_WORDS = 4096 }; // Of 4 bytes that are pasted

void
x11_clipboard_copy(struct x11_window *const window, const char *const text, const size_t length)
{
  char *const copied = malloc(length + 1);
  if (!copied) {
    return;
  }
  memcpy(copied, text, length);
  copied[length] = '\0';
  free(window->clipboard);
  window->clipboard = copied;
  XSetSelectionOwner(window->display, window->atoms[ATOM_CLIPBOARD], window->window, CurrentTime);
}

void
x11_clipboard_ask(struct x11_window *const window)
{
  XConvertSelection(window->display, window->atoms[ATOM_CLIPBOARD], window->atoms[ATOM_UTF8_STRING],
                    window->atoms[ATOM_OURS], window->window, CurrentTime);
}

void
x11_clipboard_serve(struct x11_window *const window, const XSelectionRequestEvent *const request)
{
  XEvent answer = {.xselection = {.type = SelectionNotify,
                                  .requestor = request->requestor,
                                  .selection = request->selection,
                                  .target = request->target,
                                  .property = request->property,
                                  .time = request->time}};
  const Atom targets[] = {window->atoms[ATOM_TARGETS], window->atoms[ATOM_UTF8_STRING]};
  if (request->target == window->atoms[ATOM_TARGETS]) {
    XChangeProperty(window->display, request->requestor, request->property, XA_ATOM, 32, PropModeReplace,
                    (const unsigned char *)targets, 2);
  } else if (request->target == window->atoms[ATOM_UTF8_STRING] && window->clipboard) {
    XChangeProperty(window->display, request->requestor, request->property, request->target, 8, PropModeReplace,
                    (const unsigned char *)window->clipboard, (int)strlen(window->clipboard));
  } else {
    answer.xselection.property = None;
  }
  XSendEvent(window->display, request->requestor, False, 0, &answer);
}

void
x11_clipboard_receive(struct x11_window *const window, const XSelectionEvent *const event)
{
  Atom type = None;
  int format = 0;
  unsigned long count = 0;
  unsigned long left = 0;
  unsigned char *bytes = NULL;
  if (event->property == None ||
      XGetWindowProperty(window->display, window->window, window->atoms[ATOM_OURS], 0, MOST_WORDS, True,
                         window->atoms[ATOM_UTF8_STRING], &type, &format, &count, &left, &bytes) != Success) {
    return;
  }
  if (bytes && type == window->atoms[ATOM_UTF8_STRING] && format == 8) {
    stage_pasted(window->stage, (const char *)bytes); // Xlib puts an end after it
  }
  if (bytes) {
    XFree(bytes);
  }
}
