// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The lease, and restored takes on their way.

#include "keeping.h"

#include <stdlib.h>

void
given_take_free(struct given_take *const given)
{
  if (given) {
    take_free(given->take);
    latches_free(given->latches);
    free(given);
  }
}

enum status
keeping_init(struct keeping *const keeping)
{
  atomic_init(&keeping->lease, LEASE_FREE);
  atomic_init(&keeping->runs, 0);
  atomic_init(&keeping->frames, 0);
  atomic_init(&keeping->runner, pthread_self()); // Nobody runs it yet: whoever makes it may save it
  atomic_init(&keeping->notes, 0);
  atomic_init(&keeping->has_take, false);
  atomic_init(&keeping->wanted, NULL);
  atomic_init(&keeping->is_unsaved, false);
  atomic_init(&keeping->is_starved, false);
  atomic_init(&keeping->given, NULL);
  atomic_init(&keeping->spent, NULL);
  keeping->pending = (struct take_image){.bar_count = 0};
  return pthread_mutex_init(&keeping->lock, NULL) == 0 ? STATUS_SUCCESS : STATUS_NO_MEMORY;
}

void
keeping_free(struct keeping *const keeping)
{
  given_take_free(atomic_exchange(&keeping->given, NULL));
  keeping_collect(keeping);
  take_image_free(&keeping->pending);
  pthread_mutex_destroy(&keeping->lock);
}

// The system's own function reads a register, but no compiler can see that.
#if defined(__clang__)
#  pragma clang diagnostic push
#  pragma clang diagnostic ignored "-Wunknown-warning-option"
#  pragma clang diagnostic ignored "-Wfunction-effects"
#endif
static pthread_t
this_thread(void) REALTIME
{
  return pthread_self();
}
#if defined(__clang__)
#  pragma clang diagnostic pop
#endif

bool
keeping_begin(struct keeping *const keeping, const uint32_t frames) REALTIME
{
  unsigned free_lease = LEASE_FREE;
  atomic_store(&keeping->runner, this_thread());
  atomic_store(&keeping->frames, frames);
  atomic_fetch_add(&keeping->runs, 1U);
  return atomic_compare_exchange_strong(&keeping->lease, &free_lease, LEASE_RUN);
}

void
keeping_end(struct keeping *const keeping) REALTIME
{
  atomic_store(&keeping->lease, LEASE_FREE);
}

struct given_take *
keeping_take(struct keeping *const keeping) REALTIME
{
  return atomic_load(&keeping->given) ? atomic_exchange(&keeping->given, NULL) : NULL;
}

void
keeping_spend(struct keeping *const keeping, struct given_take *const given) REALTIME
{
  // Only this thread adds, the others take all: this fails once at the most
  given->next = atomic_load(&keeping->spent);
  while (!atomic_compare_exchange_weak(&keeping->spent, &given->next, given)) {
  }
}

bool
keeping_has_spent(struct keeping *const keeping) REALTIME
{
  return atomic_load(&keeping->spent) != NULL;
}

void
keeping_collect(struct keeping *const keeping)
{
  struct given_take *given = atomic_exchange(&keeping->spent, NULL);
  while (given) {
    struct given_take *const next = given->next;
    given_take_free(given);
    given = next;
  }
}
