// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The worker of the host for tests: in the caller's thread, or in one of its own.

#include "minihost_private.h"

#include <stdlib.h>
#include <string.h>

// Clang's RealtimeSanitizer watches run() and what it calls; the host's own doings in there are none of the plugin's.
#if defined(__has_feature)
#  if __has_feature(realtime_sanitizer)
#    include <sanitizer/rtsan_interface.h>
#    define HOST_BEGIN() __rtsan_disable()
#    define HOST_END() __rtsan_enable()
#  endif
#endif
#ifndef HOST_BEGIN
#  define HOST_BEGIN() ((void)0)
#  define HOST_END() ((void)0)
#endif

static void
push(struct host_queue *const queue, const uint32_t size, const void *const data)
{
  struct host_message *const message = calloc(1, sizeof *message);
  message->size = size;
  memcpy(message->body, data, size);
  *(queue->first ? &queue->last->next : &queue->first) = message;
  queue->last = message;
}

static struct host_message *
pop(struct host_queue *const queue)
{
  struct host_message *const message = queue->first;
  if (message) {
    queue->first = message->next;
  }
  return message;
}

static LV2_Worker_Status
respond(const LV2_Worker_Respond_Handle handle, const uint32_t size, const void *const data)
{
  struct minihost *const host = handle;
  if (size > HOST_WORK_SIZE) {
    return LV2_WORKER_ERR_NO_SPACE;
  }
  pthread_mutex_lock(&host->work_lock);
  push(&host->responses, size, data);
  pthread_mutex_unlock(&host->work_lock);
  return LV2_WORKER_SUCCESS;
}

/// Do the work now, or hand it to the thread.
static LV2_Worker_Status
accept(struct minihost *const host, const uint32_t size, const void *const data)
{
  if (host->options.worker == MINIHOST_WORKER_SYNC) {
    return host->work->work(lilv_instance_get_handle(host->instance), respond, host, size, data);
  }
  pthread_mutex_lock(&host->work_lock);
  push(&host->requests, size, data);
  pthread_cond_broadcast(&host->work_changed);
  pthread_mutex_unlock(&host->work_lock);
  return LV2_WORKER_SUCCESS;
}

LV2_Worker_Status
host_schedule(const LV2_Worker_Schedule_Handle handle, const uint32_t size, const void *const data)
{
  struct minihost *const host = handle;
  if (size > HOST_WORK_SIZE || !host->work) {
    return LV2_WORKER_ERR_NO_SPACE;
  }
  HOST_BEGIN();
  host_mark(host, "/ritornello/mark/host");
  const LV2_Worker_Status status = accept(host, size, data);
  host_mark(host, "/ritornello/mark/plugin");
  HOST_END();
  return status;
}

static void *
work_thread(void *const argument)
{
  struct minihost *const host = argument;
  pthread_mutex_lock(&host->work_lock);
  while (!host->ending) {
    struct host_message *const message = pop(&host->requests);
    if (!message) {
      pthread_cond_wait(&host->work_changed, &host->work_lock);
      continue;
    }
    host->working = true;
    pthread_mutex_unlock(&host->work_lock);
    host->work->work(lilv_instance_get_handle(host->instance), respond, host, message->size, message->body);
    free(message);
    pthread_mutex_lock(&host->work_lock);
    host->working = false;
    pthread_cond_broadcast(&host->work_changed);
  }
  pthread_mutex_unlock(&host->work_lock);
  return NULL;
}

void
host_worker_begin(struct minihost *const host)
{
  pthread_mutex_init(&host->work_lock, NULL);
  pthread_cond_init(&host->work_changed, NULL);
  host->work = lilv_instance_get_extension_data(host->instance, LV2_WORKER__interface);
  if (host->options.worker == MINIHOST_WORKER_THREAD) {
    pthread_create(&host->thread, NULL, work_thread, host);
  }
}

void
host_worker_end(struct minihost *const host)
{
  if (host->options.worker == MINIHOST_WORKER_THREAD) {
    pthread_mutex_lock(&host->work_lock);
    host->ending = true;
    pthread_cond_broadcast(&host->work_changed);
    pthread_mutex_unlock(&host->work_lock);
    pthread_join(host->thread, NULL);
  }
  struct host_message *message = NULL;
  while ((message = pop(&host->requests)) || (message = pop(&host->responses))) {
    free(message);
  }
  pthread_cond_destroy(&host->work_changed);
  pthread_mutex_destroy(&host->work_lock);
}

void
host_worker_respond(struct minihost *const host)
{
  for (;;) {
    pthread_mutex_lock(&host->work_lock);
    struct host_message *const message = pop(&host->responses);
    pthread_mutex_unlock(&host->work_lock);
    if (!message) {
      break;
    }
    host->work->work_response(lilv_instance_get_handle(host->instance), message->size, message->body);
    free(message);
  }
  if (host->work && host->work->end_run) {
    host->work->end_run(lilv_instance_get_handle(host->instance));
  }
}

void
minihost_wait_for_worker(struct minihost *const host)
{
  if (host->options.worker == MINIHOST_WORKER_THREAD) {
    pthread_mutex_lock(&host->work_lock);
    while (host->requests.first || host->working) {
      pthread_cond_wait(&host->work_changed, &host->work_lock);
    }
    pthread_mutex_unlock(&host->work_lock);
  }
}
