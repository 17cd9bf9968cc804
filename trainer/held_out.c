// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "held_out.h"

#include "json_memory.h"

#include <string.h>

// Each once; pieces of a work are neighbours in most corpora, but need not be
json_t *
held_out_works(const struct corpus *const corpus, const uint8_t *const held)
{
  json_t *const seen = json_object();
  json_t *const works = json_array();
  for (size_t i = 0; i < corpus->piece_count; ++i) {
    const char *const work = corpus->pieces[i].work;
    if (held[i] && !json_object_get(seen, work)) {
      json_object_set_new(seen, work, json_true());
      json_array_append_new(works, json_string(work));
    }
  }
  json_decref(seen);
  return works;
}

char *
held_out_text(const struct corpus *const corpus, const uint8_t *const held)
{
  json_memory_begin();
  return json_memory_text(json_pack("{s:o}", "held_out_works", held_out_works(corpus, held)), JSON_COMPACT);
}

enum status
held_out_mark(const struct safetensors *const file,
              const char *const path,
              const struct corpus *const corpus,
              uint8_t *const held,
              size_t *const count,
              struct error *const error)
{
  const char *const text = safetensors_metadata(file, "training");
  json_t *const training = text ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
  json_t *const works = json_object_get(training, "held_out_works");
  if (!json_is_array(works)) {
    json_decref(training);
    return error_set(error, STATUS_BAD_FORMAT, "%s: does not say which works were kept out of its training", path);
  }
  *count = 0;
  for (size_t i = 0; i < corpus->piece_count; ++i) {
    for (size_t w = 0; w < json_array_size(works) && !held[i]; ++w) {
      const char *const work = json_string_value(json_array_get(works, w));
      held[i] = work && !strcmp(work, corpus->pieces[i].work);
    }
    *count += held[i];
  }
  json_decref(training);
  return STATUS_SUCCESS;
}

enum status
held_out_by(const char *const path,
            const struct corpus *const corpus,
            uint8_t *const held,
            size_t *const count,
            struct error *const error)
{
  struct safetensors *file = NULL;
  enum status status = safetensors_read(path, &file, error);
  if (!status) {
    status = held_out_mark(file, path, corpus, held, count, error);
  }
  safetensors_free(file);
  return status;
}
