// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "lv2_worker.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct lv2_message {
  struct lv2_message *next;
  uint32_t size;
  max_align_t body[];
};

static LV2_Worker_Status
queue_append(struct lv2_queue *const queue, const uint32_t size, const void *const data)
{
  struct lv2_message *const message = malloc(sizeof(*message) + size);
  if (!message) {
    return LV2_WORKER_ERR_NO_SPACE;
  }
  message->next = NULL;
  message->size = size;
  if (size) {
    memcpy(message->body, data, size);
  }
  if (queue->last) {
    queue->last->next = message;
  } else {
    queue->first = message;
  }
  queue->last = message;
  return LV2_WORKER_SUCCESS;
}

// Return the first message, to be freed, or NULL
static struct lv2_message *
queue_take(struct lv2_queue *const queue)
{
  struct lv2_message *const message = queue->first;
  if (message) {
    queue->first = message->next;
    queue->last = queue->first ? queue->last : NULL;
  }
  return message;
}

static LV2_Worker_Status
schedule_work(LV2_Worker_Schedule_Handle handle, const uint32_t size, const void *const data)
{
  struct lv2_worker *const worker = handle;
  return queue_append(&worker->requests, size, data);
}

static LV2_Worker_Status
respond(LV2_Worker_Respond_Handle handle, const uint32_t size, const void *const data)
{
  struct lv2_worker *const worker = handle;
  return queue_append(&worker->responses, size, data);
}

void
lv2_worker_begin(struct lv2_worker *const worker)
{
  memset(worker, 0, sizeof(*worker));
  worker->schedule = (LV2_Worker_Schedule){worker, schedule_work};
}

void
lv2_worker_connect(struct lv2_worker *const worker, LilvInstance *const instance)
{
  worker->plugin = lilv_instance_get_extension_data(instance, LV2_WORKER__interface);
  worker->handle = lilv_instance_get_handle(instance);
}

void
lv2_worker_run(struct lv2_worker *const worker)
{
  const LV2_Worker_Interface *const plugin = worker->plugin;
  if (!plugin) {
    return;
  }

  do {
    struct lv2_message *message = NULL;
    while ((message = queue_take(&worker->requests))) {
      plugin->work(worker->handle, respond, worker, message->size, message->body);
      free(message);
    }
    while ((message = queue_take(&worker->responses))) {
      plugin->work_response(worker->handle, message->size, message->body);
      free(message);
    }
  } while (worker->requests.first);

  if (plugin->end_run) {
    plugin->end_run(worker->handle);
  }
}

void
lv2_worker_end(struct lv2_worker *const worker)
{
  struct lv2_message *message = NULL;
  while ((message = queue_take(&worker->requests)) || (message = queue_take(&worker->responses))) {
    free(message);
  }
}
