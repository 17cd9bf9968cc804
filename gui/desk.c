// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What the window does. What it looks like is in desk_layout.c.

#include "desk.h"

#include "bar_text.h"
#include "choice.h"
#include "desk_layout.h"
#include "label.h"
#include "music_pane.h"
#include "preset_menu.h"
#include "styles.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BARS_TEXT = 256 }; // As long as the plugin takes

static const char WAITING[] = "Waiting for the plugin\xe2\x80\xa6";

static void
touch(void *const handle, const enum port_index port, const bool is_touched)
{
  const struct desk *const desk = handle;
  if (desk->listener.touch) {
    desk->listener.touch(desk->listener.handle, port, is_touched);
  }
}

static void
write_value(void *const handle, const enum port_index port, const float value)
{
  const struct desk *const desk = handle;
  if (desk->listener.write) {
    desk->listener.write(desk->listener.handle, port, value);
  }
}

static void
value_changed(void *const handle, const enum port_index port)
{
  struct desk *const desk = handle;
  desk->are_changed = true;
  if (desk->by_port[port]) {
    widget_damage(desk->by_port[port]);
  }
}

void
desk_wish(const struct desk *const desk, const enum desk_wish what, const char *const text)
{
  if (desk->listener.wish) {
    desk->listener.wish(desk->listener.handle, what, text);
  }
}

void
desk_press_regenerate(void *const handle)
{
  struct desk *const desk = handle;
  trigger_pull(&desk->regenerate, desk->stage.now);
}

void
desk_press_undo(void *const handle)
{
  struct desk *const desk = handle;
  trigger_pull(&desk->undo, desk->stage.now);
}

void
desk_press_dice(void *const handle)
{
  struct desk *const desk = handle;
  desk->random ^= desk->random << 13; // xorshift (Marsaglia 2003)
  desk->random ^= desk->random >> 17;
  desk->random ^= desk->random << 5;
  values_change(&desk->values, PORT_SEED, (float)(desk->random >> 8));
}

/// Show which preset the values are, or were before the user changed them.
static void
show_preset(struct desk *const desk)
{
  char text[MENU_LABEL + 2];
  const int preset = preset_find(&desk->values, desk->texts[DESK_WEIGHTS]);
  desk->are_changed = false;
  desk->preset = preset >= 0 ? preset : desk->preset;
  if (desk->preset < 0) {
    picker_set_text(desk->presets, "None");
    return;
  }
  snprintf(text, sizeof text, "%s%s", preset < 0 ? "* " : "", preset_label(desk->preset));
  picker_set_text(desk->presets, text);
}

void
desk_act_on_bars(void *const handle, const enum bar_action action, const uint32_t first, const uint32_t end)
{
  struct desk *const desk = handle;
  char text[BARS_TEXT];
  if (action == BARS_REGENERATE) {
    bar_text_write(first, end, text, sizeof text);
    desk_wish(desk, DESK_REGENERATE_BARS, text);
  } else if (bar_text_change(desk->texts[DESK_LOCKED_BARS], first, end, action == BARS_LOCK, text, sizeof text)) {
    desk_wish(desk, DESK_LOCK_BARS, text);
  } else {
    desk_say(desk, "So many separate bars can't be locked: lock some of those between them too");
  }
}

struct desk *
desk_new(const struct desk_listener *const listener,
         const struct roll_model *const music,
         const char *const bundle,
         const uint32_t random)
{
  struct desk *const desk = calloc(1, sizeof *desk);
  if (!desk) {
    return NULL;
  }
  const struct values_listener values = {
      .handle = desk, .touch = touch, .write = write_value, .changed = value_changed};
  desk->listener = *listener;
  desk->music = music;
  desk->bundle = bundle;
  desk->random = random | 1U;
  desk->zoom = 1.0;
  desk->preset = -1;
  desk->are_changed = true;
  values_init(&desk->values, &values);
  desk->regenerate = (struct trigger){.values = &desk->values, .port = PORT_REGENERATE};
  desk->undo = (struct trigger){.values = &desk->values, .port = PORT_UNDO};
  snprintf(desk->export_path, sizeof desk->export_path, "~/ritornello.mid");
  stage_init(&desk->stage, desk_layout(desk));
  for (unsigned i = 0; i < PORT_COUNT; ++i) {
    desk->by_port[i] = widget_find(desk->stage.root, port_descriptions[i].symbol);
  }
  desk_receive_text(desk, DESK_STATUS, WAITING);
  return desk;
}

void
desk_free(struct desk *const desk)
{
  if (desk) {
    stage_free(&desk->stage);
    free(desk);
  }
}

/// The styles that the weights know, as bits; all of them if nothing is known.
static uint64_t
useful_styles(const char *const list)
{
  uint64_t useful = 1;
  for (unsigned i = 1; i <= STYLE_COUNT; ++i) {
    const char *const name = style_descriptions[i].name;
    const size_t length = strlen(name);
    for (const char *at = strstr(list, name); at; at = strstr(at + 1, name)) {
      const bool begins = at == list || at[-1] == ',' || at[-1] == ' ';
      if (begins && (at[length] == '\0' || at[length] == ',')) {
        useful |= UINT64_C(1) << i;
      }
    }
  }
  return useful == 1 ? UINT64_MAX : useful;
}

/// Show `#status`: what is not well stands out.
static void
show_status(struct desk *const desk)
{
  const char *const status = desk->texts[DESK_STATUS];
  const bool is_well = !strncmp(status, "Ready", strlen("Ready"));
  label_set_text(desk->status, status);
  label_set_colour(desk->status, is_well || !strcmp(status, WAITING) ? THEME_TEXT_DIM : THEME_WARNING);
}

void
desk_say(struct desk *const desk, const char *const text)
{
  label_set_text(desk->status, text);
  label_set_colour(desk->status, THEME_TEXT);
}

/// Show what the weights call themselves, or their file.
static void
show_weights(struct desk *const desk)
{
  const char *const title = desk->texts[DESK_TITLE];
  const char *const path = desk->texts[DESK_WEIGHTS];
  const char *const slash = strrchr(path, '/');
  picker_set_text(desk->weights, title[0] ? title : slash ? slash + 1 : path[0] ? path : "None");
  snprintf(desk->weights_tip, sizeof desk->weights_tip, "The trained network that composes:\n%s\n%s", title, path);
  desk->weights->tip = desk->weights_tip;
}

void
desk_receive_text(struct desk *const desk, const enum desk_text text, const char *const value)
{
  if (!strcmp(desk->texts[text], value)) {
    return;
  }
  snprintf(desk->texts[text], DESK_TEXT, "%s", value);
  switch (text) {
  case DESK_STATUS:
    show_status(desk);
    break;
  case DESK_STYLES:
    choice_set_useful(desk->by_port[PORT_STYLE], useful_styles(value));
    break;
  case DESK_TITLE:
  case DESK_WEIGHTS:
    show_weights(desk);
    desk->are_changed = true;
    break;
  default:
    break;
  }
}

bool
desk_input(struct desk *const desk, const struct input *const input)
{
  if (stage_input(&desk->stage, input)) {
    return true;
  }
  if (input->kind != INPUT_KEY || input->key != KEY_TEXT || !(input->modifiers & INPUT_CONTROL)) {
    return false;
  }
  switch (input->text[0]) {
  case '+':
  case '=':
    desk_step_zoom(desk, 1);
    return true;
  case '-':
    desk_step_zoom(desk, -1);
    return true;
  case '0':
    desk_step_zoom(desk, 0);
    return true;
  case 's':
    desk_press_save(desk);
    return true;
  default:
    return false;
  }
}

void
desk_tick(struct desk *const desk, const uint32_t now)
{
  stage_tick(&desk->stage, now);
  music_pane_tick(desk->roll, now);
  trigger_tick(&desk->regenerate, now);
  trigger_tick(&desk->undo, now);
  if (desk->are_changed) {
    show_preset(desk);
  }
}
