// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Controls, latched per beat. When the playhead is the look-ahead before a beat, the controls that are present then are
// settled for that beat. If the take has music there that was composed under others, it is composed anew from that beat on.
// After a locate, the beats up to the look-ahead were never waited for: music that is there is played as it is, and what is
// composed takes the controls at hand, up to the moment the playhead moves on.

#include "composer_private.h"

#include <stddef.h>
#include <string.h>

enum { LEAP_BARS = 64 }; // From so many bars behind the playhead on, a cursor is not led but put

static struct position
beat_of(const struct composer *const c, const struct position place) REALTIME
{
  const uint32_t tick = place.tick - place.tick % metre_beat_ticks(composer_metre_at(c, place.bar));
  return (struct position){place.bar, tick};
}

// Go from a beat to the next. Return the ticks between them.
static uint32_t
next_beat(const struct composer *const c, struct position *const beat) REALTIME
{
  const struct metre metre = composer_metre_at(c, beat->bar);
  const uint32_t ticks = metre_bar_ticks(metre);
  const uint32_t step = metre_beat_ticks(metre);
  if (beat->tick + step < ticks) {
    beat->tick += step;
    return step;
  }
  const uint32_t left = ticks > beat->tick ? ticks - beat->tick : 0;
  *beat = (struct position){.bar = beat->bar + 1};
  return left;
}

// Return the ticks from `place` to the cursor.
static int64_t
ticks_to_cursor(const struct composer *const c, const struct position place) REALTIME
{
  int64_t ticks = (int64_t)c->cursor.tick - (int64_t)place.tick;
  for (uint32_t bar = place.bar; bar < c->cursor.bar; ++bar) {
    ticks += composer_bar_ticks(c, bar);
  }
  for (uint32_t bar = c->cursor.bar; bar < place.bar; ++bar) {
    ticks -= composer_bar_ticks(c, bar);
  }
  return ticks;
}

void
composer_land(struct composer *const c) REALTIME
{
  const struct position beat = beat_of(c, c->playhead);
  c->plan[0] = (struct plan){.from = beat, .number = c->present};
  c->plan_count = 1;
  c->is_standing = true;
  c->has_stood = false;
  c->stood_until = UINT32_MAX;
  c->has_reached = false;
  c->block_count = 0;

  c->cursor = beat;
  int64_t ahead = (int64_t)beat.tick - (int64_t)c->playhead.tick;
  const int64_t reach = c->controls.look_ahead;
  for (int64_t ticks = composer_bar_ticks(c, c->cursor.bar) - c->cursor.tick; ahead + ticks <= reach;
       ticks = composer_bar_ticks(c, c->cursor.bar)) {
    ahead += ticks;
    c->cursor = (struct position){.bar = c->cursor.bar + 1};
  }
  while (ahead <= reach) {
    ahead += next_beat(c, &c->cursor);
  }
}

uint16_t
composer_planned(const struct composer *const c, const struct position place) REALTIME
{
  const struct position beat = beat_of(c, place);
  uint32_t i = c->plan_count - 1;
  while (i > 0 && position_is_before(beat, c->plan[i].from)) {
    --i;
  }
  return c->plan[i].number;
}

// Forget what the plan says of places that are composed and played.
static void
prune_plan(struct composer *const c) REALTIME
{
  const struct position needed = beat_of(c, position_is_before(c->frontier, c->playhead) ? c->frontier : c->playhead);
  uint32_t past = 0;
  while (past + 1 < c->plan_count && !position_is_before(needed, c->plan[past + 1].from)) {
    ++past;
  }
  if (past > 0) {
    c->plan_count -= past;
    memmove(&c->plan[0], &c->plan[past], c->plan_count * sizeof(c->plan[0]));
  }
}

// Settle the present controls for the cursor's beat and all after it.
static void
extend_plan(struct composer *const c) REALTIME
{
  if (c->plan[c->plan_count - 1].number == c->present) {
    return;
  }
  if (c->plan_count == PLAN_CHANGES) {
    prune_plan(c);
  }
  if (c->plan_count == PLAN_CHANGES) {
    --c->plan_count; // More changes within the look-ahead than beats are usual: the newest is forgotten
  }
  c->plan[c->plan_count++] = (struct plan){.from = c->cursor, .number = c->present};
}

// Return the first note at or after `tick` of `bar`, or TAKE_NONE.
static uint32_t
note_from(struct take *const take, const struct take_bar *const bar, const uint32_t tick) REALTIME
{
  uint32_t i = bar->first;
  while (i != TAKE_NONE && take_note(take, i)->tick < tick) {
    i = take_note(take, i)->next;
  }
  return i;
}

// The music of the beat from `first` to before `end` stays whatever the controls are.
static void
accept_beat(struct composer *const c, struct take_bar *const bar, const uint32_t first, const uint32_t end) REALTIME
{
  for (uint32_t i = first; i != TAKE_NONE && take_note(c->take, i)->tick < end; i = take_note(c->take, i)->next) {
    take_note(c->take, i)->latched = c->present;
  }
  take_touch(c->take, bar);
  if (end >= metre_bar_ticks(bar->metre)) {
    bar->accepted = take_range(c->take, bar->number)->accepted;
  }
}

// The playhead is the look-ahead before the cursor's beat.
static void
latch_beat(struct composer *const c) REALTIME
{
  extend_plan(c);
  struct take_bar *const bar = take_bar(c->take, c->cursor.bar);
  if (!bar) {
    // Composing may wait at a later onset of the bar, which now is to come back whole
    if (c->cursor.tick == 0 && c->frontier.bar == c->cursor.bar && composer_loop_source(c, c->cursor.bar)) {
      c->frontier.tick = 0;
      c->is_settled = false;
    }
    return;
  }
  const uint32_t end = c->cursor.tick + metre_beat_ticks(bar->metre);
  const uint32_t first = note_from(c->take, bar, c->cursor.tick);
  const bool is_other = first != TAKE_NONE && take_note(c->take, first)->tick < end &&
                        !latches_are_near(c->latches, take_note(c->take, first)->latched, c->present);
  if (bar->accepted != take_range(c->take, bar->number)->accepted) {
    accept_beat(c, bar, first, end);
  } else if (is_other && !composer_is_locked(c, bar->number)) {
    composer_diverge(c, c->cursor);
  }
}

// Whether the cursor stands in a bar of the take that is in another metre than the playhead's. How far ahead it is in beats is
// not known before the playhead is there; a composer that sees the change for the first time does not know of it at all.
static bool
is_beyond_metre(const struct composer *const c) REALTIME
{
  const struct take_bar *const bar = c->cursor.bar > c->playhead.bar ? take_bar(c->take, c->cursor.bar) : NULL;
  return bar && !metre_equals(bar->metre, c->metre);
}

// Forget what the plan says from the cursor on.
static void
cut_plan(struct composer *const c) REALTIME
{
  while (c->plan_count > 1 && !position_is_before(c->plan[c->plan_count - 1].from, c->cursor)) {
    --c->plan_count;
  }
}

void
composer_latch_anew(struct composer *const c) REALTIME
{
  if (c->is_standing) {
    composer_land(c);
    return;
  }
  const uint32_t beat = metre_beat_ticks(c->metre);
  c->cursor = (struct position){c->playhead.bar, (c->playhead.tick / beat + 1) * beat};
  if (c->cursor.tick >= metre_bar_ticks(c->metre)) {
    c->cursor = (struct position){.bar = c->playhead.bar + 1};
  }
  cut_plan(c);
}

void
composer_reach(struct composer *const c, const struct position place) REALTIME
{
  c->has_reached = true;
  c->reached = place;
  if (position_is_before(c->playhead, place)) {
    composer_leave(c);
  }
  if (c->cursor.bar + LEAP_BARS < place.bar) {
    c->cursor = beat_of(c, place);
  }
  const int64_t reach = c->controls.look_ahead;
  for (int64_t ahead = ticks_to_cursor(c, place); ahead <= reach && !is_beyond_metre(c);) {
    latch_beat(c);
    ahead += next_beat(c, &c->cursor);
  }
  prune_plan(c);
  if (!c->is_settled && c->weights) {
    composer_settle(c);
  }
  composer_listen_until(c, place);
}

void
composer_leave(struct composer *const c) REALTIME
{
  c->is_standing = false;
  c->has_take = c->has_take || take_bar_count(c->take) > 0;
}

void
composer_stand(struct composer *const c) REALTIME
{
  if (c->is_standing && !c->has_stood) {
    c->has_stood = true;
    c->stood_from = c->frontier;
  }
}

void
composer_unheard(const struct composer *const c, struct position *const from, uint32_t *const end) REALTIME
{
  const struct take_bar *const bar = take_bar(c->take, c->frontier.bar); // It may have some of its first onset's notes
  const bool has_begun = c->frontier.tick > 0 || (bar && bar->pass == c->pass);
  const uint32_t begun = c->frontier.bar + has_begun;
  *from = c->stood_from;
  *end = !c->is_standing || !c->has_stood ? 0 : begun < c->stood_until ? begun : c->stood_until;
}

// The controls changed before the playhead left: what was composed since it came has been heard by nobody.
static void
forget_since_landing(struct composer *const c) REALTIME
{
  struct position from;
  uint32_t end = 0;
  composer_unheard(c, &from, &end);
  for (uint32_t bar = c->stood_from.bar + (c->stood_from.tick > 0); bar < end; ++bar) {
    take_remove_bar(c->take, bar);
  }
  if (c->stood_from.tick > 0) {
    take_cut_bar(c->take, c->stood_from.bar, c->stood_from.tick);
    const struct take_bar *const bar = take_bar(c->take, c->stood_from.bar);
    if (bar && bar->first == TAKE_NONE) {
      take_remove_bar(c->take, bar->number);
    }
  }
  section_retreat(&c->section, c->stood_from.bar, c->stood_from.tick);
  const bool is_empty = !take_bar(c->take, c->playhead.bar) && position_is_before(c->playhead, c->stood_from);
  c->frontier = is_empty ? c->stood_from : c->playhead; // Where there was nothing to begin with, it begins where it did
  c->is_settled = false;
  c->is_arriving = false;
}

void
composer_begin_block(struct composer *const c, const struct position place) REALTIME
{
  c->blocks[0] = c->block_count > 0 ? c->blocks[1] : place;
  c->blocks[1] = place;
  c->block_count += c->block_count < 2;
}

// The controls have changed, somewhere in the block before (or in the one before that: Ardour leaves a value as it is for a
// block if its curve is locked): latch them for the beats that came within the look-ahead since.
static void
latch_block_anew(struct composer *const c) REALTIME
{
  const struct position block = c->blocks[0];
  struct position beat = beat_of(c, block);
  int64_t ahead = (int64_t)beat.tick - (int64_t)block.tick;
  while (ahead <= c->controls.look_ahead && position_is_before(beat, c->cursor)) {
    ahead += next_beat(c, &beat);
  }
  c->cursor = beat;
  cut_plan(c);
}

void
composer_set_controls(struct composer *const c, const struct controls *const controls) REALTIME
{
  const uint16_t number = latches_number(c->latches, controls);
  const bool is_other = number != c->present;
  c->controls = *controls;
  c->present = number;
  if (is_other && !c->is_standing && c->block_count > 0) {
    latch_block_anew(c);
  }
  if (!is_other || !c->is_standing) {
    return;
  }
  if (c->has_stood) {
    forget_since_landing(c);
  }
  composer_land(c);
  if (c->weights) {
    composer_settle(c);
  }
}
