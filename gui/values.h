// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The values of the plugin's ports as the window knows them, and whom to tell when the user changes one; and values as
// people read and type them.

#ifndef RITORNELLO_VALUES_H
#define RITORNELLO_VALUES_H

#include "ports.h"

#include <stdbool.h>
#include <stddef.h>

/// Who is told. Each may be NULL.
struct values_listener {
  void *handle;
  void (*touch)(void *handle, enum port_index port, bool is_touched); ///< The user begins or ends to hold a control
  void (*write)(void *handle, enum port_index port, float value);     ///< and has changed it
  void (*changed)(void *handle, enum port_index port);                ///< It has another value, by whomever: draw it
};

struct values {
  float now[PORT_COUNT];
  bool is_touched[PORT_COUNT];
  struct values_listener listener;
};

/// Set all to their defaults.
void values_init(struct values *values, const struct values_listener *listener);

/// The user takes hold of a control, moves it, lets go of it. A value is put on the port's range and steps before it is told.
void values_touch(struct values *values, enum port_index port);
void values_set(struct values *values, enum port_index port, float value);
void values_release(struct values *values, enum port_index port);

/// All three.
void values_change(struct values *values, enum port_index port, float value);

/// The host says that a port has that value. What the user holds stays as it is; outputs are taken as whole numbers.
void values_receive(struct values *values, enum port_index port, float value);

enum { VALUE_TEXT = 64 };

/// Write `value` of `port` as people read it: with its unit, as a note's name, as a word.
void value_format(enum port_index port, float value, char text[VALUE_TEXT]);

/// Write it as it is typed: the number alone, or the note's name.
void value_format_plain(enum port_index port, float value, char text[VALUE_TEXT]);

/// Read what was typed: a number, with or without unit and with point or comma, a note's name, or the beginning of a value's
/// name. False if it is none of these; the value is put into the port's range.
bool value_parse(enum port_index port, const char *text, float *value);

/// Where `value` stands in the port's range, 0 to 1, and the value that stands there.
double value_position(enum port_index port, float value);
float value_at(enum port_index port, double position);

/// How far one step of the keyboard or wheel goes, and a fine one.
float value_step(enum port_index port, bool is_fine);

#endif // RITORNELLO_VALUES_H
