// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// How the work of a network is cut. It consists of phases, a phase of equal pieces: rows of a matrix, units, slots. Kernels
// are quickest where they get KERNEL_ROWS of them at a time.

#ifndef RITORNELLO_PIECES_H
#define RITORNELLO_PIECES_H

#include "kernels.h"
#include "network.h"
#include "realtime.h"

#include <stdint.h>

/// Return where to stop if work is at piece `begin` of `pieces`, each of which costs `cost`, and `operations` are left: at
/// least one piece on, and at a multiple of KERNEL_ROWS unless that would overrun by more than NETWORK_SLICE.
static inline uint32_t
network_pieces_end(const uint32_t begin, const uint32_t pieces, const uint32_t cost, const uint32_t operations) REALTIME
{
  const uint32_t left = pieces - begin;
  const uint32_t affordable = operations / cost ? operations / cost : 1;
  if (affordable >= left) {
    return pieces;
  }
  uint32_t group = KERNEL_ROWS;
  while (group > 1 && group * cost > NETWORK_SLICE) {
    group /= 2;
  }
  const uint32_t end = (begin + affordable + group - 1) / group * group;
  return end < pieces ? end : pieces;
}

#endif // RITORNELLO_PIECES_H
