// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Rendering: the plugin composes into an instrument, offline, with the transport rolling from bar 1, and the sound is
// recorded. The plugin is told that the host freewheels, so nothing depends on how fast the machine is.

#ifndef RITORNELLO_RENDER_H
#define RITORNELLO_RENDER_H

#include "../plugin/engine/event.h"
#include "../plugin/engine/status.h"
#include "audio_file.h"
#include "score.h"

#include <stddef.h>
#include <stdint.h>

/// Where the plugin stands in the world.
#define RENDER_PLUGIN "urn:ritornello:lv2"

/// Seconds that are recorded after the last bar, for the sound to die away.
enum { RENDER_TAIL = 2 };

/// The longest music that is rendered.
enum { RENDER_SECONDS = 36000 };

struct render_settings {
  const char *preset;     ///< A preset's label or URI, or the path of a weight file
  const char *bundle;     ///< Folder of the plugin's bundle, or NULL for the installed one
  const char *instrument; ///< URI of an LV2 instrument, or NULL
  char *const *controls;  ///< [control_count] "SYMBOL=VALUE", set on top of the preset
  size_t control_count;
  char *const *automation; ///< [automation_count] "SYMBOL=BAR:VALUE,...", as in automation.h
  size_t automation_count;
  uint32_t bars; ///< Length in bars; 0: `seconds`, filled up to a whole bar
  double seconds;
  double bpm; ///< Quarter notes per minute
  struct metre metre;
  int rate; ///< Frames per second
};

/// Called now and then with the seconds done and those to do.
typedef void (*render_progress)(void *data, double done, double total);

/// What a render made. The recording and the score are for the caller to write and free.
struct render_result {
  struct recording *recording;
  struct score score;
  double seconds; ///< Of music, without the tail
  char instrument[128];
};

/// Render as `settings` say. `progress` (with `data`) may be NULL. Free with render_free() whatever is returned.
enum status render(const struct render_settings *settings,
                   render_progress progress,
                   void *data,
                   struct render_result *result,
                   struct error *error);

void render_free(struct render_result *result);

#endif // RITORNELLO_RENDER_H
