// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// LV2's state extension: saves which weight file is in use, portable through the host's mapPath and once more as it stands
// on this machine, and restores it. Restoring loads in the host's thread and publishes through the slot of loading.h, so it
// may happen at any time, also while run() is going on and without any features.

#include "plugin.h"

#include <lv2/state/state.h>

#include <stdlib.h>
#include <string.h>

/// The features that a host may give.
struct path_features {
  const LV2_State_Map_Path *map;
  const LV2_State_Free_Path *free;
};

static struct path_features
find_features(const LV2_Feature *const *const features)
{
  struct path_features found = {NULL, NULL};
  for (size_t i = 0; features && features[i]; ++i) {
    if (!strcmp(features[i]->URI, LV2_STATE__mapPath)) {
      found.map = features[i]->data;
    } else if (!strcmp(features[i]->URI, LV2_STATE__freePath)) {
      found.free = features[i]->data;
    }
  }
  return found;
}

static void
free_path(const struct path_features *const features, char *const path)
{
  if (features->free) {
    features->free->free_path(features->free->handle, path);
  } else {
    free(path);
  }
}

static LV2_State_Status
save(const LV2_Handle instance,
     const LV2_State_Store_Function store,
     const LV2_State_Handle handle,
     const uint32_t flags,
     const LV2_Feature *const *const features)
{
  (void)flags;
  struct plugin *const plugin = instance;
  const struct uris *const uris = &plugin->uris;
  const int32_t passes_on = atomic_load(&plugin->passes_on);
  store(handle, uris->thru, &passes_on, sizeof passes_on, uris->atom_bool, LV2_STATE_IS_POD | LV2_STATE_IS_PORTABLE);
  char path[PATH_SIZE];
  loading_requested(&plugin->loading, path);
  if (path[0] == '\0') {
    return LV2_STATE_SUCCESS; // An empty path would come back as the state file itself
  }

  const struct path_features with = find_features(features);
  char *const mapped = with.map ? with.map->abstract_path(with.map->handle, path) : NULL;
  const char *const portable = mapped && mapped[0] != '\0' ? mapped : path;
  LV2_State_Status status = store(handle, uris->weights, portable, strlen(portable) + 1, uris->atom_path,
                                  LV2_STATE_IS_POD | LV2_STATE_IS_PORTABLE);
  if (status == LV2_STATE_SUCCESS) {
    status = store(handle, uris->weights_file, path, strlen(path) + 1, uris->atom_string, LV2_STATE_IS_POD);
  }
  if (mapped) {
    free_path(&with, mapped);
  }
  return status;
}

/// Retrieve a text; NULL if there is none that is well-formed, short enough and not empty.
static const char *
retrieve_text(const LV2_State_Retrieve_Function retrieve, const LV2_State_Handle handle, const LV2_URID key)
{
  size_t size = 0;
  uint32_t type = 0;
  uint32_t flags = 0;
  const char *const text = retrieve(handle, key, &size, &type, &flags);
  return text && size > 1 && size <= PATH_SIZE && memchr(text, '\0', size) && text[0] != '\0' ? text : NULL;
}

/// A state without it (a preset, an older version) leaves it as it is.
static void
restore_thru(struct plugin *const plugin, const LV2_State_Retrieve_Function retrieve, const LV2_State_Handle handle)
{
  size_t size = 0;
  uint32_t type = 0;
  uint32_t flags = 0;
  const void *const value = retrieve(handle, plugin->uris.thru, &size, &type, &flags);
  int32_t passes_on = 0;
  if (value && size == sizeof passes_on) {
    memcpy(&passes_on, value, sizeof passes_on);
    atomic_store(&plugin->passes_on, passes_on != 0);
  }
}

static LV2_State_Status
restore(const LV2_Handle instance,
        const LV2_State_Retrieve_Function retrieve,
        const LV2_State_Handle handle,
        const uint32_t flags,
        const LV2_Feature *const *const features)
{
  (void)flags;
  struct plugin *const plugin = instance;
  restore_thru(plugin, retrieve, handle);
  atomic_store_explicit(&plugin->restored, true, memory_order_release);
  const char *const portable = retrieve_text(retrieve, handle, plugin->uris.weights);
  const char *const raw = retrieve_text(retrieve, handle, plugin->uris.weights_file);
  if (!portable && !raw) {
    return LV2_STATE_SUCCESS; // A state of ports alone: the weights stay
  }
  const struct path_features with = find_features(features);
  char *const mapped = portable && with.map ? with.map->absolute_path(with.map->handle, portable) : NULL;
  const char *const path = mapped && strlen(mapped) < PATH_SIZE ? mapped : portable ? portable : raw;

  loading_collect(&plugin->loading);
  loading_load(&plugin->loading, loading_request(&plugin->loading), path, raw);
  if (mapped) {
    free_path(&with, mapped);
  }
  return LV2_STATE_SUCCESS;
}

const void *
plugin_state_interface(void)
{
  static const LV2_State_Interface interface = {save, restore};
  return &interface;
}
