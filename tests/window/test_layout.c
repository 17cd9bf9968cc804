// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// At every size and scale, from the smallest to 4K: nothing overlaps, nothing leaves its box, no text is cut.

#include "pilot.h"
#include "points.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const double TOLERANCE = 0.51; // Logical pixels
static const double scales[] = {1.0, 1.5, 2.0};
static const double sizes[][2] = {{0.0, 0.0},       {900.0, 760.0},   {1120.0, 760.0}, {1000.0, 700.0},
                                  {1280.0, 800.0},  {1920.0, 1080.0}, {800.0, 1600.0}, {2560.0, 720.0},
                                  {2560.0, 1440.0}, {3840.0, 2160.0}};

/// The window of size number `size`, but at least as large as it must be.
static void
resize(struct desk *const desk, const unsigned size)
{
  double width = 0.0;
  double height = 0.0;
  stage_min_size(&desk->stage, &width, &height);
  stage_resize(&desk->stage, fmax(width, sizes[size][0]), fmax(height, sizes[size][1]));
}

static void
assert_inside(const struct box *const inner, const struct box *const outer, const char *const name)
{
  if (inner->x < outer->x - TOLERANCE || inner->y < outer->y - TOLERANCE ||
      inner->x + inner->width > outer->x + outer->width + TOLERANCE ||
      inner->y + inner->height > outer->y + outer->height + TOLERANCE) {
    fail_msg("%s at %g, %g of %g x %g is not within %g, %g of %g x %g", name, inner->x, inner->y, inner->width,
             inner->height, outer->x, outer->y, outer->width, outer->height);
  }
}

/// What is drawn of `widget` alone stays in its box, at that scale, and no text is cut.
static void
assert_drawn_inside(struct widget *const widget, const double scale)
{
  if (!widget->class->draw) {
    return;
  }
  cairo_surface_t *const surface = cairo_recording_surface_create(CAIRO_CONTENT_COLOR_ALPHA, NULL);
  struct painter painter = {.cairo = cairo_create(surface), .scale = scale};
  cairo_scale(painter.cairo, scale, scale);
  widget->class->draw(widget, &painter);
  struct box ink;
  cairo_recording_surface_ink_extents(surface, &ink.x, &ink.y, &ink.width, &ink.height);
  cairo_destroy(painter.cairo);
  cairo_surface_destroy(surface);
  const struct box logical = {ink.x / scale + 0.5, ink.y / scale + 0.5, ink.width / scale - 1.0,
                              ink.height / scale - 1.0};
  assert_inside(&logical, &widget->box, widget->name);
  if (painter.cut_texts > 0) {
    fail_msg("a text of %s is cut", widget->name);
  }
}

/// `widget` and all below: in their parents, apart from each other, large enough.
static void
assert_sound(struct widget *const widget, const double scale)
{
  if (widget->is_hidden) {
    return;
  }
  assert_true(widget->box.width >= widget->min_width - TOLERANCE);
  assert_true(widget->box.height >= widget->class->height(widget, widget->box.width) - TOLERANCE);
  assert_drawn_inside(widget, scale);
  for (struct widget *child = widget->first; child; child = child->next) {
    assert_inside(&child->box, &widget->box, child->name);
    for (const struct widget *other = child->next; other; other = other->next) {
      if (!child->is_hidden && !other->is_hidden && box_overlaps(&child->box, &other->box)) {
        fail_msg("%s overlaps %s", child->name, other->name);
      }
    }
    assert_sound(child, scale);
  }
}

static void
everything_has_its_place(void **const state)
{
  struct desk *const desk = ((struct pilot *)*state)->desk;
  for (unsigned size = 0; size < sizeof sizes / sizeof sizes[0]; ++size) {
    resize(desk, size);
    assert_inside(&desk->stage.root->box, &desk->stage.size, "the whole");
    for (unsigned scale = 0; scale < sizeof scales / sizeof scales[0]; ++scale) {
      assert_sound(desk->stage.root, scales[scale]);
    }
  }
}

static void
every_value_has_room(void **const state)
{
  struct desk *const desk = ((struct pilot *)*state)->desk;
  resize(desk, 0);
  for (unsigned port = 0; port < PORT_COUNT; ++port) {
    struct widget *const widget = desk->by_port[port];
    const unsigned values =
        port_descriptions[port].properties & PORT_ENUMERATION ? point_count(port_descriptions[port].points) : 101;
    for (unsigned i = 0; widget && i < values; ++i) {
      values_receive(&desk->values, port, value_at(port, (double)i / (double)(values - 1)));
      assert_drawn_inside(widget, 1.0);
    }
  }
}

static void
every_control_of_the_plugin_is_there(void **const state)
{
  struct desk *const desk = ((struct pilot *)*state)->desk;
  for (unsigned port = 0; port < PORT_COUNT; ++port) {
    const struct port_description *const description = &port_descriptions[port];
    const bool is_shown = (description->type == CONTROL_INPUT || description->type == CONTROL_OUTPUT) &&
                          !(description->properties & PORT_HIDDEN);
    if (is_shown != (desk->by_port[port] != NULL)) {
      fail_msg("%s is %s", description->symbol, is_shown ? "missing" : "shown");
    }
    if (is_shown) {
      assert_string_equal(desk->by_port[port]->tip, description->comment);
    }
  }
}

/// Open what `name` opens, with the keyboard.
static void
open_by_key(struct desk *const desk, const char *const name)
{
  struct widget *const widget = widget_find(desk->stage.root, name);
  assert_non_null(widget);
  stage_focus(&desk->stage, widget);
  const struct input input = {.kind = INPUT_KEY, .key = KEY_ENTER};
  assert_true(desk_input(desk, &input));
  assert_non_null(stage_top(&desk->stage));
}

static void
menus_and_dialogs_fit_into_the_window(void **const state)
{
  static const char *const names[] = {"style", "key",     "density", "hands", "rate", "input",       "weights",  "zoom",
                                      "about", "presets", "save",    "seed",  "bpm",  "temperature", "high_note"};
  struct desk *const desk = ((struct pilot *)*state)->desk;
  desk_receive_text(desk, DESK_WEIGHTS, "/srv/music/a_file_of_weights.safetensors");
  for (unsigned size = 0; size < sizeof sizes / sizeof sizes[0]; ++size) {
    resize(desk, size);
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; ++i) {
      open_by_key(desk, names[i]);
      struct widget *const top = stage_top(&desk->stage);
      assert_inside(&top->box, &desk->stage.size, names[i]);
      for (unsigned scale = 0; scale < sizeof scales / sizeof scales[0]; ++scale) {
        assert_sound(top, scales[scale]);
      }
      const struct input escape = {.kind = INPUT_KEY, .key = KEY_ESCAPE};
      desk_input(desk, &escape);
      assert_null(stage_top(&desk->stage));
    }
  }
}

static void
tooltips_fit_into_the_window(void **const state)
{
  struct desk *const desk = ((struct pilot *)*state)->desk;
  uint32_t now = 1000;
  for (unsigned size = 0; size < sizeof sizes / sizeof sizes[0]; ++size) {
    resize(desk, size);
    unsigned tips = 0;
    for (struct widget *at = desk->stage.root; at; at = widget_after(desk->stage.root, at)) {
      const struct input move = {.kind = INPUT_MOVE, .x = at->box.x + at->box.width / 2.0, .y = at->box.y + 1.0};
      desk_input(desk, &move);
      now += STAGE_TIP_DELAY + 1;
      desk_tick(desk, now);
      if (desk->stage.tip.width > 0.0) {
        ++tips;
        assert_inside(&desk->stage.tip, &desk->stage.size, at->name);
        assert_false(box_has(&desk->stage.tip, move.x, move.y));
      }
      struct input away = {.kind = INPUT_MOVE, .x = -1.0, .y = -1.0};
      desk_input(desk, &away);
    }
    assert_true(tips > 30);
  }
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, pilot_setup, pilot_teardown)
  const struct CMUnitTest tests[] = {
      TEST(everything_has_its_place),
      TEST(every_value_has_room),
      TEST(every_control_of_the_plugin_is_there),
      TEST(menus_and_dialogs_fit_into_the_window),
      TEST(tooltips_fit_into_the_window),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
