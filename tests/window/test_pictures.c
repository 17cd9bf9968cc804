// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The window as it is seen: the whole of it, at its smallest at three scales, controls that are hovered, focused, turned and on,
// trouble, a menu, the dialogs, a value being typed and a tooltip.

#include "picture.h"
#include "pilot.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/// A window while a song plays, with some values changed.
static int
setup(void **const state)
{
  setenv("HOME", "/nonexistent", 1); // No files of whoever runs this
  struct pilot *const pilot = pilot_new(NULL);
  struct values *const values = &pilot->desk->values;
  static const struct {
    enum port_index port;
    float value;
  } changes[] = {
      {PORT_STYLE, 4.0F},        {PORT_KEY, 17.0F},        {PORT_TEMPERATURE, 1.2F}, {PORT_SURPRISE, 3.4F},
      {PORT_ORIGINALITY, 12.0F}, {PORT_VELOCITY, -12.0F},  {PORT_HUMANIZE, 30.0F},   {PORT_PEDAL, 1.0F},
      {PORT_LOOP_BARS, 8.0F},    {PORT_SEED, 20261127.0F}, {PORT_LOAD, 38.0F},       {PORT_BARS, 16.0F},
  };
  for (unsigned i = 0; i < sizeof changes / sizeof changes[0]; ++i) {
    values_receive(values, changes[i].port, changes[i].value);
  }
  desk_receive_text(pilot->desk, DESK_TITLE, "Ritornello: classical piano");
  desk_receive_text(pilot->desk, DESK_STATUS, "Ready: Ritornello: classical piano");
  song_tell(&pilot->sender, pilot->music, 9, 30.0);
  pilot_wait(pilot, 66);
  *state = pilot;
  return 0;
}

/// Compare a part of the window.
static void
assert_part(const struct pilot *const pilot, const struct box *const part, const double scale, const char *const name)
{
  cairo_surface_t *const picture = picture_new(part->width, part->height, scale);
  struct painter painter = {.cairo = picture_begin(picture, scale), .scale = scale};
  cairo_translate(painter.cairo, -part->x, -part->y);
  stage_draw(&pilot->desk->stage, &painter, part);
  cairo_destroy(painter.cairo);
  const bool is_as_ever = picture_is_as_ever(picture, name);
  cairo_surface_destroy(picture);
  assert_true(is_as_ever);
}

static void
assert_window(const struct pilot *const pilot, const double scale, const char *const name)
{
  assert_part(pilot, &pilot->desk->stage.size, scale, name);
}

/// Compare what lies on top.
static void
assert_top(const struct pilot *const pilot, const char *const name)
{
  assert_part(pilot, &stage_top(&pilot->desk->stage)->box, 1.0, name);
}

static void
the_window_looks_as_ever(void **const state)
{
  assert_window(*state, 1.0, "window");
}

static void
it_does_at_its_smallest_at_every_scale(void **const state)
{
  const struct pilot *const pilot = *state;
  double width = 0.0;
  double height = 0.0;
  stage_min_size(&pilot->desk->stage, &width, &height);
  stage_resize(&pilot->desk->stage, width, height);
  assert_window(pilot, 1.0, "window-least");
  assert_window(pilot, 1.5, "window-least-1.5");
  assert_window(pilot, 2.0, "window-least-2");
}

static void
trouble_and_what_is_worked_with_stand_out(void **const state)
{
  struct pilot *const pilot = *state;
  desk_receive_text(pilot->desk, DESK_STATUS,
                    "mine.safetensors is no weight file: it ends after 12 bytes; the weights before play on");
  values_receive(&pilot->desk->values, PORT_LATE, 3.0F);
  values_receive(&pilot->desk->values, PORT_LOCK, 1.0F);
  values_receive(&pilot->desk->values, PORT_LOAD, 99.0F);
  stage_focus(&pilot->desk->stage, pilot_find(pilot, "temperature"));
  pilot->desk->stage.is_focus_shown = true;
  pilot_point_at(pilot, "recall");
  struct box part = pilot_find(pilot, "take")->box;
  part.height = pilot->desk->stage.size.height - part.y;
  assert_part(pilot, &part, 1.0, "trouble");
}

static void
a_menu_looks_as_ever(void **const state)
{
  struct pilot *const pilot = *state;
  desk_receive_text(pilot->desk, DESK_STYLES, "bach,mozart,chopin");
  pilot_click(pilot, "style");
  pilot_key(pilot, KEY_DOWN);
  assert_top(pilot, "menu");
}

static void
the_dialogs_look_as_ever(void **const state)
{
  struct pilot *const pilot = *state;
  pilot_click(pilot, "about");
  assert_top(pilot, "about");
  pilot_key(pilot, KEY_ESCAPE);
  pilot_click(pilot, "save");
  assert_top(pilot, "save");
}

static void
a_value_that_is_typed_looks_as_ever(void **const state)
{
  struct pilot *const pilot = *state;
  const struct box part = pilot_find(pilot, "memory")->box;
  pilot_point_at(pilot, "recall");
  pilot_press(pilot, BUTTON_RIGHT);
  pilot_type(pilot, "1.5");
  assert_part(pilot, &part, 1.0, "typing");
}

static void
a_tooltip_looks_as_ever(void **const state)
{
  struct pilot *const pilot = *state;
  pilot_point_at(pilot, "humanize");
  pilot_wait(pilot, 2 * STAGE_TIP_DELAY);
  assert_part(pilot, &pilot->desk->stage.tip, 1.0, "tooltip");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, pilot_teardown)
  const struct CMUnitTest tests[] = {
      TEST(the_window_looks_as_ever),
      TEST(it_does_at_its_smallest_at_every_scale),
      TEST(trouble_and_what_is_worked_with_stand_out),
      TEST(a_menu_looks_as_ever),
      TEST(the_dialogs_look_as_ever),
      TEST(a_value_that_is_typed_looks_as_ever),
      TEST(a_tooltip_looks_as_ever),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
