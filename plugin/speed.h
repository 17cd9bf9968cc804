// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// How fast this machine computes what networks are made of.

#ifndef RITORNELLO_SPEED_H
#define RITORNELLO_SPEED_H

/// Return the operations (as networks count them) that this machine does in a second, from a product of a matrix as large as
/// the default network. Takes some milliseconds the first time in a process, and is then known. Not for the audio thread.
double speed_measure(void);

#endif // RITORNELLO_SPEED_H
