// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What happens in the window, translated for the stage.

#include "x11_private.h"

enum {
  WHEEL_UP = 4,
  WHEEL_DOWN = 5,
  WHEEL_RIGHT = 7,
};

static bool
hand_out(const struct x11_window *const window, const struct input *const input)
{
  return window->options.input ? window->options.input(window->options.handle, input)
                               : stage_input(window->stage, input);
}

/// What pointer events have in common.
static struct input
pointer_input(const struct x11_window *const window,
              const enum input_kind kind,
              const int x,
              const int y,
              const unsigned state,
              const Time time)
{
  return (struct input){
      .kind = kind,
      .x = x / window->scale,
      .y = y / window->scale,
      .modifiers = x11_modifiers(state),
      .time = (uint32_t)time,
  };
}

static void
button(const struct x11_window *const window, const XButtonEvent *const event)
{
  const bool is_press = event->type == ButtonPress;
  struct input input =
      pointer_input(window, is_press ? INPUT_PRESS : INPUT_RELEASE, event->x, event->y, event->state, event->time);
  if (event->button >= WHEEL_UP && event->button <= WHEEL_RIGHT) {
    if (is_press && event->button <= WHEEL_DOWN) {
      input.kind = INPUT_SCROLL;
      input.scroll = event->button == WHEEL_UP ? 1.0 : -1.0;
      hand_out(window, &input);
    }
    return;
  }
  if (is_press) {
    XSetInputFocus(window->display, window->window, RevertToParent, event->time);
  }
  input.button = event->button;
  hand_out(window, &input);
}

/// Only the newest of many movements counts.
static void
motion(const struct x11_window *const window, XEvent *const event)
{
  while (XEventsQueued(window->display, QueuedAlready) > 0) {
    XEvent next;
    XPeekEvent(window->display, &next);
    if (next.type != MotionNotify || next.xmotion.window != window->window) {
      break;
    }
    XNextEvent(window->display, event);
  }
  const struct input input =
      pointer_input(window, INPUT_MOVE, event->xmotion.x, event->xmotion.y, event->xmotion.state, event->xmotion.time);
  hand_out(window, &input);
}

/// Let the host have a key that means nothing here: space starts its transport.
static void
pass_on(const struct x11_window *const window, XEvent *const event)
{
  if (window->options.parent) {
    event->xkey.window = window->options.parent;
    XSendEvent(window->display, window->options.parent, True, NoEventMask, event);
  }
}

static void
key(struct x11_window *const window, XEvent *const event)
{
  struct input input;
  const bool is_ours =
      event->type == KeyPress && x11_keys_translate(window, &event->xkey, &input) && hand_out(window, &input);
  if (!is_ours && !event->xkey.send_event) {
    pass_on(window, event);
  }
}

static void
focus(const struct x11_window *const window, const bool is_in)
{
  if (window->context) {
    (is_in ? XSetICFocus : XUnsetICFocus)(window->context);
  }
}

static void
dispatch(struct x11_window *const window, XEvent *const event)
{
  switch (event->type) {
  case Expose: {
    const struct box box = {event->xexpose.x / window->scale, event->xexpose.y / window->scale,
                            event->xexpose.width / window->scale, event->xexpose.height / window->scale};
    stage_damage(window->stage, &box);
    break;
  }
  case ConfigureNotify:
    x11_window_take_size(window, event->xconfigure.width, event->xconfigure.height);
    break;
  case DestroyNotify:
    window->is_alive = window->is_alive && event->xdestroywindow.window != window->window;
    break;
  case ButtonPress:
  case ButtonRelease:
    button(window, &event->xbutton);
    break;
  case MotionNotify:
    motion(window, event);
    break;
  case LeaveNotify: {
    const struct input input = {.kind = INPUT_LEAVE, .time = (uint32_t)event->xcrossing.time};
    hand_out(window, &input);
    break;
  }
  case KeyPress:
  case KeyRelease:
    key(window, event);
    break;
  case FocusIn:
  case FocusOut:
    focus(window, event->type == FocusIn);
    break;
  case SelectionRequest:
    x11_clipboard_serve(window, &event->xselectionrequest);
    break;
  case SelectionNotify:
    x11_clipboard_receive(window, &event->xselection);
    break;
  case MappingNotify:
    XRefreshKeyboardMapping(&event->xmapping);
    break;
  default:
    break;
  }
}

void
x11_window_pump(struct x11_window *const window)
{
  while (window->is_alive && XPending(window->display) > 0) {
    XEvent event;
    XNextEvent(window->display, &event);
    if (!XFilterEvent(&event, None)) {
      dispatch(window, &event);
    }
  }
  XFlush(window->display); // Answers to others, if there are any
}
