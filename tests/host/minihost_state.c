// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// State and presets of the host for tests, through lilv.

#include "minihost_private.h"

#include <lv2/atom/atom.h>
#include <lv2/state/state.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const void *
get_value(const char *const symbol, void *const data, uint32_t *const size, uint32_t *const type)
{
  struct minihost *const host = data;
  *size = sizeof(float);
  *type = host_map(host, LV2_ATOM__Float);
  return &host->controls[host_port(host, symbol)];
}

static void
set_value(const char *const symbol, void *const data, const void *const value, const uint32_t size, const uint32_t type)
{
  struct minihost *const host = data;
  if (type == host_map(host, LV2_ATOM__Float) && size == sizeof(float)) {
    memcpy(&host->controls[host_port(host, symbol)], value, sizeof(float));
  } else if (type == host_map(host, LV2_ATOM__Double) && size == sizeof(double)) {
    double number = 0.0;
    memcpy(&number, value, sizeof number);
    host->controls[host_port(host, symbol)] = (float)number;
  }
}

int
minihost_save(struct minihost *const host, const char *const folder)
{
  LilvState *const state =
      lilv_state_new_from_instance(host->plugin, host->instance, &host->map, folder, folder, folder, folder, get_value,
                                   host, LV2_STATE_IS_POD | LV2_STATE_IS_PORTABLE, NULL);
  const int result =
      state ? lilv_state_save(host->world, &host->map, &host->unmap, state, NULL, folder, "state.ttl") : -1;
  lilv_state_free(state);
  return result;
}

/// Restore `state` and free it.
static int
restore(struct minihost *const host, LilvState *const state)
{
  if (!state) {
    return -1;
  }
  lilv_state_restore(state, host->instance, set_value, host, 0, NULL);
  lilv_state_free(state);
  return 0;
}

int
minihost_restore(struct minihost *const host, const char *const folder)
{
  char path[4200];
  snprintf(path, sizeof path, "%s/state.ttl", folder);
  return restore(host, lilv_state_new_from_file(host->world, &host->map, NULL, path));
}

int
minihost_preset(struct minihost *const host, const char *const uri)
{
  LilvNode *const node = lilv_new_uri(host->world, uri);
  lilv_world_load_resource(host->world, node);
  LilvState *const state = lilv_state_new_from_world(host->world, &host->map, node);
  lilv_node_free(node);
  return restore(host, state);
}

/// A state of one path, and who asks for it.
struct bare {
  struct minihost *host;
  const char *path;
};

static const void *
retrieve(
    const LV2_State_Handle handle, const uint32_t key, size_t *const size, uint32_t *const type, uint32_t *const flags)
{
  const struct bare *const bare = handle;
  if (key != host_map(bare->host, MINIHOST_PLUGIN "#weights")) {
    return NULL;
  }
  *size = strlen(bare->path) + 1;
  *type = host_map(bare->host, LV2_ATOM__Path);
  *flags = LV2_STATE_IS_POD;
  return bare->path;
}

/// Have the plugin restore a path with `features`, which may be NULL.
static int
restore_path(struct minihost *const host, const char *const path, const LV2_Feature *const *const features)
{
  const LV2_State_Interface *const state = lilv_instance_get_extension_data(host->instance, LV2_STATE__interface);
  struct bare bare = {host, path};
  return state ? (int)state->restore(lilv_instance_get_handle(host->instance), retrieve, &bare, 0, features) : -1;
}

int
minihost_restore_bare(struct minihost *const host, const char *const path)
{
  return restore_path(host, path, NULL);
}

static char *
absolute_path(const LV2_State_Map_Path_Handle handle, const char *const name)
{
  const char *const folder = handle;
  const size_t size = strlen(folder) + strlen(name) + 2;
  char *const path = malloc(size);
  snprintf(path, size, "%s/%s", folder, name);
  return path;
}

static void
free_path(const LV2_State_Free_Path_Handle handle, char *const path)
{
  (void)handle;
  free(path);
}

int
minihost_restore_relative(struct minihost *const host, const char *const folder, const char *const name)
{
  char *const base = strdup(folder);
  LV2_State_Map_Path map = {base, NULL, absolute_path};
  LV2_State_Free_Path freeing = {NULL, free_path};
  const LV2_Feature map_feature = {LV2_STATE__mapPath, &map};
  const LV2_Feature free_feature = {LV2_STATE__freePath, &freeing};
  const LV2_Feature *const features[] = {&map_feature, &free_feature, NULL};
  const int result = restore_path(host, name, features);
  free(base);
  return result;
}
