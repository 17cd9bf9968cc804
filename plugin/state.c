// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// LV2's state extension: saves which weight file is in use, portable through the host's mapPath and once more as it stands
// on this machine, and the take, as a MIDI file in the state's folder; and restores both. Restoring loads in the host's thread
// and publishes through the slots of loading.h and keeping.h, so it may happen at any time, also while run() is going on and
// without any features.

#include "plugin.h"

#include <lv2/state/state.h>

#include <stdlib.h>
#include <string.h>

/// The features that a host may give.
struct path_features {
  const LV2_State_Map_Path *map;
  const LV2_State_Make_Path *make;
  const LV2_State_Free_Path *free;
};

/// File name of the take.
static const char TAKE_NAME[] = "take.mid";

static struct path_features
find_features(const LV2_Feature *const *const features)
{
  struct path_features found = {NULL, NULL, NULL};
  for (size_t i = 0; features && features[i]; ++i) {
    if (!strcmp(features[i]->URI, LV2_STATE__mapPath)) {
      found.map = features[i]->data;
    } else if (!strcmp(features[i]->URI, LV2_STATE__makePath)) {
      found.make = features[i]->data;
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

/// Where to store things, and how.
struct storage {
  LV2_State_Store_Function store;
  LV2_State_Handle handle;
  const struct uris *uris;
  struct path_features with;
};

/// Store `path` under `key`, portable, and under `plain_key` as it stands on this machine.
static LV2_State_Status
store_path(const struct storage *const storage, const LV2_URID key, const LV2_URID plain_key, const char *const path)
{
  const struct path_features *const with = &storage->with;
  char *const mapped = with->map ? with->map->abstract_path(with->map->handle, path) : NULL;
  const char *const portable = mapped && mapped[0] != '\0' ? mapped : path;
  LV2_State_Status status = storage->store(storage->handle, key, portable, strlen(portable) + 1,
                                           storage->uris->atom_path, LV2_STATE_IS_POD | LV2_STATE_IS_PORTABLE);
  if (status == LV2_STATE_SUCCESS) {
    status = storage->store(storage->handle, plain_key, path, strlen(path) + 1, storage->uris->atom_string,
                            LV2_STATE_IS_POD);
  }
  if (mapped) {
    free_path(with, mapped);
  }
  return status;
}

static LV2_State_Status
save_weights(struct plugin *const plugin, const struct storage *const storage)
{
  char path[PATH_SIZE];
  loading_requested(&plugin->loading, path);
  if (path[0] == '\0') {
    return LV2_STATE_SUCCESS; // An empty path would come back as the state file itself
  }
  return store_path(storage, storage->uris->weights, storage->uris->weights_file, path);
}

/// Write the take's file where the host wants it.
static LV2_State_Status
store_file(const struct storage *const storage, const struct midi_file *const file)
{
  const LV2_State_Make_Path *const make = storage->with.make;
  char *const path = make->path(make->handle, TAKE_NAME);
  if (!path || path[0] == '\0' || midi_file_write(path, file, NULL) != STATUS_SUCCESS) {
    if (path) {
      free_path(&storage->with, path);
    }
    return LV2_STATE_ERR_UNKNOWN;
  }
  const LV2_State_Status status = store_path(storage, storage->uris->take, storage->uris->take_file, path);
  free_path(&storage->with, path);
  return status;
}

/// Store the file's bytes, for hosts that keep no files.
static LV2_State_Status
store_data(const struct storage *const storage, const struct midi_file *const file)
{
  uint8_t *bytes = NULL;
  size_t size = 0;
  if (midi_file_bytes(TAKE_NAME, file, &bytes, &size, NULL) != STATUS_SUCCESS) {
    return LV2_STATE_ERR_UNKNOWN;
  }
  const LV2_State_Status status = storage->store(storage->handle, storage->uris->take_data, bytes, size,
                                                 storage->uris->atom_chunk, LV2_STATE_IS_POD | LV2_STATE_IS_PORTABLE);
  free(bytes);
  return status;
}

static LV2_State_Status
save_take(struct plugin *const plugin, const struct storage *const storage)
{
  struct midi_file file;
  if (plugin_save_take(plugin, &file, NULL) != STATUS_SUCCESS) {
    return LV2_STATE_ERR_UNKNOWN;
  }
  LV2_State_Status status = LV2_STATE_SUCCESS;
  if (file.own_size > 0) {
    status = storage->with.make ? store_file(storage, &file) : store_data(storage, &file);
  }
  midi_file_free(&file);
  return status;
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
  const struct storage storage = {store, handle, &plugin->uris, find_features(features)};
  const LV2_State_Status weights = save_weights(plugin, &storage);
  const LV2_State_Status take = save_take(plugin, &storage);
  atomic_store(&plugin->keeping.is_unsaved, take != LV2_STATE_SUCCESS);
  const int32_t passes_on = atomic_load(&plugin->passes_on);
  store(handle, plugin->uris.thru, &passes_on, sizeof passes_on, plugin->uris.atom_bool,
        LV2_STATE_IS_POD | LV2_STATE_IS_PORTABLE);
  return weights != LV2_STATE_SUCCESS ? weights : take;
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

/// Where to retrieve things from, and how.
struct source {
  LV2_State_Retrieve_Function retrieve;
  LV2_State_Handle handle;
  const struct uris *uris;
  struct path_features with;
};

/// Retrieve the path under `key` as it is on this machine into `path`; returns it, or NULL if there is none.
static const char *
retrieve_path(const struct source *const source, const LV2_URID key, char path[PATH_SIZE])
{
  const struct path_features *const with = &source->with;
  const char *const portable = retrieve_text(source->retrieve, source->handle, key);
  if (!portable) {
    return NULL;
  }
  char *const mapped = with->map ? with->map->absolute_path(with->map->handle, portable) : NULL;
  const char *const found = mapped && strlen(mapped) < PATH_SIZE ? mapped : portable; // Both fit
  memcpy(path, found, strlen(found) + 1);
  if (mapped) {
    free_path(with, mapped);
  }
  return path;
}

static void
restore_weights(struct plugin *const plugin, const struct source *const source)
{
  char space[PATH_SIZE];
  const char *const path = retrieve_path(source, source->uris->weights, space);
  const char *const plain = retrieve_text(source->retrieve, source->handle, source->uris->weights_file);
  if (path || plain) { // Otherwise it is a state of ports alone: the weights stay
    loading_collect(&plugin->loading);
    loading_load(&plugin->loading, loading_request(&plugin->loading), path ? path : plain, plain);
  }
}

/// Read the take's file at `path`, or else at `plain`; any may be NULL.
static enum status
read_file(const char *const path, const char *const plain, struct midi_file *const file, struct error *const error)
{
  enum status status = path ? midi_file_read(path, file, error) : STATUS_NO_FILE;
  if (status && plain && (!path || strcmp(path, plain) != 0)) {
    struct error other;
    struct error *const reason = path ? &other : error; // The first is what is told
    status = midi_file_read(plain, file, reason);
  }
  return status;
}

/// Read the take, wherever the state has it. STATUS_NOT_FOUND: it has none.
static enum status
retrieve_take(const struct source *const source, struct midi_file *const file, struct error *const error)
{
  const struct uris *const uris = source->uris;
  char space[PATH_SIZE];
  const char *const path = retrieve_path(source, uris->take, space);
  const char *const plain = retrieve_text(source->retrieve, source->handle, uris->take_file);
  enum status status = STATUS_NOT_FOUND;
  if (path || plain) {
    status = read_file(path, plain, file, error);
  } else {
    size_t size = 0;
    uint32_t type = 0;
    uint32_t flags = 0;
    const void *const bytes = source->retrieve(source->handle, uris->take_data, &size, &type, &flags);
    if (bytes && type == uris->atom_chunk) {
      status = midi_file_parse(bytes, size, TAKE_NAME, file, error);
    }
  }
  return status;
}

static void
restore_take(struct plugin *const plugin, const struct source *const source)
{
  struct midi_file file = {.format = 1};
  struct error error = {.status = STATUS_SUCCESS};
  const enum status status = retrieve_take(source, &file, &error);
  if (status != STATUS_NOT_FOUND) {
    plugin_restore_take(plugin, &file, status ? &error : NULL);
  }
  midi_file_free(&file);
}

/// A state without it (a preset, an older version) leaves it as it is.
static void
restore_thru(struct plugin *const plugin, const struct source *const source)
{
  size_t size = 0;
  uint32_t type = 0;
  uint32_t flags = 0;
  const void *const value = source->retrieve(source->handle, source->uris->thru, &size, &type, &flags);
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
  const struct source source = {retrieve, handle, &plugin->uris, find_features(features)};
  atomic_store_explicit(&plugin->restored, true, memory_order_release);
  restore_thru(plugin, &source);
  restore_weights(plugin, &source);
  restore_take(plugin, &source); // After the weights: see plugin_receive()
  return LV2_STATE_SUCCESS;
}

const void *
plugin_state_interface(void)
{
  static const LV2_State_Interface interface = {save, restore};
  return &interface;
}
