// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "lv2_host.h"

#include <lv2/atom/atom.h>
#include <lv2/buf-size/buf-size.h>
#include <lv2/midi/midi.h>
#include <lv2/parameters/parameters.h>
#include <lv2/patch/patch.h>
#include <lv2/presets/presets.h>
#include <lv2/time/time.h>

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { SEQUENCE_SIZE = 65536, PRESETS_LISTED = 256 };

LV2_URID
lv2_host_map(struct lv2_host *const host, const char *const uri)
{
  for (uint32_t i = 0; i < host->uri_count; ++i) {
    if (!strcmp(host->uris[i], uri)) {
      return i + 1;
    }
  }

  if (host->uri_count == host->uri_capacity) {
    const uint32_t capacity = host->uri_capacity ? 2 * host->uri_capacity : 64;
    char **const uris = realloc(host->uris, capacity * sizeof(*uris));
    if (!uris) {
      host->is_starved = true;
      return 0;
    }
    host->uris = uris;
    host->uri_capacity = capacity;
  }

  char *const copy = strdup(uri);
  if (!copy) {
    host->is_starved = true;
    return 0;
  }
  host->uris[host->uri_count] = copy;
  return ++host->uri_count;
}

static LV2_URID
map_uri(LV2_URID_Map_Handle handle, const char *const uri)
{
  return lv2_host_map(handle, uri);
}

static const char *
unmap_uri(LV2_URID_Unmap_Handle handle, const LV2_URID urid)
{
  const struct lv2_host *const host = handle;
  return urid >= 1 && urid <= host->uri_count ? host->uris[urid - 1] : NULL;
}

// Plugins' errors and warnings go to stderr, what they chat otherwise to nobody.
__attribute__((format(printf, 3, 0))) static int
log_vprintf(LV2_Log_Handle handle, const LV2_URID type, const char *const format, va_list args)
{
  const struct lv2_host *const host = handle;
  if (type != host->urids.log_error && type != host->urids.log_warning) {
    return 0;
  }
  return vfprintf(stderr, format, args);
}

__attribute__((format(printf, 3, 4))) static int
log_printf(LV2_Log_Handle handle, const LV2_URID type, const char *const format, ...)
{
  va_list args;
  va_start(args, format);
  const int written = log_vprintf(handle, type, format, args);
  va_end(args);
  return written;
}

static void
fill_urids(struct lv2_host *const host)
{
  struct lv2_urids *const urids = &host->urids;
  urids->atom_chunk = lv2_host_map(host, LV2_ATOM__Chunk);
  urids->atom_double = lv2_host_map(host, LV2_ATOM__Double);
  urids->atom_float = lv2_host_map(host, LV2_ATOM__Float);
  urids->atom_int = lv2_host_map(host, LV2_ATOM__Int);
  urids->atom_long = lv2_host_map(host, LV2_ATOM__Long);
  urids->atom_object = lv2_host_map(host, LV2_ATOM__Object);
  urids->atom_path = lv2_host_map(host, LV2_ATOM__Path);
  urids->atom_sequence = lv2_host_map(host, LV2_ATOM__Sequence);
  urids->atom_urid = lv2_host_map(host, LV2_ATOM__URID);
  urids->log_error = lv2_host_map(host, LV2_LOG__Error);
  urids->log_warning = lv2_host_map(host, LV2_LOG__Warning);
  urids->midi_event = lv2_host_map(host, LV2_MIDI__MidiEvent);
  urids->patch_body = lv2_host_map(host, LV2_PATCH__body);
  urids->patch_set = lv2_host_map(host, LV2_PATCH__Set);
  urids->patch_property = lv2_host_map(host, LV2_PATCH__property);
  urids->patch_value = lv2_host_map(host, LV2_PATCH__value);
  urids->time_position = lv2_host_map(host, LV2_TIME__Position);
  urids->time_bar = lv2_host_map(host, LV2_TIME__bar);
  urids->time_bar_beat = lv2_host_map(host, LV2_TIME__barBeat);
  urids->time_beat_unit = lv2_host_map(host, LV2_TIME__beatUnit);
  urids->time_beats_per_bar = lv2_host_map(host, LV2_TIME__beatsPerBar);
  urids->time_beats_per_minute = lv2_host_map(host, LV2_TIME__beatsPerMinute);
  urids->time_frame = lv2_host_map(host, LV2_TIME__frame);
  urids->time_speed = lv2_host_map(host, LV2_TIME__speed);
}

static LV2_Options_Option
option(struct lv2_host *const host, const char *const key, const uint32_t size, const LV2_URID type, const void *value)
{
  return (LV2_Options_Option){LV2_OPTIONS_INSTANCE, 0, lv2_host_map(host, key), size, type, value};
}

static void
fill_options(struct lv2_host *const host)
{
  const LV2_URID int_type = host->urids.atom_int;
  host->option_rate = (float)host->rate;
  host->option_block = LV2_HOST_BLOCK;
  host->option_sequence = SEQUENCE_SIZE;
  LV2_Options_Option *const options = host->options;
  options[0] = option(host, LV2_PARAMETERS__sampleRate, sizeof(float), host->urids.atom_float, &host->option_rate);
  options[1] = option(host, LV2_BUF_SIZE__maxBlockLength, sizeof(int32_t), int_type, &host->option_block);
  options[2] = option(host, LV2_BUF_SIZE__nominalBlockLength, sizeof(int32_t), int_type, &host->option_block);
  options[3] = option(host, LV2_BUF_SIZE__sequenceSize, sizeof(int32_t), int_type, &host->option_sequence);
  options[4] = (LV2_Options_Option){LV2_OPTIONS_INSTANCE, 0, 0, 0, 0, NULL};
}

static enum status
load_bundle(const struct lv2_host *const host, const char *const bundle, struct error *const error)
{
  char *const folder = realpath(bundle, NULL);
  if (!folder) {
    return error_set(error, STATUS_NO_FILE, "there is no bundle `%s'", bundle);
  }

  // The URI of a bundle ends with a slash
  const size_t size = strlen(folder) + 2;
  char *const path = malloc(size);
  if (path) {
    snprintf(path, size, "%s/", folder);
    LilvNode *const uri = lilv_new_file_uri(host->world, NULL, path);
    lilv_world_load_bundle(host->world, uri);
    lilv_node_free(uri);
  }
  free(path);
  free(folder);
  return path ? STATUS_SUCCESS : error_set(error, STATUS_NO_MEMORY, "out of memory");
}

enum status
lv2_host_new(const char *const bundle, const double rate, struct lv2_host **const made, struct error *const error)
{
  *made = NULL;
  struct lv2_host *const host = calloc(1, sizeof(*host));
  if (!host || !(host->world = lilv_world_new())) {
    free(host);
    return error_set(error, STATUS_NO_MEMORY, "out of memory");
  }

  host->rate = rate;
  host->map = (LV2_URID_Map){host, map_uri};
  host->unmap = (LV2_URID_Unmap){host, unmap_uri};
  host->log = (LV2_Log_Log){host, log_printf, log_vprintf};
  fill_urids(host);
  fill_options(host);

  const enum status status = bundle ? load_bundle(host, bundle, error) : STATUS_SUCCESS;
  if (status) {
    lv2_host_free(host);
    return status;
  }
  lilv_world_load_all(host->world);
  *made = host;
  return STATUS_SUCCESS;
}

void
lv2_host_free(struct lv2_host *const host)
{
  if (host) {
    lilv_world_free(host->world);
    for (uint32_t i = 0; i < host->uri_count; ++i) {
      free(host->uris[i]);
    }
    free(host->uris);
    free(host);
  }
}

const LilvPlugin *
lv2_host_plugin(const struct lv2_host *const host, const char *const uri)
{
  LilvNode *const node = lilv_new_uri(host->world, uri);
  const LilvPlugin *plugin = NULL;
  if (node) {
    plugin = lilv_plugins_get_by_uri(lilv_world_get_all_plugins(host->world), node);
  }
  lilv_node_free(node);
  return plugin;
}

// Return whether `plugin` is an instrument whose name has `word` in it. Its class is asked for as it stands in its description:
// lilv knows classes by themselves only where LV2's own vocabulary is installed, which comes with the development files.
static bool
is_instrument_called(const struct lv2_host *const host, const LilvPlugin *const plugin, const char *const word)
{
  LilvNode *const type = lilv_new_uri(host->world, LILV_NS_RDF "type");
  LilvNode *const instrument = lilv_new_uri(host->world, LV2_CORE__InstrumentPlugin);
  LilvNodes *const types = lilv_plugin_get_value(plugin, type);
  LilvNode *const name = lilv_plugin_get_name(plugin);
  const bool is = lilv_nodes_contains(types, instrument) && name && strcasestr(lilv_node_as_string(name), word);
  lilv_node_free(name);
  lilv_nodes_free(types);
  lilv_node_free(instrument);
  lilv_node_free(type);
  return is;
}

const LilvPlugin *
lv2_host_next_instrument(const struct lv2_host *const host, const char *const word, const char *const after)
{
  const LilvPlugin *found = NULL;
  const char *found_uri = NULL;
  const LilvPlugins *const plugins = lilv_world_get_all_plugins(host->world);
  LILV_FOREACH(plugins, i, plugins)
  {
    const LilvPlugin *const plugin = lilv_plugins_get(plugins, i);
    const char *const uri = lilv_node_as_uri(lilv_plugin_get_uri(plugin));
    if ((!after || strcmp(uri, after) > 0) && (!found || strcmp(uri, found_uri) < 0) &&
        is_instrument_called(host, plugin, word)) {
      found = plugin;
      found_uri = uri;
    }
  }
  return found;
}

static LilvNodes *
plugin_presets(const struct lv2_host *const host, const LilvPlugin *const plugin)
{
  LilvNode *const preset_class = lilv_new_uri(host->world, LV2_PRESETS__Preset);
  LilvNodes *const presets = lilv_plugin_get_related(plugin, preset_class);
  lilv_node_free(preset_class);
  return presets;
}

// Return the label of `preset`, to be freed; NULL if it has none
static LilvNode *
preset_label(const struct lv2_host *const host, const LilvNode *const preset)
{
  LilvNode *const label_key = lilv_new_uri(host->world, LILV_NS_RDFS "label");
  lilv_world_load_resource(host->world, preset);
  LilvNode *const label = lilv_world_get(host->world, preset, label_key, NULL);
  lilv_node_free(label_key);
  return label;
}

char *
lv2_host_find_preset(const struct lv2_host *const host, const LilvPlugin *const plugin, const char *const name)
{
  char *found = NULL;
  LilvNodes *const presets = plugin_presets(host, plugin);
  LILV_FOREACH(nodes, i, presets)
  {
    const LilvNode *const preset = lilv_nodes_get(presets, i);
    LilvNode *const label = preset_label(host, preset);
    const bool same_label = label && !strcasecmp(lilv_node_as_string(label), name);
    if (!found && (same_label || !strcmp(lilv_node_as_uri(preset), name))) {
      found = strdup(lilv_node_as_uri(preset));
    }
    lilv_node_free(label);
  }
  lilv_nodes_free(presets);
  return found;
}

static int
compare_labels(const void *const a, const void *const b)
{
  const LilvNode *const *const left = a;
  const LilvNode *const *const right = b;
  return strcasecmp(lilv_node_as_string(*left), lilv_node_as_string(*right));
}

// Keep the labels that hold `part`, all if none does; free the others. Return how many are left.
static size_t
keep_labels(LilvNode **const labels, const size_t count, const char *const part)
{
  size_t like = 0;
  for (size_t i = 0; i < count; ++i) {
    like += strcasestr(lilv_node_as_string(labels[i]), part) != NULL;
  }
  size_t kept = 0;
  for (size_t i = 0; i < count; ++i) {
    if (!like || strcasestr(lilv_node_as_string(labels[i]), part)) {
      labels[kept++] = labels[i];
    } else {
      lilv_node_free(labels[i]);
    }
  }
  return kept;
}

// Write as many of `labels` as there is room for, and how many more there are.
static void
write_labels(LilvNode *const *const labels, const size_t count, char *const text, const size_t size)
{
  size_t length = 0;
  size_t i = 0;
  for (text[0] = '\0'; i < count; ++i) {
    const char *const label = lilv_node_as_string(labels[i]);
    if (length + strlen(label) + sizeof(", and 99999 more") > size) {
      break;
    }
    length += (size_t)snprintf(text + length, size - length, "%s%s", i ? ", " : "", label);
  }
  if (i < count) {
    snprintf(text + length, size - length, "%s%zu more", i ? " and " : "", count - i);
  }
}

void
lv2_host_list_presets(const struct lv2_host *const host,
                      const LilvPlugin *const plugin,
                      const char *const part,
                      char *const text,
                      const size_t size)
{
  LilvNode *labels[PRESETS_LISTED];
  size_t count = 0;
  LilvNodes *const presets = plugin_presets(host, plugin);
  LILV_FOREACH(nodes, i, presets)
  {
    LilvNode *const label = count < PRESETS_LISTED ? preset_label(host, lilv_nodes_get(presets, i)) : NULL;
    if (label) {
      labels[count++] = label;
    }
  }
  lilv_nodes_free(presets);
  count = keep_labels(labels, count, part);
  qsort(labels, count, sizeof(labels[0]), compare_labels);
  write_labels(labels, count, text, size);
  for (size_t i = 0; i < count; ++i) {
    lilv_node_free(labels[i]);
  }
}
