// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A hundred weight files, one after the other, while the plugin plays: no note is late, none hangs, and the memory of all of
// them but the last is given back.

#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { FILES = 100, WARM = 10, BETWEEN = 48000 / 4, KEPT_MOST = 4 * 1024 * 1024 };

// Return the bytes of memory that this process has.
static size_t
resident(void)
{
  size_t size = 0;
  size_t pages = 0;
  FILE *const file = fopen("/proc/self/statm", "r");
  if (file) {
    assert_int_equal(fscanf(file, "%zu %zu", &size, &pages), 2);
    fclose(file);
  }
  return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static void
a_hundred_files_are_loaded_while_it_plays(void **const state)
{
  const struct fixture *const fixture = *state;
  const struct minihost_options options = {.block = 64, .worker = MINIHOST_WORKER_THREAD};
  struct minihost *const host = fixture_host(fixture, &options);
  char path[FIXTURE_PATH];
  size_t before = 0;
  fixture_start(host);
  for (unsigned i = 0; i < FILES; ++i) {
    char name[32];
    snprintf(name, sizeof(name), "file%u.safetensors", i % 2);
    fixture_path(fixture, name, 0, path);
    assert_int_equal(fixture_random_weights(path, 100 + i), 0);
    minihost_set_weights(host, path);
    minihost_run(host, BETWEEN);
    minihost_wait_for_worker(host);
    minihost_run(host, BETWEEN); // Takes them over, and has the ones before freed
    minihost_wait_for_worker(host);
    assert_string_equal(minihost_property(host, "weights"), path);
    assert_true(minihost_get(host, "late") == 0.0F);
    before = i + 1 == WARM ? resident() : before;
  }
  const size_t after = resident();
  print_message("%zu KiB after %d files, %zu KiB after %d\n", before / 1024, WARM, after / 1024, FILES);
  // What was recorded takes some of that; sanitizers keep what was freed, and look for what was not by themselves
  assert_true(fixture_is_slow() || after < before + KEPT_MOST);
  assert_true(fixture_note_count(host) > FILES);
  fixture_finish(host);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_hundred_files_are_loaded_while_it_plays),
  };
  return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
