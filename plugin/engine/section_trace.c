// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Finding a state that the network has kept: the steps that are to be fed are gone over first, as they would be fed, and where a state
// is known that they lead to, it comes back to that.

#include "section_private.h"

#include <stddef.h>

enum { BARE_STEPS = 3 }; // So many steps fed bare cost as much as one

// Trace the steps from the one to replay next on; if the network `is_new`, it knows nothing.
void
section_trace_begin(struct section *const section, struct take *const take, const bool is_new) REALTIME
{
  const struct weights *const weights = section->weights;
  if (!network_keeps(weights->network)) {
    section_replay_feed(section, take, is_new ? NULL : &section->last);
    return;
  }
  section->trace = (struct section_trace){
      .is_new = is_new,
      .first_bar = section->replay_bar,
      .first_note = section->replay_note,
      .first_key = section->key,
  };
  network_trace_begin(weights->network, weights->state, is_new, &section->trace.network);
  section->phase = SECTION_TRACING;
}

// Come back to what was found.
static void
trace_restore(struct section *const section, const struct section_find *const found, const bool is_bare) REALTIME
{
  const struct section_luggage *const luggage = found->luggage;
  network_restore(section->weights->network, section->weights->state, found->key, is_bare);
  attention_log_retract(section->recollected, section->trace.traced - found->traced);
  section->replay_bar = found->bar;
  section->replay_note = found->note;
  section->key = found->key;
  section->known = luggage->known;
  section->chord = luggage->mark.chord;
  section->guard = luggage->mark.guard;
  *section_last_mark(section) = luggage->mark;
  section->is_bare = is_bare;
  section->phase = SECTION_REPLAYING;
}

// Return the last waymark from which the network, fed bare, is whole at the last one of all; NULL if there is none.
static const struct section_find *
find_waymark(const struct section *const section) REALTIME
{
  const struct section_trace *const trace = &section->trace;
  const uint32_t count = trace->waymark_count < SECTION_WAYMARKS ? trace->waymark_count : SECTION_WAYMARKS;
  const struct section_find *const last = &trace->waymarks[(trace->waymark_count - 1) % SECTION_WAYMARKS];
  for (uint32_t i = 0; i < count; ++i) {
    const struct section_find *const way = &trace->waymarks[(trace->waymark_count - 1 - i) % SECTION_WAYMARKS];
    if (way->events + section->weights->network->reach <= last->events) {
      return way;
    }
  }
  return NULL;
}

// Come back to waymarks, if that spares many steps. Return whether it does.
static bool
trace_go_far(struct section *const section) REALTIME
{
  const struct section_trace *const trace = &section->trace;
  const struct section_find *const way = find_waymark(section);
  const uint32_t left = trace->traced - (trace->whole.luggage ? trace->whole.traced : 0);
  if (!way) {
    return false;
  }
  const struct section_find *const last = &trace->waymarks[(trace->waymark_count - 1) % SECTION_WAYMARKS];
  const uint32_t steps = (last->traced - way->traced) / BARE_STEPS + (trace->traced - last->traced);
  if (steps + section->patience >= left) {
    return false;
  }
  section->bare_key = last->key;
  trace_restore(section, way, true);
  return true;
}

// All has been traced: come back to what was found, or feed the steps.
static void
trace_finish(struct section *const section, struct take *const take) REALTIME
{
  const struct section_trace *const trace = &section->trace;
  if (trace_go_far(section)) {
    return;
  }
  if (trace->whole.luggage && (trace->is_new || trace->whole.traced >= section->patience)) {
    trace_restore(section, &trace->whole, false);
    return;
  }
  attention_log_retract(section->recollected, trace->traced);
  section->replay_bar = trace->first_bar;
  section->replay_note = trace->first_note;
  section->key = trace->first_key;
  if (trace->is_new) {
    section_replay_feed(section, take, NULL);
  } else {
    section_step_read(take, section_find_known(section, take), &section->last);
    section_replay_feed(section, take, &section->last);
  }
}

// Go over one step, as section_replay() will if it has to.
void
section_trace_step(struct section *const section, struct take *const take) REALTIME
{
  struct section_trace *const trace = &section->trace;
  const struct weights *const weights = section->weights;
  const struct step *const step = trace->is_new && trace->traced == 0 ? NULL : &section->last;
  const struct moment moment = section_replay_moment(section, take);
  section->key = section_key_next(section->key, step, &moment);
  struct section_find found = {
      .luggage = network_trace(weights->network, weights->state, &trace->network, step, section->key),
      .key = section->key,
      .traced = trace->traced,
      .events = trace->network.events,
      .bar = section->replay_bar,
      .note = section->replay_note,
  };
  if (found.luggage) {
    trace->whole = found;
  }
  if (trace->network.waymark) {
    found.luggage = trace->network.waymark;
    trace->waymarks[trace->waymark_count++ % SECTION_WAYMARKS] = found;
  }
  const uint32_t last = section_step_read(take, section->replay_note, &section->last);
  attention_log_step(section->recollected, section->replay_bar, take_note(take, last)->tick, &section->last);
  ++trace->traced;
  if (last == section->tail) {
    trace_finish(section, take);
  } else if (!section_replay_next(section, take, last)) {
    section->phase = SECTION_LOST;
  }
}
