// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The part of the constraints that has a file of its own: constraints_tokens.c.

#ifndef RITORNELLO_CONSTRAINTS_PRIVATE_H
#define RITORNELLO_CONSTRAINTS_PRIVATE_H

#include "constraints.h"

/// Fill `allowed` for the choice of a token, as constraints_allow().
void constraints_allow_tokens(const struct chord *chord,
                              const struct choice *choice,
                              struct metre metre,
                              const struct limits *limits,
                              uint8_t *allowed) REALTIME;

#endif // RITORNELLO_CONSTRAINTS_PRIVATE_H
