// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A mutator for inputs that are a byte, a JSON text up to the first zero or the end, and more bytes: it changes the text as
// JSON, value by value, so that most of what comes is well-formed and gets further than to the parser. Every other time, and
// for all other inputs, it leaves the change to libFuzzer. Texts in the JSON that are JSON themselves, as in the metadata of
// weight files, are changed in the same way.

#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER_KIND = 1, KINDS = 4 };

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);

static uint32_t
draw(uint32_t *const state, const uint32_t count)
{
  *state = *state * 1664525U + 1013904223U;
  return (*state >> 8) % count;
}

static json_t *
any_number(uint32_t *const state)
{
  static const json_int_t numbers[] = {0,
                                       1,
                                       -1,
                                       2,
                                       15,
                                       16,
                                       17,
                                       255,
                                       256,
                                       1024,
                                       16384,
                                       65536,
                                       1 << 29,
                                       INT32_MAX,
                                       (json_int_t)1 << 32,
                                       (json_int_t)1 << 62,
                                       INT64_MAX,
                                       INT64_MIN};
  return json_integer(numbers[draw(state, sizeof numbers / sizeof numbers[0])]);
}

static json_t *change(json_t *value, uint32_t *state);

// A text that is JSON itself is changed inside; others get another byte.
static json_t *
change_text(const json_t *const value, uint32_t *const state)
{
  json_t *const inner = json_loads(json_string_value(value), 0, NULL);
  if (inner) {
    json_t *const changed = change(inner, state);
    char *const text = json_dumps(changed, JSON_ENCODE_ANY);
    json_t *const result = text ? json_string(text) : NULL;
    free(text);
    json_decref(changed);
    return result;
  }
  char *const copy = strdup(json_string_value(value));
  const size_t length = strlen(copy);
  if (length > 0) {
    copy[draw(state, (uint32_t)length)] = (char)('!' + draw(state, 90));
  }
  json_t *const result = json_string(copy);
  free(copy);
  return result;
}

static void
change_object(json_t *const object, uint32_t *const state)
{
  uint32_t left = draw(state, (uint32_t)json_object_size(object));
  void *at = json_object_iter(object);
  for (; left > 0; --left) {
    at = json_object_iter_next(object, at);
  }
  char *const key = strdup(json_object_iter_key(at));
  json_t *const value = json_incref(json_object_iter_value(at));
  switch (draw(state, 8)) {
  case 0:
    json_object_del(object, key);
    break;
  case 1: {
    json_object_del(object, key);
    key[0] = (char)('a' + draw(state, 26));
    json_object_set(object, key, value);
    break;
  }
  default:
    json_object_set_new(object, key, change(json_incref(value), state));
  }
  json_decref(value);
  free(key);
}

// Return a changed `value`, which is taken over.
static json_t *
change(json_t *const value, uint32_t *const state)
{
  json_t *result = NULL;
  if (json_is_object(value) && json_object_size(value) > 0) {
    change_object(value, state);
    return value;
  }
  if (json_is_array(value) && json_array_size(value) > 0 && draw(state, 8)) {
    const size_t at = draw(state, (uint32_t)json_array_size(value));
    if (draw(state, 6) == 0) {
      json_array_remove(value, at);
    } else if (draw(state, 6) == 0) {
      json_array_append(value, json_array_get(value, at));
    } else {
      json_array_set_new(value, at, change(json_incref(json_array_get(value, at)), state));
    }
    return value;
  }
  if (json_is_string(value) && draw(state, 8)) {
    result = change_text(value, state);
  } else if (json_is_integer(value) && draw(state, 2)) {
    const json_int_t steps[] = {1, -1, 16, -16, 64, 4};
    result = json_integer((json_int_t)((uint64_t)json_integer_value(value) + (uint64_t)steps[draw(state, 6)]));
  } else {
    result = any_number(state);
  }
  json_decref(value);
  return result ? result : json_null();
}

size_t
LLVMFuzzerCustomMutator(uint8_t *const data, const size_t size, const size_t max_size, const unsigned int seed)
{
  uint32_t state = seed;
  const uint8_t *const end = size > 1 ? memchr(data + 1, 0, size - 1) : NULL;
  const size_t length = size > 1 ? (end ? (size_t)(end - data) : size) - 1 : 0;
  json_t *const root = size > 1 && data[0] % KINDS == HEADER_KIND && draw(&state, 2)
                           ? json_loadb((char *)data + 1, length, 0, NULL)
                           : NULL;
  if (!root) {
    return LLVMFuzzerMutate(data, size, max_size);
  }
  json_t *changed = root;
  for (uint32_t count = 1 + draw(&state, 3); count > 0; --count) {
    changed = change(changed, &state);
  }
  char *const text = json_dumps(changed, JSON_COMPACT | JSON_ENCODE_ANY);
  const size_t new_length = text ? strlen(text) : 0;
  const size_t rest = size - 1 - length;
  size_t result = 0;
  if (text && 1 + new_length + rest <= max_size) {
    memmove(data + 1 + new_length, data + 1 + length, rest);
    memcpy(data + 1, text, new_length);
    result = 1 + new_length + rest;
  }
  free(text);
  json_decref(changed);
  return result > 0 ? result : LLVMFuzzerMutate(data, size, max_size);
}
