// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Where to compose, and the writing of it. The frontier is the place up to which everything is final; it goes over bars that
// the take has, and where they end, the composer settles what comes there: the section that leads to it goes on, or a new
// one begins (section.h). All that is decided here depends on the take alone, so leaving and coming back changes nothing.

#include "composer.h"

#include "constraints.h"
#include "network.h"
#include "random.h"
#include "section.h"

#include <assert.h>
#include <stdlib.h>

enum {
  BAR_LAST = 1 << 30,       // No song is that long; keeps sums of bars far from overflow
  PICK_OPERATIONS = 16,     // What drawing costs per class, in multiply-adds
  SWEEP_OPERATIONS = 4,     // And looking at one slot of the take
  SWEEP_SLOTS = 256,        // Slots in one slice
  EVICTIONS = 32,           // Bars that leave in one slice
  CHOICE_BITS = 8,          // Draws are numbered by step and, in these bits, choice
  NOTHING_STALE = INT32_MAX // Beyond every bar
};

struct composer {
  struct take *take;
  struct weights *weights; // NULL: none yet
  struct controls controls;
  struct position playhead;
  struct metre metre; // At the playhead, and of bars not yet composed

  struct position frontier; // Everything from the playhead to here is final
  bool is_settled;          // The section knows that it goes on (or begins) at the frontier
  bool is_arriving;         // The frontier has come to a bar of the take by composing, not by going over kept bars
  struct section section;

  uint32_t stale_from; // Bars from here on that other weights composed are to be dropped
  uint32_t sweep;      // Next slot to look at for them

  uint8_t allowed[SAMPLER_CLASSES];
  struct sampler sampler;
};

enum status
composer_new(struct composer **const composer, struct error *const error)
{
  struct composer *const c = calloc(1, sizeof(*c));
  struct take *const take = c ? take_new(TAKE_BARS, TAKE_NOTES) : NULL;
  if (!take) {
    free(c);
    *composer = NULL;
    return error_set(error, STATUS_NO_MEMORY, "There is not enough memory for a composer");
  }
  c->take = take;
  c->metre = (struct metre){4, 4};
  c->controls.sampling = (struct sampling){.temperature = 1.0F, .top_p = 1.0F};
  c->controls.look_ahead = 16 * TICKS_PER_QUARTER;
  c->stale_from = NOTHING_STALE;
  *composer = c;
  return STATUS_SUCCESS;
}

void
composer_free(struct composer *const composer)
{
  if (composer) {
    take_free(composer->take);
    free(composer);
  }
}

struct take *
composer_take(struct composer *const composer) REALTIME
{
  return composer->take;
}

// Let the frontier be settled again, from the beginning of its bar, unless a section begins inside it.
static void
unsettle(struct composer *const c) REALTIME
{
  if (c->is_settled && c->section.tail != TAKE_NONE) {
    c->frontier.tick = 0;
  }
  c->is_settled = false;
}

// Bars that go

// Forget bar `number`, whose music is not wanted any more.
static void
drop_bar(struct composer *const c, const uint32_t number) REALTIME
{
  if (number >= c->section.bar && number <= c->section.tail_bar) {
    section_lose(&c->section);
    unsettle(c);
  }
  take_remove_bar(c->take, number);
}

// Forget bar `number` for want of room. A section that began there plays on: the network still knows.
static void
evict_bar(struct composer *const c, const uint32_t number) REALTIME
{
  if (number == c->section.tail_bar || c->section.phase < SECTION_WAITING) {
    section_lose(&c->section);
    unsettle(c);
  }
  take_remove_bar(c->take, number);
}

static bool
is_stale(const struct composer *const c, const struct take_bar *const bar) REALTIME
{
  return bar->number >= c->stale_from && bar->weights != c->weights->hash;
}

// Return bar `number` of the take, or NULL if it is not there or had to go.
static struct take_bar *
kept_bar(struct composer *const c, const uint32_t number) REALTIME
{
  struct take_bar *const bar = take_bar(c->take, number);
  if (bar && is_stale(c, bar)) {
    drop_bar(c, number);
    return NULL;
  }
  return bar;
}

// Look for stale bars all over the take, some slots at a time.
static void
sweep(struct composer *const c, uint32_t *const left) REALTIME
{
  for (uint32_t i = 0; i < SWEEP_SLOTS && c->stale_from != NOTHING_STALE && *left > SWEEP_OPERATIONS; ++i) {
    const struct take_bar *const bar = take_slot(c->take, c->sweep);
    if (bar && is_stale(c, bar)) {
      drop_bar(c, bar->number);
    }
    *left -= SWEEP_OPERATIONS;
    if (++c->sweep == take_slot_count(c->take)) {
      c->stale_from = NOTHING_STALE;
    }
  }
}

// Let the oldest bars leave until a step has room, whatever it is. What lies between playhead and frontier stays.
static bool
make_room(struct composer *const c) REALTIME
{
  const uint32_t bars = ADVANCE_LONGEST / metre_bar_ticks(c->metre) + 2;
  bool has_room = take_has_room(c->take, bars, STEP_NOTES);
  for (uint32_t i = 0; i < EVICTIONS && !has_room; ++i) {
    const struct take_bar *const oldest = take_oldest_bar(c->take);
    if (!oldest) {
      break;
    }
    if (oldest->number >= c->playhead.bar && oldest->number <= c->frontier.bar) {
      take_refresh_bar(c->take, oldest->number);
    } else {
      evict_bar(c, oldest->number);
    }
    has_room = take_has_room(c->take, bars, STEP_NOTES);
  }
  return has_room;
}

// Places

static struct metre
metre_at(const struct composer *const c, const uint32_t number) REALTIME
{
  const struct take_bar *const bar = take_bar(c->take, number);
  return bar ? bar->metre : c->metre;
}

static uint32_t
bar_ticks(const struct composer *const c, const uint32_t number) REALTIME
{
  return metre_bar_ticks(metre_at(c, number));
}

bool
composer_is_filled(const struct composer *const composer) REALTIME
{
  const struct position playhead = composer->playhead;
  const struct position frontier = composer->frontier;
  if (frontier.bar < playhead.bar) {
    return false;
  }
  int64_t ahead = (int64_t)frontier.tick - (int64_t)playhead.tick;
  for (uint32_t bar = playhead.bar; bar < frontier.bar && ahead <= (int64_t)composer->controls.look_ahead; ++bar) {
    ahead += bar_ticks(composer, bar);
  }
  return ahead > (int64_t)composer->controls.look_ahead;
}

struct position
composer_ready(const struct composer *const composer) REALTIME
{
  return composer->frontier;
}

// Open a bar of the section in the making.
static struct take_bar *
open_bar(struct composer *const c, const uint32_t number) REALTIME
{
  struct take_bar *bar = take_bar(c->take, number);
  if (!bar && (bar = take_open_bar(c->take, number, c->metre))) {
    bar->section = c->section.bar;
    bar->entry = c->section.entry;
    bar->step = c->section.steps;
    bar->weights = c->weights->hash;
  }
  return bar;
}

// Go from the section's tail to the next onset; bars that lie between are complete. The frontier is there, or at a bar of
// other music on the way, which ends this section.
static void
advance_frontier(struct composer *const c) REALTIME
{
  const struct take_note *const tail = take_note(c->take, c->section.tail);
  const uint32_t known = c->frontier.bar; // Bars before this one have been gone over
  uint32_t number = c->section.tail_bar;
  uint32_t tick = (uint32_t)tail->tick + tail->event.advance;
  for (uint32_t ticks = bar_ticks(c, number); tick >= ticks; ticks = bar_ticks(c, number)) {
    struct take_bar *const bar = open_bar(c, number);
    if (bar) {
      bar->complete = true;
    }
    tick -= ticks;
    ++number;
    if (number >= known && take_bar(c->take, number)) {
      c->frontier = (struct position){.bar = number};
      c->is_arriving = true;
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
    drop_bar(c, bar->number);
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
    struct take_bar *const bar = kept_bar(c, c->frontier.bar);
    if (!bar || (c->is_arriving && !arrive(c, bar))) {
      return NULL;
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
  const struct take_bar *const last = kept_bar(c, number);
  if (!last || !last->complete || last->weights != c->weights->hash) {
    return NULL;
  }
  const struct take_bar *bar = last;
  for (uint32_t ticks = 0; ticks <= ADVANCE_LONGEST && bar && section_has_both(bar, last);) {
    if (bar->last != TAKE_NONE) {
      return bar;
    }
    ticks += metre_bar_ticks(bar->metre);
    bar = number > 0 ? kept_bar(c, --number) : NULL;
  }
  return NULL;
}

// Be right after the last note of `bar`, to compose at the frontier.
static void
go_on(struct composer *const c, const struct take_bar *const bar) REALTIME
{
  struct section *const section = &c->section;
  const uint32_t number = bar->number;
  const uint32_t tail = bar->last;
  section_resume(section, c->take, number, tail);
  advance_frontier(c);
  // A step in the making at another place than where it is wanted now can't be taken back
  if (c->is_settled && section->phase == SECTION_COMPOSING &&
      (section->moment.bar != c->frontier.bar || section->moment.tick != c->frontier.tick ||
       !metre_equals(section->moment.metre, metre_at(c, c->frontier.bar)))) {
    section_lose(section);
    section_resume(section, c->take, number, tail);
  }
}

// Begin a section at the frontier, or at the next beat after it.
static void
begin(struct composer *const c) REALTIME
{
  const uint32_t beat = metre_beat_ticks(c->metre);
  const uint32_t tick = (c->frontier.tick + beat - 1) / beat * beat;
  if (tick >= metre_bar_ticks(c->metre)) {
    c->frontier = (struct position){.bar = c->frontier.bar + 1};
    return; // There may be music there
  }
  c->frontier.tick = tick;
  if (c->section.phase == SECTION_COMPOSING && !metre_equals(c->section.moment.metre, c->metre)) {
    section_lose(&c->section);
  }
  section_begin(&c->section, c->frontier.bar, (uint16_t)tick);
  c->is_settled = true;
}

// Settle what is composed at the frontier: let it pass kept bars, then let a section go on or begin.
static void
settle(struct composer *const c) REALTIME
{
  while (!c->is_settled && !composer_is_filled(c)) {
    struct take_bar *const bar = pass_kept_bars(c);
    if (composer_is_filled(c)) {
      return;
    }
    if (!bar) {
      const struct position at = c->frontier;
      const struct take_bar *const tail = at.tick == 0 && at.bar > 0 ? find_tail(c, at.bar - 1) : NULL;
      if (tail) {
        go_on(c, tail);
      } else {
        begin(c);
      }
    } else if (bar->weights != c->weights->hash) {
      bar->complete = true; // As far as it goes; other weights don't continue it
    } else if (bar->last != TAKE_NONE) {
      go_on(c, bar);
    } else {
      drop_bar(c, bar->number);
    }
  }
}

// Composing

static struct conditions
conditions_now(const struct composer *const c, const struct metre metre) REALTIME
{
  const struct controls *const controls = &c->controls;
  return (struct conditions){
      .style = controls->style <= c->weights->network->style_count ? controls->style : 0,
      .key = controls->key <= KEY_COUNT ? controls->key : 0,
      .density = controls->density <= DENSITY_STEPS ? controls->density : 0,
      .metre = metre_class(metre),
  };
}

static void
feed(struct composer *const c) REALTIME
{
  const struct metre metre = metre_at(c, c->frontier.bar);
  const struct moment moment = {
      .bar = c->frontier.bar,
      .tick = (uint16_t)c->frontier.tick,
      .metre = metre,
      .conditions = conditions_now(c, metre),
  };
  section_feed(&c->section, &moment);
}

static float
draw(const struct composer *const c) REALTIME
{
  const struct section *const section = &c->section;
  const uint64_t key = random_key(random_key(c->controls.seed, section->bar), section->entry);
  return random_uniform(key, ((uint64_t)section->steps << CHOICE_BITS) + section->choices);
}

static void
choose(struct composer *const c, uint32_t *const left) REALTIME
{
  struct section *const section = &c->section;
  struct choice choice;
  network_choice(c->weights->network, c->weights->state, &choice);
  assert(choice.classes <= SAMPLER_CLASSES);

  constraints_allow(&section->chord, &choice, section->moment.metre, c->allowed);
  uint32_t chosen = sampler_pick(&c->sampler, choice.logits, c->allowed, choice.classes, c->controls.sampling, draw(c));
  for (uint32_t i = 0; i < choice.classes && !c->allowed[chosen]; ++i) {
    chosen = c->allowed[i] ? i : chosen; // Only logits that are no numbers come here
  }
  network_choose(c->weights->network, c->weights->state, chosen);
  ++section->choices;

  const uint32_t cost = choice.classes * PICK_OPERATIONS;
  *left -= cost < *left ? cost : *left;
}

// Write the notes of `step` (one rest if it has none) at its moment. Return the last one's index, or TAKE_NONE.
static uint32_t
write_notes(struct composer *const c, const struct step *const step) REALTIME
{
  const struct moment *const moment = &c->section.moment;
  const bool is_rest = step->count == 0;
  const uint32_t count = is_rest ? 1 : step->count;
  uint32_t index = TAKE_NONE;
  for (uint32_t i = 0; i < count; ++i) {
    struct event event = is_rest ? (struct event){0} : step->notes[i];
    event.advance = i + 1 < count ? 0 : step->advance;
    index = take_append(c->take, moment->bar, moment->tick, &event, is_rest);
    if (index == TAKE_NONE) {
      break;
    }
    struct take_note *const note = take_note(c->take, index);
    note->joined = i > 0;
    note->conditions = moment->conditions;
  }
  return index;
}

static void
write_step(struct composer *const c) REALTIME
{
  struct section *const section = &c->section;
  const struct moment *const moment = &section->moment;
  struct step step;
  network_step(c->weights->network, c->weights->state, &step);
  step.advance = constraints_advance(step.advance, metre_bar_ticks(moment->metre) - moment->tick);
  if (step.count > 0) {
    step.notes[step.count - 1].advance = step.advance;
  }

  const struct take_bar *const bar = open_bar(c, moment->bar);
  const uint32_t tail = bar ? write_notes(c, &step) : TAKE_NONE;
  assert(tail != TAKE_NONE); // make_room() saw to it
  if (tail == TAKE_NONE) {
    section_lose(section);
    unsettle(c);
    return;
  }
  section_extend(section, &step, tail);
  advance_frontier(c);
}

static void
compose(struct composer *const c, uint32_t *const left) REALTIME
{
  switch (network_work(c->weights->network, c->weights->state, left)) {
  case NETWORK_WORKING:
    break;
  case NETWORK_CHOICE:
    choose(c, left);
    break;
  case NETWORK_STEP:
    write_step(c);
    break;
  }
}

// Do one piece of work. Return false if nothing can be done: the take is full of what has to stay.
static bool
work(struct composer *const c, uint32_t *const left) REALTIME
{
  if (!c->is_settled) {
    settle(c);
    return true;
  }
  switch (c->section.phase) {
  case SECTION_LOST:
    unsettle(c);
    break;
  case SECTION_SEEKING:
  case SECTION_REPLAYING:
    section_replay(&c->section, c->take, left);
    break;
  case SECTION_WAITING:
    if (!make_room(c)) {
      return false;
    }
    if (c->is_settled) {
      feed(c);
    }
    break;
  case SECTION_COMPOSING:
    compose(c, left);
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
  sweep(composer, &left);
  while (left > 0 && !composer_is_filled(composer) && work(composer, &left)) {
  }
  return operations - left;
}

// What the caller tells

struct weights *
composer_set_weights(struct composer *const composer, struct weights *const weights) REALTIME
{
  struct weights *const old = composer->weights;
  composer->weights = weights;
  section_set_weights(&composer->section, weights);
  composer->is_settled = false;
  composer->is_arriving = false;
  composer->frontier = composer->playhead;
  if (old && old->hash != weights->hash) {
    const uint32_t bar = composer->playhead.bar + (composer->playhead.tick > 0);
    composer->stale_from = bar < composer->stale_from ? bar : composer->stale_from;
    composer->sweep = 0;
  }
  settle(composer);
  return old;
}

void
composer_set_controls(struct composer *const composer, const struct controls *const controls) REALTIME
{
  composer->controls = *controls;
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
    drop_bar(composer, bar->number);
  }
  composer->frontier = composer->playhead;
  composer->is_settled = false;
  composer->is_arriving = false;
  if (composer->weights) {
    settle(composer);
  }
}

// The bar at the playhead turns out to be in another metre: keep what has sounded of it, and go on from there.
static void
change_metre(struct composer *const c, struct take_bar *const bar) REALTIME
{
  const bool has_sounded = bar->first != TAKE_NONE && take_note(c->take, bar->first)->tick < c->playhead.tick;
  if (has_sounded) {
    section_lose(&c->section);
    take_cut_bar(c->take, bar->number, c->playhead.tick);
    bar->metre = c->metre;
  } else {
    drop_bar(c, bar->number);
  }
  if (c->frontier.bar >= c->playhead.bar) {
    c->frontier = (struct position){.bar = c->playhead.bar};
    c->is_settled = false;
  }
}

void
composer_move(struct composer *const composer, const struct position position, const struct metre metre) REALTIME
{
  const struct metre before = composer->metre;
  set_playhead(composer, position, metre);
  struct take_bar *const bar = take_bar(composer->take, composer->playhead.bar);
  const bool is_other = bar && !metre_equals(bar->metre, composer->metre);
  if (is_other) {
    change_metre(composer, bar);
  }
  if (is_other || !metre_equals(before, composer->metre)) {
    unsettle(composer);
    if (composer->weights) {
      settle(composer);
    }
  }
}
