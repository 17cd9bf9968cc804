// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Loading a weight file: who made what is read from its metadata, the rest is left to the network's kind. All kinds stand
// in one table.

#include "weights.h"

#include "network_streaming.h"
#include "network_windowed.h"
#include "safetensors.h"
#include "sharing.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

// A kind of network: its name in the metadata, the vocabulary that it speaks, and how it is made of a file.
struct kind {
  const char *name;
  const char *vocabulary; // NULL: it stands in the file, and the kind reads it
  enum status (*make)(const struct safetensors *, const char *, struct network **, struct error *);
};

static const struct kind kinds[] = {
    {"streaming", "events-1", network_streaming_new},
    {"windowed", NULL, network_windowed_new},
};

enum { KIND_COUNT = sizeof(kinds) / sizeof(*kinds), NETWORK_TEXT_SIZE = 65536 };

// Weights in the making.
struct loading {
  struct weights *weights;
  struct safetensors *file;
  const char *name; // The file's, for errors
  struct error *error;
};

static enum status
loading_fail(const struct loading *const loading, const char *const problem)
{
  return error_set(loading->error, STATUS_BAD_FORMAT, "%s is no usable weight file: %s", loading->name, problem);
}

static enum status
format_check(const struct loading *const loading)
{
  const char *const format = safetensors_metadata(loading->file, "format");
  if (!format) {
    return loading_fail(loading, "its metadata has no format, so it is not one of Ritornello's");
  }
  if (strcmp(format, WEIGHTS_FORMAT) != 0) {
    return error_set(loading->error, STATUS_BAD_FORMAT, "%s is of format %.40s; this version reads " WEIGHTS_FORMAT,
                     loading->name, format);
  }
  return STATUS_SUCCESS;
}

// Find the kind that the network's description names.
static enum status
kind_find(const struct loading *const loading, const struct kind **const kind)
{
  const char *const text = safetensors_metadata(loading->file, "network");
  if (!text || strlen(text) > NETWORK_TEXT_SIZE) {
    return loading_fail(loading, "its metadata does not say which network it holds");
  }
  json_t *const object = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
  const char *const name = json_string_value(json_object_get(object, "kind"));
  *kind = NULL;
  for (size_t i = 0; name && i < KIND_COUNT; ++i) {
    if (!strcmp(name, kinds[i].name)) {
      *kind = &kinds[i];
    }
  }
  const enum status status = *kind ? STATUS_SUCCESS : loading_fail(loading, "this version does not know its network");
  json_decref(object);
  return status;
}

static enum status
vocabulary_check(const struct loading *const loading, const struct kind *const kind)
{
  const char *const vocabulary = safetensors_metadata(loading->file, "vocabulary");
  if (kind->vocabulary && (!vocabulary || strcmp(vocabulary, kind->vocabulary) != 0)) {
    return error_set(loading->error, STATUS_BAD_FORMAT, "%s has the vocabulary \"%.40s\"; its network needs \"%s\"",
                     loading->name, vocabulary ? vocabulary : "", kind->vocabulary);
  }
  return STATUS_SUCCESS;
}

// Copy the text of metadata `key`, empty if there is none.
static enum status
text_read(const struct loading *const loading, const char *const key, char text[WEIGHTS_TEXT_SIZE])
{
  const char *const value = safetensors_metadata(loading->file, key);
  const size_t length = value ? strlen(value) : 0;
  if (length >= WEIGHTS_TEXT_SIZE) {
    return error_set(loading->error, STATUS_BAD_FORMAT, "%s is no usable weight file: its %s is longer than %d bytes",
                     loading->name, key, WEIGHTS_TEXT_SIZE - 1);
  }
  memcpy(text, value ? value : "", length + 1);
  return STATUS_SUCCESS;
}

// Add one style; its name has to be short enough and new.
static bool
style_add(struct weights *const weights, const char *const name)
{
  if (!name || strlen(name) >= WEIGHTS_STYLE_SIZE || weights_style(weights, name)) {
    return false;
  }
  memcpy(weights->styles[weights->style_count], name, strlen(name) + 1);
  ++weights->style_count;
  return true;
}

static enum status
styles_read(const struct loading *const loading)
{
  const char *const text = safetensors_metadata(loading->file, "styles");
  json_t *const array = text && strlen(text) <= NETWORK_TEXT_SIZE ? json_loads(text, 0, NULL) : NULL;
  const size_t count = json_array_size(array);
  bool good = json_is_array(array) && count <= WEIGHTS_STYLES;
  for (size_t i = 0; good && i < count; ++i) {
    good = style_add(loading->weights, json_string_value(json_array_get(array, i)));
  }
  json_decref(array);
  return good ? STATUS_SUCCESS : loading_fail(loading, "its styles are no list of up to 64 different short names");
}

// Read the limits by period of one style: a list, or one number for period 1.
static bool
style_strikes_read(const json_t *const limits, uint8_t *const strikes)
{
  const size_t count = json_is_array(limits) ? json_array_size(limits) : 1;
  bool good = count <= STRIKES_PERIODS;
  for (size_t i = 0; good && i < count; ++i) {
    const json_t *const number = json_is_array(limits) ? json_array_get(limits, i) : limits;
    const json_int_t limit = json_integer_value(number);
    good = json_is_integer(number) && limit >= 0 && limit <= UINT8_MAX;
    strikes[i] = (uint8_t)(good ? limit : 0);
  }
  return good;
}

// Read how long the same onsets may be struck in turn, if the file says.
static enum status
strikes_read(const struct loading *const loading)
{
  struct weights *const weights = loading->weights;
  const char *const text = safetensors_metadata(loading->file, WEIGHTS_STRIKES);
  if (!text) {
    return STATUS_SUCCESS;
  }
  json_t *const array = strlen(text) <= NETWORK_TEXT_SIZE ? json_loads(text, 0, NULL) : NULL;
  bool good = json_is_array(array) && json_array_size(array) == weights->style_count + 1;
  for (size_t i = 0; good && i <= weights->style_count; ++i) {
    good = style_strikes_read(json_array_get(array, i), weights->strikes[i]);
  }
  json_decref(array);
  return good
             ? STATUS_SUCCESS
             : loading_fail(loading, "its strikes are no list of one more than styles, each up to 4 numbers up to 255");
}

// Take the network that another has made of this very file, or make it.
static enum status
network_find_or_make(const struct loading *const loading, const struct kind *const kind)
{
  struct weights *const weights = loading->weights;
  weights->network = sharing_find(weights->hash);
  if (weights->network) { // Hashes can be forged, so it may be that of a file of another kind
    return !strcmp(weights->network->class_->kind, kind->name)
               ? STATUS_SUCCESS
               : loading_fail(loading, "another file with the same hash is in use");
  }
  const enum status status = kind->make(loading->file, weights->path, &weights->network, loading->error);
  if (!status) {
    sharing_add(weights->hash, weights->network);
  }
  return status;
}

static enum status
network_make(const struct loading *const loading)
{
  struct weights *const weights = loading->weights;
  const struct kind *kind = NULL;
  enum status status = kind_find(loading, &kind);
  if (!status) {
    status = vocabulary_check(loading, kind);
  }
  if (!status) {
    status = network_find_or_make(loading, kind);
  }
  if (!status && !kind->vocabulary) { // Whole tokens are chosen, which can't be guarded note by note
    free(weights->quotations);
    weights->quotations = NULL;
  }
  if (status) {
    return status;
  }
  if (weights->network->style_count != weights->style_count) {
    return loading_fail(loading, "it has not as many styles as its network");
  }
  const size_t state = weights->network->class_->state_size(weights->network);
  if (state > WEIGHTS_STATE_SIZE) {
    return error_set(loading->error, STATUS_TOO_LARGE, "the network of %s needs %zu MiB to run; it may have %d",
                     loading->name, state >> 20, WEIGHTS_STATE_SIZE >> 20);
  }
  weights->state = network_state_new(weights->network);
  if (!weights->state) {
    return error_set(loading->error, STATUS_NO_MEMORY, "no memory to run the network of %s", loading->name);
  }
  network_reset(weights->network, weights->state);
  return STATUS_SUCCESS;
}

// Take the filter of the training music, if the file has one.
static enum status
quotations_read(const struct loading *const loading)
{
  const char *const text = safetensors_metadata(loading->file, QUOTATION_METADATA);
  const struct tensor *const tensor = safetensors_find(loading->file, QUOTATION_TENSOR);
  if (!text && !tensor) {
    return STATUS_SUCCESS;
  }
  if (!text || !tensor || tensor->dtype != DTYPE_U8 || tensor->rank != 1) {
    return loading_fail(loading, "the filter of its training music is not whole");
  }
  return quotation_filter_parse(text, tensor->data, tensor->size, loading->name, &loading->weights->quotations,
                                loading->error);
}

static enum status
metadata_read(const struct loading *const loading)
{
  enum status status = format_check(loading);
  if (!status) {
    status = text_read(loading, "title", loading->weights->title);
  }
  if (!status) {
    status = text_read(loading, "licence", loading->weights->licence);
  }
  if (!status) {
    status = styles_read(loading);
  }
  if (!status) {
    status = strikes_read(loading);
  }
  return status;
}

// Fill zeroed weights from the file at `path`.
static enum status
weights_fill(struct weights *const weights, const char *const path, struct error *const error)
{
  struct loading loading = {.weights = weights, .name = error_path(path), .error = error};
  weights->path = strdup(path);
  if (!weights->path) {
    return error_set(error, STATUS_NO_MEMORY, "no memory to load %s", loading.name);
  }
  enum status status = safetensors_read(path, &loading.file, error);
  if (!status) {
    weights->hash = safetensors_hash(loading.file);
    status = metadata_read(&loading);
  }
  if (!status) {
    status = quotations_read(&loading);
  }
  if (!status) {
    status = network_make(&loading);
  }
  safetensors_free(loading.file);
  return status;
}

enum status
weights_load(const char *const path, struct weights **const weights, struct error *const error)
{
  *weights = calloc(1, sizeof(**weights));
  if (!*weights) {
    return error_set(error, STATUS_NO_MEMORY, "no memory to load %s", error_path(path));
  }
  const enum status status = weights_fill(*weights, path, error);
  if (status) {
    weights_free(*weights);
    *weights = NULL;
  }
  return status;
}

void
weights_free(struct weights *const weights)
{
  if (weights) {
    network_state_free(weights->state);
    if (weights->network) {
      sharing_release(weights->network);
    }
    free(weights->quotations);
    free(weights->path);
    free(weights);
  }
}

uint8_t
weights_style(const struct weights *const weights, const char *const name) REALTIME
{
  for (uint32_t i = 0; i < weights->style_count; ++i) {
    if (!strcmp(weights->styles[i], name)) {
      return (uint8_t)(i + 1);
    }
  }
  return 0;
}
