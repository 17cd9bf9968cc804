// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Bars as things: clicked and dragged over in the roll, locked, unlocked and composed anew.

#include "bar_text.h"
#include "music_pane.h"
#include "picture.h"
#include "pilot.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void
assert_change(
    const char *const before, const uint32_t first, const uint32_t end, const bool is_in, const char *const after)
{
  char text[256];
  assert_true(bar_text_change(before, first, end, is_in, text, sizeof text));
  assert_string_equal(text, after);
}

static void
sets_of_bars_are_changed(void **const state)
{
  (void)state;
  assert_change("none", 4, 5, true, "5");
  assert_change("", 4, 8, true, "5-8");
  assert_change("5-8", 8, 9, true, "5-9");
  assert_change("5-8, 12", 8, 11, true, "5-12");
  assert_change("12, 1-3", 5, 6, true, "1-3, 6, 12");
  assert_change("1-3", 1, 2, true, "1-3");
  assert_change("1-9", 4, 5, false, "1-4, 6-9");
  assert_change("1-9, 20", 0, 30, false, "none");
  assert_change("5", 4, 5, false, "none");
  assert_change("5", 7, 9, false, "5");
  assert_change("1-6", 0, 5, false, "6");
  assert_change("5-8", 0, 1U << 24U, true, "all");
  assert_change("all", 0, 1U << 24U, false, "none");
  assert_change("all", 4, 5, false, "1-4, 6-16777216");
  assert_change("nonsense", 1, 2, true, "2");
}

static void
too_many_parts_are_refused(void **const state)
{
  (void)state;
  char text[1024] = "none";
  char next[1024];
  unsigned parts = 0;
  while (bar_text_change(text, 2 * parts, 2 * parts + 1, true, next, sizeof next)) {
    memcpy(text, next, sizeof text);
    ++parts;
    assert_true(parts <= 64);
  }
  assert_int_equal(parts, 64);
  char little[8];
  assert_false(bar_text_change("1-4", 1000, 2000, true, little, sizeof little));
}

/// A song is there, and drawn.
static int
setup(void **const state)
{
  struct pilot *const pilot = pilot_new(NULL);
  song_tell(&pilot->sender, pilot->music, 5, 30.0);
  pilot_wait(pilot, 1000);
  *state = pilot;
  return 0;
}

/// Point at bar `number` (from 0), among its notes.
static void
point_at_bar(struct pilot *const pilot, const int32_t number)
{
  const struct box *const box = &pilot->desk->roll->box;
  const double y = box->height * 0.6;
  for (double x = 0.0; x < box->width; x += 4.0) {
    if (roll_view_bar_at(music_pane_view(pilot->desk->roll), x, y) == number &&
        roll_view_bar_at(music_pane_view(pilot->desk->roll), x + 8.0, y) == number) {
      pilot_move(pilot, box->x + x + 4.0 - pilot->x, box->y + y - pilot->y);
      return;
    }
  }
  fail_msg("bar %d is not in sight", (int)number + 1);
}

/// Choose an item of the menu that is open, counted from 0.
static void
choose(struct pilot *const pilot, const unsigned item)
{
  assert_non_null(stage_top(&pilot->desk->stage));
  pilot_key(pilot, KEY_HOME);
  for (unsigned i = 0; i < item; ++i) {
    pilot_key(pilot, KEY_DOWN);
  }
  pilot_key(pilot, KEY_ENTER);
  assert_null(stage_top(&pilot->desk->stage));
}

static void
assert_wished(const struct pilot *const pilot, const enum desk_wish wish, const char *const bars)
{
  const struct pilot_record *const record = pilot_last(pilot, PILOT_WISH);
  assert_non_null(record);
  assert_int_equal(record->wish, wish);
  assert_string_equal(record->text, bars);
}

static void
a_bar_that_is_clicked_is_locked(void **const state)
{
  struct pilot *const pilot = *state;
  desk_receive_text(pilot->desk, DESK_LOCKED_BARS, "2");
  point_at_bar(pilot, 6);
  pilot_press(pilot, BUTTON_LEFT);
  pilot_lift(pilot, BUTTON_LEFT);
  choose(pilot, 0);
  assert_wished(pilot, DESK_LOCK_BARS, "2, 7");
}

static void
bars_that_are_dragged_over_are_composed_anew(void **const state)
{
  struct pilot *const pilot = *state;
  point_at_bar(pilot, 8);
  pilot_press(pilot, BUTTON_LEFT);
  point_at_bar(pilot, 6); // To the left, too
  pilot_lift(pilot, BUTTON_LEFT);
  choose(pilot, 1);
  assert_wished(pilot, DESK_REGENERATE_BARS, "7-9");
}

static void
a_locked_bar_is_unlocked(void **const state)
{
  struct pilot *const pilot = *state;
  int32_t locked = -1;
  for (int32_t bar = 0; bar < 16; ++bar) {
    const struct roll_bar *const known = roll_model_bar(pilot->music, bar);
    locked = known && known->flags & BAR_IS_LOCKED ? bar : locked;
  }
  assert_true(locked >= 0);
  char text[32];
  bar_text_write((uint32_t)locked, (uint32_t)locked + 1, text, sizeof text);
  desk_receive_text(pilot->desk, DESK_LOCKED_BARS, text);
  point_at_bar(pilot, locked);
  pilot_press(pilot, BUTTON_RIGHT);
  pilot_lift(pilot, BUTTON_RIGHT);
  choose(pilot, 0);
  assert_wished(pilot, DESK_LOCK_BARS, "none");
}

static void
all_bars_are_locked_at_once(void **const state)
{
  struct pilot *const pilot = *state;
  point_at_bar(pilot, 6);
  pilot_press(pilot, BUTTON_LEFT);
  pilot_lift(pilot, BUTTON_LEFT);
  choose(pilot, 2);
  assert_wished(pilot, DESK_LOCK_BARS, "all");
}

static void
the_menu_can_be_left(void **const state)
{
  struct pilot *const pilot = *state;
  point_at_bar(pilot, 6);
  pilot_press(pilot, BUTTON_LEFT);
  pilot_lift(pilot, BUTTON_LEFT);
  pilot_key(pilot, KEY_ESCAPE);
  assert_null(stage_top(&pilot->desk->stage));
  assert_int_equal(pilot_count(pilot, PILOT_WISH), 0);
}

static void
the_wheel_scrolls_and_zooms(void **const state)
{
  struct pilot *const pilot = *state;
  struct roll_view *const view = music_pane_view(pilot->desk->roll);
  point_at_bar(pilot, 7);
  int32_t count = 0;
  const int32_t first = roll_view_sight(view, &count);
  pilot_scroll(pilot, -5.0);
  assert_true(roll_view_sight(view, &count) > first);
  assert_false(roll_view_is_following(view));
  const double zoom = roll_view_zoom_level(view);
  pilot->modifiers = INPUT_CONTROL;
  pilot_scroll(pilot, 1.0);
  pilot->modifiers = 0;
  assert_true(roll_view_zoom_level(view) > zoom);
  stage_focus(&pilot->desk->stage, pilot->desk->roll);
  pilot_key(pilot, KEY_HOME);
  assert_true(roll_view_is_following(view));
}

static void
only_what_moves_is_drawn_anew(void **const state)
{
  struct pilot *const pilot = *state;
  const struct box *const roll = &pilot->desk->roll->box;
  unsigned narrow = 0;
  for (unsigned frame = 0; frame < 30; ++frame) {
    pilot->desk->stage.damage_count = 0;
    pilot_wait(pilot, 33);
    double area = 0.0;
    for (unsigned i = 0; i < pilot->desk->stage.damage_count; ++i) {
      const struct box *const box = &pilot->desk->stage.damage[i];
      assert_true(box->x >= roll->x - 1.0 && box->y >= roll->y - 1.0);
      assert_true(box->y + box->height <= roll->y + roll->height + 1.0);
      area += box->width * box->height;
    }
    narrow += area > 0.0 && area < 0.15 * roll->width * roll->height;
  }
  assert_true(narrow >= 15);
}

static void
the_roll_paints_all_that_it_says(void **const state)
{
  struct pilot *const pilot = *state;
  struct widget *const roll = pilot->desk->roll;
  cairo_surface_t *const pictures[2] = {picture_new(1120.0, 760.0, 1.0), picture_new(1120.0, 760.0, 1.0)};
  for (unsigned i = 0; i < 2; ++i) {
    struct painter painter = {.cairo = picture_begin(pictures[i], 1.0), .scale = 1.0};
    cairo_rectangle(painter.cairo, roll->opaque.x, roll->opaque.y, roll->opaque.width, roll->opaque.height);
    cairo_clip(painter.cairo);
    cairo_set_source_rgb(painter.cairo, i, 1.0 - i, i); // Whatever is below
    cairo_paint(painter.cairo);
    roll->class->draw(roll, &painter);
    cairo_destroy(painter.cairo);
  }
  assert_true(roll->opaque.width > 0.8 * roll->box.width);
  assert_int_equal(picture_difference(pictures[0], pictures[1], 0), 0);
  cairo_surface_destroy(pictures[0]);
  cairo_surface_destroy(pictures[1]);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, pilot_teardown)
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sets_of_bars_are_changed),
      cmocka_unit_test(too_many_parts_are_refused),
      TEST(a_bar_that_is_clicked_is_locked),
      TEST(bars_that_are_dragged_over_are_composed_anew),
      TEST(a_locked_bar_is_unlocked),
      TEST(all_bars_are_locked_at_once),
      TEST(the_menu_can_be_left),
      TEST(the_wheel_scrolls_and_zooms),
      TEST(only_what_moves_is_drawn_anew),
      TEST(the_roll_paints_all_that_it_says),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
