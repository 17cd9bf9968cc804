// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The controls do what controls of other plugins do, with the pointer and with the keyboard alone, and the host is told.

#include "pilot.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static float
now(const struct pilot *const pilot, const enum port_index port)
{
  return pilot->desk->values.now[port];
}

static void
dragging_up_and_to_the_right_turns_a_knob_up(void **const state)
{
  struct pilot *const pilot = *state;
  pilot_point_at(pilot, "temperature");
  pilot_press(pilot, BUTTON_LEFT);
  assert_int_equal(pilot_count(pilot, PILOT_TOUCH), 1);
  pilot_move(pilot, 0.0, -30.0);
  const float up = now(pilot, PORT_TEMPERATURE);
  assert_true(up > 1.2F && up < 1.5F);
  pilot_move(pilot, 20.0, 0.0);
  assert_true(now(pilot, PORT_TEMPERATURE) > up + 0.1F);
  pilot_move(pilot, 0.0, 100000.0); // Out of the window
  assert_true(now(pilot, PORT_TEMPERATURE) == 0.0F);
  assert_int_equal(pilot_count(pilot, PILOT_RELEASE), 0);
  pilot_lift(pilot, BUTTON_LEFT);
  assert_int_equal(pilot_count(pilot, PILOT_RELEASE), 1);
  assert_int_equal(pilot_count(pilot, PILOT_TOUCH), 1);
  const unsigned writes = pilot_count(pilot, PILOT_WRITE);
  pilot_move(pilot, 0.0, -50.0);
  assert_int_equal(pilot_count(pilot, PILOT_WRITE), writes);
}

static void
shift_is_for_fine_changes(void **const state)
{
  struct pilot *const pilot = *state;
  pilot_point_at(pilot, "temperature");
  pilot_press(pilot, BUTTON_LEFT);
  pilot->modifiers = INPUT_SHIFT;
  pilot_move(pilot, 0.0, -30.0);
  pilot->modifiers = 0;
  pilot_lift(pilot, BUTTON_LEFT);
  assert_true(now(pilot, PORT_TEMPERATURE) > 1.0F && now(pilot, PORT_TEMPERATURE) < 1.06F);
  pilot_scroll(pilot, 1.0);
  const float coarse = now(pilot, PORT_TEMPERATURE);
  pilot->modifiers = INPUT_SHIFT;
  pilot_scroll(pilot, 1.0);
  assert_true(fabsf(now(pilot, PORT_TEMPERATURE) - coarse - 0.01F) < 1e-4F);
}

static void
slow_drags_are_not_lost_to_rounding(void **const state)
{
  struct pilot *const pilot = *state;
  pilot_point_at(pilot, "look_ahead"); // Whole beats
  pilot_press(pilot, BUTTON_LEFT);
  for (unsigned i = 0; i < 60; ++i) {
    pilot_move(pilot, 0.0, -1.0);
  }
  assert_true(now(pilot, PORT_LOOK_AHEAD) > 10.0F);
  pilot_lift(pilot, BUTTON_LEFT);
}

static void
the_wheel_turns_a_step(void **const state)
{
  struct pilot *const pilot = *state;
  pilot_point_at(pilot, "loop_bars");
  pilot_scroll(pilot, 1.0);
  assert_true(now(pilot, PORT_LOOP_BARS) == 1.0F);
  assert_int_equal(pilot_count(pilot, PILOT_TOUCH), 1);
  assert_int_equal(pilot_count(pilot, PILOT_RELEASE), 1);
  pilot_scroll(pilot, -1.0);
  pilot_scroll(pilot, -1.0);
  assert_true(now(pilot, PORT_LOOP_BARS) == 0.0F);
}

static void
a_double_click_is_for_the_default(void **const state)
{
  struct pilot *const pilot = *state;
  pilot_point_at(pilot, "recall");
  pilot_scroll(pilot, 5.0);
  assert_true(now(pilot, PORT_RECALL) > 1.1F);
  for (unsigned i = 0; i < 2; ++i) {
    pilot_press(pilot, BUTTON_LEFT);
    pilot_lift(pilot, BUTTON_LEFT);
    pilot->now += 100;
  }
  assert_true(now(pilot, PORT_RECALL) == 1.0F);
  assert_true(pilot_last(pilot, PILOT_WRITE)->value == 1.0F);
  assert_int_equal(pilot_count(pilot, PILOT_TOUCH), pilot_count(pilot, PILOT_RELEASE));
}

static void
two_slow_clicks_are_no_double_click(void **const state)
{
  struct pilot *const pilot = *state;
  pilot_point_at(pilot, "recall");
  pilot_scroll(pilot, 5.0);
  const float before = now(pilot, PORT_RECALL);
  pilot_click(pilot, "recall");
  pilot_click(pilot, "recall");
  assert_true(now(pilot, PORT_RECALL) == before);
}

static void
a_right_click_is_for_typing(void **const state)
{
  struct pilot *const pilot = *state;
  pilot_point_at(pilot, "bpm");
  pilot_press(pilot, BUTTON_RIGHT);
  pilot_lift(pilot, BUTTON_RIGHT);
  pilot_type(pilot, "96"); // Instead of what stood there
  assert_int_equal(pilot_count(pilot, PILOT_WRITE), 0);
  pilot_key(pilot, KEY_ENTER);
  assert_true(now(pilot, PORT_BPM) == 96.0F);
  assert_null(stage_top(&pilot->desk->stage));
}

static void
typing_can_be_given_up(void **const state)
{
  struct pilot *const pilot = *state;
  pilot_point_at(pilot, "bpm");
  pilot_press(pilot, BUTTON_RIGHT);
  pilot_type(pilot, "200");
  pilot_key(pilot, KEY_ESCAPE);
  assert_true(now(pilot, PORT_BPM) == 120.0F);
  pilot_press(pilot, BUTTON_RIGHT);
  pilot_type(pilot, "nonsense");
  pilot_key(pilot, KEY_ENTER);
  assert_true(now(pilot, PORT_BPM) == 120.0F);
  assert_int_equal(pilot_count(pilot, PILOT_WRITE), 0);
}

static void
a_click_elsewhere_ends_typing(void **const state)
{
  struct pilot *const pilot = *state;
  pilot_point_at(pilot, "low_note");
  pilot_press(pilot, BUTTON_RIGHT);
  pilot_lift(pilot, BUTTON_RIGHT);
  pilot_type(pilot, "C3");
  pilot_point_at(pilot, "entry");
  pilot_move(pilot, 0.0, 200.0);
  pilot_press(pilot, BUTTON_LEFT);
  pilot_lift(pilot, BUTTON_LEFT);
  assert_true(now(pilot, PORT_LOW_NOTE) == 48.0F);
  assert_null(stage_top(&pilot->desk->stage));
}

static void
the_keyboard_gets_everywhere(void **const state)
{
  struct pilot *const pilot = *state;
  unsigned visits[PORT_COUNT] = {0};
  for (unsigned i = 0; i < 40; ++i) {
    pilot_key(pilot, KEY_TAB);
    for (unsigned port = 0; port < PORT_COUNT; ++port) {
      visits[port] += pilot->desk->stage.focus == pilot->desk->by_port[port];
    }
  }
  for (unsigned port = 0; port < PORT_COUNT; ++port) {
    if (port_descriptions[port].type == CONTROL_INPUT && !(port_descriptions[port].properties & PORT_HIDDEN) &&
        visits[port] == 0) {
      fail_msg("Tab does not get to %s", port_descriptions[port].symbol);
    }
  }
  struct widget *const there = pilot->desk->stage.focus;
  pilot_key(pilot, KEY_TAB);
  pilot->modifiers = INPUT_SHIFT;
  pilot_key(pilot, KEY_TAB);
  assert_ptr_equal(pilot->desk->stage.focus, there);
  assert_true(widget_shows_focus(there));
}

static void
keys_turn_a_knob(void **const state)
{
  struct pilot *const pilot = *state;
  stage_focus(&pilot->desk->stage, pilot_find(pilot, "high_note"));
  pilot_key(pilot, KEY_DOWN);
  assert_true(now(pilot, PORT_HIGH_NOTE) == 107.0F);
  pilot_key(pilot, KEY_PAGE_DOWN);
  assert_true(now(pilot, PORT_HIGH_NOTE) == 97.0F);
  pilot_key(pilot, KEY_HOME);
  assert_true(now(pilot, PORT_HIGH_NOTE) == 21.0F);
  pilot_key(pilot, KEY_DELETE);
  assert_true(now(pilot, PORT_HIGH_NOTE) == 108.0F);
  pilot_type(pilot, "72");
  pilot_key(pilot, KEY_ENTER);
  assert_true(now(pilot, PORT_HIGH_NOTE) == 72.0F);
  pilot_type(pilot, "c5");
  pilot_key(pilot, KEY_ENTER);
  assert_true(now(pilot, PORT_HIGH_NOTE) == 72.0F);
}

static void
a_drop_down_is_worked_with_the_pointer(void **const state)
{
  struct pilot *const pilot = *state;
  pilot_click(pilot, "hands");
  const struct box menu = stage_top(&pilot->desk->stage)->box;
  pilot_move(pilot, menu.x + menu.width / 2.0 - pilot->x, menu.y + menu.height - 12.0 - pilot->y);
  pilot_press(pilot, BUTTON_LEFT);
  pilot_lift(pilot, BUTTON_LEFT);
  assert_true(now(pilot, PORT_HANDS) == 2.0F);
  assert_null(stage_top(&pilot->desk->stage));
  pilot_click(pilot, "hands");
  pilot_move(pilot, 5000.0, 5000.0);
  pilot_press(pilot, BUTTON_LEFT); // Beside it
  pilot_lift(pilot, BUTTON_LEFT);
  assert_null(stage_top(&pilot->desk->stage));
  assert_true(now(pilot, PORT_HANDS) == 2.0F);
}

static void
a_drop_down_is_worked_with_keys(void **const state)
{
  struct pilot *const pilot = *state;
  stage_focus(&pilot->desk->stage, pilot_find(pilot, "style"));
  pilot_key(pilot, KEY_ENTER);
  pilot_type(pilot, "franz l");
  pilot_key(pilot, KEY_ENTER);
  assert_true(now(pilot, PORT_STYLE) == 8.0F);
  pilot_key(pilot, KEY_ENTER);
  pilot_key(pilot, KEY_UP);
  pilot_key(pilot, KEY_ENTER);
  assert_true(now(pilot, PORT_STYLE) == 7.0F);
  pilot_key(pilot, KEY_ENTER);
  pilot_key(pilot, KEY_DOWN);
  pilot_key(pilot, KEY_ESCAPE);
  assert_true(now(pilot, PORT_STYLE) == 7.0F);
  assert_ptr_equal(pilot->desk->stage.focus, pilot_find(pilot, "style"));
}

static void
switches_turn(void **const state)
{
  struct pilot *const pilot = *state;
  pilot_click(pilot, "pedal");
  assert_true(now(pilot, PORT_PEDAL) == 1.0F);
  pilot_key(pilot, KEY_ENTER);
  assert_true(now(pilot, PORT_PEDAL) == 0.0F);
  pilot_type(pilot, " ");
  assert_true(now(pilot, PORT_PEDAL) == 1.0F);
  pilot_click(pilot, "lock");
  assert_true(now(pilot, PORT_LOCK) == 1.0F);
}

static void
space_is_the_hosts_after_a_click(void **const state)
{
  struct pilot *const pilot = *state;
  pilot_click(pilot, "regenerate");
  const unsigned writes = pilot_count(pilot, PILOT_WRITE);
  const struct input space = {.kind = INPUT_KEY, .key = KEY_TEXT, .text = " "};
  assert_false(desk_input(pilot->desk, &space));
  assert_int_equal(pilot_count(pilot, PILOT_WRITE), writes);
}

static void
presets_set_what_is_about_the_music(void **const state)
{
  struct pilot *const pilot = *state;
  values_change(&pilot->desk->values, PORT_CHANNEL, 5.0F);
  values_change(&pilot->desk->values, PORT_RECALL, 3.0F);
  pilot_click(pilot, "presets");
  pilot_type(pilot, "mozart: all");
  pilot_key(pilot, KEY_ENTER);
  assert_true(now(pilot, PORT_STYLE) == 2.0F);
  assert_true(now(pilot, PORT_KEY) == 1.0F);
  assert_true(now(pilot, PORT_RECALL) == 1.0F);
  assert_true(now(pilot, PORT_BPM) > 100.0F);
  assert_true(now(pilot, PORT_CHANNEL) == 5.0F);
}

static void
a_button_that_is_left_does_nothing(void **const state)
{
  struct pilot *const pilot = *state;
  pilot_point_at(pilot, "pedal");
  pilot_press(pilot, BUTTON_LEFT);
  pilot_move(pilot, 0.0, -300.0);
  pilot_lift(pilot, BUTTON_LEFT);
  assert_true(now(pilot, PORT_PEDAL) == 0.0F);
}

static void
triggers_rise_and_fall(void **const state)
{
  struct pilot *const pilot = *state;
  pilot_wait(pilot, 100);
  pilot_click(pilot, "regenerate");
  assert_true(pilot_last(pilot, PILOT_WRITE)->port == PORT_REGENERATE);
  assert_true(pilot_last(pilot, PILOT_WRITE)->value == 1.0F);
  pilot_wait(pilot, TRIGGER_TIME / 2);
  assert_int_equal(pilot_count(pilot, PILOT_WRITE), 1); // High for long enough to be seen
  pilot_wait(pilot, TRIGGER_TIME);
  assert_int_equal(pilot_count(pilot, PILOT_WRITE), 2);
  assert_true(pilot_last(pilot, PILOT_WRITE)->value == 0.0F);
}

static void
each_press_of_undo_counts(void **const state)
{
  struct pilot *const pilot = *state;
  pilot_wait(pilot, 100);
  pilot_point_at(pilot, "undo");
  for (unsigned i = 0; i < 3; ++i) {
    pilot_press(pilot, BUTTON_LEFT);
    pilot_lift(pilot, BUTTON_LEFT);
  }
  pilot_wait(pilot, 10 * TRIGGER_TIME);
  assert_int_equal(pilot_count(pilot, PILOT_WRITE), 6);
  for (unsigned i = 0, write = 0; i < pilot->count; ++i) {
    if (pilot->records[i].kind == PILOT_WRITE) {
      assert_true(pilot->records[i].value == (write++ % 2 == 0 ? 1.0F : 0.0F));
    }
  }
}

static void
dice_give_other_seeds(void **const state)
{
  struct pilot *const pilot = *state;
  float seeds[8] = {0};
  for (unsigned i = 0; i < 8; ++i) {
    pilot_click(pilot, "dice");
    seeds[i] = now(pilot, PORT_SEED);
    assert_true(seeds[i] >= 0.0F && seeds[i] <= 16777215.0F);
    for (unsigned j = 0; j < i; ++j) {
      assert_true(seeds[i] != seeds[j]);
    }
  }
}

static void
zoom_is_chosen_and_stepped(void **const state)
{
  struct pilot *const pilot = *state;
  pilot->modifiers = INPUT_CONTROL;
  pilot_type(pilot, "+");
  assert_true(fabsf(pilot_last(pilot, PILOT_ZOOM)->value - 1.25F) < 1e-6F);
  pilot_type(pilot, "-");
  pilot_type(pilot, "-");
  assert_true(fabsf(pilot_last(pilot, PILOT_ZOOM)->value - 0.75F) < 1e-6F);
  pilot_type(pilot, "-");
  assert_true(fabsf(pilot_last(pilot, PILOT_ZOOM)->value - 0.75F) < 1e-6F);
  pilot_type(pilot, "0");
  assert_true(fabsf(pilot_last(pilot, PILOT_ZOOM)->value - 1.0F) < 1e-6F);
  pilot->modifiers = 0;
  pilot_click(pilot, "zoom");
  pilot_key(pilot, KEY_END);
  pilot_key(pilot, KEY_ENTER);
  assert_true(fabsf(pilot_last(pilot, PILOT_ZOOM)->value - 3.0F) < 1e-6F);
}

static void
a_tooltip_comes_and_goes(void **const state)
{
  struct pilot *const pilot = *state;
  pilot_wait(pilot, 100);
  pilot_point_at(pilot, "surprise");
  pilot_wait(pilot, STAGE_TIP_DELAY / 2);
  assert_true(pilot->desk->stage.tip.width == 0.0);
  pilot_wait(pilot, STAGE_TIP_DELAY);
  assert_true(pilot->desk->stage.tip.width > 0.0);
  pilot_press(pilot, BUTTON_LEFT);
  assert_true(pilot->desk->stage.tip.width == 0.0);
}

static void
nothing_is_drawn_anew_when_nothing_happens(void **const state)
{
  struct pilot *const pilot = *state;
  pilot_wait(pilot, 2 * STAGE_TIP_DELAY);
  pilot->desk->stage.damage_count = 0;
  pilot_wait(pilot, 5000);
  values_receive(&pilot->desk->values, PORT_LOAD, 0.0F);
  values_receive(&pilot->desk->values, PORT_LOAD, 0.3F); // Shown as 0 %, too
  desk_receive_text(pilot->desk, DESK_STATUS, pilot->desk->texts[DESK_STATUS]);
  assert_int_equal(pilot->desk->stage.damage_count, 0);
  values_receive(&pilot->desk->values, PORT_LOAD, 50.0F);
  assert_int_equal(pilot->desk->stage.damage_count, 1);
  const struct box *const meter = &pilot->desk->by_port[PORT_LOAD]->box;
  assert_memory_equal(&pilot->desk->stage.damage[0], meter, sizeof *meter);
}

static void
what_is_wrong_stands_out(void **const state)
{
  struct pilot *const pilot = *state;
  desk_receive_text(pilot->desk, DESK_STATUS, "Ready: x");
  desk_receive_text(pilot->desk, DESK_STATUS, "bad.safetensors is no weight file; the weights before play on");
  assert_string_equal(pilot->desk->status->tip, pilot->desk->texts[DESK_STATUS]);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, pilot_setup, pilot_teardown)
  const struct CMUnitTest tests[] = {
      TEST(dragging_up_and_to_the_right_turns_a_knob_up),
      TEST(shift_is_for_fine_changes),
      TEST(slow_drags_are_not_lost_to_rounding),
      TEST(the_wheel_turns_a_step),
      TEST(a_double_click_is_for_the_default),
      TEST(two_slow_clicks_are_no_double_click),
      TEST(a_right_click_is_for_typing),
      TEST(typing_can_be_given_up),
      TEST(a_click_elsewhere_ends_typing),
      TEST(the_keyboard_gets_everywhere),
      TEST(keys_turn_a_knob),
      TEST(a_drop_down_is_worked_with_the_pointer),
      TEST(a_drop_down_is_worked_with_keys),
      TEST(switches_turn),
      TEST(space_is_the_hosts_after_a_click),
      TEST(presets_set_what_is_about_the_music),
      TEST(a_button_that_is_left_does_nothing),
      TEST(triggers_rise_and_fall),
      TEST(each_press_of_undo_counts),
      TEST(dice_give_other_seeds),
      TEST(zoom_is_chosen_and_stepped),
      TEST(a_tooltip_comes_and_goes),
      TEST(nothing_is_drawn_anew_when_nothing_happens),
      TEST(what_is_wrong_stands_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
