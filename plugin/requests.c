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
  const bool undo = requests->known && (requests->undo_due || (settings->undo && !requests->undo));
  const bool regenerate =
      requests->known && (requests->regenerate_due || (settings->regenerate && !requests->regenerate));
  if (undo || regenerate) {
    plugin_move(audio); // The present may be a new bar
  }
  if (undo && composer_undo(audio->composer)) {
    audio->announcements |= ANNOUNCE_CHANGE;
  }
  if (regenerate) {
    composer_regenerate(audio->composer);
    audio->announcements |= ANNOUNCE_CHANGE;
  }
  requests->known = true;
  requests->regenerate = settings->regenerate;
  requests->undo = settings->undo;
  requests->regenerate_due = false;
  requests->undo_due = false;
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
    plugin->audio.announcements |= ANNOUNCE_CHANGE;
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
    plugin->audio.announcements |= ANNOUNCE_CHANGE;
  }
}

/// Why an export could not be passed on.
static const char NO_WORKER[] = "Nothing can be exported here (no worker, or no room for so long a path)";

void
plugin_export(struct plugin *const plugin, const char *const path, const uint32_t length) REALTIME
{
  struct requests *const requests = &plugin->audio.requests;
  requests->exported[0] = '\0';
  if (!plugin_request_export(plugin, path, length)) {
    memcpy(requests->exported, NO_WORKER, sizeof NO_WORKER);
  }
}

/// Begin with what the worker has prepared.
static void
begin_export(struct plugin *const plugin, struct export_job *const job) REALTIME
{
  struct audio *const audio = &plugin->audio;
  const struct delivery *const delivery = audio->cast.delivery;
  const char *const title = delivery ? delivery->weights->title : "";
  size_t length = strlen(title);
  length = length < sizeof job->title ? length : sizeof job->title - 1;
  memcpy(job->title, title, length);
  job->title[length] = '\0';
  job->bpm = audio->requests.bpm > 0.0 ? audio->requests.bpm : (double)audio->settings.bpm;
  job->music.performance = audio->settings.performance;
  export_job_begin(job, composer_take(audio->composer));
  audio->requests.job = job;
}

/// Tell what became of an export.
static void
end_export(struct plugin *const plugin, struct export_job *const job) REALTIME
{
  memcpy(plugin->audio.requests.exported, job->message, sizeof job->message);
  atomic_store(&plugin->exporting.spent, job);
}

void
plugin_continue_export(struct plugin *const plugin) REALTIME
{
  struct requests *const requests = &plugin->audio.requests;
  struct exporting *const exporting = &plugin->exporting;
  struct take *const take = composer_take(plugin->audio.composer);
  if (!requests->job && !requests->job_waits && atomic_load(&exporting->prepared)) {
    begin_export(plugin, atomic_exchange(&exporting->prepared, NULL));
  }
  // The worker may still have the one before to write, or to free
  if (requests->job && !atomic_load(&exporting->gathered) && export_job_fill(requests->job, take)) {
    atomic_store(&exporting->gathered, requests->job);
    requests->job = NULL;
    requests->job_waits = true;
  }
  if (requests->job_waits && plugin_request_writing(plugin)) {
    requests->job_waits = false;
  }
  if (atomic_load(&exporting->written) && !atomic_load(&exporting->spent)) {
    end_export(plugin, atomic_exchange(&exporting->written, NULL));
  }
}

void
plugin_note_take(struct audio *const audio) REALTIME
{
  const struct take *const take = composer_take(audio->composer);
  audio->requests.kept_notes = take_note_count(take);
  audio->requests.kept_changes = take_changes(take);
  audio->requests.change_told = false;
}

void
plugin_tell_take(struct audio *const audio) REALTIME
{
  struct requests *const requests = &audio->requests;
  const struct take *const take = composer_take(audio->composer);
  const bool is_other = requests->kept_notes != take_note_count(take) || requests->kept_changes != take_changes(take);
  // What is composed ahead while the transport stands is nobody's work yet
  if (!requests->change_told && is_other && audio->playing) {
    requests->change_told = true;
    audio->announcements |= ANNOUNCE_CHANGE;
  }
}
