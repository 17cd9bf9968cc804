// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "lv2_instance.h"

#include "arguments.h"
#include "lv2_worker.h"

#include <lv2/atom/util.h>
#include <lv2/buf-size/buf-size.h>
#include <lv2/core/lv2.h>
#include <lv2/resize-port/resize-port.h>
#include <lv2/state/state.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { FEATURE_COUNT = 9, EVENTS_CAPACITY = 65536, EVENTS_LARGEST = 64 * 1024 * 1024 };

enum port_kind { PORT_CONTROL, PORT_AUDIO, PORT_EVENTS, PORT_UNCONNECTED };

struct port {
  enum port_kind kind;
  bool input;
  const LilvPort *description;
  float value; ///< Control
  float minimum;
  float maximum;
  float *audio; ///< [LV2_HOST_BLOCK], also for control voltages
  struct lv2_events events;
};

struct lv2_instance {
  struct lv2_host *host;
  const LilvPlugin *plugin;
  LilvInstance *instance;
  bool active;
  struct port *ports; ///< [count], in the order of the plugin's indices
  uint32_t count;
  struct lv2_worker worker;
  LV2_Feature features[FEATURE_COUNT];
  const LV2_Feature *feature_list[FEATURE_COUNT + 1];
};

static bool
port_is(const struct lv2_instance *const instance, const struct port *const port, const char *const class_uri)
{
  LilvNode *const node = lilv_new_uri(instance->host->world, class_uri);
  const bool is = lilv_port_is_a(instance->plugin, port->description, node);
  lilv_node_free(node);
  return is;
}

static uint32_t
events_capacity(const struct lv2_instance *const instance, const struct port *const port)
{
  LilvNode *const key = lilv_new_uri(instance->host->world, LV2_RESIZE_PORT__minimumSize);
  LilvNode *const size = lilv_port_get(instance->plugin, port->description, key);
  int capacity = EVENTS_CAPACITY;
  if (size && lilv_node_is_int(size) && lilv_node_as_int(size) > capacity) {
    capacity = lilv_node_as_int(size) < EVENTS_LARGEST ? lilv_node_as_int(size) : EVENTS_LARGEST;
  }
  lilv_node_free(size);
  lilv_node_free(key);
  return (uint32_t)lv2_atom_pad_size((uint32_t)capacity);
}

static void
events_clear(const struct lv2_instance *const instance, struct port *const port)
{
  LV2_Atom_Sequence *const sequence = port->events.sequence;
  const struct lv2_urids *const urids = &instance->host->urids;
  if (port->input) {
    sequence->atom = (LV2_Atom){sizeof(LV2_Atom_Sequence_Body), urids->atom_sequence};
  } else { // A plugin finds its capacity there
    sequence->atom = (LV2_Atom){port->events.capacity - (uint32_t)sizeof(LV2_Atom), urids->atom_chunk};
  }
  sequence->body = (LV2_Atom_Sequence_Body){0, 0};
}

static enum status
port_fail(const struct lv2_instance *const instance, const struct port *const port, struct error *const error)
{
  return error_set(error, STATUS_NOT_FOUND, "plugin <%s> has a port `%s' of a kind that is not supported",
                   lilv_node_as_uri(lilv_plugin_get_uri(instance->plugin)),
                   lilv_node_as_string(lilv_port_get_symbol(instance->plugin, port->description)));
}

static enum status
port_prepare(const struct lv2_instance *const instance, struct port *const port, struct error *const error)
{
  void *memory = port;
  port->input = port_is(instance, port, LV2_CORE__InputPort);
  if (port_is(instance, port, LV2_CORE__ControlPort)) {
    port->kind = PORT_CONTROL;
  } else if (port_is(instance, port, LV2_CORE__AudioPort) || port_is(instance, port, LV2_CORE__CVPort)) {
    port->kind = PORT_AUDIO;
    memory = port->audio = calloc(LV2_HOST_BLOCK, sizeof(float));
  } else if (port_is(instance, port, LV2_ATOM__AtomPort)) {
    port->kind = PORT_EVENTS;
    port->events.capacity = events_capacity(instance, port);
    memory = port->events.sequence = calloc(1, port->events.capacity);
  } else {
    port->kind = PORT_UNCONNECTED;
    LilvNode *const optional = lilv_new_uri(instance->host->world, LV2_CORE__connectionOptional);
    const bool may_be = lilv_port_has_property(instance->plugin, port->description, optional);
    lilv_node_free(optional);
    return may_be ? STATUS_SUCCESS : port_fail(instance, port, error);
  }
  return memory ? STATUS_SUCCESS : error_set(error, STATUS_NO_MEMORY, "out of memory");
}

static void
ports_set_defaults(const struct lv2_instance *const instance,
                   const float *const minimums,
                   const float *const maximums,
                   const float *const defaults)
{
  for (uint32_t i = 0; i < instance->count; ++i) {
    struct port *const port = &instance->ports[i];
    port->minimum = isfinite(minimums[i]) ? minimums[i] : -HUGE_VALF;
    port->maximum = isfinite(maximums[i]) ? maximums[i] : HUGE_VALF;
    port->value = isfinite(defaults[i]) ? defaults[i] : isfinite(minimums[i]) ? minimums[i] : 0.0F;
  }
}

static enum status
ports_prepare(struct lv2_instance *const instance, struct error *const error)
{
  const uint32_t count = lilv_plugin_get_num_ports(instance->plugin);
  instance->ports = calloc(count ? count : 1, sizeof(struct port));
  float *const ranges = calloc(count ? 3 * (size_t)count : 1, sizeof(float));
  if (!instance->ports || !ranges) {
    free(ranges);
    return error_set(error, STATUS_NO_MEMORY, "out of memory");
  }

  instance->count = count;
  lilv_plugin_get_port_ranges_float(instance->plugin, ranges, ranges + count, ranges + 2 * (size_t)count);
  ports_set_defaults(instance, ranges, ranges + count, ranges + 2 * (size_t)count);
  free(ranges);

  enum status status = STATUS_SUCCESS;
  for (uint32_t i = 0; !status && i < count; ++i) {
    instance->ports[i].description = lilv_plugin_get_port_by_index(instance->plugin, i);
    status = port_prepare(instance, &instance->ports[i], error);
  }
  return status;
}

static void
ports_connect(struct lv2_instance *const instance)
{
  for (uint32_t i = 0; i < instance->count; ++i) {
    struct port *const port = &instance->ports[i];
    void *const places[] = {&port->value, port->audio, port->events.sequence, NULL};
    lilv_instance_connect_port(instance->instance, i, places[port->kind]);
    if (port->kind == PORT_EVENTS) {
      events_clear(instance, port);
    }
  }
}

static void
offer_features(struct lv2_instance *const instance)
{
  struct lv2_host *const host = instance->host;
  const LV2_Feature features[FEATURE_COUNT] = {
      {LV2_URID__map, &host->map},
      {LV2_URID__unmap, &host->unmap},
      {LV2_OPTIONS__options, host->options},
      {LV2_LOG__log, &host->log},
      {LV2_WORKER__schedule, &instance->worker.schedule},
      {LV2_BUF_SIZE__boundedBlockLength, NULL},
      {LV2_STATE__loadDefaultState, NULL},
      {LV2_STATE__threadSafeRestore, NULL},
      {LV2_CORE__hardRTCapable, NULL},
  };
  memcpy(instance->features, features, sizeof(features));
  for (size_t i = 0; i < FEATURE_COUNT; ++i) {
    instance->feature_list[i] = &instance->features[i];
  }
}

static enum status
check_required_features(const struct lv2_instance *const instance, struct error *const error)
{
  enum status status = STATUS_SUCCESS;
  LilvNodes *const required = lilv_plugin_get_required_features(instance->plugin);
  LILV_FOREACH(nodes, i, required)
  {
    const char *const uri = lilv_node_as_uri(lilv_nodes_get(required, i));
    bool offered = false;
    for (size_t k = 0; instance->feature_list[k]; ++k) {
      offered = offered || !strcmp(instance->feature_list[k]->URI, uri);
    }
    if (!offered && !status) {
      status = error_set(error, STATUS_NOT_FOUND, "plugin <%s> needs the feature <%s>, which is not offered here",
                         lilv_node_as_uri(lilv_plugin_get_uri(instance->plugin)), uri);
    }
  }
  lilv_nodes_free(required);
  return status;
}

static bool
plugin_has_feature(const struct lv2_instance *const instance, const char *const uri)
{
  LilvNode *const node = lilv_new_uri(instance->host->world, uri);
  const bool has = lilv_plugin_has_feature(instance->plugin, node);
  lilv_node_free(node);
  return has;
}

static enum status
instance_start(struct lv2_instance *const instance, struct error *const error)
{
  const char *const uri = lilv_node_as_uri(lilv_plugin_get_uri(instance->plugin));
  enum status status = check_required_features(instance, error);
  if (!status) {
    status = ports_prepare(instance, error);
  }
  if (status) {
    return status;
  }

  instance->instance = lilv_plugin_instantiate(instance->plugin, instance->host->rate, instance->feature_list);
  if (!instance->instance) {
    return error_set(error, STATUS_NOT_FOUND, "plugin <%s> does not start at %g Hz; is it fully installed?", uri,
                     instance->host->rate);
  }
  lv2_worker_connect(&instance->worker, instance->instance);
  ports_connect(instance);
  if (plugin_has_feature(instance, LV2_STATE__loadDefaultState)) {
    status = lv2_instance_restore(instance, uri, error);
  }
  if (!status) {
    lilv_instance_activate(instance->instance);
    instance->active = true;
  }
  return status;
}

enum status
lv2_instance_new(struct lv2_host *const host,
                 const LilvPlugin *const plugin,
                 struct lv2_instance **const made,
                 struct error *const error)
{
  *made = NULL;
  struct lv2_instance *const instance = calloc(1, sizeof(*instance));
  if (!instance) {
    return error_set(error, STATUS_NO_MEMORY, "out of memory");
  }
  instance->host = host;
  instance->plugin = plugin;
  lv2_worker_begin(&instance->worker);
  offer_features(instance);

  const enum status status = instance_start(instance, error);
  if (status) {
    lv2_instance_free(instance);
    return status;
  }
  *made = instance;
  return STATUS_SUCCESS;
}

void
lv2_instance_free(struct lv2_instance *const instance)
{
  if (!instance) {
    return;
  }
  if (instance->instance) {
    if (instance->active) {
      lilv_instance_deactivate(instance->instance);
    }
    lilv_instance_free(instance->instance);
  }
  lv2_worker_end(&instance->worker);
  for (uint32_t i = 0; i < instance->count; ++i) {
    free(instance->ports[i].audio);
    free(instance->ports[i].events.sequence);
  }
  free(instance->ports);
  free(instance);
}

static struct port *
find_control(const struct lv2_instance *const instance, const char *const symbol)
{
  for (uint32_t i = 0; i < instance->count; ++i) {
    struct port *const port = &instance->ports[i];
    const char *const name = lilv_node_as_string(lilv_port_get_symbol(instance->plugin, port->description));
    if (port->kind == PORT_CONTROL && port->input && !strcmp(name, symbol)) {
      return port;
    }
  }
  return NULL;
}

// Read a control's value as states hold it, in one of four number types
static bool
atom_number(const struct lv2_urids *const urids,
            const void *const value,
            const uint32_t size,
            const uint32_t type,
            double *const number)
{
  union {
    float f;
    double d;
    int32_t i;
    int64_t l;
  } atom = {0};
  if (size > sizeof(atom)) {
    return false;
  }
  memcpy(&atom, value, size);
  if (type == urids->atom_float) {
    *number = (double)atom.f;
  } else if (type == urids->atom_double) {
    *number = atom.d;
  } else if (type == urids->atom_int) {
    *number = (double)atom.i;
  } else if (type == urids->atom_long) {
    *number = (double)atom.l;
  } else {
    return false;
  }
  return true;
}

// lilv_state_restore() calls this with each control in a state
static void
restore_control(
    const char *const symbol, void *const data, const void *const value, const uint32_t size, const uint32_t type)
{
  const struct lv2_instance *const instance = data;
  struct port *const port = find_control(instance, symbol);
  double number = 0.0;
  if (port && atom_number(&instance->host->urids, value, size, type, &number) && number >= (double)port->minimum &&
      number <= (double)port->maximum) {
    port->value = (float)number;
  }
}

enum status
lv2_instance_restore(struct lv2_instance *const instance, const char *const uri, struct error *const error)
{
  struct lv2_host *const host = instance->host;
  LilvNode *const node = lilv_new_uri(host->world, uri);
  LilvState *const state = node ? lilv_state_new_from_world(host->world, &host->map, node) : NULL;
  lilv_node_free(node);
  if (!state) {
    return error_set(error, STATUS_NOT_FOUND, "the state <%s> can't be read", uri);
  }
  lilv_state_restore(state, instance->instance, restore_control, instance, 0, instance->feature_list);
  lilv_state_free(state);
  lv2_worker_run(&instance->worker);
  return STATUS_SUCCESS;
}

// Return whether `label` is `name`, or ends with it as its last words: "Mozart" is enough for "Wolfgang Amadeus Mozart"
static bool
label_ends_with(const char *const label, const char *const name)
{
  const size_t label_length = strlen(label);
  const size_t length = strlen(name);
  return length > 0 && length <= label_length && !strcasecmp(label + label_length - length, name) &&
         (length == label_length || label[label_length - length - 1] == ' ');
}

// Find the scale point of `port` that is called `name`, or the only one that ends so
static bool
find_scale_point(const struct lv2_instance *const instance,
                 const struct port *const port,
                 const char *const name,
                 float *const value)
{
  bool exact = false;
  unsigned matches = 0;
  float found = 0.0F;
  LilvScalePoints *const points = lilv_port_get_scale_points(instance->plugin, port->description);
  LILV_FOREACH(scale_points, i, points)
  {
    const LilvScalePoint *const point = lilv_scale_points_get(points, i);
    const char *const label = lilv_node_as_string(lilv_scale_point_get_label(point));
    if (!exact && label_ends_with(label, name)) {
      exact = strlen(label) == strlen(name);
      found = lilv_node_as_float(lilv_scale_point_get_value(point));
      ++matches;
    }
  }
  lilv_scale_points_free(points);
  if (exact || matches == 1) {
    *value = found;
    return true;
  }
  return false;
}

enum status
lv2_instance_value(const struct lv2_instance *const instance,
                   const char *const symbol,
                   const char *const text,
                   float *const value,
                   struct error *const error)
{
  const struct port *const port = find_control(instance, symbol);
  if (!port) {
    return error_set(error, STATUS_NOT_FOUND, "plugin <%s> has no control `%s'",
                     lilv_node_as_uri(lilv_plugin_get_uri(instance->plugin)), symbol);
  }
  if (find_scale_point(instance, port, text, value)) {
    return STATUS_SUCCESS;
  }
  double number = 0.0;
  const enum status status =
      argument_number(symbol, text, (double)port->minimum, (double)port->maximum, &number, error);
  if (!status) {
    *value = (float)number;
  }
  return status;
}

enum status
lv2_instance_set(struct lv2_instance *const instance,
                 const char *const symbol,
                 const char *const text,
                 struct error *const error)
{
  float value = 0.0F;
  const enum status status = lv2_instance_value(instance, symbol, text, &value, error);
  if (!status) {
    find_control(instance, symbol)->value = value;
  }
  return status;
}

static bool
port_has(const struct lv2_instance *const instance, const struct port *const port, const char *const property)
{
  LilvNode *const node = lilv_new_uri(instance->host->world, property);
  const bool has = lilv_port_has_property(instance->plugin, port->description, node);
  lilv_node_free(node);
  return has;
}

float *
lv2_instance_control(struct lv2_instance *const instance, const char *const symbol, bool *const has_steps)
{
  struct port *const port = find_control(instance, symbol);
  if (!port) {
    return NULL;
  }
  *has_steps = port_has(instance, port, LV2_CORE__integer) || port_has(instance, port, LV2_CORE__toggled) ||
               port_has(instance, port, LV2_CORE__enumeration);
  return &port->value;
}

bool
lv2_instance_designate(struct lv2_instance *const instance, const char *const designation, const float value)
{
  LilvWorld *const world = instance->host->world;
  LilvNode *const input = lilv_new_uri(world, LV2_CORE__InputPort);
  LilvNode *const node = lilv_new_uri(world, designation);
  const LilvPort *const found = lilv_plugin_get_port_by_designation(instance->plugin, input, node);
  lilv_node_free(node);
  lilv_node_free(input);
  struct port *const port = found ? &instance->ports[lilv_port_get_index(instance->plugin, found)] : NULL;
  if (!port || port->kind != PORT_CONTROL) {
    return false;
  }
  port->value = value;
  return true;
}

struct lv2_events *
lv2_instance_events(struct lv2_instance *const instance, const bool input, const char *const event_type)
{
  struct lv2_events *events = NULL;
  LilvNode *const node = lilv_new_uri(instance->host->world, event_type);
  for (uint32_t i = 0; !events && i < instance->count; ++i) {
    struct port *const port = &instance->ports[i];
    if (port->kind == PORT_EVENTS && port->input == input &&
        lilv_port_supports_event(instance->plugin, port->description, node)) {
      events = &port->events;
    }
  }
  lilv_node_free(node);
  return events;
}

bool
lv2_events_append(struct lv2_events *const events,
                  const uint32_t frame,
                  const LV2_URID type,
                  const uint32_t size,
                  const void *const body)
{
  LV2_Atom_Sequence *const sequence = events->sequence;
  const uint32_t used = (uint32_t)sizeof(LV2_Atom) + lv2_atom_pad_size(sequence->atom.size);
  const uint64_t needed = (uint64_t)sizeof(LV2_Atom_Event) + size + 8;
  if (needed > events->capacity - used) {
    return false;
  }
  LV2_Atom_Event *const event = lv2_atom_sequence_end(&sequence->body, sequence->atom.size);
  event->time.frames = frame;
  event->body = (LV2_Atom){size, type};
  memcpy(event + 1, body, size);
  sequence->atom.size += (uint32_t)sizeof(LV2_Atom_Event) + lv2_atom_pad_size(size);
  return true;
}

const float *
lv2_instance_audio(const struct lv2_instance *const instance, const unsigned index)
{
  unsigned found = 0;
  for (uint32_t i = 0; i < instance->count; ++i) {
    const struct port *const port = &instance->ports[i];
    if (port->kind == PORT_AUDIO && !port->input && found++ == index) {
      return port->audio;
    }
  }
  return NULL;
}

void
lv2_instance_run(struct lv2_instance *const instance, const uint32_t frames)
{
  for (uint32_t i = 0; i < instance->count; ++i) {
    struct port *const port = &instance->ports[i];
    if (port->kind == PORT_EVENTS && !port->input) {
      events_clear(instance, port);
    }
  }
  lilv_instance_run(instance->instance, frames);
  lv2_worker_run(&instance->worker);
  for (uint32_t i = 0; i < instance->count; ++i) {
    struct port *const port = &instance->ports[i];
    if (port->kind == PORT_EVENTS && port->input) {
      events_clear(instance, port);
    }
  }
}
