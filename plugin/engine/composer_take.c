// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What becomes of music that is there: locked, composed anew from some place on, brought back. A stretch that is composed
// anew ends where its section ends or a locked bar stands. A long one is not looked over at once: the rest is "the fork",
// which goes on from slice to slice, faster than composing.

#include "composer_private.h"

#include "network.h"

#include <stddef.h>

enum {
  FORK_BARS = 256,      // Bars that are looked over in one slice
  COLLECT_SLOTS = 16,   // Slots of the take that are looked at in one slice for bars that nothing shows any more
  SLOT_OPERATIONS = 64, // What one costs, in multiply-adds
};

bool
composer_is_locked(const struct composer *const c, const uint32_t number) REALTIME
{
  return c->is_locked || bar_set_has(&c->locked, number);
}

// Return the bar after those from `number` on that belong to `section` and are not locked; no more than FORK_BARS.
static uint32_t
find_end(struct composer *const c, const struct take_bar *const section, uint32_t number) REALTIME
{
  for (uint32_t i = 0; i < FORK_BARS; ++i, ++number) {
    const struct take_bar *const bar = take_bar(c->take, number);
    if (!bar || !section_has_both(bar, section) || composer_is_locked(c, number)) {
      break;
    }
  }
  return number;
}

// The music from bar `number` on has changed under the section and the frontier.
static void
look_again(struct composer *const c, const uint32_t number) REALTIME
{
  if (c->section.tail_bar >= number || c->section.phase < SECTION_WAITING) {
    section_retreat(&c->section, number, 0);
  }
  c->player.is_idle = false;
  if (c->frontier.bar >= number) {
    c->frontier = c->playhead;
    if (number <= c->playhead.bar || take_bar(c->take, c->playhead.bar)) {
      c->frontier.tick = 0;
    }
    c->is_settled = false;
    c->is_arriving = false;
    if (c->weights) {
      composer_settle(c);
    }
  }
}

// Compose what follows bar `first`'s `tick` anew, to the end of its section.
static void
fork_section(struct composer *const c, const uint32_t first, const uint32_t tick, const uint32_t salt) REALTIME
{
  const struct take_bar *const bar = take_bar(c->take, first);
  c->fork.version = take_new_version(c->take);
  c->fork.salt = salt;
  uint32_t end = first + 1;
  if (bar) {
    c->fork.section = *bar;
    end = find_end(c, bar, first + 1);
    c->fork.next = end;
  }
  c->fork.is_open = end == first + 1 + FORK_BARS; // If not, what comes to stand there is new
  if (bar && !take_has_room(c->take, 1, bar->count)) {
    take_cut_bar(c->take, first, tick);
    take_fork(c->take, first + 1, 0, end, c->fork.version, salt);
  } else {
    take_fork(c->take, first, tick, end, c->fork.version, salt);
  }
}

// Go on with a fork that was too long for one slice.
static void
extend_fork(struct composer *const c) REALTIME
{
  const uint32_t end = find_end(c, &c->fork.section, c->fork.next);
  if (end > c->fork.next) {
    take_fork(c->take, c->fork.next, 0, end, c->fork.version, c->fork.salt);
  }
  c->fork.is_open = end == c->fork.next + FORK_BARS;
  c->fork.next = end;
}

void
composer_tidy(struct composer *const c, uint32_t *const left) REALTIME
{
  if (c->fork.is_open) {
    extend_fork(c);
  } else if (*left > COLLECT_SLOTS * SLOT_OPERATIONS && take_collect(c->take, COLLECT_SLOTS)) {
    *left -= COLLECT_SLOTS * SLOT_OPERATIONS;
  }
}

void
composer_diverge(struct composer *const c, const struct position beat) REALTIME
{
  const struct take_bar *const bar = take_bar(c->take, beat.bar);
  // A section that begins in this bar begins there again
  const uint32_t entry = bar && bar->section == beat.bar ? bar->entry : 0;
  take_remember(c->take);
  fork_section(c, beat.bar, beat.tick, take_range(c->take, beat.bar)->salt);
  if (c->section.tail_bar >= beat.bar || c->section.phase < SECTION_WAITING) {
    section_retreat(&c->section, beat.bar, beat.tick);
  }
  if (position_is_before(beat, c->frontier) || (beat.bar == c->frontier.bar && beat.tick == c->frontier.tick)) {
    c->frontier = (struct position){.bar = beat.bar, .tick = entry};
    c->is_settled = false;
    c->is_arriving = false;
  }
}

void
composer_lock(struct composer *const composer, const bool is_locked) REALTIME
{
  composer->is_locked = is_locked;
}

void
composer_lock_bars(struct composer *const composer, const struct bar_set *const bars) REALTIME
{
  composer->locked = *bars;
}

// Give the bars of `range` a new version, but those that are locked.
static void
fork_range(struct composer *const c, const struct bar_range range, const uint32_t version, const uint32_t salt) REALTIME
{
  struct view view;
  take_view(c->take, &view);
  take_fork(c->take, range.first, 0, range.end, version, salt);
  struct view forked;
  take_view(c->take, &forked);
  for (uint32_t i = 0; i < c->locked.count; ++i) {
    const struct bar_range locked = c->locked.ranges[i];
    const uint32_t first = locked.first > range.first ? locked.first : range.first;
    const uint32_t end = locked.end < range.end ? locked.end : range.end;
    if (first < end) {
      view_copy(&forked, &view, first, end);
    }
  }
  if (c->locked.count > 0) {
    take_set_view(c->take, &forked);
  }
}

void
composer_drop_from(struct composer *const c, const uint32_t number) REALTIME
{
  if (!c->is_locked) {
    c->fork.is_open = false;
    take_remember(c->take);
    fork_range(c, (struct bar_range){number, UINT32_MAX}, take_new_version(c->take), 0);
  }
}

void
composer_regenerate(struct composer *const composer) REALTIME
{
  struct composer *const c = composer;
  const bool is_at_line = c->playhead.tick == 0 && c->is_standing;
  uint32_t first = c->playhead.bar + !is_at_line;
  while (bar_set_has(&c->locked, first) && first < BAR_SET_LAST && take_bar(c->take, first)) {
    ++first;
  }
  if (c->is_locked || bar_set_has(&c->locked, first)) {
    return;
  }
  take_remember(c->take);
  fork_section(c, first, 0, ++c->salt);
  look_again(c, first);
}

void
composer_regenerate_bars(struct composer *const composer, const struct bar_set *const bars) REALTIME
{
  struct composer *const c = composer;
  if (c->is_locked || bars->count == 0) {
    return;
  }
  uint32_t first = UINT32_MAX;
  c->fork.is_open = false;
  take_remember(c->take);
  const uint32_t version = take_new_version(c->take);
  ++c->salt;
  for (uint32_t i = 0; i < bars->count; ++i) {
    fork_range(c, bars->ranges[i], version, c->salt);
    first = bars->ranges[i].first < first ? bars->ranges[i].first : first;
  }
  look_again(c, first);
}

bool
composer_undo(struct composer *const composer) REALTIME
{
  struct composer *const c = composer;
  if (c->is_locked) {
    return false;
  }
  struct view before;
  take_view(c->take, &before);
  if (!take_undo(c->take)) {
    return false;
  }
  struct view view;
  take_view(c->take, &view);
  for (uint32_t i = 0; i < c->locked.count; ++i) {
    view_copy(&view, &before, c->locked.ranges[i].first, c->locked.ranges[i].end);
  }
  if (c->locked.count > 0) {
    take_set_view(c->take, &view);
  }
  c->fork.is_open = false;
  look_again(c, view_first_difference(&view, &before));
  return true;
}
