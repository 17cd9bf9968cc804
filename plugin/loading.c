// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Weight files on their way to the audio thread, and back.

#include "loading.h"
#include "uris.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void
delivery_free(struct delivery *const delivery)
{
  if (delivery) {
    weights_free(delivery->weights);
    free(delivery);
  }
}

enum status
loading_init(struct loading *const loading, const char *const bundle)
{
  *loading = (struct loading){.requested_serial = 0};
  const size_t length = strlen(bundle);
  const char *const slash = length > 0 && bundle[length - 1] == '/' ? "" : "/";
  if (snprintf(loading->bundle, sizeof loading->bundle, "%s%s", bundle, slash) >= (int)sizeof loading->bundle) {
    return STATUS_TOO_LARGE;
  }
  atomic_init(&loading->serial, 0);
  atomic_init(&loading->is_starved, false);
  atomic_init(&loading->incoming, NULL);
  atomic_init(&loading->retired, NULL);
  return pthread_mutex_init(&loading->lock, NULL) == 0 ? STATUS_SUCCESS : STATUS_NO_MEMORY;
}

void
loading_free(struct loading *const loading)
{
  delivery_free(atomic_exchange(&loading->incoming, NULL));
  loading_collect(loading);
  pthread_mutex_destroy(&loading->lock);
}

uint32_t
loading_request(struct loading *const loading) REALTIME
{
  return (uint32_t)atomic_fetch_add(&loading->serial, 1U) + 1U;
}

struct delivery *
loading_take(struct loading *const loading) REALTIME
{
  // Mostly there is nothing; a plain read is cheaper than an exchange
  return atomic_load(&loading->incoming) ? atomic_exchange(&loading->incoming, NULL) : NULL;
}

void
loading_retire(struct loading *const loading, struct delivery *const delivery) REALTIME
{
  // Only this thread adds, the others take all: this fails once at the most
  delivery->next = atomic_load(&loading->retired);
  while (!atomic_compare_exchange_weak(&loading->retired, &delivery->next, delivery)) {
  }
}

bool
loading_has_retired(struct loading *const loading) REALTIME
{
  return atomic_load(&loading->retired) != NULL;
}

void
loading_collect(struct loading *const loading)
{
  struct delivery *delivery = atomic_exchange(&loading->retired, NULL);
  while (delivery) {
    struct delivery *const next = delivery->next;
    delivery_free(delivery);
    delivery = next;
  }
}

/// Make one delivery of two: what `newer` says counts, but if it could not be had, the weights of `older` do. Frees the other.
static struct delivery *
merge(struct delivery *const newer, struct delivery *const older)
{
  if (!newer->weights) {
    newer->weights = older->weights;
    older->weights = NULL;
    memcpy(newer->styles, older->styles, sizeof newer->styles);
  }
  delivery_free(older);
  return newer;
}

/// Put `delivery` into the slot, together with what may be there still. Deliveries are only touched by who holds them.
static void
publish(struct loading *const loading, struct delivery *delivery)
{
  struct delivery *nothing = NULL;
  do {
    struct delivery *const other = atomic_exchange(&loading->incoming, NULL);
    if (other) {
      delivery = loading_is_older(delivery->serial, other->serial) ? merge(other, delivery) : merge(delivery, other);
    }
    nothing = NULL; // Another thread may have put something there meanwhile
  } while (!atomic_compare_exchange_strong(&loading->incoming, &nothing, delivery));
}

void
loading_requested(struct loading *const loading, char path[PATH_SIZE])
{
  pthread_mutex_lock(&loading->lock);
  memcpy(path, loading->requested, PATH_SIZE);
  pthread_mutex_unlock(&loading->lock);
}

static void
remember_request(struct loading *const loading, const uint32_t serial, const char *const path)
{
  pthread_mutex_lock(&loading->lock);
  if (!loading_is_older(serial, loading->requested_serial)) {
    loading->requested_serial = serial;
    snprintf(loading->requested, PATH_SIZE, "%s", path);
  }
  pthread_mutex_unlock(&loading->lock);
}

static bool
is_file(const char *const path)
{
  struct stat information;
  return stat(path, &information) == 0 && S_ISREG(information.st_mode);
}

/// Whether there is a file `name` in the folder `folder` + `below`; its path goes into `found`.
static bool
look_in(const char *const folder, const char *const below, const char *const name, char found[PATH_SIZE])
{
  return folder && folder[0] != '\0' && snprintf(found, PATH_SIZE, "%s%s%s", folder, below, name) < PATH_SIZE &&
         is_file(found);
}

/// Find the file that a request means; false if there is none.
static bool
find_file(const struct loading *const loading, const char *const path, const char *const raw, char found[PATH_SIZE])
{
  if (look_in(path, "", "", found) || look_in(raw, "", "", found)) {
    return true;
  }
  const char *const slash = strrchr(path, '/');
  const char *const name = slash ? slash + 1 : path;
  return name[0] != '\0' &&
         (look_in(loading->bundle, "", name, found) || look_in(getenv("XDG_DATA_HOME"), "/ritornello/", name, found) ||
          look_in(getenv("HOME"), "/.local/share/ritornello/", name, found));
}

/// Write the names of the weights' styles into `text`.
static void
list_styles(const struct weights *const weights, char text[STYLES_SIZE])
{
  size_t used = 0;
  for (uint32_t i = 0; i < weights->style_count && used < STYLES_SIZE; ++i) {
    used += (size_t)snprintf(text + used, STYLES_SIZE - used, "%s%s", i ? "," : "", weights->styles[i]);
  }
}

void
loading_load(struct loading *const loading, const uint32_t serial, const char *const path, const char *const raw)
{
  remember_request(loading, serial, path);
  struct delivery *const delivery = calloc(1, sizeof *delivery);
  if (!delivery) {
    atomic_store(&loading->is_starved, true); // The old weights play on
    return;
  }
  delivery->serial = serial;
  snprintf(delivery->path, sizeof delivery->path, "%s", path);

  char found[PATH_SIZE];
  struct error error = {.status = STATUS_SUCCESS};
  if (!find_file(loading, path, raw, found)) {
    error_set(&error, STATUS_NO_FILE, "There is no weight file %s: put it back or choose another", path);
  } else if (weights_load(found, &delivery->weights, &error) == STATUS_SUCCESS) {
    list_styles(delivery->weights, delivery->styles);
  }
  if (!delivery->weights) {
    snprintf(delivery->status, sizeof delivery->status, "%s", error.text);
  }
  publish(loading, delivery);
}
