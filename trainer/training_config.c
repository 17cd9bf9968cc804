// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "training_config.h"

#include "json_memory.h"

#include <errno.h>
#include <jansson.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct training_config {
  json_t *root;
};

enum kind { KIND_TEXT, KIND_NUMBER, KIND_COUNT, KIND_WHOLE, KIND_SIZE, KIND_SWITCH };

struct entry {
  const char *name; // As on the command line
  enum kind kind;
  size_t offset;
  bool fixed; // A training that goes on can't have another
};

#define OPTION(member) offsetof(struct training_options, member)

static const struct entry entries[] = {
    {"folder", KIND_TEXT, OPTION(folder), false},
    {"epochs", KIND_NUMBER, OPTION(epochs), false},
    {"minutes", KIND_NUMBER, OPTION(minutes), false},
    {"cpu-minutes", KIND_NUMBER, OPTION(cpu_minutes), false},
    {"keep", KIND_WHOLE, OPTION(keep), false},
    {"patience", KIND_WHOLE, OPTION(patience), false},
    {"from", KIND_TEXT, OPTION(from), true},
    {"network", KIND_TEXT, OPTION(network), true},
    {"validation", KIND_NUMBER, OPTION(validation), true},
    {"fold", KIND_NUMBER, OPTION(fold), true},
    {"alter", KIND_NUMBER, OPTION(alter), false},
    {"seed", KIND_WHOLE, OPTION(seed), true},
    {"title", KIND_TEXT, OPTION(title), false},
    {"licence", KIND_TEXT, OPTION(licence), false},
    {"attribution", KIND_TEXT, OPTION(attribution), false},
    {"threads", KIND_COUNT, OPTION(threads), false},
    {"streams", KIND_COUNT, OPTION(streams), true},
    {"shards", KIND_COUNT, OPTION(shards), true},
    {"steps", KIND_COUNT, OPTION(steps), true},
    {"context", KIND_COUNT, OPTION(context), true},
    {"optimizer", KIND_TEXT, OPTION(optimizer), true},
    {"rate", KIND_NUMBER, OPTION(rate), false},
    {"dropout", KIND_NUMBER, OPTION(dropout), false},
    {"noise", KIND_NUMBER, OPTION(noise), false},
    {"cold", KIND_NUMBER, OPTION(cold), false},
    {"stutter", KIND_NUMBER, OPTION(stutter), false},
    {"style_noise", KIND_NUMBER, OPTION(style_noise), false},
    {"contrast", KIND_NUMBER, OPTION(contrast), false},
    {"clip", KIND_NUMBER, OPTION(clip), false},
    {"decay", KIND_NUMBER, OPTION(decay), false},
    {"embedding", KIND_SIZE, OPTION(sizes.embedding), true},
    {"hidden", KIND_SIZE, OPTION(sizes.hidden), true},
    {"backward", KIND_SIZE, OPTION(sizes.backward), true},
    {"heads", KIND_SIZE, OPTION(sizes.heads), true},
    {"key", KIND_SIZE, OPTION(sizes.key), true},
    {"value", KIND_SIZE, OPTION(sizes.value), true},
    {"dense", KIND_SIZE, OPTION(sizes.dense), true},
    {"segment", KIND_SIZE, OPTION(sizes.segment), true},
    {"memory", KIND_SIZE, OPTION(sizes.memory), true},
};

enum { ENTRIES = sizeof(entries) / sizeof(entries[0]) };

static json_t *
entry_value(const struct entry *const entry, const struct training_options *const options)
{
  const void *const at = (const char *)options + entry->offset;
  switch (entry->kind) {
  case KIND_TEXT: {
    const char *const text = *(const char *const *)at;
    return text ? json_string(text) : json_null();
  }
  case KIND_NUMBER:
    return json_real(*(const double *)at);
  case KIND_COUNT:
    return json_integer((json_int_t) * (const size_t *)at);
  case KIND_WHOLE:
    return json_integer((json_int_t) * (const uint64_t *)at);
  case KIND_SIZE:
    return json_integer((json_int_t) * (const uint32_t *)at);
  default:
    return json_boolean(*(const bool *)at);
  }
}

// Set an option from a value of its kind; false if it is none.
static bool
entry_set(const struct entry *const entry, const json_t *const value, struct training_options *const options)
{
  void *const at = (char *)options + entry->offset;
  if (entry->kind == KIND_TEXT) {
    *(const char **)at = json_string_value(value);
    return json_is_string(value) || json_is_null(value);
  }
  if (entry->kind == KIND_NUMBER) {
    *(double *)at = json_number_value(value);
    return json_is_number(value) && json_number_value(value) >= 0.0;
  }
  if (entry->kind == KIND_SWITCH) {
    *(bool *)at = json_is_true(value);
    return json_is_boolean(value);
  }
  const json_int_t whole = json_integer_value(value);
  const bool fits = json_is_integer(value) && whole >= 0 && (entry->kind == KIND_WHOLE || whole <= INT32_MAX);
  if (entry->kind == KIND_COUNT) {
    *(size_t *)at = fits ? (size_t)whole : 1;
  } else if (entry->kind == KIND_WHOLE) {
    *(uint64_t *)at = fits ? (uint64_t)whole : 0;
  } else {
    *(uint32_t *)at = fits ? (uint32_t)whole : 0;
  }
  return fits;
}

enum status
training_config_write(const char *const path, const struct training_options *const options, struct error *const error)
{
  char temporary[4096];
  const int length = snprintf(temporary, sizeof(temporary), "%s.part", path);
  if (length < 0 || (size_t)length >= sizeof(temporary)) {
    return error_set(error, STATUS_BAD_VALUE, "%s: this path is too long", path);
  }
  json_t *const root = json_object();
  bool complete = root;
  for (size_t i = 0; complete && i < ENTRIES; ++i) {
    complete = !json_object_set_new(root, entries[i].name, entry_value(&entries[i], options));
  }
  const bool written = complete && !json_dump_file(root, temporary, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
  json_decref(root);
  if (!written || rename(temporary, path)) {
    const int reason = errno;
    remove(temporary);
    return error_set(error, STATUS_IO, "%s: can't be written: %s", path, strerror(reason));
  }
  return STATUS_SUCCESS;
}

enum status
training_config_read(const char *const path,
                     struct training_options *const options,
                     struct training_config **const config,
                     struct error *const error)
{
  json_error_t reason;
  *config = NULL;
  if (access(path, R_OK)) {
    return error_set(error, STATUS_NO_FILE, "%s: can't be read: there is nothing to go on from; train without --resume",
                     path);
  }
  json_t *const root = json_load_file(path, 0, &reason);
  if (!json_is_object(root)) {
    json_decref(root);
    return error_set(error, STATUS_BAD_FORMAT, "%s: can't be understood in line %d; train anew without --resume", path,
                     reason.line);
  }
  for (size_t i = 0; i < ENTRIES; ++i) {
    const json_t *const value = json_object_get(root, entries[i].name);
    if (value && !entry_set(&entries[i], value, options)) {
      json_decref(root);
      return error_set(error, STATUS_BAD_FORMAT, "%s: `%s' has no fitting value; train anew without --resume", path,
                       entries[i].name);
    }
  }
  *config = malloc(sizeof(**config));
  if (!*config) {
    json_decref(root);
    return error_set(error, STATUS_NO_MEMORY, "%s: no memory to read it", path);
  }
  (*config)->root = root;
  return STATUS_SUCCESS;
}

void
training_config_free(struct training_config *const config)
{
  if (config) {
    json_decref(config->root);
    free(config);
  }
}

static enum status
compare_entry(const struct entry *const entry,
              const json_t *const before,
              const json_t *const now,
              struct error *const error)
{
  if (json_equal(before, now)) {
    return STATUS_SUCCESS;
  }
  char *const old = json_dumps(before, JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));
  char *const new = json_dumps(now, JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));
  enum status status = STATUS_SUCCESS;
  if (json_memory_ran_out()) {
    status = error_set(error, STATUS_NO_MEMORY, "no memory to compare --%s with what the training was begun with",
                       entry->name);
  } else if (entry->fixed) {
    status =
        error_set(error, STATUS_BAD_VALUE,
                  "this training was begun with --%s %s and can't go on with %s; leave the option out, or train anew "
                  "without --resume",
                  entry->name, old ? old : "?", new ? new : "?");
  } else {
    printf("%s is now %s, was %s\n", entry->name, new ? new : "?", old ? old : "?");
  }
  free(old);
  free(new);
  return status;
}

enum status
training_config_compare(const struct training_options *const began,
                        const struct training_options *const now,
                        struct error *const error)
{
  enum status status = STATUS_SUCCESS;
  json_memory_begin();
  for (size_t i = 0; !status && i < ENTRIES; ++i) {
    json_t *const before = entry_value(&entries[i], began);
    json_t *const after = entry_value(&entries[i], now);
    status = compare_entry(&entries[i], before, after, error);
    json_decref(before);
    json_decref(after);
  }
  return status;
}
