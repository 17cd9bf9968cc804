// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Plans of random sessions: from a seed to a host and a row of actions.

#include "random_session.h"

#include "engine/random.h"
#include "ports.h"

#include <math.h>
#include <string.h>

enum { BLOCKS_AT_ONCE = 400, FAR_BARS = 1000 };

/// A row of draws.
struct dice {
  uint64_t key;
  uint64_t drawn;
};

static uint32_t
below(struct dice *const dice, const uint32_t bound)
{
  return random_below(dice->key, dice->drawn++, bound);
}

static bool
chance(struct dice *const dice, const uint32_t percent)
{
  return below(dice, 100) < percent;
}

static double
between(struct dice *const dice, const double least, const double most)
{
  return least + (most - least) * (double)random_uniform(dice->key, dice->drawn++);
}

static struct action *
add(struct plan *const plan, const struct action action)
{
  struct action *const added = &plan->actions[plan->count];
  plan->count += plan->count + 1 < PLAN_ACTIONS;
  *added = action;
  return added;
}

static uint32_t
draw_block(struct dice *const dice, const double rate, const bool exact)
{
  static const uint32_t usual[] = {64, 128, 256, 512, 1024, 2048, 4096, 8192};
  const uint32_t block = chance(dice, 50) ? usual[below(dice, 8)] : below(dice, chance(dice, 50) ? 300 : 8192) + 1;
  const uint32_t least = exact ? (uint32_t)(rate / 500.0) : 1U; // Time to compose the first chord after a jump
  return block > least ? block : least;
}

static struct minihost_options
draw_host(struct dice *const dice, const bool exact)
{
  static const double rates[] = {8000, 22050, 44100, 48000, 48000, 96000, 192000};
  struct minihost_options host = {
      .rate = rates[below(dice, 7)],
      .worker = chance(dice, 80) ? MINIHOST_WORKER_SYNC : MINIHOST_WORKER_NONE,
      .positions = chance(dice, 50) ? MINIHOST_POSITIONS_EACH_BLOCK : MINIHOST_POSITIONS_ON_CHANGE,
      .blank = chance(dice, 30),
  };
  host.block = draw_block(dice, host.rate, exact);
  if (!exact && chance(dice, 40)) {
    host.output_size = 16 + below(dice, 200);
  }
  return host;
}

static double
draw_tempo(struct dice *const dice)
{
  return chance(dice, 80) ? between(dice, 40.0, 240.0) : between(dice, 5.0, 999.0);
}

static double
draw_beat(struct dice *const dice)
{
  return chance(dice, 50) ? below(dice, 4) : between(dice, 0.0, 3.9);
}

static void
add_metre(struct plan *const plan, struct dice *const dice)
{
  static const int metres[][2] = {{4, 4}, {3, 4}, {6, 8}, {2, 2},  {5, 8},   {7, 8},
                                  {2, 4}, {1, 4}, {9, 8}, {1, 32}, {12, 16}, {32, 1}};
  const uint32_t which = below(dice, 12);
  add(plan, (struct action){.kind = ACTION_METRE, .first = metres[which][0], .second = metres[which][1]});
}

/// Whether port `index` may be set in a plan whose music must be the same for ever after, tick by tick: looseness and double
/// time put notes between ticks.
static bool
is_quiet(const uint32_t index)
{
  return index != PORT_ENABLED && index != PORT_FREEWHEEL && index != PORT_SYNC && index != PORT_INPUT &&
         index != PORT_HUMANIZE && index != PORT_RATE && !(port_descriptions[index].properties & PORT_UNSTORED);
}

/// Set a control port, to nonsense sometimes if it is `wild`.
static void
add_port(struct plan *const plan, struct dice *const dice, const bool wild)
{
  static const double nonsense[] = {NAN, INFINITY, -INFINITY, 1e30, -1e30, 1e-40};
  uint32_t index = 0;
  do {
    index = below(dice, PORT_COUNT);
  } while (port_descriptions[index].type != CONTROL_INPUT || (!wild && !is_quiet(index)));
  const struct port_description *const port = &port_descriptions[index];
  double value = between(dice, port->minimum, port->maximum);
  if (wild && chance(dice, 10)) {
    value = nonsense[below(dice, 6)];
  } else if (port->properties & (PORT_INTEGER | PORT_TOGGLED)) {
    value = nearbyint(value);
  }
  add(plan, (struct action){.kind = ACTION_PORT, .first = (int)index, .number = value});
}

/// Change port `index`.
static void
add_setting(struct plan *const plan, const enum port_index index, const double value)
{
  add(plan, (struct action){.kind = ACTION_PORT, .first = (int)index, .number = value});
}

static void
add_run(struct plan *const plan, struct dice *const dice)
{
  const double seconds = chance(dice, 30) ? between(dice, 0.0, 0.05) : between(dice, 0.0, 2.5);
  const double most = (double)plan->host.block * BLOCKS_AT_ONCE;
  const double frames = seconds * plan->host.rate;
  add(plan, (struct action){.kind = ACTION_RUN, .frames = (uint32_t)(frames < most ? frames : most)});
}

/// Whether the metre changes in a plan, and bars that were composed come by in another.
static bool
has_metres(const struct plan *const plan)
{
  return plan->kind == PLAN_WILD || (plan->kind == PLAN_TWINS && (!plan->exports || plan->seed % 2 == 0));
}

/// A bar to jump to. How much of what is due has been composed, live, at the moment of a jump depends on lengths of blocks, and
/// so does when a host tells of another metre than that of the bars there; so twins of that kind never come to a place again.
static int64_t
draw_bar(const struct plan *const plan, struct dice *const dice)
{
  const uint32_t bar = below(dice, 12);
  return plan->kind == PLAN_TWINS && has_metres(plan) ? FAR_BARS * ((int64_t)plan->count + 1) : bar;
}

/// A bar that song positions rarely have: in a pre-roll, or very far away.
static int64_t
draw_odd_bar(const struct plan *const plan, struct dice *const dice)
{
  const bool may_return = plan->kind != PLAN_TWINS || !has_metres(plan);
  return chance(dice, 10)  ? may_return ? -2 : draw_bar(plan, dice)
          : chance(dice, 5) ? 1000000 + (may_return ? 0 : FAR_BARS * (int64_t)plan->count)
                           : draw_bar(plan, dice);
}

static void
add_loop(struct plan *const plan, struct dice *const dice)
{
  static const double lengths[] = {0.25, 0.5, 1.0, 1.5, 2.0, 4.0};
  add(plan, (struct action){
                .kind = ACTION_LOOP,
                .bar = draw_bar(plan, dice),
                .other = draw_beat(dice),
                .number = chance(dice, 70) ? lengths[below(dice, 6)] : between(dice, 0.1, 5.0),
                .first = 2 + (int)below(dice, 4),
            });
}

/// Something of the transport. Metre and weights change the music for good, so plans of music that returns have none.
static void
add_transport(struct plan *const plan, struct dice *const dice)
{
  const uint32_t delay = chance(dice, 50) ? below(dice, 1000) : 0;
  switch (below(dice, has_metres(plan) ? 6 : 5)) {
  case 0:
    add(plan, (struct action){.kind = ACTION_PLAY, .delay = delay});
    break;
  case 1:
    add(plan, (struct action){.kind = ACTION_STOP, .delay = delay});
    break;
  case 2:
    add(plan, (struct action){
                  .kind = ACTION_LOCATE, .delay = delay, .bar = draw_odd_bar(plan, dice), .number = draw_beat(dice)});
    break;
  case 3:
    add(plan, (struct action){.kind = ACTION_TEMPO, .delay = delay, .number = draw_tempo(dice)});
    break;
  case 4:
    add_loop(plan, dice);
    break;
  default:
    add_metre(plan, dice);
    break;
  }
}

/// Something that no music may be changed by.
static void
add_noise(struct plan *const plan, struct dice *const dice)
{
  switch (below(dice, 6)) {
  case 0:
    add_setting(plan, PORT_ENABLED, chance(dice, 50));
    break;
  case 1:
    add(plan, (struct action){.kind = ACTION_REACTIVATE});
    break;
  case 2:
    add(plan, (struct action){.kind = ACTION_MIDI, .first = (int)below(dice, 6), .second = (int)below(dice, 128)});
    break;
  case 3:
    add(plan, (struct action){.kind = ACTION_ASK});
    break;
  case 4:
    add(plan, (struct action){.kind = ACTION_BLOCK, .frames = draw_block(dice, plan->host.rate, plan->is_exact)});
    break;
  default:
    add_setting(plan, PORT_FREEWHEEL, chance(dice, 50));
    break;
  }
}

/// Anything.
static void
add_wild(struct plan *const plan, struct dice *const dice)
{
  switch (below(dice, 8)) {
  case 0:
    add(plan, (struct action){.kind = ACTION_PRESET, .first = (int)below(dice, STYLE_COUNT)});
    break;
  case 1:
    add(plan, (struct action){.kind = ACTION_WEIGHTS, .first = (int)below(dice, 3)});
    break;
  case 2:
    add(plan, (struct action){.kind = ACTION_SAVE, .first = chance(dice, 50)});
    break;
  case 3:
    add(plan, (struct action){.kind = ACTION_RESTORE});
    break;
  case 4:
    if (!plan->is_exact) {
      add(plan, (struct action){.kind = ACTION_POSITION, .first = (int)below(dice, 1 << 20)});
    }
    break;
  default:
    add_port(plan, dice, true);
    break;
  }
}

/// A chord, or keys that go up.
static void
add_keys(struct plan *const plan, struct dice *const dice)
{
  const int pitch = (int)below(dice, 116);
  const int what = chance(dice, 60) ? 0 : chance(dice, 80) ? 1 : (int)below(dice, 6);
  for (int i = 0; i < 1 + (int)below(dice, 3); ++i) {
    add(plan, (struct action){.kind = ACTION_MIDI, .first = what, .second = pitch + 4 * i});
  }
}

static void
add_actions(struct plan *const plan, struct dice *const dice, const uint32_t count)
{
  for (uint32_t i = 0; i < count; ++i) {
    if (plan->listens && chance(dice, 40)) {
      add_keys(plan, dice);
    }
    if (chance(dice, 45)) {
      add_run(plan, dice);
    } else if (chance(dice, 60)) {
      add_transport(plan, dice);
    } else if (plan->kind == PLAN_WILD && chance(dice, 60)) {
      add_wild(plan, dice);
    } else {
      add_noise(plan, dice);
    }
  }
}

/// Play bars, do what must not change them, and play them again.
static void
add_return(struct plan *const plan, struct dice *const dice)
{
  const struct action pass = {.kind = ACTION_PASS, .bar = below(dice, 6), .first = 1 + (int)below(dice, 4)};
  add(plan, pass);
  add_actions(plan, dice, 1 + below(dice, 8));
  add(plan, pass);
}

void
plan_make(struct plan *const plan, const uint32_t seed, const bool is_quick)
{
  struct dice dice = {.key = random_key(20260, seed)};
  *plan = (struct plan){.seed = seed, .kind = (enum plan_kind)below(&dice, 3)};
  plan->is_exact = plan->kind != PLAN_WILD || chance(&dice, 40);
  plan->exports = chance(&dice, 25) || (!is_quick && plan->kind != PLAN_WILD);
  plan->is_exact = plan->is_exact && (is_quick || plan->exports);
  plan->host = draw_host(&dice, plan->is_exact);
  plan->twin = plan->host;
  plan->twin.block = draw_block(&dice, plan->host.rate, true);
  plan->listens = plan->kind != PLAN_RETURN && chance(&dice, 40);
  if (plan->listens) { // Keys may come right before the next onset: only exports have the time for what is promised then
    plan->exports = plan->exports || plan->is_exact;
    add_setting(plan, PORT_INPUT, 1 + below(&dice, 3));
  }
  for (uint32_t i = below(&dice, 5); i > 0; --i) {
    add_port(plan, &dice, false);
  }
  if (chance(&dice, 50)) {
    add_metre(plan, &dice);
  }
  add(plan, (struct action){.kind = ACTION_TEMPO, .number = draw_tempo(&dice)});
  add_actions(plan, &dice, 1 + below(&dice, 3));
  add(plan, (struct action){.kind = ACTION_PLAY});
  if (plan->kind == PLAN_RETURN) {
    add_return(plan, &dice);
  } else {
    add_actions(plan, &dice, 5 + below(&dice, 20));
  }
}

// Telling

static const char *const action_names[ACTION_KINDS] = {
    "run",  "block",  "play",    "stop", "locate",  "tempo", "metre",    "loop",       "pass",
    "port", "preset", "weights", "save", "restore", "midi",  "position", "reactivate", "ask",
};

void
plan_print(const struct plan *const plan, FILE *const stream)
{
  static const char *const kinds[] = {"anything", "twins", "return"};
  fprintf(stream, "  %s%s, %g Hz, blocks of %u (twin: %u), output %u bytes, worker %d, positions %d, blank %d\n",
          kinds[plan->kind], plan->is_exact ? plan->exports ? ", exact exports" : ", exact" : "", plan->host.rate,
          plan->host.block, plan->twin.block, plan->host.output_size, (int)plan->host.worker, (int)plan->host.positions,
          plan->host.blank);
  for (size_t i = 0; i < plan->count; ++i) {
    const struct action *const action = &plan->actions[i];
    fprintf(stream, "  %-10s %s frames %u delay %u bar %lld number %g other %g first %d second %d\n",
            action_names[action->kind], action->kind == ACTION_PORT ? port_descriptions[action->first].symbol : "",
            action->frames, action->delay, (long long)action->bar, action->number, action->other, action->first,
            action->second);
  }
}
