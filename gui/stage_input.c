// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Who gets what the pointer and the keyboard do: whoever is pressed keeps the pointer, whoever has the focus gets the keys,
// what lies on top comes first, and what a widget does not want goes to its parent.

#include "stage.h"
#include "stage_private.h"

#include <string.h>

/// Tell `widget`; one that does not care itself what is to be drawn then is drawn anew.
static void
notify(struct widget *const widget, const enum widget_notice notice)
{
  if (widget->class->notice) {
    widget->class->notice(widget, notice);
  } else {
    widget_damage(widget);
  }
}

void
stage_focus(struct stage *const stage, struct widget *const widget)
{
  struct widget *const before = stage->focus;
  if (before == widget) {
    return;
  }
  stage->focus = widget;
  if (before) {
    notify(before, NOTICE_BLUR);
  }
  if (widget) {
    notify(widget, NOTICE_FOCUS);
  }
}

/// What gets the pointer at the input's place: on the topmost overlay, or the overlay itself if it is outside.
static struct widget *
target_of(const struct stage *const stage, const struct input *const input)
{
  struct widget *const top = stage_top(stage);
  if (!top) {
    return widget_at(stage->root, input->x, input->y);
  }
  struct widget *const found = widget_at(top, input->x, input->y);
  return found ? found : top;
}

/// Offer `input` to `widget` and those above it; return who took it, NULL if nobody.
static struct widget *
offer(struct widget *const widget, const struct input *const input)
{
  for (struct widget *at = widget; at; at = at->parent) {
    if (at->is_disabled) {
      return NULL;
    }
    if (at->class->input && at->class->input(at, input)) {
      return at;
    }
  }
  return NULL;
}

static void
set_hover(struct stage *const stage, struct widget *const widget)
{
  struct widget *const before = stage->hover;
  if (before == widget) {
    return;
  }
  stage->hover = widget;
  if (before && before->class->draw) {
    notify(before, NOTICE_LEAVE);
  }
  if (widget && widget->class->draw) {
    notify(widget, NOTICE_ENTER);
  }
}

static bool
press(struct stage *const stage, const struct input *const input)
{
  struct widget *const target = target_of(stage, input);
  struct input counted = *input;
  const bool is_second = stage->pressed == target && stage->press_button == input->button &&
                         input->time - stage->press_time <= STAGE_DOUBLE_CLICK;
  counted.clicks = is_second ? 2 : 1;
  stage->pressed = is_second ? NULL : target; // A third click is a first one again
  stage->press_time = input->time;
  stage->press_button = input->button;
  if (stage->focus && stage->is_focus_shown) {
    stage->is_focus_shown = false;
    notify(stage->focus, NOTICE_BLUR);
  }
  for (struct widget *at = target; at; at = at->parent) {
    if (at->is_focusable && !at->is_disabled) {
      stage_focus(stage, at);
      break;
    }
  }
  const unsigned overlays = stage->overlay_count;
  struct widget *const taker = offer(target, &counted);
  if (taker && overlays == stage->overlay_count) { // What it opened gets the pointer, not what it was opened by
    stage->grab = taker;
    notify(taker, NOTICE_PRESS);
  }
  return taker != NULL;
}

static bool
move(struct stage *const stage, const struct input *const input)
{
  if (stage->grab) {
    return stage->grab->class->input(stage->grab, input);
  }
  struct widget *const target = target_of(stage, input);
  set_hover(stage, target && box_has(&target->box, input->x, input->y) ? target : NULL);
  return offer(target, input) != NULL;
}

static bool
release(struct stage *const stage, const struct input *const input)
{
  struct widget *const grabbed = stage->grab;
  if (!grabbed) {
    return false;
  }
  stage->grab = NULL;
  notify(grabbed, NOTICE_RELEASE);
  grabbed->class->input(grabbed, input);
  struct input moved = *input;
  moved.kind = INPUT_MOVE;
  set_hover(stage, target_of(stage, &moved));
  return true;
}

/// Give the focus to the next widget that takes it, or the one before it.
static void
move_focus(struct stage *const stage, const bool is_backward)
{
  struct widget *const root = stage_top(stage) ? stage_top(stage) : stage->root;
  struct widget *first = NULL;
  struct widget *last = NULL;
  struct widget *before = NULL;
  struct widget *after = NULL;
  bool is_past = false;
  for (struct widget *at = root; at; at = widget_after(root, at)) {
    if (at == stage->focus) {
      before = last;
      is_past = true;
    } else if (at->is_focusable && !at->is_hidden && !at->is_disabled) {
      first = first ? first : at;
      last = at;
      after = is_past && !after ? at : after;
    }
  }
  struct widget *const wanted = is_backward ? (before ? before : last) : (after ? after : first);
  if (wanted) {
    stage_focus(stage, wanted);
  }
}

/// Whether it is the key that starts the host's transport, pressed by somebody who works with the mouse.
static bool
is_for_the_host(const struct stage *const stage, const struct input *const input)
{
  return !stage->is_focus_shown && !stage_top(stage) && input->key == KEY_TEXT && !strcmp(input->text, " ");
}

static bool
key(struct stage *const stage, const struct input *const input)
{
  struct widget *const top = stage_top(stage);
  if (is_for_the_host(stage, input)) {
    return false;
  }
  const bool was_shown = stage->is_focus_shown;
  stage->is_focus_shown = true;
  if (stage->focus && !was_shown) {
    notify(stage->focus, NOTICE_FOCUS);
  }
  if (offer(stage->focus ? stage->focus : top, input)) {
    return true;
  }
  if (input->key == KEY_TAB) {
    move_focus(stage, (input->modifiers & INPUT_SHIFT) != 0);
    return true;
  }
  if (input->key == KEY_ESCAPE && top) {
    stage_close(stage, top);
    return true;
  }
  return top != NULL;
}

static bool
hand_out(struct stage *const stage, const struct input *const input)
{
  switch (input->kind) {
  case INPUT_PRESS:
    return press(stage, input);
  case INPUT_RELEASE:
    return release(stage, input);
  case INPUT_MOVE:
    return move(stage, input);
  case INPUT_LEAVE:
    if (!stage->grab) {
      set_hover(stage, NULL);
    }
    return false;
  case INPUT_SCROLL:
    return offer(target_of(stage, input), input) != NULL;
  case INPUT_KEY:
    return key(stage, input);
  }
  return false;
}

bool
stage_input(struct stage *const stage, const struct input *const input)
{
  if (input->kind != INPUT_KEY && input->kind != INPUT_LEAVE) {
    stage->pointer_x = input->x;
    stage->pointer_y = input->y;
  }
  if (input->kind == INPUT_MOVE && !stage->grab) {
    tip_restart(stage);
  } else {
    tip_hide(stage);
  }
  const bool is_taken = hand_out(stage, input);
  overlays_settle(stage);
  return is_taken;
}

void
stage_tick(struct stage *const stage, const uint32_t now)
{
  stage->now = now;
  tip_tick(stage);
  overlays_settle(stage);
}

void
stage_copy(struct stage *const stage, const char *const text, const size_t length)
{
  if (stage->listener.copy) {
    stage->listener.copy(stage->listener.handle, text, length);
  }
}

void
stage_paste(struct stage *const stage)
{
  if (stage->listener.paste) {
    stage->listener.paste(stage->listener.handle);
  }
}

void
stage_pasted(struct stage *const stage, const char *const text)
{
  if (stage->focus && stage->focus->class->paste) {
    stage->focus->class->paste(stage->focus, text);
  }
}
