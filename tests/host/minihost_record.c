// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What the plugin sends to the host for tests: recorded with the song's time, and checked against the rules that hold for
// every output.

#include "minihost_private.h"

#include <lv2/atom/util.h>
#include <lv2/midi/midi.h>
#include <lv2/patch/patch.h>
#include <lv2/state/state.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
fault(struct minihost *const host, const char *const what, const int64_t frame)
{
  fprintf(stderr, "minihost: %s at frame %lld\n", what, (long long)frame);
  ++host->faults;
}

static void
remember_property(struct minihost *const host, const uint32_t key, const LV2_Atom *const value)
{
  static const char *const names[HOST_PROPERTIES] = {"status", "title", "weights", "styles", "lockBars", "thru"};
  for (size_t i = 0; i < HOST_PROPERTIES; ++i) {
    char uri[64];
    snprintf(uri, sizeof uri, "%s#%s", MINIHOST_PLUGIN, names[i]);
    if (host_map(host, uri) == key) {
      host->properties[i].name = names[i];
      free(host->properties[i].text);
      if (value->type == host_map(host, LV2_ATOM__Bool)) {
        host->properties[i].text = strdup(((const LV2_Atom_Bool *)value)->body ? "true" : "false");
      } else {
        host->properties[i].text = strndup(LV2_ATOM_BODY_CONST(value), value->size);
      }
    }
  }
}

const char *
minihost_property(const struct minihost *const host, const char *const name)
{
  for (size_t i = 0; i < HOST_PROPERTIES; ++i) {
    if (host->properties[i].name && !strcmp(host->properties[i].name, name)) {
      return host->properties[i].text;
    }
  }
  return "";
}

unsigned
minihost_changes(const struct minihost *const host)
{
  return host->state_changes;
}

static void
read_notification(struct minihost *const host, const LV2_Atom_Object *const object)
{
  const uint32_t kind = object->body.otype;
  if (kind == host_map(host, LV2_STATE__StateChanged)) {
    ++host->state_changes;
  } else if (kind == host_map(host, LV2_PATCH__Set)) {
    const LV2_Atom *key = NULL;
    const LV2_Atom *value = NULL;
    lv2_atom_object_get(object, host_map(host, LV2_PATCH__property), &key, host_map(host, LV2_PATCH__value), &value, 0);
    if (key && value) {
      remember_property(host, ((const LV2_Atom_URID *)key)->body, value);
    }
  } else if (kind == host_map(host, LV2_PATCH__Put)) {
    const LV2_Atom_Object *body = NULL;
    lv2_atom_object_get(object, host_map(host, LV2_PATCH__body), (const LV2_Atom **)&body, 0);
    LV2_ATOM_OBJECT_FOREACH(body, property)
    {
      remember_property(host, property->key, &property->value);
    }
  }
}

/// The timeline that was true at `frame` of the present block.
static const struct song *
timeline_at(const struct minihost *const host, const int64_t frame)
{
  const struct song *timeline = &host->timelines[0];
  for (size_t i = 1; i < host->timeline_count; ++i) {
    if (host->timelines[i].frame <= frame) {
      timeline = &host->timelines[i];
    }
  }
  return timeline;
}

/// Note what `bytes` do to the sounding notes, and whether they may.
static void
check_message(struct minihost *const host, const int64_t frame, const uint8_t *const bytes)
{
  const unsigned channel = bytes[0] & 15U;
  const unsigned kind = bytes[0] & 0xF0U;
  if (bytes[1] > 127 || bytes[2] > 127 || (kind != 0x90 && kind != 0x80 && kind != 0xB0 && kind != 0xE0)) {
    fault(host, "a message that is not well-formed", frame);
    return;
  }
  unsigned char *const sounds = &host->sounding[channel][bytes[1]];
  if (kind == 0x90 && bytes[2] > 0) {
    if (*sounds) {
      fault(host, "a note-on of a note that sounds", frame);
    }
    *sounds = 1;
  } else if (kind == 0x80 || kind == 0x90) {
    if (!*sounds) {
      fault(host, "a note-off of a note that does not sound", frame);
    }
    *sounds = 0;
  }
}

static void
record(struct minihost *const host, const int64_t frame, const uint8_t *const bytes)
{
  if (host->event_count == host->event_room) {
    host->event_room = host->event_room ? 2 * host->event_room : 1024;
    host->events = realloc(host->events, host->event_room * sizeof *host->events);
  }
  struct minihost_event *const event = &host->events[host->event_count++];
  *event = (struct minihost_event){.frame = frame, .bytes = {bytes[0], bytes[1], bytes[2]}};
  event->off_grid = song_frames_from_tick(timeline_at(host, frame), frame, &event->tick);
}

/// Whether the plugin has made `output` a sequence that its buffer holds.
static bool
is_sequence(struct minihost *const host, const LV2_Atom_Sequence *const output)
{
  return output->atom.type == host_map(host, LV2_ATOM__Sequence) &&
         output->atom.size >= sizeof(LV2_Atom_Sequence_Body) &&
         output->atom.size <= host->options.output_size - sizeof(LV2_Atom);
}

void
host_read_outputs(struct minihost *const host, const int64_t begin, const uint32_t frames)
{
  int64_t last = begin;
  if (!is_sequence(host, host->output) || !is_sequence(host, host->notify)) {
    fault(host, "an output that is no sequence, or longer than there is room for", begin);
    return;
  }
  LV2_ATOM_SEQUENCE_FOREACH(host->output, event)
  {
    const int64_t frame = begin + event->time.frames;
    if (event->time.frames < 0 || event->time.frames >= (int64_t)frames) {
      fault(host, "an event outside its block", frame);
    }
    if (frame < last) {
      fault(host, "an event before the one before it", frame);
    }
    last = frame;
    if (event->body.type != host_map(host, LV2_MIDI__MidiEvent) || event->body.size != 3) {
      fault(host, "an event that is no MIDI", frame);
      continue;
    }
    const uint8_t *const bytes = (const uint8_t *)(event + 1);
    check_message(host, frame, bytes);
    record(host, frame, bytes);
  }
  LV2_ATOM_SEQUENCE_FOREACH(host->notify, event)
  {
    read_notification(host, (const LV2_Atom_Object *)&event->body);
    if (host->hear) {
      host->hear(host->hear_data, &event->body);
    }
  }
}

void
minihost_listen(struct minihost *const host, void (*const hear)(void *data, const LV2_Atom *atom), void *const data)
{
  host->hear = hear;
  host->hear_data = data;
}

const struct minihost_event *
minihost_events(const struct minihost *const host, size_t *const count)
{
  *count = host->event_count;
  return host->events;
}

void
minihost_forget_events(struct minihost *const host)
{
  host->event_count = 0;
}

unsigned
minihost_sounding(const struct minihost *const host)
{
  unsigned count = 0;
  for (unsigned channel = 0; channel < 16; ++channel) {
    for (unsigned pitch = 0; pitch < 128; ++pitch) {
      count += host->sounding[channel][pitch];
    }
  }
  return count;
}

unsigned
minihost_faults(const struct minihost *const host)
{
  return host->faults;
}
