// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "style_map.h"

#include <jansson.h>
#include <string.h>

enum status
style_map(const struct safetensors *const file,
          const char *const path,
          const uint32_t count,
          const struct corpus *const corpus,
          uint8_t *const map,
          struct error *const error)
{
  const char *const text = safetensors_metadata(file, "styles");
  json_t *const styles = text ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
  if (!json_is_array(styles) || json_array_size(styles) != count) {
    json_decref(styles);
    return error_set(error, STATUS_BAD_FORMAT, "%s: its list of styles does not fit its network", path);
  }
  for (uint32_t i = 0; i < corpus->style_count; ++i) {
    for (size_t s = 0; s < json_array_size(styles); ++s) {
      const char *const name = json_string_value(json_array_get(styles, s));
      if (name && !strcmp(name, corpus->styles[i])) {
        map[i] = (uint8_t)(s + 1);
      }
    }
  }
  json_decref(styles);
  return STATUS_SUCCESS;
}
