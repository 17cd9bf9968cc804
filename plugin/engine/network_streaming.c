// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The `streaming` network's side of the interface in network.h: its state, and how a step is fed, worked on and taken.
// Loading is in network_streaming_load.c, the arithmetic in network_streaming_step.c.

#include "arena.h"
#include "network_streaming_private.h"
#include "pieces.h"

#include <assert.h>
#include <string.h>

static const struct streaming *
streaming_of(const struct network *const network) REALTIME
{
  return (const struct streaming *)network;
}

static struct streaming_state *
state_of(struct network_state *const state) REALTIME
{
  return (struct streaming_state *)state;
}

static const struct streaming_state *
state_of_const(const struct network_state *const state) REALTIME
{
  return (const struct streaming_state *)state;
}

// Lay out a state at `base` and point `state` to its parts; return the size of all. Without a base, only return it.
static size_t
state_place(const struct streaming *const network, char *const base, struct streaming_state *const state) REALTIME
{
  const struct streaming_sizes *const sizes = &network->sizes;
  const size_t capacity = streaming_capacity(sizes);
  const bool is_whole = network->precision == PRECISION_F16; // The memory is kept in integers
  const size_t heads = sizes->heads;
  const size_t hidden = sizes->hidden;
  const size_t widest = hidden > sizes->backward ? hidden : sizes->backward;
  const size_t width = sizes->key > sizes->value ? sizes->key : sizes->value;
  struct arena arena = {base, 0};
  arena_take(&arena, sizeof(*state));
  state->forward_input = arena_floats(&arena, sizes->embedding + hidden);
  state->forward_cell = arena_floats(&arena, hidden);
  state->backward_input = arena_floats(&arena, sizes->embedding + sizes->backward);
  state->backward_cell = arena_floats(&arena, sizes->backward);
  state->decoder_input = arena_floats(&arena, hidden + heads * sizes->value + hidden);
  state->decoder_cell = arena_floats(&arena, hidden);
  state->gates = arena_floats(&arena, 4 * widest);
  state->rows = arena_floats(&arena, heads * width);
  state->query = arena_floats(&arena, heads * sizes->key);
  state->query_integers = arena_take(&arena, heads * sizes->key * sizeof(*state->query_integers));
  state->query_scales = arena_floats(&arena, heads);
  state->segment_inputs = arena_floats(&arena, sizes->backward ? (size_t)sizes->segment * sizes->embedding : 0);
  state->value = arena_floats(&arena, heads * sizes->value);
  state->integers = arena_take(&arena, heads * width * sizeof(*state->integers));
  state->keys = arena_take(&arena, heads * capacity * sizes->key * (is_whole ? sizeof(int16_t) : sizeof(float)));
  state->values = arena_take(&arena, heads * capacity * sizes->value * (is_whole ? sizeof(int8_t) : sizeof(float)));
  state->key_scales = arena_floats(&arena, heads * capacity);
  state->value_scales = arena_floats(&arena, heads * capacity);
  state->plain = arena_floats(&arena, sizes->backward ? heads * capacity * sizes->value : 0);
  state->softmax.numerators = arena_floats(&arena, heads * capacity);
  state->softmax.peaks = arena_floats(&arena, heads ? capacity / KERNEL_LANES * KERNEL_HEADS : 0);
  state->softmax.highest = arena_floats(&arena, KERNEL_HEADS);
  state->softmax.largest = arena_floats(&arena, KERNEL_HEADS);
  state->softmax.lanes = arena_floats(&arena, heads * KERNEL_LANES);
  state->sums = arena_floats(&arena, heads);
  state->weighted = arena_take(&arena, heads * sizes->value * sizeof(*state->weighted));
  state->dense = arena_floats(&arena, sizes->dense);
  state->active = arena_floats(&arena, sizes->dense);
  state->logits = arena_floats(&arena, LOGITS_SIZE);
  state->bars = arena_take(&arena, capacity * sizeof(*state->bars));
  state->distances = arena_take(&arena, capacity * sizeof(*state->distances));
  state->saved = arena_floats(&arena, STREAMING_SAVES * streaming_vectors_size(sizes));
  state->saves = arena_take(&arena, STREAMING_SAVES * sizeof(*state->saves));
  streaming_keep_lay(network, state, &arena);
  return arena.used;
}

static size_t
streaming_state_size(const struct network *const network)
{
  struct streaming_state nowhere;
  return state_place(streaming_of(network), NULL, &nowhere);
}

static void
streaming_reset(const struct network *const network, struct network_state *const opaque) REALTIME
{
  const struct streaming_sizes *const sizes = &streaming_of(network)->sizes;
  struct streaming_state *const state = state_of(opaque);
  memset(state, 0, sizeof(*state));
  state->phase = PHASE_STEP;
  state_place(streaming_of(network), (char *)opaque, state);
  const size_t decoder = 2 * (size_t)sizes->hidden + (size_t)sizes->heads * sizes->value;
  memset(state->forward_input, 0, ((size_t)sizes->embedding + sizes->hidden) * sizeof(float));
  memset(state->forward_cell, 0, sizes->hidden * sizeof(float));
  memset(state->decoder_input, 0, decoder * sizeof(float));
  memset(state->decoder_cell, 0, sizes->hidden * sizeof(float));
}

// A step without notes is fed as a start: it tells the place only.
static void
streaming_feed(const struct network *const network,
               struct network_state *const opaque,
               const struct step *const step,
               const struct moment *const next) REALTIME
{
  const struct streaming *const streaming = streaming_of(network);
  struct streaming_state *const state = state_of(opaque);
  assert(state->phase >= PHASE_DENSE);
  assert(metre_is_valid(next->metre) && next->conditions.style <= network->style_count);
  struct moment moment = *next;
  if (!metre_is_valid(next->metre)) {
    moment.metre = (struct metre){4, 4};
  }
  state->has_event = step && step->count && state->is_started;
  if (state->has_event) {
    // Steps of its own have one note, of representable values; what is replayed may have been played, or come from a file
    assert(step->notes[0].pitch >= PITCH_LOWEST && step->notes[0].pitch <= PITCH_HIGHEST);
    state->fed = step->notes[0];
    state->fed.advance = step->advance;
  }
  streaming_embed_fetch(streaming, state->has_event ? &state->fed : NULL, &moment);
  streaming_save(streaming, state);
  if (state->has_event) {
    state->bars[state->events % streaming_capacity(&streaming->sizes)] = state->moment.bar;
    ++state->events;
    state->slots = state->events < streaming->sizes.memory ? state->events : streaming->sizes.memory;
  }
  state->moment = moment;
  state->sharpness = recall_factor(next->conditions.recall);
  state->is_started = true;
  state->attended = 0;
  state->event = (struct event){0};
  state->phase = PHASE_EMBED;
  state->piece = 0;
}

// Work until phase `goal` or a later one is reached or the operations are used up; return whether it is reached.
static bool
phases_work(const struct streaming *const network,
            struct streaming_state *const state,
            const enum phase goal,
            uint32_t *const operations) REALTIME
{
  while (state->phase < goal) {
    const uint32_t cost = streaming_piece_cost(network, state->phase);
    const uint32_t pieces = streaming_piece_count(network, state);
    if (state->piece < pieces) {
      if (!*operations) {
        return false;
      }
      const uint32_t end = network_pieces_end(state->piece, pieces, cost, *operations);
      const uint32_t spent = (end - state->piece) * cost;
      streaming_pieces(network, state, state->piece, end);
      state->piece = end;
      *operations -= spent < *operations ? spent : *operations;
    }
    if (state->piece == pieces) {
      streaming_phase_finish(network, state);
    }
  }
  return true;
}

static enum network_progress
streaming_work(const struct network *const network, struct network_state *const opaque, uint32_t *const operations)
    REALTIME
{
  struct streaming_state *const state = state_of(opaque);
  assert(!state->is_bare);
  const struct kernel_mode mode = kernel_mode_enter();
  const bool reached = phases_work(streaming_of(network), state, PHASE_CHOICE, operations);
  kernel_mode_leave(mode);
  if (!reached) {
    return NETWORK_WORKING;
  }
  return state->phase == PHASE_CHOICE ? NETWORK_CHOICE : NETWORK_STEP;
}

static bool
streaming_absorb(const struct network *const network, struct network_state *const opaque, uint32_t *const operations)
    REALTIME
{
  const struct kernel_mode mode = kernel_mode_enter();
  const bool reached = phases_work(streaming_of(network), state_of(opaque), PHASE_DENSE, operations);
  kernel_mode_leave(mode);
  return reached;
}

static void
streaming_choice(const struct network *const network,
                 const struct network_state *const opaque,
                 struct choice *const choice) REALTIME
{
  const struct streaming_state *const state = state_of_const(opaque);
  assert(state->phase == PHASE_CHOICE);
  *choice = (struct choice){
      .field = (enum field)state->field,
      .classes = streaming_of(network)->heads[state->field].rows,
      .logits = state->logits,
      .event = &state->event,
  };
}

static void
streaming_choose(const struct network *const network, struct network_state *const opaque, const uint32_t chosen)
    REALTIME
{
  const struct streaming *const streaming = streaming_of(network);
  struct streaming_state *const state = state_of(opaque);
  assert(state->phase == PHASE_CHOICE && chosen < streaming->heads[state->field].rows);
  event_set_class(&state->event, (enum field)state->field, chosen);
  if (state->field != FIELD_ADVANCE) {
    const struct table *const embeds = &streaming->head_embeds[state->field];
    const struct kernel_mode mode = kernel_mode_enter();
    streaming->kernels->add_scaled(state->dense, embeds->data + (size_t)chosen * embeds->padded, 1.0F, embeds->padded);
    kernel_mode_leave(mode);
  }
  streaming_phase_finish(streaming, state);
}

static void
streaming_step(const struct network *const network, const struct network_state *const opaque, struct step *const step)
    REALTIME
{
  (void)network;
  const struct streaming_state *const state = state_of_const(opaque);
  assert(state->phase == PHASE_STEP);
  *step = (struct step){.notes = {state->event}, .count = 1, .advance = state->event.advance};
}

// Find the mean shares of all heads of the group of slots that begins with `slot`.
static void
group_shares(const struct streaming *const network,
             const struct streaming_state *const state,
             const uint32_t slot,
             const float scales[KERNEL_HEADS],
             float shares[KERNEL_LANES]) REALTIME
{
  const uint32_t heads = network->sizes.heads;
  const float *numerators = state->softmax.numerators + slots_place(heads, slot, 0);
  memset(shares, 0, KERNEL_LANES * sizeof(*shares));
  for (uint32_t n = 0; n < heads; ++n, numerators += KERNEL_LANES) {
    for (uint32_t i = 0; i < KERNEL_LANES; ++i) {
      shares[i] += numerators[i] * scales[n];
    }
  }
}

static uint32_t
streaming_attention(const struct network *const network,
                    const struct network_state *const opaque,
                    const uint32_t first,
                    float *const weights,
                    const uint32_t capacity) REALTIME
{
  const struct streaming_sizes *const sizes = &streaming_of(network)->sizes;
  const struct streaming_state *const state = state_of_const(opaque);
  const uint32_t known = sizes->heads && state->attended > first ? state->attended - first : 0;
  const uint32_t count = known < capacity ? known : capacity;
  float scales[KERNEL_HEADS];
  for (uint32_t n = 0; n < sizes->heads; ++n) {
    scales[n] = 1.0F / (state->sums[n] * (float)sizes->heads);
  }
  for (uint32_t i = 0; i < count;) { // From group to group, backwards
    float shares[KERNEL_LANES];
    const uint32_t slot = (state->events - 1 - first - i) % streaming_capacity(sizes);
    const uint32_t lanes = slot % KERNEL_LANES + 1;
    group_shares(streaming_of(network), state, slot + 1 - lanes, scales, shares);
    for (uint32_t lane = lanes; lane > 0 && i < count; ++i) {
      weights[i] = shares[--lane];
    }
  }
  return count;
}

const struct network_class streaming_class = {
    .kind = "streaming",
    .state_size = streaming_state_size,
    .reset = streaming_reset,
    .feed = streaming_feed,
    .work = streaming_work,
    .absorb = streaming_absorb,
    .choice = streaming_choice,
    .choose = streaming_choose,
    .step = streaming_step,
    .attention = streaming_attention,
    .rewind = streaming_rewind,
    .keep = streaming_keep,
    .trace_begin = streaming_trace_begin,
    .trace = streaming_trace,
    .restore = streaming_restore,
    .complete = streaming_complete,
    .free = streaming_free,
};
