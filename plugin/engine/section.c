// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "section.h"

#include <assert.h>
#include <stddef.h>

// Operations that a piece of bookkeeping counts for, so that no slice is without end
enum { LOOKUP_OPERATIONS = 64, FEED_OPERATIONS = 256 };

static void
spend(uint32_t *const operations, const uint32_t spent) REALTIME
{
  *operations -= spent < *operations ? spent : *operations;
}

void
section_set_weights(struct section *const section, struct weights *const weights) REALTIME
{
  section->weights = weights;
  section->phase = SECTION_LOST;
}

void
section_lose(struct section *const section) REALTIME
{
  section->phase = SECTION_LOST;
}

// Tell the network `step` (NULL: none), as nearly as it has words for it (what is played lies anywhere), and the next moment.
static void
tell(const struct section *const section, const struct step *const step, const struct moment *const next) REALTIME
{
  struct step told = step ? *step : (struct step){0};
  told.advance = told.advance > ADVANCE_LONGEST && told.advance != ADVANCE_END ? ADVANCE_LONGEST : told.advance;
  told.advance = advance_ticks(advance_class(told.advance));
  for (uint32_t i = 0; i < told.count; ++i) {
    struct event *const event = &told.notes[i];
    event->velocity = event->velocity ? velocity_value(velocity_class(event->velocity)) : event->velocity;
    event->advance = i + 1 < told.count ? 0 : told.advance;
  }
  network_feed(section->weights->network, section->weights->state, step ? &told : NULL, next);
}

// Nothing has been composed yet.
static void
music_forget(struct section *const section) REALTIME
{
  section->chord = (struct chord){0};
  section->guard = (struct quotation_guard){.known = 0};
  attention_log_reset(section->recollected);
}

// Let the log know of `step`, which begins at `tick` of `bar`, once the music has been followed up to it.
static void
recollect(struct section *const section, const uint32_t bar, const uint16_t tick, const struct step *const step)
    REALTIME
{
  const uint32_t quotation = quotation_notes(&section->guard);
  attention_log_step(section->recollected, bar, tick, step);
  for (uint32_t i = 0; i < step->count; ++i) {
    attention_log_quote(section->recollected, bar, tick, step->notes[i].pitch, quotation);
  }
}

static void
music_follow(struct section *const section, const struct step *const step) REALTIME
{
  chord_follow(&section->chord, step);
  for (uint32_t i = 0; i < step->count; ++i) {
    quotation_follow(&section->guard, section->weights->quotations, &step->notes[i]);
  }
  if (step->count == 0) {
    quotation_rest(&section->guard, step->advance);
  }
}

// The mark of the last step that the network knows. There must be one.
static struct section_mark *
last_mark(struct section *const section) REALTIME
{
  return &section->marks[section->known % SECTION_MARKS];
}

// The network knows one step more, which begins at `bar` and `tick`: keep what is known after it.
static void
mark(struct section *const section, const uint32_t bar, const uint16_t tick) REALTIME
{
  const struct section_mark *const before = section->known > 0 ? last_mark(section) : NULL;
  const bool is_beside = before && before->bar == bar && before->tick == tick;
  const uint16_t place = is_beside ? (uint16_t)(before->place + 1) : 0;
  ++section->known;
  *last_mark(section) = (struct section_mark){
      .bar = bar,
      .tick = tick,
      .place = place,
      .steering = section->steering,
      .chord = section->chord,
      .guard = section->guard,
  };
}

// Take the last `count` steps back, and what was fed of the next.
static void
step_back(struct section *const section, const uint32_t count) REALTIME
{
  const uint32_t feeds = count + (section->phase == SECTION_COMPOSING);
  if (!network_rewind(section->weights->network, section->weights->state, feeds)) {
    section->phase = SECTION_LOST;
    return;
  }
  attention_log_retract(section->recollected, count);
  section->phase = SECTION_WAITING;
  section->is_adrift = true;
  section->known -= count;
  if (section->known == 0) {
    section->is_adrift = false;
    section->tail = TAKE_NONE;
    section->tail_bar = section->bar;
    section->steps = 0;
    section->steering = 0;
    music_forget(section);
    return;
  }
  const struct section_mark *const known = last_mark(section);
  section->tail_bar = known->bar;
  section->steering = known->steering;
  section->chord = known->chord;
  section->guard = known->guard;
}

static bool
is_before(const struct section_mark *const known, const uint32_t bar, const uint32_t tick) REALTIME
{
  return known->bar < bar || (known->bar == bar && known->tick < tick);
}

void
section_retreat(struct section *const section, const uint32_t bar, const uint32_t tick) REALTIME
{
  if (section->phase == SECTION_REPLAYING) { // It knows as much as if it had composed what has been replayed
    section->phase = SECTION_COMPOSING;
  }
  if (section->phase < SECTION_WAITING) {
    section->phase = SECTION_LOST;
    return;
  }
  const uint32_t most = section->known < SECTION_MARKS ? section->known : SECTION_MARKS;
  uint32_t count = 0;
  while (count < most && !is_before(&section->marks[(section->known - count) % SECTION_MARKS], bar, tick)) {
    ++count;
  }
  if (count < most || (count == section->known && section->is_whole)) {
    step_back(section, count);
  } else {
    section->phase = SECTION_LOST;
  }
}

void
section_begin(struct section *const section, const uint32_t bar, const uint16_t tick) REALTIME
{
  const bool is_live = section->phase >= SECTION_WAITING && section->tail == TAKE_NONE && !section->is_adrift;
  if (is_live && section->bar == bar && section->entry == tick) {
    return;
  }
  network_reset(section->weights->network, section->weights->state);
  section->bar = bar;
  section->entry = tick;
  section->salt = 0;
  section->tail_bar = bar;
  section->tail = TAKE_NONE;
  section->steps = 0;
  section->steering = 0;
  section->is_adrift = false;
  section->is_whole = true;
  section->known = 0;
  music_forget(section);
  section->phase = SECTION_WAITING;
}

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
static uint32_t
step_read(struct take *const take, const uint32_t first, struct step *const step) REALTIME
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

// Feed the last step (NULL: none) with the moment of the note to replay next. Its conditions are those it was composed under,
// but the metre is the bar's, as its place is: a bar whose metre has changed after its first beats had sounded is one of the
// new metre in the take, in a saved session and in an export, and no network has learned of places in one metre while it was
// asked for another. Composing went on from there with the same (composer_move() tells those beats again), so the network remembers
// the same whether it heard them then or is told them later.
static void
replay_feed(struct section *const section, struct take *const take, const struct step *const step) REALTIME
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
  tell(section, step, &moment);
}

// Return whether `bar` belongs to the section.
static bool
has_bar(const struct section *const section, const struct take_bar *const bar) REALTIME
{
  return bar->section == section->bar && bar->entry == section->entry && bar->weights == section->weights->hash;
}

// Return the first note of the last step that the network knows, if it still is in the section; or TAKE_NONE.
static uint32_t
find_known(struct section *const section, struct take *const take) REALTIME
{
  const struct section_mark *const known = last_mark(section);
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

// Go on from where the network stands to note `tail` of `bar`, feeding what the take has by now. Return whether that could be:
// all that it knows lies before there, and is still part of the same section.
static bool
catch_up(struct section *const section, struct take *const take, const struct take_bar *const bar, const uint32_t tail)
    REALTIME
{
  if (section->phase < SECTION_REPLAYING || !has_bar(section, bar)) {
    return false;
  }
  section_retreat(section, bar->number, take_note(take, tail)->tick + 1U);
  const bool is_known = section->phase == SECTION_WAITING && section->known > 0;
  const uint32_t first = is_known ? find_known(section, take) : TAKE_NONE;
  if (first == TAKE_NONE) {
    return false;
  }
  const uint32_t last = step_read(take, first, &section->last);
  section->tail_bar = bar->number;
  if (last != tail) {
    section->replay_bar = last_mark(section)->bar;
    section->replay_note = take_note(take, last)->next;
    if (section->replay_note == TAKE_NONE && !replay_enter_bar(section, take, section->replay_bar + 1)) {
      return false;
    }
    replay_feed(section, take, &section->last);
    section->phase = SECTION_REPLAYING;
  }
  return true;
}

void
section_resume(struct section *const section, struct take *const take, const uint32_t tail_bar, const uint32_t tail)
    REALTIME
{
  if (section->phase != SECTION_LOST && section->tail == tail && !section->is_adrift) {
    return;
  }
  const struct take_bar *const bar = take_bar(take, tail_bar);
  assert(bar);
  if (!catch_up(section, take, bar, tail)) {
    music_forget(section);
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
  section->known = 0;
  replay_feed(section, take, NULL);
  section->phase = SECTION_REPLAYING;
}

void
section_replay(struct section *const section, struct take *const take, uint32_t *const operations) REALTIME
{
  if (section->phase == SECTION_SEEKING) {
    spend(operations, LOOKUP_OPERATIONS);
    seek(section, take);
    return;
  }

  const struct weights *const weights = section->weights;
  if (!network_absorb(weights->network, weights->state, operations)) {
    return;
  }
  spend(operations, FEED_OPERATIONS);
  const uint32_t last = step_read(take, section->replay_note, &section->last);
  music_follow(section, &section->last);
  recollect(section, section->replay_bar, take_note(take, last)->tick, &section->last);
  section->steering = take_note(take, last)->steering;
  mark(section, section->replay_bar, take_note(take, last)->tick);
  if (last == section->tail) {
    section->phase = SECTION_WAITING;
    return;
  }
  section->replay_note = take_note(take, last)->next;
  if (section->replay_note == TAKE_NONE && !replay_enter_bar(section, take, section->replay_bar + 1)) {
    section->phase = SECTION_LOST;
    return;
  }
  replay_feed(section, take, &section->last);
}

void
section_feed(struct section *const section, const struct moment *const moment) REALTIME
{
  assert(section->phase == SECTION_WAITING);
  const struct step *const step = section->tail == TAKE_NONE ? NULL : &section->last;
  tell(section, step, moment);
  attention_log_begin(section->recollected);
  section->moment = *moment;
  section->choices = 0;
  section->bits = 0.0F;
  section->phase = SECTION_COMPOSING;
}

void
section_extend(struct section *const section, const struct step *const step, const uint32_t tail) REALTIME
{
  assert(section->phase == SECTION_COMPOSING);
  section->last = *step;
  section->tail = tail;
  section->tail_bar = section->moment.bar;
  ++section->steps;
  music_follow(section, step);
  recollect(section, section->moment.bar, section->moment.tick, step);
  mark(section, section->moment.bar, section->moment.tick);
  section->phase = SECTION_WAITING;
}
