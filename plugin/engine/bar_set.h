// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A set of bars as users write it: "5-8", "1-4, 9, 13-16", "all" or "none". Bars are counted from 1 there, from 0 here.

#ifndef RITORNELLO_BAR_SET_H
#define RITORNELLO_BAR_SET_H

#include "realtime.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  BAR_SET_RANGES = 64,
  BAR_SET_LAST = 1 << 24, ///< No bar from here on
};

struct bar_range {
  uint32_t first;
  uint32_t end; ///< The bar after the last
};

struct bar_set {
  uint32_t count;
  struct bar_range ranges[BAR_SET_RANGES]; ///< [count], as written
};

/// Read `length` bytes of text. False if they are no set of bars (a number too large, a range backwards, too many ranges);
/// `set` is then as before.
bool bar_set_read(struct bar_set *set, const char *text, size_t length) REALTIME;

/// Return whether `bar` is in the set.
bool bar_set_has(const struct bar_set *set, uint32_t bar) REALTIME;

/// Longest text that bar_set_write() makes, and its end.
enum { BAR_SET_TEXT = BAR_SET_RANGES * 20 + 1 };

/// Write the set as bar_set_read() reads it.
void bar_set_write(const struct bar_set *set, char text[BAR_SET_TEXT]);

#ifdef __cplusplus
}
#endif

#endif // RITORNELLO_BAR_SET_H
