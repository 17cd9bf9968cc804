// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Faults in the window, while it is opened, worked with and closed in an X server: it does not open, or works without what there was no
// memory for, and gives everything back.
//
// Usage: test_window_faults [--more | --all]

#include "campaign.h"

#include "ui_host.h"

#include <X11/keysym.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// The window's properties that it is told.
static const char TITLE[] = "urn:ritornello:lv2#title";

static void
open_and_use(struct faults *const faults, void *const data)
{
  (void)data;
  static const struct ui_host_options options = {.scale = 1.0F};
  const LV2UI_Descriptor *const descriptor = ui_host_load(); // Beforehand: the host's own
  if (!descriptor) {
    campaign_complain(faults, "there is no window to load");
    return;
  }
  atomic_store(&faults->is_armed, true);
  struct ui_host *const host = ui_host_new(&options);
  if (host->ui) {
    ui_host_idle(host, 3);
    ui_host_tell(host, TITLE, "Some title");
    ui_host_control(host, '+'); // Larger, which is remembered in a file
    ui_host_idle(host, 2);
    ui_host_button(host, true, Button1, 420, 30); // A menu
    ui_host_button(host, false, Button1, 420, 30);
    ui_host_idle(host, 2);
    ui_host_type(host, "a");
    ui_host_key(host, XK_Escape);
    ui_host_idle(host, 2);
  } else if (!atomic_load(&faults->is_injected)) {
    campaign_complain(faults, "the window does not open");
  }
  ui_host_free(host);
  atomic_store(&faults->is_armed, false);
}

int
main(const int count, char **const arguments)
{
  const struct scenario scenario = {.name = "window", .play = open_and_use, .objects = {"ritornello_ui.so"}};
  const bool is_well = campaign_run(&scenario, faults_state(), campaign_extent_of(count > 1 ? arguments[1] : ""));
  return is_well ? EXIT_SUCCESS : EXIT_FAILURE;
}
