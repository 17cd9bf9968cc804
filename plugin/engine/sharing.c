// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The networks in use, as a list behind a lock: the process has few of them, and loading takes milliseconds anyway.

#include "sharing.h"

#include <pthread.h>
#include <stdlib.h>

struct shared {
  struct shared *next;
  uint64_t hash;
  struct network *network;
  unsigned users;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct shared *list; // Guarded by `lock`

struct network *
sharing_find(const uint64_t hash)
{
  struct network *found = NULL;
  pthread_mutex_lock(&lock);
  for (struct shared *shared = list; shared && !found; shared = shared->next) {
    if (shared->hash == hash) {
      ++shared->users;
      found = shared->network;
    }
  }
  pthread_mutex_unlock(&lock);
  return found;
}

void
sharing_add(const uint64_t hash, struct network *const network)
{
  struct shared *const shared = malloc(sizeof(*shared));
  if (shared) {
    pthread_mutex_lock(&lock);
    *shared = (struct shared){list, hash, network, 1};
    list = shared;
    pthread_mutex_unlock(&lock);
  }
}

// Take what is known of `network` off the list if it has no other user; return whether it has.
static bool
is_used_on(struct network *const network)
{
  bool is_used = false;
  pthread_mutex_lock(&lock);
  for (struct shared **place = &list; *place; place = &(*place)->next) {
    struct shared *const shared = *place;
    if (shared->network == network) {
      is_used = --shared->users > 0;
      if (!is_used) {
        *place = shared->next;
        free(shared);
      }
      break;
    }
  }
  pthread_mutex_unlock(&lock);
  return is_used;
}

void
sharing_release(struct network *const network)
{
  if (!is_used_on(network)) {
    network->class_->free(network);
  }
}
