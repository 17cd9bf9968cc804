// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// #status: how it is going, in one sentence. What stands first in update is what the user should mend first.

#include "plugin.h"

#include <string.h>

/// Append `text` to the sentence `line` of `used` bytes; return the bytes used now.
static size_t
append(char line[ERROR_TEXT_SIZE], const size_t used, const char *const text) REALTIME
{
  size_t length = strlen(text);
  if (length > ERROR_TEXT_SIZE - 1 - used) {
    length = ERROR_TEXT_SIZE - 1 - used;
  }
  memcpy(line + used, text, length);
  line[used + length] = '\0';
  return used + length;
}

/// Write the sentence that is true now into `line`.
static void
compose_line(const struct plugin *const plugin, char line[ERROR_TEXT_SIZE]) REALTIME
{
  const struct audio *const audio = &plugin->audio;
  const struct cast *const cast = &audio->cast;
  line[0] = '\0';
  if (cast->error[0] != '\0') {
    const size_t used = append(line, 0, cast->error);
    append(line, used, cast->delivery ? "; the weights before play on" : "; nothing can play without weights");
  } else if (audio->requests.bad_bars) {
    append(line, 0, "Those are no bars: write them as 5-8 or 1-4, 9 or all or none");
  } else if (!cast->delivery) {
    append(line, 0, "No weight file: choose one");
  } else if (audio->settings.sync && !audio->transport.known) {
    append(line, 0, "The host's transport tells no bars: start it, or turn sync off to play by itself");
  } else {
    const struct weights *const weights = cast->delivery->weights;
    size_t used = append(line, append(line, 0, "Ready: "), weights->title);
    if (audio->requests.exported[0] != '\0') {
      used = append(line, append(line, used, "; "), audio->requests.exported);
    }
    if (audio->requests.lost[0] != '\0') {
      used = append(line, append(line, used, "; no take was restored: "), audio->requests.lost);
    }
    if (atomic_load(&plugin->keeping.is_unsaved)) {
      used = append(line, used, "; the take could not be saved: make room on the disk or in memory, and save again");
    }
    if (composer_has_lost_bars(audio->composer)) {
      used = append(line, used, "; the take is full, its oldest bars leave");
    }
    if (audio->settings.originality && !weights->quotations) {
      append(line, used, "; originality does nothing with these weights");
    }
  }
}

void
plugin_update_status(struct plugin *const plugin) REALTIME
{
  struct audio *const audio = &plugin->audio;
  char line[ERROR_TEXT_SIZE];
  compose_line(plugin, line);
  if (strcmp(line, audio->status) != 0) {
    append(audio->status, 0, line);
    audio->announcements |= ANNOUNCE_STATUS;
  }
}
