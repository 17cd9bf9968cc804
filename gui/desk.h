// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The window's content: all controls, the roll, the status line, and what they do. It knows the plugin only by its ports' values
// and by texts; whoever owns it (ui.c, or a test) carries them to and fro.

#ifndef RITORNELLO_DESK_H
#define RITORNELLO_DESK_H

#include "roll_model.h"
#include "stage.h"
#include "trigger.h"
#include "values.h"
#include "weights_menu.h"

#include <stdbool.h>
#include <stdint.h>

/// What the plugin tells in words (plugin/uris.h).
enum desk_text {
  DESK_TITLE,
  DESK_STATUS,
  DESK_STYLES,
  DESK_WEIGHTS, ///< A path
  DESK_LOCKED_BARS,
  DESK_TEXT_COUNT
};

/// What the user wants of the plugin beside its ports.
enum desk_wish {
  DESK_LOAD,           ///< A weight file: a path
  DESK_EXPORT,         ///< The take as a MIDI file: a path
  DESK_LOCK_BARS,      ///< As in #lockBars
  DESK_REGENERATE_BARS ///< As in #regenerateBars
};

/// Who carries things out. Each may be NULL.
struct desk_listener {
  void *handle;
  void (*touch)(void *handle, enum port_index port, bool is_touched);
  void (*write)(void *handle, enum port_index port, float value);
  void (*wish)(void *handle, enum desk_wish wish, const char *text);
  bool (*ask_host)(void *handle); ///< Let the host ask for a weight file; false: it can't
  void (*zoom)(void *handle, double zoom);
};

enum { DESK_TEXT = 1024 };

struct desk {
  struct stage stage;
  struct values values;
  struct desk_listener listener;
  const struct roll_model *music;
  const char *bundle; ///< Folder of the plugin, or NULL; not owned
  char texts[DESK_TEXT_COUNT][DESK_TEXT];
  char export_path[DESK_TEXT];
  double zoom;
  char zoom_text[16];
  uint32_t random;
  struct trigger regenerate;
  struct trigger undo;
  struct weights_menu weights_menu;
  struct widget *by_port[PORT_COUNT]; ///< What shows the port's value, NULL if nothing does
  char weights_tip[2 * DESK_TEXT + 64];
  int preset;       ///< The last that the values were; -1: none
  bool are_changed; ///< Values or weights have changed since that was looked at
  struct widget *presets;
  struct widget *weights;
  struct widget *roll;
  struct widget *status;
  struct widget *zoom_button;
};

/// Make the window's content; `music`, which is not owned, is what the roll shows. `random` is what the dice begin with.
struct desk *
desk_new(const struct desk_listener *listener, const struct roll_model *music, const char *bundle, uint32_t random);
void desk_free(struct desk *desk);

/// The plugin tells something.
void desk_receive_text(struct desk *desk, enum desk_text text, const char *value);

/// Show `text` in the status line until the plugin tells something else, or the user does.
void desk_say(struct desk *desk, const char *text);

/// The user's zoom is another one: show it.
void desk_set_zoom(struct desk *desk, double zoom);

/// Come one step closer (1) or go one back (-1), or to 100 % (0), and tell.
void desk_step_zoom(struct desk *desk, int step);

/// Hand out input that no widget wants: the window's own keys. Return whether it was one.
bool desk_input(struct desk *desk, const struct input *input);

/// Let time pass: milliseconds.
void desk_tick(struct desk *desk, uint32_t now);

/// Let the user choose a weight file in a dialog of our own.
void desk_choose_file(struct desk *desk);

#endif // RITORNELLO_DESK_H
