// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// From the take to a MIDI file that holds it, and back.

#include "engine/take_codec.h"
#include "engine/take_export.h"
#include "plugin.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/// Milliseconds without a run() after which none is expected, beside two blocks.
static const double PATIENCE_MS = 20.0;

enum { POLL_NANOSECONDS = 1000000 };

/// Note what the audio thread knows beside the take.
static void
keep_rest(const struct audio *const audio, struct kept_take *const kept) REALTIME
{
  const struct delivery *const delivery = audio->cast.delivery;
  const char *const title = delivery ? delivery->weights->title : "";
  size_t length = strlen(title);
  length = length < sizeof kept->title ? length : sizeof kept->title - 1;
  memcpy(kept->title, title, length);
  kept->title[length] = '\0';
  kept->bpm = audio->requests.bpm > 0.0 ? audio->requests.bpm : (double)audio->settings.bpm;
  kept->performance = audio->settings.performance;
}

void
plugin_keep(struct plugin *const plugin, const uint32_t entries) REALTIME
{
  struct keeping *const keeping = &plugin->keeping;
  struct audio *const audio = &plugin->audio;
  struct kept_take *const kept = atomic_load(&keeping->wanted);
  if (!kept) {
    return;
  }
  if (!kept->is_begun) {
    kept->is_begun = true;
    composer_image_begin(audio->composer, &kept->image);
  }
  const enum image_progress progress = composer_image_fill(audio->composer, &kept->image, entries);
  if (progress >= IMAGE_COMPLETE) {
    keep_rest(audio, kept);
    plugin_note_take(audio);
    atomic_store(&keeping->wanted, NULL);
    atomic_store(&kept->progress, (int)progress);
  }
}

// The saving thread

static double
milliseconds_now(void)
{
  struct timespec now = {.tv_sec = 0};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/// How long to wait for the next run().
static double
patience(const struct plugin *const plugin)
{
  return PATIENCE_MS + 2e3 * (double)atomic_load(&plugin->keeping.frames) / plugin->sample_rate;
}

/// Copy all that is left, unless the audio thread is running.
static void
keep_all(struct plugin *const plugin)
{
  unsigned free_lease = LEASE_FREE;
  if (atomic_compare_exchange_strong(&plugin->keeping.lease, &free_lease, LEASE_SAVE)) {
    plugin_keep(plugin, UINT32_MAX);
    atomic_store(&plugin->keeping.lease, LEASE_FREE);
  }
}

/// Have `kept` filled, by the audio thread or here.
static void
wait_for_image(struct plugin *const plugin, struct kept_take *const kept)
{
  static const struct timespec moment = {.tv_nsec = POLL_NANOSECONDS};
  struct keeping *const keeping = &plugin->keeping;
  unsigned runs = atomic_load(&keeping->runs);
  double heard = milliseconds_now();
  atomic_store(&keeping->wanted, kept);
  while (atomic_load(&kept->progress) < (int)IMAGE_COMPLETE) {
    const unsigned runs_now = atomic_load(&keeping->runs);
    if (runs_now != runs) {
      runs = runs_now;
      heard = milliseconds_now();
    }
    if (pthread_equal(atomic_load(&keeping->runner), pthread_self()) || milliseconds_now() - heard > patience(plugin)) {
      keep_all(plugin);
    } else {
      nanosleep(&moment, NULL);
    }
  }
}

/// Make an image of the plugin's take.
static enum status
make_image(struct plugin *const plugin, struct kept_take *const kept, struct error *const error)
{
  enum status status = STATUS_SUCCESS;
  do {
    take_image_free(&kept->image);
    status = take_image_new(&kept->image, TAKE_BARS, atomic_load(&plugin->keeping.notes), error);
    kept->is_begun = false;
    atomic_store(&kept->progress, (int)IMAGE_BARS);
    if (!status) {
      wait_for_image(plugin, kept);
    }
  } while (!status && atomic_load(&kept->progress) == (int)IMAGE_NO_ROOM);
  return status ? status : take_image_finish(&kept->image, error);
}

/// The bar after the last that is shown and that a MIDI file has room for.
static uint32_t
bars_of(const struct take_image *const image)
{
  uint32_t bars = 0;
  for (uint32_t i = 0; i < image->bar_count; ++i) {
    const uint32_t number = image->bars[i].number;
    if (number >= bars && number < TAKE_BARS && view_at(&image->view, number)->version == image->bars[i].version) {
      bars = number + 1;
    }
  }
  return bars;
}

/// Write what sounds in the image into tracks.
static enum status
fill_tracks(const struct take_image *const image,
            const struct kept_take *const kept,
            struct midi_file *const file,
            struct error *const error)
{
  struct take *take = NULL;
  struct take_export exported;
  enum status status = take_image_restore(image, image->bar_count + 1, image->note_count + 1, &take, NULL, error);
  if (status) {
    return status;
  }
  status = take_export_bars(take, 0, bars_of(image), &kept->performance, &exported, error);
  if (!status) {
    status = take_export_file(&exported, kept->title, kept->bpm, file, error);
    take_export_free(&exported);
  }
  take_free(take);
  return status;
}

/// Make a file of an image.
static enum status
make_file(const struct take_image *const image,
          const struct kept_take *const kept,
          struct midi_file *const file,
          struct error *const error)
{
  *file = (struct midi_file){.format = 1};
  if (take_image_is_empty(image)) {
    return STATUS_SUCCESS;
  }
  enum status status = fill_tracks(image, kept, file, error);
  if (!status) {
    status = take_encode(image, &file->own, &file->own_size, error);
  }
  if (status) {
    midi_file_free(file);
  }
  return status;
}

enum status
plugin_save_take(struct plugin *const plugin, struct midi_file *const file, struct error *const error)
{
  struct keeping *const keeping = &plugin->keeping;
  struct kept_take *const kept = calloc(1, sizeof *kept);
  *file = (struct midi_file){.format = 1};
  if (!kept) {
    return error_set(error, STATUS_NO_MEMORY, "There is not enough memory to save the take");
  }
  kept->bpm = 120.0;
  pthread_mutex_lock(&keeping->lock);
  enum status status = STATUS_SUCCESS;
  if (atomic_load(&keeping->given) && !atomic_load(&keeping->has_take)) {
    status = make_file(&keeping->pending, kept, file, error); // Nothing has happened to it yet
  } else if (atomic_load(&keeping->has_take)) {
    status = make_image(plugin, kept, error);
    status = status ? status : make_file(&kept->image, kept, file, error);
  }
  pthread_mutex_unlock(&keeping->lock);
  take_image_free(&kept->image);
  free(kept);
  return status;
}

// The restoring thread

/// Read the take in `file` into `given`; what was read stays in `image`.
static enum status
read_take(const struct midi_file *const file,
          struct take_image *const image,
          struct given_take *const given,
          struct error *const error)
{
  if (file->own_size == 0) {
    return error_set(error, STATUS_NOT_FOUND, "the file has no take in it");
  }
  enum status status = take_decode(file->own, file->own_size, image, error);
  if (!status) {
    status = take_image_restore(image, TAKE_BARS, TAKE_NOTES, &given->take, &given->latches, error);
  }
  given->salt = image->salt;
  given->locked = image->locked;
  bar_set_write(&given->locked, given->locked_text);
  return status;
}

/// Put `given` into the slot, unless one with a take is there: what was restored first counts. Takes over `image`.
static void
publish(struct keeping *const keeping, struct given_take *const given, struct take_image *const image)
{
  pthread_mutex_lock(&keeping->lock);
  struct given_take *const before = atomic_exchange(&keeping->given, NULL);
  const bool is_first = !before || !before->take;
  given_take_free(is_first ? before : given);
  take_image_free(is_first ? &keeping->pending : image);
  keeping->pending = is_first ? *image : keeping->pending;
  atomic_store(&keeping->given, is_first ? given : before);
  pthread_mutex_unlock(&keeping->lock);
}

void
plugin_restore_take(struct plugin *const plugin, const struct midi_file *const file, const struct error *const error)
{
  struct keeping *const keeping = &plugin->keeping;
  keeping_collect(keeping);
  if (atomic_load(&keeping->has_take)) {
    return; // Which it keeps
  }
  struct given_take *const given = calloc(1, sizeof *given);
  if (!given) {
    atomic_store(&keeping->is_starved, true);
    return;
  }
  struct take_image image = {.bar_count = 0};
  struct error reason = error ? *error : (struct error){.status = STATUS_SUCCESS};
  if (reason.status == STATUS_SUCCESS) {
    read_take(file, &image, given, &reason);
  }
  memcpy(given->error, reason.text, sizeof given->error);
  publish(keeping, given, &image);
}
