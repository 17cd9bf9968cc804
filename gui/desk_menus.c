// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The menus and dialogs that the window opens, and what is chosen in them: zoom, presets, weights, a file for the take.

#include "choice.h"
#include "desk.h"
#include "desk_layout.h"
#include "dialog.h"
#include "folder_list.h"
#include "path_dialog.h"
#include "preset_menu.h"
#include "uris.h"

#include <stdio.h>
#include <string.h>

static const double zooms[] = {0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0};
enum { ZOOM_COUNT = sizeof zooms / sizeof zooms[0] };

static void
export_chosen(void *const handle, const char *const path)
{
  struct desk *const desk = handle;
  snprintf(desk->export_path, sizeof desk->export_path, "%s", path);
  desk_say(desk, "Writing the take\xe2\x80\xa6");
  desk_wish(desk, DESK_EXPORT, path);
}

void
desk_press_save(void *const handle)
{
  struct desk *const desk = handle;
  const struct path_dialog_options options = {
      .title = "Save the take as a MIDI file",
      .action = "Save",
      .path = desk->export_path,
      .extension = ".mid",
      .is_saving = true,
      .done = export_chosen,
      .handle = desk,
  };
  path_dialog_open(&desk->stage, &options);
}

void
desk_press_about(void *const handle)
{
  struct desk *const desk = handle;
  about_open(&desk->stage, "Version " RITORNELLO_VERSION);
}

static void
choose_zoom(void *const handle, const int value)
{
  struct desk *const desk = handle;
  desk_set_zoom(desk, zooms[value]);
  if (desk->listener.zoom) {
    desk->listener.zoom(desk->listener.handle, desk->zoom);
  }
}

void
desk_press_zoom(void *const handle)
{
  struct desk *const desk = handle;
  struct menu_item items[ZOOM_COUNT];
  for (unsigned i = 0; i < ZOOM_COUNT; ++i) {
    items[i] = (struct menu_item){.value = (int)i, .is_chosen = zooms[i] == desk->zoom};
    snprintf(items[i].label, sizeof items[i].label, "%.0f %%", zooms[i] * 100.0);
  }
  menu_open(&desk->stage, &desk->zoom_button->box, items, ZOOM_COUNT, choose_zoom, desk);
}

void
desk_step_zoom(struct desk *const desk, const int step)
{
  unsigned present = 1;
  for (unsigned i = 0; i < ZOOM_COUNT; ++i) {
    present = zooms[i] <= desk->zoom ? i : present;
  }
  if (step == 0) {
    present = 1;
  } else if (step > 0) {
    present += present + 1 < ZOOM_COUNT ? 1 : 0;
  } else {
    present -= present > 0 ? 1 : 0;
  }
  choose_zoom(desk, (int)present);
}

/// Load the weights `name` of the bundle, if others are there.
static void
load_bundled(const struct desk *const desk, const char *const name)
{
  char path[DESK_TEXT];
  const char *const present = desk->texts[DESK_WEIGHTS];
  const size_t length = desk->bundle ? strlen(desk->bundle) : 0;
  if (length == 0 || !strcmp(path_name(present), name)) {
    return;
  }
  if (snprintf(path, sizeof path, "%s%s%s", desk->bundle, desk->bundle[length - 1] == '/' ? "" : "/", name) <
      (int)sizeof path) {
    desk_wish(desk, DESK_LOAD, path);
  }
}

static void
choose_preset(void *const handle, const int preset)
{
  struct desk *const desk = handle;
  preset_apply(&desk->values, preset);
  load_bundled(desk, preset_weights(preset));
}

void
desk_open_presets(void *const handle, struct widget *const picker)
{
  struct desk *const desk = handle;
  const struct box anchor = picker_anchor(picker);
  preset_menu_open(&desk->stage, &anchor, preset_find(&desk->values, desk->texts[DESK_WEIGHTS]), choose_preset, desk);
}

static void
weights_chosen(void *const handle, const char *const path)
{
  desk_wish(handle, DESK_LOAD, path);
}

void
desk_choose_file(struct desk *const desk)
{
  char folder[DESK_TEXT];
  const char *const present = desk->texts[DESK_WEIGHTS];
  const char *const slash = strrchr(present, '/');
  snprintf(folder, sizeof folder, "%.*s", (int)(slash ? slash + 1 - present : 0), present);
  const struct path_dialog_options options = {
      .title = "Choose a weight file",
      .action = "Open",
      .path = folder[0] ? folder : "~/",
      .extension = ".safetensors",
      .done = weights_chosen,
      .handle = desk,
  };
  path_dialog_open(&desk->stage, &options);
}

static void
choose_weights(void *const handle, const int value)
{
  struct desk *const desk = handle;
  if (value >= 0) {
    desk_wish(desk, DESK_LOAD, desk->weights_menu.paths[value]);
  } else if (!desk->listener.ask_host || !desk->listener.ask_host(desk->listener.handle)) {
    desk_choose_file(desk);
  }
}

void
desk_open_weights(void *const handle, struct widget *const picker)
{
  struct desk *const desk = handle;
  weights_menu_find(&desk->weights_menu, desk->bundle, desk->texts[DESK_WEIGHTS]);
  const struct box anchor = picker_anchor(picker);
  menu_open(&desk->stage, &anchor, desk->weights_menu.items, desk->weights_menu.count + 1, choose_weights, desk);
}
