// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// How played notes enter the take. A note is written where it belongs, and the way from the note before it is made to lead
// there; the section goes back to before it, and is told it with the rest when it goes on. Where the other hand is composed at
// once, the step that was played is "open": the network chooses it, but is left nothing to choose except how long it will
// last and when the next onset is.

#include "composer_private.h"

#include "network.h"
#include "tokens.h"

#include <stddef.h>
#include <string.h>

// Return the bar that music at `place`, whose bar is not there, goes on from: that right before, or one of this pass that
// silence has followed. NULL if there is none.
static struct take_bar *
bar_before(struct composer *const c, const struct position place) REALTIME
{
  uint32_t number = place.bar;
  for (uint32_t ticks = place.tick; number > 0 && ticks <= ADVANCE_LONGEST;) {
    struct take_bar *const bar = take_bar(c->take, --number);
    ticks += composer_bar_ticks(c, number);
    if (bar) {
      const bool leads_on = number + 1 == place.bar || bar->pass == c->pass;
      return leads_on && !bar->ends && bar->weights == c->weights->hash ? bar : NULL;
    }
  }
  return NULL;
}

// Return the bar of `place`, opened if need be; NULL if there is no room.
static struct take_bar *
open_bar(struct composer *const c, const struct position place) REALTIME
{
  struct take_bar *bar = take_bar(c->take, place.bar);
  if (!bar) {
    bar = bar_before(c, place);
    while (bar && bar->number < place.bar) {
      bar->complete = true;
      take_touch(c->take, bar);
      bar = composer_open_after(c, bar);
    }
  }
  if (!bar && (bar = take_open_bar(c->take, place.bar, c->metre))) {
    bar->entry = (uint16_t)place.tick;
    bar->salt = take_range(c->take, place.bar)->salt;
    bar->weights = c->weights->hash;
  }
  if (bar) {
    bar->pass = c->pass;
    bar->complete = false;
    bar->ends = false;
    take_touch(c->take, bar);
  }
  return bar;
}

// A note of the section that `bar` is in, and the ticks from it to a later place.
struct found {
  uint32_t bar;
  uint32_t note; // TAKE_NONE: there is none
  uint32_t ticks;
};

// Find the note before note `index` of `bar`.
static struct found
note_before(struct composer *const c, const struct take_bar *const bar, const uint32_t index) REALTIME
{
  struct found found = {.bar = bar->number, .note = TAKE_NONE, .ticks = take_note(c->take, index)->tick};
  for (uint32_t i = bar->first; i != index && i != TAKE_NONE; i = take_note(c->take, i)->next) {
    found.note = i;
  }
  const struct take_bar *before = bar;
  while (found.note == TAKE_NONE && found.bar > 0 && found.ticks < ADVANCE_END) {
    before = take_bar(c->take, --found.bar);
    if (!before || !section_has_both(before, bar)) {
      return found;
    }
    found.ticks += metre_bar_ticks(before->metre);
    found.note = before->last;
  }
  if (found.note != TAKE_NONE) {
    found.ticks -= take_note(c->take, found.note)->tick;
  }
  return found;
}

// Make the notes around note `index` of `bar` lead from one to the other.
static void
link_note(struct composer *const c, const struct take_bar *const bar, const uint32_t index, const uint32_t advance)
    REALTIME
{
  struct take_note *const note = take_note(c->take, index);
  const struct found before = note_before(c, bar, index);
  const bool has_chords = c->weights->network->has_chords;
  if (before.note != TAKE_NONE) {
    struct take_note *const earlier = take_note(c->take, before.note);
    earlier->event.advance = (uint16_t)before.ticks;
    take_touch(c->take, take_bar(c->take, before.bar));
    note->steering = earlier->steering;
    note->joined = has_chords && before.ticks == 0;
  }
  if (note->next != TAKE_NONE) {
    struct take_note *const later = take_note(c->take, note->next);
    note->event.advance = (uint16_t)(later->tick - note->tick);
    later->joined = has_chords && later->tick == note->tick;
  }
  struct take_note *const last = take_note(c->take, bar->last);
  if (last->tick == note->tick) {
    last->event.advance = (uint16_t)(advance < ADVANCE_END ? advance : ADVANCE_END - 1);
  }
}

bool
composer_enter(struct composer *const c,
               const struct position place,
               const struct event *const event,
               const uint32_t advance) REALTIME
{
  const struct take_bar *const bar = open_bar(c, place);
  const uint32_t index = bar ? take_insert(c->take, place.bar, (uint16_t)place.tick, event) : TAKE_NONE;
  if (index == TAKE_NONE) {
    return false;
  }
  section_retreat(&c->section, place.bar, place.tick);
  struct take_note *const note = take_note(c->take, index);
  note->origin = TAKE_PLAYED;
  note->latched = composer_planned(c, place);
  note->conditions = composer_conditions(c, note->latched, bar->metre);
  link_note(c, bar, index, advance);
  return true;
}

// Return the first note of the step that ends with the last note of `bar`.
static uint32_t
last_step(struct composer *const c, const struct take_bar *const bar) REALTIME
{
  uint32_t first = bar->first;
  for (uint32_t i = bar->first; i != TAKE_NONE; i = take_note(c->take, i)->next) {
    first = take_note(c->take, i)->joined ? first : i;
  }
  return first;
}

bool
composer_go_to_open(struct composer *const c, const struct take_bar *const bar) REALTIME
{
  struct player_input *const player = &c->player;
  if (!player->is_open) {
    return false;
  }
  const struct take_note *const end = bar->last == TAKE_NONE ? NULL : take_note(c->take, bar->last);
  if (bar->number != player->open.bar || !end || end->tick != player->open.tick || end->rest) {
    player->is_open = false;
    return false;
  }
  const struct found before = note_before(c, bar, last_step(c, bar));
  if (before.note == TAKE_NONE) {
    section_begin(&c->section, bar->section, bar->entry);
  } else {
    section_resume(&c->section, c->take, before.bar, before.note, PATIENCE_NONE);
  }
  c->frontier = player->open;
  c->is_settled = true;
  return true;
}

bool
composer_is_open(const struct composer *const c) REALTIME
{
  const struct moment *const moment = &c->section.moment;
  return c->player.is_open && moment->bar == c->player.open.bar && moment->tick == c->player.open.tick;
}

// Return whether `token` has the pitches of the step from note `first` on.
static bool
has_pitches(struct composer *const c, const uint32_t first, const struct token *const token) REALTIME
{
  uint32_t i = first;
  for (uint32_t k = 0; k < token->count; ++k, i = take_note(c->take, i)->next) {
    if (i == TAKE_NONE || take_note(c->take, i)->event.pitch != token->pitches[k]) {
      return false;
    }
  }
  return i == TAKE_NONE;
}

// Leave only tokens that are the step, or all that were open if none is.
static void
allow_open_tokens(struct composer *const c, const struct take_bar *const bar, const struct choice *const choice)
    REALTIME
{
  const uint32_t first = last_step(c, bar);
  const uint32_t longest = ADVANCE_BARS * metre_bar_ticks(bar->metre);
  bool is_known = false;
  for (uint32_t i = 0; i < choice->classes && !is_known; ++i) {
    const struct token *const token = &choice->tokens[i];
    is_known = token->duration > 0 && token->duration <= longest && has_pitches(c, first, token);
  }
  for (uint32_t i = 0; i < choice->classes && is_known; ++i) {
    const struct token *const token = &choice->tokens[i];
    c->allowed[i] = token->duration > 0 && token->duration <= longest && has_pitches(c, first, token);
  }
}

void
composer_allow_open(struct composer *const c, const struct choice *const choice) REALTIME
{
  const struct take_bar *const bar = take_bar(c->take, c->player.open.bar);
  if (!bar || bar->last == TAKE_NONE || choice->field == FIELD_ADVANCE) {
    return;
  }
  if (choice->field == FIELD_TOKEN) {
    allow_open_tokens(c, bar, choice);
    return;
  }
  const struct take_note *const note = take_note(c->take, bar->last);
  if (choice->field == FIELD_DURATION && note->origin == TAKE_PLAYED) {
    return; // Nobody knows yet how long it will be held
  }
  memset(c->allowed, 0, choice->classes);
  c->allowed[event_class(&note->event, choice->field)] = 1;
}

void
composer_close(struct composer *const c, const struct step *const step, uint32_t *const left) REALTIME
{
  const struct take_bar *const bar = take_bar(c->take, c->player.open.bar);
  c->player.is_open = false;
  if (!bar || bar->last == TAKE_NONE || take_note(c->take, bar->last)->rest) {
    section_lose(&c->section);
    composer_unsettle(c);
    return;
  }
  struct take_note *const last = take_note(c->take, bar->last);
  if (!c->weights->network->has_chords && last->origin == TAKE_PLAYED) {
    last->length = last->length == last->event.duration ? step->notes[0].duration : last->length;
    last->event.duration = step->notes[0].duration;
    take_join(c->take, bar->number + 1);
  }
  last->event.advance = step->advance;
  take_touch(c->take, bar);
  struct step told = {.advance = step->advance};
  for (uint32_t i = last_step(c, bar); i != TAKE_NONE && told.count < STEP_NOTES; i = take_note(c->take, i)->next) {
    told.notes[told.count] = take_note(c->take, i)->event;
    told.count += !take_note(c->take, i)->rest;
  }
  section_extend(&c->section, &told, bar->last, left);
  composer_advance(c);
}
