// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// One step: the network's moment, its choices, and the notes that they make.

#include "composer_private.h"

#include "key_prior.h"
#include "mirostat.h"
#include "network.h"
#include "random.h"

#include <assert.h>
#include <stddef.h>

enum {
  LOOKUP_OPERATIONS = 256,   // What asking the quotation filter costs, in operations as network_work() counts them,
  CHOICE_OPERATIONS = 10000, // and a choice beside that and the pick,
  NOTES_OPERATIONS = 60000,  // and the notes of a step
  CHOICE_BITS = 8,           // Draws are numbered by step and, in these bits, choice
};

struct conditions
composer_conditions(const struct composer *const c, const uint16_t latched, const struct metre metre) REALTIME
{
  const struct controls *const controls = latches_get(c->latches, latched);
  return (struct conditions){
      .style = composer_style(c, controls),
      .key = controls->key <= KEY_COUNT ? controls->key : 0,
      .density = controls->density <= DENSITY_STEPS ? controls->density : 0,
      .metre = metre_class(metre),
      .recall = controls->recall,
  };
}

void
composer_feed(struct composer *const c) REALTIME
{
  const struct metre metre = composer_metre_at(c, c->frontier.bar);
  const struct take_bar *const bar = take_bar(c->take, c->frontier.bar);
  const uint32_t salt = bar ? bar->salt : take_range(c->take, c->frontier.bar)->salt;
  c->section.salt = bar || salt ? salt : c->section.salt;
  c->latched = composer_planned(c, c->frontier);
  c->harmony = composer_harmony(c, c->frontier);
  const struct moment moment = {
      .bar = c->frontier.bar,
      .tick = (uint16_t)c->frontier.tick,
      .metre = metre,
      .conditions = composer_conditions(c, c->latched, metre),
  };
  section_feed(&c->section, &moment);
}

static float
draw(const struct composer *const c) REALTIME
{
  const struct section *const section = &c->section;
  const uint32_t seed = composer_controls(c)->seed;
  const uint64_t place = random_key(random_key(seed, section->bar), section->entry);
  const uint64_t key = section->salt ? random_key(place, section->salt) : place;
  return random_uniform(key, ((uint64_t)section->steps << CHOICE_BITS) + section->choices);
}

// Bar what would quote more than is asked for. Return what that costs.
static uint32_t
bar_quotations(struct composer *const c, const struct choice *const choice, const struct limits *const limits) REALTIME
{
  const struct quotation_filter *const filter = c->weights->quotations;
  const uint32_t asked = composer_controls(c)->originality;
  if (!filter || !asked) {
    return 0;
  }
  const uint32_t limit = asked < QUOTATION_RUN ? QUOTATION_RUN : asked;
  return LOOKUP_OPERATIONS * constraints_original(&c->section.guard, filter, choice, limits, limit, c->allowed);
}

// How to draw: as asked for, at a temperature that steers to the surprise asked for.
static struct sampling
sampling_now(const struct composer *const c) REALTIME
{
  struct sampling sampling = composer_controls(c)->sampling;
  if (composer_controls(c)->surprise > 0.0F) {
    sampling.temperature = mirostat_temperature(c->section.steering, sampling.temperature);
  }
  return sampling;
}

// Return the logits to draw by: those of pitches lean to the key that is asked for.
static const float *
logits_now(struct composer *const c, const struct choice *const choice) REALTIME
{
  const uint8_t key = composer_controls(c)->key;
  if (key == 0 || key > KEY_COUNT || (choice->field != FIELD_PITCH && choice->field != FIELD_TOKEN)) {
    return choice->logits;
  }
  key_prior_apply(key, choice, c->biased);
  return c->biased;
}

static void
spend(uint32_t *const left, const uint32_t operations) REALTIME
{
  *left -= operations < *left ? operations : *left;
}

static void
choose(struct composer *const c, uint32_t *const left) REALTIME
{
  struct section *const section = &c->section;
  const struct controls *const controls = composer_controls(c);
  struct choice choice;
  network_choice(c->weights->network, c->weights->state, &choice);
  assert(choice.classes <= SAMPLER_CLASSES);

  const struct limits limits = composer_limits(c);
  constraints_allow(&section->chord, &choice, section->moment.metre, &limits, c->allowed);
  const uint32_t lookup_cost = bar_quotations(c, &choice, &limits);
  if (controls->ending) {
    constraints_allow_end(&choice, c->allowed);
  }
  if (composer_is_open(c)) {
    composer_allow_open(c, &choice);
  }
  const struct sampling sampling = sampling_now(c);
  uint32_t chosen = sampler_pick(&c->sampler, logits_now(c, &choice), c->allowed, choice.classes, sampling, draw(c));
  for (uint32_t i = 0; i < choice.classes && !c->allowed[chosen]; ++i) {
    chosen = c->allowed[i] ? i : chosen; // Only logits that are no numbers come here
  }
  if (controls->surprise > 0.0F) {
    section->bits += sampler_surprise(choice.logits, c->allowed, choice.classes, chosen);
  }
  network_choose(c->weights->network, c->weights->state, chosen);
  ++section->choices;

  spend(left, sampler_operations(choice.classes, sampling) + CHOICE_OPERATIONS + lookup_cost);
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
    note->steering = c->section.steering;
    note->latched = c->latched;
    note->harmony = c->harmony;
    if (!is_rest) {
      attention_log_note(c->section.recollected, moment->bar, moment->tick, event.pitch);
    }
  }
  return index;
}

static void
write_step(struct composer *const c, uint32_t *const left) REALTIME
{
  struct section *const section = &c->section;
  const struct moment *const moment = &section->moment;
  struct step step;
  network_step(c->weights->network, c->weights->state, &step);
  if (step.advance != ADVANCE_END || !composer_controls(c)->ending) {
    step.advance = constraints_advance(step.advance, metre_bar_ticks(moment->metre) - moment->tick);
  }
  if (step.count > 0) {
    step.notes[step.count - 1].advance = step.advance;
  }
  if (composer_is_open(c)) {
    composer_close(c, &step, left);
    return;
  }

  section->steering = mirostat_next(section->steering, composer_controls(c)->surprise, step.count, section->bits);
  const struct take_bar *const bar = composer_open_bar(c, moment->bar);
  const uint32_t tail = bar ? write_notes(c, &step) : TAKE_NONE;
  assert(tail != TAKE_NONE); // composer_make_room() saw to it
  if (tail == TAKE_NONE) {
    section_lose(section);
    composer_unsettle(c);
    return;
  }
  section_extend(section, &step, tail, left);
  composer_advance(c);
}

void
composer_compose(struct composer *const c, uint32_t *const left) REALTIME
{
  switch (network_work(c->weights->network, c->weights->state, left)) {
  case NETWORK_WORKING:
    break;
  case NETWORK_CHOICE:
    choose(c, left);
    break;
  case NETWORK_STEP:
    if (attention_log_look(c->section.recollected, c->weights->network, c->weights->state, left)) {
      write_step(c, left);
      spend(left, NOTES_OPERATIONS);
    }
    break;
  }
}
