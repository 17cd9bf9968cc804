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
//
// Event i is in slot i - 1, so a page is a row of whole groups. A backward encoder reads a segment when the event after it has
// been fed. That is the last event of a page, so with such an encoder the values in the group before the page have become final
// only now, and that group is part of the page as well; the last event's own values are without their share of it still.

#include "network_streaming_private.h"

#include <assert.h>
#include <string.h>

uint32_t
streaming_page_events(const struct streaming_sizes *const sizes)
{
  uint32_t events = KERNEL_LANES;
  while (sizes->backward && events % sizes->segment != 0) {
    events += KERNEL_LANES;
  }
  // The memory and the oldest page that it reaches into must fit the ring
  return events + KERNEL_LANES <= NETWORK_REWIND ? events : 0;
}

uint32_t
streaming_way_events(const struct streaming_sizes *const sizes)
{
  const uint32_t page = streaming_page_events(sizes);
  const uint32_t least = sizes->memory / 4 > STREAMING_WAY ? sizes->memory / 4 : STREAMING_WAY;
  return page ? (least + page - 1) / page * page : 0;
}

// Return the groups of a page.
static uint32_t
page_groups(const struct streaming *const network) REALTIME
{
  return network->page / KERNEL_LANES + (network->sizes.backward ? 1 : 0);
}

// Some bytes of a group: [begin, end).
struct stretch {
  size_t begin;
  size_t end;
};

// What is kept of a group: rows of bytes of the state, one behind the other.
enum { GROUP_PARTS = 5 };

struct part {
  char *at;
  size_t size;
};

// Find the parts of the group that begins with `slot`; without a state, only their sizes.
static void
group_parts(const struct streaming *const network,
            const struct streaming_state *const state,
            const uint32_t slot,
            struct part parts[GROUP_PARTS]) REALTIME
{
  const struct streaming_sizes *const sizes = &network->sizes;
  const bool is_whole = network->precision == PRECISION_F16;
  const size_t place = slots_place(sizes->heads, slot, 0);
  const size_t count = (size_t)sizes->heads * KERNEL_LANES;
  const size_t key = sizes->key * (is_whole ? sizeof(int16_t) : sizeof(float));
  const size_t value = sizes->value * (is_whole ? sizeof(int8_t) : sizeof(float));
  parts[0] = (struct part){.size = count * key};
  parts[1] = (struct part){.size = count * value};
  parts[2] = (struct part){.size = count * sizeof(float)};
  parts[3] = (struct part){.size = count * sizeof(float)};
  parts[4] = (struct part){.size = KERNEL_LANES * sizeof(*state->bars)};
  if (state) {
    parts[0].at = (char *)state->keys + place * key;
    parts[1].at = (char *)state->values + place * value;
    parts[2].at = (char *)(state->key_scales + place);
    parts[3].at = (char *)(state->value_scales + place);
    parts[4].at = (char *)(state->bars + slot);
  }
}

// Return the bytes of a group.
static size_t
group_bytes(const struct streaming *const network) REALTIME
{
  struct part parts[GROUP_PARTS];
  size_t size = 0;
  group_parts(network, NULL, 0, parts);
  for (unsigned i = 0; i < GROUP_PARTS; ++i) {
    size += parts[i].size;
  }
  return size;
}

size_t
streaming_page_bytes(const struct streaming *const network) REALTIME
{
  return page_groups(network) * group_bytes(network);
}

// Keep bytes [begin, end) of the group that begins with `slot` at `kept`, or bring them back from there.
static void
group_copy(const struct streaming *const network,
           const struct streaming_state *const state,
           const uint32_t slot,
           char *const kept,
           const struct stretch stretch,
           const bool is_back) REALTIME
{
  struct part parts[GROUP_PARTS];
  group_parts(network, state, slot, parts);
  size_t first = 0;
  for (unsigned i = 0; i < GROUP_PARTS; first += parts[i++].size) {
    const size_t last = first + parts[i].size;
    const size_t begin = stretch.begin > first ? stretch.begin : first;
    const size_t end = stretch.end < last ? stretch.end : last;
    if (begin < end && is_back) {
      memcpy(parts[i].at + (begin - first), kept + begin, end - begin);
    } else if (begin < end) {
      memcpy(kept + begin, parts[i].at + (begin - first), end - begin);
    }
  }
}

// Return the first slot of group `group` of the page that ends with event number `events`.
static uint32_t
page_slot(const struct streaming *const network, const uint32_t events, const uint32_t group) REALTIME
{
  const uint32_t capacity = streaming_capacity(&network->sizes);
  const uint32_t back = (page_groups(network) - group) * KERNEL_LANES;
  return (events + capacity - back) % capacity;
}

// Return the pages that the memory of a state with `events` events reaches into.
static uint32_t
pages_needed(const struct streaming *const network, const uint32_t events) REALTIME
{
  const uint32_t slots = events < network->sizes.memory ? events : network->sizes.memory;
  return network->sizes.heads ? events / network->page - (events - slots) / network->page : 0;
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

// Return the place of the page that ends where `page` says, or KEPT_NONE.
static uint32_t
page_find(const struct streaming_state *const state, const struct streaming_page page) REALTIME
{
  return page.events ? kept_find(state->whole.kept, page.key) : KEPT_NONE;
}

// Return the page before the one that ends at the present event.
static struct streaming_page
page_before(const struct streaming *const network, const struct streaming_state *const state) REALTIME
{
  const bool is_next = state->page.events + network->page == state->events;
  return is_next ? state->page : (struct streaming_page){.events = 0};
}

// Keep the page that ends at the present event at `place`.
static void
page_keep(const struct streaming *const network, const struct streaming_state *const state, const uint32_t place)
    REALTIME
{
  const size_t size = group_bytes(network);
  char *const page = state->pages + place * streaming_page_bytes(network);
  for (uint32_t i = 0; i < page_groups(network); ++i) {
    group_copy(network, state, page_slot(network, state->events, i), page + i * size, (struct stretch){0, size}, false);
  }
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
    page_keep(network, state, place);
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
  uint32_t place = is_last ? page_find(state, state->page) : KEPT_NONE;
  trace->key = state->page.key;
  while (place != KEPT_NONE && trace->run <= network->sizes.memory / network->page) {
    ++trace->run;
    place = page_find(state, state->whole.keeps[place].before);
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
      place != KEPT_NONE && !keeps[place].is_bare && trace->run >= pages_needed(network, trace->events);
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
  state->recalled_pages = is_bare ? 0 : pages_needed(network, state->events);
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

// Return the pieces that a group is cut into, and those of a page.
static uint32_t
group_pieces(const struct streaming *const network) REALTIME
{
  return (uint32_t)((group_bytes(network) + STREAMING_RECALL - 1) / STREAMING_RECALL);
}

static uint32_t
page_pieces(const struct streaming *const network) REALTIME
{
  return page_groups(network) * group_pieces(network);
}

uint32_t
streaming_recall_pieces(const struct streaming *const network, const struct streaming_state *const state) REALTIME
{
  return state->recalled_pages * page_pieces(network);
}

// Copy one piece. Of pages before the last one, the last group is copied with the page after it, if that is where it is final.
static void
recall_piece(const struct streaming *const network, const struct streaming_state *const state, const uint32_t piece)
    REALTIME
{
  const size_t size = group_bytes(network);
  const uint32_t group = piece % page_pieces(network) / group_pieces(network);
  const bool is_older = piece >= page_pieces(network);
  if (is_older && network->sizes.backward && group + 1 == page_groups(network)) {
    return;
  }
  const size_t begin = piece % group_pieces(network) * (size_t)STREAMING_RECALL;
  const size_t end = begin + STREAMING_RECALL < size ? begin + STREAMING_RECALL : size;
  char *const page = state->pages + state->recalled * streaming_page_bytes(network);
  group_copy(network, state, page_slot(network, state->whole.keeps[state->recalled].events, group), page + group * size,
             (struct stretch){begin, end}, true);
}

void
streaming_recall(const struct streaming *const network,
                 struct streaming_state *const state,
                 const uint32_t begin,
                 const uint32_t end) REALTIME
{
  for (uint32_t piece = begin; piece < end; ++piece) {
    if (piece % page_pieces(network) == 0) {
      const uint32_t place = piece ? page_find(state, state->whole.keeps[state->recalled].before) : state->recalled;
      assert(place != KEPT_NONE);
      state->recalled = place != KEPT_NONE ? place : state->recalled;
      kept_use(state->whole.kept, state->recalled);
    }
    recall_piece(network, state, piece);
  }
}
