// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The table of styles.

#include "styles.h"

#define DESCRIBE(name, label) {name, label},

const struct style_description style_descriptions[STYLE_COUNT + 1] = {{"", "Free"}, STYLES(DESCRIBE)};
