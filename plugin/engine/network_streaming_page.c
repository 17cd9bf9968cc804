// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Pages: what attention remembers of some events, put away with a state that is kept, and copied back in pieces.
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

uint32_t
streaming_pages_needed(const struct streaming *const network, const uint32_t events) REALTIME
{
  const uint32_t slots = events < network->sizes.memory ? events : network->sizes.memory;
  return network->sizes.heads ? events / network->page - (events - slots) / network->page : 0;
}

uint32_t
streaming_page_find(const struct streaming_state *const state, const struct streaming_page page) REALTIME
{
  return page.events ? kept_find(state->whole.kept, page.key) : KEPT_NONE;
}

void
streaming_page_keep(const struct streaming *const network,
                    const struct streaming_state *const state,
                    const uint32_t place) REALTIME
{
  const size_t size = group_bytes(network);
  char *const page = state->pages + place * streaming_page_bytes(network);
  for (uint32_t i = 0; i < page_groups(network); ++i) {
    group_copy(network, state, page_slot(network, state->events, i), page + i * size, (struct stretch){0, size}, false);
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
      const uint32_t place =
          piece ? streaming_page_find(state, state->whole.keeps[state->recalled].before) : state->recalled;
      assert(place != KEPT_NONE);
      state->recalled = place != KEPT_NONE ? place : state->recalled;
      kept_use(state->whole.kept, state->recalled);
    }
    recall_piece(network, state, piece);
  }
}
