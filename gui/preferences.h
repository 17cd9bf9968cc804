// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What the window remembers for the next time, in $XDG_CONFIG_HOME/ritornello/window: a line "name value" each.

#ifndef RITORNELLO_PREFERENCES_H
#define RITORNELLO_PREFERENCES_H

#include <stdbool.h>

struct preferences {
  double zoom;      ///< Of the window, 0.5 to 4
  double roll_zoom; ///< Pixels per quarter note, 4 to 400; 0: not known
};

/// Read them; what is not there or makes no sense is as in `defaults`.
struct preferences preferences_read(const struct preferences *defaults);

/// Write them, whole or not at all. False if that was not possible.
bool preferences_write(const struct preferences *preferences);

#endif // RITORNELLO_PREFERENCES_H
