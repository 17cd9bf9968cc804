// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Keeping states of a `streaming` network, and coming back to them, so that a jump into a long piece need not tell the network
// all notes before. A state is kept where a page ends: its vectors, and of what attention remembers the page alone, whose
// events are the last 16 (or as many as whole groups and whole segments are). The pages before it were kept with the states before,
// each of which knows the key of the one before it; so a state can be had where no page is missing of those that its memory
// reaches into. What is copied back is copied page by page, the last one first.
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
streaming_keep_count(const struct streaming *const network) REALTIME
{
  return network->page ? (network->sizes.memory + STREAMING_KEPT) / network->page : 0;
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

// Return the state that was kept where `page` ends, or KEPT_NONE.
static uint32_t
page_find(const struct streaming_state *const state, const struct streaming_page page) REALTIME
{
  return page.events ? kept_find(state->kept, page.key) : KEPT_NONE;
}

// Return the page before the one that ends at the present event.
static struct streaming_page
page_before(const struct streaming *const network, const struct streaming_state *const state) REALTIME
{
  const bool is_next = state->page.events + network->page == state->events;
  return is_next ? state->page : (struct streaming_page){.events = 0};
}

// Keep the state at `place`.
static void
state_keep(const struct streaming *const network, const struct streaming_state *const state, const uint32_t place)
    REALTIME
{
  const struct streaming_sizes *const sizes = &network->sizes;
  const size_t width = (size_t)sizes->heads * sizes->value;
  const size_t size = group_bytes(network);
  char *const page = state->kept_pages + place * streaming_page_bytes(network);
  state->keeps[place] = (struct streaming_keep){
      .events = state->events,
      .feeds = state->feeds,
      .moment = state->moment,
      .before = page_before(network, state),
  };
  streaming_vectors_save(network, state, state->kept_vectors + place * streaming_vectors_size(sizes));
  for (uint32_t i = 0; i < page_groups(network); ++i) {
    group_copy(network, state, page_slot(network, state->events, i), page + i * size, (struct stretch){0, size}, false);
  }
  if (sizes->backward) {
    const uint32_t slot = (state->events - 1) % streaming_capacity(sizes);
    memcpy(state->kept_plain + place * width, state->plain + slot * width, width * sizeof(float));
  }
}

void *
streaming_keep(const struct network *const opaque_network,
               struct network_state *const opaque,
               const uint64_t key,
               uint32_t *const operations) REALTIME
{
  const struct streaming *const network = (const struct streaming *)opaque_network;
  struct streaming_state *const state = (struct streaming_state *)opaque;
  assert(state->phase >= PHASE_DENSE);
  if (!network->page || !state->has_event || state->events % network->page != 0) {
    return NULL;
  }
  uint32_t place = kept_find(state->kept, key);
  if (place == KEPT_NONE) {
    place = kept_add(state->kept, key);
    state_keep(network, state, place);
    const uint32_t spent = streaming_keep_operations(network);
    *operations -= spent < *operations ? spent : *operations;
  } else {
    kept_use(state->kept, place);
    state->keeps[place].before =
        state->page.events < state->events ? page_before(network, state) : state->keeps[place].before;
  }
  state->page = (struct streaming_page){key, state->events};
  return state->kept_luggage + (size_t)place * NETWORK_LUGGAGE;
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
    place = page_find(state, state->keeps[place].before);
  }
}

void *
streaming_trace(const struct network *const opaque_network,
                const struct network_state *const opaque,
                struct network_trace *const trace,
                const struct step *const step,
                const uint64_t key) REALTIME
{
  const struct streaming *const network = (const struct streaming *)opaque_network;
  const struct streaming_state *const state = (const struct streaming_state *)opaque;
  const bool has_event = step && step->count && trace->is_started;
  trace->is_started = true;
  trace->events += has_event;
  if (!has_event || !network->page || trace->events % network->page != 0) {
    return NULL;
  }
  const uint32_t place = kept_find(state->kept, key);
  const bool goes_on = place != KEPT_NONE && trace->run > 0 && state->keeps[place].before.events > 0 &&
                       state->keeps[place].before.key == trace->key;
  trace->run = place == KEPT_NONE ? 0 : goes_on ? trace->run + 1 : 1;
  trace->key = key;
  const bool is_whole = place != KEPT_NONE && trace->run >= pages_needed(network, trace->events);
  return is_whole ? state->kept_luggage + (size_t)place * NETWORK_LUGGAGE : NULL;
}

void
streaming_restore(const struct network *const opaque_network, struct network_state *const opaque, const uint64_t key)
    REALTIME
{
  const struct streaming *const network = (const struct streaming *)opaque_network;
  const struct streaming_sizes *const sizes = &network->sizes;
  struct streaming_state *const state = (struct streaming_state *)opaque;
  const size_t width = (size_t)sizes->heads * sizes->value;
  const uint32_t place = kept_find(state->kept, key);
  assert(place != KEPT_NONE);
  if (place == KEPT_NONE) {
    return;
  }
  const struct streaming_keep *const keep = &state->keeps[place];
  streaming_vectors_restore(network, state, state->kept_vectors + place * streaming_vectors_size(sizes));
  if (sizes->backward) {
    const uint32_t slot = (keep->events - 1) % streaming_capacity(sizes);
    memcpy(state->plain + slot * width, state->kept_plain + place * width, width * sizeof(float));
    memcpy(state->segment_inputs, state->forward_input, sizes->embedding * sizeof(float));
  }
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
  state->page = (struct streaming_page){key, keep->events};
  state->recalled = place;
  state->recalled_pages = pages_needed(network, keep->events);
  state->phase = PHASE_RECALL;
  state->piece = 0;
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
  char *const page = state->kept_pages + state->recalled * streaming_page_bytes(network);
  group_copy(network, state, page_slot(network, state->keeps[state->recalled].events, group), page + group * size,
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
      const uint32_t place = piece ? page_find(state, state->keeps[state->recalled].before) : state->recalled;
      assert(place != KEPT_NONE);
      state->recalled = place != KEPT_NONE ? place : state->recalled;
      kept_use(state->kept, state->recalled);
    }
    recall_piece(network, state, piece);
  }
}
