// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What the host for tests sends beside its transport: MIDI, and positions that tell less than all, or nonsense.

#include "minihost_private.h"

#include <lv2/midi/midi.h>
#include <lv2/patch/patch.h>
#include <lv2/time/time.h>

#include <stdio.h>
#include <string.h>

/// Make `forge` write behind what waits.
static void
open_forge(struct minihost *const host, LV2_Atom_Forge *const forge)
{
  lv2_atom_forge_init(forge, &host->map);
  lv2_atom_forge_set_buffer(forge, host->sent.bytes + host->sent_size, HOST_SENT_SIZE - host->sent_size);
  lv2_atom_forge_frame_time(forge, 0);
}

void
minihost_send_midi(struct minihost *const host, const uint8_t *const bytes, const uint32_t size)
{
  LV2_Atom_Forge forge;
  if (size > 256 || HOST_SENT_SIZE - host->sent_size < size + 64) {
    return;
  }
  open_forge(host, &forge);
  lv2_atom_forge_atom(&forge, size, host_map(host, LV2_MIDI__MidiEvent));
  lv2_atom_forge_write(&forge, bytes, size);
  host->sent_size += forge.offset;
}

void
minihost_send_midi_at(
    struct minihost *const host, const int64_t frame, const int status, const int first, const int second)
{
  if (host->scheduled_count == HOST_SCHEDULED) {
    return;
  }
  size_t place = host->scheduled_count++;
  for (; place > 0 && host->scheduled[place - 1].frame > frame; --place) {
    host->scheduled[place] = host->scheduled[place - 1];
  }
  host->scheduled[place].frame = frame;
  host->scheduled[place].bytes[0] = (uint8_t)status;
  host->scheduled[place].bytes[1] = (uint8_t)first;
  host->scheduled[place].bytes[2] = (uint8_t)second;
}

void
host_write_scheduled(struct minihost *const host, const int64_t begin, const uint32_t frames, const uint32_t least)
{
  size_t kept = 0;
  uint32_t last = least;
  for (size_t i = 0; i < host->scheduled_count; ++i) {
    const int64_t offset = host->scheduled[i].frame - begin;
    if (offset >= (int64_t)frames) {
      host->scheduled[kept++] = host->scheduled[i];
      continue;
    }
    last = offset > (int64_t)last ? (uint32_t)offset : last;
    lv2_atom_forge_frame_time(&host->forge, last);
    lv2_atom_forge_atom(&host->forge, 3, host_map(host, LV2_MIDI__MidiEvent));
    lv2_atom_forge_write(&host->forge, host->scheduled[i].bytes, 3);
  }
  host->scheduled_count = kept;
}

void
minihost_set_truth(struct minihost *const host, const char *const name, const int value)
{
  LV2_Atom_Forge forge;
  LV2_Atom_Forge_Frame frame;
  char uri[128];
  snprintf(uri, sizeof uri, "%s#%s", MINIHOST_PLUGIN, name);
  open_forge(host, &forge);
  lv2_atom_forge_object(&forge, &frame, 0, host_map(host, LV2_PATCH__Set));
  lv2_atom_forge_key(&forge, host_map(host, LV2_PATCH__property));
  lv2_atom_forge_urid(&forge, host_map(host, uri));
  lv2_atom_forge_key(&forge, host_map(host, LV2_PATCH__value));
  lv2_atom_forge_bool(&forge, value != 0);
  lv2_atom_forge_pop(&forge, &frame);
  host->sent_size += forge.offset;
}

void
minihost_send_atom(struct minihost *const host, const LV2_Atom *const atom)
{
  LV2_Atom_Forge forge;
  if (HOST_SENT_SIZE - host->sent_size < lv2_atom_pad_size(lv2_atom_total_size(atom)) + 64) {
    return;
  }
  open_forge(host, &forge);
  lv2_atom_forge_write(&forge, atom, lv2_atom_total_size(atom));
  host->sent_size += forge.offset;
}

LV2_URID_Map *
minihost_map(struct minihost *const host)
{
  return &host->map;
}

/// Write the value of `property`.
static void
write_number(LV2_Atom_Forge *const forge, const struct minihost_property *const property)
{
  // Out of an integer's range there is nothing to convert
  const double whole = property->number > -1e9 && property->number < 1e9 ? property->number : -1.0;
  switch (property->type) {
  case 'i':
    lv2_atom_forge_int(forge, (int32_t)whole);
    break;
  case 'l':
    lv2_atom_forge_long(forge, (int64_t)whole);
    break;
  case 'f':
    lv2_atom_forge_float(forge, (float)property->number);
    break;
  case 'd':
    lv2_atom_forge_double(forge, property->number);
    break;
  case 'u':
    lv2_atom_forge_urid(forge, whole > 0.0 ? (LV2_URID)whole : 0U);
    break;
  default:
    lv2_atom_forge_string(forge, "many", 4);
    break;
  }
}

void
minihost_send_position(struct minihost *const host,
                       const struct minihost_property *const properties,
                       const size_t count)
{
  LV2_Atom_Forge forge;
  LV2_Atom_Forge_Frame frame;
  if (HOST_SENT_SIZE - host->sent_size < 64 + 32 * count) {
    return;
  }
  open_forge(host, &forge);
  lv2_atom_forge_object(&forge, &frame, 0, host_map(host, LV2_TIME__Position));
  for (size_t i = 0; i < count; ++i) {
    char uri[128];
    snprintf(uri, sizeof uri, "%s%s", LV2_TIME_PREFIX, properties[i].name);
    lv2_atom_forge_key(&forge, host_map(host, uri));
    write_number(&forge, &properties[i]);
  }
  lv2_atom_forge_pop(&forge, &frame);
  host->sent_size += forge.offset;
}

void
host_write_sent(struct minihost *const host)
{
  lv2_atom_forge_write(&host->forge, host->sent.bytes, host->sent_size);
  host->sent_size = 0;
}
