// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What the audio thread does with weights that have arrived: takes them into use if they answer the newest request, ends
// what sounds, and gives the old ones back. If a file could not be loaded, the old weights play on and #status says why.
// And with a restored take: uses it if there is none worth keeping.

#include "plugin.h"

#include <string.h>

/// Copy a text that has its end within `size` bytes.
static void
copy_text(char *const to, const char *const from, const size_t size) REALTIME
{
  memcpy(to, from, size);
  to[size - 1] = '\0';
}

// What there was no memory for
static const char NO_WEIGHTS[] = "There is not enough memory to load the weights";
static const char NO_EXPORT[] = "Nothing was exported: there is not enough memory";
static const char NO_TAKE[] = "there is not enough memory";

/// Take in that there was no memory, where nothing else could say so.
static void
receive_shortages(struct plugin *const plugin) REALTIME
{
  struct audio *const audio = &plugin->audio;
  if (atomic_load(&plugin->loading.is_starved) && atomic_exchange(&plugin->loading.is_starved, false)) {
    memcpy(audio->cast.error, NO_WEIGHTS, sizeof NO_WEIGHTS);
  }
  if (atomic_load(&plugin->exporting.is_starved) && atomic_exchange(&plugin->exporting.is_starved, false)) {
    memcpy(audio->requests.exported, NO_EXPORT, sizeof NO_EXPORT);
  }
  if (atomic_load(&plugin->keeping.is_starved) && atomic_exchange(&plugin->keeping.is_starved, false)) {
    memcpy(audio->requests.lost, NO_TAKE, sizeof NO_TAKE);
  }
}

/// Use the weights of `delivery`.
static void
use(struct plugin *const plugin, struct delivery *const delivery) REALTIME
{
  struct audio *const audio = &plugin->audio;
  struct cast *const cast = &audio->cast;
  struct delivery *const old = cast->delivery;

  player_silence(&audio->player);
  composer_set_weights(audio->composer, delivery->weights);
  cast->delivery = delivery;
  for (uint32_t i = 1; i <= STYLE_COUNT; ++i) {
    cast->styles[i] = weights_style(delivery->weights, style_descriptions[i].name);
  }
  if (old) {
    loading_retire(&plugin->loading, old);
  }
  audio->announcements |= ANNOUNCE_TITLE | ANNOUNCE_STYLES;
}

/// Whether `delivery` brings the weights that are in use already.
static bool
is_same(const struct cast *const cast, const struct delivery *const delivery) REALTIME
{
  return cast->delivery && cast->delivery->weights->hash == delivery->weights->hash;
}

/// Take in weights.
static void
receive_weights(struct plugin *const plugin, struct delivery *const delivery) REALTIME
{
  struct cast *const cast = &plugin->audio.cast;
  if (loading_is_older(delivery->serial, cast->serial)) {
    loading_retire(&plugin->loading, delivery);
    return;
  }
  cast->serial = delivery->serial;
  copy_text(cast->path, delivery->path, sizeof cast->path);
  copy_text(cast->error, delivery->status, sizeof cast->error);
  plugin->audio.announcements |= ANNOUNCE_WEIGHTS;
  if (delivery->weights && !is_same(cast, delivery)) {
    use(plugin, delivery);
  } else {
    loading_retire(&plugin->loading, delivery);
  }
}

/// Take in a restored take, or hear why there is none.
static void
receive_take(struct plugin *const plugin, struct given_take *const given) REALTIME
{
  struct audio *const audio = &plugin->audio;
  struct kept_take *const wanted = atomic_load(&plugin->keeping.wanted);
  copy_text(audio->requests.lost, given->error, sizeof audio->requests.lost);
  if (given->take && !composer_has_take(audio->composer)) {
    player_silence(&audio->player);
    player_locate(&audio->player, plugin_clock(audio));
    composer_exchange(audio->composer, &given->take, &given->latches, given->salt);
    composer_lock_bars(audio->composer, &given->locked);
    copy_text(audio->requests.locked, given->locked_text, sizeof audio->requests.locked);
    plugin_note_take(audio);
    audio->announcements |= ANNOUNCE_LOCKS;
    if (wanted) {
      wanted->is_begun = false; // Another take is to be saved now
    }
  }
  keeping_spend(&plugin->keeping, given);
}

void
plugin_receive(struct plugin *const plugin) REALTIME
{
  // Weights are published before the take that goes with them: looked for in the other order, they are never missed. They
  // are taken in first, for other weights compose what is ahead anew
  struct given_take *const given = keeping_take(&plugin->keeping);
  struct delivery *const delivery = loading_take(&plugin->loading);
  if (delivery) {
    receive_weights(plugin, delivery);
  }
  if (given) {
    receive_take(plugin, given);
  }
  receive_shortages(plugin);
}
