// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What each phase of a `streaming` network's step takes, beside what it is reckoned to cost: the budget bounds a block only as
// well as the two agree.
//
//   bench_phases [FILE]
//
// Steps the network of FILE (the bundled one) as the composer does, with a clock around each phase; every step is done several
// times, and the shortest time of each phase counts. Prints a line per phase: microseconds and operations of an event, nanoseconds
// of a thousand operations, and how many times that is what the plugin takes for it on this machine (speed_measure()). Then the
// same of the whole event. `full` steps have looked back at a whole memory, `empty` ones are the first 64 of a piece.

#include "engine/network_streaming_private.h"
#include "engine/random.h"
#include "engine/sampler.h"
#include "engine/weights.h"
#include "reading.h"
#include "speed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// PHASE_STEP stands for looking at what attention looked at, which the composer does at the end of a step; then all of them
enum { BAR_EVENTS = 16, PASSES = 7, STEPS = 1024, EMPTY = 64, ALL = PHASE_STEP + 1, PHASES };

static const char *const NAMES[PHASES] = {
    "recall",         "embed",          "key",   "value",   "forward", "forward units", "backward",
    "backward units", "backward value", "query", "classes", "scores",  "attend",        "decoder",
    "decoder units",  "dense",          "heads", "picks",   "looks",   "all",
};

// What the phases of one step take.
struct times {
  double seconds[PHASES];
  double operations[PHASES];
};

static struct moment
moment_of(const uint32_t number)
{
  return (struct moment){.bar = number / BAR_EVENTS, .tick = (uint16_t)(number % BAR_EVENTS * 6), .metre = {4, 4}};
}

// Return the seconds that reading the clock takes.
static double
clock_seconds(void)
{
  double best = 1.0;
  for (unsigned i = 0; i < 1000; ++i) {
    const double begin = reading_clock();
    const double seconds = reading_clock() - begin;
    best = seconds < best ? seconds : best;
  }
  return best;
}

// Make a choice; return what picking is reckoned to cost.
static double
pick(const struct weights *const weights, struct sampler *const sampler, const uint32_t number)
{
  struct choice choice;
  const struct sampling sampling = {.temperature = 1.0F, .top_p = 1.0F};
  network_choice(weights->network, weights->state, &choice);
  const float uniform = random_uniform(number, choice.field);
  const uint32_t chosen = sampler_pick(sampler, choice.logits, NULL, choice.classes, sampling, uniform);
  const bool is_end = choice.field == FIELD_ADVANCE && chosen == choice.classes - 1;
  network_choose(weights->network, weights->state, is_end ? 0 : chosen);
  return sampler_operations(choice.classes, sampling);
}

// Do a step; `times` holds what each phase takes.
static void
step_time(struct weights *const weights,
          struct sampler *const sampler,
          const double overhead,
          const uint32_t number,
          struct step *const step,
          struct times *const times)
{
  const struct streaming *const network = (const struct streaming *)weights->network;
  struct streaming_state *const state = (struct streaming_state *)weights->state;
  const struct moment moment = moment_of(number);
  *times = (struct times){0};
  network_feed(weights->network, weights->state, number ? step : NULL, &moment);
  while (state->phase < PHASE_STEP) {
    const enum phase phase = state->phase;
    const double begin = reading_clock();
    if (phase == PHASE_CHOICE) {
      times->operations[phase] += pick(weights, sampler, number);
    } else {
      const uint32_t pieces = streaming_piece_count(network, state);
      if (pieces > 0) {
        streaming_pieces(network, state, 0, pieces);
        times->operations[phase] += (double)pieces * streaming_piece_cost(network, phase);
      }
      streaming_phase_finish(network, state);
    }
    times->seconds[phase] += reading_clock() - begin - overhead;
  }
  network_step(weights->network, weights->state, step);
  static float shares[STEPS];
  const double begin = reading_clock();
  network_attention(weights->network, weights->state, 0, shares, STEPS);
  times->seconds[PHASE_STEP] = reading_clock() - begin - overhead;
}

// Add up what the phases of steps [begin, end) take, and print it per step.
static void
report(const char *const title, const struct times *const times, const uint32_t begin, const uint32_t end)
{
  const double unit = 1e9 / speed_measure();
  struct times sums = {0};
  for (uint32_t i = begin; i < end; ++i) {
    for (unsigned phase = 0; phase < ALL; ++phase) {
      const double seconds = times[i].seconds[phase] / (end - begin);
      const double operations = times[i].operations[phase] / (end - begin);
      sums.seconds[phase] += seconds;
      sums.operations[phase] += operations;
      sums.seconds[ALL] += seconds;
      sums.operations[ALL] += operations;
    }
  }
  printf("%-16s %9s %12s %12s %8s\n", title, "us", "operations", "ns/thousand", "times");
  for (unsigned phase = 0; phase < PHASES; ++phase) {
    const double each = sums.operations[phase] > 0.0 ? 1e12 * sums.seconds[phase] / sums.operations[phase] : 0.0;
    printf("%-16s %9.3f %12.0f %12.2f %8.2f\n", NAMES[phase], 1e6 * sums.seconds[phase], sums.operations[phase], each,
           each / unit / 1000.0);
  }
}

int
main(const int count, char **const arguments)
{
  struct weights *weights = NULL;
  struct error error = {.text = ""};
  static struct sampler sampler;
  static struct times times[2 * STEPS];
  if (weights_load(count > 1 ? arguments[1] : BUNDLE "/ritornello.safetensors", &weights, &error) != STATUS_SUCCESS) {
    fprintf(stderr, "bench_phases: %s\n", error.text);
    return 1;
  }
  if (strcmp(weights->network->class_->kind, "streaming") != 0) {
    fprintf(stderr, "bench_phases: the network is of another kind\n");
    return 1;
  }
  sampler.kernels = kernels_best();
  const double overhead = clock_seconds();
  for (unsigned pass = 0; pass < PASSES; ++pass) {
    struct step step;
    network_reset(weights->network, weights->state);
    for (uint32_t i = 0; i < 2 * STEPS; ++i) {
      struct times now;
      step_time(weights, &sampler, overhead, i, &step, &now);
      for (unsigned phase = 0; phase < ALL; ++phase) {
        const bool is_shorter = pass == 0 || now.seconds[phase] < times[i].seconds[phase];
        times[i].seconds[phase] = is_shorter ? now.seconds[phase] : times[i].seconds[phase];
        times[i].operations[phase] = now.operations[phase];
      }
    }
  }
  printf("one operation: %.4f ns; the clock: %.1f ns\n", 1e9 / speed_measure(), 1e9 * overhead);
  report("full", times, STEPS + 1, 2 * STEPS);
  report("empty", times, 1, EMPTY);
  weights_free(weights);
  return 0;
}
