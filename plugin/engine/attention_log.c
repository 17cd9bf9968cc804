// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "attention_log.h"

#include "random.h"

#include <stdlib.h>
#include <string.h>

enum {
  LOOK_STEPS = 256,     // Steps that are looked at in one piece
  LOOK_OPERATIONS = 96, // What one costs, in operations as network_work() counts them
  SET_NOTES = 8,        // Notes in a set of the table
  STRONGEST = 8,        // Steps that are kept, before those at one place are added up
};

static const float LEAST_SHARE = 0.01F;

struct trail_step {
  uint32_t bar;
  uint16_t tick;
  uint8_t pitch;
};

// A step that was looked at: how many steps before the present one, less one, and its share
struct look {
  uint32_t age;
  float share;
};

struct entry {
  struct recollection known;
  uint32_t age; // The number of the note, counted as they came; 0: empty
};

struct attention_log {
  uint32_t trail_count;                                       // Steps since the reset
  uint32_t trail_first;                                       // Those before this one are not known
  struct trail_step trail[ATTENTION_TRAIL];                   // Step i in place i % ATTENTION_TRAIL
  uint32_t looked;                                            // Steps looked at so far
  uint32_t found;                                             // Of the strongest
  struct look strongest[STRONGEST];                           // [found], the strongest first
  uint32_t noted;                                             // Notes that ever came
  struct entry table[ATTENTION_NOTES / SET_NOTES][SET_NOTES]; // By set_of()
};

struct attention_log *
attention_log_new(void)
{
  struct attention_log *const log = malloc(sizeof(*log));
  if (log) {
    memset(log, 0, sizeof(*log)); // Every page is there before the audio thread needs it
  }
  return log;
}

void
attention_log_free(struct attention_log *const log)
{
  free(log);
}

void
attention_log_reset(struct attention_log *const log) REALTIME
{
  log->trail_count = 0;
  log->trail_first = 0;
  attention_log_begin(log);
}

void
attention_log_retract(struct attention_log *const log, const uint32_t count) REALTIME
{
  log->trail_count -= count < log->trail_count ? count : log->trail_count;
  log->trail_first = log->trail_first < log->trail_count ? log->trail_first : log->trail_count;
  attention_log_begin(log);
}

void
attention_log_begin(struct attention_log *const log) REALTIME
{
  log->looked = 0;
  log->found = 0;
}

void
attention_log_step(struct attention_log *const log,
                   const uint32_t bar,
                   const uint16_t tick,
                   const struct step *const step) REALTIME
{
  uint8_t pitch = 0;
  for (uint32_t i = 0; i < step->count; ++i) {
    pitch = step->notes[i].pitch > pitch ? step->notes[i].pitch : pitch;
  }
  log->trail[log->trail_count % ATTENTION_TRAIL] = (struct trail_step){.bar = bar, .tick = tick, .pitch = pitch};
  ++log->trail_count;
  if (log->trail_count - log->trail_first > ATTENTION_TRAIL) {
    log->trail_first = log->trail_count - ATTENTION_TRAIL;
  }
}

// Keep the step of `age` if it is one of the strongest.
static void
weigh(struct attention_log *const log, const uint32_t age, const float share) REALTIME
{
  uint32_t place = log->found < STRONGEST ? log->found++ : STRONGEST - 1;
  for (; place > 0 && log->strongest[place - 1].share < share; --place) {
    log->strongest[place] = log->strongest[place - 1];
  }
  log->strongest[place] = (struct look){.age = age, .share = share};
}

bool
attention_log_look(struct attention_log *const log,
                   const struct network *const network,
                   const struct network_state *const state,
                   uint32_t *const operations) REALTIME
{
  float shares[LOOK_STEPS];
  const uint32_t count = network_attention(network, state, log->looked, shares, LOOK_STEPS);
  for (uint32_t i = 0; i < count; ++i) {
    const float least = log->found < STRONGEST ? LEAST_SHARE : log->strongest[STRONGEST - 1].share;
    if (shares[i] > least) {
      weigh(log, log->looked + i, shares[i]);
    }
  }
  const uint32_t cost = (count + 1) * LOOK_OPERATIONS;
  *operations -= cost < *operations ? cost : *operations;
  log->looked += count;
  return count < LOOK_STEPS;
}

// Return the set that the note belongs in.
static uint32_t
set_of(const uint32_t bar, const uint16_t tick, const uint8_t pitch) REALTIME
{
  return (uint32_t)(random_mix((uint64_t)bar << 32 | (uint64_t)tick << 8 | pitch) % (ATTENTION_NOTES / SET_NOTES));
}

static bool
is_of(const struct recollection *const known, const uint32_t bar, const uint16_t tick, const uint8_t pitch) REALTIME
{
  return known->pitch == pitch && known->tick == tick && known->bar == bar;
}

// Return the entry of the note, or else one that can be its own: an empty one, or the oldest of its set.
static struct entry *
entry_for(struct attention_log *const log, const uint32_t bar, const uint16_t tick, const uint8_t pitch) REALTIME
{
  struct entry *const set = log->table[set_of(bar, tick, pitch)];
  struct entry *entry = &set[0];
  for (uint32_t i = 0; i < SET_NOTES; ++i) {
    if (is_of(&set[i].known, bar, tick, pitch)) {
      return &set[i];
    }
    entry = set[i].age < entry->age ? &set[i] : entry;
  }
  return entry;
}

// Add `share` for `step`, to what is kept of its place if there is something. The list is as long as STRONGEST allows.
static uint32_t
add_share(struct glance glances[STRONGEST],
          float shares[STRONGEST],
          uint32_t count,
          const struct trail_step *const step,
          const float share) REALTIME
{
  uint32_t i = 0;
  while (i < count && (glances[i].bar != step->bar || glances[i].tick != step->tick)) {
    ++i;
  }
  if (i == count) {
    glances[count] = (struct glance){.bar = step->bar, .tick = step->tick, .pitch = step->pitch};
    shares[count] = 0.0F;
    ++count;
  }
  const float sum = shares[i] + share;
  const struct glance glance = glances[i];
  for (; i > 0 && shares[i - 1] < sum; --i) { // Strongest first
    glances[i] = glances[i - 1];
    shares[i] = shares[i - 1];
  }
  glances[i] = glance;
  shares[i] = sum;
  return count;
}

void
attention_log_note(struct attention_log *const log, const uint32_t bar, const uint16_t tick, const uint8_t pitch)
    REALTIME
{
  struct entry *const entry = entry_for(log, bar, tick, pitch);
  struct recollection *const known = &entry->known;
  struct glance glances[STRONGEST];
  float shares[STRONGEST];
  uint32_t count = 0;
  for (uint32_t i = 0; i < log->found; ++i) {
    const struct look *const look = &log->strongest[i];
    if (look->age < log->trail_count - log->trail_first) {
      count = add_share(glances, shares, count, &log->trail[(log->trail_count - 1 - look->age) % ATTENTION_TRAIL],
                        look->share);
    }
  }
  entry->age = ++log->noted;
  *known = (struct recollection){.bar = bar, .tick = tick, .pitch = pitch, .quotation = ATTENTION_UNKNOWN};
  for (; known->count < count && known->count < ATTENTION_GLANCES; ++known->count) {
    const float share = shares[known->count] < 1.0F ? shares[known->count] : 1.0F;
    known->glances[known->count] = glances[known->count];
    known->glances[known->count].share = (uint8_t)(share * ATTENTION_WHOLE + 0.5F);
  }
}

void
attention_log_quote(
    struct attention_log *const log, const uint32_t bar, const uint16_t tick, const uint8_t pitch, const uint32_t notes)
    REALTIME
{
  struct entry *const entry = entry_for(log, bar, tick, pitch);
  if (!is_of(&entry->known, bar, tick, pitch)) {
    entry->known = (struct recollection){.bar = bar, .tick = tick, .pitch = pitch};
    entry->age = ++log->noted;
  }
  entry->known.quotation = (uint16_t)(notes < ATTENTION_UNKNOWN ? notes : ATTENTION_UNKNOWN - 1);
}

const struct recollection *
attention_log_find(const struct attention_log *const log, const uint32_t bar, const uint16_t tick, const uint8_t pitch)
    REALTIME
{
  const struct entry *const set = log->table[set_of(bar, tick, pitch)];
  for (uint32_t i = 0; i < SET_NOTES && pitch != 0; ++i) {
    if (is_of(&set[i].known, bar, tick, pitch)) {
      return &set[i].known;
    }
  }
  return NULL;
}
