// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// weight_file_refilter(): for weight files made before they carried what guards composing.

#include "held_out.h"
#include "json_memory.h"
#include "quotation_filter.h"
#include "strike_limits.h"
#include "weight_file.h"

#include "engine/safetensors.h"
#include "engine/weights.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { METADATA_MOST = 64 };

static const char STYLE_TENSOR[] = "condition.style"; // As streaming_layout.c calls it

// Say whether the weight file was trained on this music.
static enum status
corpus_check(const struct safetensors *const file,
             const char *const path,
             const struct corpus *const corpus,
             struct error *const error)
{
  char hash[17];
  snprintf(hash, sizeof(hash), "%016llx", (unsigned long long)corpus->hash);
  const char *const text = safetensors_metadata(file, "corpus");
  json_t *const object = text ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
  const char *const told = json_string_value(json_object_get(object, "hash"));
  const bool is_same = told && !strcmp(told, hash);
  json_decref(object);
  return is_same
             ? STATUS_SUCCESS
             : error_set(error, STATUS_BAD_VALUE,
                         "%s: was not trained on this music, or files have changed since; name its own folder", path);
}

enum { REPLACED = 5 };

// What stands in the place of what the old file says, where it is not NULL
struct replacements {
  struct metadata items[REPLACED];
};

static bool
is_replaced(const struct replacements *const new, const char *const key)
{
  for (size_t i = 0; i < REPLACED; ++i) {
    if (new->items[i].value && !strcmp(new->items[i].key, key)) {
      return true;
    }
  }
  return false;
}

// Return how many `metadata` are written: what `file` holds, but for what is replaced, and that.
static size_t
list_metadata(const struct safetensors *const file,
              const struct replacements *const new,
              struct metadata metadata[METADATA_MOST + REPLACED])
{
  const size_t told = safetensors_metadata_list(file, metadata, METADATA_MOST);
  size_t entries = 0;
  for (size_t i = 0; i < told && i < METADATA_MOST; ++i) {
    if (!is_replaced(new, metadata[i].key)) {
      metadata[entries++] = metadata[i];
    }
  }
  for (size_t i = 0; i < REPLACED; ++i) {
    if (new->items[i].value) {
      metadata[entries++] = new->items[i];
    }
  }
  return told > METADATA_MOST ? 0 : entries;
}

// Bring all rows of the table of styles in `tensors` nearer to its first, "none", by `share`. Its new values, to be freed after
// the tensors' last use, are in `values`; NULL where nothing is to be done.
static enum status
weaken_styles(const char *const path,
              struct tensor *const tensors,
              const size_t count,
              const double share,
              void **const values,
              struct error *const error)
{
  *values = NULL;
  if (!(share > 0.0)) {
    return STATUS_SUCCESS;
  }
  size_t at = 0;
  while (at < count && strcmp(tensors[at].name, STYLE_TENSOR) != 0) {
    ++at;
  }
  if (at == count || tensors[at].rank != 2) {
    return error_set(error, STATUS_BAD_VALUE, "%s: can't be written: the old weights have no styles to weaken", path);
  }
  struct tensor *const table = &tensors[at];
  const size_t width = (size_t)table->shape[1];
  const size_t all = (size_t)table->shape[0] * width;
  float *const floats = malloc((all + 1) * sizeof(float));
  *values = malloc(table->size + 1);
  if (!floats || !*values) {
    free(floats);
    return error_set(error, STATUS_NO_MEMORY, "no memory for %zu weights of styles", all);
  }
  const enum status status = tensor_floats(table, floats, all, error);
  for (size_t i = width; !status && i < all; ++i) {
    floats[i] += (float)share * (floats[i % width] - floats[i]);
  }
  if (!status && table->dtype == DTYPE_F16) {
    floats_to_halves(floats, *values, all);
  } else if (!status) {
    memcpy(*values, floats, table->size);
  }
  table->data = *values;
  free(floats);
  return status;
}

// Copy what `file` holds, with the filter, the strikes and `changes` in the place of any that it has.
static enum status
write_copy(const char *const path,
           const struct safetensors *const file,
           const struct weight_file_changes *const changes,
           const struct quotation_filter *const filter,
           const char *const strikes,
           struct error *const error)
{
  struct metadata metadata[METADATA_MOST + REPLACED];
  char text[QUOTATION_TEXT_SIZE];
  quotation_filter_format(filter, text);
  const struct replacements new = {{{QUOTATION_METADATA, text},
                                    {WEIGHTS_STRIKES, strikes},
                                    {"title", changes->title},
                                    {"licence", changes->licence},
                                    {"attribution", changes->attribution}}};
  const size_t entries = list_metadata(file, &new, metadata);
  struct tensor *const tensors = calloc(safetensors_count(file) + 1, sizeof(*tensors));
  if (!tensors || !entries) {
    free(tensors);
    return error_set(error, STATUS_TOO_LARGE, "%s: can't be written: the old file holds too much", path);
  }
  size_t count = 0;
  for (size_t i = 0; i < safetensors_count(file); ++i) {
    if (strcmp(safetensors_tensor(file, i)->name, QUOTATION_TENSOR) != 0) {
      tensors[count++] = *safetensors_tensor(file, i);
    }
  }
  quotation_filter_describe(filter, &tensors[count++]);
  void *styles = NULL;
  enum status status = weaken_styles(path, tensors, count, changes->weaken_styles, &styles, error);
  if (!status) {
    status = safetensors_write(path, metadata, entries, tensors, count, error);
  }
  free(styles);
  free(tensors);
  return status;
}

// Return the strikes of the styles that `file` has, or NULL.
static char *
style_strikes(const struct safetensors *const file, const struct corpus *const corpus, const uint8_t *const held)
{
  json_memory_begin();
  const char *names[WEIGHTS_STYLES] = {NULL};
  const char *const text = safetensors_metadata(file, "styles");
  json_t *const styles = text ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
  const size_t count = json_array_size(styles);
  bool good = count <= WEIGHTS_STYLES;
  for (size_t i = 0; good && i < count; ++i) {
    names[i] = json_string_value(json_array_get(styles, i));
    good = names[i] != NULL;
  }
  char *const strikes = good ? strike_limits_text(corpus, held, names, count) : NULL;
  json_decref(styles);
  return strikes;
}

enum status
weight_file_refilter(const char *const path,
                     const char *const old,
                     const struct weight_file_changes *const changes,
                     const struct corpus *const corpus,
                     struct error *const error)
{
  struct safetensors *file = NULL;
  struct quotation_filter *filter = NULL;
  size_t held_count = 0;
  uint8_t *const held = calloc(corpus->piece_count + 1, 1);
  enum status status = held ? safetensors_read(old, &file, error)
                            : error_set(error, STATUS_NO_MEMORY, "no memory for %zu pieces", corpus->piece_count);
  if (!status) {
    status = corpus_check(file, old, corpus, error);
  }
  if (!status) {
    status = held_out_mark(file, old, corpus, held, &held_count, error);
  }
  if (!status) {
    status = quotation_filter_make(corpus, held, &filter, error);
  }
  char *strikes = NULL;
  if (!status) {
    strikes = style_strikes(file, corpus, held);
    status = strikes ? write_copy(path, file, changes, filter, strikes, error)
                     : error_set(error, STATUS_BAD_FORMAT, "%s: its styles can't be read", old);
  }
  free(strikes);
  free(filter);
  safetensors_free(file);
  free(held);
  return status;
}
