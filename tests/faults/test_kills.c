// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Trainings that are killed at random moments, also while they write their checkpoint, which they do after every update here, and
// go on again and again end in the same bytes as one that nobody disturbed.
//
// Usage: test_kills [KILLS]

#include "training_fixture.h"

#include "engine/random.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static unsigned kills_wanted = 20;

static double
seconds_now(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/// Train in a process of its own; kill it after `seconds`. Returns whether that came before its end.
static bool
train_and_kill(const struct training_options *const options, const double seconds)
{
  const pid_t child = fork();
  assert_int_not_equal(child, -1);
  if (child == 0) {
    struct error error;
    _exit(training_run(options, &error) ? 1 : 0);
  }
  const struct timespec moment = {.tv_sec = (time_t)seconds,
                                  .tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9)};
  nanosleep(&moment, NULL);
  kill(child, SIGKILL);
  int status = 0;
  assert_int_equal(waitpid(child, &status, 0), child);
  if (WIFEXITED(status)) {
    assert_int_equal(WEXITSTATUS(status), 0);
  }
  return WIFSIGNALED(status);
}

static struct training_options
options_for(const char *const name)
{
  struct training_options o = fixture_options(name);
  o.epochs = 3.0;
  o.keep = 1;
  o.checkpoint_minutes = 0.0;
  return o;
}

/// The fixture's paths are there for a while only.
static void
keep_path(struct training_options *const options, char path[512])
{
  snprintf(path, 512, "%.511s", options->output);
  options->output = path;
}

static void
killed_trainings_end_in_the_same_bytes(void **const state)
{
  (void)state;
  const uint64_t key = (uint64_t)getpid();
  struct training_options whole = options_for("whole.safetensors");
  char whole_path[512];
  keep_path(&whole, whole_path);
  const double begin = seconds_now();
  fixture_train(&whole);
  const double most = 0.5 * (seconds_now() - begin);
  unsigned kills = 0;
  unsigned trainings = 0;
  for (unsigned i = 0; kills < kills_wanted; ++trainings) {
    char name[32];
    char path[512];
    struct stat checkpoint;
    snprintf(name, sizeof name, "killed-%u.safetensors", trainings);
    struct training_options o = options_for(name);
    char output[512];
    keep_path(&o, output);
    snprintf(path, sizeof path, "%.480s.run/checkpoint.safetensors", o.output);
    while (kills < kills_wanted && train_and_kill(&o, most * (double)random_uniform(key, i++))) {
      ++kills;
      o.resume = stat(path, &checkpoint) == 0;
    }
    o.resume = stat(path, &checkpoint) == 0;
    fixture_train(&o);
    fixture_assert_same_training(whole.output, o.output);
  }
  printf("%u kills in %u trainings, which all ended as one without\n", kills, trainings);
}

int
main(const int count, char **const arguments)
{
  if (count > 1) {
    kills_wanted = (unsigned)strtoul(arguments[1], NULL, 10);
  }
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(killed_trainings_end_in_the_same_bytes),
  };
  return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
