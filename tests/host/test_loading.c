// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Weights on their way to the audio thread: the newest request wins, whichever is ready first, and failures say why.

#include "fixture.h"
#include "loading.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
the_newest_request_wins_whichever_is_ready_first(void **const state)
{
  const struct fixture *const fixture = *state;
  static struct loading loading;
  assert_int_equal(loading_init(&loading, fixture->bundle), STATUS_SUCCESS);
  const uint32_t first = loading_request(&loading);
  const uint32_t second = loading_request(&loading);
  loading_load(&loading, second, fixture->other, NULL);
  loading_load(&loading, first, fixture->weights, NULL);
  char requested[PATH_SIZE];
  loading_requested(&loading, requested);
  assert_string_equal(requested, fixture->other);

  struct delivery *const delivery = loading_take(&loading);
  assert_non_null(delivery);
  assert_int_equal(delivery->serial, second);
  assert_string_equal(delivery->path, fixture->other);
  assert_non_null(delivery->weights);
  assert_null(loading_take(&loading));

  loading_retire(&loading, delivery);
  assert_true(loading_has_retired(&loading));
  loading_collect(&loading);
  assert_false(loading_has_retired(&loading));
  loading_free(&loading);
}

static void
a_file_that_is_gone_is_named(void **const state)
{
  const struct fixture *const fixture = *state;
  static struct loading loading;
  assert_int_equal(loading_init(&loading, fixture->bundle), STATUS_SUCCESS);
  loading_load(&loading, loading_request(&loading), "/nowhere/gone.safetensors", "/also/nowhere/gone.safetensors");
  struct delivery *const delivery = loading_take(&loading);
  assert_non_null(delivery);
  assert_null(delivery->weights);
  assert_non_null(strstr(delivery->status, "/nowhere/gone.safetensors"));
  loading_retire(&loading, delivery);
  loading_free(&loading);
}

static void
what_failed_does_not_take_away_what_came_before_it(void **const state)
{
  const struct fixture *const fixture = *state;
  static struct loading loading;
  assert_int_equal(loading_init(&loading, fixture->bundle), STATUS_SUCCESS);
  loading_load(&loading, loading_request(&loading), fixture->weights, NULL);
  loading_load(&loading, loading_request(&loading), "/nowhere/gone.safetensors", NULL);
  struct delivery *const delivery = loading_take(&loading);
  assert_non_null(delivery);
  assert_int_equal(delivery->serial, 2);
  assert_string_equal(delivery->path, "/nowhere/gone.safetensors");
  assert_true(strlen(delivery->status) > 0);
  assert_non_null(delivery->weights);
  loading_retire(&loading, delivery);
  loading_free(&loading);
}

static void
a_moved_session_falls_back_to_the_path_it_was_saved_with(void **const state)
{
  const struct fixture *const fixture = *state;
  static struct loading loading;
  assert_int_equal(loading_init(&loading, fixture->bundle), STATUS_SUCCESS);
  loading_load(&loading, loading_request(&loading), "/nowhere/gone.safetensors", fixture->other);
  struct delivery *const delivery = loading_take(&loading);
  assert_non_null(delivery);
  assert_non_null(delivery->weights);
  loading_retire(&loading, delivery);
  loading_free(&loading);
}

static void
serial_numbers_may_wrap(void **const state)
{
  (void)state;
  assert_true(loading_is_older(1, 2));
  assert_false(loading_is_older(2, 2));
  assert_true(loading_is_older(0xFFFFFFFFU, 0));
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_newest_request_wins_whichever_is_ready_first),
      cmocka_unit_test(a_file_that_is_gone_is_named),
      cmocka_unit_test(what_failed_does_not_take_away_what_came_before_it),
      cmocka_unit_test(a_moved_session_falls_back_to_the_path_it_was_saved_with),
      cmocka_unit_test(serial_numbers_may_wrap),
  };
  return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
