// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Pointing, pressing and typing.

#include "pilot.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FRAME = 33, SECOND = 1000 };

static struct pilot_record *
record(struct pilot *const pilot, const enum pilot_kind kind)
{
  assert_true(pilot->count < PILOT_RECORDS);
  struct pilot_record *const record = &pilot->records[pilot->count++];
  *record = (struct pilot_record){.kind = kind};
  return record;
}

static void
touch(void *const handle, const enum port_index port, const bool is_touched)
{
  record(handle, is_touched ? PILOT_TOUCH : PILOT_RELEASE)->port = port;
}

static void
write_value(void *const handle, const enum port_index port, const float value)
{
  struct pilot_record *const written = record(handle, PILOT_WRITE);
  written->port = port;
  written->value = value;
}

static void
wish(void *const handle, const enum desk_wish what, const char *const text)
{
  struct pilot_record *const wished = record(handle, PILOT_WISH);
  wished->wish = what;
  snprintf(wished->text, sizeof wished->text, "%s", text);
}

static bool
ask(void *const handle)
{
  record(handle, PILOT_ASK);
  return ((const struct pilot *)handle)->host_can_ask;
}

static void
zoom(void *const handle, const double value)
{
  record(handle, PILOT_ZOOM)->value = (float)value;
}

struct pilot *
pilot_new(const char *const bundle)
{
  struct pilot *const pilot = calloc(1, sizeof *pilot);
  assert_non_null(pilot);
  const struct desk_listener listener = {
      .handle = pilot, .touch = touch, .write = write_value, .wish = wish, .ask_host = ask, .zoom = zoom};
  sender_init(&pilot->sender);
  pilot->music = roll_model_new(&pilot->sender.urids.map);
  assert_non_null(pilot->music);
  pilot->desk = desk_new(&listener, pilot->music, bundle, 12345);
  assert_non_null(pilot->desk);
  double width = 0.0;
  double height = 0.0;
  stage_min_size(&pilot->desk->stage, &width, &height);
  stage_resize(&pilot->desk->stage, fmax(width, 1120.0), fmax(height, 760.0));
  pilot->now = SECOND;
  return pilot;
}

void
pilot_free(struct pilot *const pilot)
{
  desk_free(pilot->desk);
  roll_model_free(pilot->music);
  sender_clear(&pilot->sender);
  free(pilot);
}

int
pilot_setup(void **const state)
{
  *state = pilot_new(NULL);
  return 0;
}

int
pilot_teardown(void **const state)
{
  pilot_free(*state);
  return 0;
}

struct widget *
pilot_find(const struct pilot *const pilot, const char *const name)
{
  struct stage *const stage = &pilot->desk->stage;
  struct widget *const found = widget_find(stage_top(stage) ? stage_top(stage) : stage->root, name);
  if (!found) {
    fail_msg("there is no %s", name);
  }
  return found;
}

static bool
hand_in(const struct pilot *const pilot, struct input input)
{
  input.x = pilot->x;
  input.y = pilot->y;
  input.modifiers |= pilot->modifiers;
  input.time = pilot->now;
  return desk_input(pilot->desk, &input);
}

void
pilot_move(struct pilot *const pilot, const double x, const double y)
{
  pilot->x += x;
  pilot->y += y;
  hand_in(pilot, (struct input){.kind = INPUT_MOVE});
}

void
pilot_point_at(struct pilot *const pilot, const char *const name)
{
  const struct box *const box = &pilot_find(pilot, name)->box;
  pilot_move(pilot, box->x + box->width / 2.0 - pilot->x, box->y + box->height / 2.0 - pilot->y);
}

void
pilot_press(struct pilot *const pilot, const unsigned button)
{
  hand_in(pilot, (struct input){.kind = INPUT_PRESS, .button = button});
}

void
pilot_lift(struct pilot *const pilot, const unsigned button)
{
  hand_in(pilot, (struct input){.kind = INPUT_RELEASE, .button = button});
}

void
pilot_click(struct pilot *const pilot, const char *const name)
{
  pilot_wait(pilot, SECOND);
  pilot_point_at(pilot, name);
  pilot_press(pilot, BUTTON_LEFT);
  pilot_lift(pilot, BUTTON_LEFT);
}

void
pilot_scroll(struct pilot *const pilot, const double notches)
{
  hand_in(pilot, (struct input){.kind = INPUT_SCROLL, .scroll = notches});
}

void
pilot_key(struct pilot *const pilot, const enum input_key key)
{
  hand_in(pilot, (struct input){.kind = INPUT_KEY, .key = key});
}

void
pilot_type(struct pilot *const pilot, const char *const text)
{
  for (const char *at = text; *at; ++at) {
    hand_in(pilot, (struct input){.kind = INPUT_KEY, .key = KEY_TEXT, .text = {*at}});
  }
}

void
pilot_wait(struct pilot *const pilot, const uint32_t milliseconds)
{
  for (uint32_t passed = 0; passed < milliseconds; passed += FRAME) {
    pilot->now += FRAME;
    desk_tick(pilot->desk, pilot->now);
  }
}

void
pilot_forget(struct pilot *const pilot)
{
  pilot->count = 0;
}

const struct pilot_record *
pilot_last(const struct pilot *const pilot, const enum pilot_kind kind)
{
  for (unsigned i = pilot->count; i-- > 0;) {
    if (pilot->records[i].kind == kind) {
      return &pilot->records[i];
    }
  }
  return NULL;
}

unsigned
pilot_count(const struct pilot *const pilot, const enum pilot_kind kind)
{
  unsigned count = 0;
  for (unsigned i = 0; i < pilot->count; ++i) {
    count += pilot->records[i].kind == kind;
  }
  return count;
}
