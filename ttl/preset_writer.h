// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Presets of the plugin as Turtle: for the bundle's own, when it is built, and for those that `ritornello preset` makes.
// Texts may hold anything: they are escaped as the Turtle specification (W3C 2014) wants it.

#ifndef RITORNELLO_PRESET_WRITER_H
#define RITORNELLO_PRESET_WRITER_H

#include "ports.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/// The value of a port that differs from its default.
struct preset_value {
  enum port_index port; ///< 0 ends a list (port 0 is no control)
  float value;
};

/// What is written of a preset.
struct preset_entry {
  const char *uri;     ///< Absolute, or relative to the file
  const char *label;   ///< As hosts list it
  const char *comment; ///< One sentence, or NULL
  const char *weights; ///< Weight file, as a URI relative to the file
  const char *bank;    ///< URI of the group it is in, or NULL
  unsigned style;      ///< Value of `style`
  const struct preset_value *values;
  size_t value_count; ///< At most; see preset_value.port
};

/// Whether presets have a value for `port`.
static inline bool
preset_has(const enum port_index port)
{
  return port_descriptions[port].type == CONTROL_INPUT && !(port_descriptions[port].properties & PORT_UNSTORED);
}

/// Return the value of `port` in a preset of `style` and the `values` [count] that differ from the defaults.
static inline float
preset_port_value(const unsigned style,
                  const struct preset_value *const values,
                  const size_t count,
                  const enum port_index port)
{
  for (size_t i = 0; i < count && values[i].port != 0; ++i) {
    if (values[i].port == port) {
      return values[i].value;
    }
  }
  return port == PORT_STYLE ? (float)style : port_descriptions[port].normal;
}

/// Write the prefixes that all files begin with.
void preset_write_prefixes(FILE *to);

/// Write a number with a decimal point, for whole numbers too: the index of a port is an integer, all else is not.
void preset_write_decimal(FILE *to, float value);

/// Write what stands in manifest.ttl of a preset that is described in `file`, a URI relative to it.
void preset_write_manifest(FILE *to, const struct preset_entry *preset, const char *file);

/// Write the preset itself: its weight file, and the values of all ports that belong to presets.
void preset_write(FILE *to, const struct preset_entry *preset);

#endif // RITORNELLO_PRESET_WRITER_H
