// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What the host tests stand on.

#include "fixture.h"

#include "engine/safetensors.h"
#include "random_weights.h"

#include <ftw.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/// Frames by which an onset may miss its tick.
static const double GRID = 0.6;

enum { START_SECONDS = 4, SOUNDING_SECONDS = 30 };

static int
copy_file(const char *const from, const char *const to)
{
  FILE *const in = fopen(from, "rb");
  FILE *const out = in ? fopen(to, "wb") : NULL;
  int failed = !out;
  char bytes[65536];
  for (size_t count = 0; !failed && (count = fread(bytes, 1, sizeof bytes, in)) > 0;) {
    failed = fwrite(bytes, 1, count, out) != count;
  }
  failed = (out && fclose(out) != 0) || failed;
  if (in) {
    fclose(in);
  }
  return failed ? -1 : 0;
}

/// Make the network of the weight file at `path` lively: no advance beyond a quarter, no end of the piece. Random networks
/// would wait for many bars between two notes.
static int
make_lively(const char *const path, const struct tensor_shape *const advance_bias)
{
  static const char *const keys[] = {"format", "network", "vocabulary", "styles", "title", "licence"};
  struct metadata metadata[sizeof keys / sizeof keys[0]];
  struct tensor tensors[STREAMING_TENSORS];
  float bias[ADVANCE_CLASSES];
  struct safetensors *file = NULL;
  if (safetensors_read(path, &file, NULL) != STATUS_SUCCESS) {
    return -1;
  }
  for (size_t i = 0; i < sizeof keys / sizeof keys[0]; ++i) {
    metadata[i] = (struct metadata){keys[i], safetensors_metadata(file, keys[i])};
  }
  for (unsigned i = 0; i < ADVANCE_CLASSES; ++i) {
    bias[i] = advance_ticks(i) > TICKS_PER_QUARTER ? -30.0F : 0.0F;
  }
  const size_t count = safetensors_count(file) < STREAMING_TENSORS ? safetensors_count(file) : STREAMING_TENSORS;
  for (size_t i = 0; i < count; ++i) {
    tensors[i] = *safetensors_tensor(file, i);
    if (!strcmp(tensors[i].name, advance_bias->name)) {
      tensors[i].data = bias;
    }
  }
  const enum status status = safetensors_write(path, metadata, sizeof keys / sizeof keys[0], tensors, count, NULL);
  safetensors_free(file);
  return status == STATUS_SUCCESS ? 0 : -1;
}

int
fixture_random_weights(const char *const path, const unsigned seed)
{
  const struct streaming_sizes sizes = {.embedding = 16,
                                        .hidden = 32,
                                        .backward = 16,
                                        .heads = 2,
                                        .key = 16,
                                        .value = 16,
                                        .dense = 32,
                                        .segment = 16,
                                        .memory = 1024,
                                        .styles = 5};
  struct tensor_shape shapes[STREAMING_TENSORS];
  streaming_shapes(&sizes, shapes);
  return random_weights_write(path, &sizes, seed, 0.4F) == 0
             ? make_lively(path, &shapes[TENSOR_HEAD_BIAS + FIELD_ADVANCE])
             : -1;
}

void
fixture_path(const struct fixture *const fixture, const char *const name, const int make, char path[FIXTURE_PATH])
{
  assert_true(snprintf(path, FIXTURE_PATH, "%s/%s", fixture->folder, name) < FIXTURE_PATH);
  if (make) {
    assert_int_equal(mkdir(path, 0777), 0);
  }
}

/// Make the bundle out of the built one.
static void
make_bundle(struct fixture *const fixture)
{
  static const char *const files[] = {"ritornello.so", "manifest.ttl", "ritornello.ttl", "presets.ttl"};
  const char *const built = getenv("RITORNELLO_BUNDLE");
  assert_non_null(built);
  char from[2 * FIXTURE_PATH];
  char to[2 * FIXTURE_PATH];
  for (size_t i = 0; i < sizeof files / sizeof files[0]; ++i) {
    snprintf(from, sizeof from, "%s/%s", built, files[i]);
    snprintf(to, sizeof to, "%s/%s", fixture->bundle, files[i]);
    assert_int_equal(copy_file(from, to), 0);
  }
  snprintf(from, sizeof from, "%s/ritornello.safetensors", built);
  if (copy_file(from, fixture->weights) != 0) {
    assert_int_equal(fixture_random_weights(fixture->weights, 1), 0);
  }
}

int
fixture_fill(struct fixture *const fixture, const char *const folder)
{
  if (snprintf(fixture->folder, sizeof fixture->folder, "%s", folder) >= (int)sizeof fixture->folder) {
    return -1;
  }
  fixture_path(fixture, "ritornello.lv2", 1, fixture->bundle);
  fixture_path(fixture, "ritornello.lv2/ritornello.safetensors", 0, fixture->weights);
  fixture_path(fixture, "other.safetensors", 0, fixture->other);
  make_bundle(fixture);
  return fixture_random_weights(fixture->other, 2);
}

int
fixture_setup(void **const state)
{
  struct fixture *const fixture = calloc(1, sizeof *fixture);
  const char *const temporary = getenv("TMPDIR");
  char folder[FIXTURE_PATH];
  *state = fixture;
  snprintf(folder, sizeof folder, "%s/ritornello-XXXXXX", temporary ? temporary : "/tmp");
  return mkdtemp(folder) ? fixture_fill(fixture, folder) : -1;
}

static int
remove_entry(const char *const path, const struct stat *const information, const int type, struct FTW *const place)
{
  (void)information;
  (void)type;
  (void)place;
  return remove(path);
}

int
fixture_teardown(void **const state)
{
  struct fixture *const fixture = *state;
  nftw(fixture->folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
  free(fixture);
  return 0;
}

struct minihost *
fixture_host(const struct fixture *const fixture, const struct minihost_options *const options)
{
  struct minihost_options chosen = options ? *options : (struct minihost_options){.block = 256};
  chosen.bundle = fixture->bundle;
  struct minihost *const host = minihost_new(&chosen);
  assert_non_null(host);
  return host;
}

void
fixture_start(struct minihost *const host)
{
  minihost_run(host, (int64_t)(START_SECONDS * minihost_song(host)->rate));
  minihost_play(host);
}

void
fixture_run_until_sounding(struct minihost *const host)
{
  const int64_t most = (int64_t)(SOUNDING_SECONDS * minihost_song(host)->rate);
  for (int64_t frames = 0; frames < most && minihost_sounding(host) == 0; frames += 256) {
    minihost_run(host, 256);
  }
  assert_true(minihost_sounding(host) > 0);
}

size_t
fixture_note_count(const struct minihost *const host)
{
  size_t events = 0;
  size_t notes = 0;
  const struct minihost_event *const event = minihost_events(host, &events);
  for (size_t i = 0; i < events; ++i) {
    notes += (event[i].bytes[0] & 0xF0U) == 0x90U;
  }
  return notes;
}

int
fixture_is_slow(void)
{
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
  return 1;
#else
  return 0;
#endif
}

void
fixture_finish(struct minihost *const host)
{
  minihost_stop(host);
  minihost_run(host, 1024);
  assert_int_equal(minihost_sounding(host), 0);
  assert_int_equal(minihost_faults(host), 0);
  minihost_free(host);
}

void
fixture_assert_on_grid(const struct minihost *const host)
{
  size_t count = 0;
  const struct minihost_event *const events = minihost_events(host, &count);
  for (size_t i = 0; i < count; ++i) {
    if ((events[i].bytes[0] & 0xF0U) == 0x90U && !(fabs(events[i].off_grid) <= GRID)) {
      fail_msg("note-on at frame %lld is %g frames off tick %lld", (long long)events[i].frame, events[i].off_grid,
               (long long)events[i].tick);
    }
  }
}

void
fixture_assert_ended(const struct minihost *const host, const unsigned count)
{
  size_t events = 0;
  const struct minihost_event *const event = minihost_events(host, &events);
  assert_true(events > count);
  for (unsigned i = 0; i < count; ++i) {
    assert_int_equal(event[i].bytes[0] & 0xF0U, 0x80);
  }
  assert_int_equal(event[count].bytes[0] & 0xF0U, 0xB0);
  assert_int_equal(event[count].bytes[1], 64);
  assert_int_equal(event[count].bytes[2], 0);
}
