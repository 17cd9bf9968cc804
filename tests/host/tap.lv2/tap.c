// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A plugin for tests in real hosts: passes MIDI on, and writes what passes and where the host says that it is into the file
// that the environment variable RITORNELLO_TAP names, in lines of
//
//     FRAME WHEN place BAR BEAT BPM BEATS/UNIT   the host's position, whenever its tempo or metre is new, or it jumps
//     FRAME WHEN midi B0 [B1 [B2]]               a message (bytes as decimal numbers)
//
// FRAME is the host's time:frame at the message, and WHEN is `live' or `export' (the host freewheels) while it rolls and
// `still' while it does not. It writes to a file where run() should not: it is for tests only.

#include <lv2/atom/atom.h>
#include <lv2/atom/util.h>
#include <lv2/core/lv2.h>
#include <lv2/midi/midi.h>
#include <lv2/time/time.h>
#include <lv2/urid/urid.h>

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PORT_IN, PORT_OUT, PORT_FREEWHEEL, PORTS };

struct uris {
  LV2_URID sequence, object, blank, midi_event, position, frame, speed, bar, bar_beat, bpm, unit, beats;
  LV2_URID types[4]; // Int, Long, Float, Double
};

struct place {
  double frame, speed, bar, bar_beat, bpm, unit, beats;
};

struct tap {
  struct uris uris;
  void *ports[PORTS];
  FILE *file;
  struct place place;
  int64_t expected; // Frame at which the next block begins if the host does not jump
};

static void
map_uris(struct uris *const uris, const LV2_URID_Map *const map)
{
  uris->sequence = map->map(map->handle, LV2_ATOM__Sequence);
  uris->object = map->map(map->handle, LV2_ATOM__Object);
  uris->blank = map->map(map->handle, LV2_ATOM__Blank);
  uris->midi_event = map->map(map->handle, LV2_MIDI__MidiEvent);
  uris->position = map->map(map->handle, LV2_TIME__Position);
  uris->frame = map->map(map->handle, LV2_TIME__frame);
  uris->speed = map->map(map->handle, LV2_TIME__speed);
  uris->bar = map->map(map->handle, LV2_TIME__bar);
  uris->bar_beat = map->map(map->handle, LV2_TIME__barBeat);
  uris->bpm = map->map(map->handle, LV2_TIME__beatsPerMinute);
  uris->unit = map->map(map->handle, LV2_TIME__beatUnit);
  uris->beats = map->map(map->handle, LV2_TIME__beatsPerBar);
  uris->types[0] = map->map(map->handle, LV2_ATOM__Int);
  uris->types[1] = map->map(map->handle, LV2_ATOM__Long);
  uris->types[2] = map->map(map->handle, LV2_ATOM__Float);
  uris->types[3] = map->map(map->handle, LV2_ATOM__Double);
}

static LV2_Handle
instantiate(const LV2_Descriptor *const descriptor,
            const double rate,
            const char *const path,
            const LV2_Feature *const *const features)
{
  (void)descriptor;
  (void)rate;
  (void)path;
  const char *const name = getenv("RITORNELLO_TAP");
  struct tap *const tap = calloc(1, sizeof(*tap));
  for (size_t i = 0; tap && features[i]; ++i) {
    if (!strcmp(features[i]->URI, LV2_URID__map)) {
      map_uris(&tap->uris, features[i]->data);
    }
  }
  if (tap && name) {
    tap->file = fopen(name, "a");
  }
  return tap;
}

static void
connect_port(LV2_Handle instance, const uint32_t port, void *const data)
{
  struct tap *const tap = instance;
  tap->ports[port] = data;
}

static bool
read_number(const struct tap *const tap, const LV2_Atom *const atom, double *const number)
{
  if (atom->type == tap->uris.types[0]) {
    *number = ((const LV2_Atom_Int *)atom)->body;
  } else if (atom->type == tap->uris.types[1]) {
    *number = (double)((const LV2_Atom_Long *)atom)->body;
  } else if (atom->type == tap->uris.types[2]) {
    *number = (double)((const LV2_Atom_Float *)atom)->body;
  } else if (atom->type == tap->uris.types[3]) {
    *number = ((const LV2_Atom_Double *)atom)->body;
  } else {
    return false;
  }
  return true;
}

static void
read_place(struct tap *const tap, const LV2_Atom_Object *const object)
{
  struct place *const place = &tap->place;
  const struct uris *const uris = &tap->uris;
  LV2_ATOM_OBJECT_FOREACH(object, property)
  {
    double number = 0.0;
    if (read_number(tap, &property->value, &number)) {
      const LV2_URID keys[] = {uris->frame, uris->speed, uris->bar, uris->bar_beat, uris->bpm, uris->unit, uris->beats};
      double *const values[] = {&place->frame, &place->speed, &place->bar,  &place->bar_beat,
                                &place->bpm,   &place->unit,  &place->beats};
      for (size_t i = 0; i < sizeof keys / sizeof keys[0]; ++i) {
        *values[i] = property->key == keys[i] ? number : *values[i];
      }
    }
  }
}

static const char *
when(const struct tap *const tap)
{
  const float *const freewheel = tap->ports[PORT_FREEWHEEL];
  return !(tap->place.speed > 0.0) ? "still" : freewheel && *freewheel > 0.5F ? "export" : "live";
}

static void
log_place(struct tap *const tap, const struct place *const before, const int64_t offset)
{
  const struct place *const place = &tap->place;
  const bool jumps = (int64_t)place->frame - offset != tap->expected;
  if (tap->file && place->speed > 0.0 &&
      (jumps || place->bpm != before->bpm || place->unit != before->unit || place->beats != before->beats ||
       place->speed != before->speed)) {
    fprintf(tap->file, "%" PRId64 " %s place %g %.6f %.6f %g/%g\n", (int64_t)place->frame, when(tap), place->bar,
            place->bar_beat, place->bpm, place->beats, place->unit);
    fflush(tap->file);
  }
}

static void
log_midi(const struct tap *const tap, const LV2_Atom_Event *const event, const int64_t frame)
{
  const uint8_t *const bytes = (const uint8_t *)(event + 1);
  if (tap->file) {
    fprintf(tap->file, "%" PRId64 " %s midi", frame, when(tap));
    for (uint32_t i = 0; i < event->body.size; ++i) {
      fprintf(tap->file, " %d", bytes[i]);
    }
    fprintf(tap->file, "\n");
    fflush(tap->file);
  }
}

static void
run(LV2_Handle instance, const uint32_t frames)
{
  struct tap *const tap = instance;
  LV2_Atom_Sequence *const out = tap->ports[PORT_OUT];
  const uint32_t capacity = out->atom.size;
  out->atom = (LV2_Atom){sizeof(LV2_Atom_Sequence_Body), tap->uris.sequence};
  out->body = (LV2_Atom_Sequence_Body){0, 0};

  int64_t begin = tap->expected; // The host's frame at the beginning of the block
  LV2_ATOM_SEQUENCE_FOREACH((const LV2_Atom_Sequence *)tap->ports[PORT_IN], event)
  {
    const LV2_Atom_Object *const object = (const LV2_Atom_Object *)&event->body;
    if ((event->body.type == tap->uris.object || event->body.type == tap->uris.blank) &&
        object->body.otype == tap->uris.position) {
      const struct place before = tap->place;
      read_place(tap, object);
      log_place(tap, &before, event->time.frames);
      begin = (int64_t)tap->place.frame - event->time.frames;
    } else if (event->body.type == tap->uris.midi_event) {
      log_midi(tap, event, begin + event->time.frames);
      lv2_atom_sequence_append_event(out, capacity, event);
    }
  }
  tap->expected = begin + (tap->place.speed > 0.0 ? (int64_t)frames : 0);
}

static void
cleanup(LV2_Handle instance)
{
  struct tap *const tap = instance;
  if (tap->file) {
    fclose(tap->file);
  }
  free(tap);
}

LV2_SYMBOL_EXPORT const LV2_Descriptor *
lv2_descriptor(const uint32_t index)
{
  static const LV2_Descriptor descriptor = {
      "urn:ritornello:test:tap", instantiate, connect_port, NULL, run, NULL, cleanup, NULL,
  };
  return index ? NULL : &descriptor;
}
