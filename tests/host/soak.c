// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Load and soak: an evening, a day, in random use, in one instance; 64 instances at once; 8 that are given other weights again
// and again; blocks of one frame; every sample rate, tempo and metre. Whatever happens, no note hangs, no rule of MIDI is broken,
// outputs are numbers in their ranges, and memory stays. At settings as they are used to play, nothing is late.
//
// Usage: soak [--hours HOURS] [--seed N] [--part PART]
// HOURS (1 if not told) is what the one instance plays of simulated time; the other parts are as long in proportion, up to a point.
// PART is one of frames, extremes, many, weights and hours.

#include "fixture.h"
#include "ports.h"

#include "engine/random.h"
#include "engine/take.h"

#include <malloc.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/// The one instance's sample rate: low, so that a day passes in minutes. Time to compose in is the same at every rate.
static const double DAY_RATE = 16000.0;

enum { INSTANCES = 64, SWAPPED = 8, FILES = 3, FAILURES_TOLD = 20 };

/// Bytes by which resident memory may grow: the parts of a take that are touched late, and what the C library keeps.
static const double GROWTH_MOST = 24.0 * 1024.0 * 1024.0;
static const double MEBIBYTE = 1024.0 * 1024.0;

/// Seconds that are waited before a start, as a rule and at most, and the percentage of load above which it is longer.
static const double MOMENT = 1.0;
static const double WAIT_MOST = 20.0;
static const float BUSY_LOAD = 50.0F;

/// What was done and found.
struct soak {
  struct fixture *fixture;
  char files[FILES][FIXTURE_PATH]; ///< Weights to change to
  uint64_t key;
  uint64_t drawn;
  double hours;  ///< Wanted of the one instance
  double played; ///< Seconds simulated, of all instances together
  double shown;  ///< Of the part, when progress was last shown
  unsigned scenes;
  unsigned swaps;
  unsigned saves;
  unsigned long_waits; ///< Starts that waited for longer than a moment,
  double longest_wait; ///< so many seconds at most
  size_t notes;
  unsigned late;
  unsigned hanging;
  double growth;     ///< Bytes by which memory grew after the first quarter of the one instance
  double kept;       ///< The most bytes that were left after a part
  unsigned failures; ///< All that did not hold, the above included
};

// Chance

static uint32_t
below(struct soak *const soak, const uint32_t bound)
{
  return random_below(soak->key, soak->drawn++, bound);
}

static bool
chance(struct soak *const soak, const uint32_t percent)
{
  return below(soak, 100) < percent;
}

static double
between(struct soak *const soak, const double least, const double most)
{
  return least + (most - least) * (double)random_uniform(soak->key, soak->drawn++);
}

// What must hold

__attribute__((format(printf, 2, 3))) static void
fail(struct soak *const soak, const char *const format, ...)
{
  if (++soak->failures <= FAILURES_TOLD) {
    va_list arguments;
    va_start(arguments, format);
    fputs("soak: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
  }
}

/// Let time pass; then everything must be in order. Forgets what was recorded.
static void
run(struct soak *const soak, struct minihost *const host, const double seconds)
{
  const double rate = minihost_song(host)->rate;
  minihost_run(host, (int64_t)(seconds * rate));
  soak->played += seconds;
  soak->notes += fixture_note_count(host);
  minihost_forget_events(host);
  const float load = minihost_get(host, "load");
  const float bars = minihost_get(host, "bars");
  if (!(load >= 0.0F && load <= 100.0F && bars >= 0.0F && bars <= (float)TAKE_BARS)) {
    fail(soak, "load is %g, bars is %g", (double)load, (double)bars);
  }
}

/// Nothing may sound any more.
static void
expect_silence(struct soak *const soak, struct minihost *const host, const char *const after)
{
  const unsigned sounding = minihost_sounding(host);
  if (sounding > 0) {
    soak->hanging += sounding;
    fail(soak, "%u notes hang after %s", sounding, after);
  }
}

static void
stop(struct soak *const soak, struct minihost *const host)
{
  minihost_stop(host);
  run(soak, host, 0.1);
  expect_silence(soak, host, "a stop");
}

/// Go on, after a moment to compose in. In a long piece the network may have to be told thousands of notes first: then wait as
/// somebody does who looks at the load.
static void
start(struct soak *const soak, struct minihost *const host)
{
  double waited = MOMENT;
  run(soak, host, MOMENT);
  for (; minihost_get(host, "load") > BUSY_LOAD && waited < WAIT_MOST; waited += MOMENT) {
    run(soak, host, MOMENT);
  }
  soak->long_waits += waited > MOMENT;
  soak->longest_wait = fmax(soak->longest_wait, waited);
  minihost_play(host);
}

/// Take the measure of a host whose part is over, and free it.
static void
finish(struct soak *const soak, struct minihost *const host, const bool is_sane)
{
  const float late = minihost_get(host, "late");
  minihost_set(host, "input", 0.0F); // Keys that are down sound on while the song stands
  stop(soak, host);
  if (is_sane && late > 0.0F && !fixture_is_slow()) {
    soak->late += (unsigned)late;
    fail(soak, "%g notes were late", (double)late);
  }
  if (minihost_faults(host) > 0) {
    fail(soak, "%u rules of MIDI were broken", minihost_faults(host));
  }
  minihost_free(host);
}

/// Bytes of memory that this process has, without what the C library keeps for later. What sanitizers keep can't be told from it:
/// then 0.
static double
resident(void)
{
  malloc_trim(0);
  unsigned long size = 0;
  unsigned long pages = 0;
  FILE *const file = fopen("/proc/self/statm", "r");
  const bool is_read = file && fscanf(file, "%lu %lu", &size, &pages) == 2;
  if (file) {
    fclose(file);
  }
  return fixture_is_slow() ? 0.0 : is_read ? (double)pages * (double)sysconf(_SC_PAGESIZE) : NAN;
}

/// Say how far a part is.
static void
progress(struct soak *const soak, const char *const part, const double share)
{
  const bool is_terminal = isatty(STDERR_FILENO);
  if (share - soak->shown >= (is_terminal ? 0.01 : 0.25) || share >= 1.0) {
    soak->shown = share >= 1.0 ? 0.0 : share;
    fprintf(stderr, "%s%s: %3.0f %%, %.1f hours simulated, %u failures%s", is_terminal ? "\r" : "", part,
            100.0 * fmin(share, 1.0), soak->played / 3600.0, soak->failures, is_terminal && share < 1.0 ? "" : "\n");
  }
}

static struct minihost *
new_host(const struct soak *const soak, const double rate, const uint32_t block, const enum minihost_worker worker)
{
  const struct minihost_options options = {
      .bundle = soak->fixture->bundle, .rate = rate, .block = block, .worker = worker};
  struct minihost *const host = minihost_new(&options);
  if (!host) {
    fprintf(stderr, "soak: there is no instance\n");
    exit(EXIT_FAILURE);
  }
  return host;
}

// The one instance: what a user does in a day

/// Ports that are somebody else's business here, or ask for what takes its time.
static bool
is_sane_port(const uint32_t index)
{
  return port_descriptions[index].type == CONTROL_INPUT && index != PORT_ENABLED && index != PORT_FREEWHEEL &&
         index != PORT_SYNC && index != PORT_INPUT && index != PORT_LOOK_AHEAD && index != PORT_REGENERATE &&
         index != PORT_UNDO && index != PORT_LOCK;
}

static void
turn_a_knob(struct soak *const soak, struct minihost *const host)
{
  uint32_t index = 0;
  do {
    index = below(soak, PORT_COUNT);
  } while (!is_sane_port(index));
  const struct port_description *const port = &port_descriptions[index];
  double value = between(soak, port->minimum, port->maximum);
  if (port->properties & (PORT_INTEGER | PORT_TOGGLED)) {
    value = nearbyint(value);
  }
  minihost_set(host, port->symbol, (float)(chance(soak, 30) ? port->normal : value));
}

/// Play keys, in one of the modes of input, for a while.
static void
play_keys(struct soak *const soak, struct minihost *const host)
{
  stop(soak, host);
  minihost_set(host, "input", (float)below(soak, 4));
  start(soak, host);
  for (uint32_t i = 2 + below(soak, 20); i > 0; --i) {
    const uint8_t pitch = (uint8_t)(40 + below(soak, 40));
    const uint8_t on[3] = {0x90, pitch, (uint8_t)(1 + below(soak, 127))};
    const uint8_t off[3] = {0x80, pitch, 64};
    minihost_send_midi(host, on, 3);
    run(soak, host, between(soak, 0.02, 0.6));
    minihost_send_midi(host, off, 3);
    run(soak, host, between(soak, 0.02, 0.3));
  }
  minihost_set(host, "input", 0.0F);
}

static void
change_metre(struct soak *const soak, struct minihost *const host)
{
  static const int metres[][2] = {{4, 4}, {3, 4}, {6, 8}, {2, 2}, {5, 8}, {7, 8}, {2, 4}, {9, 8}, {12, 8}, {4, 4}};
  const uint32_t which = below(soak, 10);
  stop(soak, host);
  minihost_metre(host, metres[which][0], metres[which][1]);
  minihost_locate(host, below(soak, 400), 0.0);
  start(soak, host);
}

static void
ask_for_other_music(struct soak *const soak, struct minihost *const host)
{
  static const char *const triggers[] = {"regenerate", "undo", "lock"};
  const char *const trigger = triggers[below(soak, 3)];
  stop(soak, host);
  minihost_set(host, trigger, 1.0F);
  run(soak, host, between(soak, 0.05, 2.0));
  minihost_set(host, trigger, 0.0F);
  start(soak, host);
}

static void
change_weights(struct soak *const soak, struct minihost *const host)
{
  minihost_set_weights(host, soak->files[below(soak, FILES)]);
  run(soak, host, 0.2);
  ++soak->swaps;
}

static void
save_and_restore(struct soak *const soak, struct minihost *const host)
{
  struct minihost_state state = {.count = 0};
  if (minihost_save_bare(host, &state) != 0 || (chance(soak, 50) && minihost_restore_state(host, &state) != 0)) {
    fail(soak, "the state can't be saved or restored");
  }
  minihost_state_free(&state);
  ++soak->saves;
}

/// Something that a user does, and some music.
static void
scene(struct soak *const soak, struct minihost *const host)
{
  static const uint32_t blocks[] = {32, 64, 128, 256, 441, 512, 1024, 2048};
  switch (below(soak, 12)) {
  case 0:
    minihost_tempo(host, between(soak, 40.0, 240.0));
    break;
  case 1:
    change_metre(soak, host);
    break;
  case 2:
    stop(soak, host);
    minihost_locate(host, below(soak, 400), chance(soak, 50) ? 0.0 : between(soak, 0.0, 1.9));
    start(soak, host);
    break;
  case 3:
    ask_for_other_music(soak, host);
    break;
  case 4:
    stop(soak, host);
    change_weights(soak, host);
    start(soak, host);
    break;
  case 5:
    stop(soak, host);
    save_and_restore(soak, host);
    start(soak, host);
    break;
  case 6:
    play_keys(soak, host);
    break;
  case 7:
    minihost_set(host, "enabled", 0.0F);
    run(soak, host, between(soak, 0.2, 3.0));
    expect_silence(soak, host, "a bypass");
    minihost_set(host, "enabled", 1.0F);
    break;
  case 8:
    minihost_block(host, blocks[below(soak, 8)]);
    break;
  default:
    turn_a_knob(soak, host);
    break;
  }
  run(soak, host, between(soak, 1.0, 60.0));
  ++soak->scenes;
}

/// Play in one instance for as long as is wanted.
static void
one_instance(struct soak *const soak)
{
  const double wanted = soak->hours * 3600.0;
  const double begun = soak->played;
  double quarter = NAN;
  float late = 0.0F;
  struct minihost *const host = new_host(soak, DAY_RATE, 256, MINIHOST_WORKER_SYNC);
  start(soak, host);
  while (soak->played - begun < wanted) {
    const double from = soak->played - begun;
    scene(soak, host);
    const float so_far = minihost_get(host, "late");
    if (so_far > late) {
      fprintf(stderr, "soak: %g notes late in scene %u, from %.1f to %.1f s\n", (double)(so_far - late), soak->scenes,
              from, soak->played - begun);
      late = so_far;
    }
    const double share = (soak->played - begun) / wanted;
    if (share >= 0.25 && isnan(quarter)) {
      quarter = resident();
    }
    progress(soak, "one instance", share);
  }
  soak->growth = resident() - quarter;
  if (!(soak->growth <= GROWTH_MOST)) {
    fail(soak, "memory grew by %.1f MiB in the one instance", soak->growth / MEBIBYTE);
  }
  finish(soak, host, true);
}

// Many instances

/// Let `count` hosts play together for `seconds`, block by block.
static void
play_together(struct soak *const soak, struct minihost *const *const hosts, const unsigned count, const double seconds)
{
  for (double at = 0.0; at < seconds; at += 0.05) {
    for (unsigned i = 0; i < count; ++i) {
      run(soak, hosts[i], 0.05);
    }
  }
}

static void
many_instances(struct soak *const soak)
{
  static struct minihost *hosts[INSTANCES];
  const double rounds = fmin(fmax(2.0, 4.0 * soak->hours), 12.0);
  for (unsigned i = 0; i < INSTANCES; ++i) {
    hosts[i] = new_host(soak, 48000.0, 64, MINIHOST_WORKER_SYNC);
    minihost_set(hosts[i], "seed", (float)i);
  }
  play_together(soak, hosts, INSTANCES, 2.0);
  for (unsigned round = 0; round < (unsigned)rounds; ++round) {
    for (unsigned i = 0; i < INSTANCES; ++i) {
      minihost_locate(hosts[i], 8 * (int64_t)round, 0.0);
    }
    play_together(soak, hosts, INSTANCES, 2.0);
    for (unsigned i = 0; i < INSTANCES; ++i) {
      minihost_play(hosts[i]);
    }
    play_together(soak, hosts, INSTANCES, 8.0);
    for (unsigned i = 0; i < INSTANCES; ++i) {
      stop(soak, hosts[i]);
    }
    progress(soak, "64 instances", (round + 1.0) / rounds);
  }
  for (unsigned i = 0; i < INSTANCES; ++i) {
    finish(soak, hosts[i], true);
  }
}

/// Other weights come at any time, from threads; what is due then may be late, but nothing may hang.
static void
swapped_weights(struct soak *const soak)
{
  struct minihost *hosts[SWAPPED];
  const double rounds = fmin(fmax(20.0, 100.0 * soak->hours), 1000.0);
  for (unsigned i = 0; i < SWAPPED; ++i) {
    hosts[i] = new_host(soak, 48000.0, 128, MINIHOST_WORKER_THREAD);
    start(soak, hosts[i]);
  }
  for (unsigned round = 0; round < (unsigned)rounds; ++round) {
    for (unsigned i = 0; i < SWAPPED; ++i) {
      if (chance(soak, 60)) {
        change_weights(soak, hosts[i]);
      }
    }
    play_together(soak, hosts, SWAPPED, between(soak, 0.05, 1.0));
    progress(soak, "8 instances, other weights", (round + 1.0) / rounds);
  }
  for (unsigned i = 0; i < SWAPPED; ++i) {
    finish(soak, hosts[i], false);
  }
}

// The ends of all scales

/// A short song at the ends of what hosts can ask for.
static void
extreme(struct soak *const soak, const double rate, const double bpm, const int beats, const int unit)
{
  const uint32_t block = chance(soak, 20) ? 1 + below(soak, 16) : 1 + below(soak, 8192);
  struct minihost *const host = new_host(soak, rate, block, MINIHOST_WORKER_SYNC);
  const bool is_sane =
      bpm >= 30.0 && bpm <= 300.0 && unit >= 2 && unit <= 16 && beats > 1 && block <= 2048 && rate >= 22050.0;
  minihost_tempo(host, bpm);
  minihost_metre(host, beats, unit);
  start(soak, host);
  run(soak, host, between(soak, 2.0, 10.0));
  stop(soak, host);
  minihost_locate(host, below(soak, 30), 0.0);
  start(soak, host);
  run(soak, host, between(soak, 1.0, 5.0));
  finish(soak, host, is_sane);
}

static void
extremes(struct soak *const soak)
{
  static const double rates[] = {8000,  11025, 16000,  22050,  32000,  44100, 48000,
                                 88200, 96000, 176400, 192000, 352800, 384000};
  static const double tempos[] = {1, 5, 30, 60, 120, 300, 600, 999};
  static const int metres[][2] = {{1, 1}, {1, 2}, {1, 4}, {1, 32}, {32, 32}, {32, 1}, {4, 4}, {7, 8}, {13, 16}, {2, 2}};
  enum { RATES = 13, TEMPOS = 8, METRES = 10, ALL = RATES * TEMPOS * METRES };
  const unsigned step = soak->hours >= 12.0 ? 1 : soak->hours >= 1.0 ? 7 : 37; // Prime to all of them
  for (unsigned i = below(soak, step); i < ALL; i += step) {
    const unsigned metre = i / (RATES * TEMPOS);
    extreme(soak, rates[i % RATES], tempos[i / RATES % TEMPOS], metres[metre][0], metres[metre][1]);
    progress(soak, "every rate, tempo and metre", (double)i / ALL);
  }
  progress(soak, "every rate, tempo and metre", 1.0);
}

static void
single_frames(struct soak *const soak)
{
  const double seconds = fmin(fmax(5.0, 10.0 * soak->hours), 120.0);
  struct minihost *const host = new_host(soak, 48000.0, 1, MINIHOST_WORKER_SYNC);
  start(soak, host);
  for (double at = 0.0; at < seconds; at += 1.0) {
    run(soak, host, 1.0);
    progress(soak, "blocks of one frame", (at + 1.0) / seconds);
  }
  finish(soak, host, true);
}

/// Weights to change to: the bundle's own and random ones.
static void
prepare(struct soak *const soak)
{
  snprintf(soak->files[0], FIXTURE_PATH, "%s", soak->fixture->weights);
  snprintf(soak->files[1], FIXTURE_PATH, "%s", soak->fixture->other);
  fixture_path(soak->fixture, "third.safetensors", 0, soak->files[2]);
  if (fixture_random_weights(soak->files[2], 3) != 0) {
    fprintf(stderr, "soak: no weights can be made\n");
    exit(EXIT_FAILURE);
  }
}

/// Play all parts, or the one of that name. Memory has to be, after each, what it was after the first instance.
static void
play_parts(struct soak *const soak, const char *const only)
{
  static const struct {
    const char *name;
    void (*play)(struct soak *soak);
  } parts[] = {{"frames", single_frames},
               {"extremes", extremes},
               {"many", many_instances},
               {"weights", swapped_weights},
               {"hours", one_instance}};
  finish(soak, new_host(soak, 48000.0, 256, MINIHOST_WORKER_SYNC), true); // What a first instance leaves for all
  const double before = resident();
  for (size_t i = 0; i < sizeof parts / sizeof parts[0]; ++i) {
    if (!only[0] || !strcmp(only, parts[i].name)) {
      parts[i].play(soak);
      soak->kept = fmax(soak->kept, resident() - before);
    }
  }
  if (soak->kept > GROWTH_MOST) {
    fail(soak, "memory grew by %.1f MiB", soak->kept / MEBIBYTE);
  }
}

static void
tell(const struct soak *const soak)
{
  printf("%.1f hours simulated: %u scenes, %zu notes, %u changes of weights, %u states; %u notes late, %u hanging, "
         "memory %+.1f MiB "
         "from the first quarter of the day to its end, %+.1f MiB over all; %u starts waited for longer than %g s, %g "
         "s at "
         "most; %u failures\n",
         soak->played / 3600.0, soak->scenes, soak->notes, soak->swaps, soak->saves, soak->late, soak->hanging,
         soak->growth / MEBIBYTE, soak->kept / MEBIBYTE, soak->long_waits, MOMENT, soak->longest_wait, soak->failures);
}

int
main(const int count, char **const arguments)
{
  static struct soak soak = {.hours = 1.0};
  uint32_t seed = 1;
  const char *part = "";
  void *state = NULL;
  for (int i = 1; i + 1 < count; ++i) {
    if (!strcmp(arguments[i], "--hours")) {
      soak.hours = strtod(arguments[i + 1], NULL);
    } else if (!strcmp(arguments[i], "--seed")) {
      seed = (uint32_t)strtoul(arguments[i + 1], NULL, 10);
    } else if (!strcmp(arguments[i], "--part")) {
      part = arguments[i + 1];
    }
  }
  if (!(soak.hours > 0.0) || fixture_setup(&state) != 0) {
    fprintf(stderr, "usage: soak [--hours HOURS] [--seed N] [--part PART]\n");
    return EXIT_FAILURE;
  }
  mallopt(M_MMAP_THRESHOLD, 1 << 17); // Large things go back to the system at once, and fragment nothing
  soak.fixture = state;
  soak.key = random_key(20261, seed);
  prepare(&soak);
  play_parts(&soak, part);
  tell(&soak);
  fixture_teardown(&state);
  return soak.failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
