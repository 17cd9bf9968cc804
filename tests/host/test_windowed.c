// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The article's network in the plugin: though it runs its whole window for every token, it keeps up with the song.

#include "fixture.h"

#include "engine/kernels.h"
#include "random_weights.h"
#include "sixteenths.h"
#include "theme.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { TRANSPOSITIONS = 12, SECONDS = 60, LARGE_SECONDS = 20, LARGE_SIZE = 512 };

// An `article` network of 64 units, which knows the theme in all keys.
static void
write_article(const struct fixture *const fixture)
{
  struct vocabulary vocabulary;
  assert_int_equal(theme_vocabulary(TRANSPOSITIONS, &vocabulary), 0);
  struct windowed_sizes sizes = {.context = 100, .vocabulary = vocabulary.count};
  assert_int_equal(
      windowed_layers_parse("index, bilstm:64, attention:32, dropout:0.3, lstm:64, dropout:0.3, dense:256, "
                            "softmax",
                            &sizes, NULL),
      STATUS_SUCCESS);
  assert_int_equal(random_windowed_write(fixture->weights, &sizes, &vocabulary, 3, 0.2F), 0);
  vocabulary_clear(&vocabulary);
}

static void
the_articles_network_plays_without_a_late_note(void **const state)
{
  static const uint32_t blocks[] = {64, 1024};
  for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; ++i) {
    const struct minihost_options options = {.block = blocks[i]};
    struct minihost *const host = fixture_host(*state, &options);
    minihost_tempo(host, 120.0);
    fixture_start(host);
    minihost_run(host, (int64_t)SECONDS * 48000);
    assert_true(fixture_note_count(host) > SECONDS);
    assert_true(minihost_get(host, "late") == 0.0F);
    fixture_assert_on_grid(host);
    minihost_stop(host);
    minihost_run(host, 1024);
    assert_int_equal(minihost_sounding(host), 0);
    assert_int_equal(minihost_faults(host), 0);
    minihost_free(host);
  }
}

static void
it_keeps_up_at_three_times_the_tempo(void **const state)
{
  struct minihost *const host = fixture_host(*state, NULL);
  minihost_tempo(host, 360.0);
  fixture_start(host);
  minihost_run(host, (int64_t)SECONDS * 48000);
  assert_true(fixture_note_count(host) > 3 * SECONDS);
  assert_true(minihost_get(host, "late") == 0.0F);
  minihost_free(host);
}

// As large as in the article, with a vocabulary as large, and eight tokens a second
static void
as_large_as_in_the_article_it_plays_eight_tokens_a_second(void **const state)
{
  struct fixture *const fixture = *state;
  if (kernels_best()->set == KERNEL_PORTABLE) {
    skip(); // Plain C is too slow for that
  }
  assert_int_equal(sixteenths_write(fixture->weights, LARGE_SIZE), 0);
  const struct minihost_options options = {.block = 64};
  struct minihost *const host = fixture_host(fixture, &options);
  const int seconds = fixture_is_slow() ? LARGE_SECONDS / 5 : LARGE_SECONDS;
  // Sanitized code is too slow, too, but may be looked at
  minihost_set(host, "freewheel", fixture_is_slow() ? 1.0F : 0.0F);
  minihost_tempo(host, 120.0);
  fixture_start(host);
  minihost_forget_events(host);
  minihost_run(host, (int64_t)seconds * 48000);
  assert_true(fixture_note_count(host) >= (size_t)(8 * seconds - 8));
  assert_true(minihost_get(host, "late") == 0.0F);
  assert_true(minihost_get(host, "load") < 100.0F);
  fixture_assert_on_grid(host);
  minihost_free(host);
}

static int
setup(void **const state)
{
  if (fixture_setup(state)) {
    return -1;
  }
  write_article(*state);
  return 0;
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_articles_network_plays_without_a_late_note),
      cmocka_unit_test(it_keeps_up_at_three_times_the_tempo),
      cmocka_unit_test(as_large_as_in_the_article_it_plays_eight_tokens_a_second), // Overwrites the weights
  };
  return cmocka_run_group_tests(tests, setup, fixture_teardown);
}
