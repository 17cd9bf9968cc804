// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// How fast the plugin composes: with the default network, and with `article` of 512 units over 100 tokens of a sixteenth.
//
//   bench_inference [--json] [--bundle DIR] [--seconds N] [--most N]
//   bench_inference --dump FILE
//
// The second writes 1,200 steps of the default network to FILE for inference_vs_peers.py, and prints the median microseconds
// of an event.
//
// An event (a note; of `article`, a token) is measured by itself, with the memory full, against what reading its weights
// takes in the same run from the same cache (limit_us, ratio_to_limit), and, which is more, its weights and what attention
// remembers (limit_with_memory_us, ratio_to_limit_with_memory). Then the built plugin is run in blocks of 64 frames at 48 kHz and
// 120 beats per minute: it stands for two seconds, then rolls, and with the default network it is sent into empty land every few
// seconds (`article` needs longer for a token than a note may be late). What counts is the processor's time, not that of the
// clock on the wall; and as interrupts and neighbours take of the former too, all is done several times, which is the same work
// step for step and block for block, and for each the shortest time counts. Instances are as many as play without a late note
// while each block of all of them together takes no longer than it lasts; they are tried up to --most. What is done meanwhile
// is said on stderr.

#include "engine/weights.h"
#include "reading.h"
#include "rig.h"
#include "sixteenths.h"
#include "stepping.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
  PATH = 1024,
  PASSES = 3,

  STAND_SECONDS = 2,
  LOCATE_SECONDS = 4,
  BAR_STEP = 1000,
  FIRST_INSTANCES = 30
};
enum { DUMP_STEPS = 1200, MEASURED_STEPS = 8000 };

static const char *const USAGE =
    "usage: bench_inference [--json] [--bundle DIR] [--seconds N] [--most N] [--dump FILE]\n"
    "  --json         print an array with an object per network\n"
    "  --bundle DIR   the plugin to measure, with the weights in it\n"
    "  --seconds N    of audio that one instance plays (16)\n"
    "  --most N       instances to try at once (60)\n"
    "  --dump FILE    write steps of the default network instead, for inference_vs_peers.py\n"
    "\n"
    "limit_us is what reading the weights of an event takes (bytes_per_event), and ratio_to_limit how many times that "
    "an event\n"
    "takes. limit_with_memory_us counts what attention remembers too (memory_bytes_per_event), which an event has to "
    "read as\n"
    "well. Shares and loads are of one core, from 0 to 1. Takes about a minute and a half; progress is on stderr.\n";

static const double PERIOD = (double)RIG_BLOCK / RIG_RATE;

struct bench {
  const char *bundle;
  double seconds; // Of audio per session
  uint32_t most;  // Instances
  bool json;
  const char *dump;
};

// A network to be measured.
struct subject {
  const char *name;
  const char *folder; // With the weights
  uint32_t steps;
  uint32_t instances; // To try first
  bool is_sent;       // Into empty land
};

// What a session of the plugin takes.
struct session {
  double worst; // Of all blocks, as a share of its period
  double mean;
  uint32_t late;
  uint64_t notes;
};

static void
stop_if(const bool failed, const char *const what)
{
  if (failed) {
    fprintf(stderr, "bench_inference: %s\n", what);
    exit(1);
  }
}

// Send all instances to where they are to be at the beginning of `block`.
static void
locate(struct rig *const rig, const struct subject *const subject, const uint32_t block)
{
  const uint32_t blocks_between = LOCATE_SECONDS * RIG_RATE / RIG_BLOCK;
  const uint32_t blocks_standing = STAND_SECONDS * RIG_RATE / RIG_BLOCK;
  if (block == 0 || block == blocks_standing) {
    rig_locate(rig, 0, block > 0);
  } else if (subject->is_sent && block % blocks_between == 0) {
    rig_locate(rig, (int64_t)(block / blocks_between) * BAR_STEP, true);
  }
}

// Play a session with `count` instances; shortest[block] becomes no longer than it takes.
static void
pass_play(const struct bench *const bench,
          const struct subject *const subject,
          const uint32_t count,
          const uint32_t blocks,
          double *const shortest,
          struct session *const session)
{
  char module[PATH];
  snprintf(module, sizeof(module), "%s/ritornello.so", bench->bundle);
  struct rig *const rig = rig_new(module, subject->folder, count);
  stop_if(!rig, "the plugin can't be run");
  for (uint32_t i = 0; i < blocks; ++i) {
    locate(rig, subject, i);
    const double seconds = rig_run(rig);
    shortest[i] = seconds < shortest[i] ? seconds : shortest[i];
  }
  session->late = rig_late(rig) > session->late ? rig_late(rig) : session->late;
  session->notes = rig_notes(rig);
  rig_free(rig);
}

static struct session
session_play(const struct bench *const bench,
             const struct subject *const subject,
             const uint32_t count,
             const double length)
{
  const uint32_t blocks = (uint32_t)(length * RIG_RATE / RIG_BLOCK);
  double *const shortest = malloc(blocks * sizeof(*shortest));
  stop_if(!shortest, "no memory");
  for (uint32_t i = 0; i < blocks; ++i) {
    shortest[i] = 1e9;
  }
  struct session session = {0};
  for (unsigned pass = 0; pass < PASSES; ++pass) {
    pass_play(bench, subject, count, blocks, shortest, &session);
  }
  for (uint32_t i = 0; i < blocks; ++i) {
    session.mean += shortest[i] / PERIOD / blocks;
    session.worst = shortest[i] / PERIOD > session.worst ? shortest[i] / PERIOD : session.worst;
  }
  free(shortest);
  return session;
}

static bool
is_good(const struct session *const session)
{
  return session->late == 0 && session->worst < 1.0 && session->notes > 0;
}

// Find how many instances one core carries: double their number as long as that is good, then halve the distance.
static uint32_t
instances_find(const struct bench *const bench, const struct subject *const subject)
{
  const double length = 2.0 * LOCATE_SECONDS;
  uint32_t good = 0;
  uint32_t bad = bench->most + 1;
  for (uint32_t count = subject->instances; good + 1 < bad && count <= bench->most;) {
    const struct session session = session_play(bench, subject, count, length);
    fprintf(stderr, "%s: %u instances: worst block %.0f %%, mean %.1f %%, %u late\n", subject->name, count,
            100.0 * session.worst, 100.0 * session.mean, session.late);
    if (is_good(&session)) {
      good = count;
    } else {
      bad = count;
    }
    if (bad - good <= (good > 4 ? good / 4 : 1)) {
      break; // Near enough
    }
    count = bad > bench->most ? (2 * good > bench->most ? bench->most : 2 * good) : (good + bad) / 2;
  }
  return good;
}

static json_t *
network_measure(const struct bench *const bench, const struct subject *const subject)
{
  char path[PATH];
  struct weights *weights = NULL;
  struct error error;
  struct stepping stepping;
  snprintf(path, sizeof(path), "%s/ritornello.safetensors", subject->folder);
  const double begin = reading_clock();
  const bool is_loaded = weights_load(path, &weights, &error) == STATUS_SUCCESS;
  const double load = reading_clock() - begin;
  stop_if(!is_loaded, is_loaded ? "" : error.text);
  fprintf(stderr, "%s: %u steps\n", subject->name, subject->steps);
  stop_if(stepping_measure(weights, subject->steps, &stepping), "no memory");
  weights_free(weights);
  fprintf(stderr, "%s: %.1f us per step, %.1f us for reading its weights; now one instance for %.0f seconds of audio\n",
          subject->name, stepping.us_median, stepping.limit_us, bench->seconds);
  const struct session session = session_play(bench, subject, 1, bench->seconds);
  const uint32_t instances = instances_find(bench, subject);
  return json_pack(
      "{s:s, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:i, s:f, s:f, s:i, s:i}", "network", subject->name,
      "us_per_event_median", stepping.us_median, "us_per_event_p999", stepping.us_p999, "bytes_per_event",
      stepping.bytes, "limit_us", stepping.limit_us, "ratio_to_limit", stepping.us_median / stepping.limit_us,
      "memory_bytes_per_event", stepping.bytes_memory, "limit_with_memory_us", stepping.limit_all_us,
      "ratio_to_limit_with_memory", stepping.us_median / stepping.limit_all_us, "worst_block_share", session.worst,
      "mean_load_120bpm", session.mean, "instances_per_core", (int)instances, "ns_per_thousand_operations",
      stepping.ns_per_thousand, "load_ms", 1000.0 * load, "late_notes", (int)session.late, "notes", (int)session.notes);
}

static void
network_print(const json_t *const object)
{
  const char *key = NULL;
  const json_t *value = NULL;
  json_object_foreach((json_t *)(uintptr_t)object, key, value)
  {
    if (json_is_string(value)) {
      printf("%s\n", json_string_value(value));
    } else {
      printf("  %-28s %.6g\n", key, json_number_value(value));
    }
  }
}

static void
arguments_read(struct bench *const bench, const int count, char **const arguments)
{
  for (int i = 1; i < count; ++i) {
    const bool has_value = i + 1 < count;
    if (!strcmp(arguments[i], "--json")) {
      bench->json = true;
    } else if (!strcmp(arguments[i], "--bundle") && has_value) {
      bench->bundle = arguments[++i];
    } else if (!strcmp(arguments[i], "--seconds") && has_value) {
      bench->seconds = strtod(arguments[++i], NULL);
    } else if (!strcmp(arguments[i], "--most") && has_value) {
      bench->most = (uint32_t)strtoul(arguments[++i], NULL, 10);
    } else if (!strcmp(arguments[i], "--dump") && has_value) {
      bench->dump = arguments[++i];
    } else if (!strcmp(arguments[i], "--help")) {
      printf("%s", USAGE);
      exit(0);
    } else {
      fprintf(stderr, "%s", USAGE);
      exit(2);
    }
  }
}

// Write steps of the default network, and print how long one takes.
static void
steps_dump(const struct bench *const bench)
{
  char path[PATH];
  struct weights *weights = NULL;
  struct error error = {.text = ""};
  struct stepping stepping;
  snprintf(path, sizeof(path), "%s/ritornello.safetensors", bench->bundle);
  stop_if(weights_load(path, &weights, &error) != STATUS_SUCCESS, error.text);
  FILE *const file = fopen(bench->dump, "w");
  stop_if(!file, "the file can't be written");
  stepping_dump(weights, DUMP_STEPS, file);
  stop_if(fclose(file) != 0, "the file can't be written");
  stop_if(stepping_measure(weights, MEASURED_STEPS, &stepping), "no memory");
  printf("%.3f\n", stepping.us_median);
  weights_free(weights);
}

int
main(const int count, char **const arguments)
{
  struct bench bench = {.bundle = BUNDLE, .seconds = 16.0, .most = 60};
  arguments_read(&bench, count, arguments);
  if (bench.dump) {
    steps_dump(&bench);
    return 0;
  }
  const char *const base = getenv("TMPDIR");
  char folder[PATH];
  char article[2 * PATH];
  snprintf(folder, sizeof(folder), "%s/ritornello-bench-XXXXXX", base ? base : "/tmp");
  stop_if(!mkdtemp(folder), "there is no place for files");
  snprintf(article, sizeof(article), "%s/ritornello.safetensors", folder);
  stop_if(sixteenths_write(article, 512), "there is no place for a weight file");

  const struct subject subjects[] = {
      {"default", bench.bundle, MEASURED_STEPS, FIRST_INSTANCES, true},
      {"article", folder, 60, 4, false},
  };
  json_t *const networks = json_array();
  json_array_append_new(networks, network_measure(&bench, &subjects[0]));
  json_array_append_new(networks, network_measure(&bench, &subjects[1]));
  unlink(article);
  rmdir(folder);
  if (bench.json) {
    json_dumpf(networks, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    printf("\n");
  } else {
    network_print(json_array_get(networks, 0));
    network_print(json_array_get(networks, 1));
  }
  json_decref(networks);
  return 0;
}
