// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The sizes of a `streaming` network as a table of JSON keys and bounds, and its tensors as a table of names and shapes.

#include "streaming_layout.h"

#include <assert.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { SIZE_COUNT = 10 };

// One member of struct streaming_sizes: its JSON key and bounds.
struct size_rule {
  const char *key;
  size_t offset;
  uint32_t lowest;
  uint32_t highest;
  uint32_t multiple; // Of which it has to be a multiple
};

static const struct size_rule size_rules[SIZE_COUNT] = {
    {"embedding", offsetof(struct streaming_sizes, embedding), 16, 1024, 16},
    {"hidden", offsetof(struct streaming_sizes, hidden), 16, 1024, 16},
    {"backward", offsetof(struct streaming_sizes, backward), 0, 1024, 16},
    {"heads", offsetof(struct streaming_sizes, heads), 0, 16, 1},
    {"key", offsetof(struct streaming_sizes, key), 16, 256, 16},
    {"value", offsetof(struct streaming_sizes, value), 16, 256, 16},
    {"dense", offsetof(struct streaming_sizes, dense), 16, 1024, 16},
    {"segment", offsetof(struct streaming_sizes, segment), 2, 128, 1},
    {"memory", offsetof(struct streaming_sizes, memory), 16, 16384, 1},
    {"styles", offsetof(struct streaming_sizes, styles), 0, STREAMING_STYLES, 1},
};

// First bar of each class beyond the exact ones: two classes of each width, and the widths double.
enum { EXACT_DISTANCES = 32 };
static const uint16_t distances[ATTENTION_DISTANCES - EXACT_DISTANCES] = {
    32, 36, 40, 48, 56, 72, 88, 120, 152, 216, 280, 408, 536, 792, 1048, 1560,
};

static uint32_t
size_get(const struct streaming_sizes *const sizes, const struct size_rule *const rule)
{
  uint32_t value = 0;
  memcpy(&value, (const char *)sizes + rule->offset, sizeof(value));
  return value;
}

static void
size_set(struct streaming_sizes *const sizes, const struct size_rule *const rule, const uint32_t value)
{
  memcpy((char *)sizes + rule->offset, &value, sizeof(value));
}

static void
shape_set(struct tensor_shape *const shape, const char *const name, const uint32_t rows, const uint32_t columns)
{
  snprintf(shape->name, sizeof(shape->name), "%s", name);
  shape->rows = rows;
  shape->columns = columns;
}

static void
shapes_of_inputs(const struct streaming_sizes *const sizes, struct tensor_shape *const shapes)
{
  const uint32_t e = sizes->embedding;
  shape_set(&shapes[TENSOR_EMBED_HAND], "embed.hand", HAND_CLASSES + 1, e);
  shape_set(&shapes[TENSOR_EMBED_PITCH], "embed.pitch", PITCH_CLASSES, e);
  shape_set(&shapes[TENSOR_EMBED_DURATION], "embed.duration", DURATION_CLASSES, e);
  shape_set(&shapes[TENSOR_EMBED_VELOCITY], "embed.velocity", VELOCITY_CLASSES + 1, e);
  shape_set(&shapes[TENSOR_EMBED_ADVANCE], "embed.advance", ADVANCE_CLASSES, e);
  shape_set(&shapes[TENSOR_EMBED_START], "embed.start", e, 0);
  shape_set(&shapes[TENSOR_PLACE_TICK], "place.tick", PLACE_TICKS, e);
  shape_set(&shapes[TENSOR_PLACE_BEAT], "place.beat", PLACE_BEATS, e);
  shape_set(&shapes[TENSOR_PLACE_LENGTH], "place.length", PLACE_LENGTHS, e);
  shape_set(&shapes[TENSOR_CONDITION_STYLE], "condition.style", sizes->styles + 1, e);
  shape_set(&shapes[TENSOR_CONDITION_KEY], "condition.key", KEY_COUNT + 1, e);
  shape_set(&shapes[TENSOR_CONDITION_DENSITY], "condition.density", DENSITY_STEPS + 1, e);
  shape_set(&shapes[TENSOR_CONDITION_METRE], "condition.metre", METRE_CLASSES, e);
}

static void
shapes_of_encoders(const struct streaming_sizes *const sizes, struct tensor_shape *const shapes)
{
  const uint32_t e = sizes->embedding;
  const uint32_t h = sizes->hidden;
  const uint32_t b = sizes->backward;
  shape_set(&shapes[TENSOR_FORWARD_INPUT], "forward.input", 4 * h, e);
  shape_set(&shapes[TENSOR_FORWARD_RECURRENT], "forward.recurrent", 4 * h, h);
  shape_set(&shapes[TENSOR_FORWARD_BIAS], "forward.bias", 4 * h, 0);
  shape_set(&shapes[TENSOR_BACKWARD_INPUT], "backward.input", 4 * b, e);
  shape_set(&shapes[TENSOR_BACKWARD_RECURRENT], "backward.recurrent", 4 * b, b);
  shape_set(&shapes[TENSOR_BACKWARD_BIAS], "backward.bias", 4 * b, 0);
}

static void
shapes_of_attention(const struct streaming_sizes *const sizes, struct tensor_shape *const shapes)
{
  const uint32_t n = sizes->heads;
  const uint32_t h = sizes->hidden;
  const uint32_t b = sizes->backward;
  shape_set(&shapes[TENSOR_ATTENTION_QUERY], "attention.query", n * sizes->key, h);
  shape_set(&shapes[TENSOR_ATTENTION_KEY], "attention.key", n * sizes->key, h);
  shape_set(&shapes[TENSOR_ATTENTION_VALUE], "attention.value", n * sizes->value, sizes->embedding);
  shape_set(&shapes[TENSOR_ATTENTION_BACKWARD], "attention.backward", b ? n * sizes->value : 0, b);
  shape_set(&shapes[TENSOR_ATTENTION_BIAS], "attention.bias", n, ATTENTION_DISTANCES);
  shape_set(&shapes[TENSOR_ATTENTION_SINK], "attention.sink", n, 0);
}

static void
shapes_of_decoder(const struct streaming_sizes *const sizes, struct tensor_shape *const shapes)
{
  const uint32_t h = sizes->hidden;
  shape_set(&shapes[TENSOR_DECODER_INPUT], "decoder.input", 4 * h, h + sizes->heads * sizes->value);
  shape_set(&shapes[TENSOR_DECODER_RECURRENT], "decoder.recurrent", 4 * h, h);
  shape_set(&shapes[TENSOR_DECODER_BIAS], "decoder.bias", 4 * h, 0);
  shape_set(&shapes[TENSOR_DENSE_WEIGHT], "dense.weight", sizes->dense, h);
  shape_set(&shapes[TENSOR_DENSE_BIAS], "dense.bias", sizes->dense, 0);
}

static void
shapes_of_heads(const struct streaming_sizes *const sizes, struct tensor_shape *const shapes)
{
  for (unsigned i = 0; i < FIELD_COUNT; ++i) {
    const enum field field = (enum field)i;
    char name[sizeof(shapes->name)];
    snprintf(name, sizeof(name), "head.%s.weight", field_name(field));
    shape_set(&shapes[TENSOR_HEAD_WEIGHT + i], name, field_classes(field), sizes->dense);
    snprintf(name, sizeof(name), "head.%s.bias", field_name(field));
    shape_set(&shapes[TENSOR_HEAD_BIAS + i], name, field_classes(field), 0);
    if (field != FIELD_ADVANCE) {
      snprintf(name, sizeof(name), "head.%s.embed", field_name(field));
      shape_set(&shapes[TENSOR_HEAD_EMBED + i], name, field_classes(field), sizes->dense);
    }
  }
}

void
streaming_shapes(const struct streaming_sizes *const sizes, struct tensor_shape *const shapes)
{
  shapes_of_inputs(sizes, shapes);
  shapes_of_encoders(sizes, shapes);
  shapes_of_attention(sizes, shapes);
  shapes_of_decoder(sizes, shapes);
  shapes_of_heads(sizes, shapes);
}

enum status
streaming_sizes_check(const struct streaming_sizes *const sizes, struct error *const error)
{
  for (unsigned i = 0; i < SIZE_COUNT; ++i) {
    const struct size_rule *const rule = &size_rules[i];
    const uint32_t value = size_get(sizes, rule);
    if (value < rule->lowest || value > rule->highest || value % rule->multiple) {
      return error_set(error, STATUS_BAD_VALUE, "%s is %u; it has to be %u to %u%s", rule->key, value, rule->lowest,
                       rule->highest, rule->multiple > 1 ? ", a multiple of 16" : "");
    }
  }
  if (sizes->memory % sizes->segment) {
    return error_set(error, STATUS_BAD_VALUE, "memory is %u; it has to be a multiple of segment, which is %u",
                     sizes->memory, sizes->segment);
  }
  if (sizes->backward && !sizes->heads) {
    return error_set(error, STATUS_BAD_VALUE, "backward is %u; without attention heads it has to be 0",
                     sizes->backward);
  }
  return STATUS_SUCCESS;
}

void
streaming_sizes_format(const struct streaming_sizes *const sizes, char text[STREAMING_TEXT_SIZE])
{
  int length = snprintf(text, STREAMING_TEXT_SIZE, "{\"kind\": \"streaming\"");
  for (unsigned i = 0; i < SIZE_COUNT; ++i) {
    const struct size_rule *const rule = &size_rules[i];
    const size_t room = STREAMING_TEXT_SIZE - (size_t)length;
    length += snprintf(text + length, room, ", \"%s\": %u", rule->key, size_get(sizes, rule));
    assert(length + 2 < STREAMING_TEXT_SIZE);
  }
  text[length] = '}';
  text[length + 1] = '\0';
}

static const struct size_rule *
rule_find(const char *const key)
{
  for (unsigned i = 0; i < SIZE_COUNT; ++i) {
    if (!strcmp(key, size_rules[i].key)) {
      return &size_rules[i];
    }
  }
  return NULL;
}

// Read one member of the JSON object.
static enum status
member_read(const char *const key, const json_t *const value, struct streaming_sizes *const sizes, struct error *error)
{
  if (!strcmp(key, "kind")) {
    const char *const kind = json_string_value(value);
    return kind && !strcmp(kind, "streaming")
               ? STATUS_SUCCESS
               : error_set(error, STATUS_BAD_FORMAT, "the network's kind is not streaming");
  }
  const struct size_rule *const rule = rule_find(key);
  if (!rule) {
    return error_set(error, STATUS_BAD_FORMAT, "the network has an unknown size \"%.40s\"", key);
  }
  const json_int_t number = json_is_integer(value) ? json_integer_value(value) : -1;
  if (number < 0 || number > UINT32_MAX) {
    return error_set(error, STATUS_BAD_FORMAT, "the network's %s is no whole number in range", key);
  }
  size_set(sizes, rule, (uint32_t)number);
  return STATUS_SUCCESS;
}

static enum status
members_read(json_t *const object, struct streaming_sizes *const sizes, struct error *const error)
{
  if (!json_is_object(object) || !json_object_get(object, "kind")) {
    return error_set(error, STATUS_BAD_FORMAT, "the network's description is no object with a kind");
  }
  for (unsigned i = 0; i < SIZE_COUNT; ++i) {
    if (!json_object_get(object, size_rules[i].key)) {
      return error_set(error, STATUS_BAD_FORMAT, "the network's description lacks %s", size_rules[i].key);
    }
  }
  for (void *i = json_object_iter(object); i; i = json_object_iter_next(object, i)) {
    const enum status status = member_read(json_object_iter_key(i), json_object_iter_value(i), sizes, error);
    if (status) {
      return status;
    }
  }
  return STATUS_SUCCESS;
}

enum status
streaming_sizes_parse(const char *const text, struct streaming_sizes *const sizes, struct error *const error)
{
  if (strlen(text) >= STREAMING_TEXT_SIZE) {
    return error_set(error, STATUS_TOO_LARGE, "the network's description is longer than %d bytes",
                     STREAMING_TEXT_SIZE - 1);
  }
  json_error_t json_error;
  json_t *const object = json_loads(text, JSON_REJECT_DUPLICATES, &json_error);
  if (!object) {
    return error_set(error, STATUS_BAD_FORMAT, "the network's description is no JSON: %s", json_error.text);
  }
  *sizes = (struct streaming_sizes){0};
  enum status status = members_read(object, sizes, error);
  json_decref(object);
  if (!status) {
    status = streaming_sizes_check(sizes, error);
  }
  return status;
}

unsigned
attention_distance_class(const int64_t bars) REALTIME
{
  if (bars < EXACT_DISTANCES) {
    return bars < 0 ? 0 : (unsigned)bars;
  }
  unsigned class_ = ATTENTION_DISTANCES - 1;
  while (bars < distances[class_ - EXACT_DISTANCES]) {
    --class_;
  }
  return class_;
}
