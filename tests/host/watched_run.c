// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A run of the plugin to be looked at from outside (system_calls.sh): it plays, jumps, takes other weights, is saved and
// restored, exports, and all that while a worker and a saving thread do their part. Every block stands between two marks that
// a system call leaves. With --bad, the host itself makes one more between them, so that one can see that it is seen.
//
// Usage: watched_run [--bad]

#include "fixture.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// The thread that saves.
struct saver {
  struct minihost *host;
  atomic_bool is_over;
};

static void *
save_often(void *const argument)
{
  struct saver *const saver = argument;
  while (!atomic_load(&saver->is_over)) {
    struct minihost_state state = {.count = 0};
    minihost_save_bare(saver->host, &state);
    minihost_restore_state(saver->host, &state);
    minihost_state_free(&state);
  }
  return NULL;
}

static void
play(const struct fixture *const fixture, struct minihost *const host)
{
  char path[FIXTURE_PATH + 16];
  snprintf(path, sizeof path, "%s/export.mid", fixture->folder);
  minihost_run(host, 48000);
  minihost_play(host);
  for (int i = 0; i < 12; ++i) {
    minihost_set(host, "temperature", 0.5F + 0.1F * (float)i);
    minihost_set(host, "regenerate", (float)(i % 3 == 1));
    minihost_set(host, "undo", (float)(i % 3 == 2));
    minihost_set(host, "pedal", (float)(i % 2));
    minihost_set(host, "originality", 16.0F);
    minihost_run(host, 48000);
    minihost_locate(host, 2 * (i % 4), 0.0);
    minihost_tempo(host, 90.0 + 10.0 * i);
    minihost_run(host, 24000);
    minihost_set_weights(host, i % 2 ? fixture->weights : fixture->other);
    minihost_run(host, 24000);
    minihost_export(host, path);
    minihost_ask(host);
    minihost_run(host, 24000);
    minihost_set_bars(host, i % 2 ? "lockBars" : "regenerateBars", "2-3");
  }
  minihost_stop(host);
  minihost_run(host, 4096);
}

int
main(const int count, char **const arguments)
{
  void *state = NULL;
  if (fixture_setup(&state) != 0) {
    return EXIT_FAILURE;
  }
  const struct fixture *const fixture = state;
  const int is_bad = count > 1 && !strcmp(arguments[1], "--bad");
  const struct minihost_options options = {.bundle = fixture->bundle,
                                           .worker = MINIHOST_WORKER_THREAD,
                                           .marks = is_bad ? MINIHOST_MARKS_BAD : MINIHOST_MARKS};
  struct saver saver = {.host = minihost_new(&options)};
  pthread_t thread;
  if (!saver.host || pthread_create(&thread, NULL, save_often, &saver) != 0) {
    return EXIT_FAILURE;
  }
  play(fixture, saver.host);
  atomic_store(&saver.is_over, true);
  pthread_join(thread, NULL);
  const int played = fixture_note_count(saver.host) > 50;
  minihost_free(saver.host);
  fixture_teardown(&state);
  return played ? EXIT_SUCCESS : EXIT_FAILURE;
}
