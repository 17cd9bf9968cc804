// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Sets of bars in words, as #lockBars and #regenerateBars have them: "5-8", "1-4, 9", "all", "none".

#ifndef RITORNELLO_BAR_TEXT_H
#define RITORNELLO_BAR_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Write the bars from `first` up to before `end`, counted from 0.
void bar_text_write(uint32_t first, uint32_t end, char *text, size_t size);

/// Write the set `before` with these bars put in or taken out (`is_in`). A set that can't be read counts as none. False if the
/// result has too many parts or is longer than `size`.
bool bar_text_change(const char *before, uint32_t first, uint32_t end, bool is_in, char *text, size_t size);

#endif // RITORNELLO_BAR_TEXT_H
