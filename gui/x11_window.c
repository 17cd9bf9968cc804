// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The window: made, drawn, resized. What happens in it is in x11_events.c.

#include "x11_window.h"

#include "x11_private.h"

#include <X11/Xutil.h>
#include <cairo-xlib.h>
#include <math.h>
#include <stdlib.h>

static const double SCALE_LEAST = 0.4;

/// Have the parts drawn that are no longer what they were.
static void
fit(struct x11_window *const window)
{
  double width = 0.0;
  double height = 0.0;
  stage_min_size(window->stage, &width, &height);
  const double fitting = fmin(window->width / width, window->height / height);
  window->scale = fmax(SCALE_LEAST, fmin(window->wanted_scale, fitting));
  stage_resize(window->stage, window->width / window->scale, window->height / window->scale);
}

/// Give the picture back. Cairo forgets to free what the server has not worked off yet, so it gets the time to.
static void
free_back(struct x11_window *const window)
{
  if (window->back) {
    XSync(window->display, False);
    cairo_surface_destroy(window->back);
    window->back = NULL;
  }
}

/// Make the picture that is drawn into: shared with the X server where that is possible.
static void
make_back(struct x11_window *const window)
{
  free_back(window);
  window->back = cairo_surface_create_similar_image(window->front, CAIRO_FORMAT_RGB24, window->width, window->height);
}

void
x11_window_take_size(struct x11_window *const window, const int width, const int height)
{
  if (width == window->width && height == window->height) {
    return;
  }
  window->width = width;
  window->height = height;
  cairo_xlib_surface_set_size(window->front, width, height);
  make_back(window);
  fit(window);
}

/// Tell the host and the window manager how small it may be.
static void
tell_hints(const struct x11_window *const window)
{
  double width = 0.0;
  double height = 0.0;
  stage_min_size(window->stage, &width, &height);
  XSizeHints *const hints = XAllocSizeHints();
  if (!hints) {
    return;
  }
  hints->flags = PMinSize | PBaseSize;
  hints->min_width = (int)ceil(width * window->wanted_scale);
  hints->min_height = (int)ceil(height * window->wanted_scale);
  hints->base_width = window->width;
  hints->base_height = window->height;
  XSetWMNormalHints(window->display, window->window, hints);
  XFree(hints);
}

static void
name_window(struct x11_window *const window)
{
  char texts[ATOM_COUNT][20] = {
      [ATOM_CLIPBOARD] = "CLIPBOARD",   [ATOM_TARGETS] = "TARGETS",        [ATOM_UTF8_STRING] = "UTF8_STRING",
      [ATOM_OURS] = "RITORNELLO_PASTE", [ATOM_PROTOCOLS] = "WM_PROTOCOLS", [ATOM_DELETE_WINDOW] = "WM_DELETE_WINDOW",
  };
  char *names[ATOM_COUNT];
  for (int i = 0; i < ATOM_COUNT; ++i) {
    names[i] = texts[i];
  }
  XInternAtoms(window->display, names, ATOM_COUNT, False, window->atoms);
  XClassHint hint = {.res_name = (char[]){"ritornello"}, .res_class = (char[]){"Ritornello"}};
  XSetClassHint(window->display, window->window, &hint);
  XStoreName(window->display, window->window, "Ritornello");
  XSetWMProtocols(window->display, window->window, &window->atoms[ATOM_DELETE_WINDOW], 1);
}

static bool
make_window(struct x11_window *const window)
{
  Display *const display = window->display;
  const int screen = DefaultScreen(display);
  const Window parent = window->options.parent ? window->options.parent : RootWindow(display, screen);
  XSetWindowAttributes attributes = {
      .event_mask = ExposureMask | StructureNotifyMask | ButtonPressMask | ButtonReleaseMask | PointerMotionMask |
                    EnterWindowMask | LeaveWindowMask | KeyPressMask | KeyReleaseMask | FocusChangeMask,
      .bit_gravity = NorthWestGravity,
      .background_pixmap = None,
  };
  window->window =
      XCreateWindow(display, parent, 0, 0, (unsigned)window->width, (unsigned)window->height, 0, CopyFromParent,
                    InputOutput, CopyFromParent, CWEventMask | CWBitGravity | CWBackPixmap, &attributes);
  XWindowAttributes made;
  if (!XGetWindowAttributes(display, window->window, &made)) {
    return false; // The parent is none
  }
  window->front = cairo_xlib_surface_create(display, window->window, made.visual, window->width, window->height);
  make_back(window);
  return cairo_surface_status(window->back) == CAIRO_STATUS_SUCCESS;
}

static void
copy(void *const handle, const char *const text, const size_t length)
{
  x11_clipboard_copy(handle, text, length);
}

static void
paste(void *const handle)
{
  x11_clipboard_ask(handle);
}

struct x11_window *
x11_window_new(struct stage *const stage, const struct x11_window_options *const options)
{
  struct x11_window *const window = calloc(1, sizeof *window);
  if (!window) {
    return NULL;
  }
  window->stage = stage;
  window->options = *options;
  window->wanted_scale = options->scale;
  window->width = (int)ceil(options->width * options->scale);
  window->height = (int)ceil(options->height * options->scale);
  window->display = XOpenDisplay(NULL);
  if (!window->display) {
    free(window);
    return NULL;
  }
  x11_errors_ignore(window);
  window->is_alive = true;
  if (!make_window(window)) {
    x11_window_free(window);
    return NULL;
  }
  name_window(window);
  x11_keys_init(window);
  tell_hints(window);
  fit(window);
  stage->listener = (struct stage_listener){.handle = window, .copy = copy, .paste = paste};
  XMapWindow(window->display, window->window);
  XSync(window->display, False); // The host may look at it, or resize it, at once
  return window;
}

void
x11_window_free(struct x11_window *const window)
{
  if (!window) {
    return;
  }
  window->stage->listener = (struct stage_listener){0};
  x11_keys_free(window);
  free_back(window);
  if (window->front) {
    cairo_surface_finish(window->front);
    cairo_surface_destroy(window->front);
  }
  if (window->window && window->is_alive) {
    XDestroyWindow(window->display, window->window);
  }
  XCloseDisplay(window->display);
  free(window->clipboard);
  free(window);
}

unsigned long
x11_window_id(const struct x11_window *const window)
{
  return window->window;
}

bool
x11_window_is_alive(const struct x11_window *const window)
{
  return window->is_alive;
}

/// Grow `box` to whole device pixels, within the window.
static struct box
whole_pixels(const struct x11_window *const window, const struct box *const box)
{
  const double left = fmax(0.0, floor(box->x * window->scale - 1.0));
  const double top = fmax(0.0, floor(box->y * window->scale - 1.0));
  const double right = fmin(window->width, ceil((box->x + box->width) * window->scale + 1.0));
  const double bottom = fmin(window->height, ceil((box->y + box->height) * window->scale + 1.0));
  return (struct box){left, top, right - left, bottom - top};
}

/// Draw one part into the picture.
static void
draw_part(const struct x11_window *const window, const struct box *const pixels)
{
  const double scale = window->scale;
  const struct box clip = {pixels->x / scale, pixels->y / scale, pixels->width / scale, pixels->height / scale};
  struct painter painter = {.cairo = cairo_create(window->back), .scale = scale};
  cairo_scale(painter.cairo, scale, scale);
  stage_draw(window->stage, &painter, &clip);
  cairo_destroy(painter.cairo);
}

/// Copy it into the window.
static void
show_part(const struct x11_window *const window, const struct box *const pixels)
{
  cairo_t *const cairo = cairo_create(window->front);
  cairo_set_source_surface(cairo, window->back, 0.0, 0.0);
  cairo_set_operator(cairo, CAIRO_OPERATOR_SOURCE);
  cairo_rectangle(cairo, pixels->x, pixels->y, pixels->width, pixels->height);
  cairo_fill(cairo);
  cairo_destroy(cairo);
}

void
x11_window_draw(struct x11_window *const window)
{
  struct stage *const stage = window->stage;
  if (!window->is_alive || stage->damage_count == 0) {
    return;
  }
  // All is drawn before anything is shown: drawing waits until the server has read what was shown before
  struct box parts[STAGE_DAMAGES];
  const unsigned count = stage->damage_count;
  stage->damage_count = 0;
  for (unsigned i = 0; i < count; ++i) {
    parts[i] = whole_pixels(window, &stage->damage[i]);
    if (parts[i].width > 0.0 && parts[i].height > 0.0) {
      draw_part(window, &parts[i]);
    }
  }
  for (unsigned i = 0; i < count; ++i) {
    if (parts[i].width > 0.0 && parts[i].height > 0.0) {
      show_part(window, &parts[i]);
    }
  }
  cairo_surface_flush(window->front);
  XFlush(window->display);
}

void
x11_window_set_scale(struct x11_window *const window, const double scale, const double width, const double height)
{
  window->wanted_scale = scale;
  tell_hints(window);
  x11_window_resize(window, (int)ceil(width * scale), (int)ceil(height * scale));
  fit(window);
}

void
x11_window_size(const struct x11_window *const window, int *const width, int *const height)
{
  *width = window->width;
  *height = window->height;
}

void
x11_window_resize(struct x11_window *const window, const int width, const int height)
{
  if (window->is_alive && width > 0 && height > 0) {
    XResizeWindow(window->display, window->window, (unsigned)width, (unsigned)height);
    XFlush(window->display);
  }
}

unsigned long
x11_window_requests(const struct x11_window *const window)
{
  return NextRequest(window->display);
}
