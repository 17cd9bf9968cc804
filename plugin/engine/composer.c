// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Where to compose, and the writing of it. The frontier is the place up to which everything is final; it goes over bars that
// the take has, and where they end, the composer settles what comes there: the section that leads to it goes on, or a new
// one begins (section.h). All that is decided here depends on the take alone, so leaving and coming back changes nothing.

#include "composer.h"

#include "composer_private.h"
#include "kernels.h"
#include "network.h"

#include <stdlib.h>

enum { BAR_LAST = 1 << 30 }; // No song is that long; keeps sums of bars far from overflow

enum status
composer_new(struct composer **const composer, struct error *const error)
{
  struct composer *const c = calloc(1, sizeof(*c));
  struct take *const take = c ? take_new(TAKE_BARS, TAKE_NOTES) : NULL;
  struct latches *const latches = take ? latches_new() : NULL;
  struct attention_log *const log = latches ? attention_log_new() : NULL;
  if (!log) {
    latches_free(latches);
    take_free(take);
    free(c);
    *composer = NULL;
    return error_set(error, STATUS_NO_MEMORY, "There is not enough memory for a composer");
  }
  c->take = take;
  c->latches = latches;
  c->section.recollected = log;
  c->metre = (struct metre){4, 4};
  c->controls.sampling = (struct sampling){.temperature = 1.0F, .top_p = 1.0F};
  c->controls.look_ahead = 16 * TICKS_PER_QUARTER;
  c->sampler.kernels = kernels_best();
  c->present = latches_number(latches, &c->controls);
  c->player.hold_count = 1;
  composer_land(c);
  *composer = c;
  return STATUS_SUCCESS;
}

void
composer_free(struct composer *const composer)
{
  if (composer) {
    attention_log_free(composer->section.recollected);
    latches_free(composer->latches);
    take_free(composer->take);
    free(composer);
  }
}

struct take *
composer_take(struct composer *const composer) REALTIME
{
  return composer->take;
}

bool
composer_is_filled(const struct composer *const composer) REALTIME
{
  const struct position playhead = composer->playhead;
  const struct position frontier = composer->frontier;
  if (composer_listens(composer)) {
    return true;
  }
  if (frontier.bar < playhead.bar) {
    return false;
  }
  const uint32_t beat = metre_beat_ticks(composer_metre_at(composer, playhead.bar));
  const int64_t reach = (int64_t)composer_reach_ticks(composer) + beat - playhead.tick % beat;
  int64_t ahead = (int64_t)frontier.tick - (int64_t)playhead.tick;
  for (uint32_t bar = playhead.bar; bar < frontier.bar && ahead < reach; ++bar) {
    ahead += composer_bar_ticks(composer, bar);
  }
  return ahead >= reach;
}

struct position
composer_ready(const struct composer *const composer) REALTIME
{
  return composer->frontier;
}

// Do one piece of work. Return false if nothing can be done: the take is full of what has to stay.
static bool
work(struct composer *const c, uint32_t *const left) REALTIME
{
  if (!c->is_settled) {
    composer_settle(c);
    return true;
  }
  switch (c->section.phase) {
  case SECTION_LOST:
    composer_unsettle(c);
    break;
  case SECTION_SEEKING:
  case SECTION_TRACING:
  case SECTION_REPLAYING:
    section_replay(&c->section, c->take, left);
    break;
  case SECTION_WAITING:
    if (!composer_make_room(c, STEP_NOTES)) {
      return false;
    }
    if (c->is_settled) {
      composer_feed(c);
    }
    break;
  case SECTION_COMPOSING:
    composer_compose(c, left);
    break;
  }
  return true;
}

uint32_t
composer_work(struct composer *const composer, const uint32_t operations) REALTIME
{
  uint32_t left = operations;
  if (!composer->weights) {
    return 0;
  }
  composer_tidy(composer, &left);
  while (left > 0 && !composer_is_filled(composer) && work(composer, &left)) {
  }
  composer_prepare(composer, &left);
  return operations - left;
}

// What the caller tells

struct weights *
composer_set_weights(struct composer *const composer, struct weights *const weights) REALTIME
{
  struct weights *const old = composer->weights;
  composer->weights = weights;
  section_set_weights(&composer->section, weights);
  composer->player.is_idle = false;
  composer->player.is_open = false;
  composer->is_settled = false;
  composer->is_arriving = false;
  composer->frontier = composer->playhead;
  if (old && old->hash != weights->hash) {
    composer_drop_from(composer, composer->playhead.bar + (composer->playhead.tick > 0));
  }
  composer_settle(composer);
  return old;
}

static void
set_playhead(struct composer *const c, const struct position position, const struct metre metre) REALTIME
{
  c->metre = metre_is_valid(metre) ? metre : (struct metre){4, 4};
  const uint32_t last_tick = metre_bar_ticks(c->metre) - 1;
  c->playhead.bar = position.bar < BAR_LAST ? position.bar : BAR_LAST;
  c->playhead.tick = position.tick < last_tick ? position.tick : last_tick;
}

void
composer_locate(struct composer *const composer, const struct position position, const struct metre metre) REALTIME
{
  set_playhead(composer, position, metre);
  const struct take_bar *const bar = take_bar(composer->take, composer->playhead.bar);
  if (bar && !metre_equals(bar->metre, composer->metre)) {
    composer_drop_bar(composer, bar->number);
  }
  composer->frontier = composer->playhead;
  composer->is_settled = false;
  composer->is_arriving = false;
  composer->player.is_playing = false;
  composer->player.is_idle = false;
  composer->player.is_open = false;
  ++composer->pass;
  composer_hold_on(composer);
  composer_land(composer);
  if (composer->weights) {
    composer_settle(composer);
  }
}

// The bar at the playhead turns out to be in another metre: keep the beats of it that have begun to sound, and go on from
// there. By whole beats, so that it does not matter how soon after the bar line the host tells.
static void
change_metre(struct composer *const c, struct take_bar *const bar) REALTIME
{
  const bool has_come = c->has_reached && !position_is_before(c->reached, c->playhead);
  const uint32_t old_beat = metre_beat_ticks(bar->metre);
  const uint32_t new_beat = metre_beat_ticks(c->metre);
  const uint32_t beat = old_beat < new_beat ? old_beat : new_beat; // All of it is composed, whatever the budget
  const uint32_t kept = (c->playhead.tick + has_come + beat - 1) / beat * beat;
  const bool has_sounded = bar->first != TAKE_NONE && take_note(c->take, bar->first)->tick < kept;
  if (has_sounded) {
    section_retreat(&c->section, bar->number, 0); // What has sounded is told again, in the other metre
    take_cut_bar(c->take, bar->number, kept);
    bar->metre = c->metre;
  } else {
    composer_drop_bar(c, bar->number);
  }
  if (c->frontier.bar >= c->playhead.bar) {
    c->frontier = (struct position){.bar = c->playhead.bar};
    c->is_settled = false;
  }
}

static bool
has_played(struct composer *const c, const struct take_bar *const bar) REALTIME
{
  uint32_t i = bar->first;
  while (i != TAKE_NONE && take_note(c->take, i)->origin != TAKE_PLAYED) {
    i = take_note(c->take, i)->next;
  }
  return i != TAKE_NONE;
}

// The metre is another one than was thought when the bars ahead were composed. Those that nobody has heard go, all of them: how
// many there are depends on the budget, and so would the music if one of them stayed for being in a metre that comes back.
static void
forget_ahead(struct composer *const c) REALTIME
{
  const uint32_t first = c->playhead.bar + 1;
  const uint32_t last = c->frontier.bar;
  if (composer_listens(c) || last < first) {
    return;
  }
  for (uint32_t number = first; number <= last; ++number) {
    const struct take_bar *const bar = take_bar(c->take, number);
    if (bar && bar->pass == c->pass && !has_played(c, bar) && !composer_is_locked(c, number)) {
      composer_drop_bar(c, number);
    }
  }
  c->frontier = (struct position){.bar = c->playhead.bar};
  c->is_settled = false;
  c->is_arriving = false;
}

void
composer_move(struct composer *const composer, const struct position position, const struct metre metre) REALTIME
{
  const struct metre before = composer->metre;
  const struct position from = composer->playhead;
  set_playhead(composer, position, metre);
  if (!metre_equals(before, composer->metre)) {
    forget_ahead(composer);
  }
  struct take_bar *const bar = take_bar(composer->take, composer->playhead.bar);
  const bool is_other = bar && !metre_equals(bar->metre, composer->metre);
  if (is_other) {
    change_metre(composer, bar);
  }
  if (position_is_before(from, composer->playhead) || position_is_before(composer->playhead, from)) {
    composer_leave(composer);
  }
  if (!metre_equals(before, composer->metre)) {
    composer_latch_anew(composer);
  }
  composer_reach(composer, composer->playhead);
  if (is_other || !metre_equals(before, composer->metre)) {
    composer_unsettle(composer);
    if (composer->weights) {
      composer_settle(composer);
    }
  }
  composer_listen_on(composer);
}
