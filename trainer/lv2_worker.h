// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The worker of a plugin in the offline host: what the plugin schedules in run() is done when run() is over, and answered at
// once, in the same thread. Nothing is ever left for later, so that a render does not depend on the machine's speed.

#ifndef RITORNELLO_LV2_WORKER_H
#define RITORNELLO_LV2_WORKER_H

#include <lilv/lilv.h>
#include <lv2/worker/worker.h>

struct lv2_message;

/// Messages in the order in which they were sent.
struct lv2_queue {
  struct lv2_message *first;
  struct lv2_message *last;
};

/// A worker. Fields are private, but for `schedule`, the feature's data.
struct lv2_worker {
  const LV2_Worker_Interface *plugin; ///< NULL if the plugin has none
  LV2_Handle handle;
  LV2_Worker_Schedule schedule;
  struct lv2_queue requests;
  struct lv2_queue responses;
};

/// Begin an empty worker: its feature can be offered before there is a plugin. It must not move in memory afterwards.
void lv2_worker_begin(struct lv2_worker *worker);

/// Connect the worker with the plugin it was offered to.
void lv2_worker_connect(struct lv2_worker *worker, LilvInstance *instance);

/// Do all that was scheduled, deliver the answers, and whatever comes of them; to be called after each run().
void lv2_worker_run(struct lv2_worker *worker);

/// Forget all messages.
void lv2_worker_end(struct lv2_worker *worker);

#endif // RITORNELLO_LV2_WORKER_H
