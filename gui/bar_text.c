// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Sets of bars, changed and written.

#include "bar_text.h"

#include "engine/bar_set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_RANGES = BAR_SET_RANGES + 2 };

struct ranges {
  unsigned count;
  struct bar_range at[MOST_RANGES];
};

void
bar_text_write(const uint32_t first, const uint32_t end, char *const text, const size_t size)
{
  if (end - first > 1) {
    snprintf(text, size, "%u-%u", (unsigned)first + 1, (unsigned)end);
  } else {
    snprintf(text, size, "%u", (unsigned)first + 1);
  }
}

static int
compare(const void *const a, const void *const b)
{
  const struct bar_range *const one = a;
  const struct bar_range *const other = b;
  return (one->first > other->first) - (one->first < other->first);
}

/// Sort the ranges, and make one of those that touch.
static void
tidy(struct ranges *const ranges)
{
  unsigned kept = 0;
  qsort(ranges->at, ranges->count, sizeof ranges->at[0], compare);
  for (unsigned i = 0; i < ranges->count; ++i) {
    struct bar_range *const last = kept > 0 ? &ranges->at[kept - 1] : NULL;
    if (last && ranges->at[i].first <= last->end) {
      last->end = ranges->at[i].end > last->end ? ranges->at[i].end : last->end;
    } else {
      ranges->at[kept++] = ranges->at[i];
    }
  }
  ranges->count = kept;
}

/// Take bars out of all ranges; one of them may become two.
static void
take_out(struct ranges *const ranges, const uint32_t first, const uint32_t end)
{
  struct ranges left = {0};
  for (unsigned i = 0; i < ranges->count; ++i) {
    const struct bar_range range = ranges->at[i];
    if (range.first < first) {
      left.at[left.count++] = (struct bar_range){range.first, range.end < first ? range.end : first};
    }
    if (range.end > end) {
      left.at[left.count++] = (struct bar_range){range.first > end ? range.first : end, range.end};
    }
  }
  *ranges = left;
}

/// Write all of them.
static bool
write_all(const struct ranges *const ranges, char *const text, const size_t size)
{
  size_t used = 0;
  if (ranges->count == 0 || (ranges->at[0].first == 0 && ranges->at[0].end == BAR_SET_LAST)) {
    snprintf(text, size, "%s", ranges->count == 0 ? "none" : "all");
    return true;
  }
  for (unsigned i = 0; i < ranges->count; ++i) {
    char part[32];
    bar_text_write(ranges->at[i].first, ranges->at[i].end, part, sizeof part);
    const int length = snprintf(text + used, size - used, "%s%s", i > 0 ? ", " : "", part);
    if (length < 0 || (size_t)length >= size - used) {
      return false;
    }
    used += (size_t)length;
  }
  return ranges->count <= BAR_SET_RANGES;
}

bool
bar_text_change(const char *const before,
                const uint32_t first,
                const uint32_t end,
                const bool is_in,
                char *const text,
                const size_t size)
{
  struct bar_set set = {0};
  struct ranges ranges = {0};
  (void)bar_set_read(&set, before, strlen(before));
  ranges.count = set.count;
  memcpy(ranges.at, set.ranges, set.count * sizeof set.ranges[0]);
  tidy(&ranges);
  if (is_in) {
    ranges.at[ranges.count++] = (struct bar_range){first, end};
    tidy(&ranges);
  } else {
    take_out(&ranges, first, end);
  }
  return write_all(&ranges, text, size);
}
