// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A small offline LV2 host: the plugins that lilv finds, the features that a host offers to them, and their presets.
// Instances are in lv2_instance.h. One thread does everything; nothing here is for real time.

#ifndef RITORNELLO_LV2_HOST_H
#define RITORNELLO_LV2_HOST_H

#include "../plugin/engine/status.h"

#include <lilv/lilv.h>
#include <lv2/log/log.h>
#include <lv2/options/options.h>
#include <lv2/urid/urid.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Frames of a block, exactly, but for a last one that may be shorter.
enum { LV2_HOST_BLOCK = 1024, LV2_HOST_OPTIONS = 6 };

/// The numbers of the URIs that a host speaks, filled once when it is made.
struct lv2_urids {
  LV2_URID atom_chunk;
  LV2_URID atom_double;
  LV2_URID atom_float;
  LV2_URID atom_int;
  LV2_URID atom_long;
  LV2_URID atom_object;
  LV2_URID atom_path;
  LV2_URID atom_sequence;
  LV2_URID atom_urid;
  LV2_URID log_error;
  LV2_URID log_warning;
  LV2_URID midi_event;
  LV2_URID patch_body;
  LV2_URID patch_set;
  LV2_URID patch_property;
  LV2_URID patch_value;
  LV2_URID time_position;
  LV2_URID time_bar;
  LV2_URID time_bar_beat;
  LV2_URID time_beat_unit;
  LV2_URID time_beats_per_bar;
  LV2_URID time_beats_per_minute;
  LV2_URID time_frame;
  LV2_URID time_speed;
};

/// A host. To be read by instances; made and freed by the functions below. Never moves in memory.
struct lv2_host {
  LilvWorld *world;
  double rate;            ///< Frames per second
  struct lv2_urids urids; ///< Known numbers
  char **uris;            ///< [uri_count], the URI of number n at n - 1
  uint32_t uri_count;
  uint32_t uri_capacity;
  bool is_starved; ///< A URI has no number, for want of memory
  LV2_URID_Map map;
  LV2_URID_Unmap unmap;
  LV2_Log_Log log;
  float option_rate;
  int32_t option_block;
  int32_t option_sequence;
  LV2_Options_Option options[LV2_HOST_OPTIONS];
};

/// Make a host that runs plugins at `rate` and knows the plugins in the bundle folder `bundle` (or NULL) and those
/// installed; of a plugin that is in both, the bundle's is taken unless the installed one is newer.
enum status lv2_host_new(const char *bundle, double rate, struct lv2_host **host, struct error *error);

/// Free the host, after its instances.
void lv2_host_free(struct lv2_host *host);

/// Return the plugin called `uri`, or NULL. Owned by the host.
const LilvPlugin *lv2_host_plugin(const struct lv2_host *host, const char *uri);

/// Return the first instrument, by its URI, whose URI comes after `after` (NULL: any) and whose name has `word` in it, whatever
/// the case; NULL if there is none. Owned by the host.
const LilvPlugin *lv2_host_next_instrument(const struct lv2_host *host, const char *word, const char *after);

/// Return the URI of the preset of `plugin` that has `name` as its label (whatever the case) or as its URI; NULL if there is
/// none. To be freed with free().
char *lv2_host_find_preset(const struct lv2_host *host, const LilvPlugin *plugin, const char *name);

/// Write the labels of the presets of `plugin` that hold `part` (whatever the case), or of all if none does, into `text` of
/// `size` bytes: sorted, with commas, as many as there is room for, and how many more there are.
void
lv2_host_list_presets(const struct lv2_host *host, const LilvPlugin *plugin, const char *part, char *text, size_t size);

/// Return the number of `uri`, a new one if need be; 0 without memory.
LV2_URID lv2_host_map(struct lv2_host *host, const char *uri);

#endif // RITORNELLO_LV2_HOST_H
