// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Rendering takes the plugin through a song, and what it plays is what is heard and written down. The plugin here is the one
// in generator.lv2, whose music is known beforehand; GENERATOR_BUNDLE is where it was built.

#include "render.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct render_settings
settings_of(const char *const preset)
{
  return (struct render_settings){
      .preset = preset,
      .bundle = GENERATOR_BUNDLE,
      .bars = 2,
      .bpm = 90.0,
      .metre = {3, 4},
      .rate = 44100,
  };
}

static void
render_well(const struct render_settings *const settings, struct render_result *const result)
{
  struct error error = {STATUS_SUCCESS, ""};
  assert_int_equal(render(settings, NULL, NULL, result, &error), STATUS_SUCCESS);
  assert_string_equal(error.text, "");
}

// Assert that the score is one note per beat, from pitch `lowest` up in every bar
static void
assert_beats(const struct midi_file *const file,
             const unsigned beats,
             const unsigned beat_ticks,
             const int lowest,
             const unsigned beats_per_bar)
{
  assert_int_equal(file->note_count, beats);
  for (unsigned i = 0; i < beats; ++i) {
    const struct midi_note *const note = &file->notes[i];
    assert_int_equal(note->onset, i * beat_ticks);
    assert_in_range(note->duration, beat_ticks / 2 - 1, beat_ticks / 2 + 1);
    assert_int_equal(note->pitch, lowest + (int)(i % beats_per_bar));
  }
}

static void
every_beat_of_every_bar_is_played_on_time(void **const state)
{
  (void)state;
  struct render_result result;
  struct render_settings settings = settings_of("Zero");
  settings.bars = 50;
  render_well(&settings, &result);
  assert_beats(&result.score.file, 150, SCORE_DIVISION, 60, 3);
  assert_true(result.seconds == 100.0);
  render_free(&result);
}

static void
beats_are_those_of_the_metre(void **const state)
{
  (void)state;
  struct render_result result;
  struct render_settings settings = settings_of("Zero");
  settings.metre = (struct metre){6, 8};
  render_well(&settings, &result);
  assert_beats(&result.score.file, 12, SCORE_DIVISION / 2, 60, 6);
  assert_true(result.seconds == 4.0); // Twice six eighths at ninety quarters a minute
  render_free(&result);
}

static void
seconds_are_filled_up_to_a_whole_bar(void **const state)
{
  (void)state;
  struct render_result result;
  struct render_settings settings = settings_of("Zero");
  settings.bars = 0;
  settings.seconds = 3.0;
  render_well(&settings, &result);
  assert_true(result.seconds == 4.0);
  render_free(&result);
  settings.seconds = 4.0;
  render_well(&settings, &result);
  assert_true(result.seconds == 4.0);
  render_free(&result);
}

static void
a_preset_sets_the_controls_and_settings_come_on_top(void **const state)
{
  (void)state;
  struct render_result result;
  struct render_settings settings = settings_of("five");
  render_well(&settings, &result);
  assert_beats(&result.score.file, 6, SCORE_DIVISION, 65, 3);
  render_free(&result);

  char seven[] = "seed=7";
  char named[] = "seed=c minor";
  char ending[] = "seed=MINOR";
  char *controls[] = {seven, named, ending};
  settings.controls = controls;
  settings.control_count = 1;
  render_well(&settings, &result);
  assert_beats(&result.score.file, 6, SCORE_DIVISION, 67, 3);
  render_free(&result);
  settings.control_count = 2;
  render_well(&settings, &result);
  assert_beats(&result.score.file, 6, SCORE_DIVISION, 63, 3);
  render_free(&result);
  settings.control_count = 3;
  render_well(&settings, &result);
  assert_beats(&result.score.file, 6, SCORE_DIVISION, 69, 3);
  render_free(&result);
}

static void
a_wrong_preset_or_control_is_an_error_that_helps(void **const state)
{
  (void)state;
  struct render_result result;
  struct error error;
  struct render_settings settings = settings_of("Salieri");
  assert_int_equal(render(&settings, NULL, NULL, &result, &error), STATUS_NOT_FOUND);
  assert_non_null(strstr(error.text, "presets are: Five, Zero"));
  render_free(&result);

  static const char *const wrong[] = {"seed=21", "sed=1",        "seed",       "=1",
                                      "seed=",   "seed=D minor", "seed=major", "seed=inor"};
  settings = settings_of("Zero");
  for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); ++i) {
    char *control = strdup(wrong[i]);
    settings.controls = &control;
    settings.control_count = 1;
    assert_int_not_equal(render(&settings, NULL, NULL, &result, &error), STATUS_SUCCESS);
    render_free(&result);
    free(control);
  }
}

// Render bars of 3/4 with `count` lines of automation, and assert that the pitches are `pitches`
static void
assert_automated(char *const *const lines, const size_t count, const uint32_t bars, const int *const pitches)
{
  struct render_result result;
  struct render_settings settings = settings_of("Zero");
  settings.automation = lines;
  settings.automation_count = count;
  settings.bars = bars;
  render_well(&settings, &result);
  assert_int_equal(result.score.file.note_count, 3 * bars);
  for (uint32_t i = 0; i < 3 * bars; ++i) {
    assert_int_equal(result.score.file.notes[i].pitch, pitches[i]);
    assert_int_equal(result.score.file.notes[i].onset, i * SCORE_DIVISION);
  }
  render_free(&result);
}

static void
automation_steps_or_goes_in_straight_lines(void **const state)
{
  (void)state;
  // Whole numbers step, at the very beat: that of a point in the middle of a block too
  char steps[] = "seed=1:0,2:5,2.6666666667:10";
  assert_automated((char *[]){steps}, 1, 3, (const int[]){60, 61, 62, 65, 66, 72, 70, 71, 72});
  char names[] = "seed=2:C minor,3:c major"; // Before the first point it is as at it
  assert_automated((char *[]){names}, 1, 3, (const int[]){63, 64, 65, 63, 64, 65, 61, 62, 63});

  // Others go in lines: two semitones per beat, then back
  char line[] = "shift=1:0,3:12,4:0";
  assert_automated((char *[]){line}, 1, 4, (const int[]){60, 63, 66, 66, 69, 72, 72, 69, 66, 60, 61, 62});

  // Several at once
  assert_automated((char *[]){line, steps}, 2, 3, (const int[]){60, 63, 66, 71, 74, 82, 82, 79, 76});
}

static void
wrong_automation_is_an_error_that_names_it(void **const state)
{
  (void)state;
  static const char *const wrong[] = {"seed",         "seed=",      "=1:2",       "seed=1",         "seed=1:",
                                      "seed=:3",      "seed=0.9:1", "seed=1:99",  "seed=1:2,",      "seed=2:1,1:2",
                                      "seed=1:1,1:2", "speed=1:1",  "seed=nan:1", "seed=1:nothing", "seed=inf:1"};
  for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); ++i) {
    struct render_result result;
    struct error error = {STATUS_SUCCESS, ""};
    struct render_settings settings = settings_of("Zero");
    char *line = strdup(wrong[i]);
    settings.automation = &line;
    settings.automation_count = 1;
    assert_int_not_equal(render(&settings, NULL, NULL, &result, &error), STATUS_SUCCESS);
    assert_true(strlen(error.text) > 10);
    render_free(&result);
    free(line);
  }
}

static void
an_instrument_that_is_none_is_an_error(void **const state)
{
  (void)state;
  struct render_result result;
  struct error error;
  struct render_settings settings = settings_of("Zero");
  settings.instrument = "http://drobilla.net/plugins/mda/Ambience"; // No instrument, or not installed
  assert_int_not_equal(render(&settings, NULL, NULL, &result, &error), STATUS_SUCCESS);
  render_free(&result);
}

static void
the_sound_is_loud_enough_stereo_and_as_long_as_the_song_and_its_tail(void **const state)
{
  (void)state;
  struct render_result result;
  const struct render_settings settings = settings_of("Zero");
  render_well(&settings, &result);
  const struct loudness loudness = recording_loudness(result.recording);
  assert_true(loudness.rms > 0.01 && loudness.peak > loudness.rms);
  assert_true(recording_frames(result.recording) == (uint64_t)(4 + RENDER_TAIL) * 44100);
  render_free(&result);
}

static void
the_same_settings_give_the_same_score_at_every_rate(void **const state)
{
  (void)state;
  static const int rates[] = {22050, 44100, 48000, 88200, 96000, 176400, 192000};
  for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); ++i) {
    struct render_result result;
    struct render_settings settings = settings_of("Zero");
    settings.rate = rates[i];
    render_well(&settings, &result);
    assert_beats(&result.score.file, 6, SCORE_DIVISION, 60, 3);
    render_free(&result);
  }
}

int
main(void)
{
  setenv("LV2_PATH", "/usr/local/lib/lv2:/usr/lib/lv2", 1); // Nothing of this user's own
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_beat_of_every_bar_is_played_on_time),
      cmocka_unit_test(beats_are_those_of_the_metre),
      cmocka_unit_test(seconds_are_filled_up_to_a_whole_bar),
      cmocka_unit_test(a_preset_sets_the_controls_and_settings_come_on_top),
      cmocka_unit_test(a_wrong_preset_or_control_is_an_error_that_helps),
      cmocka_unit_test(automation_steps_or_goes_in_straight_lines),
      cmocka_unit_test(wrong_automation_is_an_error_that_names_it),
      cmocka_unit_test(an_instrument_that_is_none_is_an_error),
      cmocka_unit_test(the_sound_is_loud_enough_stereo_and_as_long_as_the_song_and_its_tail),
      cmocka_unit_test(the_same_settings_give_the_same_score_at_every_rate),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
