// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What the user asks of the take, by ports or messages: keep it, compose it anew, bring it back. A port that stands high when
// a session or a preset is restored, or when the plugin starts, asks for nothing; only its rising does.

#include "plugin.h"

#include <string.h>

void
plugin_apply_requests(struct plugin *const plugin) REALTIME
{
  struct audio *const audio = &plugin->audio;
  const struct settings *const settings = &audio->settings;
  struct requests *const requests = &audio->requests;
  if (atomic_exchange_explicit(&plugin->restored, false, memory_order_acquire)) {
    requests->known = false;
  }
  composer_lock(audio->composer, settings->lock);
  if (requests->known && settings->undo && !requests->undo && composer_undo(audio->composer)) {
    budget_locate(&audio->budget);
  }
  if (requests->known && settings->regenerate && !requests->regenerate) {
    composer_regenerate(audio->composer);
    budget_locate(&audio->budget);
  }
  requests->known = true;
  requests->regenerate = settings->regenerate;
  requests->undo = settings->undo;
}

void
plugin_lock_bars(struct plugin *const plugin, const char *const text, const uint32_t length) REALTIME
{
  struct requests *const requests = &plugin->audio.requests;
  struct bar_set bars;
  requests->bad_bars = length >= sizeof requests->locked || !bar_set_read(&bars, text, length);
  if (!requests->bad_bars) {
    memcpy(requests->locked, text, length);
    requests->locked[length] = '\0';
    composer_lock_bars(plugin->audio.composer, &bars);
  }
  plugin->audio.announcements |= ANNOUNCE_LOCKS;
}

void
plugin_regenerate_bars(struct plugin *const plugin, const char *const text, const uint32_t length) REALTIME
{
  struct requests *const requests = &plugin->audio.requests;
  struct bar_set bars;
  requests->bad_bars = !bar_set_read(&bars, text, length);
  if (!requests->bad_bars) {
    composer_regenerate_bars(plugin->audio.composer, &bars);
    budget_locate(&plugin->audio.budget);
  }
}
