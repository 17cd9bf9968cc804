// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Keys, in our terms.

#include "x11_private.h"

#include <X11/Xutil.h>
#include <X11/keysym.h>
#include <string.h>

static const struct {
  KeySym symbol;
  enum input_key key;
} keys[] = {
    {XK_Tab, KEY_TAB},
    {XK_ISO_Left_Tab, KEY_TAB},
    {XK_Return, KEY_ENTER},
    {XK_KP_Enter, KEY_ENTER},
    {XK_Escape, KEY_ESCAPE},
    {XK_Up, KEY_UP},
    {XK_KP_Up, KEY_UP},
    {XK_Down, KEY_DOWN},
    {XK_KP_Down, KEY_DOWN},
    {XK_Left, KEY_LEFT},
    {XK_KP_Left, KEY_LEFT},
    {XK_Right, KEY_RIGHT},
    {XK_KP_Right, KEY_RIGHT},
    {XK_Page_Up, KEY_PAGE_UP},
    {XK_KP_Page_Up, KEY_PAGE_UP},
    {XK_Page_Down, KEY_PAGE_DOWN},
    {XK_KP_Page_Down, KEY_PAGE_DOWN},
    {XK_Home, KEY_HOME},
    {XK_KP_Home, KEY_HOME},
    {XK_End, KEY_END},
    {XK_KP_End, KEY_END},
    {XK_BackSpace, KEY_BACKSPACE},
    {XK_Delete, KEY_DELETE},
    {XK_KP_Delete, KEY_DELETE},
};

void
x11_keys_init(struct x11_window *const window)
{
  window->method = XOpenIM(window->display, NULL, NULL, NULL);
  if (window->method) {
    window->context = XCreateIC(window->method, XNInputStyle, XIMPreeditNothing | XIMStatusNothing, XNClientWindow,
                                window->window, XNFocusWindow, window->window, NULL);
  }
}

void
x11_keys_free(struct x11_window *const window)
{
  if (window->context) {
    XDestroyIC(window->context);
  }
  if (window->method) {
    XCloseIM(window->method);
  }
}

unsigned
x11_modifiers(const unsigned state)
{
  return (state & ShiftMask ? (unsigned)INPUT_SHIFT : 0U) | (state & ControlMask ? (unsigned)INPUT_CONTROL : 0U) |
         (state & Mod1Mask ? (unsigned)INPUT_ALT : 0U);
}

/// Look a key up: the symbol, and what it types as UTF-8.
static KeySym
look_up(const struct x11_window *const window, XKeyEvent *const event, char text[32])
{
  KeySym symbol = NoSymbol;
  int length = 0;
  if (window->context) {
    Status status = XLookupNone;
    length = Xutf8LookupString(window->context, event, text, 31, &symbol, &status);
    if (status != XLookupChars && status != XLookupBoth) {
      length = 0;
    }
    if (status == XLookupChars || status == XLookupNone) {
      symbol = NoSymbol;
    }
  } else {
    length = XLookupString(event, text, 31, &symbol, NULL);
    if (length == 1 && (unsigned char)text[0] >= 0x80U) { // Latin 1
      const unsigned char byte = (unsigned char)text[0];
      text[0] = (char)(0xC0U | byte >> 6U);
      text[1] = (char)(0x80U | (byte & 0x3FU));
      length = 2;
    }
  }
  text[length > 0 ? length : 0] = '\0';
  return symbol;
}

bool
x11_keys_translate(struct x11_window *const window, XKeyEvent *const event, struct input *const input)
{
  char text[32];
  const KeySym symbol = look_up(window, event, text);
  *input = (struct input){.kind = INPUT_KEY, .modifiers = x11_modifiers(event->state), .time = (uint32_t)event->time};
  for (size_t i = 0; i < sizeof keys / sizeof keys[0]; ++i) {
    if (keys[i].symbol == symbol) {
      input->key = keys[i].key;
      return true;
    }
  }
  if (input->modifiers & INPUT_CONTROL) { // What it types then is a control character
    KeySym plain = XLookupKeysym(event, 0);
    plain = plain >= XK_KP_0 && plain <= XK_KP_9 ? plain - XK_KP_0 + XK_0 : plain;
    plain = plain == XK_KP_Add ? XK_plus : plain == XK_KP_Subtract ? XK_minus : plain;
    if (plain < XK_space || plain > XK_asciitilde) {
      return false;
    }
    input->text[0] = (char)plain;
    return true;
  }
  if ((unsigned char)text[0] < 0x20U || text[0] == 0x7F || strlen(text) >= sizeof input->text) {
    return false;
  }
  memcpy(input->text, text, strlen(text) + 1);
  return true;
}
