// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Talks with the plugin through its ports, as LV2 hosts carry it: values, and patch messages both ways.

#ifndef RITORNELLO_PLUGIN_LINK_H
#define RITORNELLO_PLUGIN_LINK_H

#include "desk.h"
#include "uris.h"

#include <lv2/atom/forge.h>
#include <lv2/ui/ui.h>

struct plugin_link {
  struct uris uris;
  LV2_URID event_transfer;
  LV2_Atom_Forge forge;
  LV2UI_Write_Function write;
  LV2UI_Controller controller;
};

void
plugin_link_init(struct plugin_link *link, LV2_URID_Map *map, LV2UI_Write_Function write, LV2UI_Controller controller);

/// Tell the plugin a port's value.
void plugin_link_write_value(const struct plugin_link *link, enum port_index port, float value);

/// Send it an atom.
void plugin_link_write_atom(const struct plugin_link *link, const LV2_Atom *atom);

/// Ask for all its properties.
void plugin_link_ask(struct plugin_link *link);

/// Let it have what the user wishes.
void plugin_link_wish(struct plugin_link *link, enum desk_wish wish, const char *text);

/// Hand what the plugin tells in `atom` (`size` bytes in memory) to the desk. False if it is no such message.
bool plugin_link_read(const struct plugin_link *link, const LV2_Atom *atom, uint32_t size, struct desk *desk);

#endif // RITORNELLO_PLUGIN_LINK_H
