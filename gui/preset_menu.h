// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The bundled presets, as hosts have them, in a menu.

#ifndef RITORNELLO_PRESET_MENU_H
#define RITORNELLO_PRESET_MENU_H

#include "stage.h"
#include "values.h"

/// Return the preset that the values are, with the file `weights` (a path, or ""), -1 if they are none.
int preset_find(const struct values *values, const char *weights);

/// Return the label of `preset`.
const char *preset_label(int preset);

/// Return the name of the weight file in the bundle that `preset` plays.
const char *preset_weights(int preset);

/// Give all ports that are about the music the values of `preset`: transport, channels, input and look-ahead stay.
void preset_apply(struct values *values, int preset);

/// Open the menu below `anchor`; `chosen` is marked. `choose` is called with the preset.
void preset_menu_open(
    struct stage *stage, const struct box *anchor, int chosen, void (*choose)(void *handle, int preset), void *handle);

#endif // RITORNELLO_PRESET_MENU_H
