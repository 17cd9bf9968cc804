// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Values and their changes; their texts are in value_text.c.

#include "values.h"

#include <math.h>

void
values_init(struct values *const values, const struct values_listener *const listener)
{
  *values = (struct values){.listener = *listener};
  for (unsigned i = 0; i < PORT_COUNT; ++i) {
    values->now[i] = port_descriptions[i].normal;
  }
}

void
values_touch(struct values *const values, const enum port_index port)
{
  if (!values->is_touched[port]) {
    values->is_touched[port] = true;
    if (values->listener.touch) {
      values->listener.touch(values->listener.handle, port, true);
    }
  }
}

static void
tell_changed(const struct values *const values, const enum port_index port)
{
  if (values->listener.changed) {
    values->listener.changed(values->listener.handle, port);
  }
}

void
values_set(struct values *const values, const enum port_index port, const float value)
{
  const float rounded = port_round(port, value);
  if (rounded == values->now[port]) {
    return;
  }
  values->now[port] = rounded;
  if (values->listener.write) {
    values->listener.write(values->listener.handle, port, rounded);
  }
  tell_changed(values, port);
}

void
values_release(struct values *const values, const enum port_index port)
{
  if (values->is_touched[port]) {
    values->is_touched[port] = false;
    if (values->listener.touch) {
      values->listener.touch(values->listener.handle, port, false);
    }
  }
}

void
values_change(struct values *const values, const enum port_index port, const float value)
{
  const bool was_touched = values->is_touched[port];
  values_touch(values, port);
  values_set(values, port, value);
  if (!was_touched) {
    values_release(values, port);
  }
}

void
values_receive(struct values *const values, const enum port_index port, const float value)
{
  float clamped = port_clamp(port, value);
  if (port_descriptions[port].type == CONTROL_OUTPUT) {
    clamped = roundf(clamped); // As it is shown
  }
  if (values->is_touched[port] || clamped == values->now[port]) {
    return;
  }
  values->now[port] = clamped;
  tell_changed(values, port);
}

double
value_position(const enum port_index port, const float value)
{
  const struct port_description *const description = &port_descriptions[port];
  const double minimum = (double)description->minimum;
  const double maximum = (double)description->maximum;
  if (description->properties & PORT_LOGARITHMIC) {
    return log((double)value / minimum) / log(maximum / minimum);
  }
  return ((double)value - minimum) / (maximum - minimum);
}

float
value_at(const enum port_index port, const double position)
{
  const struct port_description *const description = &port_descriptions[port];
  const double minimum = (double)description->minimum;
  const double maximum = (double)description->maximum;
  const double inside = fmax(0.0, fmin(1.0, position));
  if (description->properties & PORT_LOGARITHMIC) {
    return (float)(minimum * pow(maximum / minimum, inside));
  }
  return (float)(minimum + (maximum - minimum) * inside);
}

float
value_step(const enum port_index port, const bool is_fine)
{
  const struct port_description *const description = &port_descriptions[port];
  const float range = description->maximum - description->minimum;
  const bool is_whole = (description->properties & (PORT_INTEGER | PORT_TOGGLED)) != 0;
  const float least = is_whole ? 1.0F : description->steps > 0 ? range / (float)description->steps : range / 1000.0F;
  return is_fine || is_whole ? least : fmaxf(least, range / 40.0F);
}
