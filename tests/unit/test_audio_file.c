// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What is recorded is what the sound file holds, and a file that can't be written harms nothing.

#include "audio_file.h"

#include <math.h>
#include <setjmp.h>
#include <sndfile.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { RATE = 44100, FRAMES = 3000, PATH_SIZE = 256 };

struct fixture {
  char folder[PATH_SIZE / 2];
  char path[PATH_SIZE];
  struct recording *recording;
};

static void
set_path(struct fixture *const fixture, const char *const name)
{
  snprintf(fixture->path, sizeof(fixture->path), "%s/%s", fixture->folder, name);
}

// A sine on the left, at half the loudness on the right, up to `peak`
static void
append_sine(struct recording *const recording, const float peak)
{
  static float left[FRAMES];
  static float right[FRAMES];
  for (unsigned i = 0; i < FRAMES; ++i) {
    left[i] = peak * sinf(0.1F * (float)i);
    right[i] = 0.5F * left[i];
  }
  assert_int_equal(recording_append(recording, left, right, FRAMES, NULL), STATUS_SUCCESS);
}

static int
begin(void **const state)
{
  struct fixture *const fixture = calloc(1, sizeof(*fixture));
  const char *const folder = getenv("TMPDIR");
  snprintf(fixture->folder, sizeof(fixture->folder), "%s/ritornello-XXXXXX", folder ? folder : "/tmp");
  *state = fixture;
  return mkdtemp(fixture->folder) && !recording_new(RATE, &fixture->recording, NULL) ? 0 : -1;
}

static int
end(void **const state)
{
  struct fixture *const fixture = *state;
  recording_free(fixture->recording);
  unlink(fixture->path);
  const int status = rmdir(fixture->folder); // Fails if anything else was left there
  free(fixture);
  return status;
}

static void
a_wav_file_holds_the_samples(void **const state)
{
  struct fixture *const fixture = *state;
  set_path(fixture, "a.wav");
  append_sine(fixture->recording, 0.8F);
  assert_int_equal(recording_write(fixture->recording, fixture->path, 0.5, NULL), STATUS_SUCCESS);

  SF_INFO info = {0};
  SNDFILE *const sound = sf_open(fixture->path, SFM_READ, &info);
  assert_non_null(sound);
  assert_int_equal(info.channels, 2);
  assert_int_equal(info.samplerate, RATE);
  assert_int_equal(info.frames, FRAMES);
  static float samples[2 * FRAMES];
  assert_int_equal(sf_readf_float(sound, samples, FRAMES), FRAMES);
  sf_close(sound);
  for (unsigned i = 0; i < FRAMES; ++i) {
    assert_true(fabsf(samples[2 * i] - 0.4F * sinf(0.1F * (float)i)) < 1e-4F);
    assert_true(fabsf(samples[2 * i + 1] - 0.2F * sinf(0.1F * (float)i)) < 1e-4F);
  }
}

static void
flac_and_ogg_files_are_as_long_as_the_recording(void **const state)
{
  struct fixture *const fixture = *state;
  append_sine(fixture->recording, 0.8F);
  static const char *const names[] = {"a.flac", "a.ogg"};
  for (unsigned i = 0; i < 2; ++i) {
    set_path(fixture, names[i]);
    assert_int_equal(recording_write(fixture->recording, fixture->path, 1.0, NULL), STATUS_SUCCESS);
    SF_INFO info = {0};
    SNDFILE *const sound = sf_open(fixture->path, SFM_READ, &info);
    assert_non_null(sound);
    assert_int_equal(info.frames, FRAMES);
    sf_close(sound);
    unlink(fixture->path);
  }
}

static void
loudness_is_that_of_both_channels(void **const state)
{
  struct fixture *const fixture = *state;
  const float left[2] = {0.5F, -0.5F};
  const float right[2] = {-1.5F, 0.5F};
  assert_int_equal(recording_append(fixture->recording, left, right, 2, NULL), STATUS_SUCCESS);
  const struct loudness loudness = recording_loudness(fixture->recording);
  assert_true(loudness.peak == 1.5);
  assert_true(fabs(loudness.rms - sqrt(3.0 * 0.25 / 4.0 + 2.25 / 4.0)) < 1e-12);
}

static void
samples_that_are_no_numbers_are_an_error(void **const state)
{
  struct fixture *const fixture = *state;
  static const float wrong[] = {NAN, INFINITY, -INFINITY};
  static const float right[] = {0.25F, 0.25F};
  for (unsigned i = 0; i < 3; ++i) {
    const float samples[] = {0.5F, wrong[i]};
    assert_int_equal(recording_append(fixture->recording, samples, right, 2, NULL), STATUS_BAD_VALUE);
    assert_int_equal(recording_append(fixture->recording, right, samples, 2, NULL), STATUS_BAD_VALUE);
  }
}

static void
a_name_of_no_known_format_is_refused(void **const state)
{
  struct fixture *const fixture = *state;
  struct error error;
  set_path(fixture, "a.mp3");
  assert_int_equal(recording_write(fixture->recording, fixture->path, 1.0, &error), STATUS_BAD_VALUE);
  assert_non_null(strstr(error.text, ".flac"));
  assert_int_equal(access(fixture->path, F_OK), -1);
}

static void
a_file_that_can_not_be_written_is_an_error_and_leaves_nothing(void **const state)
{
  struct fixture *const fixture = *state;
  struct error error;
  set_path(fixture, "missing/a.wav");
  append_sine(fixture->recording, 0.8F);
  assert_int_equal(recording_write(fixture->recording, fixture->path, 1.0, &error), STATUS_IO);
  assert_non_null(strstr(error.text, fixture->path));
}

static void
a_folder_in_the_way_stays_and_no_part_of_a_file_is_left(void **const state)
{
  struct fixture *const fixture = *state;
  set_path(fixture, "a.wav");
  assert_int_equal(mkdir(fixture->path, 0700), 0);
  append_sine(fixture->recording, 0.8F);
  assert_int_equal(recording_write(fixture->recording, fixture->path, 1.0, NULL), STATUS_IO);
  assert_int_equal(rmdir(fixture->path), 0);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_wav_file_holds_the_samples, begin, end),
      cmocka_unit_test_setup_teardown(flac_and_ogg_files_are_as_long_as_the_recording, begin, end),
      cmocka_unit_test_setup_teardown(loudness_is_that_of_both_channels, begin, end),
      cmocka_unit_test_setup_teardown(samples_that_are_no_numbers_are_an_error, begin, end),
      cmocka_unit_test_setup_teardown(a_name_of_no_known_format_is_refused, begin, end),
      cmocka_unit_test_setup_teardown(a_file_that_can_not_be_written_is_an_error_and_leaves_nothing, begin, end),
      cmocka_unit_test_setup_teardown(a_folder_in_the_way_stays_and_no_part_of_a_file_is_left, begin, end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
