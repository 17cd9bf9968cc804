// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The host.

#include "ui_host.h"

#include "uris.h"

#include <X11/XKBlib.h>
#include <X11/Xutil.h>
#include <dlfcn.h>
#include <lv2/atom/forge.h>
#include <lv2/atom/util.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

LV2_URID
ui_host_map(struct ui_host *const host, const char *const uri)
{
  return urids_map(&host->urids, uri);
}

static void
write_port(const LV2UI_Controller controller,
           const uint32_t port,
           const uint32_t size,
           const uint32_t format,
           const void *const data)
{
  struct ui_host *const host = controller;
  assert_true(size <= UI_HOST_ATOM);
  struct ui_host_write *const write = &host->writes[host->write_count % UI_HOST_WRITES];
  ++host->write_count;
  *write = (struct ui_host_write){.port = port, .size = size, .format = format};
  memcpy(write->data.bytes, data, size);
}

static void
touch(const LV2UI_Feature_Handle handle, const uint32_t port, const bool is_touched)
{
  struct ui_host *const host = handle;
  assert_true(port < PORT_COUNT);
  ++*(is_touched ? &host->touches : &host->releases);
}

static int
resize(const LV2UI_Feature_Handle handle, const int width, const int height)
{
  struct ui_host *const host = handle;
  host->width = width;
  host->height = height;
  XResizeWindow(host->display, host->parent, (unsigned)width, (unsigned)height);
  XSync(host->display, False);
  return 0;
}

static LV2UI_Request_Value_Status
request(const LV2UI_Feature_Handle handle,
        const LV2_URID key,
        const LV2_URID type,
        const LV2_Feature *const *const features)
{
  struct ui_host *const host = handle;
  (void)type;
  (void)features;
  assert_int_equal(key, ui_host_map(host, RITORNELLO_WEIGHTS));
  ++host->requests;
  return host->options.request;
}

const LV2UI_Descriptor *
ui_host_load(void)
{
  char path[1024];
  const char *const bundle = getenv("RITORNELLO_BUNDLE");
  assert_non_null(bundle);
  snprintf(path, sizeof path, "%s/ritornello_ui.so", bundle);
  void *const library = dlopen(path, RTLD_NOW | RTLD_NODELETE);
  if (!library) {
    fail_msg("%s", dlerror());
  }
  LV2UI_DescriptorFunction function = NULL;
  *(void **)&function = dlsym(library, "lv2ui_descriptor");
  assert_non_null(function);
  dlclose(library); // It stays
  assert_null(function(1));
  return function(0);
}

/// Instantiate the UI with all that is offered.
static void
instantiate(struct ui_host *const host)
{
  host->touch = (LV2UI_Touch){host, touch};
  host->resize = (LV2UI_Resize){host, resize};
  host->request_value = (LV2UI_Request_Value){host, request};
  host->list[0] = (LV2_Options_Option){LV2_OPTIONS_INSTANCE,
                                       0,
                                       ui_host_map(host, LV2_UI__scaleFactor),
                                       sizeof(float),
                                       ui_host_map(host, LV2_ATOM__Float),
                                       &host->options.scale};
  const LV2_Feature features[] = {
      {LV2_URID__map, &host->urids.map},
      {LV2_UI__parent, (void *)(uintptr_t)host->parent}, // NOLINT(performance-no-int-to-ptr): so LV2 hands on windows
      {LV2_UI__idleInterface, NULL},
      {LV2_UI__touch, &host->touch},
      {LV2_UI__resize, &host->resize},
      {LV2_UI__requestValue, &host->request_value},
      {LV2_OPTIONS__options, host->list},
  };
  const size_t count = host->options.is_bare ? 3 : host->options.scale > 0.0F ? 7 : 6;
  const LV2_Feature *list[8] = {NULL};
  for (size_t i = 0; i < count; ++i) {
    list[i] = &features[i];
  }
  LV2UI_Widget widget = NULL;
  char bundle[1024];
  snprintf(bundle, sizeof bundle, "%s/", getenv("RITORNELLO_BUNDLE"));
  host->ui = host->descriptor->instantiate(host->descriptor, RITORNELLO_URI, bundle, write_port, host, &widget, list);
  host->window = (Window)(uintptr_t)widget;
}

struct ui_host *
ui_host_new(const struct ui_host_options *const options)
{
  struct ui_host *const host = calloc(1, sizeof *host);
  assert_non_null(host);
  host->options = *options;
  urids_init(&host->urids);
  host->descriptor = ui_host_load();
  host->idle = host->descriptor->extension_data(LV2_UI__idleInterface);
  assert_non_null(host->idle);
  host->display = XOpenDisplay(NULL);
  assert_non_null(host->display);
  host->parent = XCreateSimpleWindow(host->display, DefaultRootWindow(host->display), 0, 0, 640, 480, 0, 0, 0);
  XSelectInput(host->display, host->parent, KeyPressMask | KeyReleaseMask);
  XMapWindow(host->display, host->parent);
  XSync(host->display, False);
  instantiate(host);
  return host;
}

void
ui_host_free(struct ui_host *const host)
{
  if (host->ui) {
    host->descriptor->cleanup(host->ui);
  }
  XCloseDisplay(host->display);
  urids_free(&host->urids);
  free(host);
}

int
ui_host_idle(struct ui_host *const host, const unsigned times)
{
  int status = 0;
  XSync(host->display, False); // What was sent to the UI has reached the server
  for (unsigned i = 0; i < times; ++i) {
    status = host->idle->idle(host->ui);
  }
  return status;
}

void
ui_host_destroy_parent(struct ui_host *const host)
{
  XDestroyWindow(host->display, host->parent);
  XSync(host->display, False);
}

static void
send(struct ui_host *const host, const long mask, XEvent *const event)
{
  XSendEvent(host->display, host->window, False, mask, event);
  XSync(host->display, False);
}

static Time
now(void)
{
  static Time time = 1000; // Every event is a second after the one before: no double clicks
  return time += 1000;
}

void
ui_host_button(struct ui_host *const host, const bool is_press, const unsigned button, const int x, const int y)
{
  XEvent event = {.xbutton = {.type = is_press ? ButtonPress : ButtonRelease,
                              .window = host->window,
                              .root = DefaultRootWindow(host->display),
                              .x = x,
                              .y = y,
                              .button = button,
                              .time = now(),
                              .same_screen = True}};
  send(host, is_press ? ButtonPressMask : ButtonReleaseMask, &event);
}

void
ui_host_move(struct ui_host *const host, const int x, const int y, const unsigned state)
{
  XEvent event = {.xmotion = {.type = MotionNotify,
                              .window = host->window,
                              .root = DefaultRootWindow(host->display),
                              .x = x,
                              .y = y,
                              .state = state,
                              .time = now(),
                              .same_screen = True}};
  send(host, PointerMotionMask, &event);
}

/// Press and release a key while `state` is held.
static void
press_key(struct ui_host *const host, const KeyCode code, const unsigned state)
{
  for (unsigned i = 0; i < 2; ++i) {
    XEvent event = {.xkey = {.type = i == 0 ? KeyPress : KeyRelease,
                             .window = host->window,
                             .root = DefaultRootWindow(host->display),
                             .keycode = code,
                             .state = state,
                             .time = now(),
                             .same_screen = True}};
    send(host, i == 0 ? KeyPressMask : KeyReleaseMask, &event);
  }
}

void
ui_host_key(struct ui_host *const host, const KeySym symbol)
{
  const KeyCode code = XKeysymToKeycode(host->display, symbol);
  assert_int_not_equal(code, 0);
  press_key(host, code, XkbKeycodeToKeysym(host->display, code, 0, 0) != symbol ? ShiftMask : 0);
}

void
ui_host_control(struct ui_host *const host, const char letter)
{
  press_key(host, XKeysymToKeycode(host->display, (KeySym)(unsigned char)letter), ControlMask);
}

/// Work off what the UI and the host send each other, until an event of that kind comes for the host.
static bool
wait_for(struct ui_host *const host, const int type, XEvent *const event)
{
  for (unsigned tries = 0; tries < 1000; ++tries) {
    ui_host_idle(host, 1);
    if (XCheckTypedEvent(host->display, type, event)) {
      return true;
    }
  }
  return false;
}

char *
ui_host_clipboard(struct ui_host *const host)
{
  const Atom clipboard = XInternAtom(host->display, "CLIPBOARD", False);
  const Atom text = XInternAtom(host->display, "UTF8_STRING", False);
  const Atom property = XInternAtom(host->display, "TEST_PASTE", False);
  Atom type = None;
  int format = 0;
  unsigned long count = 0;
  unsigned long left = 0;
  unsigned char *bytes = NULL;
  for (unsigned tries = 0; tries < 1000 && count == 0; ++tries) { // Until the UI owns it
    XEvent event;
    ui_host_idle(host, 1);
    XConvertSelection(host->display, clipboard, text, property, host->parent, CurrentTime);
    if (wait_for(host, SelectionNotify, &event) && event.xselection.property == property) {
      XGetWindowProperty(host->display, host->parent, property, 0, 1000, True, text, &type, &format, &count, &left,
                         &bytes);
    }
  }
  return (char *)bytes;
}

void
ui_host_set_clipboard(struct ui_host *const host)
{
  XSetSelectionOwner(host->display, XInternAtom(host->display, "CLIPBOARD", False), host->parent, CurrentTime);
  XSync(host->display, False);
}

void
ui_host_serve_clipboard(struct ui_host *const host, const char *const text)
{
  XEvent event;
  assert_true(wait_for(host, SelectionRequest, &event));
  const XSelectionRequestEvent *const request = &event.xselectionrequest;
  XChangeProperty(host->display, request->requestor, request->property, request->target, 8, PropModeReplace,
                  (const unsigned char *)text, (int)strlen(text));
  XEvent answer = {.xselection = {.type = SelectionNotify,
                                  .requestor = request->requestor,
                                  .selection = request->selection,
                                  .target = request->target,
                                  .property = request->property}};
  XSendEvent(host->display, request->requestor, False, 0, &answer);
  ui_host_idle(host, 2);
}

bool
ui_host_got_key(struct ui_host *const host, const KeySym symbol)
{
  bool is_there = false;
  XEvent event;
  XSync(host->display, False);
  while (XCheckTypedEvent(host->display, KeyPress, &event)) {
    is_there = is_there || XLookupKeysym(&event.xkey, 0) == symbol;
  }
  return is_there;
}

void
ui_host_type(struct ui_host *const host, const char *const text)
{
  for (const char *at = text; *at; ++at) {
    ui_host_key(host, (KeySym)(unsigned char)*at);
  }
}

/// The newest write that is kept, number `back` before it.
static const struct ui_host_write *
write_at(const struct ui_host *const host, const unsigned back)
{
  return back < host->write_count && back < UI_HOST_WRITES
             ? &host->writes[(host->write_count - 1 - back) % UI_HOST_WRITES]
             : NULL;
}

bool
ui_host_written(const struct ui_host *const host, const enum port_index port, float *const value)
{
  const struct ui_host_write *write = NULL;
  for (unsigned back = 0; (write = write_at(host, back)) != NULL; ++back) {
    if (write->format == 0 && write->port == port) {
      *value = write->data.value;
      return true;
    }
  }
  return false;
}

const char *
ui_host_wished(struct ui_host *const host, const char *const uri)
{
  const struct ui_host_write *write = NULL;
  for (unsigned back = 0; (write = write_at(host, back)) != NULL; ++back) {
    const LV2_Atom_Object *const object = (const LV2_Atom_Object *)write->data.bytes;
    if (write->format != ui_host_map(host, LV2_ATOM__eventTransfer) || write->port != PORT_EVENTS_IN ||
        object->body.otype != ui_host_map(host, LV2_PATCH__Set)) {
      continue;
    }
    const LV2_Atom *property = NULL;
    const LV2_Atom *value = NULL;
    lv2_atom_object_get(object, ui_host_map(host, LV2_PATCH__property), &property, ui_host_map(host, LV2_PATCH__value),
                        &value, 0);
    if (property && value && ((const LV2_Atom_URID *)property)->body == ui_host_map(host, uri)) {
      return LV2_ATOM_BODY_CONST(value);
    }
  }
  return NULL;
}

void
ui_host_tell(struct ui_host *const host, const char *const uri, const char *const text)
{
  LV2_Atom_Forge forge;
  LV2_Atom_Forge_Frame frame;
  uint64_t bytes[256];
  lv2_atom_forge_init(&forge, &host->urids.map);
  lv2_atom_forge_set_buffer(&forge, (uint8_t *)bytes, sizeof bytes);
  lv2_atom_forge_object(&forge, &frame, 0, ui_host_map(host, LV2_PATCH__Set));
  lv2_atom_forge_key(&forge, ui_host_map(host, LV2_PATCH__property));
  lv2_atom_forge_urid(&forge, ui_host_map(host, uri));
  lv2_atom_forge_key(&forge, ui_host_map(host, LV2_PATCH__value));
  lv2_atom_forge_string(&forge, text, (uint32_t)strlen(text));
  lv2_atom_forge_pop(&forge, &frame);
  const LV2_Atom *const atom = (const LV2_Atom *)bytes;
  host->descriptor->port_event(host->ui, PORT_NOTIFY, lv2_atom_total_size(atom),
                               ui_host_map(host, LV2_ATOM__eventTransfer), atom);
}

unsigned long
ui_host_pixel(const struct ui_host *const host, const int x, const int y)
{
  XImage *const image = XGetImage(host->display, host->window, x, y, 1, 1, AllPlanes, ZPixmap);
  assert_non_null(image);
  const unsigned long pixel = XGetPixel(image, 0, 0);
  XDestroyImage(image);
  return pixel & 0xFFFFFFU;
}
