// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "rig.h"

#include "ports.h"

#include <dlfcn.h>
#include <lv2/atom/forge.h>
#include <lv2/atom/util.h>
#include <lv2/core/lv2.h>
#include <lv2/time/time.h>
#include <lv2/urid/urid.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { URIS = 256, ATOMS = 8192 };

struct instance {
  LV2_Handle handle;
  float controls[PORT_COUNT];
  _Alignas(8) char input[ATOMS];
  _Alignas(8) char output[ATOMS];
  _Alignas(8) char notify[ATOMS];
};

struct rig {
  void *library;
  const LV2_Descriptor *descriptor;
  char *uris[URIS];
  uint32_t uri_count;
  LV2_URID_Map map;
  uint32_t count;
  struct instance *instances; // [count]
  int64_t bar;                // To be at, or -1: no change
  bool is_rolling;
  uint64_t notes;
};

static LV2_URID
map_uri(const LV2_URID_Map_Handle handle, const char *const uri)
{
  struct rig *const rig = handle;
  for (uint32_t i = 0; i < rig->uri_count; ++i) {
    if (!strcmp(rig->uris[i], uri)) {
      return i + 1;
    }
  }
  if (rig->uri_count == URIS) {
    return 0;
  }
  rig->uris[rig->uri_count++] = strdup(uri);
  return rig->uri_count;
}

static void *
port_place(struct instance *const instance, const uint32_t port)
{
  switch (port) {
  case PORT_EVENTS_IN:
    return instance->input;
  case PORT_MIDI_OUT:
    return instance->output;
  case PORT_NOTIFY:
    return instance->notify;
  default:
    return &instance->controls[port];
  }
}

static bool
instance_make(struct rig *const rig, struct instance *const instance, const char *const bundle, const uint32_t seed)
{
  const LV2_Feature map = {LV2_URID__map, &rig->map};
  const LV2_Feature *const features[] = {&map, NULL};
  for (uint32_t i = 0; i < PORT_COUNT; ++i) {
    instance->controls[i] = port_descriptions[i].normal;
  }
  instance->controls[PORT_SEED] = (float)seed;
  instance->handle = rig->descriptor->instantiate(rig->descriptor, RIG_RATE, bundle, features);
  for (uint32_t i = 0; instance->handle && i < PORT_COUNT; ++i) {
    rig->descriptor->connect_port(instance->handle, i, port_place(instance, i));
  }
  if (instance->handle) {
    rig->descriptor->activate(instance->handle);
  }
  return instance->handle;
}

struct rig *
rig_new(const char *const module, const char *const bundle, const uint32_t count)
{
  struct rig *const rig = calloc(1, sizeof(*rig));
  rig->instances = calloc(count, sizeof(*rig->instances));
  rig->map = (LV2_URID_Map){rig, map_uri};
  rig->bar = -1;
  rig->library = dlopen(module, RTLD_NOW | RTLD_LOCAL);
  LV2_Descriptor_Function entry = NULL;
  if (rig->library) {
    *(void **)&entry = dlsym(rig->library, "lv2_descriptor");
  }
  rig->descriptor = entry ? entry(0) : NULL;
  for (; rig->descriptor && rig->count < count; ++rig->count) {
    if (!instance_make(rig, &rig->instances[rig->count], bundle, rig->count)) {
      break;
    }
  }
  if (rig->count < count) {
    fprintf(stderr, "%s can't be made an instance of\n", module);
    rig_free(rig);
    return NULL;
  }
  return rig;
}

void
rig_free(struct rig *const rig)
{
  for (uint32_t i = 0; i < rig->count; ++i) {
    rig->descriptor->deactivate(rig->instances[i].handle);
    rig->descriptor->cleanup(rig->instances[i].handle);
  }
  for (uint32_t i = 0; i < rig->uri_count; ++i) {
    free(rig->uris[i]);
  }
  if (rig->library) {
    dlclose(rig->library);
  }
  free(rig->instances);
  free(rig);
}

void
rig_locate(struct rig *const rig, const int64_t bar, const bool is_rolling)
{
  rig->bar = bar;
  rig->is_rolling = is_rolling;
}

// Write the block's events: a position if the transport has changed.
static void
input_write(struct rig *const rig, struct instance *const instance)
{
  LV2_Atom_Forge forge;
  LV2_Atom_Forge_Frame sequence;
  LV2_Atom_Forge_Frame object;
  lv2_atom_forge_init(&forge, &rig->map);
  lv2_atom_forge_set_buffer(&forge, (uint8_t *)instance->input, sizeof(instance->input));
  lv2_atom_forge_sequence_head(&forge, &sequence, 0);
  if (rig->bar >= 0) {
    lv2_atom_forge_frame_time(&forge, 0);
    lv2_atom_forge_object(&forge, &object, 0, map_uri(rig, LV2_TIME__Position));
    lv2_atom_forge_key(&forge, map_uri(rig, LV2_TIME__frame));
    lv2_atom_forge_long(&forge, rig->bar * 4 * 60 * RIG_RATE / RIG_BPM);
    lv2_atom_forge_key(&forge, map_uri(rig, LV2_TIME__speed));
    lv2_atom_forge_float(&forge, rig->is_rolling ? 1.0F : 0.0F);
    lv2_atom_forge_key(&forge, map_uri(rig, LV2_TIME__bar));
    lv2_atom_forge_long(&forge, rig->bar);
    lv2_atom_forge_key(&forge, map_uri(rig, LV2_TIME__barBeat));
    lv2_atom_forge_float(&forge, 0.0F);
    lv2_atom_forge_key(&forge, map_uri(rig, LV2_TIME__beatUnit));
    lv2_atom_forge_int(&forge, 4);
    lv2_atom_forge_key(&forge, map_uri(rig, LV2_TIME__beatsPerBar));
    lv2_atom_forge_float(&forge, 4.0F);
    lv2_atom_forge_key(&forge, map_uri(rig, LV2_TIME__beatsPerMinute));
    lv2_atom_forge_float(&forge, RIG_BPM);
    lv2_atom_forge_pop(&forge, &object);
  }
  lv2_atom_forge_pop(&forge, &sequence);
  ((LV2_Atom *)(void *)instance->output)->size = sizeof(instance->output) - sizeof(LV2_Atom);
  ((LV2_Atom *)(void *)instance->notify)->size = sizeof(instance->notify) - sizeof(LV2_Atom);
}

static void
notes_count(struct rig *const rig, const struct instance *const instance)
{
  const LV2_Atom_Sequence *const sequence = (const LV2_Atom_Sequence *)(const void *)instance->output;
  LV2_ATOM_SEQUENCE_FOREACH(sequence, event)
  {
    const uint8_t *const bytes = (const uint8_t *)(event + 1);
    rig->notes += event->body.size == 3 && (bytes[0] & 0xF0) == 0x90 && bytes[2];
  }
}

static double
processor_clock(void)
{
  struct timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

double
rig_run(struct rig *const rig)
{
  for (uint32_t i = 0; i < rig->count; ++i) {
    input_write(rig, &rig->instances[i]);
  }
  rig->bar = -1;
  const double begin = processor_clock();
  for (uint32_t i = 0; i < rig->count; ++i) {
    rig->descriptor->run(rig->instances[i].handle, RIG_BLOCK);
  }
  const double seconds = processor_clock() - begin;
  for (uint32_t i = 0; i < rig->count; ++i) {
    notes_count(rig, &rig->instances[i]);
  }
  return seconds;
}

uint32_t
rig_late(const struct rig *const rig)
{
  float late = 0.0F;
  for (uint32_t i = 0; i < rig->count; ++i) {
    late += rig->instances[i].controls[PORT_LATE];
  }
  return (uint32_t)late;
}

uint64_t
rig_notes(const struct rig *const rig)
{
  return rig->notes;
}
