// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The take's versions: what is composed anew, and the way back. Undo takes up a former view, whose bars are still there
// unless the take was full; bars that no view shows any more are collected some slots at a time.

#include "take_private.h"

#include <string.h>

void
take_remember(struct take *const take) REALTIME
{
  if (take->history_count == TAKE_UNDO) {
    memmove(&take->history[0], &take->history[1], (TAKE_UNDO - 1) * sizeof(take->history[0]));
    --take->history_count;
    take->collect = 0;
  }
  take->history[take->history_count++] = take->view;
}

uint32_t
take_new_version(struct take *const take) REALTIME
{
  return ++take->versions;
}

// Append to the present version of `old`'s bar what stands before `tick` in `old`.
static void
copy_beginning(struct take *const take, const struct take_bar *const old, const uint32_t tick, const uint32_t salt)
    REALTIME
{
  if (old->first == TAKE_NONE || take->notes[old->first].tick >= tick) {
    return;
  }
  struct take_bar *const bar = take_open_bar(take, old->number, old->metre);
  if (!bar) {
    return;
  }
  bar->section = old->section;
  bar->entry = old->entry;
  bar->step = old->step;
  bar->salt = salt;
  bar->weights = old->weights;
  for (uint32_t i = old->first; i != TAKE_NONE && take->notes[i].tick < tick; i = take->notes[i].next) {
    if (take_append_copy(take, old->number, &take->notes[i]) == TAKE_NONE) {
      return;
    }
  }
}

void
take_fork(struct take *const take,
          const uint32_t first,
          const uint32_t tick,
          const uint32_t end,
          const uint32_t version,
          const uint32_t salt) REALTIME
{
  const struct take_bar *const old = take_bar(take, first);
  const struct view_range range = {
      .version = version,
      .salt = salt,
      .accepted = view_at(&take->view, first)->accepted,
  };
  view_assign(&take->view, first, end, range);
  ++take->changes;
  take->writer.bar = TAKE_NONE;
  if (old && tick > 0) {
    copy_beginning(take, old, tick, old->salt);
  }
  take_join(take, first);
}

// Let music meet where versions of one bar or the one before differ between the views, looking at the borders of `of`.
static void
join_borders(struct take *const take, const struct view *const of, const struct view *const before) REALTIME
{
  for (uint32_t i = 1; i < of->count; ++i) {
    const uint32_t bar = of->ranges[i].first;
    if (view_at(&take->view, bar)->version != view_at(before, bar)->version ||
        view_at(&take->view, bar - 1)->version != view_at(before, bar - 1)->version) {
      take_join(take, bar);
    }
  }
}

void
take_view(const struct take *const take, struct view *const view) REALTIME
{
  *view = take->view;
}

void
take_set_view(struct take *const take, const struct view *const view) REALTIME
{
  const struct view before = take->view;
  take->view = *view;
  ++take->changes;
  take->writer.bar = TAKE_NONE;
  join_borders(take, &before, &before);
  join_borders(take, view, &before);
  take->collect = 0;
}

// Mark the ranges of `view` that differ from those of `before` as brought back.
static void
accept(struct take *const take, struct view *const view, const struct view *const before) REALTIME
{
  ++take->acceptances;
  for (uint32_t i = 0; i < view->count; ++i) {
    struct view_range *const range = &view->ranges[i];
    const uint32_t end = i + 1 < view->count ? view->ranges[i + 1].first : UINT32_MAX;
    bool differs = view_at(before, range->first)->version != range->version;
    for (uint32_t k = 0; k < before->count && !differs; ++k) {
      const struct view_range *const other = &before->ranges[k];
      differs = other->first > range->first && other->first < end && other->version != range->version;
    }
    range->accepted = differs ? take->acceptances : range->accepted;
  }
}

bool
take_undo(struct take *const take) REALTIME
{
  if (take->history_count == 0) {
    return false;
  }
  struct view view = take->history[--take->history_count];
  accept(take, &view, &take->view);
  take_set_view(take, &view);
  return true;
}

uint32_t
take_undo_count(const struct take *const take) REALTIME
{
  return take->history_count;
}

const struct view_range *
take_range(const struct take *const take, const uint32_t number) REALTIME
{
  return view_at(&take->view, number);
}

bool
take_shows(const struct take *const take, const struct take_bar *const bar) REALTIME
{
  return view_at(&take->view, bar->number)->version == bar->version;
}

bool
take_is_wanted(const struct take *const take, const struct take_bar *const bar) REALTIME
{
  bool wanted = take_shows(take, bar);
  for (uint32_t i = 0; i < take->history_count && !wanted; ++i) {
    wanted = view_at(&take->history[i], bar->number)->version == bar->version;
  }
  return wanted;
}

bool
take_collect(struct take *const take, const uint32_t slots) REALTIME
{
  for (uint32_t i = 0; i < slots && take->collect != TAKE_NONE; ++i) {
    const struct take_bar *const bar = take_slot(take, take->collect);
    if (bar && !take_is_wanted(take, bar)) {
      take_remove(take, bar);
    }
    ++take->collect;
    if (take->collect >= take->bars_used) {
      take->collect = TAKE_NONE;
    }
  }
  return take->collect != TAKE_NONE;
}
