// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// MIDI input in the plugin: a message goes to listening.h, which tells the composer, and on to the output if it is to.

#include "plugin.h"

void
plugin_silence(struct audio *const audio) REALTIME
{
  player_silence(&audio->player);
  thru_forget(&audio->thru);
}

void
plugin_let_go(struct audio *const audio) REALTIME
{
  struct heard_message all_off = {.kind = HEARD_ALL_OFF, .channel = LISTENING_CHANNELS};
  listening_hear(&audio->listening, &all_off, plugin_clock(audio), audio->composer, false);
}

/// What is played now makes music of its own.
static bool
is_music(const struct audio *const audio) REALTIME
{
  return audio->settings.input == INPUT_CONTINUE || audio->settings.input == INPUT_ACCOMPANY;
}

void
plugin_hear(struct plugin *const plugin, const uint8_t *const bytes, const uint32_t size, const uint32_t frame) REALTIME
{
  struct audio *const audio = &plugin->audio;
  const struct settings *const settings = &audio->settings;
  struct heard_message message = listening_read(bytes, size);
  if (message.kind == HEARD_NOTHING) {
    return;
  }
  const bool is_known = plugin_move(audio);
  const struct clock *const clock = plugin_clock(audio);
  const bool is_open = is_known && settings->enabled && clock_is_rolling(clock) && audio->cast.delivery;
  listening_hear(&audio->listening, &message, clock, audio->composer, is_open);
  if (settings->input == INPUT_CONTINUE && message.kind == HEARD_ON && is_open) {
    sounding_end_composed(&audio->player.sounding);
  }
  const bool passes_on = atomic_load_explicit(&plugin->passes_on, memory_order_relaxed);
  if (passes_on && is_music(audio) && settings->enabled) {
    sounding_flush(&audio->player.sounding, frame);
    thru_hear(&audio->thru, &message, &settings->performance, &audio->player.sounding, frame);
  }
}
