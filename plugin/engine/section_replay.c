// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Getting the network to where it is wanted: by feeding it steps of the take.

#include "section_private.h"

#include <assert.h>
#include <stddef.h>

// Operations that a piece of bookkeeping counts for, so that no slice is without end
enum { LOOKUP_OPERATIONS = 1000, FEED_OPERATIONS = 10000, TRACE_OPERATIONS = 2000 };

// Count the steps of the chain that begins with note `first`, up to the one that ends with note `last`.
static uint32_t
steps_counted(struct take *const take, const uint32_t first, const uint32_t last) REALTIME
{
  uint32_t steps = 0;
  for (uint32_t i = first; i != TAKE_NONE; i = take_note(take, i)->next) {
    steps += !take_note(take, i)->joined;
    if (i == last) {
      break;
    }
  }
  return steps;
}

// Read the step that begins with note `first`; return its last note.
uint32_t
section_step_read(struct take *const take, const uint32_t first, struct step *const step) REALTIME
{
  *step = (struct step){0};
  uint32_t last = first;
  for (uint32_t i = first; i != TAKE_NONE && (i == first || take_note(take, i)->joined); i = take_note(take, i)->next) {
    const struct take_note *const note = take_note(take, i);
    if (!note->rest && step->count < STEP_NOTES) {
      step->notes[step->count++] = note->event;
    }
    step->advance = note->event.advance;
    last = i;
  }
  return last;
}

// Return the moment of the note to replay next. Its conditions are those it was composed under, but the metre is the bar's, as its
// place is: a bar whose metre has changed after its first beats had sounded is one of the new metre in the take, in a saved session
// and in an export, and no network has learned of places in one metre while it was asked for another. Composing went on from there
// with the same (composer_move() tells those beats again), so the network remembers the same whether it heard them then or is told
// them later.
struct moment
section_replay_moment(const struct section *const section, struct take *const take) REALTIME
{
  const struct take_note *const note = take_note(take, section->replay_note);
  struct moment moment = {
      .bar = section->replay_bar,
      .tick = note->tick,
      .metre = take_bar(take, section->replay_bar)->metre,
      .conditions = note->conditions,
  };
  moment.conditions.metre = metre_class(moment.metre);
  if (moment.conditions.style > section->weights->network->style_count) {
    moment.conditions.style = 0; // A saved take may say anything
  }
  return moment;
}

// Feed the last step (NULL: none) with that moment.
void
section_replay_feed(struct section *const section, struct take *const take, const struct step *const step) REALTIME
{
  const struct moment moment = section_replay_moment(section, take);
  section_tell(section, step, &moment);
  section->phase = SECTION_REPLAYING;
}

// Return whether `bar` belongs to the section.
static bool
has_bar(const struct section *const section, const struct take_bar *const bar) REALTIME
{
  return bar->section == section->bar && bar->entry == section->entry && bar->weights == section->weights->hash;
}

// Return the first note of the last step that the network knows, if it still is in the section; or TAKE_NONE.
uint32_t
section_find_known(struct section *const section, struct take *const take) REALTIME
{
  const struct section_mark *const known = section_last_mark(section);
  const struct take_bar *const at = take_bar(take, known->bar);
  if (!at || !has_bar(section, at)) {
    return TAKE_NONE;
  }
  uint32_t place = 0;
  for (uint32_t i = at->first; i != TAKE_NONE; i = take_note(take, i)->next) {
    const struct take_note *const note = take_note(take, i);
    if (note->tick == known->tick && !note->joined && place++ == known->place) {
      return i;
    }
  }
  return TAKE_NONE;
}

// Go to the first note of the section at or after the beginning of bar `number`. Return whether the take has one, up to the
// tail, with nothing else in between.
static bool
replay_enter_bar(struct section *const section, struct take *const take, uint32_t number) REALTIME
{
  for (; number <= section->tail_bar; ++number) {
    const struct take_bar *const bar = take_bar(take, number);
    if (!bar || !has_bar(section, bar)) {
      return false;
    }
    if (bar->first != TAKE_NONE) {
      section->replay_bar = number;
      section->replay_note = bar->first;
      return true;
    }
  }
  return false;
}

// Go to the step after the one that ends with note `last`. Return whether there is one, up to the tail.
bool
section_replay_next(struct section *const section, struct take *const take, const uint32_t last) REALTIME
{
  section->replay_note = take_note(take, last)->next;
  return section->replay_note != TAKE_NONE || replay_enter_bar(section, take, section->replay_bar + 1);
}

// The last step that is known has been read again: a key that was played after it may have made its way to the next another one.
static void
follow_again(struct section *const section) REALTIME
{
  struct section_mark before = {.bar = 0};
  if (section->known > 1) {
    before = section->marks[(section->known - 1) % SECTION_MARKS];
  }
  section->chord = before.chord;
  section->guard = before.guard;
  section_follow(section, &section->last);
  section_last_mark(section)->chord = section->chord;
  section_last_mark(section)->guard = section->guard;
}

// Go on from where the network stands to note `tail` of `bar`, feeding what the take has by now. Return whether that could be:
// all that it knows lies before there, and is still part of the same section.
static bool
catch_up(struct section *const section, struct take *const take, const struct take_bar *const bar, const uint32_t tail)
    REALTIME
{
  if (section->phase < SECTION_REPLAYING || !has_bar(section, bar)) {
    return false;
  }
  if (section->phase == SECTION_REPLAYING) { // It knows as much as if it had composed what has been replayed
    section->phase = SECTION_COMPOSING;
  }
  section_retreat(section, bar->number, take_note(take, tail)->tick + 1U);
  const bool is_known = section->phase == SECTION_WAITING && section->known > 0;
  const uint32_t first = is_known ? section_find_known(section, take) : TAKE_NONE;
  if (first == TAKE_NONE) {
    return false;
  }
  const uint32_t last = section_step_read(take, first, &section->last);
  follow_again(section);
  section->tail_bar = bar->number;
  if (last != tail) {
    section->replay_bar = section_last_mark(section)->bar;
    if (!section_replay_next(section, take, last)) {
      return false;
    }
    section_trace_begin(section, take, false);
  }
  return true;
}

void
section_resume(struct section *const section,
               struct take *const take,
               const uint32_t tail_bar,
               const uint32_t tail,
               const uint32_t patience) REALTIME
{
  section->patience = patience;
  if (section->phase != SECTION_LOST && section->tail == tail && !section->is_adrift) {
    return;
  }
  const struct take_bar *const bar = take_bar(take, tail_bar);
  assert(bar);
  if (!catch_up(section, take, bar, tail)) {
    section_forget_music(section);
    section->replay_bar = tail_bar;
    section->phase = SECTION_SEEKING;
  }
  section->is_adrift = false;
  section->bar = bar->section;
  section->entry = bar->entry;
  section->salt = bar->salt;
  section->tail_bar = tail_bar;
  section->tail = tail;
  section->steps = bar->step + steps_counted(take, bar->first, tail);
}

// Go back by one bar, or, if the section has no earlier one, begin the replay.
static void
seek(struct section *const section, struct take *const take) REALTIME
{
  const uint32_t number = section->replay_bar;
  const struct take_bar *const bar = take_bar(take, number);
  const struct take_bar *const before = number > section->bar ? take_bar(take, number - 1) : NULL;
  if (bar && before && section_has_both(bar, before)) {
    section->replay_bar = number - 1;
    return;
  }
  if (!replay_enter_bar(section, take, number)) {
    section->phase = SECTION_LOST;
    return;
  }
  network_reset(section->weights->network, section->weights->state);
  section->is_whole = take_bar(take, section->replay_bar)->step == 0;
  section->is_bare = false;
  section->known = 0;
  section->key = 0;
  section_trace_begin(section, take, true);
}

// Feed one step, or go on with that.
static void
replay_step(struct section *const section, struct take *const take, uint32_t *const operations) REALTIME
{
  const struct weights *const weights = section->weights;
  if (!network_absorb(weights->network, weights->state, operations)) {
    return;
  }
  section_spend(operations, FEED_OPERATIONS);
  if (section->is_bare && section->key == section->bare_key) {
    network_complete(weights->network, weights->state, section->key);
    section->is_bare = false;
  }
  section_keep(section, operations);
  const uint32_t last = section_step_read(take, section->replay_note, &section->last);
  section_follow(section, &section->last);
  section_recollect(section, section->replay_bar, take_note(take, last)->tick, &section->last);
  section->steering = take_note(take, last)->steering;
  section_mark_step(section, section->replay_bar, take_note(take, last)->tick);
  if (last == section->tail) {
    section->phase = SECTION_WAITING;
  } else if (section_replay_next(section, take, last)) {
    section_replay_feed(section, take, &section->last);
  } else {
    section->phase = SECTION_LOST;
  }
}

void
section_replay(struct section *const section, struct take *const take, uint32_t *const operations) REALTIME
{
  switch (section->phase) {
  case SECTION_SEEKING:
    section_spend(operations, LOOKUP_OPERATIONS);
    seek(section, take);
    break;
  case SECTION_TRACING:
    section_spend(operations, TRACE_OPERATIONS);
    section_trace_step(section, take);
    break;
  case SECTION_REPLAYING:
    replay_step(section, take, operations);
    break;
  default:
    break;
  }
}
