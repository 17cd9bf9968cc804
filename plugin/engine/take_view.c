// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "take_view.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

// A list in the making, with room for what one change adds
struct list {
  uint32_t count;
  struct view_range ranges[VIEW_RANGES + 2];
};

void
view_init(struct view *const view) REALTIME
{
  view->count = 1;
  view->ranges[0] = (struct view_range){.first = 0};
}

// Return the index of the range that `bar` is in.
static uint32_t
index_at(const struct view *const view, const uint32_t bar) REALTIME
{
  uint32_t low = 0;
  uint32_t high = view->count;
  while (high - low > 1) {
    const uint32_t middle = (low + high) / 2;
    if (view->ranges[middle].first <= bar) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return low;
}

const struct view_range *
view_at(const struct view *const view, const uint32_t bar) REALTIME
{
  return &view->ranges[index_at(view, bar)];
}

static bool
is_alike(const struct view_range *const a, const struct view_range *const b) REALTIME
{
  return a->version == b->version && a->salt == b->salt && a->accepted == b->accepted;
}

// Let `range` go on from bar `first`.
static void
list_append(struct list *const list, const struct view_range *const range, const uint32_t first) REALTIME
{
  if (list->count > 0 && is_alike(&list->ranges[list->count - 1], range)) {
    return;
  }
  list->ranges[list->count] = *range;
  list->ranges[list->count].first = first;
  ++list->count;
}

// Let the range that `bar` is in swallow a neighbour.
static void
list_shrink(struct list *const list, const uint32_t bar) REALTIME
{
  uint32_t i = 0;
  while (i + 1 < list->count && list->ranges[i + 1].first <= bar) {
    ++i;
  }
  const uint32_t victim = i + 1 < list->count ? i + 1 : i - 1;
  if (victim < i) {
    list->ranges[i].first = list->ranges[victim].first;
  }
  memmove(&list->ranges[victim], &list->ranges[victim + 1], (list->count - victim - 1) * sizeof(list->ranges[0]));
  --list->count;
}

void
view_assign(struct view *const view, const uint32_t first, const uint32_t end, const struct view_range range) REALTIME
{
  struct list list = {.count = 0};
  uint32_t i = 0;
  for (; i < view->count && view->ranges[i].first < first; ++i) {
    list_append(&list, &view->ranges[i], view->ranges[i].first);
  }
  list_append(&list, &range, first);
  if (end != UINT32_MAX) {
    i = index_at(view, end);
    list_append(&list, &view->ranges[i], end);
    for (++i; i < view->count; ++i) {
      list_append(&list, &view->ranges[i], view->ranges[i].first);
    }
  }
  while (list.count > VIEW_RANGES) {
    list_shrink(&list, first);
  }
  view->count = list.count;
  memcpy(view->ranges, list.ranges, list.count * sizeof(list.ranges[0]));
}

void
view_copy(struct view *const to, const struct view *const from, const uint32_t first, const uint32_t end) REALTIME
{
  for (uint32_t i = index_at(from, first); i < from->count && from->ranges[i].first < end; ++i) {
    const uint32_t begin = from->ranges[i].first > first ? from->ranges[i].first : first;
    const uint32_t next = i + 1 < from->count ? from->ranges[i + 1].first : UINT32_MAX;
    view_assign(to, begin, next < end ? next : end, from->ranges[i]);
  }
}

// The first bar from which `a` has a range that differs from what `b` has there.
static uint32_t
first_other(const struct view *const a, const struct view *const b) REALTIME
{
  for (uint32_t i = 0; i < a->count; ++i) {
    if (view_at(b, a->ranges[i].first)->version != a->ranges[i].version) {
      return a->ranges[i].first;
    }
  }
  return UINT32_MAX;
}

uint32_t
view_first_difference(const struct view *const a, const struct view *const b) REALTIME
{
  const uint32_t in_a = first_other(a, b); // Where they begin to differ, a range begins in one of them
  const uint32_t in_b = first_other(b, a);
  return in_a < in_b ? in_a : in_b;
}
