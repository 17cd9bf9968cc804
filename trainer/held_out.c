// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "held_out.h"

#include <jansson.h>
#include <string.h>

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
