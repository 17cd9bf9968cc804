// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Ports that do something when they rise. The plugin must see them high for at least one block, and low before they rise
// again, however long the host's blocks are and whether or not it resets them itself.

#ifndef RITORNELLO_TRIGGER_H
#define RITORNELLO_TRIGGER_H

#include "values.h"

enum { TRIGGER_TIME = 250 }; ///< Milliseconds that it stays high, and low: more than the longest block

struct trigger {
  struct values *values;
  enum port_index port;
  unsigned waiting; ///< Times that it is still to rise
  bool is_high;
  bool is_resting; ///< Low, but not for long enough
  uint32_t since;
};

/// Let it rise, now or as soon as it can.
void trigger_pull(struct trigger *trigger, uint32_t now);

/// Let time pass.
void trigger_tick(struct trigger *trigger, uint32_t now);

/// Whether it waits for time to pass.
bool trigger_is_busy(const struct trigger *trigger);

#endif // RITORNELLO_TRIGGER_H
