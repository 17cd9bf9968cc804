// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Softmax with cross entropy, the one loss of all networks.

#ifndef RITORNELLO_LOSS_H
#define RITORNELLO_LOSS_H

#include <stddef.h>

enum { LOSS_NONE = 0xFFFF }; ///< "No target"

/// Turn `logits` [classes] into probabilities and return the loss of `target` in nats, 0 if it is LOSS_NONE.
float softmax_loss(float *logits, size_t classes, unsigned target);

/// Turn these probabilities into the gradients of `factor` times that loss at the logits; zero if there is no target.
void softmax_loss_backward(float *probabilities, size_t classes, unsigned target, float factor);

#endif // RITORNELLO_LOSS_H
