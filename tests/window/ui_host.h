// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A host for the window alone: loads the UI's binary, gives it a parent window and LV2's features, and records what it sends. What
// the user does reaches it as X events, like in any host.

#ifndef RITORNELLO_UI_HOST_H
#define RITORNELLO_UI_HOST_H

#include "ports.h"
#include "urids.h"

#include <lv2/atom/forge.h>
#include <lv2/options/options.h>
#include <lv2/ui/ui.h>
#include <lv2/urid/urid.h>

#include <X11/Xlib.h> // After LV2, which does not know that "Bool" is a macro here

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UI_HOST_WRITES = 512, UI_HOST_ATOM = 2048 };

struct ui_host_options {
  float scale;                        ///< ui:scaleFactor; 0: not told
  bool is_bare;                       ///< Offer nothing but what is required
  LV2UI_Request_Value_Status request; ///< What ui:requestValue answers
};

struct ui_host_write {
  uint32_t port;
  uint32_t format;
  uint32_t size;
  union {
    float value;
    uint8_t bytes[UI_HOST_ATOM];
    uint64_t alignment;
  } data;
};

struct ui_host {
  struct ui_host_options options;
  Display *display;
  Window parent;
  Window window; ///< The UI's
  const LV2UI_Descriptor *descriptor;
  LV2UI_Handle ui; ///< NULL if it could not be made
  const LV2UI_Idle_Interface *idle;
  LV2UI_Touch touch;
  LV2UI_Resize resize;
  LV2UI_Request_Value request_value;
  LV2_Options_Option list[2]; ///< Ends in an empty one
  struct urids urids;
  struct ui_host_write writes[UI_HOST_WRITES]; ///< [write_count]; more are only counted
  unsigned write_count;
  unsigned touches; ///< Begun
  unsigned releases;
  unsigned requests;
  int width, height; ///< That the UI has asked for
};

/// Return the UI's descriptor in the bundle that RITORNELLO_BUNDLE names; loaded once, for good.
const LV2UI_Descriptor *ui_host_load(void);

/// Make a host with the window in it. Fails the test without an X server; the UI may be NULL.
struct ui_host *ui_host_new(const struct ui_host_options *options);
void ui_host_free(struct ui_host *host);

/// Have the UI work off what has come, a few times; return what idle() returned last.
int ui_host_idle(struct ui_host *host, unsigned times);

/// Destroy the parent window, as hosts do that close first.
void ui_host_destroy_parent(struct ui_host *host);

LV2_URID ui_host_map(struct ui_host *host, const char *uri);

/// Input of the user, at a place in the UI's window in device pixels.
void ui_host_button(struct ui_host *host, bool is_press, unsigned button, int x, int y);
void ui_host_move(struct ui_host *host, int x, int y, unsigned state);
void ui_host_key(struct ui_host *host, KeySym symbol);
void ui_host_type(struct ui_host *host, const char *text);

/// Press a letter with control.
void ui_host_control(struct ui_host *host, char letter);

/// Return the text in the clipboard, which the UI owns, to be freed with XFree(); NULL if there is none.
char *ui_host_clipboard(struct ui_host *host);

/// Put `text` into the clipboard, and hand it out to the UI when it asks, which it is about to do.
void ui_host_set_clipboard(struct ui_host *host);
void ui_host_serve_clipboard(struct ui_host *host, const char *text);

/// Whether a key was passed on to the parent window since this was last asked.
bool ui_host_got_key(struct ui_host *host, KeySym symbol);

/// The newest value written to a control port; false if there is none.
bool ui_host_written(const struct ui_host *host, enum port_index port, float *value);

/// The newest patch:Set of property `uri` written: its text, NULL if there is none.
const char *ui_host_wished(struct ui_host *host, const char *uri);

/// Tell the UI a property (patch:Set of a string) as the plugin does.
void ui_host_tell(struct ui_host *host, const char *uri, const char *text);

/// The colour of a pixel of the UI's window, 0xRRGGBB.
unsigned long ui_host_pixel(const struct ui_host *host, int x, int y);

#endif // RITORNELLO_UI_HOST_H
