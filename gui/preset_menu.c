// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Presets.

#include "preset_menu.h"

#include "../ttl/presets.h"
#include "folder_list.h"
#include "menu.h"
#include "uris.h"

#include <stdio.h>
#include <string.h>

/// Whether a preset has a value for `port` that is about the music. What is about the song's set-up stays as the user has it.
static bool
is_musical(const enum port_index port)
{
  return preset_has(port) && port != PORT_SYNC && port != PORT_CHANNEL && port != PORT_LEFT_CHANNEL &&
         port != PORT_INPUT && port != PORT_LOOK_AHEAD;
}

static bool
is_preset(const struct values *const values, const struct preset *const preset)
{
  for (unsigned port = 0; port < PORT_COUNT; ++port) {
    if (is_musical((enum port_index)port) &&
        values->now[port] != port_round((enum port_index)port, preset_value(preset, (enum port_index)port))) {
      return false;
    }
  }
  return true;
}

// Whether `preset` plays the weights `name`: those without weights of their own play the user's, too.
static bool
has_weights(const struct preset *const preset, const char *const name)
{
  const char *const own = preset_own_weights(preset);
  return !own || !strcmp(own, name);
}

int
preset_find(const struct values *const values, const char *const weights)
{
  for (unsigned i = 0; i < PRESET_COUNT; ++i) {
    if (has_weights(&presets[i], path_name(weights)) && is_preset(values, &presets[i])) {
      return (int)i;
    }
  }
  return -1;
}

const char *
preset_label(const int preset)
{
  return presets[preset].label;
}

const char *
preset_weights(const int preset)
{
  const char *const own = preset_own_weights(&presets[preset]);
  return own ? own : RITORNELLO_DEFAULT_WEIGHTS;
}

void
preset_apply(struct values *const values, const int preset)
{
  for (unsigned port = 0; port < PORT_COUNT; ++port) {
    if (is_musical((enum port_index)port)) {
      values_change(values, (enum port_index)port, preset_value(&presets[preset], (enum port_index)port));
    }
  }
}

void
preset_menu_open(struct stage *const stage,
                 const struct box *const anchor,
                 const int chosen,
                 void (*const choose)(void *handle, int preset),
                 void *const handle)
{
  struct menu_item items[PRESET_COUNT];
  for (unsigned i = 0; i < PRESET_COUNT; ++i) {
    items[i] = (struct menu_item){.value = (int)i, .is_chosen = chosen == (int)i};
    snprintf(items[i].label, sizeof items[i].label, "%s", presets[i].label);
  }
  menu_open(stage, anchor, items, PRESET_COUNT, choose, handle);
}
