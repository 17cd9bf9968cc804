// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The plugin's life: made, connected, activated, run (run.c), deactivated, and no more.

#include "plugin.h"
#include "speed.h"
#include "uris.h"

#include <lv2/core/lv2.h>
#include <lv2/core/lv2_util.h>

#include <stdlib.h>
#include <string.h>

/// Frames per second that a host may have.
enum { RATE_LEAST = 1000, RATE_MOST = 10000000 };

static void run(LV2_Handle instance, uint32_t frames) REALTIME;

static void
run(const LV2_Handle instance, const uint32_t frames) REALTIME
{
  plugin_run(instance, frames);
}

static void
connect_port(const LV2_Handle instance, const uint32_t port, void *const data)
{
  struct plugin *const plugin = instance;
  if (port < PORT_COUNT) {
    plugin->ports[port] = data;
  }
}

/// Take over what has been loaded, and be counted before anybody runs: all instances may begin in the same block.
static void
activate(const LV2_Handle instance)
{
  struct plugin *const plugin = instance;
  plugin_receive(plugin);
  plugin_claim_budget(&plugin->audio);
}

/// What sounded when the plugin was stopped ends in the first block after it.
static void
deactivate(const LV2_Handle instance)
{
  struct plugin *const plugin = instance;
  plugin_let_go(&plugin->audio);
  plugin_silence(&plugin->audio);
  plugin->audio.playing = false;
  plugin->audio.requests.known = false;
  budget_claim(&plugin->audio.budget, 0);
}

static void
cleanup(const LV2_Handle instance)
{
  struct plugin *const plugin = instance;
  budget_claim(&plugin->audio.budget, 0);
  composer_free(plugin->audio.composer);
  if (plugin->audio.cast.delivery) {
    loading_retire(&plugin->loading, plugin->audio.cast.delivery);
  }
  loading_free(&plugin->loading);
  export_job_free(plugin->audio.requests.job);
  exporting_free(&plugin->exporting);
  keeping_free(&plugin->keeping);
  inline_display_clear(&plugin->inline_display);
  free(plugin);
}

/// Load the bundle's own weights, so that a fresh instance plays whatever the host does about states.
static void
load_default(struct plugin *const plugin)
{
  char path[PATH_SIZE + sizeof RITORNELLO_DEFAULT_WEIGHTS];
  const size_t length = strlen(plugin->loading.bundle);
  memcpy(path, plugin->loading.bundle, length);
  memcpy(path + length, RITORNELLO_DEFAULT_WEIGHTS, sizeof RITORNELLO_DEFAULT_WEIGHTS);
  loading_load(&plugin->loading, loading_request(&plugin->loading), path, NULL);
}

static void
audio_init(struct plugin *const plugin, const double sample_rate, LV2_URID_Map *const map)
{
  struct audio *const audio = &plugin->audio;
  transport_init(&audio->transport, sample_rate);
  clock_init(&audio->own, sample_rate);
  budget_init(&audio->budget, sample_rate, speed_measure());
  player_init(&audio->player, &plugin->uris);
  listening_init(&audio->listening);
  thru_init(&audio->thru);
  atomic_init(&plugin->passes_on, true);
  lv2_atom_forge_init(&audio->forge, map);
  window_link_init(&audio->window, map);
  audio->announcements = ANNOUNCE_ALL;
  memcpy(audio->requests.locked, "none", sizeof "none");
  audio->synced = true;
  settings_read(&audio->settings, plugin->ports);
  plugin_jump(audio, &audio->own);
}

static LV2_Handle
instantiate(const LV2_Descriptor *const descriptor,
            const double sample_rate,
            const char *const bundle,
            const LV2_Feature *const *const features)
{
  (void)descriptor;
  LV2_URID_Map *map = NULL;
  const LV2_Worker_Schedule *schedule = NULL;
  const struct inline_host *inline_host = NULL;
  lv2_features_query(features, LV2_URID__map, &map, true, LV2_WORKER__schedule, &schedule, false,
                     INLINE_DISPLAY_QUEUE_DRAW, &inline_host, false, NULL);
  const bool is_rate = sample_rate >= RATE_LEAST && sample_rate <= RATE_MOST;
  struct plugin *const plugin = map && is_rate ? calloc(1, sizeof *plugin) : NULL;
  if (!plugin) {
    return NULL;
  }
  plugin->sample_rate = sample_rate;
  plugin->schedule = schedule;
  inline_display_init(&plugin->inline_display, inline_host);
  exporting_init(&plugin->exporting);
  uris_map(&plugin->uris, map);
  if (loading_init(&plugin->loading, bundle) != STATUS_SUCCESS) {
    free(plugin);
    return NULL;
  }
  if (keeping_init(&plugin->keeping) != STATUS_SUCCESS) {
    loading_free(&plugin->loading);
    free(plugin);
    return NULL;
  }
  if (composer_new(&plugin->audio.composer, NULL) != STATUS_SUCCESS) {
    keeping_free(&plugin->keeping);
    loading_free(&plugin->loading);
    free(plugin);
    return NULL;
  }
  audio_init(plugin, sample_rate, map);
  load_default(plugin);
  return plugin;
}

static struct inline_surface *
render_inline(const LV2_Handle instance, const uint32_t width, const uint32_t height_most)
{
  struct plugin *const plugin = instance;
  return inline_display_render(&plugin->inline_display, width, height_most);
}

static const void *
extension_data(const char *const uri)
{
  if (!strcmp(uri, LV2_WORKER__interface)) {
    return plugin_worker_interface();
  }
  if (!strcmp(uri, LV2_STATE__interface)) {
    return plugin_state_interface();
  }
  if (!strcmp(uri, INLINE_DISPLAY_INTERFACE)) {
    static const struct inline_interface interface = {render_inline};
    return &interface;
  }
  return NULL;
}

LV2_SYMBOL_EXPORT const LV2_Descriptor *
lv2_descriptor(const uint32_t index)
{
  static const LV2_Descriptor descriptor = {
      RITORNELLO_URI, instantiate, connect_port, activate, run, deactivate, cleanup, extension_data,
  };
  return index == 0 ? &descriptor : NULL;
}
