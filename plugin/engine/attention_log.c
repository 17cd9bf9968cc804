// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "attention_log.h"

#include "random.h"

#include <stdlib.h>
#include <string.h>

enum {
  LOOK_STEPS = 256,    // Steps that are looked at in one piece
  LOOK_OPERATIONS = 8, // What one costs, in multiply-adds
  STRONGEST = 8,       // Steps that are kept, before those at one place are added up
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

struct attention_log {
  uint32_t trail_count;                       // Steps since the reset
  struct trail_step trail[ATTENTION_TRAIL];   // Step i in place i % ATTENTION_TRAIL
  uint32_t looked;                            // Steps looked at so far
  uint32_t found;                             // Of the strongest
  struct look strongest[STRONGEST];           // [found], the strongest first
  struct recollection table[ATTENTION_NOTES]; // By place_of()
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
  attention_log_begin(log);
}

void
attention_log_retract(struct attention_log *const log, const uint32_t count) REALTIME
{
  log->trail_count -= count < log->trail_count ? count : log->trail_count;
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
  *operations -= count * LOOK_OPERATIONS < *operations ? count * LOOK_OPERATIONS : *operations;
  log->looked += count;
  return count < LOOK_STEPS;
}

// Return the place of the note in the table.
static uint32_t
place_of(const uint32_t bar, const uint16_t tick, const uint8_t pitch) REALTIME
{
  return (uint32_t)(random_mix((uint64_t)bar << 32 | (uint64_t)tick << 8 | pitch) % ATTENTION_NOTES);
}

static bool
is_of(const struct recollection *const entry, const uint32_t bar, const uint16_t tick, const uint8_t pitch) REALTIME
{
  return entry->pitch == pitch && entry->tick == tick && entry->bar == bar;
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
  struct recollection *const entry = &log->table[place_of(bar, tick, pitch)];
  struct glance glances[STRONGEST];
  float shares[STRONGEST];
  uint32_t count = 0;
  for (uint32_t i = 0; i < log->found; ++i) {
    const struct look *const look = &log->strongest[i];
    if (look->age < log->trail_count && look->age < ATTENTION_TRAIL) {
      count = add_share(glances, shares, count, &log->trail[(log->trail_count - 1 - look->age) % ATTENTION_TRAIL],
                        look->share);
    }
  }
  *entry = (struct recollection){.bar = bar, .tick = tick, .pitch = pitch, .quotation = ATTENTION_UNKNOWN};
  for (; entry->count < count && entry->count < ATTENTION_GLANCES; ++entry->count) {
    const float share = shares[entry->count] < 1.0F ? shares[entry->count] : 1.0F;
    entry->glances[entry->count] = glances[entry->count];
    entry->glances[entry->count].share = (uint8_t)(share * ATTENTION_WHOLE + 0.5F);
  }
}

void
attention_log_quote(
    struct attention_log *const log, const uint32_t bar, const uint16_t tick, const uint8_t pitch, const uint32_t notes)
    REALTIME
{
  struct recollection *const entry = &log->table[place_of(bar, tick, pitch)];
  if (!is_of(entry, bar, tick, pitch)) {
    *entry = (struct recollection){.bar = bar, .tick = tick, .pitch = pitch};
  }
  entry->quotation = (uint16_t)(notes < ATTENTION_UNKNOWN ? notes : ATTENTION_UNKNOWN - 1);
}

const struct recollection *
attention_log_find(const struct attention_log *const log, const uint32_t bar, const uint16_t tick, const uint8_t pitch)
    REALTIME
{
  const struct recollection *const entry = &log->table[place_of(bar, tick, pitch)];
  return pitch != 0 && is_of(entry, bar, tick, pitch) ? entry : NULL;
}
