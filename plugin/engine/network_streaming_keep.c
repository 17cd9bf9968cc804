// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Keeping states of a `streaming` network, and coming back to them, so that a jump into a long piece need not tell the network
// all notes before. A state is kept where a page ends: its vectors, and of what attention remembers the page alone, whose
// events are the last 16 (or as many as whole groups and whole segments are). The pages before it were kept with the states before,
// each of which knows the key of the one before it; so a state can be had where no page is missing of those that its memory
// reaches into. What is copied back is copied page by page, the last one first.
//
// Pages are large, so they are kept of the last some thousand events only. Of all that was fed waymarks are kept, further apart and
// without pages. Between two of them, a memory apart at least, the network is fed bare: the forward encoder, keys and values are found
// as ever, but nothing is attended to, and the decoder stands. At the second one its vectors are those that were kept, and the memory
// is whole again.

#include "network_streaming_private.h"

#include <assert.h>
#include <string.h>

uint32_t
streaming_way_events(const struct streaming_sizes *const sizes)
{
  const uint32_t page = streaming_page_events(sizes);
  const uint32_t least = sizes->memory / 4 > STREAMING_WAY ? sizes->memory / 4 : STREAMING_WAY;
  return page ? (least + page - 1) / page * page : 0;
}

// Hand out memory for `count` states.
static void
store_lay(const struct streaming *const network,
          struct streaming_store *const store,
          struct arena *const arena,
          const uint32_t count) REALTIME
{
  const struct streaming_sizes *const sizes = &network->sizes;
  const size_t plain = sizes->backward ? (size_t)sizes->heads * sizes->value : 0;
  store->kept = kept_lay(arena, count);
  store->keeps = arena_take(arena, count * sizeof(*store->keeps));
  store->vectors = arena_floats(arena, count * streaming_vectors_size(sizes));
  store->plain = arena_floats(arena, count * plain);
  store->luggage = arena_take(arena, count * (size_t)NETWORK_LUGGAGE);
}

void
streaming_keep_lay(const struct streaming *const network,
                   struct streaming_state *const state,
                   struct arena *const arena) REALTIME
{
  const uint32_t count = network->page ? (network->sizes.memory + STREAMING_KEPT) / network->page : 0;
  store_lay(network, &state->whole, arena, count);
  state->pages = arena_take(arena, count * streaming_page_bytes(network));
  store_lay(network, &state->far, arena, network->page ? STREAMING_WAYMARKS : 0);
}

// Return the luggage of what is kept at `place`.
static char *
luggage_at(const struct streaming_store *const store, const uint32_t place) REALTIME
{
  return store->luggage + (size_t)place * NETWORK_LUGGAGE;
}

// Return the page before the one that ends at the present event.
static struct streaming_page
page_before(const struct streaming *const network, const struct streaming_state *const state) REALTIME
{
  const bool is_next = state->page.events + network->page == state->events;
  return is_next ? state->page : (struct streaming_page){.events = 0};
}

// Keep the state without its page at `place`.
static void
store_keep(const struct streaming *const network,
           const struct streaming_state *const state,
           const struct streaming_store *const store,
           const uint32_t place) REALTIME
{
  const struct streaming_sizes *const sizes = &network->sizes;
  const size_t width = (size_t)sizes->heads * sizes->value;
  store->keeps[place] = (struct streaming_keep){
      .events = state->events,
      .feeds = state->feeds,
      .moment = state->moment,
      .is_bare = state->is_bare,
      .before = page_before(network, state),
  };
  streaming_vectors_save(network, state, store->vectors + place * streaming_vectors_size(sizes));
  if (sizes->backward) {
    const uint32_t slot = (state->events - 1) % streaming_capacity(sizes);
    memcpy(store->plain + place * width, state->plain + slot * width, width * sizeof(float));
  }
}

// Use the place of `key` in `store`; if there is none, or only the page is known there, keep the state. Return it.
static uint32_t
store_enter(const struct streaming *const network,
            const struct streaming_state *const state,
            const struct streaming_store *const store,
            const uint64_t key) REALTIME
{
  uint32_t place = kept_find(store->kept, key);
  const bool is_new = place == KEPT_NONE;
  if (is_new) {
    place = kept_add(store->kept, key);
  } else {
    kept_use(store->kept, place);
  }
  if (is_new || (store->keeps[place].is_bare && !state->is_bare)) {
    store_keep(network, state, store, place);
  }
  return place;
}

void
streaming_keep(const struct network *const opaque_network,
               struct network_state *const opaque,
               const uint64_t key,
               const void *const luggage,
               const size_t size,
               uint32_t *const operations) REALTIME
{
  const struct streaming *const network = (const struct streaming *)opaque_network;
  struct streaming_state *const state = (struct streaming_state *)opaque;
  assert(state->phase >= PHASE_DENSE && size <= NETWORK_LUGGAGE);
  if (!network->page || !state->has_event || state->events % network->page != 0) {
    return;
  }
  const bool is_new = kept_find(state->whole.kept, key) == KEPT_NONE;
  const uint32_t place = store_enter(network, state, &state->whole, key);
  if (is_new) {
    streaming_page_keep(network, state, place);
    const uint32_t spent = streaming_keep_operations(network);
    *operations -= spent < *operations ? spent : *operations;
  } else if (state->page.events < state->events) {
    state->whole.keeps[place].before = page_before(network, state);
  }
  memcpy(luggage_at(&state->whole, place), luggage, size);
  state->page = (struct streaming_page){key, state->events};
  if (!state->is_bare && state->events % network->way == 0) {
    memcpy(luggage_at(&state->far, store_enter(network, state, &state->far, key)), luggage, size);
  }
}

void
streaming_trace_begin(const struct network *const opaque_network,
                      const struct network_state *const opaque,
                      const bool is_new,
                      struct network_trace *const trace) REALTIME
{
  const struct streaming *const network = (const struct streaming *)opaque_network;
  const struct streaming_state *const state = (const struct streaming_state *)opaque;
  *trace = (struct network_trace){.events = 0};
  if (is_new || !network->page) {
    return;
  }
  trace->events = state->events;
  trace->is_started = state->is_started;
  const bool is_last = state->page.events + state->events % network->page == state->events;
  uint32_t place = is_last ? streaming_page_find(state, state->page) : KEPT_NONE;
  trace->key = state->page.key;
  while (place != KEPT_NONE && trace->run <= network->sizes.memory / network->page) {
    ++trace->run;
    place = streaming_page_find(state, state->whole.keeps[place].before);
  }
}

const void *
streaming_trace(const struct network *const opaque_network,
                const struct network_state *const opaque,
                struct network_trace *const trace,
                const struct step *const step,
                const uint64_t key) REALTIME
{
  const struct streaming *const network = (const struct streaming *)opaque_network;
  const struct streaming_state *const state = (const struct streaming_state *)opaque;
  const struct streaming_keep *const keeps = state->whole.keeps;
  const bool has_event = step && step->count && trace->is_started;
  trace->is_started = true;
  trace->events += has_event;
  trace->waymark = NULL;
  if (!has_event || !network->page || trace->events % network->page != 0) {
    return NULL;
  }
  if (trace->events % network->way == 0) {
    const uint32_t far = kept_find(state->far.kept, key);
    trace->waymark = far != KEPT_NONE ? luggage_at(&state->far, far) : NULL;
  }
  const uint32_t place = kept_find(state->whole.kept, key);
  const bool goes_on =
      place != KEPT_NONE && trace->run > 0 && keeps[place].before.events > 0 && keeps[place].before.key == trace->key;
  trace->run = place == KEPT_NONE ? 0 : goes_on ? trace->run + 1 : 1;
  trace->key = key;
  const bool is_whole =
      place != KEPT_NONE && !keeps[place].is_bare && trace->run >= streaming_pages_needed(network, trace->events);
  return is_whole ? luggage_at(&state->whole, place) : NULL;
}

// Be what is kept at `place`; what attention remembers is not touched.
static void
store_restore(const struct streaming *const network,
              struct streaming_state *const state,
              const struct streaming_store *const store,
              const uint32_t place) REALTIME
{
  const struct streaming_sizes *const sizes = &network->sizes;
  const size_t width = (size_t)sizes->heads * sizes->value;
  const struct streaming_keep *const keep = &store->keeps[place];
  streaming_vectors_restore(network, state, store->vectors + place * streaming_vectors_size(sizes));
  if (sizes->backward) {
    const uint32_t slot = (keep->events - 1) % streaming_capacity(sizes);
    memcpy(state->plain + slot * width, store->plain + place * width, width * sizeof(float));
    memcpy(state->segment_inputs, state->forward_input, sizes->embedding * sizeof(float));
  }
  kept_use(store->kept, place);
  state->feeds = keep->feeds;
  state->oldest = keep->feeds;
  state->events = keep->events;
  state->slots = keep->events < sizes->memory ? keep->events : sizes->memory;
  state->moment = keep->moment;
  state->is_started = true;
  state->has_event = true;
  state->attended = 0;
  state->is_classed = false;
  state->event = (struct event){0};
  state->phase = PHASE_DENSE;
  state->piece = 0;
}

void
streaming_restore(const struct network *const opaque_network,
                  struct network_state *const opaque,
                  const uint64_t key,
                  const bool is_bare) REALTIME
{
  const struct streaming *const network = (const struct streaming *)opaque_network;
  struct streaming_state *const state = (struct streaming_state *)opaque;
  const struct streaming_store *const store = is_bare ? &state->far : &state->whole;
  const uint32_t place = kept_find(store->kept, key);
  assert(place != KEPT_NONE);
  if (place == KEPT_NONE) {
    return;
  }
  store_restore(network, state, store, place);
  state->is_bare = is_bare;
  state->page = (struct streaming_page){key, is_bare ? 0 : state->events};
  state->recalled = place;
  state->recalled_pages = is_bare ? 0 : streaming_pages_needed(network, state->events);
  state->phase = PHASE_RECALL;
}

void
streaming_complete(const struct network *const opaque_network, struct network_state *const opaque, const uint64_t key)
    REALTIME
{
  const struct streaming *const network = (const struct streaming *)opaque_network;
  struct streaming_state *const state = (struct streaming_state *)opaque;
  const uint32_t place = kept_find(state->far.kept, key);
  assert(place != KEPT_NONE && state->is_bare && state->phase >= PHASE_DENSE);
  if (place != KEPT_NONE) {
    store_restore(network, state, &state->far, place);
    state->is_bare = false;
  }
}
