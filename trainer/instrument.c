// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "instrument.h"

#include "lv2_instance.h"
#include "piano.h"

#include <lv2/midi/midi.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct instrument {
  char name[128];
  LV2_URID midi_event;
  struct lv2_instance *plugin; ///< NULL for the plain piano
  struct lv2_events *events;
  struct piano *piano;
  uint32_t played; ///< Frames of the present block that the piano has played
  float left[LV2_HOST_BLOCK];
  float right[LV2_HOST_BLOCK];
};

static enum status
use_plugin(struct instrument *const instrument,
           struct lv2_host *const host,
           const LilvPlugin *const plugin,
           struct error *const error)
{
  const enum status status = lv2_instance_new(host, plugin, &instrument->plugin, error);
  if (status) {
    return status;
  }

  LilvNode *const name = lilv_plugin_get_name(plugin);
  snprintf(instrument->name, sizeof(instrument->name), "%s", name ? lilv_node_as_string(name) : "a plugin");
  lilv_node_free(name);
  instrument->events = lv2_instance_events(instrument->plugin, true, LV2_MIDI__MidiEvent);
  if (!instrument->events || !lv2_instance_audio(instrument->plugin, 0)) {
    return error_set(error, STATUS_BAD_VALUE, "%s is no instrument: it takes no MIDI or makes no sound",
                     instrument->name);
  }
  return STATUS_SUCCESS;
}

static enum status
use_piano(struct instrument *const instrument, const double rate, struct error *const error)
{
  snprintf(instrument->name, sizeof(instrument->name), "the built-in piano");
  instrument->piano = piano_new(rate);
  return instrument->piano ? STATUS_SUCCESS : error_set(error, STATUS_NO_MEMORY, "out of memory");
}

static enum status
make(struct lv2_host *const host,
     const LilvPlugin *const plugin,
     struct instrument **const made,
     struct error *const error)
{
  struct instrument *const instrument = calloc(1, sizeof(*instrument));
  if (!instrument) {
    return error_set(error, STATUS_NO_MEMORY, "out of memory");
  }
  instrument->midi_event = host->urids.midi_event;
  const enum status status =
      plugin ? use_plugin(instrument, host, plugin, error) : use_piano(instrument, host->rate, error);
  if (status) {
    instrument_free(instrument);
    return status;
  }
  *made = instrument;
  return STATUS_SUCCESS;
}

// Whether to look for another one. Without memory, another would be no better.
static bool
is_missing(const enum status status)
{
  return status && status != STATUS_NO_MEMORY;
}

// Make the first piano that works
static enum status
make_piano(struct lv2_host *const host, struct instrument **const made, struct error *const error)
{
  const LilvPlugin *plugin = lv2_host_plugin(host, INSTRUMENT_DEFAULT);
  enum status status = plugin ? make(host, plugin, made, error) : STATUS_NOT_FOUND;
  const char *after = NULL;
  while (is_missing(status) && (plugin = lv2_host_next_instrument(host, "piano", after))) {
    after = lilv_node_as_uri(lilv_plugin_get_uri(plugin));
    if (strcmp(after, INSTRUMENT_DEFAULT) != 0) {
      status = make(host, plugin, made, error);
    }
  }
  return is_missing(status) ? make(host, NULL, made, error) : status;
}

enum status
instrument_new(struct lv2_host *const host,
               const char *const uri,
               struct instrument **const made,
               struct error *const error)
{
  *made = NULL;
  if (!uri) {
    return make_piano(host, made, error);
  }
  const LilvPlugin *const plugin = lv2_host_plugin(host, uri);
  if (!plugin) {
    return error_set(error, STATUS_NOT_FOUND, "there is no plugin <%s>; `lv2ls' lists those installed", uri);
  }
  return make(host, plugin, made, error);
}

void
instrument_free(struct instrument *const instrument)
{
  if (instrument) {
    piano_free(instrument->piano);
    lv2_instance_free(instrument->plugin);
    free(instrument);
  }
}

const char *
instrument_name(const struct instrument *const instrument)
{
  return instrument->name;
}

// Let the piano play up to `frame` of the present block
static void
play_until(struct instrument *const instrument, const uint32_t frame)
{
  if (frame > instrument->played && frame <= LV2_HOST_BLOCK) {
    const uint32_t begin = instrument->played;
    memset(instrument->left + begin, 0, (frame - begin) * sizeof(float));
    memset(instrument->right + begin, 0, (frame - begin) * sizeof(float));
    piano_run(instrument->piano, instrument->left + begin, instrument->right + begin, frame - begin);
    instrument->played = frame;
  }
}

void
instrument_midi(struct instrument *const instrument,
                const uint32_t frame,
                const uint8_t *const message,
                const uint32_t size)
{
  if (instrument->plugin) {
    lv2_events_append(instrument->events, frame, instrument->midi_event, size, message);
  } else {
    play_until(instrument, frame);
    piano_midi(instrument->piano, message, size);
  }
}

void
instrument_run(struct instrument *const instrument,
               const uint32_t frames,
               const float **const left,
               const float **const right)
{
  if (instrument->plugin) {
    lv2_instance_run(instrument->plugin, frames);
    *left = lv2_instance_audio(instrument->plugin, 0);
    *right = lv2_instance_audio(instrument->plugin, 1);
    *right = *right ? *right : *left;
  } else {
    play_until(instrument, frames);
    instrument->played = 0;
    *left = instrument->left;
    *right = instrument->right;
  }
}
