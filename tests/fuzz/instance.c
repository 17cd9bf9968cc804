// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "instance.h"

#include "random_weights.h"
#include "uris.h"
#include "window_messages.h"

#include "engine/vocabulary.h"

#include <lv2/atom/atom.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *uris[256];
static uint32_t uri_count;

LV2_URID
instance_map(const char *const uri)
{
  for (uint32_t i = 0; i < uri_count; ++i) {
    if (!strcmp(uris[i], uri)) {
      return i + 1;
    }
  }
  fuzz_must(uri_count < sizeof uris / sizeof uris[0], "there is room for URIs");
  uris[uri_count] = strdup(uri);
  return ++uri_count;
}

static LV2_URID
map_uri(const LV2_URID_Map_Handle handle, const char *const uri)
{
  (void)handle;
  return instance_map(uri);
}

static LV2_Worker_Status
schedule(const LV2_Worker_Schedule_Handle handle, const uint32_t size, const void *const data)
{
  struct instance *const instance = handle;
  if (instance->work_count == INSTANCE_WORK || size > INSTANCE_WORK_SIZE) {
    return LV2_WORKER_ERR_NO_SPACE;
  }
  instance->work[instance->work_count].size = size;
  memcpy(instance->work[instance->work_count++].body, data, size);
  return LV2_WORKER_SUCCESS;
}

static LV2_Worker_Status
respond(const LV2_Worker_Respond_Handle handle, const uint32_t size, const void *const data)
{
  (void)handle;
  (void)size;
  (void)data;
  return LV2_WORKER_SUCCESS;
}

void
instance_work(struct instance *const instance)
{
  const LV2_Worker_Interface *const worker = instance->descriptor->extension_data(LV2_WORKER__interface);
  while (instance->work_count > 0) {
    worker->work(instance->handle, respond, NULL, instance->work[0].size, instance->work[0].body);
    --instance->work_count;
    memmove(instance->work, instance->work + 1, instance->work_count * sizeof instance->work[0]);
  }
}

// The folder of a bundle with those weights.
static const char *
bundle_of(const enum instance_weights weights)
{
  static char paths[INSTANCE_WEIGHTS][128];
  static const char *const names[] = {"streaming.lv2", "windowed.lv2", "empty.lv2"};
  static const struct streaming_sizes streaming = {16, 16, 16, 1, 16, 16, 16, 4, 16, 3};
  char *const path = paths[weights];
  if (path[0] != '\0') {
    return path;
  }
  snprintf(path, sizeof paths[0], "%s/%s/", fuzz_folder(), names[weights]);
  fuzz_must(mkdir(path, 0700) == 0, "a bundle can be made");
  char file[192];
  snprintf(file, sizeof file, "%s" RITORNELLO_DEFAULT_WEIGHTS, path);
  if (weights == INSTANCE_STREAMING) {
    fuzz_must(random_weights_write(file, &streaming, 1, 0.5F) == 0, "weights can be written");
  } else if (weights == INSTANCE_WINDOWED) {
    static struct token tokens[] = {{.duration = 12, .count = 1, .pitches = {60}},
                                    {.duration = 24, .count = 0},
                                    {.duration = 24, .count = 2, .pitches = {48, 64}}};
    struct vocabulary vocabulary;
    struct windowed_sizes sizes = {.context = 4};
    fuzz_must(vocabulary_make(tokens, 3, 8, &vocabulary, NULL) == STATUS_SUCCESS, "there is a vocabulary");
    fuzz_must(windowed_layers_parse("index, lstm:16, dense:16, softmax", &sizes, NULL) == STATUS_SUCCESS, "layers");
    sizes.vocabulary = vocabulary.count;
    fuzz_must(random_windowed_write(file, &sizes, &vocabulary, 1, 0.5F) == 0, "weights can be written");
    vocabulary_clear(&vocabulary);
  }
  return path;
}

const char *
instance_weights_path(const enum instance_weights weights)
{
  static char paths[INSTANCE_WEIGHTS][192];
  snprintf(paths[weights], sizeof paths[0], "%s" RITORNELLO_DEFAULT_WEIGHTS, bundle_of(weights));
  return paths[weights];
}

static LV2_Atom_Sequence *
sequence(uint8_t *const buffer)
{
  return (LV2_Atom_Sequence *)(void *)buffer;
}

// A new buffer with room for a body of `size`.
static void
make_buffer(uint8_t **const buffer, const uint32_t size)
{
  free(*buffer);
  *buffer = malloc(sizeof(LV2_Atom) + size);
  const LV2_Atom atom = {size, instance_map(LV2_ATOM__Chunk)};
  memcpy(*buffer, &atom, sizeof atom);
}

static void
connect(struct instance *const instance)
{
  const LV2_Descriptor *const d = instance->descriptor;
  d->connect_port(instance->handle, PORT_EVENTS_IN, instance->is_deaf ? NULL : instance->input);
  d->connect_port(instance->handle, PORT_MIDI_OUT, instance->is_dumb ? NULL : instance->output);
  d->connect_port(instance->handle, PORT_NOTIFY, instance->notify);
}

struct instance *
instance_new(const enum instance_weights weights, const double rate)
{
  struct instance *const instance = calloc(1, sizeof *instance);
  instance->map = (LV2_URID_Map){NULL, map_uri};
  instance->worker = (LV2_Worker_Schedule){instance, schedule};
  const LV2_Feature map_feature = {LV2_URID__map, &instance->map};
  const LV2_Feature worker_feature = {LV2_WORKER__schedule, &instance->worker};
  const LV2_Feature *const features[] = {&map_feature, &worker_feature, NULL};
  instance->descriptor = lv2_descriptor(0);
  instance->handle = instance->descriptor->instantiate(instance->descriptor, rate, bundle_of(weights), features);
  fuzz_must(instance->handle != NULL, "the plugin can be instantiated");
  for (uint32_t i = 0; i < PORT_COUNT; ++i) {
    instance->controls[i] = port_descriptions[i].normal;
    instance->descriptor->connect_port(instance->handle, i, &instance->controls[i]);
  }
  instance->output_size = 8192;
  instance->notify_size = 8192;
  make_buffer(&instance->input, 0);
  make_buffer(&instance->output, 0);
  make_buffer(&instance->notify, 0);
  connect(instance);
  instance->descriptor->activate(instance->handle);
  instance->is_active = true;
  return instance;
}

void
instance_free(struct instance *const instance)
{
  if (instance->is_active) {
    instance->descriptor->deactivate(instance->handle);
  }
  instance->descriptor->cleanup(instance->handle);
  free(instance->input);
  free(instance->output);
  free(instance->notify);
  free(instance);
}

// Follow what sounds.
static void
hear(struct instance *const instance, const uint8_t *const bytes, const uint32_t size)
{
  fuzz_must(size == 3 && bytes[0] >= 0x80 && bytes[0] < 0xF0 && bytes[1] < 128 && bytes[2] < 128, "MIDI is MIDI");
  unsigned char *const sounds = &instance->sounding[bytes[0] & 0xF][bytes[1]];
  if ((bytes[0] & 0xF0) == 0x90 && bytes[2] > 0) {
    fuzz_must(!*sounds, "no note is struck twice");
    *sounds = 1;
  } else if ((bytes[0] & 0xF0) == 0x90 || (bytes[0] & 0xF0) == 0x80) {
    *sounds = 0;
  }
}

// Check that a buffer of the plugin holds a sequence of events that are whole and in order, and hear them.
static void
check_sequence(struct instance *const instance, uint8_t *const buffer, const uint32_t room, const uint32_t frames)
{
  LV2_Atom atom;
  memcpy(&atom, buffer, sizeof atom);
  if (room < sizeof(LV2_Atom_Sequence_Body)) {
    return; // Nothing fits, not even nothing
  }
  fuzz_must(atom.size <= room, "no more was written than there is room for");
  if (atom.type != instance_map(LV2_ATOM__Sequence)) {
    fuzz_must(atom.size == room, "what is no sequence was left alone");
    return;
  }
  int64_t last = 0;
  uint32_t at = sizeof(LV2_Atom_Sequence_Body);
  while (at < atom.size) {
    LV2_Atom_Event event;
    fuzz_must(atom.size - at >= sizeof event, "an event has a head");
    memcpy(&event, buffer + sizeof atom + at, sizeof event);
    at += (uint32_t)sizeof event;
    fuzz_must(event.body.size <= atom.size - at, "an event is whole");
    fuzz_must(event.time.frames >= last, "events are in order");
    fuzz_must(event.time.frames < (frames ? (int64_t)frames : 1), "events are in their block");
    last = event.time.frames;
    if (event.body.type == instance_map(LV2_MIDI__MidiEvent)) {
      hear(instance, buffer + sizeof atom + at, event.body.size);
    }
    at += (event.body.size + 7U) & ~7U;
  }
}

static void
check_meters(const struct instance *const instance)
{
  for (uint32_t i = 0; i < PORT_COUNT; ++i) {
    const struct port_description *const port = &port_descriptions[i];
    fuzz_must(port->type != CONTROL_OUTPUT ||
                  (instance->controls[i] >= port->minimum && instance->controls[i] <= port->maximum),
              "meters are in their ranges");
  }
}

void
instance_run(struct instance *const instance, const uint32_t frames, const uint8_t *const body, const uint32_t size)
{
  make_buffer(&instance->input, size);
  memcpy(instance->input + sizeof(LV2_Atom), body, size);
  sequence(instance->input)->atom.type = instance_map(LV2_ATOM__Sequence);
  make_buffer(&instance->output, instance->output_size);
  make_buffer(&instance->notify, instance->notify_size);
  connect(instance);
  instance->descriptor->run(instance->handle, frames);
  if (!instance->is_dumb) {
    check_sequence(instance, instance->output, instance->output_size, frames);
  }
  check_sequence(instance, instance->notify, instance->notify_size, frames);
  check_meters(instance);
}

bool
instance_sounds(const struct instance *const instance)
{
  for (unsigned channel = 0; channel < 16; ++channel) {
    for (unsigned pitch = 0; pitch < 128; ++pitch) {
      if (instance->sounding[channel][pitch]) {
        return true;
      }
    }
  }
  return false;
}

const LV2_State_Interface *
instance_state(const struct instance *const instance)
{
  return instance->descriptor->extension_data(LV2_STATE__interface);
}

// Append a property of a number.
static uint32_t
append_number(uint8_t *const body, const uint32_t used, const char *const key, const double number)
{
  const struct {
    LV2_Atom_Property_Body property;
    double value;
  } all = {{instance_map(key), 0, {sizeof number, instance_map(LV2_ATOM__Double)}}, number};
  memcpy(body + used, &all, sizeof all);
  return used + (uint32_t)sizeof all;
}

uint32_t
instance_position(
    uint8_t *const body, const uint32_t used, const double bar, const double beat, const double bpm, const double speed)
{
  const uint32_t begin = used + (uint32_t)sizeof(LV2_Atom_Event);
  uint32_t end = begin + (uint32_t)sizeof(LV2_Atom_Object_Body);
  end = append_number(body, end, LV2_TIME__bar, bar);
  end = append_number(body, end, LV2_TIME__barBeat, beat);
  end = append_number(body, end, LV2_TIME__beatUnit, 4.0);
  end = append_number(body, end, LV2_TIME__beatsPerBar, 4.0);
  end = append_number(body, end, LV2_TIME__beatsPerMinute, bpm);
  end = append_number(body, end, LV2_TIME__speed, speed);
  const struct {
    LV2_Atom_Event event;
    LV2_Atom_Object_Body object;
  } head = {{{0}, {end - begin, instance_map(LV2_ATOM__Object)}}, {0, instance_map(LV2_TIME__Position)}};
  memcpy(body + used, &head, sizeof head);
  return end;
}
