// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What the window remembers comes back; a file that makes no sense, or can't be written, does no harm.

#include "preferences.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const struct preferences defaults = {.zoom = 1.0};

struct folder {
  char path[256];
  char file[512];
};

static int
setup(void **const state)
{
  struct folder *const folder = calloc(1, sizeof *folder);
  const char *const temporary = getenv("TMPDIR");
  if (!folder) {
    return -1;
  }
  snprintf(folder->path, sizeof folder->path, "%s/ritornello-window-XXXXXX", temporary ? temporary : "/tmp");
  if (!mkdtemp(folder->path)) {
    free(folder);
    return -1;
  }
  snprintf(folder->file, sizeof folder->file, "%s/ritornello/window", folder->path);
  setenv("XDG_CONFIG_HOME", folder->path, 1);
  *state = folder;
  return 0;
}

static int
teardown(void **const state)
{
  struct folder *const folder = *state;
  char path[300];
  unlink(folder->file);
  snprintf(path, sizeof path, "%s/ritornello", folder->path);
  rmdir(path);
  const int status = rmdir(folder->path); // Nothing else was left there
  free(folder);
  return status;
}

static void
assert_read(const double zoom, const double roll_zoom)
{
  const struct preferences read = preferences_read(&defaults);
  assert_true(fabs(read.zoom - zoom) < 1e-9);
  assert_true(fabs(read.roll_zoom - roll_zoom) < 1e-9);
}

static void
write_file(const struct folder *const folder, const char *const text)
{
  FILE *const file = fopen(folder->file, "w");
  assert_non_null(file);
  assert_true(fputs(text, file) >= 0);
  assert_int_equal(fclose(file), 0);
}

static void
what_is_written_is_read(void **const state)
{
  (void)state;
  assert_read(1.0, 0.0);
  assert_true(preferences_write(&(struct preferences){.zoom = 1.25, .roll_zoom = 31.5}));
  assert_read(1.25, 31.5);
  assert_true(preferences_write(&(struct preferences){.zoom = 2.0, .roll_zoom = 12.0}));
  assert_read(2.0, 12.0);
}

static void
nonsense_is_left_out(void **const state)
{
  const struct folder *const folder = *state;
  assert_true(preferences_write(&(struct preferences){.zoom = 1.25, .roll_zoom = 31.5}));
  write_file(folder, "zoom 99000\nroll -5\n");
  assert_read(1.0, 0.0);
  write_file(folder, "zoom\nzoom x\n\x01\xff\nroll 20000\nlater 1\nzoom 1500\n");
  assert_read(1.5, 20.0);
  write_file(folder, "zoom 99999999999999999999999999\n");
  assert_read(1.0, 0.0);
}

static void
a_folder_that_is_none_is_said(void **const state)
{
  (void)state;
  setenv("XDG_CONFIG_HOME", "/dev/null", 1);
  assert_false(preferences_write(&defaults));
  assert_read(1.0, 0.0);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      TEST(what_is_written_is_read),
      TEST(nonsense_is_left_out),
      TEST(a_folder_that_is_none_is_said),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
