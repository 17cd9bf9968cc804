// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#define _XOPEN_SOURCE 700 // nftw

#include "training_fixture.h"

#include "engine/midi_file.h"
#include "engine/safetensors.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { NOTES = 240, PATH_SIZE = 512, SECONDS_COLUMN = 3 };

static char folder[PATH_SIZE];
static volatile sig_atomic_t never;

const char *
fixture_path(const char *const name)
{
  static char paths[16][2 * PATH_SIZE];
  static int next;
  char *const path = paths[next++ % 16];
  snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
  return path;
}

// A broken chord up and down, in a key and with a limp of its own, that a network learns quickly
void
fixture_write_piece(const char *const name, const int index)
{
  static const int pattern[8] = {0, 4, 7, 12, 16, 12, 7, 4};
  struct midi_note notes[NOTES];
  for (int i = 0; i < NOTES; ++i) {
    notes[i] = (struct midi_note){
        .onset = (uint32_t)(i * 240 + i % (2 + index) * 60),
        .duration = 180,
        .pitch = (uint8_t)(55 + index + pattern[i % 8]),
        .velocity = (uint8_t)(40 + 8 * (i % 8)),
    };
  }
  const struct midi_file file = {.format = 1, .division = 480, .tracks = 1, .notes = notes, .note_count = NOTES};
  assert_int_equal(midi_file_write(fixture_path(name), &file, NULL), STATUS_SUCCESS);
}

int
fixture_setup(void **const state)
{
  (void)state;
  const char *const base = getenv("TMPDIR");
  snprintf(folder, sizeof(folder), "%s/ritornello-training-XXXXXX", base ? base : "/tmp");
  if (!mkdtemp(folder) || mkdir(fixture_path("music"), 0777) || mkdir(fixture_path("music/odd"), 0777) ||
      mkdir(fixture_path("music/even"), 0777)) {
    return -1;
  }
  for (int i = 0; i < FIXTURE_PIECES; ++i) {
    char name[64];
    snprintf(name, sizeof(name), "music/%s/piece%d.mid", i % 2 ? "odd" : "even", i);
    fixture_write_piece(name, i);
  }
  return 0;
}

static int
remove_entry(const char *const path, const struct stat *const status, const int type, struct FTW *const walk)
{
  (void)status;
  (void)type;
  (void)walk;
  return remove(path);
}

int
fixture_teardown(void **const state)
{
  (void)state;
  return nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

struct training_options
fixture_options(const char *const name)
{
  struct training_options o;
  training_defaults(&o);
  o.folder = fixture_path("music");
  o.output = fixture_path(name);
  o.sizes = (struct streaming_sizes){.embedding = 16,
                                     .hidden = 32,
                                     .backward = 16,
                                     .heads = 2,
                                     .key = 16,
                                     .value = 16,
                                     .dense = 32,
                                     .segment = 8,
                                     .memory = 64};
  o.epochs = 6.0;
  o.threads = 2;
  o.streams = 4;
  o.steps = 32;
  o.rate = 0.01;
  o.validation = 0.2;
  o.stop = &never;
  return o;
}

void
fixture_train(const struct training_options *const options)
{
  struct error error = {0};
  if (training_run(options, &error)) {
    fail_msg("%s", error.text);
  }
}

size_t
fixture_read(const char *const path, char **const bytes)
{
  FILE *const file = fopen(path, "rb");
  if (!file) {
    fail_msg("%s can't be read", path);
  }
  fseek(file, 0, SEEK_END);
  const size_t size = (size_t)ftell(file);
  rewind(file);
  *bytes = calloc(size + 1, 1);
  assert_int_equal(fread(*bytes, 1, size, file), size);
  fclose(file);
  return size;
}

void
fixture_assert_same_tensors(const char *const path, const char *const other)
{
  struct safetensors *files[2] = {NULL, NULL};
  assert_int_equal(safetensors_read(path, &files[0], NULL), STATUS_SUCCESS);
  assert_int_equal(safetensors_read(other, &files[1], NULL), STATUS_SUCCESS);
  assert_int_equal(safetensors_count(files[0]), safetensors_count(files[1]));
  for (size_t i = 0; i < safetensors_count(files[0]); ++i) {
    const struct tensor *const a = safetensors_tensor(files[0], i);
    const struct tensor *const b = safetensors_find(files[1], a->name);
    assert_non_null(b);
    assert_int_equal(a->size, b->size);
    if (memcmp(a->data, b->data, a->size)) {
      fail_msg("`%s' differs between %s and %s", a->name, path, other);
    }
  }
  safetensors_free(files[0]);
  safetensors_free(files[1]);
}

// Take the clock's column out of every line
static void
forget_seconds(char *const log)
{
  char *to = log;
  int column = 0;
  for (const char *from = log; *from; ++from) {
    column = *from == '\n' ? 0 : column + (*from == ',');
    if (column != SECONDS_COLUMN) {
      *to++ = *from;
    }
  }
  *to = '\0';
}

static void
run_path(char path[2 * PATH_SIZE], const char *const output, const char *const name)
{
  snprintf(path, 2 * PATH_SIZE, "%s.run/%s", output, name);
}

void
fixture_assert_same_training(const char *const output, const char *const other)
{
  char paths[2][2 * PATH_SIZE];
  char *logs[2];
  fixture_assert_same_tensors(output, other);
  run_path(paths[0], output, "checkpoint.safetensors");
  run_path(paths[1], other, "checkpoint.safetensors");
  fixture_assert_same_tensors(paths[0], paths[1]);
  run_path(paths[0], output, "log.csv");
  run_path(paths[1], other, "log.csv");
  for (int i = 0; i < 2; ++i) {
    fixture_read(paths[i], &logs[i]);
    forget_seconds(logs[i]);
  }
  assert_string_equal(logs[0], logs[1]);
  free(logs[0]);
  free(logs[1]);
}

void
fixture_log_column(const char *const path, const int column, double *const first, double *const last, int *const lines)
{
  char *text = NULL;
  fixture_read(path, &text);
  *lines = 0;
  for (char *line = strchr(text, '\n'); line && line[1]; line = strchr(line + 1, '\n')) {
    const char *at = line + 1;
    for (int i = 0; i < column; ++i) {
      at = strchr(at, ',') + 1;
    }
    *last = strtod(at, NULL);
    *first = *lines ? *first : *last;
    ++*lines;
  }
  free(text);
}
