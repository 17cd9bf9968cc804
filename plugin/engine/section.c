// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What the network has been told, and what is known right after it.

#include "section_private.h"

#include "random.h"

#include <assert.h>
#include <stddef.h>

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
uint64_t
section_key_next(uint64_t key, const struct step *const step, const struct moment *const next) REALTIME
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
void
section_tell(struct section *const section, const struct step *const step, const struct moment *const next) REALTIME
{
  section->key = section_key_next(section->key, step, next);
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
void
section_forget_music(struct section *const section) REALTIME
{
  section->chord = (struct chord){0};
  section->guard = (struct quotation_guard){.known = 0};
  attention_log_reset(section->recollected);
}

// Let the log know of `step`, which begins at `tick` of `bar`, once the music has been followed up to it.
void
section_recollect(struct section *const section, const uint32_t bar, const uint16_t tick, const struct step *const step)
    REALTIME
{
  const uint32_t quotation = quotation_notes(&section->guard);
  attention_log_step(section->recollected, bar, tick, step);
  for (uint32_t i = 0; i < step->count; ++i) {
    attention_log_quote(section->recollected, bar, tick, step->notes[i].pitch, quotation);
  }
}

void
section_follow(struct section *const section, const struct step *const step) REALTIME
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
struct section_mark *
section_last_mark(struct section *const section) REALTIME
{
  return &section->marks[section->known % SECTION_MARKS];
}

// The network knows one step more, which begins at `bar` and `tick`: keep what is known after it.
void
section_mark_step(struct section *const section, const uint32_t bar, const uint16_t tick) REALTIME
{
  const struct section_mark *const before = section->known > 0 ? section_last_mark(section) : NULL;
  const bool is_beside = before && before->bar == bar && before->tick == tick;
  const uint16_t place = is_beside ? (uint16_t)(before->place + 1) : 0;
  ++section->known;
  *section_last_mark(section) = (struct section_mark){
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
void
section_keep(struct section *const section, uint32_t *const operations) REALTIME
{
  struct section_luggage luggage = {.known = section->known};
  if (section->known > 0) {
    luggage.mark = *section_last_mark(section);
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
    section_forget_music(section);
    return;
  }
  const struct section_mark *const known = section_last_mark(section);
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
  section_forget_music(section);
  section->phase = SECTION_WAITING;
}

void
section_feed(struct section *const section, const struct moment *const moment) REALTIME
{
  assert(section->phase == SECTION_WAITING);
  const struct step *const step = section->tail == TAKE_NONE ? NULL : &section->last;
  section_tell(section, step, moment);
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
  section_keep(section, operations);
  section->last = *step;
  section->tail = tail;
  section->tail_bar = section->moment.bar;
  ++section->steps;
  section_follow(section, step);
  section_recollect(section, section->moment.bar, section->moment.tick, step);
  section_mark_step(section, section->moment.bar, section->moment.tick);
  section->phase = SECTION_WAITING;
}
