// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The inline display: a picture of the music around the playhead, asked for whenever the host likes, in whatever thread.

#include "fixture.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include <cmocka.h>

enum { RATE = 48000 };

// What may be in a picture
static const uint32_t colours[] = {0xFF191B1E, 0xFF34373D, 0xFFE6B65C, 0xFF8A7243, 0xFF62AECB, 0xFF436B7B, 0xFFF6F2EA};

enum { BACKGROUND, LINE, RIGHT, RIGHT_AHEAD, LEFT, LEFT_AHEAD, PLAYHEAD, COLOURS };

static struct minihost *
host_of(void **const state)
{
  const struct fixture *const fixture = *state;
  return fixture_host(fixture, &(struct minihost_options){.bundle = fixture->bundle, .inline_display = 1});
}

// The kind of colour of a pixel; COLOURS: none
static unsigned
kind_of(const uint32_t pixel)
{
  unsigned kind = 0;
  while (kind < COLOURS && colours[kind] != pixel) {
    ++kind;
  }
  return kind;
}

// Count the kinds of colours in columns `first` to `end` - 1.
static void
count_kinds(const struct minihost_picture *const picture, const int first, const int end, unsigned counts[COLOURS + 1])
{
  for (unsigned i = 0; i <= COLOURS; ++i) {
    counts[i] = 0;
  }
  for (int y = 0; y < picture->height; ++y) {
    for (int x = first; x < end; ++x) {
      ++counts[kind_of(picture->pixels[y * picture->width + x])];
    }
  }
}

static int
playhead_of(const struct minihost_picture *const picture)
{
  int x = 0;
  while (x < picture->width && picture->pixels[x] != colours[PLAYHEAD]) {
    ++x;
  }
  return x;
}

static void
the_last_and_the_next_bars_are_shown_around_the_playhead(void **const state)
{
  struct minihost *const host = host_of(state);
  struct minihost_picture picture;
  unsigned counts[COLOURS + 1];
  minihost_set(host, "look_ahead", 8.0F);
  fixture_start(host);
  minihost_run(host, RATE * 13); // At 120 beats per minute: the middle of bar 7
  assert_int_equal(minihost_render(host, 240, 100, &picture), 0);
  assert_int_equal(picture.width, 240);
  assert_in_range(picture.height, 16, 100);
  const int playhead = playhead_of(&picture);
  assert_in_range(playhead, 240 * 5 / 8 - 4, 240 * 5 / 8 + 4); // Two bars and a half of four
  count_kinds(&picture, 0, playhead, counts);
  assert_int_equal(counts[COLOURS], 0);
  assert_true(counts[RIGHT] + counts[LEFT] > 50);
  assert_int_equal(counts[RIGHT_AHEAD] + counts[LEFT_AHEAD], 0);
  count_kinds(&picture, playhead, 240, counts);
  assert_int_equal(counts[COLOURS], 0);
  assert_true(counts[RIGHT_AHEAD] + counts[LEFT_AHEAD] > 20);
  minihost_free(host);
}

static void
it_is_drawn_anew_only_when_something_changes(void **const state)
{
  struct minihost *const host = host_of(state);
  minihost_run(host, RATE * 4);
  const unsigned standing = minihost_draws(host);
  minihost_run(host, RATE * 4); // The take is filled, time stands still
  assert_int_equal(minihost_draws(host), standing);
  minihost_play(host);
  minihost_run(host, RATE * 4);
  const unsigned rolling = minihost_draws(host) - standing;
  assert_in_range(rolling, 30, 4 * 20 + 1);
  minihost_free(host);
}

static void
without_the_feature_a_picture_can_be_had_all_the_same(void **const state)
{
  const struct fixture *const fixture = *state;
  struct minihost *const host = fixture_host(fixture, NULL);
  struct minihost_picture picture;
  fixture_start(host);
  minihost_run(host, RATE);
  assert_int_equal(minihost_draws(host), 0);
  assert_int_equal(minihost_render(host, 200, 50, &picture), 0);
  minihost_free(host);
}

static void
any_size_is_drawn(void **const state)
{
  struct minihost *const host = host_of(state);
  struct minihost_picture picture;
  fixture_start(host);
  minihost_run(host, RATE * 3);
  const uint32_t sizes[] = {0, 1, 2, 15, 99, 640, 4096, 1000000};
  for (size_t w = 0; w < sizeof sizes / sizeof sizes[0]; ++w) {
    for (size_t h = 0; h < sizeof sizes / sizeof sizes[0]; ++h) {
      assert_int_equal(minihost_render(host, sizes[w], sizes[h], &picture), 0);
      assert_true(picture.width >= 1 && picture.height >= 1);
      assert_true((uint32_t)picture.height <= (sizes[h] > 1 ? sizes[h] : 1));
    }
  }
  minihost_free(host);
}

// The host's thread that draws

struct painter {
  struct minihost *host;
  atomic_bool ends;
  unsigned pictures;
  unsigned bad; // Pixels of no colour, pictures that could not be had
};

static void *
paint(void *const data)
{
  struct painter *const painter = data;
  while (!atomic_load(&painter->ends)) {
    struct minihost_picture picture;
    unsigned counts[COLOURS + 1];
    const uint32_t width = 100 + painter->pictures % 90;
    if (minihost_render(painter->host, width, 20 + painter->pictures % 50, &picture)) {
      ++painter->bad;
    } else {
      count_kinds(&picture, 0, picture.width, counts);
      painter->bad += counts[COLOURS];
    }
    ++painter->pictures;
  }
  return NULL;
}

static void
it_is_drawn_in_another_thread_while_the_plugin_runs(void **const state)
{
  struct minihost *const host = host_of(state);
  struct painter painter = {.host = host};
  pthread_t thread;
  fixture_start(host);
  assert_int_equal(pthread_create(&thread, NULL, paint, &painter), 0);
  for (unsigned i = 0; i < 40; ++i) {
    minihost_run(host, RATE / 2);
    if (i % 10 == 9) {
      minihost_locate(host, i % 7, 0.0);
    }
  }
  atomic_store(&painter.ends, true);
  pthread_join(thread, NULL);
  assert_true(painter.pictures > 10);
  assert_int_equal(painter.bad, 0);
  minihost_free(host);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_last_and_the_next_bars_are_shown_around_the_playhead),
      cmocka_unit_test(it_is_drawn_anew_only_when_something_changes),
      cmocka_unit_test(without_the_feature_a_picture_can_be_had_all_the_same),
      cmocka_unit_test(any_size_is_drawn),
      cmocka_unit_test(it_is_drawn_in_another_thread_while_the_plugin_runs),
  };
  return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
