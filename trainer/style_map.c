// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "style_map.h"

#include <jansson.h>
#include <string.h>

// Read the list of styles, to be released by the caller.
static enum status
read_styles(const struct safetensors *const file,
            const char *const path,
            const uint32_t count,
            json_t **const styles,
            struct error *const error)
{
  const char *const text = safetensors_metadata(file, "styles");
  *styles = text ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
  if (json_is_array(*styles) && json_array_size(*styles) == count) {
    return STATUS_SUCCESS;
  }
  json_decref(*styles);
  *styles = NULL;
  return error_set(error, STATUS_BAD_FORMAT, "%s: its list of styles does not fit its network", path);
}

// Return 1 + the index of `name`, or 0.
static uint8_t
index_of(const json_t *const styles, const char *const name)
{
  for (size_t i = 0; i < json_array_size(styles); ++i) {
    const char *const style = json_string_value(json_array_get(styles, i));
    if (style && !strcmp(style, name)) {
      return (uint8_t)(i + 1);
    }
  }
  return 0;
}

enum status
style_map(const struct safetensors *const file,
          const char *const path,
          const uint32_t count,
          const struct corpus *const corpus,
          uint8_t *const map,
          struct error *const error)
{
  json_t *styles = NULL;
  const enum status status = read_styles(file, path, count, &styles, error);
  for (uint32_t i = 0; !status && i < corpus->style_count; ++i) {
    map[i] = index_of(styles, corpus->styles[i]);
  }
  json_decref(styles);
  return status;
}

enum status
style_find(const struct safetensors *const file,
           const char *const path,
           const uint32_t count,
           const char *const name,
           uint8_t *const number,
           struct error *const error)
{
  json_t *styles = NULL;
  enum status status = read_styles(file, path, count, &styles, error);
  if (!status) {
    *number = index_of(styles, name);
  }
  if (!status && !*number) {
    status =
        error_set(error, STATUS_NOT_FOUND, "%s knows no style `%.64s'; its styles stand in its metadata", path, name);
  }
  json_decref(styles);
  return status;
}
