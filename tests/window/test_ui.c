// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The window in a host: shown, worked with X events, told and not told things, closed in any order; without traffic when
// nothing changes. Needs an X server (with_display.sh).

#include "pilot.h"
#include "ui_host.h"
#include "uris.h"

#include <X11/keysym.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static struct ui_host *
new_host(void)
{
  struct ui_host *const host = ui_host_new(&(struct ui_host_options){0});
  assert_non_null(host->ui);
  ui_host_idle(host, 3);
  return host;
}

/// Where the middle of a widget is in the window, in device pixels: the same layout made once more.
static void
place_of(const struct ui_host *const host, const char *const name, int *const x, int *const y)
{
  const double scale = host->options.scale > 0.0F ? (double)host->options.scale : 1.0;
  struct pilot *const pilot = pilot_new(NULL);
  struct desk *const desk = pilot->desk;
  stage_resize(&desk->stage, host->width / scale, host->height / scale);
  const struct widget *const widget = widget_find(desk->stage.root, name);
  assert_non_null(widget);
  *x = (int)((widget->box.x + widget->box.width / 2.0) * scale);
  *y = (int)((widget->box.y + widget->box.height / 2.0) * scale);
  pilot_free(pilot);
}

static void
click(struct ui_host *const host, const char *const name, const unsigned button)
{
  int x = 0;
  int y = 0;
  place_of(host, name, &x, &y);
  ui_host_move(host, x, y, 0);
  ui_host_button(host, true, button, x, y);
  ui_host_button(host, false, button, x, y);
  ui_host_idle(host, 2);
}

static void
the_window_is_as_large_as_the_host_scales(void **const state)
{
  (void)state;
  static const float scales[] = {0.0F, 1.0F, 1.5F, 2.0F};
  int width = 0;
  for (unsigned i = 0; i < sizeof scales / sizeof scales[0]; ++i) {
    struct ui_host *const host = ui_host_new(&(struct ui_host_options){.scale = scales[i]});
    assert_non_null(host->ui);
    XWindowAttributes attributes;
    assert_true(XGetWindowAttributes(host->display, host->window, &attributes));
    assert_int_equal(attributes.width, host->width);
    assert_int_equal(attributes.height, host->height);
    width = i == 0 ? host->width : width;
    assert_int_equal(host->width, (int)ceil(width * (scales[i] > 0.0F ? (double)scales[i] : 1.0)));
    assert_int_equal(attributes.map_state, IsViewable);
    ui_host_free(host);
  }
}

static void
a_knob_is_turned(void **const state)
{
  (void)state;
  struct ui_host *const host = new_host();
  int x = 0;
  int y = 0;
  place_of(host, "temperature", &x, &y);
  ui_host_button(host, true, Button1, x, y);
  ui_host_move(host, x, y - 40, Button1Mask);
  ui_host_button(host, false, Button1, x, y - 40);
  ui_host_idle(host, 1);
  float value = 0.0F;
  assert_true(ui_host_written(host, PORT_TEMPERATURE, &value));
  assert_true(value > 1.2F && value <= 2.0F);
  assert_int_equal(host->touches, 1);
  assert_int_equal(host->releases, 1);
  ui_host_free(host);
}

static void
a_value_is_typed(void **const state)
{
  (void)state;
  struct ui_host *const host = new_host();
  click(host, "bpm", Button3);
  ui_host_type(host, "96.5");
  ui_host_key(host, XK_Return);
  ui_host_idle(host, 1);
  float value = 0.0F;
  assert_true(ui_host_written(host, PORT_BPM, &value));
  assert_true(fabsf(value - 96.0F) <= 1.0F);
  ui_host_free(host);
}

static void
the_plugin_is_asked_and_its_answers_are_shown(void **const state)
{
  (void)state;
  struct ui_host *const host = new_host();
  const LV2_Atom_Object *const asked = (const LV2_Atom_Object *)host->writes[0].data.bytes;
  assert_int_equal(host->writes[0].port, PORT_EVENTS_IN);
  assert_int_equal(asked->body.otype, ui_host_map(host, LV2_PATCH__Get));
  click(host, "save", Button1);
  ui_host_type(host, "song");
  ui_host_key(host, XK_Return);
  ui_host_idle(host, 1);
  const char *const path = ui_host_wished(host, RITORNELLO_EXPORT);
  assert_non_null(path);
  assert_string_equal(strrchr(path, '/'), "/song.mid");
  ui_host_free(host);
}

static void
values_from_the_host_are_shown(void **const state)
{
  (void)state;
  struct ui_host *const host = new_host();
  int x = 0;
  int y = 0;
  place_of(host, "lock", &x, &y);
  const unsigned long before = ui_host_pixel(host, x - 40, y - 15);
  const float on = 1.0F;
  host->descriptor->port_event(host->ui, PORT_LOCK, sizeof on, 0, &on);
  unsigned tries = 0;
  while (ui_host_pixel(host, x - 40, y - 15) == before) { // Until the server has worked it off
    ui_host_idle(host, 1);
    assert_true(++tries < 10000);
  }
  float value = 0.0F;
  assert_false(ui_host_written(host, PORT_LOCK, &value)); // And not sent back
  ui_host_free(host);
}

static void
text_is_copied_and_pasted(void **const state)
{
  (void)state;
  struct ui_host *const host = new_host();
  click(host, "save", Button1);
  ui_host_control(host, 'a');
  ui_host_control(host, 'c');
  char *const copied = ui_host_clipboard(host);
  assert_non_null(copied);
  assert_string_equal(copied, "~/ritornello.mid");
  XFree(copied);
  ui_host_set_clipboard(host);
  ui_host_idle(host, 2);
  ui_host_control(host, 'v');
  ui_host_serve_clipboard(host, "~/caf\xc3\xa9.mid");
  ui_host_key(host, XK_Return);
  ui_host_idle(host, 2);
  const char *const path = ui_host_wished(host, RITORNELLO_EXPORT);
  assert_non_null(path);
  assert_string_equal(strrchr(path, '/'), "/caf\xc3\xa9.mid");
  ui_host_free(host);
}

static void
keys_that_the_host_sends_do_not_go_round(void **const state)
{
  (void)state;
  struct ui_host *const host = new_host();
  click(host, "regenerate", Button1);
  ui_host_key(host, XK_space); // Means nothing here
  ui_host_idle(host, 2);
  // Real keys that mean nothing go to the host; what it has sent itself does not go back
  assert_false(ui_host_got_key(host, XK_space));
  click(host, "bpm", Button3);
  ui_host_type(host, "97");
  ui_host_key(host, XK_Return);
  ui_host_idle(host, 2);
  assert_false(ui_host_got_key(host, XK_9));
  ui_host_free(host);
}

static void
ask_for_weights(struct ui_host *const host)
{
  click(host, "weights", Button1);
  ui_host_key(host, XK_End);
  ui_host_key(host, XK_Return);
  ui_host_idle(host, 2);
}

static void
the_host_chooses_files_if_it_can(void **const state)
{
  (void)state;
  static const LV2UI_Request_Value_Status answers[] = {
      LV2UI_REQUEST_VALUE_SUCCESS,
      LV2UI_REQUEST_VALUE_BUSY,
      LV2UI_REQUEST_VALUE_ERR_UNKNOWN,
      LV2UI_REQUEST_VALUE_ERR_UNSUPPORTED,
  };
  char path[1024];
  snprintf(path, sizeof path, "%s/x.safetensors", getenv("HOME"));
  FILE *const file = fopen(path, "w");
  assert_non_null(file);
  fclose(file);
  for (unsigned i = 0; i < sizeof answers / sizeof answers[0]; ++i) {
    struct ui_host *const host = ui_host_new(&(struct ui_host_options){.request = answers[i]});
    ui_host_idle(host, 3);
    ask_for_weights(host);
    assert_int_equal(host->requests, 1);
    ui_host_type(host, "x.safetensors"); // Into the path, if it is asked for
    ui_host_key(host, XK_Return);
    ui_host_idle(host, 2);
    const bool is_asked_by_us =
        answers[i] == LV2UI_REQUEST_VALUE_ERR_UNKNOWN || answers[i] == LV2UI_REQUEST_VALUE_ERR_UNSUPPORTED;
    assert_int_equal(ui_host_wished(host, RITORNELLO_WEIGHTS) != NULL, is_asked_by_us);
    ui_host_free(host);
  }
}

static void
a_host_with_nothing_will_do(void **const state)
{
  (void)state;
  struct ui_host *const host = ui_host_new(&(struct ui_host_options){.is_bare = true});
  assert_non_null(host->ui);
  host->width = 1120;
  host->height = 760;
  ui_host_idle(host, 3);
  ask_for_weights(host);
  ui_host_key(host, XK_Escape);
  click(host, "pedal", Button1);
  float value = 0.0F;
  assert_true(ui_host_written(host, PORT_PEDAL, &value));
  assert_true(value == 1.0F);
  ui_host_free(host);
}

static void
the_host_may_close_first(void **const state)
{
  (void)state;
  for (unsigned idles = 0; idles < 4; ++idles) {
    struct ui_host *const host = new_host();
    click(host, "style", Button1); // A menu is open
    ui_host_destroy_parent(host);
    const int status = ui_host_idle(host, idles);
    if (idles > 0) {
      assert_int_not_equal(status, 0); // It is closed, and says so
    }
    const float value = 0.5F; // And takes no harm from what comes late
    host->descriptor->port_event(host->ui, PORT_RECALL, sizeof value, 0, &value);
    ui_host_tell(host, RITORNELLO_STATUS, "Late news");
    ui_host_idle(host, idles);
    ui_host_free(host);
  }
}

static void
a_parent_that_is_none_is_refused(void **const state)
{
  (void)state;
  struct ui_host *const host = new_host();
  const Window gone = XCreateSimpleWindow(host->display, host->parent, 0, 0, 1, 1, 0, 0, 0);
  XDestroyWindow(host->display, gone);
  XSync(host->display, False);
  const LV2_Feature map = {LV2_URID__map, &host->urids.map};
  const LV2_Feature parent = {LV2_UI__parent, (void *)(uintptr_t)gone};
  const LV2_Feature *const features[] = {&map, &parent, NULL};
  LV2UI_Widget widget = NULL;
  assert_null(host->descriptor->instantiate(host->descriptor, RITORNELLO_URI, "/", NULL, NULL, &widget, features));
  const LV2_Feature *const none[] = {NULL};
  assert_null(host->descriptor->instantiate(host->descriptor, RITORNELLO_URI, "/", NULL, NULL, &widget, none));
  assert_null(host->descriptor->instantiate(host->descriptor, "urn:another", "/", NULL, NULL, &widget, features));
  ui_host_free(host);
}

static void
instances_live_side_by_side(void **const state)
{
  (void)state;
  struct ui_host *hosts[4];
  for (unsigned i = 0; i < 4; ++i) {
    hosts[i] = new_host();
  }
  click(hosts[2], "scale_lock", Button1);
  for (unsigned i = 0; i < 4; ++i) {
    float value = 0.0F;
    ui_host_idle(hosts[i], 2);
    assert_int_equal(ui_host_written(hosts[i], PORT_SCALE_LOCK, &value), i == 2);
  }
  ui_host_free(hosts[1]);
  ui_host_destroy_parent(hosts[0]);
  ui_host_idle(hosts[0], 1);
  ui_host_free(hosts[0]);
  click(hosts[3], "scale_lock", Button1);
  float value = 0.0F;
  assert_true(ui_host_written(hosts[3], PORT_SCALE_LOCK, &value));
  ui_host_free(hosts[3]);
  ui_host_free(hosts[2]);
}

static void
what_the_plugin_sends_is_not_trusted(void **const state)
{
  (void)state;
  struct ui_host *const host = new_host();
  const uint32_t transfer = ui_host_map(host, LV2_ATOM__eventTransfer);
  const LV2_URID words[] = {ui_host_map(host, LV2_ATOM__Object),
                            ui_host_map(host, LV2_PATCH__Set),
                            ui_host_map(host, LV2_PATCH__Put),
                            ui_host_map(host, LV2_PATCH__property),
                            ui_host_map(host, LV2_PATCH__value),
                            ui_host_map(host, LV2_PATCH__body),
                            ui_host_map(host, LV2_ATOM__URID),
                            ui_host_map(host, LV2_ATOM__String),
                            ui_host_map(host, RITORNELLO_STATUS),
                            ui_host_map(host, RITORNELLO_TITLE),
                            ui_host_map(host, RITORNELLO_STYLES),
                            0,
                            1,
                            8,
                            16,
                            24,
                            40,
                            1000,
                            UINT32_MAX};
  uint32_t random = 1;
  for (unsigned i = 0; i < 20000; ++i) {
    // On the heap and of its exact size, so that sanitizers see any byte beyond
    const uint32_t size = 8 + 4 * (random >> 8 & 15U);
    uint32_t *const ints = malloc(size);
    assert_non_null(ints);
    for (uint32_t at = 0; at < size / 4; ++at) {
      random = random * 1664525U + 1013904223U;
      ints[at] = words[(random >> 8) % (sizeof words / sizeof words[0])];
    }
    ints[0] = random & 64U ? size - 8 : ints[0];
    ints[1] = words[0];
    host->descriptor->port_event(host->ui, random & 1U ? PORT_NOTIFY : random >> 16, size, random & 2U ? transfer : 0,
                                 ints);
    free(ints);
  }
  ui_host_idle(host, 2);
  ui_host_free(host);
}

/// What this process has written to files and sockets: bytes, and how often.
static void
read_traffic(unsigned long *const bytes, unsigned long *const calls)
{
  FILE *const file = fopen("/proc/self/io", "r");
  assert_non_null(file);
  char line[128];
  while (fgets(line, sizeof line, file)) {
    (void)sscanf(line, "wchar: %lu", bytes);
    (void)sscanf(line, "syscw: %lu", calls);
  }
  fclose(file);
}

static void
nothing_is_sent_when_nothing_changes(void **const state)
{
  (void)state;
  struct ui_host *const host = new_host();
  ui_host_tell(host, RITORNELLO_STATUS, "Ready: x");
  ui_host_idle(host, 20);
  unsigned long bytes[2] = {0};
  unsigned long calls[2] = {0};
  read_traffic(&bytes[0], &calls[0]);
  for (unsigned i = 0; i < 300; ++i) {
    host->idle->idle(host->ui);
    const float load = 0.0F;
    host->descriptor->port_event(host->ui, PORT_LOAD, sizeof load, 0, &load);
    ui_host_tell(host, RITORNELLO_STATUS, "Ready: x");
  }
  read_traffic(&bytes[1], &calls[1]);
  assert_int_equal(bytes[1], bytes[0]);
  assert_int_equal(calls[1], calls[0]);
  ui_host_tell(host, RITORNELLO_STATUS, "Something else");
  host->idle->idle(host->ui);
  read_traffic(&bytes[1], &calls[1]);
  assert_true(calls[1] > calls[0]); // It is seen when there is something
  ui_host_free(host);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_window_is_as_large_as_the_host_scales),
      cmocka_unit_test(a_knob_is_turned),
      cmocka_unit_test(a_value_is_typed),
      cmocka_unit_test(the_plugin_is_asked_and_its_answers_are_shown),
      cmocka_unit_test(values_from_the_host_are_shown),
      cmocka_unit_test(text_is_copied_and_pasted),
      cmocka_unit_test(keys_that_the_host_sends_do_not_go_round),
      cmocka_unit_test(the_host_chooses_files_if_it_can),
      cmocka_unit_test(a_host_with_nothing_will_do),
      cmocka_unit_test(the_host_may_close_first),
      cmocka_unit_test(a_parent_that_is_none_is_refused),
      cmocka_unit_test(instances_live_side_by_side),
      cmocka_unit_test(what_the_plugin_sends_is_not_trusted),
      cmocka_unit_test(nothing_is_sent_when_nothing_changes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
