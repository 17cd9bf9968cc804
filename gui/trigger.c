// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Rising and falling.

#include "trigger.h"

enum { MOST_WAITING = 8 }; // As often as undo goes back

static void
set(struct trigger *const trigger, const bool is_high, const uint32_t now)
{
  trigger->is_high = is_high;
  trigger->is_resting = !is_high;
  trigger->since = now;
  // The host may have reset the port without a word
  trigger->values->now[trigger->port] = is_high ? 0.0F : 1.0F;
  values_change(trigger->values, trigger->port, is_high ? 1.0F : 0.0F);
}

void
trigger_pull(struct trigger *const trigger, const uint32_t now)
{
  if (trigger_is_busy(trigger)) {
    trigger->waiting += trigger->waiting < MOST_WAITING ? 1 : 0;
  } else {
    set(trigger, true, now);
  }
}

void
trigger_tick(struct trigger *const trigger, const uint32_t now)
{
  if (!trigger_is_busy(trigger) || now - trigger->since < TRIGGER_TIME) {
    return;
  }
  if (trigger->is_high) {
    set(trigger, false, now);
  } else {
    trigger->is_resting = false;
    if (trigger->waiting > 0) {
      --trigger->waiting;
      set(trigger, true, now);
    }
  }
}

bool
trigger_is_busy(const struct trigger *const trigger)
{
  return trigger->is_high || trigger->is_resting;
}
