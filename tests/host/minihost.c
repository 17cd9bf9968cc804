// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The host for tests: making it, its ports, its transport, and running it. What comes out of the plugin is recorded in
// minihost_record.c; state is in minihost_state.c, the worker in minihost_worker.c.

#include "minihost_private.h"

#include <lv2/atom/forge.h>
#include <lv2/patch/patch.h>
#include <lv2/time/time.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { INPUT_SIZE = 16384, DEFAULT_OUTPUT_SIZE = 32768, DEFAULT_BLOCK = 256 };

static uint32_t
map_uri(const LV2_URID_Map_Handle handle, const char *const uri)
{
  struct minihost *const host = handle;
  uint32_t urid = 0;
  pthread_mutex_lock(&host->uri_lock);
  for (uint32_t i = 0; i < host->uri_count && urid == 0; ++i) {
    urid = strcmp(host->uris[i], uri) ? 0 : i + 1;
  }
  if (urid == 0 && host->uri_count < HOST_URIS) {
    host->uris[host->uri_count++] = strdup(uri);
    urid = host->uri_count;
  }
  pthread_mutex_unlock(&host->uri_lock);
  return urid;
}

static const char *
unmap_uri(const LV2_URID_Unmap_Handle handle, const uint32_t urid)
{
  struct minihost *const host = handle;
  pthread_mutex_lock(&host->uri_lock);
  const char *const uri = urid > 0 && urid <= host->uri_count ? host->uris[urid - 1] : NULL;
  pthread_mutex_unlock(&host->uri_lock);
  return uri;
}

uint32_t
host_map(struct minihost *const host, const char *const uri)
{
  return map_uri(host, uri);
}

/// Make buffers for all ports and connect them.
static void
connect_ports(struct minihost *const host)
{
  host->port_count = lilv_plugin_get_num_ports(host->plugin);
  float *const defaults = calloc(host->port_count, sizeof *defaults);
  lilv_plugin_get_port_ranges_float(host->plugin, NULL, NULL, defaults);
  for (uint32_t i = 0; i < host->port_count; ++i) {
    host->controls[i] = defaults[i] == defaults[i] ? defaults[i] : 0.0F;
    lilv_instance_connect_port(host->instance, i, &host->controls[i]);
  }
  free(defaults);
  host->input = calloc(1, INPUT_SIZE);
  host->output = calloc(1, host->options.output_size);
  host->notify = calloc(1, host->options.output_size);
  lilv_instance_connect_port(host->instance, 0, host->input);
  lilv_instance_connect_port(host->instance, 1, host->output);
  lilv_instance_connect_port(host->instance, 2, host->notify);
}

static void
queue_draw(void *const handle)
{
  struct minihost *const host = handle;
  ++host->draws;
}

unsigned
minihost_draws(const struct minihost *const host)
{
  return host->draws;
}

int
minihost_render(struct minihost *const host,
                const uint32_t width,
                const uint32_t height_most,
                struct minihost_picture *const picture)
{
  struct surface {
    const unsigned char *data;
    int width, height, stride;
  };
  const struct {
    struct surface *(*render)(LV2_Handle instance, uint32_t width, uint32_t height_most);
  } *const display =
      lilv_instance_get_extension_data(host->instance, "http://harrisonconsoles.com/lv2/inlinedisplay#interface");
  const struct surface *const surface =
      display ? display->render(lilv_instance_get_handle(host->instance), width, height_most) : NULL;
  if (!surface || !surface->data || surface->stride != surface->width * (int)sizeof(uint32_t)) {
    return -1;
  }
  *picture = (struct minihost_picture){(const uint32_t *)(const void *)surface->data, surface->width, surface->height};
  return 0;
}

static void
set_features(struct minihost *const host)
{
  host->map = (LV2_URID_Map){host, map_uri};
  host->unmap = (LV2_URID_Unmap){host, unmap_uri};
  host->schedule = (LV2_Worker_Schedule){host, host_schedule};
  host->map_feature = (LV2_Feature){LV2_URID__map, &host->map};
  host->unmap_feature = (LV2_Feature){LV2_URID__unmap, &host->unmap};
  host->schedule_feature = (LV2_Feature){LV2_WORKER__schedule, &host->schedule};
  size_t count = 0;
  host->features[count++] = &host->map_feature;
  host->features[count++] = &host->unmap_feature;
  if (host->options.worker != MINIHOST_WORKER_NONE) {
    host->features[count++] = &host->schedule_feature;
  }
  if (host->options.inline_display) {
    host->inline_host.handle = host;
    host->inline_host.queue_draw = queue_draw;
    host->inline_feature =
        (LV2_Feature){"http://harrisonconsoles.com/lv2/inlinedisplay#queue_draw", &host->inline_host};
    host->features[count++] = &host->inline_feature;
  }
}

/// Find the plugin in the bundle.
static const LilvPlugin *
find_plugin(struct minihost *const host)
{
  char path[4200];
  snprintf(path, sizeof path, "%s/", host->options.bundle);
  host->world = lilv_world_new();
  LilvNode *const bundle = lilv_new_file_uri(host->world, NULL, path);
  lilv_world_load_bundle(host->world, bundle);
  lilv_node_free(bundle);
  LilvNode *const uri = lilv_new_uri(host->world, MINIHOST_PLUGIN);
  const LilvPlugin *const plugin = lilv_plugins_get_by_uri(lilv_world_get_all_plugins(host->world), uri);
  lilv_node_free(uri);
  return plugin;
}

struct minihost *
minihost_new(const struct minihost_options *const options)
{
  struct minihost *const host = calloc(1, sizeof *host);
  host->options = *options;
  host->options.rate = options->rate > 0.0 ? options->rate : 48000.0;
  host->options.block = options->block ? options->block : DEFAULT_BLOCK;
  host->options.output_size = options->output_size ? options->output_size : DEFAULT_OUTPUT_SIZE;
  pthread_mutex_init(&host->uri_lock, NULL);
  pthread_mutex_init(&host->request_lock, NULL);
  song_init(&host->song, host->options.rate);
  set_features(host);
  lv2_atom_forge_init(&host->forge, &host->map);

  host->plugin = find_plugin(host);
  host->instance = host->plugin ? lilv_plugin_instantiate(host->plugin, host->options.rate, host->features) : NULL;
  if (!host->instance) {
    fprintf(stderr, "minihost: cannot instantiate the plugin in %s\n", options->bundle);
    minihost_free(host);
    return NULL;
  }
  host_worker_begin(host);
  connect_ports(host);
  host->position_due = true;
  minihost_activate(host);
  return host;
}

void
minihost_free(struct minihost *const host)
{
  if (!host) {
    return;
  }
  if (host->instance) {
    minihost_deactivate(host);
    host_worker_end(host);
    lilv_instance_free(host->instance);
  }
  lilv_world_free(host->world);
  for (uint32_t i = 0; i < host->uri_count; ++i) {
    free(host->uris[i]);
  }
  for (size_t i = 0; i < HOST_PROPERTIES; ++i) {
    free(host->properties[i].text);
  }
  pthread_mutex_destroy(&host->request_lock);
  pthread_mutex_destroy(&host->uri_lock);
  free(host->request.text);
  free(host->input);
  free(host->output);
  free(host->notify);
  free(host->events);
  free(host);
}

uint32_t
host_port(struct minihost *const host, const char *const symbol)
{
  LilvNode *const node = lilv_new_string(host->world, symbol);
  const LilvPort *const port = lilv_plugin_get_port_by_symbol(host->plugin, node);
  lilv_node_free(node);
  if (!port) {
    fprintf(stderr, "minihost: there is no port %s\n", symbol);
    abort();
  }
  return lilv_port_get_index(host->plugin, port);
}

void
minihost_set(struct minihost *const host, const char *const symbol, const float value)
{
  host->controls[host_port(host, symbol)] = value;
}

float
minihost_get(struct minihost *const host, const char *const symbol)
{
  return host->controls[host_port(host, symbol)];
}

void *
minihost_handle(struct minihost *const host)
{
  return lilv_instance_get_handle(host->instance);
}

int
minihost_has_latency(const struct minihost *const host)
{
  return lilv_plugin_has_latency(host->plugin);
}

int
minihost_disconnect(struct minihost *const host, const uint32_t index)
{
  if (index < host->port_count) {
    lilv_instance_connect_port(host->instance, index, NULL);
    host->unconnected[index] = true;
  }
  return index < host->port_count;
}

void
minihost_activate(struct minihost *const host)
{
  if (!host->active) {
    lilv_instance_activate(host->instance);
    host->active = true;
  }
}

void
minihost_deactivate(struct minihost *const host)
{
  if (host->active) {
    lilv_instance_deactivate(host->instance);
    host->active = false;
  }
}

void
minihost_block(struct minihost *const host, const uint32_t block)
{
  host->options.block = block;
}

const struct song *
minihost_song(const struct minihost *const host)
{
  return &host->song;
}

/// Remember a change of the transport for the next block.
static void
change(struct minihost *const host, const struct host_change what)
{
  if (host->change_count == HOST_CHANGES) {
    abort();
  }
  host->changes[host->change_count] = what;
  host->changes[host->change_count++].offset = host->delay;
}

void
minihost_play(struct minihost *const host)
{
  change(host, (struct host_change){.kind = CHANGE_PLAY});
}

void
minihost_stop(struct minihost *const host)
{
  change(host, (struct host_change){.kind = CHANGE_STOP});
}

void
minihost_locate(struct minihost *const host, const int64_t bar, const double beat)
{
  change(host, (struct host_change){.kind = CHANGE_LOCATE, .bar = bar, .number = beat});
}

void
minihost_tempo(struct minihost *const host, const double bpm)
{
  change(host, (struct host_change){.kind = CHANGE_TEMPO, .number = bpm});
}

void
minihost_metre(struct minihost *const host, const int beats, const int unit)
{
  change(host, (struct host_change){.kind = CHANGE_METRE, .beats = beats, .unit = unit});
}

void
minihost_delay(struct minihost *const host, const uint32_t frames)
{
  host->delay = frames;
}

/// Apply `what` to the timeline, at its present frame.
static void
apply(struct song *const song, const struct host_change *const what)
{
  song_settle(song);
  switch (what->kind) {
  case CHANGE_PLAY:
    song->rolling = true;
    break;
  case CHANGE_STOP:
    song->rolling = false;
    break;
  case CHANGE_LOCATE:
    song_locate(song, what->bar, what->number);
    break;
  case CHANGE_TEMPO:
    song->bpm = what->number;
    break;
  case CHANGE_METRE:
    song->beats = what->beats;
    song->unit = what->unit;
    break;
  }
}

/// Write the timeline's position at `offset` of the block.
static void
write_position(struct minihost *const host, const uint32_t offset)
{
  LV2_Atom_Forge *const forge = &host->forge;
  const struct song *const song = &host->song;
  const struct song_place place = song_place_at(song, song->frame);
  LV2_Atom_Forge_Frame frame;
  const uint8_t *const begin = forge->buf + forge->offset;
  lv2_atom_forge_frame_time(forge, offset);
  lv2_atom_forge_object(forge, &frame, 0, host_map(host, LV2_TIME__Position));
  if (host->options.blank) {
    LV2_Atom_Event *const event = (LV2_Atom_Event *)(void *)(forge->buf + (begin - forge->buf));
    event->body.type = host_map(host, LV2_ATOM__Blank);
  }
  lv2_atom_forge_key(forge, host_map(host, LV2_TIME__frame));
  lv2_atom_forge_long(forge, song->frame);
  lv2_atom_forge_key(forge, host_map(host, LV2_TIME__speed));
  lv2_atom_forge_float(forge, song->rolling ? 1.0F : 0.0F);
  lv2_atom_forge_key(forge, host_map(host, LV2_TIME__bar));
  lv2_atom_forge_long(forge, place.bar);
  lv2_atom_forge_key(forge, host_map(host, LV2_TIME__barBeat));
  lv2_atom_forge_float(forge, (float)place.beat);
  lv2_atom_forge_key(forge, host_map(host, LV2_TIME__beat));
  lv2_atom_forge_double(forge, 0.0); // As Carla does; nobody may look at it
  lv2_atom_forge_key(forge, host_map(host, LV2_TIME__beatUnit));
  lv2_atom_forge_int(forge, song->unit);
  lv2_atom_forge_key(forge, host_map(host, LV2_TIME__beatsPerBar));
  lv2_atom_forge_float(forge, (float)song->beats);
  lv2_atom_forge_key(forge, host_map(host, LV2_TIME__beatsPerMinute));
  lv2_atom_forge_float(forge, (float)song->bpm);
  lv2_atom_forge_pop(forge, &frame);
}

/// Bring the transport's changes that are due within `frames` into the block, as positions at their frames. `timelines` is
/// the timeline as it is from each change on; the recorder needs them.
static void
write_changes(struct minihost *const host, const uint32_t frames)
{
  const int64_t begin = host->song.frame;
  const bool silent = host->options.positions == MINIHOST_POSITIONS_NONE;
  host->timeline_count = 0;
  if (!silent &&
      (host->position_due || (host->song.rolling && host->options.positions == MINIHOST_POSITIONS_EACH_BLOCK &&
                              (host->change_count == 0 || host->changes[0].offset > 0)))) {
    write_position(host, 0);
  }
  host->position_due = false;
  host->timelines[host->timeline_count++] = host->song;
  for (size_t i = 0; i < host->change_count; ++i) {
    const struct host_change *const what = &host->changes[i];
    host->song.frame = begin + (what->offset < frames ? what->offset : frames - 1);
    apply(&host->song, what);
    const bool last = i + 1 == host->change_count || host->changes[i + 1].offset != what->offset;
    if (!silent && last) {
      write_position(host, (uint32_t)(host->song.frame - begin));
    }
    host->timelines[host->timeline_count++] = host->song;
  }
  host->change_count = 0;
  host->delay = 0;
  host->song.frame = begin;
}

static void
write_requests(struct minihost *const host)
{
  LV2_Atom_Forge *const forge = &host->forge;
  LV2_Atom_Forge_Frame frame;
  pthread_mutex_lock(&host->request_lock);
  if (host->request.text) {
    lv2_atom_forge_frame_time(forge, 0);
    lv2_atom_forge_object(forge, &frame, 0, host_map(host, LV2_PATCH__Set));
    lv2_atom_forge_key(forge, host_map(host, LV2_PATCH__property));
    lv2_atom_forge_urid(forge, host_map(host, host->request.uri));
    lv2_atom_forge_key(forge, host_map(host, LV2_PATCH__value));
    lv2_atom_forge_typed_string(forge, host_map(host, host->request.type), host->request.text,
                                (uint32_t)strlen(host->request.text));
    lv2_atom_forge_pop(forge, &frame);
    free(host->request.text);
    host->request.text = NULL;
  }
  if (host->asks) {
    lv2_atom_forge_frame_time(forge, 0);
    lv2_atom_forge_object(forge, &frame, 0, host_map(host, LV2_PATCH__Get));
    lv2_atom_forge_pop(forge, &frame);
    host->asks = false;
  }
  pthread_mutex_unlock(&host->request_lock);
}

static void
request(struct minihost *const host, const char *const name, const char *const type, const char *const text)
{
  pthread_mutex_lock(&host->request_lock);
  snprintf(host->request.uri, sizeof host->request.uri, "%s#%s", MINIHOST_PLUGIN, name);
  host->request.type = type;
  free(host->request.text);
  host->request.text = strdup(text);
  pthread_mutex_unlock(&host->request_lock);
}

void
minihost_set_weights(struct minihost *const host, const char *const path)
{
  request(host, "weights", LV2_ATOM__Path, path);
}

void
minihost_export(struct minihost *const host, const char *const path)
{
  request(host, "export", LV2_ATOM__Path, path);
}

void
minihost_set_bars(struct minihost *const host, const char *const name, const char *const bars)
{
  request(host, name, LV2_ATOM__String, bars);
}

void
minihost_ask(struct minihost *const host)
{
  for (size_t i = 0; i < HOST_PROPERTIES; ++i) {
    host->properties[i].name = NULL;
  }
  host->asks = true;
}

void
host_mark(const struct minihost *const host, const char *const path)
{
  if (host->options.marks != MINIHOST_NO_MARKS) {
    (void)!access(path, F_OK); // There is no such file: only the call counts
  }
}

/// Seconds of processor time that this thread has used.
static double
processor_seconds(void)
{
  struct timespec now = {.tv_sec = 0};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/// Have the plugin run, and note what that costs.
static void
run_plugin(struct minihost *const host, const uint32_t frames)
{
  const double before = host->costs ? processor_seconds() : 0.0;
  host_mark(host, "/ritornello/mark/begin");
  lilv_instance_run(host->instance, frames);
  if (host->options.marks == MINIHOST_MARKS_BAD) {
    host_mark(host, "/ritornello/nothing");
  }
  host_mark(host, "/ritornello/mark/end");
  if (host->costs && host->cost_count < host->cost_room) {
    host->costs[host->cost_count++] = (processor_seconds() - before) * host->options.rate / (frames ? frames : 1);
  }
}

void
minihost_measure(struct minihost *const host, double *const costs, const size_t room)
{
  host->costs = costs;
  host->cost_count = 0;
  host->cost_room = room;
}

size_t
minihost_measured(const struct minihost *const host)
{
  return host->cost_count;
}

/// Run one block.
static void
run_block(struct minihost *const host, const uint32_t frames)
{
  LV2_Atom_Forge_Frame sequence;
  const int64_t begin = host->song.frame;
  lv2_atom_forge_set_buffer(&host->forge, (uint8_t *)host->input, INPUT_SIZE);
  lv2_atom_forge_sequence_head(&host->forge, &sequence, 0);
  write_requests(host);
  host_write_sent(host);
  if (frames > 0) {
    const uint32_t last = host->change_count > 0 ? host->changes[host->change_count - 1].offset : 0;
    write_changes(host, frames);
    host_write_scheduled(host, begin, frames, last < frames ? last : frames - 1);
  }
  lv2_atom_forge_pop(&host->forge, &sequence);

  const uint32_t chunk = host_map(host, LV2_ATOM__Chunk);
  const uint32_t room = host->options.output_size - (uint32_t)sizeof(LV2_Atom);
  host->output->atom = (LV2_Atom){room, chunk};
  host->notify->atom = (LV2_Atom){room, chunk};
  const LV2_Atom nothing = {sizeof(LV2_Atom_Sequence_Body), host_map(host, LV2_ATOM__Sequence)};
  host->output->atom = host->unconnected[1] ? nothing : host->output->atom;
  host->notify->atom = host->unconnected[2] ? nothing : host->notify->atom;
  run_plugin(host, frames);
  host_worker_respond(host);
  host->song.frame = begin + frames;
  host_read_outputs(host, begin, frames);
}

void
minihost_run(struct minihost *const host, const int64_t frames)
{
  for (int64_t done = 0; done < frames;) {
    const int64_t left = frames - done;
    const uint32_t block = left < (int64_t)host->options.block ? (uint32_t)left : host->options.block;
    run_block(host, block);
    done += block;
  }
  if (frames == 0) {
    run_block(host, 0);
  }
}
