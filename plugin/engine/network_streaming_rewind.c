// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Taking steps of a `streaming` network back. Before each step that is fed, what is small of the state is saved: the recurrent
// vectors and the place. What is large, the attention's keys and values, need not be: the ring of slots is longer than the
// memory, so that slots which left it are still there when it goes back. Only where a backward encoder has read a segment
// whose end is taken back, its share of the values has to be, and the segment's inputs have to be found again.

#include "network_streaming_private.h"

#include <string.h>

// Return the place of save number `number`: x_t [E], f_t [H], its cell [H], g_t [H], its cell [H].
static float *
saved_at(const struct streaming *const network, const struct streaming_state *const state, const uint32_t number)
    REALTIME
{
  return state->saved + number % STREAMING_SAVES * streaming_vectors_size(&network->sizes);
}

// The recurrent vectors, in the order in which they are saved.
struct recurrent {
  float *input;   // [E + H]
  float *cell;    // [H]
  float *decoder; // [H]
  float *decoder_cell;
};

static struct recurrent
vectors_of(const struct streaming *const network, const struct streaming_state *const state) REALTIME
{
  const struct streaming_sizes *const sizes = &network->sizes;
  return (struct recurrent){
      .input = state->forward_input,
      .cell = state->forward_cell,
      .decoder = state->decoder_input + sizes->hidden + (size_t)sizes->heads * sizes->value,
      .decoder_cell = state->decoder_cell,
  };
}

void
streaming_vectors_save(const struct streaming *const network,
                       const struct streaming_state *const state,
                       float *const saved) REALTIME
{
  const size_t embedding = network->sizes.embedding;
  const size_t hidden = network->sizes.hidden;
  const struct recurrent vectors = vectors_of(network, state);
  memcpy(saved, vectors.input, (embedding + hidden) * sizeof(float));
  memcpy(saved + embedding + hidden, vectors.cell, hidden * sizeof(float));
  memcpy(saved + embedding + 2 * hidden, vectors.decoder, hidden * sizeof(float));
  memcpy(saved + embedding + 3 * hidden, vectors.decoder_cell, hidden * sizeof(float));
}

void
streaming_vectors_restore(const struct streaming *const network,
                          const struct streaming_state *const state,
                          const float *const saved) REALTIME
{
  const size_t embedding = network->sizes.embedding;
  const size_t hidden = network->sizes.hidden;
  const struct recurrent vectors = vectors_of(network, state);
  memcpy(vectors.input, saved, (embedding + hidden) * sizeof(float));
  memcpy(vectors.cell, saved + embedding + hidden, hidden * sizeof(float));
  memcpy(vectors.decoder, saved + embedding + 2 * hidden, hidden * sizeof(float));
  memcpy(vectors.decoder_cell, saved + embedding + 3 * hidden, hidden * sizeof(float));
}

void
streaming_save(const struct streaming *const network, struct streaming_state *const state) REALTIME
{
  streaming_vectors_save(network, state, saved_at(network, state, state->feeds));
  state->saves[state->feeds % STREAMING_SAVES] = (struct streaming_save){
      .events = state->events,
      .is_started = state->is_started,
      .moment = state->moment,
      .page = state->page,
  };
  ++state->feeds;
  if (state->feeds - state->oldest > STREAMING_SAVES) {
    state->oldest = state->feeds - STREAMING_SAVES;
  }
}

void
streaming_save_fetch(const struct streaming *const network, const struct streaming_state *const state) REALTIME
{
  const uint32_t width = network->sizes.embedding + 4 * network->sizes.hidden;
  const float *const saved = saved_at(network, state, state->feeds);
  for (uint32_t i = 0; i < width; i += KERNEL_LANES) {
    __builtin_prefetch(saved + i, 1, 2);
  }
}

// Take what b_i added out of the values of the segment that is not complete any more.
static void
values_restore(const struct streaming *const network, const struct streaming_state *const state) REALTIME
{
  const struct streaming_sizes *const sizes = &network->sizes;
  const size_t width = (size_t)sizes->heads * sizes->value;
  const uint32_t first = state->events - state->events % sizes->segment;
  for (uint32_t step = first ? first : 1; step <= state->events; ++step) {
    const uint32_t slot = (step - 1) % streaming_capacity(sizes);
    streaming_store_values(network, state, slot, state->plain + slot * width);
  }
}

// Find the inputs of that segment again. The state before feed `number` is restored already; the input of a step is what was
// saved last while it was the present one. Return whether all were there, down to `oldest`.
static bool
inputs_restore(const struct streaming *const network, const struct streaming_state *const state, const uint32_t number)
    REALTIME
{
  const struct streaming_sizes *const sizes = &network->sizes;
  const size_t size = sizes->embedding * sizeof(float);
  uint32_t wanted = state->events;
  const uint32_t first = wanted - wanted % sizes->segment;
  for (uint32_t i = number; i > 0; --i) {
    const struct streaming_save *const save = &state->saves[i % STREAMING_SAVES];
    if (save->events <= wanted) {
      memcpy(state->segment_inputs + (size_t)(wanted % sizes->segment) * sizes->embedding, saved_at(network, state, i),
             size);
      if (wanted == first) {
        return true;
      }
      --wanted;
    }
    if (i == state->oldest) {
      return false;
    }
  }
  return true;
}

bool
streaming_rewind(const struct network *const opaque_network, struct network_state *const opaque, const uint32_t steps)
    REALTIME
{
  const struct streaming *const network = (const struct streaming *)opaque_network;
  struct streaming_state *const state = (struct streaming_state *)opaque;
  if (steps == 0) {
    return true;
  }
  if (state->is_bare || steps > state->feeds - state->oldest || (state->oldest > 0 && steps > NETWORK_REWIND)) {
    return false;
  }
  const uint32_t number = state->feeds - steps;
  const struct streaming_save *const save = &state->saves[number % STREAMING_SAVES];
  streaming_vectors_restore(network, state, saved_at(network, state, number));
  state->feeds = number;
  state->events = save->events;
  state->slots = save->events < network->sizes.memory ? save->events : network->sizes.memory;
  state->is_started = save->is_started;
  state->moment = save->moment;
  state->page = save->page;
  state->attended = 0;
  state->is_classed = false;
  state->event = (struct event){0};
  state->phase = PHASE_STEP;
  state->piece = 0;
  if (network->sizes.backward && network->sizes.heads) {
    values_restore(network, state);
  }
  return !network->sizes.backward || inputs_restore(network, state, number);
}
