// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A campaign of faults: a scenario is played once to count the calls that may fail, and then again and again, each time with
// another of them failing, in a process of its own, so that a crash or a hang is found like anything else that does not hold.

#ifndef RITORNELLO_CAMPAIGN_H
#define RITORNELLO_CAMPAIGN_H

#include "faults.h"

#include <stdbool.h>

struct scenario {
  const char *name;
  void (*play)(struct faults *faults, void *data); ///< In the process; says what does not hold with campaign_complain()
  void *data;
  const char *objects[FAULTS_OBJECTS]; ///< Our own code, see struct faults
  bool hesitates;                      ///< Once more with hesitant reads and writes, which must change nothing
};

/// Say what does not hold. The first time counts.
__attribute__((format(printf, 2, 3))) void campaign_complain(struct faults *faults, const char *format, ...);

/// Which calls fail, each in a run of its own.
enum campaign_extent {
  CAMPAIGN_PLACES, ///< One from each place in the code
  CAMPAIGN_MORE,   ///< From each place the first ones, then ever fewer, and the last
  CAMPAIGN_ALL,    ///< Every one
};

/// The extent that the argument `text` asks for, --more or --all; CAMPAIGN_PLACES if it is neither.
enum campaign_extent campaign_extent_of(const char *text);

/// Play a scenario. Prints a line of figures, and what did not hold. Returns whether everything held.
bool campaign_run(const struct scenario *scenario, struct faults *faults, enum campaign_extent extent);

#endif // RITORNELLO_CAMPAIGN_H
