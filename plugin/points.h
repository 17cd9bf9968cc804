// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The names of ports' values and of groups of ports, as people read them: the description (TTL) and the window list them.

#ifndef RITORNELLO_POINTS_H
#define RITORNELLO_POINTS_H

#include "ports.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Return how many values have a name: 0, 1, 2, ... up to that number.
unsigned point_count(enum port_points points);

/// Return the name of value `value`, NULL if it has none.
const char *point_name(enum port_points points, unsigned value);

struct group_description {
  const char *symbol;
  const char *name;
};

/// [GROUP_COUNT]; GROUP_NONE has neither.
extern const struct group_description group_descriptions[GROUP_COUNT];

#ifdef __cplusplus
}
#endif

#endif // RITORNELLO_POINTS_H
