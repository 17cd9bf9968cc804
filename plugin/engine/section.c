// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "section.h"

#include "random.h"

#include <assert.h>
#include <stddef.h>

// Operations that a piece of bookkeeping counts for, so that no slice is without end
enum { LOOKUP_OPERATIONS = 1000, FEED_OPERATIONS = 10000, TRACE_OPERATIONS = 2000 };

enum { BARE_STEPS = 3 }; // So many steps fed bare cost as much as one

// What is kept with a state that has been fed what comes before a step: what is known of the step before that.
struct luggage {
  uint32_t known; // Steps up to there
  struct section_mark mark;
};

_Static_assert(sizeof(struct luggage) <= NETWORK_LUGGAGE, "it fits");

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

// Return the key of the state that is fed `step` (NULL: none) and the next moment, coming from the one of `key`.
static uint64_t
key_next(uint64_t key, const struct step *const step, const struct moment *const next) REALTIME
{
  const struct conditions *const asked = &next->conditions;
  const uint64_t advance = step ? (uint64_t)1 << 63 | (uint64_t)step->count << 56 | (uint64_t)step->advance << 40 : 0;
  key = random_mix(key ^ ((uint64_t)next->bar << 32 | (uint64_t)next->tick << 16 |
                          (uint64_t)next->metre.numerator << 8 | next->metre.denominator));
  key = random_mix(key ^ (advance | (uint64_t)asked->recall << 32 | (uint64_t)asked->metre << 24 |
                          (uint64_t)asked->density << 16 | (uint64_t)asked->key << 8 | asked->style));
  for (uint32_t i = 0; step && i < step->count; ++i) {
    const struct event *const event = &step->notes[i];
    key = random_mix(key ^ ((uint64_t)event->duration << 24 | (uint64_t)event->velocity << 16 |
                            (uint64_t)event->pitch << 8 | event->hand));
  }
  return key;
}

// Tell the network `step` (NULL: none), as nearly as it has words for it (what is played lies anywhere), and the next moment.
static void
tell(struct section *const section, const struct step *const step, const struct moment *const next) REALTIME
{
  section->key = key_next(section->key, step, next);
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
      .key = section->key,
      .chord = section->chord,
      .guard = section->guard,
  };
}

// Keep the state, which knows all before the step that comes next, if it is one to keep.
static void
keep(struct section *const section, uint32_t *const operations) REALTIME
{
  struct luggage luggage = {.known = section->known};
  if (section->known > 0) {
    luggage.mark = *last_mark(section);
  }
  network_keep(section->weights->network, section->weights->state, section->key, &luggage, sizeof(luggage), operations);
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
    section->salt = 0;
    section->key = 0;
    music_forget(section);
    return;
  }
  const struct section_mark *const known = last_mark(section);
  section->tail_bar = known->bar;
  section->key = known->key;
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
  // Marks of before a state was restored may be of other steps; but the network does not go back beyond that
  const uint32_t most = section->known < NETWORK_REWIND ? section->known : NETWORK_REWIND;
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
  section->is_bare = false;
  section->known = 0;
  section->key = 0;
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

// Return the moment of the note to replay next. Its conditions are those it was composed under,
// but the metre is the bar's, as its place is: a bar whose metre has changed after its first beats had sounded is one of the
// new metre in the take, in a saved session and in an export, and no network has learned of places in one metre while it was
// asked for another. Composing went on from there with the same (composer_move() tells those beats again), so the network remembers
// the same whether it heard them then or is told them later.
static struct moment
replay_moment(const struct section *const section, struct take *const take) REALTIME
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
static void
replay_feed(struct section *const section, struct take *const take, const struct step *const step) REALTIME
{
  const struct moment moment = replay_moment(section, take);
  tell(section, step, &moment);
  section->phase = SECTION_REPLAYING;
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

// Go to the step after the one that ends with note `last`. Return whether there is one, up to the tail.
static bool
replay_next(struct section *const section, struct take *const take, const uint32_t last) REALTIME
{
  section->replay_note = take_note(take, last)->next;
  return section->replay_note != TAKE_NONE || replay_enter_bar(section, take, section->replay_bar + 1);
}

// Trace the steps from the one to replay next on; if the network `is_new`, it knows nothing.
static void
trace_begin(struct section *const section, struct take *const take, const bool is_new) REALTIME
{
  const struct weights *const weights = section->weights;
  if (!network_keeps(weights->network)) {
    replay_feed(section, take, is_new ? NULL : &section->last);
    return;
  }
  section->trace = (struct section_trace){
      .is_new = is_new,
      .first_bar = section->replay_bar,
      .first_note = section->replay_note,
      .first_key = section->key,
  };
  network_trace_begin(weights->network, weights->state, is_new, &section->trace.network);
  section->phase = SECTION_TRACING;
}

// Come back to what was found.
static void
trace_restore(struct section *const section, const struct section_find *const found, const bool is_bare) REALTIME
{
  const struct luggage *const luggage = found->luggage;
  network_restore(section->weights->network, section->weights->state, found->key, is_bare);
  attention_log_retract(section->recollected, section->trace.traced - found->traced);
  section->replay_bar = found->bar;
  section->replay_note = found->note;
  section->key = found->key;
  section->known = luggage->known;
  section->chord = luggage->mark.chord;
  section->guard = luggage->mark.guard;
  *last_mark(section) = luggage->mark;
  section->is_bare = is_bare;
  section->phase = SECTION_REPLAYING;
}

// Return the last waymark from which the network, fed bare, is whole at the last one of all; NULL if there is none.
static const struct section_find *
find_waymark(const struct section *const section) REALTIME
{
  const struct section_trace *const trace = &section->trace;
  const uint32_t count = trace->waymark_count < SECTION_WAYMARKS ? trace->waymark_count : SECTION_WAYMARKS;
  const struct section_find *const last = &trace->waymarks[(trace->waymark_count - 1) % SECTION_WAYMARKS];
  for (uint32_t i = 0; i < count; ++i) {
    const struct section_find *const way = &trace->waymarks[(trace->waymark_count - 1 - i) % SECTION_WAYMARKS];
    if (way->events + section->weights->network->reach <= last->events) {
      return way;
    }
  }
  return NULL;
}

// Come back to waymarks, if that spares many steps. Return whether it does.
static bool
trace_go_far(struct section *const section) REALTIME
{
  const struct section_trace *const trace = &section->trace;
  const struct section_find *const way = find_waymark(section);
  const uint32_t left = trace->traced - (trace->whole.luggage ? trace->whole.traced : 0);
  if (!way) {
    return false;
  }
  const struct section_find *const last = &trace->waymarks[(trace->waymark_count - 1) % SECTION_WAYMARKS];
  const uint32_t steps = (last->traced - way->traced) / BARE_STEPS + (trace->traced - last->traced);
  if (steps + section->patience >= left) {
    return false;
  }
  section->bare_key = last->key;
  trace_restore(section, way, true);
  return true;
}

// All has been traced: come back to what was found, or feed the steps.
static void
trace_finish(struct section *const section, struct take *const take) REALTIME
{
  const struct section_trace *const trace = &section->trace;
  if (trace_go_far(section)) {
    return;
  }
  if (trace->whole.luggage && (trace->is_new || trace->whole.traced >= section->patience)) {
    trace_restore(section, &trace->whole, false);
    return;
  }
  attention_log_retract(section->recollected, trace->traced);
  section->replay_bar = trace->first_bar;
  section->replay_note = trace->first_note;
  section->key = trace->first_key;
  if (trace->is_new) {
    replay_feed(section, take, NULL);
  } else {
    step_read(take, find_known(section, take), &section->last);
    replay_feed(section, take, &section->last);
  }
}

// Go over one step, as section_replay() will if it has to.
static void
trace_step(struct section *const section, struct take *const take) REALTIME
{
  struct section_trace *const trace = &section->trace;
  const struct weights *const weights = section->weights;
  const struct step *const step = trace->is_new && trace->traced == 0 ? NULL : &section->last;
  const struct moment moment = replay_moment(section, take);
  section->key = key_next(section->key, step, &moment);
  struct section_find found = {
      .luggage = network_trace(weights->network, weights->state, &trace->network, step, section->key),
      .key = section->key,
      .traced = trace->traced,
      .events = trace->network.events,
      .bar = section->replay_bar,
      .note = section->replay_note,
  };
  if (found.luggage) {
    trace->whole = found;
  }
  if (trace->network.waymark) {
    found.luggage = trace->network.waymark;
    trace->waymarks[trace->waymark_count++ % SECTION_WAYMARKS] = found;
  }
  const uint32_t last = step_read(take, section->replay_note, &section->last);
  attention_log_step(section->recollected, section->replay_bar, take_note(take, last)->tick, &section->last);
  ++trace->traced;
  if (last == section->tail) {
    trace_finish(section, take);
  } else if (!replay_next(section, take, last)) {
    section->phase = SECTION_LOST;
  }
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
  music_follow(section, &section->last);
  last_mark(section)->chord = section->chord;
  last_mark(section)->guard = section->guard;
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
  follow_again(section);
  section->tail_bar = bar->number;
  if (last != tail) {
    section->replay_bar = last_mark(section)->bar;
    if (!replay_next(section, take, last)) {
      return false;
    }
    trace_begin(section, take, false);
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
  section->is_bare = false;
  section->known = 0;
  section->key = 0;
  trace_begin(section, take, true);
}

// Feed one step, or go on with that.
static void
replay_step(struct section *const section, struct take *const take, uint32_t *const operations) REALTIME
{
  const struct weights *const weights = section->weights;
  if (!network_absorb(weights->network, weights->state, operations)) {
    return;
  }
  spend(operations, FEED_OPERATIONS);
  if (section->is_bare && section->key == section->bare_key) {
    network_complete(weights->network, weights->state, section->key);
    section->is_bare = false;
  }
  keep(section, operations);
  const uint32_t last = step_read(take, section->replay_note, &section->last);
  music_follow(section, &section->last);
  recollect(section, section->replay_bar, take_note(take, last)->tick, &section->last);
  section->steering = take_note(take, last)->steering;
  mark(section, section->replay_bar, take_note(take, last)->tick);
  if (last == section->tail) {
    section->phase = SECTION_WAITING;
  } else if (replay_next(section, take, last)) {
    replay_feed(section, take, &section->last);
  } else {
    section->phase = SECTION_LOST;
  }
}

void
section_replay(struct section *const section, struct take *const take, uint32_t *const operations) REALTIME
{
  switch (section->phase) {
  case SECTION_SEEKING:
    spend(operations, LOOKUP_OPERATIONS);
    seek(section, take);
    break;
  case SECTION_TRACING:
    spend(operations, TRACE_OPERATIONS);
    trace_step(section, take);
    break;
  case SECTION_REPLAYING:
    replay_step(section, take, operations);
    break;
  default:
    break;
  }
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
section_extend(struct section *const section,
               const struct step *const step,
               const uint32_t tail,
               uint32_t *const operations) REALTIME
{
  assert(section->phase == SECTION_COMPOSING);
  keep(section, operations);
  section->last = *step;
  section->tail = tail;
  section->tail_bar = section->moment.bar;
  ++section->steps;
  music_follow(section, step);
  recollect(section, section->moment.bar, section->moment.tick, step);
  mark(section, section->moment.bar, section->moment.tick);
  section->phase = SECTION_WAITING;
}
