// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The window as LV2 hosts know it: made with what the host offers, fed through port_event(), kept alive by idle(). It is a binary
// of its own, and knows the plugin by its ports alone.

#include "desk.h"
#include "music_pane.h"
#include "plugin_link.h"
#include "preferences.h"
#include "roll_link.h"
#include "x11_window.h"

#include <lv2/core/lv2_util.h>
#include <lv2/options/options.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const double WIDTH = 1120.0;
static const double HEIGHT = 760.0;

struct ui {
  struct desk *desk;
  struct x11_window *window;
  struct plugin_link link;
  struct roll_model *music;
  struct roll_link roll_link;
  struct preferences preferences;
  char *bundle;
  double host_scale;
  const LV2UI_Touch *touch;                 ///< NULL if the host has none
  const LV2UI_Resize *resize;               ///< As well
  const LV2UI_Request_Value *request_value; ///< As well
};

/// Milliseconds of a clock that only goes on.
static uint32_t
milliseconds(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint32_t)((uint64_t)now.tv_sec * 1000U + (uint64_t)now.tv_nsec / 1000000U);
}

/// A number that is hardly ever the same again: the clock through Knuth's multiplicative hash.
static uint32_t
random_number(void)
{
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return ((uint32_t)now.tv_nsec ^ (uint32_t)now.tv_sec) * 2654435761U;
}

static void
desk_touches(void *const handle, const enum port_index port, const bool is_touched)
{
  const struct ui *const ui = handle;
  if (ui->touch) {
    ui->touch->touch(ui->touch->handle, port, is_touched);
  }
}

static void
desk_writes(void *const handle, const enum port_index port, const float value)
{
  const struct ui *const ui = handle;
  plugin_link_write_value(&ui->link, port, value);
}

static void
desk_wishes(void *const handle, const enum desk_wish wish, const char *const text)
{
  struct ui *const ui = handle;
  plugin_link_wish(&ui->link, wish, text);
}

/// Let the host ask the user for a weight file.
static bool
desk_asks_host(void *const handle)
{
  const struct ui *const ui = handle;
  if (!ui->request_value) {
    return false;
  }
  const LV2UI_Request_Value_Status status =
      ui->request_value->request(ui->request_value->handle, ui->link.uris.weights, 0, NULL);
  if (status == LV2UI_REQUEST_VALUE_BUSY) {
    desk_say(ui->desk, "The host is already asking for a file");
  }
  return status == LV2UI_REQUEST_VALUE_SUCCESS || status == LV2UI_REQUEST_VALUE_BUSY;
}

/// Tell the host how large the window wants to be.
static void
ask_for_size(const struct ui *const ui, const double width, const double height)
{
  if (ui->resize) {
    ui->resize->ui_resize(ui->resize->handle, (int)ceil(width), (int)ceil(height));
  }
}

static void
desk_zooms(void *const handle, const double zoom)
{
  struct ui *const ui = handle;
  const double scale = ui->host_scale * zoom;
  ui->preferences.zoom = zoom;
  (void)preferences_write(&ui->preferences);
  x11_window_set_scale(ui->window, scale, WIDTH, HEIGHT);
  ask_for_size(ui, WIDTH * scale, HEIGHT * scale);
}

static bool
window_input(void *const handle, const struct input *const input)
{
  const struct ui *const ui = handle;
  return desk_input(ui->desk, input);
}

/// The host's scale factor, 1 if it tells none.
static double
scale_of(const LV2_Options_Option *options, LV2_URID_Map *const map)
{
  const LV2_URID scale_factor = map->map(map->handle, LV2_UI__scaleFactor);
  const LV2_URID type = map->map(map->handle, LV2_ATOM__Float);
  for (; options && options->key; ++options) {
    if (options->key == scale_factor && options->type == type && options->size == sizeof(float)) {
      const double scale = (double)*(const float *)options->value;
      return scale >= 0.5 && scale <= 4.0 ? scale : 1.0;
    }
  }
  return 1.0;
}

/// Tell the plugin which bars are looked at, when it is time to.
static void
say_look(struct ui *const ui)
{
  int32_t count = 0;
  const int32_t first = roll_view_sight(music_pane_view(ui->desk->roll), &count);
  const double now = (double)milliseconds() / 1000.0;
  const LV2_Atom *atom = NULL;
  while ((atom = roll_link_message(&ui->roll_link, ui->music, first, count, now)) != NULL) {
    plugin_link_write_atom(&ui->link, atom);
  }
}

/// Keep how far the roll is zoomed.
static void
keep_preferences(struct ui *const ui)
{
  const double zoom = roll_view_zoom_level(music_pane_view(ui->desk->roll));
  if (zoom != ui->preferences.roll_zoom) {
    ui->preferences.roll_zoom = zoom;
    (void)preferences_write(&ui->preferences);
  }
}

static void
free_ui(struct ui *const ui)
{
  x11_window_free(ui->window);
  desk_free(ui->desk);
  roll_model_free(ui->music);
  free(ui->bundle);
  free(ui);
}

static void
cleanup(const LV2UI_Handle handle)
{
  struct ui *const ui = handle;
  keep_preferences(ui);
  plugin_link_write_atom(&ui->link, roll_link_goodbye(&ui->roll_link));
  free_ui(ui);
}

/// Make the desk and the window in `parent`. False if that is not possible.
static bool
open_window(struct ui *const ui, void *const parent)
{
  const struct desk_listener listener = {
      .handle = ui,
      .touch = desk_touches,
      .write = desk_writes,
      .wish = desk_wishes,
      .ask_host = desk_asks_host,
      .zoom = desk_zooms,
  };
  ui->desk = desk_new(&listener, ui->music, ui->bundle, random_number());
  if (!ui->desk) {
    return false;
  }
  desk_set_zoom(ui->desk, ui->preferences.zoom);
  if (ui->preferences.roll_zoom > 0.0) {
    roll_view_set_zoom_level(music_pane_view(ui->desk->roll), ui->preferences.roll_zoom);
  }
  const struct x11_window_options options = {
      .parent = (unsigned long)(uintptr_t)parent,
      .width = WIDTH,
      .height = HEIGHT,
      .scale = ui->host_scale * ui->preferences.zoom,
      .handle = ui,
      .input = window_input,
  };
  ui->window = x11_window_new(&ui->desk->stage, &options);
  return ui->window != NULL;
}

static LV2UI_Handle
instantiate(const LV2UI_Descriptor *const descriptor,
            const char *const plugin_uri,
            const char *const bundle,
            const LV2UI_Write_Function write,
            const LV2UI_Controller controller,
            LV2UI_Widget *const widget,
            const LV2_Feature *const *const features)
{
  (void)descriptor;
  LV2_URID_Map *map = NULL;
  void *parent = NULL;
  const LV2_Options_Option *options = NULL;
  struct ui *const ui = calloc(1, sizeof *ui);
  if (!ui) {
    return NULL;
  }
  lv2_features_query(features, LV2_URID__map, &map, true, LV2_UI__parent, &parent, false, LV2_UI__touch, &ui->touch,
                     false, LV2_UI__resize, &ui->resize, false, LV2_UI__requestValue, &ui->request_value, false,
                     LV2_OPTIONS__options, &options, false, NULL);
  ui->bundle = bundle ? strdup(bundle) : NULL;
  ui->preferences = preferences_read(&(struct preferences){.zoom = 1.0});
  ui->host_scale = map ? scale_of(options, map) : 1.0;
  ui->music = map ? roll_model_new(map) : NULL;
  if (!ui->music || strcmp(plugin_uri, RITORNELLO_URI) != 0 || !open_window(ui, parent)) {
    free_ui(ui);
    return NULL;
  }
  plugin_link_init(&ui->link, map, write, controller);
  plugin_link_ask(&ui->link);
  roll_link_init(&ui->roll_link, map, random_number());
  int width = 0;
  int height = 0;
  x11_window_size(ui->window, &width, &height);
  ask_for_size(ui, width, height);
  *widget = (LV2UI_Widget)x11_window_id(ui->window); // NOLINT(performance-no-int-to-ptr): so LV2 hands on X windows
  return ui;
}

/// Something came out of the plugin's port `notify`.
static void
take_atom(struct ui *const ui, const LV2_Atom *const atom, const uint32_t size)
{
  if (size >= sizeof *atom && atom->size <= size - sizeof *atom && !roll_model_read(ui->music, atom)) {
    plugin_link_read(&ui->link, atom, size, ui->desk);
  }
}

static void
port_event(const LV2UI_Handle handle,
           const uint32_t port,
           const uint32_t size,
           const uint32_t format,
           const void *const buffer)
{
  struct ui *const ui = handle;
  if (format == 0 && size == sizeof(float) && port < PORT_COUNT &&
      (port_descriptions[port].type == CONTROL_INPUT || port_descriptions[port].type == CONTROL_OUTPUT)) {
    values_receive(&ui->desk->values, (enum port_index)port, *(const float *)buffer);
  } else if (format == ui->link.event_transfer && port == PORT_NOTIFY) {
    take_atom(ui, buffer, size);
  }
}

static int
idle(const LV2UI_Handle handle)
{
  struct ui *const ui = handle;
  desk_tick(ui->desk, milliseconds());
  x11_window_pump(ui->window);
  say_look(ui);
  x11_window_draw(ui->window);
  return !x11_window_is_alive(ui->window);
}

static int
host_resizes(const LV2UI_Feature_Handle handle, const int width, const int height)
{
  const struct ui *const ui = handle;
  x11_window_resize(ui->window, width, height);
  return 0;
}

static const void *
extension_data(const char *const uri)
{
  static const LV2UI_Idle_Interface idle_interface = {idle};
  static const LV2UI_Resize resize = {NULL, host_resizes};
  if (!strcmp(uri, LV2_UI__idleInterface)) {
    return &idle_interface;
  }
  if (!strcmp(uri, LV2_UI__resize)) {
    return &resize;
  }
  return NULL;
}

LV2_SYMBOL_EXPORT const LV2UI_Descriptor *
lv2ui_descriptor(const uint32_t index)
{
  static const LV2UI_Descriptor descriptor = {
      RITORNELLO_UI, instantiate, cleanup, port_event, extension_data,
  };
  return index == 0 ? &descriptor : NULL;
}
