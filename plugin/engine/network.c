// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// States of networks: one block each.

#include "network.h"

#include "block.h"

struct network_state *
network_state_new(const struct network *const network)
{
  return block_new(network->class_->state_size(network));
}

void
network_state_free(struct network_state *const state)
{
  block_free(state);
}
