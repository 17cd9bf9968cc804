// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// From logits to one class: mask, temperature, nucleus, draw. Deterministic to the bit (kernels.h has the arithmetic; ties
// go to the lower class). Nucleus sampling after Holtzman et al., "The curious case of neural text degeneration" (2020).

#ifndef RITORNELLO_SAMPLER_H
#define RITORNELLO_SAMPLER_H

#include "kernels.h"
#include "realtime.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { SAMPLER_CLASSES = 8192 }; ///< Most classes of one choice

struct sampling {
  float temperature; ///< 0: the likeliest class; 1: as the network says; up to 2
  float top_p;       ///< (0, 1]: only the likeliest classes that together have this probability
};

/// Room that sampler_pick() works in; the caller's, so that nothing is allocated. About 64 KiB.
struct sampler {
  const struct kernels *kernels; ///< To be quick with; NULL: slowly, with the same results
  float probabilities[SAMPLER_CLASSES];
  uint16_t order[SAMPLER_CLASSES];
  uint16_t spare[SAMPLER_CLASSES];
};

/// Return what sampler_pick() costs, in operations as network_work() counts them.
uint32_t sampler_operations(uint32_t classes, struct sampling sampling) REALTIME;

/// Pick one of `classes` by `logits`.
///
/// `allowed` [classes] bars classes where it is 0; NULL allows all; if it bars all, the likeliest of all is taken.
/// `uniform` in [0, 1) is the random number to use. NaN logits count as barred.
uint32_t sampler_pick(struct sampler *sampler,
                      const float *logits,
                      const uint8_t *allowed,
                      uint32_t classes,
                      struct sampling sampling,
                      float uniform) REALTIME;

/// Return the surprise of class `chosen`, in bits, by the probabilities that `logits` give to what is `allowed` (as above) at
/// temperature 1; 0 where they give none.
float sampler_surprise(const float *logits, const uint8_t *allowed, uint32_t classes, uint32_t chosen) REALTIME;

#ifdef __cplusplus
}
#endif

#endif // RITORNELLO_SAMPLER_H
