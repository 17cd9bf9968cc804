// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Opening and closing the window any number of times leaves nothing behind: no file descriptor, no shared memory, and under
// AddressSanitizer no memory (lsan.supp names what system libraries keep for the process).
//
//     test_ui_cycles [NUMBER]

#include "ui_host.h"
#include "uris.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WARM_UP = 5 };

static unsigned cycles = 100;

static unsigned
open_files(void)
{
  unsigned count = 0;
  DIR *const folder = opendir("/proc/self/fd");
  assert_non_null(folder);
  while (readdir(folder)) {
    ++count;
  }
  closedir(folder);
  return count;
}

/// Shared memory that this process has attached.
static unsigned
shared_segments(void)
{
  unsigned count = 0;
  char line[512];
  FILE *const file = fopen("/proc/self/maps", "r");
  assert_non_null(file);
  while (fgets(line, sizeof line, file)) {
    count += strstr(line, "SYSV") != NULL;
  }
  fclose(file);
  return count;
}

/// Open the window, use it in one way or another, close it.
static void
cycle(const unsigned number)
{
  struct ui_host *const host = ui_host_new(&(struct ui_host_options){.scale = number % 3 == 0 ? 1.5F : 0.0F});
  assert_non_null(host->ui);
  if (number % 4 > 0) {
    ui_host_idle(host, 1 + number % 3);
    ui_host_tell(host, RITORNELLO_TITLE, "Some title");
    ui_host_button(host, true, Button1, 420, 30); // A menu, perhaps
    ui_host_button(host, false, Button1, 420, 30);
    ui_host_type(host, "a");
    ui_host_idle(host, 2);
  }
  if (number % 5 == 0) {
    ui_host_destroy_parent(host);
    ui_host_idle(host, number % 2);
  }
  ui_host_free(host);
}

static void
nothing_is_left_behind(void **const state)
{
  (void)state;
  for (unsigned i = 0; i < WARM_UP; ++i) {
    cycle(i);
  }
  const unsigned files = open_files();
  const unsigned segments = shared_segments();
  for (unsigned i = 0; i < cycles; ++i) {
    cycle(i);
  }
  assert_int_equal(open_files(), files);
  assert_int_equal(shared_segments(), segments);
}

int
main(const int count, char *const *const arguments)
{
  if (count > 1) {
    cycles = (unsigned)strtoul(arguments[1], NULL, 10);
  }
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nothing_is_left_behind),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
