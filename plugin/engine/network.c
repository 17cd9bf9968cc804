// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// States of networks: one aligned block each.

#include "network.h"

#include "kernels.h"

#include <stdlib.h>
#include <string.h>

struct network_state *
network_state_new(const struct network *const network)
{
  const size_t size = network->class_->state_size(network);
  const size_t padded = (size + KERNEL_ALIGNMENT - 1) / KERNEL_ALIGNMENT * KERNEL_ALIGNMENT;
  struct network_state *const state = aligned_alloc(KERNEL_ALIGNMENT, padded);
  if (state) {
    memset((void *)state, 0, padded); // Every page is there before the audio thread needs it
  }
  return state;
}

void
network_state_free(struct network_state *const state)
{
  free(state);
}
