// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A stand-in for the plugin, whose music is known beforehand: half a beat of sound on every beat, with the pitch
// 60 + the beat in the bar + the seed + the shift (+ 12 once a weight file has come). It is silent unless the host says that it
// freewheels.

#include <lv2/atom/atom.h>
#include <lv2/atom/util.h>
#include <lv2/core/lv2.h>
#include <lv2/midi/midi.h>
#include <lv2/patch/patch.h>
#include <lv2/time/time.h>
#include <lv2/urid/urid.h>
#include <lv2/worker/worker.h>

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { PORT_IN, PORT_OUT, PORT_FREEWHEEL, PORT_SEED, PORT_SHIFT, PORTS };

struct uris {
  LV2_URID sequence;
  LV2_URID midi_event;
  LV2_URID patch_set;
  LV2_URID patch_value;
  LV2_URID path;
  LV2_URID position;
  LV2_URID bar_beat;
  LV2_URID beats_per_bar;
  LV2_URID beats_per_minute;
  LV2_URID speed;
};

struct generator {
  struct uris uris;
  LV2_Worker_Schedule schedule;
  double rate;
  void *ports[PORTS];
  bool has_weights;
  bool rolling;
  double beat; ///< In the bar, at the block's beginning
  double beats_per_bar;
  double frames_per_beat;
  uint8_t sounding; ///< Pitch, or 0
};

static void
map_uris(struct uris *const uris, const LV2_URID_Map *const map)
{
  uris->sequence = map->map(map->handle, LV2_ATOM__Sequence);
  uris->midi_event = map->map(map->handle, LV2_MIDI__MidiEvent);
  uris->patch_set = map->map(map->handle, LV2_PATCH__Set);
  uris->patch_value = map->map(map->handle, LV2_PATCH__value);
  uris->path = map->map(map->handle, LV2_ATOM__Path);
  uris->position = map->map(map->handle, LV2_TIME__Position);
  uris->bar_beat = map->map(map->handle, LV2_TIME__barBeat);
  uris->beats_per_bar = map->map(map->handle, LV2_TIME__beatsPerBar);
  uris->beats_per_minute = map->map(map->handle, LV2_TIME__beatsPerMinute);
  uris->speed = map->map(map->handle, LV2_TIME__speed);
}

static LV2_Handle
instantiate(const LV2_Descriptor *const descriptor,
            const double rate,
            const char *const path,
            const LV2_Feature *const *const features)
{
  (void)descriptor;
  (void)path;
  struct generator *const generator = calloc(1, sizeof(*generator));
  for (size_t i = 0; generator && features[i]; ++i) {
    if (!strcmp(features[i]->URI, LV2_URID__map)) {
      map_uris(&generator->uris, features[i]->data);
    } else if (!strcmp(features[i]->URI, LV2_WORKER__schedule)) {
      memcpy(&generator->schedule, features[i]->data, sizeof(generator->schedule));
    }
  }
  if (generator) {
    generator->rate = rate;
  }
  return generator;
}

static void
connect_port(LV2_Handle instance, const uint32_t port, void *const data)
{
  struct generator *const generator = instance;
  generator->ports[port] = data;
}

static void
read_position(struct generator *const generator, const LV2_Atom_Object *const object)
{
  const LV2_Atom_Float *bar_beat = NULL;
  const LV2_Atom_Float *beats_per_bar = NULL;
  const LV2_Atom_Float *beats_per_minute = NULL;
  const LV2_Atom_Float *speed = NULL;
  const struct uris *const uris = &generator->uris;
  lv2_atom_object_get(object, uris->bar_beat, (const LV2_Atom **)&bar_beat, uris->beats_per_bar,
                      (const LV2_Atom **)&beats_per_bar, uris->beats_per_minute, (const LV2_Atom **)&beats_per_minute,
                      uris->speed, (const LV2_Atom **)&speed, 0);
  if (bar_beat && beats_per_bar && beats_per_minute && speed) {
    generator->beat = (double)bar_beat->body;
    generator->beats_per_bar = (double)beats_per_bar->body;
    generator->frames_per_beat = generator->rate * 60.0 / (double)beats_per_minute->body;
    generator->rolling = speed->body > 0.0F;
  }
}

static void
read_events(struct generator *const generator)
{
  LV2_ATOM_SEQUENCE_FOREACH((const LV2_Atom_Sequence *)generator->ports[PORT_IN], event)
  {
    const LV2_Atom_Object *const object = (const LV2_Atom_Object *)&event->body;
    const LV2_Atom *path = NULL;
    if (object->body.otype == generator->uris.position) {
      read_position(generator, object);
    } else if (object->body.otype == generator->uris.patch_set) {
      lv2_atom_object_get(object, generator->uris.patch_value, &path, 0);
      if (path && path->type == generator->uris.path) {
        generator->schedule.schedule_work(generator->schedule.handle, path->size, path + 1);
      }
    }
  }
}

static void
write_note(struct generator *const generator, const uint32_t capacity, const int64_t frame, const uint8_t status)
{
  struct {
    LV2_Atom_Event event;
    uint8_t message[8];
  } note = {
      .event = {.time = {.frames = frame}, .body = {3, generator->uris.midi_event}},
      .message = {status, generator->sounding, 100},
  };
  lv2_atom_sequence_append_event(generator->ports[PORT_OUT], capacity, &note.event);
}

// Play the half beats that begin in this block of `frames`
static void
play(struct generator *const generator, const uint32_t capacity, const uint32_t frames)
{
  const float *const seed = generator->ports[PORT_SEED];
  const float *const shift = generator->ports[PORT_SHIFT];
  const double begin = 2.0 * generator->beat;
  const double frames_per_half = generator->frames_per_beat / 2.0;
  for (double half = ceil(begin - 1e-4); (half - begin) * frames_per_half < frames - 0.5; half += 1.0) {
    const int64_t frame = llround(fmax(0.0, (half - begin) * frames_per_half));
    if (generator->sounding) {
      write_note(generator, capacity, frame, 0x80);
      generator->sounding = 0;
    } else if (fmod(half, 2.0) < 0.5) {
      const double beat = fmod(half / 2.0, generator->beats_per_bar);
      generator->sounding =
          (uint8_t)(60.5 + beat + (double)*seed + (double)*shift + (generator->has_weights ? 12.0 : 0.0));
      write_note(generator, capacity, frame, 0x90);
    }
  }
}

static void
run(LV2_Handle instance, const uint32_t frames)
{
  struct generator *const generator = instance;
  LV2_Atom_Sequence *const out = generator->ports[PORT_OUT];
  const uint32_t capacity = out->atom.size;
  const float *const freewheel = generator->ports[PORT_FREEWHEEL];
  out->atom = (LV2_Atom){sizeof(LV2_Atom_Sequence_Body), generator->uris.sequence};
  out->body = (LV2_Atom_Sequence_Body){0, 0};

  read_events(generator);
  if (generator->rolling && *freewheel > 0.5F) {
    play(generator, capacity, frames);
  } else if (generator->sounding) {
    write_note(generator, capacity, 0, 0x80);
    generator->sounding = 0;
  }
}

static LV2_Worker_Status
work(LV2_Handle instance,
     LV2_Worker_Respond_Function respond,
     LV2_Worker_Respond_Handle handle,
     const uint32_t size,
     const void *const data)
{
  (void)instance;
  return respond(handle, size, data);
}

static LV2_Worker_Status
work_response(LV2_Handle instance, const uint32_t size, const void *const data)
{
  struct generator *const generator = instance;
  const char *const path = data;
  generator->has_weights = size > 1 && path[0] == '/';
  return LV2_WORKER_SUCCESS;
}

static void
cleanup(LV2_Handle instance)
{
  free(instance);
}

static const void *
extension_data(const char *const uri)
{
  static const LV2_Worker_Interface worker = {work, work_response, NULL};
  return strcmp(uri, LV2_WORKER__interface) ? NULL : &worker;
}

LV2_SYMBOL_EXPORT const LV2_Descriptor *
lv2_descriptor(const uint32_t index)
{
  static const LV2_Descriptor descriptor = {
      "urn:ritornello:lv2", instantiate, connect_port, NULL, run, NULL, cleanup, extension_data,
  };
  return index ? NULL : &descriptor;
}
