// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The trainer where things go wrong around it: another trainer in the same folder, music that changes between runs, a disk that
// is full.
//
// Usage: test_trainer PROGRAM MAKE_PIECES

#include "workshop.h"

#include "engine/safetensors.h"

#include <jansson.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static const char *program;
static const char *make_pieces;

#define TINY                                                                                                           \
  "--embedding=16", "--hidden=16", "--heads=1", "--key=16", "--value=16", "--dense=16", "--memory=32", "--streams=2",  \
      "--steps=32", "--threads=2", "--rate=0.01", "--no-report"

static void
path_in(const struct workshop *const workshop, const char *const name, char path[WORKSHOP_PATH])
{
  assert_true(snprintf(path, WORKSHOP_PATH, "%s/now/%s", workshop->folder, name) < WORKSHOP_PATH);
}

/// Run the program with `words`, which has to end with `status`, and if `sentence` is not NULL, with an error that has it.
static void
run(struct workshop *const workshop, const int status, const char *const sentence, const char *const *const words)
{
  const int result = workshop_run(workshop, words, NULL, NULL, NULL);
  if (result != status) {
    fail_msg("%s ends with %d instead of %d: %s", words[0], result, status, workshop->errors);
  }
  if (sentence && !strstr(workshop->errors, sentence)) {
    fail_msg("`%s' does not say `%s'", workshop->errors, sentence);
  }
}

#define RUN(workshop, status, sentence, ...) run(workshop, status, sentence, (const char *const[]){__VA_ARGS__, NULL})

static int
setup(void **const state)
{
  struct workshop *const workshop = calloc(1, sizeof *workshop);
  char path[WORKSHOP_PATH];
  *state = workshop;
  workshop_make(workshop, make_pieces);
  path_in(workshop, "music", path);
  assert_int_equal(mkdir(path, 0777), 0);
  RUN(workshop, 0, NULL, path);
  workshop->program = program;
  return 0;
}

static int
teardown(void **const state)
{
  workshop_remove(*state);
  free(*state);
  return 0;
}

static void
rest(void)
{
  nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
}

static void
a_second_trainer_in_the_same_folder_is_refused(void **const state)
{
  struct workshop *const workshop = *state;
  char path[WORKSHOP_PATH];
  char pid[64];
  path_in(workshop, "out.safetensors", path);
  const char *const words[] = {"train", "music", "-o", "out.safetensors", "--epochs=100000", TINY, NULL};
  const pid_t first = workshop_start(workshop, words);
  while (access(path, R_OK) != 0) {
    rest();
  }
  snprintf(pid, sizeof pid, "process %ld is training here", (long)first);
  RUN(workshop, 1, pid, "train", "music", "-o", "out.safetensors", "--epochs=1", TINY);
  RUN(workshop, 1, pid, "train", "-o", "out.safetensors", "--resume", "--epochs=1");
  RUN(workshop, 0, NULL, "train", "music", "-o", "other.safetensors", "--epochs=1", TINY);
  kill(first, SIGKILL);
  assert_int_equal(workshop_wait(workshop, first), 128 + SIGKILL);
  RUN(workshop, 0, NULL, "train", "-o", "out.safetensors", "--resume", "--epochs=1"); // The lock went with it
}

/// The works that a weight file says were kept out of its training, as JSON.
static char *
held_out_of(const struct workshop *const workshop, const char *const name)
{
  char path[WORKSHOP_PATH];
  struct safetensors *file = NULL;
  path_in(workshop, name, path);
  assert_int_equal(safetensors_read(path, &file, NULL), STATUS_SUCCESS);
  json_t *const training = json_loads(safetensors_metadata(file, "training"), 0, NULL);
  char *const works = json_dumps(json_object_get(training, "held_out_works"), 0);
  json_decref(training);
  safetensors_free(file);
  assert_non_null(works);
  return works;
}

static void
move(const struct workshop *const workshop, const char *const from, const char *const to)
{
  char paths[2][WORKSHOP_PATH];
  path_in(workshop, from, paths[0]);
  path_in(workshop, to, paths[1]);
  assert_int_equal(rename(paths[0], paths[1]), 0);
}

static void
music_that_has_changed_is_told_and_refused_unless_forced(void **const state)
{
  struct workshop *const workshop = *state;
  char path[WORKSHOP_PATH];
  RUN(workshop, 0, NULL, "train", "music", "-o", "out.safetensors", "--epochs=1", "--validation=0.3", TINY);
  char *const held = held_out_of(workshop, "out.safetensors");
  const uint64_t before = workshop_look(workshop, "out.safetensors.run/checkpoint.safetensors", PRODUCT_TENSORS);
  move(workshop, "music/mozart/piece1.mid", "piece1.mid");
  RUN(workshop, 1, "10 files with", "train", "-o", "out.safetensors", "--resume", "--epochs=2");
  assert_non_null(strstr(workshop->errors, "9 files with"));
  assert_non_null(strstr(workshop->errors, "--force"));
  assert_true(before == workshop_look(workshop, "out.safetensors.run/checkpoint.safetensors", PRODUCT_TENSORS));

  // Forced, it goes on: what was kept out stays kept out
  RUN(workshop, 0, NULL, "train", "-o", "out.safetensors", "--resume", "--force", "--epochs=2");
  assert_non_null(strstr(workshop->printed, "no longer what this training began with"));
  char *const held_now = held_out_of(workshop, "out.safetensors");
  assert_string_equal(held, held_now);
  assert_int_equal(workshop_look(workshop, "out.safetensors.run/log.csv", PRODUCT_LINES), 2 + 1 + 2);
  free(held_now);
  free(held);

  // From then on it is its music, with nothing to force
  RUN(workshop, 0, NULL, "train", "-o", "out.safetensors", "--resume", "--epochs=3");
  assert_null(strstr(workshop->printed, "no longer"));
  assert_int_equal(workshop_look(workshop, "out.safetensors.run/log.csv", PRODUCT_LINES), 2 + 1 + 3);

  // A piece of another composer is other music, though all notes are there
  move(workshop, "music/mozart/piece3.mid", "music/bach/piece3.mid");
  RUN(workshop, 1, "--force", "train", "-o", "out.safetensors", "--resume", "--epochs=4");
  move(workshop, "music/bach/piece3.mid", "music/mozart/piece3.mid");

  // Other styles are other numbers to the network
  move(workshop, "music/mozart", "music/salieri");
  RUN(workshop, 1, "styles", "train", "-o", "out.safetensors", "--resume", "--force", "--epochs=4");
  move(workshop, "music/salieri", "music/mozart");
  path_in(workshop, "music/salieri", path);
  assert_int_equal(mkdir(path, 0777), 0);
  move(workshop, "piece1.mid", "music/salieri/piece1.mid");
  RUN(workshop, 1, "out.safetensors", "train", "-o", "out.safetensors", "--resume", "--force", "--epochs=4");
}

/// Each file of a training must be there whole or not at all.
static void
assert_whole(const struct workshop *const workshop, const char *const name)
{
  static const struct {
    const char *ending;
    enum product_kind kind;
  } files[] = {{"", PRODUCT_TENSORS},
               {".run/checkpoint.safetensors", PRODUCT_TENSORS},
               {".run/log.csv", PRODUCT_LINES},
               {".run/config", PRODUCT_JSON}};
  char path[WORKSHOP_PATH];
  for (size_t i = 0; i < sizeof files / sizeof files[0]; ++i) {
    snprintf(path, sizeof path, "%s%s", name, files[i].ending);
    if (workshop_look(workshop, path, files[i].kind) == PRODUCT_BROKEN) {
      fail_msg("%s is broken", path);
    }
  }
  if (workshop_find_leftover(workshop, path)) {
    fail_msg("%s is left", path);
  }
}

static void
a_disk_that_is_full_ends_a_training_that_goes_on_when_there_is_room(void **const state)
{
  struct workshop *const workshop = *state;
  RUN(workshop, 0, NULL, "train", "music", "-o", "whole.safetensors", "--epochs=2", TINY);
  const uint64_t wanted = workshop_look(workshop, "whole.safetensors", PRODUCT_TENSORS);
  static const unsigned long limits[] = {1, 100, 400, 700, 1000, 4096, 20000, 60000, 100000, 150000, 200000, 300000};
  unsigned failures = 0;
  for (size_t i = 0; i < sizeof limits / sizeof limits[0]; ++i) {
    char name[64];
    char config[WORKSHOP_PATH];
    snprintf(name, sizeof name, "full-%zu.safetensors", i);
    const char *const words[] = {"train", "music", "-o", name, "--epochs=2", TINY, NULL};
    workshop->limit = limits[i];
    workshop->output = "/dev/null";
    const int status = workshop_run(workshop, words, NULL, NULL, NULL);
    workshop->limit = 0;
    workshop->output = NULL;
    failures += status == 1;
    if (status > 1) {
      fail_msg("where a file may have %lu bytes, it ends with status %d", limits[i], status);
    }
    assert_whole(workshop, name);
    snprintf(config, sizeof config, "%s.run/checkpoint.safetensors", name);
    if (workshop_look(workshop, config, PRODUCT_TENSORS) == PRODUCT_ABSENT) {
      run(workshop, 0, NULL, words);
    } else {
      RUN(workshop, 0, NULL, "train", "-o", name, "--resume");
    }
    assert_true(wanted == workshop_look(workshop, name, PRODUCT_TENSORS));
  }
  assert_true(failures >= 6);

  // Later, with a checkpoint that was written before and stays as it is
  RUN(workshop, 0, NULL, "train", "music", "-o", "later.safetensors", "--epochs=1", TINY);
  const uint64_t before = workshop_look(workshop, "later.safetensors.run/checkpoint.safetensors", PRODUCT_TENSORS);
  const char *const words[] = {"train", "-o", "later.safetensors", "--resume", "--epochs=2", NULL};
  workshop->limit = 4096;
  workshop->output = "/dev/null";
  const int status = workshop_run(workshop, words, NULL, NULL, NULL);
  workshop->limit = 0;
  workshop->output = NULL;
  assert_int_equal(status, 1);
  assert_true(before == workshop_look(workshop, "later.safetensors.run/checkpoint.safetensors", PRODUCT_TENSORS));
  run(workshop, 0, NULL, words);
}

static void
what_is_printed_to_a_full_disk_is_an_error(void **const state)
{
  struct workshop *const workshop = *state;
  RUN(workshop, 0, NULL, "train", "music", "-o", "out.safetensors", "--epochs=1", TINY);
  workshop->output = "/dev/full";
  RUN(workshop, 1, "ritornello corpus: ", "corpus", "music");
  RUN(workshop, 1, "ritornello corpus: ", "corpus", "music", "--json");
  RUN(workshop, 1, "ritornello evaluate: what it prints", "evaluate", "out.safetensors", "music");
  RUN(workshop, 1, "ritornello evaluate: what it prints", "evaluate", "out.safetensors", "music", "--json");
  RUN(workshop, 1, "ritornello: what it prints", "--version");
  RUN(workshop, 1, "ritornello: what it prints", "--help");
}

int
main(const int count, char **const arguments)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_second_trainer_in_the_same_folder_is_refused, setup, teardown),
      cmocka_unit_test_setup_teardown(music_that_has_changed_is_told_and_refused_unless_forced, setup, teardown),
      cmocka_unit_test_setup_teardown(a_disk_that_is_full_ends_a_training_that_goes_on_when_there_is_room, setup,
                                      teardown),
      cmocka_unit_test_setup_teardown(what_is_printed_to_a_full_disk_is_an_error, setup, teardown),
  };
  if (count < 3) {
    fprintf(stderr, "usage: test_trainer PROGRAM MAKE_PIECES\n");
    return EXIT_FAILURE;
  }
  program = workshop_find(arguments[1]);
  make_pieces = workshop_find(arguments[2]);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
