// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "fake_network.h"

#include "engine/random.h"
#include "engine/tokens.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
  TOKENS = 64,
  LONGEST_CHOICE = 130,
  SAVES = NETWORK_REWIND,
  KEPT = 4096,
  KEPT_STEPS = 8,
  RESTORE_OPERATIONS = 300,
  WAY_STEPS = 48,
  REACH = 100
};

// A state that was kept
struct kept_state {
  uint64_t key; // 0: none
  uint64_t history;
  uint32_t events;
  uint32_t saved;
  char luggage[NETWORK_LUGGAGE];
};

struct fake_network {
  struct network base;
  enum fake_kind kind;
  uint64_t seed;
  struct token tokens[TOKENS]; // What choose_token() makes of them, as far as the composer looks
};

struct network_state {
  uint64_t history; // A hash of all that was fed since the reset
  uint32_t work_left;
  uint32_t choices_left;
  bool is_fed;
  struct step step;
  float logits[LONGEST_CHOICE];
  uint32_t resets;
  uint32_t feeds;
  uint32_t events; // Fed since the reset
  uint32_t saved;  // Feeds since the reset that were not taken back
  uint32_t oldest; // Of them, those that can't be
  uint32_t restores;
  struct kept_state kept[KEPT]; // By key
  struct kept_state waymarks[KEPT];
  bool keeps_waymarks_only;
  bool is_bare;
  uint32_t bare_feeds;
  struct {
    uint64_t history;
    uint32_t events;
    bool is_fed;
  } saves[SAVES]; // Before each of them
};

static const struct fake_network *
fake(const struct network *const network)
{
  return (const struct fake_network *)network;
}

static size_t
state_size(const struct network *const network)
{
  (void)network;
  return sizeof(struct network_state);
}

static void
reset(const struct network *const network, struct network_state *const state)
{
  state->history = fake(network)->seed;
  state->work_left = 0;
  state->is_fed = false;
  state->events = 0;
  state->saved = 0;
  state->oldest = 0;
  state->is_bare = false;
  ++state->resets;
}

static void
remember(struct network_state *const state, const uint64_t value)
{
  state->history = random_key(state->history, value);
}

static void
feed(const struct network *const network,
     struct network_state *const state,
     const struct step *const step,
     const struct moment *const next)
{
  assert(state->work_left == 0);
  assert(!step == !state->is_fed);
  assert(next->conditions.style <= network->style_count && next->tick < metre_bar_ticks(next->metre));
  assert(next->conditions.metre == metre_class(next->metre));
  state->saves[state->saved % SAVES].history = state->history;
  state->saves[state->saved % SAVES].events = state->events;
  state->saves[state->saved++ % SAVES].is_fed = state->is_fed;
  state->events += step ? step->count : 0;
  for (uint32_t i = 0; step && i < step->count; ++i) {
    const struct event *const event = &step->notes[i];
    struct event alone = *event;
    alone.advance = 0; // To what was played next, it may be of any length
    (void)alone;       // Without assertions
    assert(event_is_valid(&alone) && event->velocity > 0 && event->hand < HAND_UNTOLD);
    assert(event->advance == (i + 1 < step->count ? 0 : step->advance));
    for (enum field field = 0; field < FIELD_COUNT; ++field) {
      remember(state, event_class(event, field));
    }
  }
  if (step) {
    remember(state, step->advance);
    remember(state, 1000 + step->count);
  }
  remember(state, next->bar);
  remember(state, next->tick);
  remember(state, next->metre.numerator * 64U + next->metre.denominator);
  remember(state, next->conditions.style * 65536U + next->conditions.key * 256U + next->conditions.density);
  remember(state, next->conditions.metre + 256U * next->conditions.recall);
  state->is_fed = true;
  state->step = (struct step){0};
  state->work_left = FAKE_STEP_OPERATIONS;
  state->choices_left = fake(network)->kind == FAKE_TOKENS ? 1 : FIELD_COUNT;
  ++state->feeds;
  ++state->bare_feeds;
}

static enum network_progress
work(const struct network *const network, struct network_state *const state, uint32_t *const operations)
{
  (void)network;
  assert(state->is_fed && *operations > 0);
  const uint32_t done = *operations < state->work_left ? *operations : state->work_left;
  *operations -= done;
  state->work_left -= done;
  if (state->work_left > 0) {
    return NETWORK_WORKING;
  }
  return state->choices_left > 0 ? NETWORK_CHOICE : NETWORK_STEP;
}

static bool
absorb(const struct network *const network, struct network_state *const state, uint32_t *const operations)
{
  return work(network, state, operations) != NETWORK_WORKING;
}

static bool
rewind_steps(const struct network *const network, struct network_state *const state, const uint32_t steps)
{
  (void)network;
  if (steps == 0 || state->is_bare || steps > state->saved - state->oldest || steps > SAVES) {
    return steps == 0;
  }
  state->saved -= steps;
  state->history = state->saves[state->saved % SAVES].history;
  state->events = state->saves[state->saved % SAVES].events;
  state->is_fed = state->saves[state->saved % SAVES].is_fed;
  state->work_left = 0;
  state->choices_left = 0;
  return true;
}

// Of two states whose keys share a place, the later one is kept. Equal keys must be those of equal states.
static void
keep_at(const struct network_state *const state,
        struct kept_state *const kept,
        const uint64_t key,
        const void *const luggage,
        const size_t size)
{
  assert(kept->key != key || (kept->history == state->history && kept->saved == state->saved));
  kept->key = key;
  kept->history = state->history;
  kept->events = state->events;
  kept->saved = state->saved;
  memcpy(kept->luggage, luggage, size);
}

static void
keep(const struct network *const network,
     struct network_state *const state,
     const uint64_t key,
     const void *const luggage,
     const size_t size,
     uint32_t *const operations)
{
  (void)network;
  (void)operations;
  assert(state->work_left == 0 && state->is_fed && key != 0 && size <= NETWORK_LUGGAGE);
  if (!state->is_bare && !state->keeps_waymarks_only && state->saved % KEPT_STEPS == 0) {
    keep_at(state, &state->kept[key % KEPT], key, luggage, size);
  }
  if (!state->is_bare && state->saved % WAY_STEPS == 0) {
    keep_at(state, &state->waymarks[key % KEPT], key, luggage, size);
  }
}

static void
trace_begin(const struct network *const network,
            const struct network_state *const state,
            const bool is_new,
            struct network_trace *const trace)
{
  (void)network;
  *trace = (struct network_trace){.events = is_new ? 0 : state->saved};
}

static const void *
trace(const struct network *const network,
      const struct network_state *const state,
      struct network_trace *const trace,
      const struct step *const step,
      const uint64_t key)
{
  (void)network;
  assert(!step == (trace->events == 0));
  (void)step;
  const struct kept_state *const kept = &state->kept[key % KEPT];
  const struct kept_state *const waymark = &state->waymarks[key % KEPT];
  ++trace->events;
  trace->waymark = waymark->key == key ? waymark->luggage : NULL;
  return kept->key == key ? kept->luggage : NULL;
}

// Be what was kept; but in a bare state, nothing that is remembered is true.
static void
restore_from(struct network_state *const state, const struct kept_state *const kept, const bool is_bare)
{
  state->is_bare = is_bare;
  state->bare_feeds = 0;
  state->history = is_bare ? 0 : kept->history;
  state->events = kept->events;
  state->saved = kept->saved;
  state->oldest = kept->saved;
  state->is_fed = true;
  state->choices_left = 0;
}

static void
restore(const struct network *const network, struct network_state *const state, const uint64_t key, const bool is_bare)
{
  (void)network;
  const struct kept_state *const kept = is_bare ? &state->waymarks[key % KEPT] : &state->kept[key % KEPT];
  assert(kept->key == key);
  restore_from(state, kept, is_bare);
  state->work_left = RESTORE_OPERATIONS;
  ++state->restores;
}

static void
complete(const struct network *const network, struct network_state *const state, const uint64_t key)
{
  const struct kept_state *const kept = &state->waymarks[key % KEPT];
  assert(state->is_bare && state->work_left == 0 && kept->key == key && kept->saved == state->saved);
  assert(state->bare_feeds >= network->reach);
  (void)network;
  restore_from(state, kept, false);
}

static bool
is_usual_advance(const uint32_t advance_class)
{
  return advance_class == 0 || advance_class == 6 || advance_class == 12 || advance_class == 24;
}

struct event
fake_tune(const uint32_t number)
{
  static const uint16_t advances[] = {0, 6, 12, 24};
  const uint8_t pitch = (uint8_t)(40 + random_below(77, number, 45));
  const uint8_t next = (uint8_t)(40 + random_below(77, number + 1, 45));
  const uint32_t chance = random_below(78, number, 4);
  return (struct event){
      .hand = HAND_RIGHT,
      .pitch = pitch,
      .velocity = velocity_value(8),
      .duration = 12,
      .advance = advances[chance == 0 && next <= pitch ? 2 : chance],
  };
}

static void
choice(const struct network *const network, const struct network_state *const state, struct choice *const choice)
{
  assert(state->work_left == 0 && state->choices_left > 0 && !state->is_bare);
  const enum field field = state->choices_left > 1 || fake(network)->kind != FAKE_TOKENS
                               ? (enum field)(FIELD_COUNT - state->choices_left)
                               : FIELD_TOKEN;
  // A class of its own for what is untold, as a network might have
  const uint32_t extra = field == FIELD_HAND || field == FIELD_VELOCITY;
  const uint32_t classes = field == FIELD_TOKEN ? TOKENS : field_classes(field) + extra;
  const struct event tune = fake_tune(state->events);
  float *const logits = ((struct network_state *)(uintptr_t)state)->logits;
  for (uint32_t i = 0; i < classes; ++i) {
    logits[i] = 4.0F * random_uniform(state->history, field * 1000 + i);
    logits[i] += field == FIELD_ADVANCE && is_usual_advance(i) ? 6.0F : 0.0F;
    logits[i] = fake(network)->kind == FAKE_FLAT ? 0.0F : logits[i];
    logits[i] += fake(network)->kind == FAKE_PARROT && i == event_class(&tune, field) ? 20.0F : 0.0F;
    logits[i] = fake(network)->kind == FAKE_BROKEN ? NAN : logits[i];
  }
  *choice = (struct choice){
      .field = field,
      .classes = classes,
      .logits = logits,
      .event = &state->step.notes[0],
      .tokens = fake(network)->tokens,
  };
}

static void
choose_token(struct step *const step, const uint32_t token)
{
  step->count = token % 4;
  step->advance = (uint16_t)(6 * (1 + token / 4 % 4));
  for (uint32_t i = 0; i < step->count; ++i) {
    step->notes[i] = (struct event){
        .hand = 48 + token / 8 + 4 * i < TOKEN_HANDS_PART ? HAND_LEFT : HAND_RIGHT,
        .pitch = (uint8_t)(48 + token / 8 + 4 * i),
        .velocity = velocity_value(8),
        .duration = (uint16_t)(12 * (1 + token % 3)),
        .advance = i + 1 < step->count ? 0 : step->advance,
    };
  }
}

static void
choose(const struct network *const network, struct network_state *const state, const uint32_t chosen)
{
  (void)network;
  assert(state->work_left == 0 && state->choices_left > 0);
  if (fake(network)->kind == FAKE_TOKENS) {
    choose_token(&state->step, chosen);
  } else {
    event_set_class(&state->step.notes[0], (enum field)(FIELD_COUNT - state->choices_left), chosen);
    state->step.count = 1;
    state->step.advance = state->step.notes[0].advance;
  }
  --state->choices_left;
}

static void
step(const struct network *const network, const struct network_state *const state, struct step *const step)
{
  (void)network;
  assert(state->work_left == 0 && state->choices_left == 0);
  *step = state->step;
}

// Half of all looking goes FAKE_LOOK steps back, a quarter to the last step; too little for a log goes elsewhere.
static uint32_t
attention(const struct network *const network,
          const struct network_state *const state,
          const uint32_t first,
          float *const weights,
          const uint32_t capacity)
{
  (void)network;
  const uint32_t fed = state->saved > 0 ? state->saved - 1 : 0;
  const uint32_t steps = fed < 2 * FAKE_LOOK ? fed : 2 * FAKE_LOOK;
  const uint32_t known = steps > first ? steps - first : 0;
  const uint32_t count = known < capacity ? known : capacity;
  for (uint32_t i = 0; i < count; ++i) {
    weights[i] = first + i == FAKE_LOOK - 1 ? 0.5F : first + i == 0 ? 0.25F : 0.001F;
  }
  return count;
}

static void
free_network(struct network *const network)
{
  free(network);
}

static const struct network_class fake_class = {
    .kind = "fake",
    .state_size = state_size,
    .reset = reset,
    .feed = feed,
    .work = work,
    .absorb = absorb,
    .choice = choice,
    .choose = choose,
    .step = step,
    .attention = attention,
    .rewind = rewind_steps,
    .keep = keep,
    .trace_begin = trace_begin,
    .trace = trace,
    .restore = restore,
    .complete = complete,
    .free = free_network,
};

struct weights *
fake_weights_new(const enum fake_kind kind, const uint64_t seed)
{
  struct fake_network *const network = calloc(1, sizeof(*network));
  struct weights *const weights = calloc(1, sizeof(*weights));
  struct network_state *const state = calloc(1, sizeof(*state));
  assert(network && weights && state);
  *network = (struct fake_network){
      .base = {.class_ = &fake_class,
               .step_operations = FAKE_STEP_OPERATIONS,
               .reach = REACH,
               .style_count = 3,
               .has_chords = kind == FAKE_TOKENS},
      .kind = kind,
      .seed = seed,
  };
  for (uint32_t i = 0; i < TOKENS; ++i) {
    struct step step;
    choose_token(&step, i);
    network->tokens[i] = (struct token){.duration = step.advance, .count = (uint8_t)step.count};
    for (uint32_t k = 0; k < step.count; ++k) {
      network->tokens[i].pitches[k] = step.notes[k].pitch;
    }
  }
  weights->network = &network->base;
  weights->state = state;
  weights->hash = seed;
  network_reset(weights->network, weights->state);
  return weights;
}

void
fake_keep_nothing(struct weights *const weights)
{
  static struct network_class keeping_nothing;
  keeping_nothing = fake_class;
  keeping_nothing.keep = NULL;
  weights->network->class_ = &keeping_nothing;
}

void
fake_keep_waymarks_only(struct weights *const weights)
{
  weights->state->keeps_waymarks_only = true;
}

void
fake_weights_free(struct weights *const weights)
{
  free(weights->state);
  free(weights->quotations);
  weights->network->class_->free(weights->network);
  free(weights);
}

uint32_t
fake_resets(const struct weights *const weights)
{
  return weights->state->resets;
}

uint32_t
fake_feeds(const struct weights *const weights)
{
  return weights->state->feeds;
}

uint32_t
fake_restores(const struct weights *const weights)
{
  return weights->state->restores;
}
