// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// LV2's patch messages: patch:Set and patch:Put of the writable ones, patch:Get of any property or of all; and what the plugin
// tells by itself when something changes. What does not fit into the notify port waits for the next block.

#include "atoms.h"
#include "plugin.h"

#include <lv2/atom/util.h>

#include <string.h>

/// Why a request could not be passed on.
static const char NO_WORKER[] = "The host cannot be asked to load weights (no worker, or no room for so long a path)";

/// Bytes that a message may need beside its texts.
enum { MESSAGE_OVERHEAD = 256 };

/// The announcement that stands for `property`, 0 if it is none of ours.
static unsigned
announcement_of(const struct uris *const uris, const LV2_URID property) REALTIME
{
  return property == uris->weights     ? ANNOUNCE_WEIGHTS
         : property == uris->title     ? ANNOUNCE_TITLE
         : property == uris->status    ? ANNOUNCE_STATUS
         : property == uris->styles    ? ANNOUNCE_STYLES
         : property == uris->lock_bars ? ANNOUNCE_LOCKS
         : property == uris->thru      ? ANNOUNCE_THRU
                                       : 0U;
}

/// A text from outside.
struct text {
  const char *at;
  uint32_t length; ///< Without an end
};

/// Read `value` as a text. False if it is none.
static bool
read_text(const struct uris *const uris, const LV2_Atom *const value, struct text *const text) REALTIME
{
  if (!value || (value->type != uris->atom_path && value->type != uris->atom_string) || value->size == 0) {
    return false;
  }
  const char *const at = LV2_ATOM_BODY_CONST(value);
  const char *const end = memchr(at, '\0', value->size);
  *text = (struct text){at, end ? (uint32_t)(end - at) : value->size};
  return true;
}

/// Load the weight file of that path.
static void
set_weights(struct plugin *const plugin, const struct text *const path) REALTIME
{
  struct audio *const audio = &plugin->audio;
  if (path->length == 0) {
    return;
  }
  if (plugin_request(plugin, path->at, path->length)) {
    audio->announcements |= ANNOUNCE_CHANGE;
  } else {
    memcpy(audio->cast.error, NO_WORKER, sizeof NO_WORKER);
  }
}

/// Set `property`, if it is a writable one, to `value`.
static void
set_property(struct plugin *const plugin, const LV2_URID property, const LV2_Atom *const value) REALTIME
{
  const struct uris *const uris = &plugin->uris;
  struct text text;
  if (property == uris->thru && value && (value->type == uris->atom_bool || value->type == uris->atom_int) &&
      value->size >= sizeof(int32_t)) {
    atomic_store(&plugin->passes_on, ((const LV2_Atom_Bool *)value)->body != 0);
    plugin->audio.announcements |= ANNOUNCE_THRU | ANNOUNCE_CHANGE;
    return;
  }
  if (!read_text(uris, value, &text)) {
    return;
  }
  if (property == uris->weights) {
    set_weights(plugin, &text);
  } else if (property == uris->export) {
    plugin_export(plugin, text.at, text.length);
  } else if (property == uris->lock_bars) {
    plugin_lock_bars(plugin, text.at, text.length);
  } else if (property == uris->regenerate_bars) {
    plugin_regenerate_bars(plugin, text.at, text.length);
  }
}

static void
read_set(struct plugin *const plugin, const LV2_Atom_Object *const message) REALTIME
{
  const struct uris *const uris = &plugin->uris;
  const LV2_Atom *property = NULL;
  const LV2_Atom *value = NULL;
  lv2_atom_object_get(message, uris->patch_property, &property, uris->patch_value, &value, 0);
  if (property && property->type == uris->atom_urid && property->size >= sizeof(LV2_URID)) {
    set_property(plugin, ((const LV2_Atom_URID *)property)->body, value);
  }
}

static void
read_put(struct plugin *const plugin, const LV2_Atom_Object *const message) REALTIME
{
  const struct uris *const uris = &plugin->uris;
  const LV2_Atom *body = NULL;
  lv2_atom_object_get(message, uris->patch_body, &body, 0);
  if (body && (body->type == uris->atom_object || body->type == uris->atom_blank) &&
      atom_object_is_whole((const LV2_Atom_Object *)body)) {
    const LV2_URID writable[] = {uris->weights, uris->export, uris->lock_bars, uris->regenerate_bars, uris->thru};
    for (size_t i = 0; i < sizeof writable / sizeof writable[0]; ++i) {
      const LV2_Atom *value = NULL;
      lv2_atom_object_get((const LV2_Atom_Object *)body, writable[i], &value, 0);
      set_property(plugin, writable[i], value);
    }
  }
}

static void
read_get(struct plugin *const plugin, const LV2_Atom_Object *const message) REALTIME
{
  const struct uris *const uris = &plugin->uris;
  const LV2_Atom *property = NULL;
  lv2_atom_object_get(message, uris->patch_property, &property, 0);
  if (!property) {
    plugin->audio.announcements |= ANNOUNCE_ALL;
  } else if (property->type == uris->atom_urid && property->size >= sizeof(LV2_URID)) {
    plugin->audio.announcements |= announcement_of(uris, ((const LV2_Atom_URID *)property)->body);
  }
}

/// Whether `message` is for another subject than this plugin.
static bool
is_for_another(const struct uris *const uris, const LV2_Atom_Object *const message) REALTIME
{
  const LV2_Atom *subject = NULL;
  lv2_atom_object_get(message, uris->patch_subject, &subject, 0);
  return subject && subject->type == uris->atom_urid && subject->size >= sizeof(LV2_URID) &&
         ((const LV2_Atom_URID *)subject)->body != uris->plugin;
}

void
plugin_read_patch(struct plugin *const plugin, const LV2_Atom_Object *const message) REALTIME
{
  const struct uris *const uris = &plugin->uris;
  const LV2_URID kind = message->body.otype;
  if (is_for_another(uris, message)) {
    return;
  }
  if (kind == uris->patch_set) {
    read_set(plugin, message);
  } else if (kind == uris->patch_put) {
    read_put(plugin, message);
  } else if (kind == uris->patch_get) {
    read_get(plugin, message);
  }
}

/// One property to tell.
struct property {
  LV2_URID key;
  LV2_URID type;
  const char *text;
};

/// Describe the property of `announcement` as it is now.
static struct property
property_of(const struct plugin *const plugin, const unsigned announcement) REALTIME
{
  const struct uris *const uris = &plugin->uris;
  const struct cast *const cast = &plugin->audio.cast;
  const struct delivery *const delivery = cast->delivery;
  switch (announcement) {
  case ANNOUNCE_WEIGHTS:
    return (struct property){uris->weights, uris->atom_path, cast->path};
  case ANNOUNCE_TITLE:
    return (struct property){uris->title, uris->atom_string, delivery ? delivery->weights->title : ""};
  case ANNOUNCE_STYLES:
    return (struct property){uris->styles, uris->atom_string, delivery ? delivery->styles : ""};
  case ANNOUNCE_LOCKS:
    return (struct property){uris->lock_bars, uris->atom_string, plugin->audio.requests.locked};
  case ANNOUNCE_THRU:
    return (struct property){uris->thru, uris->atom_bool, atomic_load(&plugin->passes_on) ? "true" : "false"};
  default:
    return (struct property){uris->status, uris->atom_string, plugin->audio.status};
  }
}

/// Write `property` into the open object of the forge.
static void
write_value(LV2_Atom_Forge *const forge, const struct property *const property, const uint32_t length) REALTIME
{
  if (property->type == forge->Bool) {
    lv2_atom_forge_bool(forge, !strcmp(property->text, "true"));
  } else {
    lv2_atom_forge_typed_string(forge, property->type, property->text, length);
  }
}

/// Send the property of `announcement` as a patch:Set. False if there is no room.
static bool
write_property(struct plugin *const plugin, const unsigned announcement) REALTIME
{
  LV2_Atom_Forge *const forge = &plugin->audio.forge;
  const struct uris *const uris = &plugin->uris;
  const struct property property = property_of(plugin, announcement);
  if (announcement == ANNOUNCE_WEIGHTS && property.text[0] == '\0') {
    return true; // A path that is empty is none
  }
  const uint32_t length = (uint32_t)strlen(property.text);
  if (forge->size - forge->offset < length + MESSAGE_OVERHEAD) {
    return false;
  }
  LV2_Atom_Forge_Frame frame;
  lv2_atom_forge_frame_time(forge, 0);
  lv2_atom_forge_object(forge, &frame, 0, uris->patch_set);
  lv2_atom_forge_key(forge, uris->patch_subject);
  lv2_atom_forge_urid(forge, uris->plugin);
  lv2_atom_forge_key(forge, uris->patch_property);
  lv2_atom_forge_urid(forge, property.key);
  lv2_atom_forge_key(forge, uris->patch_value);
  write_value(forge, &property, length);
  lv2_atom_forge_pop(forge, &frame);
  return true;
}

/// Send all properties as one patch:Put. False if there is no room.
static bool
write_all(struct plugin *const plugin) REALTIME
{
  LV2_Atom_Forge *const forge = &plugin->audio.forge;
  const struct uris *const uris = &plugin->uris;
  uint32_t size = 2 * MESSAGE_OVERHEAD;
  for (unsigned bit = 1; bit < ANNOUNCE_ALL; bit <<= 1) {
    size += (uint32_t)strlen(property_of(plugin, bit).text);
  }
  if (forge->size - forge->offset < size) {
    return false;
  }
  LV2_Atom_Forge_Frame put;
  LV2_Atom_Forge_Frame body;
  lv2_atom_forge_frame_time(forge, 0);
  lv2_atom_forge_object(forge, &put, 0, uris->patch_put);
  lv2_atom_forge_key(forge, uris->patch_subject);
  lv2_atom_forge_urid(forge, uris->plugin);
  lv2_atom_forge_key(forge, uris->patch_body);
  lv2_atom_forge_object(forge, &body, 0, 0);
  for (unsigned bit = 1; bit < ANNOUNCE_ALL; bit <<= 1) {
    const struct property property = property_of(plugin, bit);
    if (property.text[0] != '\0') {
      lv2_atom_forge_key(forge, property.key);
      write_value(forge, &property, (uint32_t)strlen(property.text));
    }
  }
  lv2_atom_forge_pop(forge, &body);
  lv2_atom_forge_pop(forge, &put);
  return true;
}

/// Tell the host that there is something to save. False if there is no room.
static bool
write_change(struct plugin *const plugin) REALTIME
{
  LV2_Atom_Forge *const forge = &plugin->audio.forge;
  if (forge->size - forge->offset < MESSAGE_OVERHEAD) {
    return false;
  }
  LV2_Atom_Forge_Frame frame;
  lv2_atom_forge_frame_time(forge, 0);
  lv2_atom_forge_object(forge, &frame, 0, plugin->uris.state_changed);
  lv2_atom_forge_pop(forge, &frame);
  return true;
}

void
plugin_write_nothing(struct plugin *const plugin) REALTIME
{
  LV2_Atom_Sequence *const notify = plugin->ports[PORT_NOTIFY];
  if (notify && notify->atom.size >= sizeof(LV2_Atom_Sequence_Body)) {
    notify->atom = (LV2_Atom){sizeof(LV2_Atom_Sequence_Body), plugin->uris.atom_sequence};
    notify->body = (LV2_Atom_Sequence_Body){0, 0};
  }
}

void
plugin_write_announcements(struct plugin *const plugin) REALTIME
{
  LV2_Atom_Sequence *const notify = plugin->ports[PORT_NOTIFY];
  struct audio *const audio = &plugin->audio;
  LV2_Atom_Forge *const forge = &audio->forge;
  if (!notify || notify->atom.size < sizeof(LV2_Atom_Sequence)) { // The forge counts the header
    plugin_write_nothing(plugin);
    return;
  }
  LV2_Atom_Forge_Frame sequence;
  lv2_atom_forge_set_buffer(forge, (uint8_t *)notify, notify->atom.size);
  lv2_atom_forge_sequence_head(forge, &sequence, 0);
  if ((audio->announcements & ANNOUNCE_ALL) == ANNOUNCE_ALL && write_all(plugin)) {
    audio->announcements &= ~(unsigned)ANNOUNCE_ALL;
  }
  for (unsigned bit = 1; bit < ANNOUNCE_ALL; bit <<= 1) {
    if ((audio->announcements & bit) != 0 && write_property(plugin, bit)) {
      audio->announcements &= ~bit;
    }
  }
  if ((audio->announcements & ANNOUNCE_CHANGE) != 0 && write_change(plugin)) {
    audio->announcements &= ~(unsigned)ANNOUNCE_CHANGE;
  }
  plugin_write_window(plugin);
  lv2_atom_forge_pop(forge, &sequence);
}
