// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// describe - print what a host has to know of the plugin, from the tables that the plugin is built from, in the form that
// ardour.lua prints what Ardour knows.

#include "../../ttl/presets.h"
#include "ports.h"

#include <stdio.h>

static const char *
kind(const uint32_t properties)
{
  return properties & PORT_TOGGLED       ? "toggled"
         : properties & PORT_ENUMERATION ? "enumeration"
         : properties & PORT_INTEGER     ? "integer"
                                         : "continuous";
}

int
main(void)
{
  printf("plugin\tRitornello\tRitornello\n");
  for (unsigned i = 0; i < PORT_COUNT; ++i) {
    const struct port_description *const port = &port_descriptions[i];
    if (port->type == CONTROL_INPUT || port->type == CONTROL_OUTPUT) {
      printf("parameter\t%u\t%s\t%s\t%g\t%g\t%g\t%s\t%s\n", i, port->name, port->type == CONTROL_INPUT ? "in" : "out",
             (double)port->minimum, (double)port->maximum, (double)port->normal, kind(port->properties), port->comment);
    }
  }
  for (size_t i = 0; i < PRESET_COUNT; ++i) {
    printf("preset\t%s\n", presets[i].label);
  }
  return 0;
}
