// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Messages.

#include "plugin_link.h"

#include <lv2/atom/util.h>
#include <string.h>

enum { MESSAGE_SIZE = DESK_TEXT + 256 };

/// Room for a message that is being made.
union message {
  LV2_Atom atom; // For its alignment
  uint8_t bytes[MESSAGE_SIZE];
};

void
plugin_link_init(struct plugin_link *const link,
                 LV2_URID_Map *const map,
                 const LV2UI_Write_Function write,
                 const LV2UI_Controller controller)
{
  uris_map(&link->uris, map);
  lv2_atom_forge_init(&link->forge, map);
  link->event_transfer = map->map(map->handle, LV2_ATOM__eventTransfer);
  link->write = write;
  link->controller = controller;
}

void
plugin_link_write_value(const struct plugin_link *const link, const enum port_index port, const float value)
{
  link->write(link->controller, port, sizeof value, 0, &value);
}

void
plugin_link_write_atom(const struct plugin_link *const link, const LV2_Atom *const atom)
{
  link->write(link->controller, PORT_EVENTS_IN, lv2_atom_total_size(atom), link->event_transfer, atom);
}

void
plugin_link_ask(struct plugin_link *const link)
{
  union message message;
  LV2_Atom_Forge_Frame frame;
  lv2_atom_forge_set_buffer(&link->forge, message.bytes, sizeof message);
  lv2_atom_forge_object(&link->forge, &frame, 0, link->uris.patch_get);
  lv2_atom_forge_pop(&link->forge, &frame);
  plugin_link_write_atom(link, &message.atom);
}

/// The property that stands for a wish.
static LV2_URID
property_of(const struct uris *const uris, const enum desk_wish wish)
{
  switch (wish) {
  case DESK_LOAD:
    return uris->weights;
  case DESK_EXPORT:
    return uris->export;
  case DESK_LOCK_BARS:
    return uris->lock_bars;
  case DESK_REGENERATE_BARS:
    break;
  }
  return uris->regenerate_bars;
}

void
plugin_link_wish(struct plugin_link *const link, const enum desk_wish wish, const char *const text)
{
  union message message;
  LV2_Atom_Forge_Frame frame;
  LV2_Atom_Forge *const forge = &link->forge;
  const bool is_path = wish == DESK_LOAD || wish == DESK_EXPORT;
  lv2_atom_forge_set_buffer(forge, message.bytes, sizeof message);
  lv2_atom_forge_object(forge, &frame, 0, link->uris.patch_set);
  lv2_atom_forge_key(forge, link->uris.patch_property);
  lv2_atom_forge_urid(forge, property_of(&link->uris, wish));
  lv2_atom_forge_key(forge, link->uris.patch_value);
  const LV2_Atom_Forge_Ref value = lv2_atom_forge_typed_string(
      forge, is_path ? link->uris.atom_path : link->uris.atom_string, text, (uint32_t)strlen(text));
  lv2_atom_forge_pop(forge, &frame);
  if (value) {
    plugin_link_write_atom(link, &message.atom);
  }
}

/// Whether all properties of `object` lie within its atom->size bytes.
static bool
is_sound(const LV2_Atom *const object)
{
  const uint8_t *const bytes = (const uint8_t *)(object + 1);
  uint32_t at = sizeof(LV2_Atom_Object_Body);
  while (at < object->size) {
    if (object->size - at < sizeof(LV2_Atom_Property_Body)) {
      return false;
    }
    LV2_Atom_Property_Body property;
    memcpy(&property, bytes + at, sizeof property);
    const uint32_t room = object->size - at - (uint32_t)sizeof property;
    if (property.value.size > room) {
      return false;
    }
    at += (uint32_t)sizeof property + lv2_atom_pad_size(property.value.size);
  }
  return object->size >= sizeof(LV2_Atom_Object_Body);
}

/// Hand the text `value` of `property` to the desk, if it is one that is shown.
static void
take_property(const struct uris *const uris,
              const LV2_URID property,
              const LV2_Atom *const value,
              struct desk *const desk)
{
  const LV2_URID properties[DESK_TEXT_COUNT] = {
      [DESK_TITLE] = uris->title,     [DESK_STATUS] = uris->status,         [DESK_STYLES] = uris->styles,
      [DESK_WEIGHTS] = uris->weights, [DESK_LOCKED_BARS] = uris->lock_bars,
  };
  const char *const text = (const char *)(value + 1);
  if ((value->type != uris->atom_string && value->type != uris->atom_path) || value->size == 0 ||
      !memchr(text, '\0', value->size)) {
    return;
  }
  for (enum desk_text i = 0; i < DESK_TEXT_COUNT; ++i) {
    if (properties[i] == property) {
      desk_receive_text(desk, i, text);
    }
  }
}

static void
read_set(const struct uris *const uris, const LV2_Atom_Object *const message, struct desk *const desk)
{
  const LV2_Atom *property = NULL;
  const LV2_Atom *value = NULL;
  lv2_atom_object_get(message, uris->patch_property, &property, uris->patch_value, &value, 0);
  if (property && value && property->type == uris->atom_urid && property->size >= sizeof(LV2_URID)) {
    take_property(uris, ((const LV2_Atom_URID *)property)->body, value, desk);
  }
}

static void
read_put(const struct uris *const uris, const LV2_Atom_Object *const message, struct desk *const desk)
{
  const LV2_Atom *body = NULL;
  lv2_atom_object_get(message, uris->patch_body, &body, 0);
  if (!body || body->type != uris->atom_object || !is_sound(body)) {
    return;
  }
  const LV2_Atom_Object *const object = (const LV2_Atom_Object *)body;
  LV2_ATOM_OBJECT_FOREACH(object, property)
  {
    take_property(uris, property->key, &property->value, desk);
  }
}

bool
plugin_link_read(const struct plugin_link *const link,
                 const LV2_Atom *const atom,
                 const uint32_t size,
                 struct desk *const desk)
{
  const struct uris *const uris = &link->uris;
  if (size < sizeof(LV2_Atom_Object) || atom->size > size - sizeof(LV2_Atom) || atom->type != uris->atom_object ||
      !is_sound(atom)) {
    return false;
  }
  const LV2_Atom_Object *const message = (const LV2_Atom_Object *)atom;
  if (message->body.otype == uris->patch_set) {
    read_set(uris, message, desk);
  } else if (message->body.otype == uris->patch_put) {
    read_put(uris, message, desk);
  } else {
    return false;
  }
  return true;
}
