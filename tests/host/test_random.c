// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Plays random sessions and says which ones fail. Sessions run in processes of their own, so that a crash is a failure like
// any other; a session that fails is made smaller as long as it still fails, and can be run again alone with its seed.
//
// Usage: test_random [--seed N] [--sessions COUNT] [--bundled]
// Default: sessions 0 to 1999 with small random weights; --bundled: with the bundle's own.

#include "random_session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SESSIONS = 2000, BATCH = 100, FAILURES_MOST = 5 };

/// What a process tells of what it does.
struct report {
  bool is_quick; ///< See plan_make()
  uint32_t seed; ///< In the making
  char failure[PLAN_FAILURE];
};

/// Wait for `child`; true if it did well.
static bool
is_well(const pid_t child)
{
  int status = 0;
  return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
}

/// Play the sessions from `first` to before `end`; false at the first that fails, which `report` tells of.
static bool
play_batch(const struct fixture *const fixture, struct report *const report, const uint32_t first, const uint32_t end)
{
  const pid_t child = fork();
  if (child == 0) {
    for (uint32_t seed = first; seed < end; ++seed) {
      struct plan plan;
      report->seed = seed;
      snprintf(report->failure, PLAN_FAILURE, "it crashes");
      plan_make(&plan, seed, report->is_quick);
      if (!plan_play(&plan, fixture, report->failure)) {
        exit(EXIT_FAILURE);
      }
    }
    exit(EXIT_SUCCESS);
  }
  return is_well(child);
}

/// Whether `plan` holds.
static bool
holds(const struct fixture *const fixture, struct report *const report, const struct plan *const plan)
{
  const pid_t child = fork();
  if (child == 0) {
    snprintf(report->failure, PLAN_FAILURE, "it crashes");
    exit(plan_play(plan, fixture, report->failure) ? EXIT_SUCCESS : EXIT_FAILURE);
  }
  return is_well(child);
}

/// `plan` without `count` actions from number `first`.
static struct plan
without(const struct plan *const plan, const size_t first, const size_t count)
{
  struct plan smaller = *plan;
  memmove(&smaller.actions[first], &plan->actions[first + count],
          (plan->count - first - count) * sizeof plan->actions[0]);
  smaller.count -= count;
  return smaller;
}

/// Leave out of `plan` what it fails without.
static void
shrink(const struct fixture *const fixture, struct report *const report, struct plan *const plan)
{
  for (size_t size = plan->count / 2; size > 0; size /= 2) {
    for (size_t first = 0; first + size <= plan->count;) {
      const struct plan smaller = without(plan, first, size);
      if (holds(fixture, report, &smaller)) {
        first += size;
      } else {
        *plan = smaller;
      }
    }
  }
}

/// Tell of the session that `report` is about.
static void
tell(const struct fixture *const fixture, struct report *const report)
{
  struct plan plan;
  const uint32_t seed = report->seed;
  fprintf(stderr, "Session %u fails: %s. What follows is its smallest part that does; run it with --seed %u.\n", seed,
          report->failure, seed);
  plan_make(&plan, seed, report->is_quick);
  shrink(fixture, report, &plan);
  holds(fixture, report, &plan);
  fprintf(stderr, "Made smaller: %s\n", report->failure);
  plan_print(&plan, stderr);
}

/// Play `count` sessions from `first` on; returns how many failed.
static unsigned
play_all(const struct fixture *const fixture, struct report *const report, const uint32_t first, const uint32_t count)
{
  unsigned failures = 0;
  const uint32_t end = first + count;
  for (uint32_t next = first; next < end && failures < FAILURES_MOST;) {
    const uint32_t batch = end - next < BATCH ? end - next : BATCH;
    if (play_batch(fixture, report, next, next + batch)) {
      next += batch;
    } else {
      ++failures;
      next = report->seed + 1;
      tell(fixture, report);
    }
  }
  printf("%u random sessions, %u failed\n", count, failures);
  return failures;
}

static int
compare_numbers(const void *const a, const void *const b)
{
  const double x = *(const double *)a;
  const double y = *(const double *)b;
  return x < y ? -1 : x > y;
}

/// Print what composing costs when it uses all of the default budget: shares of a block of 64 frames at 48 kHz. It is no test:
/// machines differ, and are busy.
static void
print_cost(const struct fixture *const fixture)
{
  enum { BLOCKS = 3000 };
  static double plain[BLOCKS];
  const struct minihost_options options = {.bundle = fixture->bundle, .block = 64};
  struct minihost *const host = minihost_new(&options);
  if (!host) {
    return;
  }
  // So fast that there is always more to compose than the budget allows
  minihost_set(host, "look_ahead", 32.0F);
  minihost_set(host, "rate", 2.0F);
  minihost_tempo(host, 2000.0);
  minihost_play(host);
  minihost_run(host, 5 * 48000);
  minihost_measure(host, plain, BLOCKS);
  minihost_run(host, 64 * BLOCKS);
  const size_t used = minihost_measured(host);
  qsort(plain, used, sizeof *plain, compare_numbers);
  printf(
      "run() at the default budget takes of a block of 64 frames at 48 kHz: median %.1f %%, 99 of 100 below %.1f %%, "
      "most %.1f %%; load %.0f %%\n",
      100.0 * plain[used / 2], 100.0 * plain[used * 99 / 100], 100.0 * plain[used - 1],
      (double)minihost_get(host, "load"));
  minihost_free(host);
}

int
main(const int count, char **const arguments)
{
  uint32_t first = 0;
  uint32_t sessions = SESSIONS;
  bool bundled = false;
  for (int i = 1; i < count; ++i) {
    const char *const value = i + 1 < count ? arguments[i + 1] : "0";
    if (!strcmp(arguments[i], "--seed")) {
      first = (uint32_t)strtoul(value, NULL, 10);
      sessions = 1;
    } else if (!strcmp(arguments[i], "--sessions")) {
      sessions = (uint32_t)strtoul(value, NULL, 10);
    }
    bundled = bundled || !strcmp(arguments[i], "--bundled");
  }

  void *state = NULL;
  struct report *const report = mmap(NULL, sizeof *report, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (report == MAP_FAILED || fixture_setup(&state) != 0) {
    fprintf(stderr, "There is no room to test in\n");
    return EXIT_FAILURE;
  }
  const struct fixture *const fixture = state;
  report->is_quick = !bundled;
  const bool is_ready = bundled || fixture_random_weights(fixture->weights, 1) == 0;
  const unsigned failures = is_ready ? play_all(fixture, report, first, sessions) : 1;
  if (bundled) {
    print_cost(fixture);
  }
  munmap(report, sizeof *report);
  fixture_teardown(&state);
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
