// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// `ritornello render` with the real plugin: a weight file becomes notes and sound, the same every time, and a bad one is an
// error, not other music. The weights are random; RITORNELLO_BUNDLE is the plugin's bundle.

#include "random_weights.h"
#include "render.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATH_SIZE = 256 };

static const struct streaming_sizes sizes = {.embedding = 32,
                                             .hidden = 32,
                                             .heads = 2,
                                             .key = 16,
                                             .value = 16,
                                             .dense = 32,
                                             .segment = 16,
                                             .memory = 64,
                                             .styles = 2};

static int
make_path(void **const state)
{
  char *const path = calloc(1, PATH_SIZE);
  const char *const folder = getenv("TMPDIR");
  snprintf(path, PATH_SIZE, "%s/ritornello-XXXXXX.safetensors", folder ? folder : "/tmp");
  const int file = mkstemps(path, (int)strlen(".safetensors"));
  *state = path;
  return file < 0 ? -1 : close(file);
}

static int
remove_path(void **const state)
{
  unlink(*state);
  free(*state);
  return 0;
}

static struct render_settings
settings_of(const char *const path)
{
  return (struct render_settings){
      .preset = path,
      .bundle = getenv("RITORNELLO_BUNDLE"),
      .bars = 8,
      .bpm = 120.0,
      .metre = {4, 4},
      .rate = 48000,
  };
}

static bool
scores_equal(const struct score *const a, const struct score *const b)
{
  if (a->file.note_count != b->file.note_count) {
    return false;
  }
  for (size_t i = 0; i < a->file.note_count; ++i) {
    const struct midi_note *const x = &a->file.notes[i];
    const struct midi_note *const y = &b->file.notes[i];
    if (x->onset != y->onset || x->duration != y->duration || x->pitch != y->pitch || x->velocity != y->velocity) {
      return false;
    }
  }
  return true;
}

static void
a_weight_file_becomes_the_same_music_every_time(void **const state)
{
  assert_int_equal(random_weights_write(*state, &sizes, 1, 1.0F), 0);
  const struct render_settings settings = settings_of(*state);
  struct render_result first;
  struct render_result second;
  struct error error = {STATUS_SUCCESS, ""};
  assert_int_equal(render(&settings, NULL, NULL, &first, &error), STATUS_SUCCESS);
  assert_int_equal(render(&settings, NULL, NULL, &second, &error), STATUS_SUCCESS);

  assert_true(first.score.file.note_count > 4);
  assert_true(scores_equal(&first.score, &second.score));
  assert_true(recording_loudness(first.recording).rms > 0.0);
  render_free(&first);
  render_free(&second);
}

static void
another_seed_is_other_music(void **const state)
{
  assert_int_equal(random_weights_write(*state, &sizes, 1, 1.0F), 0);
  struct render_settings settings = settings_of(*state);
  struct render_result results[2];
  for (unsigned i = 0; i < 2; ++i) {
    char text[] = "seed=1";
    char *control = text;
    text[5] = (char)('1' + i);
    settings.controls = &control;
    settings.control_count = 1;
    assert_int_equal(render(&settings, NULL, NULL, &results[i], NULL), STATUS_SUCCESS);
  }
  assert_false(scores_equal(&results[0].score, &results[1].score));
  render_free(&results[0]);
  render_free(&results[1]);
}

static void
a_bad_weight_file_is_an_error_that_names_it(void **const state)
{
  FILE *const file = fopen(*state, "w");
  assert_non_null(file);
  fputs("no weights", file);
  fclose(file);
  const struct render_settings settings = settings_of(*state);
  struct render_result result;
  struct error error = {STATUS_SUCCESS, ""};
  assert_int_not_equal(render(&settings, NULL, NULL, &result, &error), STATUS_SUCCESS);
  assert_non_null(strstr(error.text, ".safetensors"));
  render_free(&result);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_weight_file_becomes_the_same_music_every_time, make_path, remove_path),
      cmocka_unit_test_setup_teardown(another_seed_is_other_music, make_path, remove_path),
      cmocka_unit_test_setup_teardown(a_bad_weight_file_is_an_error_that_names_it, make_path, remove_path),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
