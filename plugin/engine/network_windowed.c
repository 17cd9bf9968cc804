// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The `windowed` network's side of the interface in network.h: its state, and how tokens are fed, worked on and taken.
// Loading is in network_windowed_load.c, the order of the work in network_windowed_phase.c, the arithmetic in
// network_windowed_step.c.

#include "arena.h"
#include "network_windowed_private.h"
#include "pieces.h"

#include <assert.h>
#include <string.h>

static const struct windowed *
windowed_of(const struct network *const network) REALTIME
{
  return (const struct windowed *)network;
}

static struct windowed_state *
state_of(struct network_state *const state) REALTIME
{
  return (struct windowed_state *)state;
}

static const struct windowed_state *
state_of_const(const struct network_state *const state) REALTIME
{
  return (const struct windowed_state *)state;
}

// Lay out a state at `base` and point `state` to its parts; return the size of all. Without a base, only return it.
static size_t
state_place(const struct windowed *const network, char *const base, struct windowed_state *const state) REALTIME
{
  const size_t context = network->sizes.context;
  const size_t sequence = context * network->stride;
  struct arena arena = {base, 0};
  arena_take(&arena, sizeof(*state));
  state->added = arena_take(&arena, NETWORK_REWIND * sizeof(*state->added));
  state->past = arena_take(&arena, (NETWORK_REWIND + context) * sizeof(*state->past));
  state->window = base ? state->past + NETWORK_REWIND : NULL;
  for (unsigned i = 0; i < 2; ++i) {
    state->sequences[i] = arena_floats(&arena, sequence > network->widest ? sequence : network->widest);
  }
  state->projected = arena_floats(&arena, context * 4 * network->hidden);
  state->output = arena_floats(&arena, network->hidden);
  state->cell = arena_floats(&arena, network->hidden);
  state->gates = arena_floats(&arena, 4 * (size_t)network->hidden);
  state->queries = arena_floats(&arena, context * network->energies);
  state->keys = arena_floats(&arena, context * network->energies);
  state->scores = arena_floats(&arena, kernel_padded(network->sizes.context));
  state->logits = arena_floats(&arena, kernel_padded(network->sizes.vocabulary));
  return arena.used;
}

static size_t
windowed_state_size(const struct network *const network)
{
  struct windowed_state nowhere;
  return state_place(windowed_of(network), NULL, &nowhere);
}

static void
windowed_reset(const struct network *const network, struct network_state *const opaque) REALTIME
{
  const struct windowed *const windowed = windowed_of(network);
  struct windowed_state *const state = state_of(opaque);
  memset(state, 0, sizeof(*state));
  state->phase = WINDOW_STEP;
  state_place(windowed, (char *)opaque, state);
  for (uint32_t t = 0; t < NETWORK_REWIND + windowed->sizes.context; ++t) {
    state->past[t] = TOKEN_START;
  }
}

// Add the token that plays `step` to the window. Music that has no such token is left out, as it is in training. Return
// whether there is one.
static bool
window_add(const struct windowed *const network, struct windowed_state *const state, const struct step *const step)
    REALTIME
{
  struct token token;
  const uint32_t number =
      token_of_step(step, &token) ? vocabulary_nearest(&network->vocabulary, &token) : (uint32_t)TOKEN_NONE;
  if (number == TOKEN_NONE) {
    return false;
  }
  const size_t kept = NETWORK_REWIND + network->sizes.context - 1U;
  memmove(state->past, state->past + 1, kept * sizeof(*state->past));
  state->past[kept] = (uint16_t)number;
  return true;
}

// Place and conditions are nothing to this network: only the tokens are.
static void
windowed_feed(const struct network *const network,
              struct network_state *const opaque,
              const struct step *const step,
              const struct moment *const next) REALTIME
{
  (void)next;
  const struct windowed *const windowed = windowed_of(network);
  struct windowed_state *const state = state_of(opaque);
  state->added[state->fed] = step && window_add(windowed, state, step);
  state->fed = (state->fed + 1) % NETWORK_REWIND;
  state->feeds += state->feeds < NETWORK_REWIND;
  windowed_begin(windowed, state);
}

// Tokens that left the window come back to it.
static bool
windowed_rewind(const struct network *const network, struct network_state *const opaque, const uint32_t steps) REALTIME
{
  const struct windowed *const windowed = windowed_of(network);
  struct windowed_state *const state = state_of(opaque);
  if (steps > state->feeds) {
    return false;
  }
  size_t taken = 0;
  for (uint32_t i = 0; i < steps; ++i) {
    state->fed = (state->fed + NETWORK_REWIND - 1) % NETWORK_REWIND;
    taken += state->added[state->fed];
  }
  state->feeds -= steps;
  const size_t kept = NETWORK_REWIND + windowed->sizes.context - taken;
  memmove(state->past + taken, state->past, kept * sizeof(*state->past));
  for (size_t t = 0; t < taken; ++t) {
    state->past[t] = TOKEN_START;
  }
  state->phase = steps ? WINDOW_STEP : state->phase;
  return true;
}

// Work until a choice waits or the operations are used up; return whether one waits.
static bool
phases_work(const struct windowed *const network, struct windowed_state *const state, uint32_t *const operations)
    REALTIME
{
  while (state->phase < WINDOW_CHOICE) {
    const struct windowed_part *const part = &network->parts[state->part];
    const uint32_t cost = windowed_piece_cost(network, part, state->phase, windowed_batch(network, state));
    const uint32_t pieces = windowed_piece_count(network, part, state->phase);
    if (!*operations) {
      return false;
    }
    const uint32_t end = network_pieces_end(state->piece, pieces, cost, *operations);
    const uint32_t spent = (end - state->piece) * cost;
    windowed_pieces(network, state, state->piece, end);
    state->piece = end;
    *operations -= spent < *operations ? spent : *operations;
    if (state->piece == pieces) {
      windowed_phase_finish(network, state);
    }
  }
  return true;
}

static enum network_progress
windowed_work(const struct network *const network, struct network_state *const opaque, uint32_t *const operations)
    REALTIME
{
  struct windowed_state *const state = state_of(opaque);
  const struct kernel_mode mode = kernel_mode_enter();
  const bool reached = phases_work(windowed_of(network), state, operations);
  kernel_mode_leave(mode);
  if (!reached) {
    return NETWORK_WORKING;
  }
  return state->phase == WINDOW_CHOICE ? NETWORK_CHOICE : NETWORK_STEP;
}

// The window is all that it remembers, so the next token may be fed at once.
static bool
windowed_absorb(const struct network *const network, struct network_state *const opaque, uint32_t *const operations)
    REALTIME
{
  (void)network;
  (void)opaque;
  (void)operations;
  return true;
}

static void
windowed_choice(const struct network *const network,
                const struct network_state *const opaque,
                struct choice *const choice) REALTIME
{
  const struct windowed *const windowed = windowed_of(network);
  const struct windowed_state *const state = state_of_const(opaque);
  assert(state->phase == WINDOW_CHOICE);
  *choice = (struct choice){
      .field = FIELD_TOKEN,
      .classes = windowed->vocabulary.count,
      .logits = state->logits,
      .tokens = windowed->vocabulary.tokens,
  };
}

static void
windowed_choose(const struct network *const network, struct network_state *const opaque, const uint32_t chosen) REALTIME
{
  struct windowed_state *const state = state_of(opaque);
  assert(state->phase == WINDOW_CHOICE && chosen < windowed_of(network)->vocabulary.count);
  (void)network;
  state->chosen = chosen;
  state->phase = WINDOW_STEP;
}

static void
windowed_step(const struct network *const network, const struct network_state *const opaque, struct step *const step)
    REALTIME
{
  const struct windowed_state *const state = state_of_const(opaque);
  assert(state->phase == WINDOW_STEP);
  token_step(&windowed_of(network)->vocabulary.tokens[state->chosen], step);
}

// Of the last attention layer, at the window's last position, whose scores are computed last.
static uint32_t
windowed_attention(const struct network *const network,
                   const struct network_state *const opaque,
                   const uint32_t first,
                   float *const weights,
                   const uint32_t capacity) REALTIME
{
  const struct windowed *const windowed = windowed_of(network);
  const struct windowed_state *const state = state_of_const(opaque);
  bool looks_back = false;
  for (uint32_t i = 0; i < windowed->part_count; ++i) {
    looks_back = looks_back || windowed->parts[i].kind == LAYER_ATTENTION;
  }
  const uint32_t context = windowed->sizes.context;
  const bool is_known = looks_back && state->phase >= WINDOW_CHOICE && state->sum > 0.0F;
  const uint32_t known = is_known && context > first ? context - first : 0;
  const uint32_t count = known < capacity ? known : capacity;
  for (uint32_t i = 0; i < count; ++i) {
    weights[i] = state->scores[context - 1 - first - i] / state->sum;
  }
  return count;
}

const struct network_class windowed_class = {
    .kind = "windowed",
    .state_size = windowed_state_size,
    .reset = windowed_reset,
    .feed = windowed_feed,
    .work = windowed_work,
    .absorb = windowed_absorb,
    .choice = windowed_choice,
    .choose = windowed_choose,
    .step = windowed_step,
    .attention = windowed_attention,
    .rewind = windowed_rewind,
    .free = windowed_free,
};
