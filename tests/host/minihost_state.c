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

// States of hosts that know no files

/// A state, and whose.
struct bare_state {
  struct minihost *host;
  struct minihost_state *state;
};

static LV2_State_Status
store_item(const LV2_State_Handle handle,
           const uint32_t key,
           const void *const value,
           const size_t size,
           const uint32_t type,
           const uint32_t flags)
{
  (void)flags;
  const struct bare_state *const bare = handle;
  if (bare->state->count == MINIHOST_ITEMS) {
    return LV2_STATE_ERR_NO_SPACE;
  }
  struct minihost_item *const item = &bare->state->items[bare->state->count++];
  item->key = strdup(bare->host->unmap.unmap(bare->host, key));
  item->type = strdup(bare->host->unmap.unmap(bare->host, type));
  item->value = malloc(size + 1);
  item->size = size;
  memcpy(item->value, value, size);
  return LV2_STATE_SUCCESS;
}

int
minihost_save_bare(struct minihost *const host, struct minihost_state *const state)
{
  const LV2_State_Interface *const interface = lilv_instance_get_extension_data(host->instance, LV2_STATE__interface);
  struct bare_state bare = {host, state};
  return (int)interface->save(lilv_instance_get_handle(host->instance), store_item, &bare,
                              LV2_STATE_IS_POD | LV2_STATE_IS_PORTABLE, NULL);
}

static const void *
retrieve_item(
    const LV2_State_Handle handle, const uint32_t key, size_t *const size, uint32_t *const type, uint32_t *const flags)
{
  const struct bare_state *const bare = handle;
  for (size_t i = 0; i < bare->state->count; ++i) {
    const struct minihost_item *const item = &bare->state->items[i];
    if (host_map(bare->host, item->key) == key) {
      *size = item->size;
      *type = host_map(bare->host, item->type);
      *flags = LV2_STATE_IS_POD;
      return item->value;
    }
  }
  return NULL;
}

int
minihost_restore_state(struct minihost *const host, const struct minihost_state *const state)
{
  const LV2_State_Interface *const interface = lilv_instance_get_extension_data(host->instance, LV2_STATE__interface);
  struct minihost_state copy = *state;
  struct bare_state bare = {host, &copy};
  return (int)interface->restore(lilv_instance_get_handle(host->instance), retrieve_item, &bare, 0, NULL);
}

void
minihost_state_set(struct minihost_state *const state, const char *const name, const char *const path)
{
  struct minihost_item *item = NULL;
  for (size_t i = 0; i < state->count && !item; ++i) {
    const char *const key = state->items[i].key;
    item = strlen(key) >= strlen(name) && !strcmp(key + strlen(key) - strlen(name), name) ? &state->items[i] : NULL;
  }
  if (!item) {
    item = &state->items[state->count++];
    item->key = calloc(1, sizeof MINIHOST_PLUGIN + strlen(name) + 1);
    sprintf(item->key, "%s#%s", MINIHOST_PLUGIN, name);
    item->type = strdup(LV2_ATOM__Path);
  }
  free(item->value);
  item->value = strdup(path);
  item->size = strlen(path) + 1;
}

void
minihost_state_free(struct minihost_state *const state)
{
  for (size_t i = 0; i < state->count; ++i) {
    free(state->items[i].key);
    free(state->items[i].type);
    free(state->items[i].value);
  }
  *state = (struct minihost_state){.count = 0};
}
