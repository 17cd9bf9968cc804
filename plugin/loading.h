// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Weight files on their way to the audio thread, and back. Loading happens in whatever thread is allowed to wait (the
// host's worker, restore, instantiate) and may happen in several at once. Each request has a serial number; what is loaded
// is published as a "delivery" through one atomic slot, and the newest request wins, whichever is ready first. The audio
// thread takes deliveries out of the slot, and puts those that it no longer uses on a list that the other threads empty.

#ifndef RITORNELLO_LOADING_H
#define RITORNELLO_LOADING_H

#include "engine/realtime.h"
#include "engine/weights.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  PATH_SIZE =
      3968, ///< Longest path and its end; with a header it fits the 4096 bytes of the shortest worker queue known
  STYLES_SIZE = WEIGHTS_STYLES * (WEIGHTS_STYLE_SIZE + 1),
};

/// The result of one request: weights, or why there are none.
struct delivery {
  struct delivery *next; ///< In the list of retired ones
  uint32_t serial;
  struct weights *weights;      ///< NULL if loading failed
  char path[PATH_SIZE];         ///< As requested
  char status[ERROR_TEXT_SIZE]; ///< What went wrong, or ""
  char styles[STYLES_SIZE];     ///< The weights' styles, separated by commas
};

struct loading {
  char bundle[PATH_SIZE]; ///< The plugin's bundle, with a slash at its end
  atomic_uint serial;     ///< Of the newest request
  atomic_bool is_starved; ///< A request failed for want of memory, even for saying so; the audio thread takes this down
  atomic_bool starved;    ///< There was not even memory to tell that a request failed
  _Atomic(struct delivery *) incoming;
  _Atomic(struct delivery *) retired;
  pthread_mutex_t lock; ///< Guards what follows, which the audio thread never touches
  char requested[PATH_SIZE];
  uint32_t requested_serial;
};

/// Make ready; `bundle` is the path of the plugin's bundle.
enum status loading_init(struct loading *loading, const char *bundle);

/// Free everything that is on its way. No other thread may use `loading` any more.
void loading_free(struct loading *loading);

/// Return the serial number of a new request.
uint32_t loading_request(struct loading *loading) REALTIME;

/// Load the file at `path` for request `serial` and publish it. If it is gone: that at `raw` (may be NULL, the path on the
/// machine where it was saved), or one of the same name in the bundle or in the user's data folder.
void loading_load(struct loading *loading, uint32_t serial, const char *path, const char *raw);

/// Copy the newest path asked for into `path`, whether it could be loaded or not; "" if there was none.
void loading_requested(struct loading *loading, char path[PATH_SIZE]);

/// Return what has arrived, now the caller's, or NULL.
struct delivery *loading_take(struct loading *loading) REALTIME;

/// Give back a delivery of which nothing is in use any more.
void loading_retire(struct loading *loading, struct delivery *delivery) REALTIME;

/// Return whether anything waits to be freed.
bool loading_has_retired(struct loading *loading) REALTIME;

/// Free what was given back.
void loading_collect(struct loading *loading);

/// Return whether request `serial` came before request `other`.
static inline bool
loading_is_older(const uint32_t serial, const uint32_t other) REALTIME
{
  return (int32_t)(serial - other) < 0;
}

#endif // RITORNELLO_LOADING_H
