// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Latched controls: each set of controls that music was composed under stands here once, and notes name it by its number.
// Room for 65,535 different sets, which hours of automation do not use up, for curves that are played again give the same
// sets; beyond that, new sets share the number 0 and count as equal.

#ifndef RITORNELLO_LATCHES_H
#define RITORNELLO_LATCHES_H

#include "composer.h"
#include "realtime.h"

#include <stdbool.h>
#include <stdint.h>

#if defined(RITORNELLO_FUZZ) // Quickly made and quickly full
enum { LATCHES = 128 };
#else
enum { LATCHES = 65536 };
#endif

struct latches;

/// NULL without memory.
struct latches *latches_new(void);
void latches_free(struct latches *latches);

/// Return the number of the set that equals `controls`; it is added if there is none. The look-ahead does not count.
uint16_t latches_number(struct latches *latches, const struct controls *controls) REALTIME;

/// Return whether sets `a` and `b` differ by no more than one step of a port in temperature, nucleus, surprise or recall, and by
/// nothing else. A host that automates a control reads the curve at the beginning of its blocks, which are others when it
/// exports: so far apart may be what it makes of the same curve.
bool latches_are_near(const struct latches *latches, uint16_t a, uint16_t b) REALTIME;

/// Return how many numbers there are; 0 is one of them.
uint32_t latches_count(const struct latches *latches) REALTIME;

/// Return set `number`, which latches_number() has returned.
const struct controls *latches_get(const struct latches *latches, uint16_t number) REALTIME;

#endif // RITORNELLO_LATCHES_H
