// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// LV2's worker extension: the thread that loads and frees weights and writes exports. Messages are plain structs; answers go through the slots
// of loading.h and exporting.h, the same way that restore and instantiate use, so there is nothing to respond.

#include "plugin.h"

#include <string.h>

enum { WORK_LOAD = 1, WORK_COLLECT = 2, WORK_EXPORT = 3, WORK_WRITE = 4 };

struct work_message {
  uint32_t kind;
  uint32_t serial;      ///< WORK_LOAD
  char path[PATH_SIZE]; ///< WORK_LOAD, WORK_EXPORT; only as much of it is sent as is used
};

/// Bytes of a message before its path.
enum { WORK_HEADER = offsetof(struct work_message, path) };

// The host's own function: by LV2's contract schedule_work() may be called in run(), but no compiler can see that.
#if defined(__clang__)
#  pragma clang diagnostic push
#  pragma clang diagnostic ignored "-Wunknown-warning-option"
#  pragma clang diagnostic ignored "-Wfunction-effects"
#endif
static bool
schedule(const struct plugin *const plugin, const struct work_message *const message, const uint32_t size) REALTIME
{
  const LV2_Worker_Schedule *const host = plugin->schedule;
  return host && host->schedule_work(host->handle, size, message) == LV2_WORKER_SUCCESS;
}
#if defined(__clang__)
#  pragma clang diagnostic pop
#endif

/// Send `message` with a path.
static bool
schedule_path(struct plugin *const plugin,
              struct work_message *const message,
              const char *const path,
              const uint32_t length) REALTIME
{
  if (length >= PATH_SIZE) {
    return false;
  }
  memcpy(message->path, path, length);
  message->path[length] = '\0';
  return schedule(plugin, message, (uint32_t)WORK_HEADER + length + 1);
}

bool
plugin_request(struct plugin *const plugin, const char *const path, const uint32_t length) REALTIME
{
  struct work_message message = {.kind = WORK_LOAD, .serial = loading_request(&plugin->loading)};
  return schedule_path(plugin, &message, path, length);
}

bool
plugin_request_export(struct plugin *const plugin, const char *const path, const uint32_t length) REALTIME
{
  struct work_message message = {.kind = WORK_EXPORT};
  return schedule_path(plugin, &message, path, length);
}

bool
plugin_request_writing(struct plugin *const plugin) REALTIME
{
  const struct work_message message = {.kind = WORK_WRITE};
  return schedule(plugin, &message, WORK_HEADER);
}

void
plugin_request_collection(struct plugin *const plugin) REALTIME
{
  if (loading_has_retired(&plugin->loading) || keeping_has_spent(&plugin->keeping) ||
      exporting_is_stuck(&plugin->exporting)) {
    const struct work_message message = {.kind = WORK_COLLECT};
    schedule(plugin, &message, WORK_HEADER);
  }
}

static LV2_Worker_Status
work(const LV2_Handle instance,
     const LV2_Worker_Respond_Function respond,
     const LV2_Worker_Respond_Handle handle,
     const uint32_t size,
     const void *const data)
{
  (void)respond;
  (void)handle;
  struct plugin *const plugin = instance;
  struct work_message message = {.kind = 0};
  if (size < WORK_HEADER || size > sizeof message) {
    return LV2_WORKER_ERR_UNKNOWN;
  }
  memcpy(&message, data, size);
  message.path[PATH_SIZE - 1] = '\0';
  loading_collect(&plugin->loading);
  keeping_collect(&plugin->keeping);
  exporting_collect(&plugin->exporting);
  if (message.kind == WORK_LOAD) {
    loading_load(&plugin->loading, message.serial, message.path, NULL);
  } else if (message.kind == WORK_EXPORT) {
    exporting_prepare(&plugin->exporting, message.path);
  } else if (message.kind == WORK_WRITE) {
    exporting_write(&plugin->exporting);
  }
  return LV2_WORKER_SUCCESS;
}

static LV2_Worker_Status
work_response(const LV2_Handle instance, const uint32_t size, const void *const body)
{
  (void)instance;
  (void)size;
  (void)body;
  return LV2_WORKER_SUCCESS;
}

const void *
plugin_worker_interface(void)
{
  static const LV2_Worker_Interface interface = {work, work_response, NULL};
  return &interface;
}
