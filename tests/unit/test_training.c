// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A training from MIDI files to a weight file that the plugin's engine loads: it learns, repeats to the bit, stops when asked,
// goes on from its checkpoint, and says in one sentence what is wrong.

#define _XOPEN_SOURCE 700 // nftw

#include "training.h"

#include "engine/midi_file.h"
#include "engine/weights.h"

#include <ftw.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { PIECES = 6, NOTES = 240, PATH_SIZE = 512 };

static char folder[PATH_SIZE];
static volatile sig_atomic_t stop;

static const char *
path_of(const char *const name)
{
  static char paths[4][2 * PATH_SIZE];
  static int next;
  char *const path = paths[next++ % 4];
  snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
  return path;
}

// A broken chord up and down, in a key of its own, that a network learns quickly
static void
write_piece(const int index)
{
  static const int pattern[8] = {0, 4, 7, 12, 16, 12, 7, 4};
  struct midi_note notes[NOTES];
  char name[64];
  for (int i = 0; i < NOTES; ++i) {
    notes[i] = (struct midi_note){
        .onset = (uint32_t)i * 240,
        .duration = 240,
        .pitch = (uint8_t)(55 + index + pattern[i % 8]),
        .velocity = (uint8_t)(40 + 8 * (i % 8)),
    };
  }
  const struct midi_file file = {.format = 1, .division = 480, .tracks = 1, .notes = notes, .note_count = NOTES};
  snprintf(name, sizeof(name), "music/%s/piece%d.mid", index % 2 ? "odd" : "even", index);
  assert_int_equal(midi_file_write(path_of(name), &file, NULL), STATUS_SUCCESS);
}

static int
make_folder(void **const state)
{
  (void)state;
  const char *const base = getenv("TMPDIR");
  snprintf(folder, sizeof(folder), "%s/ritornello-training-XXXXXX", base ? base : "/tmp");
  if (!mkdtemp(folder) || mkdir(path_of("music"), 0777) || mkdir(path_of("music/odd"), 0777) ||
      mkdir(path_of("music/even"), 0777)) {
    return -1;
  }
  for (int i = 0; i < PIECES; ++i) {
    write_piece(i);
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

static int
remove_folder(void **const state)
{
  (void)state;
  return nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static struct training_options
small_options(const char *const output)
{
  struct training_options o;
  training_defaults(&o);
  o.folder = path_of("music");
  o.output = output;
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
  o.stop = &stop;
  return o;
}

static void
train(const struct training_options *const o)
{
  struct error error = {0};
  if (training_run(o, &error)) {
    fail_msg("%s", error.text);
  }
}

static size_t
read_file(const char *const path, char **const bytes)
{
  FILE *const file = fopen(path, "rb");
  assert_non_null(file);
  fseek(file, 0, SEEK_END);
  const size_t size = (size_t)ftell(file);
  rewind(file);
  *bytes = calloc(size + 1, 1);
  assert_int_equal(fread(*bytes, 1, size, file), size);
  fclose(file);
  return size;
}

// A column of the log, by its number, in its first and last line
static void
log_column(const char *const path, const int column, double *const first, double *const last, int *const lines)
{
  char *text = NULL;
  read_file(path, &text);
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

static void
training_lowers_the_held_out_loss_and_makes_weights_that_load(void **const state)
{
  (void)state;
  const struct training_options o = small_options(path_of("learned.safetensors"));
  train(&o);
  double first = 0.0;
  double last = 0.0;
  int lines = 0;
  log_column(path_of("learned.safetensors.run/log.csv"), 11, &first, &last, &lines);
  assert_int_equal(lines, 6);
  assert_true(last < first - 1.0);

  struct weights *weights = NULL;
  struct error error;
  if (weights_load(o.output, &weights, &error)) {
    fail_msg("%s", error.text);
  }
  assert_int_equal(weights->style_count, 2);
  assert_string_equal(weights->styles[0], "even");
  weights_free(weights);
}

static void
training_repeats_to_the_bit(void **const state)
{
  (void)state;
  char *bytes[2];
  size_t sizes[2];
  for (int i = 0; i < 2; ++i) {
    struct training_options o = small_options(path_of(i ? "b.safetensors" : "a.safetensors"));
    o.epochs = 2.0;
    train(&o);
    sizes[i] =
        read_file(path_of(i ? "b.safetensors.run/checkpoint.safetensors" : "a.safetensors.run/checkpoint.safetensors"),
                  &bytes[i]);
  }
  // All but the clock in the header: the tensors stand at the end
  const size_t tail = sizes[0] - 4096;
  assert_int_equal(sizes[0], sizes[1]);
  assert_memory_equal(bytes[0] + 4096, bytes[1] + 4096, tail);
  free(bytes[0]);
  free(bytes[1]);
}

static void
asking_to_stop_keeps_everything_and_resuming_goes_on(void **const state)
{
  (void)state;
  struct training_options o = small_options(path_of("stopped.safetensors"));
  double first = 0.0;
  double last = 0.0;
  int lines = 0;
  stop = 1;
  train(&o);
  stop = 0;
  assert_int_equal(access(o.output, R_OK), 0);
  log_column(path_of("stopped.safetensors.run/log.csv"), 0, &first, &last, &lines);
  assert_int_equal(lines, 1);

  o.resume = true;
  o.epochs = 2.0;
  train(&o);
  log_column(path_of("stopped.safetensors.run/log.csv"), 0, &first, &last, &lines);
  assert_int_equal(lines, 3);
  assert_true(fabs(last - 3.0) < 0.5);
}

static void
resuming_with_other_music_or_another_network_is_refused(void **const state)
{
  (void)state;
  struct error error = {0};
  struct training_options o = small_options(path_of("refused.safetensors"));
  o.epochs = 1.0;
  train(&o);
  o.resume = true;
  o.sizes.hidden = 48;
  assert_int_equal(training_run(&o, &error), STATUS_BAD_FORMAT);
  assert_non_null(strstr(error.text, "refused.safetensors.run"));
  o.sizes.hidden = 32;
  o.folder = path_of("music/odd");
  assert_int_not_equal(training_run(&o, &error), STATUS_SUCCESS);
}

static void
an_empty_folder_is_said(void **const state)
{
  (void)state;
  struct error error = {0};
  struct training_options o = small_options(path_of("none.safetensors"));
  assert_int_equal(mkdir(path_of("empty"), 0777), 0);
  o.folder = path_of("empty");
  assert_int_not_equal(training_run(&o, &error), STATUS_SUCCESS);
  assert_non_null(strstr(error.text, "empty"));
  assert_int_not_equal(access(o.output, F_OK), 0);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(training_lowers_the_held_out_loss_and_makes_weights_that_load),
      cmocka_unit_test(training_repeats_to_the_bit),
      cmocka_unit_test(asking_to_stop_keeps_everything_and_resuming_goes_on),
      cmocka_unit_test(resuming_with_other_music_or_another_network_is_refused),
      cmocka_unit_test(an_empty_folder_is_said),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
