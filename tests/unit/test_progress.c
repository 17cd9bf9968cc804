// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A progress line fills no logs, and results that are kept are always there.

#include "progress.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

// Read all that was written to `stream`
static void
contents(FILE *const stream, char *const text, const size_t size)
{
  rewind(stream);
  const size_t length = fread(text, 1, size - 1, stream);
  text[length] = '\0';
}

static void
a_log_gets_one_line_for_many_that_are_shown_at_once(void **const state)
{
  (void)state;
  FILE *const stream = tmpfile();
  assert_non_null(stream);
  struct progress progress;
  progress_begin(&progress, stream);
  assert_true(progress_is_due(&progress));
  for (int i = 0; i < 1000; ++i) {
    progress_show(&progress, "epoch %d", i);
  }
  assert_false(progress_is_due(&progress));
  progress_end(&progress);

  char text[256];
  contents(stream, text, sizeof(text));
  assert_string_equal(text, "epoch 0\n");
  fclose(stream);
}

static void
a_line_to_keep_is_always_written(void **const state)
{
  (void)state;
  FILE *const stream = tmpfile();
  assert_non_null(stream);
  struct progress progress;
  progress_begin(&progress, stream);
  progress_show(&progress, "epoch 1");
  progress_keep(&progress, "result %d", 1);
  progress_keep(&progress, "result %d", 2);
  progress_end(&progress);

  char text[256];
  contents(stream, text, sizeof(text));
  assert_string_equal(text, "epoch 1\nresult 1\nresult 2\n");
  fclose(stream);
}

static void
a_terminal_line_is_written_over_and_wiped(void **const state)
{
  (void)state;
  FILE *const stream = tmpfile();
  assert_non_null(stream);
  struct progress progress;
  progress_begin(&progress, stream);
  progress.terminal = true; // As if it were one
  progress.interval = 0.0;
  progress_show(&progress, "long line");
  progress_show(&progress, "short");
  progress_end(&progress);

  char text[256];
  contents(stream, text, sizeof(text));
  assert_string_equal(text, "long line\rshort    \r     \r");
  fclose(stream);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_log_gets_one_line_for_many_that_are_shown_at_once),
      cmocka_unit_test(a_line_to_keep_is_always_written),
      cmocka_unit_test(a_terminal_line_is_written_over_and_wiped),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
