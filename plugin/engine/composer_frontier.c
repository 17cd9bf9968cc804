// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The frontier: over kept bars, to where the music goes on. All that is decided here depends on the take alone, so leaving
// and coming back changes nothing.

#include "composer_private.h"

#include <assert.h>
#include <stddef.h>

enum {
  OUTLOOK_OPERATIONS = 64,  // What looking at one bar costs, in multiply-adds
  SETTLING_TURNS = 1 << 14, // Far more than there are bars between two things to decide
  EXPLORED_STEPS = 8192,    // A longer section is not gone over beforehand: its states are more than a network keeps
};

// Let the frontier be settled again, from the beginning of its bar, unless a section begins inside it.
void
composer_unsettle(struct composer *const c) REALTIME
{
  if (c->is_settled && c->section.tail != TAKE_NONE) {
    c->frontier.tick = 0;
  }
  c->is_settled = false;
}

// Let bar `number` be one after which nothing goes on.
static void
end_bar(struct composer *const c, const uint32_t number) REALTIME
{
  struct take_bar *const bar = composer_open_bar(c, number);
  if (bar) {
    bar->complete = true;
    bar->ends = true;
    take_touch(c->take, bar);
  }
}

// Let the piece end in the section's last bar, and a bar of rest follow, unless other music does.
static void
end_piece(struct composer *const c) REALTIME
{
  uint32_t number = c->section.tail_bar;
  end_bar(c, number);
  const struct take_bar *const after = take_bar(c->take, ++number);
  if (after && after->ends && after->count == 0) {
    take_remove_bar(c->take, number); // Its own rest, maybe of another metre
  }
  if (!take_bar(c->take, number)) {
    end_bar(c, number++);
  }
  c->frontier = (struct position){.bar = number};
  c->is_arriving = take_bar(c->take, number) != NULL;
  c->stood_until = c->is_arriving && number < c->stood_until ? number : c->stood_until;
  c->is_settled = false;
}

// Go from the section's tail to the next onset; bars that lie between are complete. The frontier is there, or at a bar of
// other music on the way, which ends this section.
void
composer_advance(struct composer *const c) REALTIME
{
  const struct take_note *const tail = take_note(c->take, c->section.tail);
  if (tail->event.advance == ADVANCE_END) {
    end_piece(c);
    return;
  }
  const uint32_t known = c->frontier.bar; // Bars before this one have been gone over
  uint32_t number = c->section.tail_bar;
  uint32_t tick = (uint32_t)tail->tick + tail->event.advance;
  for (uint32_t ticks = composer_bar_ticks(c, number); tick >= ticks; ticks = composer_bar_ticks(c, number)) {
    struct take_bar *const bar = composer_open_bar(c, number);
    if (bar) {
      bar->complete = true;
      take_touch(c->take, bar);
    }
    tick -= ticks;
    ++number;
    const bool is_older = take_bar(c->take, number) != NULL;
    if (number >= known && (is_older || composer_loop_source(c, number))) {
      c->frontier = (struct position){.bar = number};
      c->stood_until = is_older && number < c->stood_until ? number : c->stood_until;
      c->is_arriving = is_older;
      c->is_settled = false;
      return;
    }
  }
  if (number < known) { // Complete already, although the tail leads there
    number = known;
    tick = 0;
  }
  c->frontier = (struct position){.bar = number, .tick = tick};
  c->is_settled = true;
}

// The frontier has come to `bar` by composing. Return whether that bar may stay: not if it is in a metre of former times.
static bool
arrive(struct composer *const c, const struct take_bar *const bar) REALTIME
{
  c->is_arriving = false;
  if (!metre_equals(bar->metre, c->metre)) {
    composer_drop_bar(c, bar->number);
    return false;
  }
  take_join(c->take, bar->number);
  return true;
}

// Go over the complete bars at the frontier, no further than needed. Return the bar there that is not complete, or NULL.
static struct take_bar *
pass_kept_bars(struct composer *const c) REALTIME
{
  while (!composer_is_filled(c)) {
    struct take_bar *const bar = take_bar(c->take, c->frontier.bar);
    if (!bar || (c->is_arriving && !arrive(c, bar))) {
      return NULL;
    }
    const uint32_t foreign = composer_find_foreign(c, bar, bar->number);
    if (foreign != TAKE_NONE) {
      composer_roll_back(c, (struct position){bar->number, take_note(c->take, foreign)->tick});
      continue;
    }
    if (!bar->complete) {
      return bar;
    }
    c->frontier = (struct position){.bar = bar->number + 1};
  }
  return NULL;
}

// Return the bar with the last note of the unbroken music that ends with complete bar `number`, or NULL.
static const struct take_bar *
find_tail(struct composer *const c, uint32_t number) REALTIME
{
  const struct take_bar *const last = take_bar(c->take, number);
  if (!last || !last->complete || last->weights != c->weights->hash) {
    return NULL;
  }
  const struct take_bar *bar = last;
  for (uint32_t ticks = 0; ticks <= ADVANCE_LONGEST && bar && !bar->ends && section_has_both(bar, last);) {
    if (bar->last != TAKE_NONE) {
      return bar;
    }
    ticks += metre_bar_ticks(bar->metre);
    bar = number > 0 ? take_bar(c->take, --number) : NULL;
  }
  return NULL;
}

// Be right after the last note of `bar`, to compose at the frontier.
static void
go_on(struct composer *const c, const struct take_bar *const bar) REALTIME
{
  if (composer_go_to_open(c, bar)) {
    return;
  }
  struct section *const section = &c->section;
  const uint32_t number = bar->number;
  const uint32_t tail = bar->last;
  section_resume(section, c->take, number, tail, PATIENCE_NONE);
  composer_advance(c);
  // A step in the making at another place than where it is wanted now is taken back
  if (c->is_settled && section->phase == SECTION_COMPOSING &&
      (c->latched != composer_planned(c, c->frontier) || c->harmony != composer_harmony(c, c->frontier) ||
       section->moment.bar != c->frontier.bar || section->moment.tick != c->frontier.tick ||
       !metre_equals(section->moment.metre, composer_metre_at(c, c->frontier.bar)))) {
    section_retreat(section, UINT32_MAX, 0);
    section_resume(section, c->take, number, tail, PATIENCE_NONE);
  }
}

// Begin a section at the frontier, or at the next beat after it.
static void
begin(struct composer *const c) REALTIME
{
  if (c->player.input == INPUT_CONTINUE) { // It is for the player to begin
    c->player.is_idle = true;
    return;
  }
  const uint32_t beat = metre_beat_ticks(c->metre);
  const uint32_t tick = (c->frontier.tick + beat - 1) / beat * beat;
  if (tick >= metre_bar_ticks(c->metre)) {
    c->frontier = (struct position){.bar = c->frontier.bar + 1};
    return; // There may be music there
  }
  c->frontier.tick = tick;
  if (c->section.phase == SECTION_COMPOSING &&
      (!metre_equals(c->section.moment.metre, c->metre) || c->latched != composer_planned(c, c->frontier) ||
       c->harmony != composer_harmony(c, c->frontier))) {
    section_retreat(&c->section, UINT32_MAX, 0);
  }
  section_begin(&c->section, c->frontier.bar, (uint16_t)tick);
  c->is_settled = true;
}

// Settle what is composed at the frontier: let it pass kept bars, then let a section go on or begin. Should that come to no end, the
// next block goes on with it: silence is better than a host that stands still.
void
composer_settle(struct composer *const c) REALTIME
{
  for (unsigned turns = 0; turns < SETTLING_TURNS && !c->is_settled && !composer_is_filled(c); ++turns) {
    assert(turns < SETTLING_TURNS - 1);
    struct take_bar *const bar = pass_kept_bars(c);
    if (composer_is_filled(c)) {
      return;
    }
    if (!bar && composer_loop(c)) {
      continue;
    }
    if (!bar) {
      const struct position at = c->frontier;
      const struct take_bar *const tail = at.tick == 0 && at.bar > 0 ? find_tail(c, at.bar - 1) : NULL;
      if (tail) {
        go_on(c, tail);
      } else {
        begin(c);
      }
      if (c->is_settled) {
        composer_stand(c);
      }
    } else if (bar->weights != c->weights->hash) {
      bar->complete = true; // As far as it goes; other weights don't continue it
      take_touch(c->take, bar);
    } else if (bar->last != TAKE_NONE) {
      go_on(c, bar);
      if (c->is_settled) {
        composer_stand(c);
      }
    } else {
      composer_drop_bar(c, bar->number);
    }
  }
}

// Find where the unbroken bars from the frontier on end, some bars at a time. Return whether that is known.
static bool
find_end(struct composer *const c, uint32_t *const left) REALTIME
{
  struct outlook *const outlook = &c->outlook;
  if (outlook->changes != take_changes(c->take) || outlook->from > c->frontier.bar || outlook->end < c->frontier.bar) {
    *outlook = (struct outlook){.changes = take_changes(c->take), .from = c->frontier.bar, .end = c->frontier.bar};
  }
  for (; *left > 0; ++outlook->end) {
    const struct take_bar *const bar = take_bar(c->take, outlook->end);
    if (!bar || !bar->complete) {
      return true;
    }
    *left -= OUTLOOK_OPERATIONS < *left ? OUTLOOK_OPERATIONS : *left;
  }
  return false;
}

// A note of the take that the network may stand behind.
struct stand {
  const struct take_bar *bar; // NULL: there is none
  uint32_t note;
  uint32_t steps; // Of the section, up to there
};

// Return the last note before `tick` of `bar`, which may be NULL.
static struct stand
stand_in_bar(struct composer *const c, const struct take_bar *const bar, const uint32_t tick) REALTIME
{
  struct stand stand = {.bar = NULL, .note = TAKE_NONE};
  uint32_t steps = bar ? bar->step : 0;
  uint32_t i = bar && bar->weights == c->weights->hash ? bar->first : TAKE_NONE;
  for (; i != TAKE_NONE && take_note(c->take, i)->tick < tick; i = take_note(c->take, i)->next) {
    steps += !take_note(c->take, i)->joined;
    stand = (struct stand){bar, i, steps};
  }
  return stand;
}

// Return the note that music at `place` goes on from.
static struct stand
stand_before(struct composer *const c, const struct position place) REALTIME
{
  const struct stand stand = stand_in_bar(c, take_bar(c->take, place.bar), place.tick);
  return stand.bar || place.bar == 0 ? stand : stand_in_bar(c, find_tail(c, place.bar - 1), UINT32_MAX);
}

// Return whether `far` lies so near behind `near` that a section which stands there can go back to it.
static bool
is_in_reach(const struct stand *const near, const struct stand *const far) REALTIME
{
  const uint32_t steps = near->bar ? near->steps : 0;
  const bool is_same = !near->bar || section_has_both(near->bar, far->bar);
  return is_same && far->steps <= steps + NETWORK_REWIND / 2;
}

// Return whether the section stands behind `near`, in its reach.
static bool
is_at_hand(const struct composer *const c, const struct stand *const near) REALTIME
{
  const struct section *const section = &c->section;
  if (section->phase < SECTION_WAITING || section->is_adrift || section->tail == TAKE_NONE) {
    return false;
  }
  const struct stand far = {take_bar(c->take, section->tail_bar), section->tail, section->steps};
  return far.bar && far.bar->number >= near->bar->number && far.steps >= near->steps && is_in_reach(near, &far);
}

// Return whether the network, which has nothing to do behind the cursor, is to be told the kept bars up to `far`, once: so that
// it has kept states there when the playhead jumps into them. Not if there are more than it keeps.
static bool
is_to_explore(struct composer *const c, const struct stand *const near, const struct stand *const far) REALTIME
{
  if (c->outlook.is_explored || !network_keeps(c->weights->network) || !far->bar || far->steps > EXPLORED_STEPS) {
    return false;
  }
  const bool is_there = c->section.phase == SECTION_WAITING && c->section.tail == far->note && !c->section.is_adrift;
  c->outlook.is_explored = is_there;
  c->outlook.is_exploring = !is_there && (c->outlook.is_exploring || is_at_hand(c, near));
  return c->outlook.is_exploring;
}

void
composer_prepare(struct composer *const c, uint32_t *const left) REALTIME
{
  // What is played is told when it is over
  if (composer_listens(c) || c->player.is_open || c->is_settled || !composer_is_filled(c) || !find_end(c, left)) {
    return;
  }
  // A bar in a metre of former times will not stay
  const bool will_drop = c->is_arriving && !metre_equals(composer_metre_at(c, c->frontier.bar), c->metre);
  const struct position kept = {.bar = c->outlook.end, .tick = UINT32_MAX};
  const struct position end = will_drop ? c->frontier : kept;
  const struct stand near = stand_before(c, position_is_before(c->cursor, end) ? c->cursor : end);
  const struct stand far = stand_before(c, end);
  const bool is_end_near = far.bar && is_in_reach(&near, &far);
  const bool explores = !is_end_near && near.bar && is_to_explore(c, &near, &far);
  const struct stand *const stand = is_end_near || explores ? &far : &near;
  if (!stand->bar || (!is_end_near && !explores && is_at_hand(c, &near))) {
    return;
  }
  section_resume(&c->section, c->take, stand->bar->number, stand->note, PATIENCE_LONG);
  while (*left > 0 && section_is_on_its_way(&c->section)) {
    section_replay(&c->section, c->take, left);
  }
}
