// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What the pointer and the keyboard do, in the window's own terms: X events and tests are both translated into these.

#ifndef RITORNELLO_INPUT_H
#define RITORNELLO_INPUT_H

#include <stdint.h>

enum input_kind {
  INPUT_PRESS,   ///< A button of the pointer goes down
  INPUT_RELEASE, ///< and up
  INPUT_MOVE,
  INPUT_LEAVE, ///< The pointer has left the window
  INPUT_SCROLL,
  INPUT_KEY,
};

enum input_modifier {
  INPUT_SHIFT = 1 << 0,
  INPUT_CONTROL = 1 << 1,
  INPUT_ALT = 1 << 2,
};

enum input_key {
  KEY_TEXT, ///< What was typed stands in `text`
  KEY_TAB,
  KEY_ENTER,
  KEY_ESCAPE,
  KEY_UP,
  KEY_DOWN,
  KEY_LEFT,
  KEY_RIGHT,
  KEY_PAGE_UP,
  KEY_PAGE_DOWN,
  KEY_HOME,
  KEY_END,
  KEY_BACKSPACE,
  KEY_DELETE,
};

enum {
  BUTTON_LEFT = 1,
  BUTTON_MIDDLE = 2,
  BUTTON_RIGHT = 3,
};

struct input {
  enum input_kind kind;
  double x, y;        ///< Where the pointer is, in logical pixels from the window's top left
  unsigned button;    ///< PRESS, RELEASE: which
  unsigned clicks;    ///< PRESS: 1, or 2 for the second of a double click; the stage counts them
  unsigned modifiers; ///< Of enum input_modifier
  double scroll;      ///< SCROLL: notches, up is positive
  enum input_key key; ///< KEY
  char text[8];       ///< KEY_TEXT: one character in UTF-8, with control as the letter it stands on
  uint32_t time;      ///< Milliseconds, from any beginning
};

#endif // RITORNELLO_INPUT_H
