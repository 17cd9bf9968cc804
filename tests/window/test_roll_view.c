// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The roll as it is seen: reference pictures at several sizes and scales, what is drawn anew when something changes, and what
// lies where.

#include "picture.h"
#include "roll_song.h"
#include "roll_view.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { BEAT = ROLL_TICKS_PER_QUARTER };

struct fixture {
  struct sender sender;
  struct roll_model *model;
  struct roll_view *view;
};

static int
setup(void **const state)
{
  struct fixture *const fixture = calloc(1, sizeof *fixture);
  sender_init(&fixture->sender);
  fixture->model = roll_model_new(&fixture->sender.urids.map);
  fixture->view = roll_view_new(fixture->model);
  roll_view_resize(fixture->view, 900.0, 360.0);
  *state = fixture;
  return 0;
}

static int
teardown(void **const state)
{
  struct fixture *const fixture = *state;
  roll_view_free(fixture->view);
  roll_model_free(fixture->model);
  sender_clear(&fixture->sender);
  free(fixture);
  return 0;
}

// Draw all of the view.
static cairo_surface_t *
draw(struct fixture *const fixture, const double width, const double height, const double scale)
{
  cairo_surface_t *const picture = picture_new(width, height, scale);
  cairo_t *const cairo = picture_begin(picture, scale);
  roll_view_draw(fixture->view, cairo);
  cairo_destroy(cairo);
  return picture;
}

static void
assert_picture(
    struct fixture *const fixture, const double width, const double height, const double scale, const char *name)
{
  roll_view_resize(fixture->view, width, height);
  roll_view_advance(fixture->view, 0.0);
  cairo_surface_t *const picture = draw(fixture, width, height, scale);
  const bool is_as_ever = picture_is_as_ever(picture, name);
  cairo_surface_destroy(picture);
  assert_true(is_as_ever);
}

// Pictures

static void
it_looks_as_ever_at_every_scale_and_size(void **const state)
{
  struct fixture *const fixture = *state;
  const double scales[] = {1.0, 1.5, 2.0};
  const char *const names[] = {"roll", "roll-1.5", "roll-2"};
  song_tell(&fixture->sender, fixture->model, 13, 2.5 * BEAT);
  for (unsigned i = 0; i < 3; ++i) {
    assert_picture(fixture, 900.0, 360.0, scales[i], names[i]);
  }
  roll_view_set_zoom_level(fixture->view, 12.0);
  assert_picture(fixture, ROLL_VIEW_WIDTH_LEAST, ROLL_VIEW_HEIGHT_LEAST, 1.0, "roll-least");
  roll_view_set_zoom_level(fixture->view, 60.0);
  assert_picture(fixture, 3840.0, 1400.0, 1.0, "roll-4k");
}

static void
nothing_known_looks_as_ever(void **const state)
{
  assert_picture(*state, 600.0, 240.0, 1.0, "roll-empty");
}

static void
chosen_and_hovered_bars_look_as_ever(void **const state)
{
  struct fixture *const fixture = *state;
  song_tell(&fixture->sender, fixture->model, 2, 0.0);
  roll_view_advance(fixture->view, 0.0);
  roll_view_choose_bars(fixture->view, 2, 2);
  roll_view_hover(fixture->view, 100.0, 200.0);
  assert_picture(fixture, 600.0, 240.0, 1.0, "roll-chosen");
}

// Damage

// Draw what is damaged onto `picture`; return how many pixels that are.
static double
draw_damage(struct fixture *const fixture, cairo_surface_t *const picture, const double scale)
{
  struct roll_rect rects[ROLL_VIEW_DAMAGES];
  const uint32_t count = roll_view_damage(fixture->view, rects);
  double pixels = 0.0;
  cairo_t *const cairo = picture_begin(picture, scale);
  for (uint32_t i = 0; i < count; ++i) {
    cairo_rectangle(cairo, rects[i].x, rects[i].y, rects[i].width, rects[i].height);
    pixels += rects[i].width * rects[i].height;
  }
  cairo_clip(cairo);
  if (count > 0) {
    roll_view_draw(fixture->view, cairo);
  }
  cairo_destroy(cairo);
  return pixels;
}

static uint64_t
next_random(uint64_t *const seed)
{
  *seed = *seed * 6364136223846793005U + 1442695040888963407U;
  return *seed >> 33;
}

// Something that the plugin might say or the user do
static void
happen(struct fixture *const fixture, uint64_t *const seed)
{
  struct sent_bar bar;
  const double x = (double)(next_random(seed) % 900);
  struct roll_moment moment = *roll_model_moment(fixture->model);
  switch (next_random(seed) % 14) {
  case 0:
    roll_view_hover(fixture->view, x, 200.0);
    break;
  case 1:
    roll_view_choose_bars(fixture->view, (int32_t)(next_random(seed) % 20), (int32_t)(next_random(seed) % 4));
    break;
  case 2:
    roll_view_scroll(fixture->view, x - 450.0);
    break;
  case 3:
    roll_view_zoom(fixture->view, next_random(seed) % 2 ? 1.3 : 0.77, x);
    break;
  case 4:
    roll_view_follow(fixture->view, next_random(seed) % 3 > 0);
    break;
  case 5:
    song_tell(&fixture->sender, fixture->model, (int32_t)(next_random(seed) % 16), (double)(next_random(seed) % 96));
    break;
  case 6:
    moment.ready_bar = (int32_t)(next_random(seed) % 20);
    moment.ready_tick = (int32_t)(next_random(seed) % 96);
    moment.ticks_per_second = next_random(seed) % 3 ? 48.0 : 0.0;
    moment.flags ^= MOMENT_IS_PLAYING;
    roll_model_read(fixture->model, sender_moment(&fixture->sender, &moment));
    break;
  case 7:
  case 8:
    sent_bar_begin(&bar, (int32_t)(next_random(seed) % 20), next_random(seed) % 4 ? BAR_IS_THERE : 0U, 4, 4);
    for (unsigned tick = 0; tick < 96; tick += 6 + (unsigned)(next_random(seed) % 20)) {
      sent_bar_note(&bar, tick, 30 + (unsigned)(next_random(seed) % 70), 1 + (unsigned)(next_random(seed) % 100), 80,
                    tick % 2);
      sent_bar_glance(&bar, (int32_t)(next_random(seed) % 10), tick, 60, (unsigned)(next_random(seed) % 200));
      sent_bar_quote(&bar, (unsigned)(next_random(seed) % 40));
    }
    roll_model_read(fixture->model, sender_bar(&fixture->sender, &bar));
    break;
  default:
    break; // Time passes
  }
}

// Drawing no more than the damage gives what drawing everything gives.
static void
assert_damage_is_enough(struct fixture *const fixture, const double scale, const unsigned steps)
{
  uint64_t seed = (uint64_t)(scale * 10.0);
  double now = 0.0;
  cairo_surface_t *const picture = picture_new(900.0, 360.0, scale);
  roll_view_resize(fixture->view, 899.0, 360.0);
  roll_view_resize(fixture->view, 900.0, 360.0);
  for (unsigned i = 0; i < steps; ++i) {
    happen(fixture, &seed);
    for (unsigned frame = 0; frame < 7; ++frame) { // Long enough for what glides to come to rest
      now += 0.12;
      roll_view_advance(fixture->view, now);
      draw_damage(fixture, picture, scale);
    }
    cairo_surface_t *const whole = draw(fixture, 900.0, 360.0, scale);
    const unsigned different = picture_difference(picture, whole, 12);
    if (different > 0) {
      cairo_surface_write_to_png(picture, "damaged.png");
      cairo_surface_write_to_png(whole, "whole.png");
      print_message("step %u: %u pixels differ: damaged.png, whole.png\n", i, different);
    }
    cairo_surface_destroy(whole);
    assert_int_equal(different, 0);
  }
  cairo_surface_destroy(picture);
}

static void
what_is_damaged_is_all_that_changes(void **const state)
{
  assert_damage_is_enough(*state, 1.0, 150);
  assert_damage_is_enough(*state, 2.0, 40);
}

static void
nothing_is_drawn_when_nothing_changes(void **const state)
{
  struct fixture *const fixture = *state;
  struct roll_moment moment = {.bar = 3, .metre = {4, 4}, .ready_bar = 16, .flags = MOMENT_IS_KNOWN, .look_ahead = 96};
  song_tell(&fixture->sender, fixture->model, 3, 0.0);
  roll_model_read(fixture->model, sender_moment(&fixture->sender, &moment));
  cairo_surface_t *const picture = picture_new(900.0, 360.0, 1.0);
  double now = 0.0;
  for (unsigned i = 0; i < 30; ++i) {
    now += 0.1;
    roll_view_advance(fixture->view, now);
    draw_damage(fixture, picture, 1.0);
  }
  assert_false(roll_view_is_moving(fixture->view));
  for (unsigned i = 0; i < 30; ++i) {
    now += 0.033;
    roll_model_read(fixture->model, sender_moment(&fixture->sender, &moment)); // As after each #look
    roll_view_advance(fixture->view, now);
    assert_true(draw_damage(fixture, picture, 1.0) == 0.0);
  }
  cairo_surface_destroy(picture);
}

static void
while_the_playhead_moves_little_is_drawn(void **const state)
{
  struct fixture *const fixture = *state;
  song_tell(&fixture->sender, fixture->model, 2, 0.0);
  cairo_surface_t *const picture = picture_new(900.0, 360.0, 1.0);
  double now = 0.0;
  double pixels = 0.0;
  unsigned frames = 0;
  roll_view_advance(fixture->view, now);
  draw_damage(fixture, picture, 1.0);
  assert_true(roll_view_is_moving(fixture->view));
  for (; now < 20.0; now += 1.0 / 30.0, ++frames) {
    roll_view_advance(fixture->view, now);
    pixels += draw_damage(fixture, picture, 1.0);
  }
  print_message("drawn per frame while playing: %.1f %% of the view\n", 100.0 * pixels / frames / (900.0 * 360.0));
  assert_true(pixels / frames < 0.3 * 900.0 * 360.0);
  cairo_surface_destroy(picture);
}

// Places

static void
bars_are_found_where_they_are(void **const state)
{
  struct fixture *const fixture = *state;
  song_tell(&fixture->sender, fixture->model, 0, 0.0);
  roll_view_advance(fixture->view, 0.0);
  roll_view_set_zoom_level(fixture->view, 24.0); // A tick a pixel
  assert_int_equal(roll_view_bar_at(fixture->view, 34.0, 5.0), 0);
  assert_int_equal(roll_view_bar_at(fixture->view, 34.0 + 95.0, 5.0), 0);
  assert_int_equal(roll_view_bar_at(fixture->view, 34.0 + 97.0, 300.0), 1);
  assert_int_equal(roll_view_bar_at(fixture->view, 20.0, 300.0), -1);  // Keyboard
  assert_int_equal(roll_view_bar_at(fixture->view, 890.0, 300.0), -1); // Meter
  assert_int_equal(roll_view_bar_at(fixture->view, 300.0, 400.0), -1);
  roll_view_scroll(fixture->view, 96.0 * 2.0 + 10.0);
  assert_false(roll_view_is_following(fixture->view));
  assert_int_equal(roll_view_bar_at(fixture->view, 35.0, 5.0), 2);
  roll_view_scroll(fixture->view, -5000.0);
  assert_int_equal(roll_view_bar_at(fixture->view, 35.0, 5.0), 0); // No further than the song's beginning
  int32_t count = 0;
  assert_int_equal(roll_view_sight(fixture->view, &count), 0);
  assert_int_equal(count, 9); // 820 pixels
}

static void
zooming_keeps_the_place_under_the_pointer(void **const state)
{
  struct fixture *const fixture = *state;
  song_tell(&fixture->sender, fixture->model, 0, 0.0);
  roll_view_advance(fixture->view, 0.0);
  roll_view_set_zoom_level(fixture->view, 24.0);
  roll_view_scroll(fixture->view, 96.0 * 4.0);
  const int32_t bar = roll_view_bar_at(fixture->view, 34.0 + 96.0 * 3.0 + 40.0, 100.0);
  assert_int_equal(bar, 7);
  for (unsigned i = 0; i < 6; ++i) {
    roll_view_zoom(fixture->view, 1.2, 34.0 + 96.0 * 3.0 + 40.0);
    assert_int_equal(roll_view_bar_at(fixture->view, 34.0 + 96.0 * 3.0 + 40.0, 100.0), bar);
  }
  for (unsigned i = 0; i < 100; ++i) {
    roll_view_zoom(fixture->view, 1.5, 300.0);
  }
  assert_true(roll_view_zoom_level(fixture->view) == 400.0);
  for (unsigned i = 0; i < 100; ++i) {
    roll_view_zoom(fixture->view, 0.5, 300.0);
  }
  assert_true(roll_view_zoom_level(fixture->view) == 4.0);
}

static void
it_follows_the_playhead(void **const state)
{
  struct fixture *const fixture = *state;
  for (int32_t bar = 0; bar < 400; bar += 1 + bar / 20) {
    song_tell(&fixture->sender, fixture->model, bar, 0.0);
    for (unsigned i = 0; i < 30; ++i) {
      roll_view_advance(fixture->view, bar * 2.0 + i / 30.0);
    }
    int32_t count = 0;
    const int32_t first = roll_view_sight(fixture->view, &count);
    assert_in_range(bar, first, first + count - 2); // And the next bar is in sight, too
  }
  roll_view_follow(fixture->view, false);
  int32_t count = 0;
  const int32_t first = roll_view_sight(fixture->view, &count);
  song_tell(&fixture->sender, fixture->model, 2, 0.0);
  roll_view_advance(fixture->view, 5000.0);
  assert_int_equal(roll_view_sight(fixture->view, &count), first);
}

static void
what_is_there_is_said_in_words(void **const state)
{
  struct fixture *const fixture = *state;
  char text[128];
  song_tell(&fixture->sender, fixture->model, 0, 0.0);
  roll_view_advance(fixture->view, 0.0);
  roll_view_set_zoom_level(fixture->view, 24.0);
  roll_view_describe(fixture->view, 34.0 + 96.0 * 4.0 + 5.0, 100.0, text, sizeof text);
  assert_string_equal(text, "Bar 5: locked: it stays as it is");
  roll_view_describe(fixture->view, 34.0 + 96.0 * 3.0 + 5.0, 100.0, text, sizeof text);
  assert_string_equal(text, "Bar 4: composed; a piece ends here");
  roll_view_describe(fixture->view, 880.0, 100.0, text, sizeof text);
  assert_non_null(strstr(text, "No"));
  roll_view_describe(fixture->view, 10.0, 100.0, text, sizeof text);
  assert_string_equal(text, "");
  text[3] = 'x';
  roll_view_describe(fixture->view, 34.0 + 96.0 * 3.0 + 5.0, 100.0, text, 4);
  assert_string_equal(text, "Bar");
}

static void
no_size_breaks_it(void **const state)
{
  struct fixture *const fixture = *state;
  song_tell(&fixture->sender, fixture->model, 13, 12.0);
  for (double width = 0.0; width < 700.0; width += 37.0) {
    for (double height = 0.0; height < 400.0; height += 31.0) {
      roll_view_resize(fixture->view, width, height);
      roll_view_advance(fixture->view, 1.0);
      cairo_surface_t *const picture = draw(fixture, width + 1.0, height + 1.0, 1.0);
      assert_int_equal(cairo_surface_status(picture), CAIRO_STATUS_SUCCESS);
      cairo_surface_destroy(picture);
      roll_view_bar_at(fixture->view, width / 2.0, height / 2.0);
    }
  }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(it_looks_as_ever_at_every_scale_and_size),
      TEST(nothing_known_looks_as_ever),
      TEST(chosen_and_hovered_bars_look_as_ever),
      TEST(what_is_damaged_is_all_that_changes),
      TEST(nothing_is_drawn_when_nothing_changes),
      TEST(while_the_playhead_moves_little_is_drawn),
      TEST(bars_are_found_where_they_are),
      TEST(zooming_keeps_the_place_under_the_pointer),
      TEST(it_follows_the_playhead),
      TEST(what_is_there_is_said_in_words),
      TEST(no_size_breaks_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
