// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The table of styles.

#include "styles.h"

#include <string.h>

#define DESCRIBE(name, label) {name, label},

const struct style_description style_descriptions[STYLE_COUNT + 1] = {{"", "Free"}, STYLES(DESCRIBE)};

unsigned
style_number(const char *const name)
{
  for (unsigned i = 1; i <= STYLE_COUNT; ++i) {
    if (!strcmp(style_descriptions[i].name, name)) {
      return i;
    }
  }
  return 0;
}
