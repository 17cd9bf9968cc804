// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A user for tests: a desk, a pointer and a keyboard, and a record of what the plugin is told.

#ifndef RITORNELLO_PILOT_H
#define RITORNELLO_PILOT_H

#include "desk.h"
#include "roll_song.h"

enum { PILOT_RECORDS = 256, PILOT_TEXT = 1024 };

enum pilot_kind {
  PILOT_TOUCH,
  PILOT_RELEASE,
  PILOT_WRITE,
  PILOT_WISH,
  PILOT_ASK,
  PILOT_ZOOM,
};

struct pilot_record {
  enum pilot_kind kind;
  enum port_index port;
  float value; ///< Or the zoom
  enum desk_wish wish;
  char text[PILOT_TEXT];
};

struct pilot {
  struct sender sender; ///< Tells `music` what the plugin would
  struct roll_model *music;
  struct desk *desk;
  struct pilot_record records[PILOT_RECORDS];
  unsigned count;     ///< [count]
  bool host_can_ask;  ///< The host has a file chooser
  double x, y;        ///< Of the pointer
  unsigned modifiers; ///< Of enum input_modifier, that are held
  uint32_t now;       ///< Milliseconds
};

/// Make a window of 1120 x 760 (or as large as it must be) around a desk that knows `bundle` (or NULL).
struct pilot *pilot_new(const char *bundle);
void pilot_free(struct pilot *pilot);

/// cmocka's setup and teardown: *state is a pilot without a bundle.
int pilot_setup(void **state);
int pilot_teardown(void **state);

/// The widget of that name, on what lies on top or else in the window; fails the test if there is none.
struct widget *pilot_find(const struct pilot *pilot, const char *name);

/// Move the pointer: to the middle of a widget, or by some pixels.
void pilot_point_at(struct pilot *pilot, const char *name);
void pilot_move(struct pilot *pilot, double x, double y);

void pilot_press(struct pilot *pilot, unsigned button);
void pilot_lift(struct pilot *pilot, unsigned button);

/// Press and lift the left button on a widget; a second has passed since the click before.
void pilot_click(struct pilot *pilot, const char *name);

void pilot_scroll(struct pilot *pilot, double notches);
void pilot_key(struct pilot *pilot, enum input_key key);

/// Type characters (ASCII).
void pilot_type(struct pilot *pilot, const char *text);

/// Let time pass, in steps of a frame.
void pilot_wait(struct pilot *pilot, uint32_t milliseconds);

/// Forget what was recorded.
void pilot_forget(struct pilot *pilot);

/// The newest record of that kind, NULL if there is none; and how many there are.
const struct pilot_record *pilot_last(const struct pilot *pilot, enum pilot_kind kind);
unsigned pilot_count(const struct pilot *pilot, enum pilot_kind kind);

#endif // RITORNELLO_PILOT_H
