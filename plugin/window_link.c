// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Who looks, and the moment that they are told. Without anybody, nothing is sent.

#include "window_link.h"

#include "plugin.h"

#include <string.h>

void
window_link_init(struct window_link *const link, LV2_URID_Map *const map)
{
  *link = (struct window_link){.serial = 1};
  window_uris_map(&link->uris, map);
}

bool
window_link_is_seen(const struct window_link *const link) REALTIME
{
  for (uint32_t i = 0; i < WINDOW_LOOKERS; ++i) {
    if (link->lookers[i].is_there) {
      return true;
    }
  }
  return false;
}

/// The looker of that number; if there is none, NULL.
static struct window_looker *
find_looker(struct window_link *const link, const int32_t window) REALTIME
{
  for (uint32_t i = 0; i < WINDOW_LOOKERS; ++i) {
    if (link->lookers[i].is_there && link->lookers[i].window == window) {
      return &link->lookers[i];
    }
  }
  return NULL;
}

/// A place for another looker: a free one, or that of the one heard of longest ago.
static struct window_looker *
place_for_looker(struct window_link *const link) REALTIME
{
  struct window_looker *place = &link->lookers[0];
  for (uint32_t i = 1; i < WINDOW_LOOKERS && place->is_there; ++i) {
    if (!link->lookers[i].is_there || link->lookers[i].heard < place->heard) {
      place = &link->lookers[i];
    }
  }
  return place;
}

/// Somebody has come who knows nothing.
static void
tell_anew(struct window_link *const link, const bool was_seen) REALTIME
{
  if (!was_seen) {
    memset(link->told, 0, sizeof link->told);
    link->forget_is_due = true;
  }
  for (uint32_t i = 0; i < WINDOW_BARS; ++i) {
    link->told[i].is_true = false;
  }
  link->moment_is_due = true;
  link->cursor = 0;
}

static void
read_look(struct window_link *const link, const int32_t *const ints) REALTIME
{
  const int32_t first = ints[LOOK_FIRST_BAR];
  const int32_t count = ints[LOOK_BAR_COUNT];
  if (first < 0 || first >= WINDOW_BAR_LAST || count < 0 || count > WINDOW_LOOK_BARS) {
    return;
  }
  struct window_looker *looker = find_looker(link, ints[LOOK_WINDOW]);
  if (!looker || ints[LOOK_FRESH] != 0) {
    tell_anew(link, window_link_is_seen(link));
  }
  looker = looker ? looker : place_for_looker(link);
  link->moment_is_due = true; // So that a window which has missed the last message comes to know
  *looker = (struct window_looker){
      .is_there = true,
      .window = ints[LOOK_WINDOW],
      .first = (uint32_t)first,
      .count = (uint32_t)count,
      .heard = link->frame,
  };
}

bool
window_link_read(struct window_link *const link, const LV2_Atom_Object *const object) REALTIME
{
  struct window_message message;
  if (!window_message_read(&link->uris, &object->atom, &message)) {
    return false;
  }
  if (message.kind == link->uris.look && message.count >= LOOK_SIZE) {
    read_look(link, message.ints);
  } else if (message.kind == link->uris.goodbye && message.count >= GOODBYE_SIZE) {
    struct window_looker *const looker = find_looker(link, message.ints[GOODBYE_WINDOW]);
    if (looker) {
      looker->is_there = false;
    }
  }
  return true;
}

bool
window_link_has_room(const struct window_link *const link, const LV2_Atom_Forge *const forge, const uint32_t count)
    REALTIME
{
  return link->credit > 0.0 && forge->size - forge->offset >= WINDOW_MESSAGE_HEAD + 4 * (count + count % 2);
}

void
window_link_send(struct window_link *const link,
                 LV2_Atom_Forge *const forge,
                 const LV2_URID kind,
                 int32_t *const ints,
                 const uint32_t count) REALTIME
{
  memcpy(&ints[0], &link->serial, sizeof link->serial);
  ++link->serial;
  link->credit -= WINDOW_MESSAGE_HEAD + 4.0 * count;
  lv2_atom_forge_frame_time(forge, 0);
  window_message_write(&link->uris, forge, kind, ints, count);
}

/// Forget windows that have not been heard of for so long that they must be gone.
static void
expire(struct window_link *const link, const double sample_rate) REALTIME
{
  const int64_t patience = (int64_t)(sample_rate * WINDOW_FORGET_SECONDS);
  for (uint32_t i = 0; i < WINDOW_LOOKERS; ++i) {
    if (link->lookers[i].is_there && link->frame - link->lookers[i].heard > patience) {
      link->lookers[i].is_there = false;
    }
  }
}

/// Whole number of `value` for a message.
static int32_t
whole(const double value) REALTIME
{
  return value > -2e9 && value < 2e9 ? (int32_t)value : 0;
}

static int32_t
flags_now(const struct audio *const audio, const struct clock *const clock) REALTIME
{
  const struct delivery *const delivery = audio->cast.delivery;
  int32_t flags = clock_is_rolling(clock) ? MOMENT_IS_ROLLING : 0;
  flags |= audio->playing ? MOMENT_IS_PLAYING : 0;
  flags |= !audio->settings.sync || audio->transport.known ? MOMENT_IS_KNOWN : 0;
  flags |= delivery ? MOMENT_IS_LOADED : 0;
  flags |= delivery && delivery->weights->quotations ? MOMENT_HAS_FILTER : 0;
  flags |= delivery && !composer_is_filled(audio->composer) ? MOMENT_IS_COMPOSING : 0;
  flags |= audio->settings.lock ? MOMENT_IS_LOCKED : 0;
  return flags;
}

/// Describe the moment that `clock` is at.
static void
moment_now(const struct audio *const audio, const struct clock *const clock, int32_t ints[MOMENT_SIZE]) REALTIME
{
  const struct position ready = composer_ready(audio->composer);
  const double bar = (double)clock->bar;
  ints[MOMENT_SERIAL] = 0;
  ints[MOMENT_BAR] = whole(bar < WINDOW_BAR_LAST ? bar : WINDOW_BAR_LAST);
  ints[MOMENT_PLACE] = whole(clock_bar_tick(clock) * 256.0);
  ints[MOMENT_SPEED] = whole(clock->ticks_per_second * 1000.0);
  ints[MOMENT_METRE] = clock->metre.numerator | clock->metre.denominator << 8;
  ints[MOMENT_READY_BAR] = (int32_t)(ready.bar < WINDOW_BAR_LAST ? ready.bar : WINDOW_BAR_LAST);
  ints[MOMENT_READY_TICK] = (int32_t)ready.tick;
  ints[MOMENT_FLAGS] = flags_now(audio, clock);
  ints[MOMENT_UNDO] = (int32_t)take_undo_count(composer_take(audio->composer));
  ints[MOMENT_LOOK_AHEAD] = (int32_t)composer_look_ahead(audio->composer);
  ints[MOMENT_RATE] = audio->settings.performance.rate;
  ints[MOMENT_ORIGINALITY] = audio->settings.originality;
}

static void
tell_moment(struct window_link *const link,
            LV2_Atom_Forge *const forge,
            const struct audio *const audio,
            const struct clock *const clock) REALTIME
{
  const double frames = (double)(link->frame - link->moment_frame);
  if (!link->moment_is_due && frames * WINDOW_MOMENTS_PER_SECOND < clock->frames_per_second) {
    return;
  }
  int32_t ints[MOMENT_SIZE];
  moment_now(audio, clock, ints);
  if ((link->moment_is_due || memcmp(ints, link->moment, sizeof ints) != 0) &&
      window_link_has_room(link, forge, MOMENT_SIZE)) {
    memcpy(link->moment, ints, sizeof ints);
    link->moment_frame = link->frame;
    link->moment_is_due = false;
    window_link_send(link, forge, link->uris.moment, ints, MOMENT_SIZE);
  }
}

void
plugin_write_window(struct plugin *const plugin) REALTIME
{
  struct audio *const audio = &plugin->audio;
  struct window_link *const link = &audio->window;
  LV2_Atom_Forge *const forge = &audio->forge;
  const double passed = (double)(audio->own.now - link->frame);
  link->frame = audio->own.now;
  expire(link, plugin->sample_rate);
  if (!window_link_is_seen(link)) {
    return;
  }
  const double credit = link->credit + passed * WINDOW_BYTES_PER_SECOND / plugin->sample_rate;
  link->credit = credit < WINDOW_BYTES_BURST ? credit : WINDOW_BYTES_BURST;

  if (link->forget_is_due && window_link_has_room(link, forge, FORGET_SIZE)) {
    int32_t ints[FORGET_SIZE];
    link->forget_is_due = false;
    window_link_send(link, forge, link->uris.forget, ints, FORGET_SIZE);
  }
  if (!link->forget_is_due) {
    struct clock clock;
    clock_scale(&clock, audio->synced ? &audio->transport.clock : &audio->own,
                (enum rate)audio->settings.performance.rate);
    tell_moment(link, forge, audio, &clock);
    const int64_t bar = clock.bar < 0 ? 0 : clock.bar < WINDOW_BAR_LAST ? clock.bar : WINDOW_BAR_LAST;
    window_bars_tell(link, forge, audio->composer, (uint32_t)bar);
  }
}
