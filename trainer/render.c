// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "render.h"

#include "../plugin/engine/weights.h"
#include "automation.h"
#include "instrument.h"
#include "lv2_instance.h"

#include <lv2/atom/forge.h>
#include <lv2/atom/util.h>
#include <lv2/core/lv2.h>
#include <lv2/midi/midi.h>
#include <lv2/patch/patch.h>
#include <lv2/time/time.h>

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Blocks that are run before the transport starts: the weights arrive, and the plugin composes ahead
enum { PRIME_BLOCKS = 4, MESSAGE_SIZE = 8192 };

// The song's time: one tempo and one metre from bar 1
struct song {
  double rate;
  double frames_per_beat; // A beat is the metre's denominator
  double frames_per_bar;
  double beats_per_minute;
  struct metre metre;
  uint64_t frames; // Of music
};

struct renderer {
  struct lv2_host *host;
  struct lv2_instance *plugin;
  struct lv2_events *control; // Into the plugin
  struct lv2_events *notes;   // Out of it
  struct lv2_events *told;    // What it says of itself; NULL if it says nothing
  char status[ERROR_TEXT_SIZE];
  struct instrument *instrument;
  struct song song;
  struct automation **automation; // [automation_count]
  size_t automation_count;
  struct render_result *result;
};

static struct song
song_make(const struct render_settings *const settings)
{
  struct song song = {.rate = settings->rate, .metre = settings->metre};
  song.beats_per_minute = settings->bpm * settings->metre.denominator / 4.0;
  song.frames_per_beat = song.rate * 60.0 / song.beats_per_minute;
  song.frames_per_bar = song.frames_per_beat * settings->metre.numerator;
  const double bars =
      settings->bars ? settings->bars : ceil(settings->seconds * song.rate / song.frames_per_bar - 1e-9);
  song.frames = (uint64_t)llround(bars * song.frames_per_bar);
  return song;
}

// Return the tick of the score at `frame` of the song
static uint32_t
song_tick(const struct song *const song, const uint64_t frame)
{
  const double beats = (double)frame / song->frames_per_beat;
  return (uint32_t)llround(beats * SCORE_DIVISION * 4.0 / song->metre.denominator);
}

static LV2_Atom_Forge
forge_begin(const struct renderer *const renderer, uint8_t *const message)
{
  LV2_Atom_Forge forge;
  lv2_atom_forge_init(&forge, &renderer->host->map);
  lv2_atom_forge_set_buffer(&forge, message, MESSAGE_SIZE);
  return forge;
}

static bool
send(const struct renderer *const renderer, const uint8_t *const message)
{
  LV2_Atom atom;
  memcpy(&atom, message, sizeof(atom));
  return lv2_events_append(renderer->control, 0, atom.type, atom.size, message + sizeof(atom));
}

// Tell the plugin where the transport is
static void
send_position(const struct renderer *const renderer, const uint64_t frame, const bool rolling)
{
  const struct song *const song = &renderer->song;
  const struct lv2_urids *const urids = &renderer->host->urids;
  const double bar = floor((double)frame / song->frames_per_bar + 1e-9);
  const double bar_beat = fmax(0.0, ((double)frame - bar * song->frames_per_bar) / song->frames_per_beat);

  _Alignas(8) uint8_t message[MESSAGE_SIZE];
  LV2_Atom_Forge forge = forge_begin(renderer, message);
  LV2_Atom_Forge_Frame object;
  lv2_atom_forge_object(&forge, &object, 0, urids->time_position);
  lv2_atom_forge_key(&forge, urids->time_frame);
  lv2_atom_forge_long(&forge, (int64_t)frame);
  lv2_atom_forge_key(&forge, urids->time_speed);
  lv2_atom_forge_float(&forge, rolling ? 1.0F : 0.0F);
  lv2_atom_forge_key(&forge, urids->time_bar);
  lv2_atom_forge_long(&forge, (int64_t)bar);
  lv2_atom_forge_key(&forge, urids->time_bar_beat);
  lv2_atom_forge_float(&forge, (float)bar_beat);
  lv2_atom_forge_key(&forge, urids->time_beat_unit);
  lv2_atom_forge_int(&forge, song->metre.denominator);
  lv2_atom_forge_key(&forge, urids->time_beats_per_bar);
  lv2_atom_forge_float(&forge, song->metre.numerator);
  lv2_atom_forge_key(&forge, urids->time_beats_per_minute);
  lv2_atom_forge_float(&forge, (float)song->beats_per_minute);
  lv2_atom_forge_pop(&forge, &object);
  send(renderer, message);
}

// Ask the plugin to use the weight file at the absolute `path`
static enum status
send_weights(const struct renderer *const renderer, const char *const path, struct error *const error)
{
  _Alignas(8) uint8_t message[MESSAGE_SIZE];
  const struct lv2_urids *const urids = &renderer->host->urids;
  LV2_Atom_Forge forge = forge_begin(renderer, message);
  LV2_Atom_Forge_Frame object;
  lv2_atom_forge_object(&forge, &object, 0, urids->patch_set);
  lv2_atom_forge_key(&forge, urids->patch_property);
  lv2_atom_forge_urid(&forge, lv2_host_map(renderer->host, RENDER_PLUGIN "#weights"));
  lv2_atom_forge_key(&forge, urids->patch_value);
  const LV2_Atom_Forge_Ref written = lv2_atom_forge_path(&forge, path, (uint32_t)strlen(path));
  lv2_atom_forge_pop(&forge, &object);
  if (!written || !send(renderer, message)) {
    return error_set(error, STATUS_TOO_LARGE, "the path %s is too long for the plugin", path);
  }
  return STATUS_SUCCESS;
}

// Take what the plugin played in the last block to the instrument and into the score
static enum status
route_notes(struct renderer *const renderer, const uint64_t block_frame, struct error *const error)
{
  enum status status = STATUS_SUCCESS;
  LV2_ATOM_SEQUENCE_FOREACH(renderer->notes->sequence, event)
  {
    if (!status && event->body.type == renderer->host->urids.midi_event) {
      const uint8_t *const message = (const uint8_t *)(event + 1);
      const uint32_t frame = (uint32_t)event->time.frames;
      instrument_midi(renderer->instrument, frame, message, event->body.size);
      status = score_midi(&renderer->result->score, song_tick(&renderer->song, block_frame + frame), message,
                          event->body.size, error);
    }
  }
  return status;
}

// Find what `object` tells of the plugin's #status, alone or among other properties
static const LV2_Atom *
find_status(const struct renderer *const renderer, const LV2_Atom_Object *const object)
{
  const struct lv2_urids *const urids = &renderer->host->urids;
  const LV2_URID status = lv2_host_map(renderer->host, RENDER_PLUGIN "#status");
  const LV2_Atom *property = NULL;
  const LV2_Atom *value = NULL;
  const LV2_Atom *body = NULL;
  const LV2_Atom *found = NULL;
  lv2_atom_object_get(object, urids->patch_property, &property, urids->patch_value, &value, urids->patch_body, &body,
                      0);
  if (body && body->type == urids->atom_object) {
    lv2_atom_object_get((const LV2_Atom_Object *)body, status, &found, 0);
  } else if (property && property->type == urids->atom_urid && ((const LV2_Atom_URID *)property)->body == status) {
    found = value;
  }
  return found;
}

// Listen to what the plugin says of how it is going
static void
hear_status(struct renderer *const renderer)
{
  if (!renderer->told) {
    return;
  }
  LV2_ATOM_SEQUENCE_FOREACH(renderer->told->sequence, event)
  {
    const bool is_object = event->body.type == renderer->host->urids.atom_object;
    const LV2_Atom *const told = is_object ? find_status(renderer, (const LV2_Atom_Object *)&event->body) : NULL;
    if (told) {
      snprintf(renderer->status, sizeof(renderer->status), "%.*s", (int)told->size,
               (const char *)LV2_ATOM_BODY_CONST(told));
    }
  }
}

// After what was asked of the plugin has had its time. It would play on with other weights if it could not load those.
static enum status
check_status(const struct renderer *const renderer, struct error *const error)
{
  static const char ready[] = "Ready";
  if (renderer->host->is_starved) {
    return error_set(error, STATUS_NO_MEMORY, "out of memory");
  }
  return !renderer->status[0] || !strncmp(renderer->status, ready, sizeof(ready) - 1)
             ? STATUS_SUCCESS
             : error_set(error, STATUS_BAD_VALUE, "the plugin says: %s", renderer->status);
}

static enum status
run_block(struct renderer *const renderer,
          const uint64_t frame,
          const bool rolling,
          const uint32_t frames,
          const bool record,
          struct error *const error)
{
  send_position(renderer, frame, rolling);
  lv2_instance_run(renderer->plugin, frames);
  enum status status = route_notes(renderer, frame, error);
  const float *left = NULL;
  const float *right = NULL;
  instrument_run(renderer->instrument, frames, &left, &right);
  if (!status && record) {
    status = recording_append(renderer->result->recording, left, right, frames, error);
  }
  return status;
}

// Set all automated controls to what they are at `frame`
static void
automate(const struct renderer *const renderer, const uint64_t frame)
{
  const double bar = ((double)frame + 0.5) / renderer->song.frames_per_bar; // Half a frame: points are rounded too
  for (size_t i = 0; i < renderer->automation_count; ++i) {
    automation_apply(renderer->automation[i], bar);
  }
}

// Return how many of the next `frames` pass before a point of automation
static uint32_t
frames_to_point(const struct renderer *const renderer, const uint64_t frame, const uint32_t frames)
{
  const double bar = ((double)frame + 0.5) / renderer->song.frames_per_bar;
  double least = frames;
  for (size_t i = 0; i < renderer->automation_count; ++i) {
    const double point = automation_next(renderer->automation[i], bar) * renderer->song.frames_per_bar;
    least = fmin(least, fmax(1.0, round(point) - (double)frame));
  }
  return (uint32_t)least;
}

static enum status
play(struct renderer *const renderer, const render_progress progress, void *const data, struct error *const error)
{
  const struct song *const song = &renderer->song;
  const uint64_t end = song->frames + (uint64_t)(RENDER_TAIL * song->rate);
  enum status status = STATUS_SUCCESS;
  automate(renderer, 0);
  for (unsigned i = 0; !status && i < PRIME_BLOCKS; ++i) {
    status = run_block(renderer, 0, false, LV2_HOST_BLOCK, false, error);
    hear_status(renderer);
  }
  if (!status) {
    status = check_status(renderer, error);
  }

  uint64_t frame = 0;
  while (!status && frame < end) {
    const bool rolling = frame < song->frames;
    const uint64_t left = (rolling ? song->frames : end) - frame;
    const uint32_t whole = left < LV2_HOST_BLOCK ? (uint32_t)left : LV2_HOST_BLOCK;
    const uint32_t frames = rolling ? frames_to_point(renderer, frame, whole) : whole;
    automate(renderer, frame);
    status = run_block(renderer, rolling ? frame : song->frames, rolling, frames, true, error);
    frame += frames;
    if (progress) {
      progress(data, (double)frame / song->rate, (double)end / song->rate);
    }
  }
  score_end(&renderer->result->score, song_tick(song, song->frames));
  return status;
}

// Return the absolute path of `preset` if it names a file, to be freed; otherwise NULL
static char *
weights_path(const char *const preset)
{
  const char *const ending = strrchr(preset, '.');
  return strchr(preset, '/') || (ending && !strcmp(ending, ".safetensors")) ? realpath(preset, NULL) : NULL;
}

static enum status
unknown_preset(const struct renderer *const renderer,
               const LilvPlugin *const plugin,
               const char *const preset,
               struct error *const error)
{
  char labels[ERROR_TEXT_SIZE / 2];
  const int word = (int)strcspn(preset, " :,;.-");
  char part[64];
  snprintf(part, sizeof(part), "%.*s", word, preset);
  lv2_host_list_presets(renderer->host, plugin, part, labels, sizeof(labels));
  return error_set(error, STATUS_NOT_FOUND, "`%s' is neither a weight file nor a preset; presets are: %s", preset,
                   labels[0] ? labels : "none");
}

// Use the weight file at `path`, if it is sound: a plugin that is given a bad one just goes on with the one it has
static enum status
use_weights(const struct renderer *const renderer, const char *const path, struct error *const error)
{
  struct weights *weights = NULL;
  const enum status status = weights_load(path, &weights, error);
  weights_free(weights);
  return status ? status : send_weights(renderer, path, error);
}

static enum status
use_preset(struct renderer *const renderer,
           const LilvPlugin *const plugin,
           const char *const preset,
           struct error *const error)
{
  char *const uri = lv2_host_find_preset(renderer->host, plugin, preset);
  char *const path = uri ? NULL : weights_path(preset);
  enum status status = STATUS_SUCCESS;
  if (uri) {
    status = lv2_instance_restore(renderer->plugin, uri, error);
  } else if (path) {
    status = use_weights(renderer, path, error);
  } else {
    status = unknown_preset(renderer, plugin, preset, error);
  }
  free(path);
  free(uri);
  return status;
}

static enum status
set_control(const struct renderer *const renderer, const char *const setting, struct error *const error)
{
  char symbol[64];
  const char *const equals = strchr(setting, '=');
  const size_t length = equals ? (size_t)(equals - setting) : 0;
  if (!length || length >= sizeof(symbol)) {
    return error_set(error, STATUS_BAD_VALUE, "a control is set as SYMBOL=VALUE, not `%s'", setting);
  }
  memcpy(symbol, setting, length);
  symbol[length] = '\0';
  return lv2_instance_set(renderer->plugin, symbol, equals + 1, error);
}

static enum status
read_automation(struct renderer *const renderer,
                const struct render_settings *const settings,
                struct error *const error)
{
  const size_t count = settings->automation_count;
  renderer->automation = calloc(count + 1, sizeof(*renderer->automation));
  enum status status = renderer->automation ? STATUS_SUCCESS : error_set(error, STATUS_NO_MEMORY, "out of memory");
  for (size_t i = 0; !status && i < count; ++i) {
    status = automation_new(renderer->plugin, settings->automation[i], &renderer->automation[i], error);
    renderer->automation_count += !status;
  }
  return status;
}

static enum status
start_plugin(struct renderer *const renderer, const struct render_settings *const settings, struct error *const error)
{
  const LilvPlugin *const plugin = lv2_host_plugin(renderer->host, RENDER_PLUGIN);
  if (!plugin) {
    return error_set(error, STATUS_NOT_FOUND,
                     "the plugin <" RENDER_PLUGIN "> is not installed; --bundle says where it is built");
  }
  enum status status = lv2_instance_new(renderer->host, plugin, &renderer->plugin, error);
  if (status) {
    return status;
  }

  renderer->control = lv2_instance_events(renderer->plugin, true, LV2_TIME__Position);
  renderer->notes = lv2_instance_events(renderer->plugin, false, LV2_MIDI__MidiEvent);
  renderer->told = lv2_instance_events(renderer->plugin, false, LV2_PATCH__Message);
  if (!renderer->control || !renderer->notes) {
    return error_set(error, STATUS_BAD_FORMAT, "the plugin <" RENDER_PLUGIN "> takes no transport or makes no MIDI");
  }
  status = use_preset(renderer, plugin, settings->preset, error);
  for (size_t i = 0; !status && i < settings->control_count; ++i) {
    status = set_control(renderer, settings->controls[i], error);
  }
  if (!status) {
    status = read_automation(renderer, settings, error);
  }
  lv2_instance_designate(renderer->plugin, LV2_CORE__freeWheeling, 1.0F);
  return status;
}

static enum status
start(struct renderer *const renderer, const struct render_settings *const settings, struct error *const error)
{
  struct render_result *const result = renderer->result;
  renderer->song = song_make(settings);
  result->seconds = (double)renderer->song.frames / settings->rate;
  enum status status = lv2_host_new(settings->bundle, settings->rate, &renderer->host, error);
  if (!status) {
    status = start_plugin(renderer, settings, error);
  }
  if (!status) {
    status = instrument_new(renderer->host, settings->instrument, &renderer->instrument, error);
  }
  if (!status) {
    snprintf(result->instrument, sizeof(result->instrument), "%s", instrument_name(renderer->instrument));
    status = score_begin(&result->score, settings->bpm, settings->metre, error);
  }
  return status ? status : recording_new(settings->rate, &result->recording, error);
}

enum status
render(const struct render_settings *const settings,
       const render_progress progress,
       void *const data,
       struct render_result *const result,
       struct error *const error)
{
  memset(result, 0, sizeof(*result));
  struct renderer renderer = {.result = result};
  enum status status = start(&renderer, settings, error);
  if (!status) {
    status = play(&renderer, progress, data, error);
  }
  if (!status && !result->score.file.note_count) {
    status = error_set(error, STATUS_NOT_FOUND, "the plugin composed no notes; has it weights that it can use?");
  }
  instrument_free(renderer.instrument);
  for (size_t i = 0; i < renderer.automation_count; ++i) {
    automation_free(renderer.automation[i]);
  }
  free(renderer.automation);
  lv2_instance_free(renderer.plugin);
  lv2_host_free(renderer.host);
  return status;
}

void
render_free(struct render_result *const result)
{
  recording_free(result->recording);
  score_free(&result->score);
}
