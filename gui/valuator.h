// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Controls with a value on a scale, and how they are worked: drag (with shift: finely), wheel, keys, double click for the
// default, right click or Enter or a digit to type. A knob, a slider and a number are three faces of it.

#ifndef RITORNELLO_VALUATOR_H
#define RITORNELLO_VALUATOR_H

#include "values.h"
#include "widget.h"

struct valuator {
  struct widget widget;
  struct values *values;
  enum port_index port;
  double drag_x, drag_y; ///< Where the pointer was
  double drag_position;  ///< Of the value, unrounded, while it is dragged
  bool is_dragged;
  double value_width; ///< Of the widest value
};

/// Make a knob: label above, value below.
struct widget *knob_new(struct values *values, enum port_index port);

/// Make a slider: label and value above a line.
struct widget *slider_new(struct values *values, enum port_index port);

/// Make a number in a well that is dragged up and down: label above.
struct widget *number_new(struct values *values, enum port_index port);

/// What the faces share: input, and the width of the widest value. See struct widget_class.
bool valuator_input(struct widget *widget, const struct input *input);
double valuator_value_width(struct valuator *valuator, cairo_t *gauge);

/// Open an entry over `box` to type the value.
void valuator_type(struct valuator *valuator, const struct box *box, const char *first);

/// The box of its value, where the entry goes.
struct box valuator_value_box(const struct valuator *valuator);

#endif // RITORNELLO_VALUATOR_H
