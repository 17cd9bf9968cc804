// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// All threads at once: one runs blocks, and beside it a worker loads and writes, a host saves and restores, and a window asks
// for this and that. What is played stays well-formed. Under ThreadSanitizer this is where races would be seen (see the
// target thread_sanitizer).

#include "fixture.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { ROUNDS = 60, AHEAD_MOST = 40 };

/// What the threads share.
struct stage {
  const struct fixture *fixture;
  struct minihost *host;
  struct minihost_state session; ///< With a take
  atomic_bool is_over;
  atomic_uint saves;
  atomic_uint restores;
  atomic_uint requests;
};

static void *
save_often(void *const argument)
{
  struct stage *const stage = argument;
  while (!atomic_load(&stage->is_over)) {
    struct minihost_state state = {.count = 0};
    if (minihost_save_bare(stage->host, &state) == 0) {
      atomic_fetch_add(&stage->saves, 1U);
    }
    minihost_state_free(&state);
  }
  return NULL;
}

static void *
restore_often(void *const argument)
{
  struct stage *const stage = argument;
  for (unsigned i = 0; !atomic_load(&stage->is_over); ++i) {
    const int result = i % 3
                           ? minihost_restore_bare(stage->host, i % 2 ? stage->fixture->other : stage->fixture->weights)
                           : minihost_restore_state(stage->host, &stage->session);
    atomic_fetch_add(&stage->restores, result == 0);
  }
  return NULL;
}

static void *
ask_often(void *const argument)
{
  struct stage *const stage = argument;
  char path[FIXTURE_PATH];
  fixture_path(stage->fixture, "exported.mid", 0, path);
  for (unsigned i = 0; !atomic_load(&stage->is_over); ++i) {
    switch (i % 4) {
    case 0:
      minihost_set_weights(stage->host, i % 8 ? stage->fixture->other : stage->fixture->weights);
      break;
    case 1:
      minihost_export(stage->host, path);
      break;
    case 2:
      minihost_set_bars(stage->host, "lockBars", i % 8 > 4 ? "3-4" : "none");
      break;
    default:
      minihost_set_bars(stage->host, "regenerateBars", "2-5");
      break;
    }
    // The next one when this one has come to the plugin, or a little later: no clock is needed for that
    const unsigned blocks = atomic_fetch_add(&stage->requests, 1U);
    while (!atomic_load(&stage->is_over) && atomic_load(&stage->requests) == blocks + 1) {
      sched_yield();
    }
  }
  return NULL;
}

/// Run blocks, with all that a transport does.
static void
run_blocks(struct stage *const stage)
{
  struct minihost *const host = stage->host;
  minihost_play(host);
  for (int i = 0; i < ROUNDS; ++i) {
    minihost_block(host, (uint32_t)(64 << (i % 5)));
    minihost_set(host, "temperature", 0.4F + 0.1F * (float)(i % 10));
    minihost_set(host, "regenerate", (float)(i % 7 == 3));
    minihost_set(host, "undo", (float)(i % 7 == 5));
    minihost_set(host, "enabled", (float)(i % 11 != 10));
    minihost_set(host, "freewheel", (float)(i % 6 == 4));
    if (i % 5 == 4) {
      minihost_locate(host, i % 8, 0.0);
    }
    for (int k = 0; k < AHEAD_MOST; ++k) {
      minihost_run(host, 600);
      atomic_store(&stage->requests, 0U);
    }
  }
  minihost_set(host, "enabled", 1.0F);
  minihost_stop(host);
  minihost_run(host, 4096);
}

static void
everything_may_happen_at_once(void **const state)
{
  const struct fixture *const fixture = *state;
  const struct minihost_options options = {.worker = MINIHOST_WORKER_THREAD};
  struct stage stage = {.fixture = fixture};
  struct minihost *const first = fixture_host(fixture, NULL);
  fixture_start(first);
  minihost_run(first, 10 * 48000);
  assert_int_equal(minihost_save_bare(first, &stage.session), 0);
  minihost_free(first);

  stage.host = fixture_host(fixture, &options);
  static void *(*const duties[])(void *) = {save_often, restore_often, ask_often};
  pthread_t threads[3];
  for (size_t i = 0; i < 3; ++i) {
    assert_int_equal(pthread_create(&threads[i], NULL, duties[i], &stage), 0);
  }
  run_blocks(&stage);
  while (atomic_load(&stage.saves) < 3 || atomic_load(&stage.restores) < 3) {
    minihost_run(stage.host, 256); // However busy the machine is
  }
  atomic_store(&stage.is_over, true);
  for (size_t i = 0; i < 3; ++i) {
    pthread_join(threads[i], NULL);
  }
  minihost_wait_for_worker(stage.host);
  minihost_run(stage.host, 4096);
  assert_int_equal(minihost_sounding(stage.host), 0);
  assert_int_equal(minihost_faults(stage.host), 0);
  assert_true(fixture_note_count(stage.host) > 50);
  minihost_state_free(&stage.session);
  minihost_free(stage.host);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(everything_may_happen_at_once),
  };
  return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
