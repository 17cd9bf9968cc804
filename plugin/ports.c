// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The table of ports as data.

#include "ports.h"
#include "styles.h"

#include <stddef.h>

#define DESCRIBE(ID, symbol, name, type, minimum, maximum, normal, steps, unit, points, properties, group,             \
                 designation, comment)                                                                                 \
  {symbol, name, type, minimum, maximum, normal, steps, unit, points, properties, group, designation, comment},

const struct port_description port_descriptions[PORT_COUNT] = {PORTS(DESCRIBE)};

float
port_clamp(const enum port_index index, const float value) REALTIME
{
  const struct port_description *const port = &port_descriptions[index];
  if (value != value) {
    return port->normal;
  }
  float clamped = value < port->minimum ? port->minimum : value > port->maximum ? port->maximum : value;
  if (port->properties & (PORT_INTEGER | PORT_TOGGLED)) {
    const float below = (float)(int32_t)(clamped - port->minimum);
    clamped = port->minimum + (clamped - port->minimum - below >= 0.5F ? below + 1.0F : below);
  }
  return clamped;
}

float
port_round(const enum port_index index, const float value) REALTIME
{
  const struct port_description *const port = &port_descriptions[index];
  const float clamped = port_clamp(index, value);
  if (port->steps == 0) {
    return clamped;
  }
  const double range = (double)port->maximum - (double)port->minimum;
  const uint32_t step = (uint32_t)(((double)clamped - (double)port->minimum) / range * port->steps + 0.5);
  return (float)((double)port->minimum + range * step / port->steps);
}
