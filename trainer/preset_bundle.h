// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A weight file as presets of the plugin, in a bundle of its own: a folder DIRECTORY/ritornello-NAME.lv2 with a copy of the
// weights and a preset for every style in them that the plugin can ask for. Hosts list them at their next scan.
//
// A bundle appears, is replaced and disappears as a whole. One that this program has not made is never touched; its own are
// known by the first line of their manifest.

#ifndef RITORNELLO_PRESET_BUNDLE_H
#define RITORNELLO_PRESET_BUNDLE_H

#include "engine/status.h"

#include <stdbool.h>
#include <stddef.h>

enum { PRESET_PATH_SIZE = 4096, PRESET_LABEL_SIZE = 192, PRESET_MOST = 256 };

struct preset_request {
  const char *weights;   ///< Weight file; to remove, only its name counts
  const char *directory; ///< Folder of bundles; NULL: .lv2 in the home folder
  const char *name;      ///< NULL: the weight file's, without its extension
};

/// What was made.
struct preset_bundle {
  char path[PRESET_PATH_SIZE];
  bool replaced; ///< There was one before
  size_t count;
  char labels[PRESET_MOST][PRESET_LABEL_SIZE];
};

/// Make the bundle, or make it anew.
enum status
preset_bundle_install(const struct preset_request *request, struct preset_bundle *bundle, struct error *error);

/// Remove it, and say on stdout what was removed.
enum status preset_bundle_remove(const struct preset_request *request, struct error *error);

/// Make it, and say on stdout what was made.
enum status preset_bundle_make(const struct preset_request *request, struct error *error);

#endif // RITORNELLO_PRESET_BUNDLE_H
