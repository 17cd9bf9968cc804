// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Telling styles apart. What is likeliest given its own style may be likelier still given another, for a style says little once
// some music is heard. So besides, the network learns that music is likelier told its own style: maximum mutual information
// (Bahl, Brown, de Souza and Mercer, 1986), with one other style, told to a twin of each stream, in place of all others. Of a
// stream that has loss R in a pass, and its twin W, the gradient is that of
//
//     R + strength * log(1 + exp(R - W))

#ifndef RITORNELLO_CONTRAST_H
#define RITORNELLO_CONTRAST_H

#include "batch.h"

/// Set the factors of a batch that has twins, by the losses [T * B][FIELD_COUNT] of a forward pass over it. A twin that was
/// told nothing else teaches nothing.
void contrast_weigh(struct batch *batch, const float *losses, float strength);

#endif // RITORNELLO_CONTRAST_H
