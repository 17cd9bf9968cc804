// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What the controls do to the music of the bundled weights, measured in direction and size. Figures are printed.

#include "engine/composer.h"
#include "engine/constraints.h"
#include "music.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

// Musical sense: with the bundled weights

static struct weights *
bundled_weights(void)
{
  struct weights *weights = NULL;
  if (weights_load(BUNDLED_WEIGHTS, &weights, NULL) != STATUS_SUCCESS) {
    skip();
  }
  return weights;
}

// How long any figure of `period` onsets goes on in `music` (strikes.h)
static uint32_t
longest_run(const struct music *const music, const uint32_t period)
{
  struct strikes strikes = {.present = {.count = 0}};
  uint32_t most = 0;
  for (uint32_t i = 0; i < music->count; ++i) {
    struct step step = {.count = 1, .notes = {music->notes[i].event}};
    step.advance = i + 1 < music->count ? (uint16_t)(music->notes[i + 1].onset - music->notes[i].onset) : 1;
    strikes_follow(&strikes, &step);
    most = strikes.runs[period - 1] + 1 > most ? strikes.runs[period - 1] + 1 : most;
  }
  return most;
}

// Compose in three styles at temperature 0, which gets stuck at once, with all limits of figures of `period` onsets at `limit`;
// return how long one goes on.
static uint32_t
longest_composed(struct weights *const weights, const uint32_t period, const uint8_t limit)
{
  struct controls controls = plain;
  controls.sampling.temperature = 0.0F;
  uint32_t most = 0;
  memset(weights->strikes, 0, sizeof(weights->strikes));
  for (uint32_t style = 0; style <= weights->style_count; ++style) {
    weights->strikes[style][period - 1] = limit;
  }
  for (controls.style = 0; controls.style < 3; ++controls.style) {
    struct music *const music = composed(weights, &controls, 32);
    const uint32_t longest = longest_run(music, period);
    most = longest > most ? longest : most;
    free(music);
  }
  return most;
}

static void
no_onsets_are_struck_in_turn_longer_than_the_weights_say(void **const state)
{
  (void)state;
  struct weights *const weights = bundled_weights();
  for (uint32_t period = 1; period <= STRIKES_PERIODS; ++period) {
    const uint8_t limit = (uint8_t)(3 * period + 1);
    const uint32_t freely = longest_composed(weights, period, 0);
    const uint32_t limited = longest_composed(weights, period, limit);
    print_message("at temperature 0, figures of %u onsets go on for up to %u onsets, limited %u\n", period, freely,
                  limited);
    assert_true(freely > limit);
    assert_true(limited <= limit);
  }
  weights_free(weights);
}

static void
surprise_of_the_bundled_weights_is_steered_to_its_target(void **const state)
{
  (void)state;
  static const float targets[] = {3.0F, 5.0F, 7.0F, 0.0F};
  struct weights *const weights = bundled_weights();
  check_surprise(weights, targets, 96);
  weights_free(weights);
}

// The key of `music`: where the time that tones sound correlates best with the profile (Albrecht and Shanahan 2013, which on
// 406 files with one signature agrees with it 391 times; the probe tones of Krumhansl and Kessler do 326 times).
static uint8_t
key_of(const struct music *const music)
{
  static const double profiles[2][TONES] = {
      {.238, .006, .111, .006, .137, .094, .016, .214, .009, .080, .008, .081},
      {.220, .006, .104, .123, .019, .103, .012, .214, .062, .022, .061, .052},
  };
  double times[TONES] = {0.0};
  double mean = 0.0;
  for (uint32_t i = 0; i < music->count; ++i) {
    times[music->notes[i].event.pitch % TONES] += (double)(music->notes[i].end - music->notes[i].onset);
    mean += (double)(music->notes[i].end - music->notes[i].onset) / TONES;
  }
  uint8_t best = 0;
  double highest = -2.0;
  for (unsigned key = 0; key < KEY_COUNT; ++key) {
    double profile_mean = 0.0;
    for (unsigned i = 0; i < TONES; ++i) {
      profile_mean += profiles[key / TONES][i] / TONES;
    }
    double product = 0.0;
    double squares = 0.0;
    double profile_squares = 0.0;
    for (unsigned i = 0; i < TONES; ++i) {
      const double x = times[(i + key) % TONES] - mean;
      const double y = profiles[key / TONES][i] - profile_mean;
      product += x * y;
      squares += x * x;
      profile_squares += y * y;
    }
    const double correlation = product / sqrt(squares * profile_squares);
    if (correlation > highest) {
      highest = correlation;
      best = (uint8_t)(key + 1);
    }
  }
  return best;
}

static void
a_key_asked_for_is_followed(void **const state)
{
  (void)state;
  struct weights *const weights = bundled_weights();
  unsigned measured = 0;
  unsigned locked = 0;
  double asked = 0.0;
  double unasked = 0.0;
  for (uint8_t key = 1; key <= KEY_COUNT; ++key) {
    struct controls controls = plain;
    controls.seed = key;
    struct music *const free_music = composed(weights, &controls, 16);
    controls.key = key;
    struct music *const music = composed(weights, &controls, 16);
    controls.limits.scale = key;
    struct music *const in_scale = composed(weights, &controls, 16);
    measured += key_of(music) == key;
    locked += key_of(in_scale) == key;
    asked += share_in_scale(music, key) / KEY_COUNT;
    unasked += share_in_scale(free_music, key) / KEY_COUNT;
    free(in_scale);
    free(music);
    free(free_music);
  }
  printf(
      "key: %.0f %% of notes in the scale, %.0f %% with the key free; %u of 24 keys are measured, %u with scale lock\n",
      asked * 100.0, unasked * 100.0, measured, locked);
  assert_true(asked > unasked + 0.15);
  assert_true(asked > 0.85);
  assert_true(measured >= 10); // Of 24; by chance it would be one. Without a hand on the key it is four
  weights_free(weights);
}

enum { SEEDS = 4, BARS = 16 };

// Notes per quarter when that density is asked for.
static double
notes_per_quarter(struct weights *const weights, const uint8_t density)
{
  double notes = 0.0;
  for (uint32_t seed = 0; seed < SEEDS; ++seed) {
    struct controls controls = plain;
    controls.density = density;
    controls.seed = seed;
    struct music *const music = composed(weights, &controls, BARS);
    notes += (double)music->count / (SEEDS * BARS * 4);
    free(music);
  }
  return notes;
}

static void
more_density_is_more_notes(void **const state)
{
  (void)state;
  struct weights *const weights = bundled_weights();
  double few = 0.0;
  double many = 0.0;
  printf("density: notes per quarter:");
  for (uint8_t density = 1; density <= DENSITY_STEPS; ++density) {
    const double notes = notes_per_quarter(weights, density);
    few += density <= DENSITY_STEPS / 2 ? notes : 0.0;
    many += density > DENSITY_STEPS / 2 ? notes : 0.0;
    printf(" %u: %.2f,", density, notes);
  }
  printf("\n");
  assert_true(many > 1.2 * few);
  weights_free(weights);
}

// The surprise of what is composed under `controls`, in bits per note as learned, on average over seeds.
static double
average_surprise(struct weights *const weights, const struct controls *const controls)
{
  double bits = 0.0;
  for (uint32_t seed = 0; seed < SEEDS; ++seed) {
    struct controls seeded = *controls;
    seeded.seed = 100 + seed;
    struct music *const music = composed(weights, &seeded, BARS);
    bits += bits_per_note(weights, music, 0, -1) / SEEDS;
    free(music);
  }
  return bits;
}

static void
more_temperature_is_more_surprise(void **const state)
{
  (void)state;
  struct weights *const weights = bundled_weights();
  double last = -1.0;
  printf("temperature: bits per note:");
  for (int i = 1; i <= 3; ++i) {
    struct controls controls = plain;
    controls.sampling.temperature = 0.5F * (float)i;
    const double bits = average_surprise(weights, &controls);
    printf(" %.1f: %.2f,", 0.5 * i, bits);
    fflush(stdout);
    assert_true(bits > last + 1.0);
    last = bits;
  }
  printf("\n");
  weights_free(weights);
}

static void
a_smaller_nucleus_is_less_surprise(void **const state)
{
  (void)state;
  static const float sizes[] = {1.0F, 0.9F, 0.6F};
  struct weights *const weights = bundled_weights();
  double last = 100.0;
  printf("top_p: bits per note:");
  for (int i = 0; i < 3; ++i) {
    struct controls controls = plain;
    controls.sampling.top_p = sizes[i];
    const double bits = average_surprise(weights, &controls);
    printf(" %.1f: %.2f,", (double)sizes[i], bits);
    fflush(stdout);
    assert_true(bits < last - 0.4);
    last = bits;
  }
  printf("\n");
  weights_free(weights);
}

// The surprise of `music` when it is played again right after it ended, in bits per note, with that factor of recall.
static double
bits_of_return(struct weights *const weights, const struct music *const music, const float factor)
{
  struct music *const twice = calloc(1, sizeof(*twice));
  const int64_t length = (int64_t)music->bars * BAR;
  assert_true(2 * music->count < NOTES_MOST);
  twice->bars = 2 * music->bars;
  twice->count = 2 * music->count;
  for (uint32_t i = 0; i < twice->count; ++i) {
    twice->notes[i] = music->notes[i % music->count];
    twice->notes[i].onset += i < music->count ? 0 : length;
    twice->notes[i].end += i < music->count ? 0 : length;
    twice->notes[i].conditions.recall = recall_step(factor);
  }
  struct heard_note *const last = &twice->notes[music->count - 1];
  last->event.advance = (uint16_t)(twice->notes[music->count].onset - last->onset);
  const double bits = bits_per_note(weights, twice, music->count + 8, -1); // Some notes tell what comes back
  free(twice);
  return bits;
}

static void
recall_is_how_firmly_earlier_music_comes_back(void **const state)
{
  (void)state;
  static const float factors[] = {0.0F, 0.5F, 1.0F, 2.0F};
  struct weights *const weights = bundled_weights();
  double bits[4] = {0.0};
  for (uint32_t seed = 0; seed < SEEDS; ++seed) {
    struct controls controls = plain;
    controls.seed = 100 + seed;
    struct music *const music = composed(weights, &controls, BARS);
    for (int i = 0; i < 4; ++i) {
      bits[i] += bits_of_return(weights, music, factors[i]) / SEEDS;
    }
    free(music);
  }
  printf("recall: bits per note of music that was there before: %.1f: %.2f, %.1f: %.2f, %.1f: %.2f, %.1f: %.2f\n",
         (double)factors[0], bits[0], (double)factors[1], bits[1], (double)factors[2], bits[2], (double)factors[3],
         bits[3]);
  assert_true(bits[0] > bits[1] + 2.0 && bits[1] > bits[2] + 0.5 && bits[2] > bits[3] + 0.1);
  weights_free(weights);
}

enum { MOVES = 3 };

// Whether the MOVES moves (pitch step and way to the next onset) that end with note `a` are those that end with note `b`.
static bool
moves_are_equal(const struct heard_note *const a, const struct heard_note *const b)
{
  for (int m = 0; m < MOVES; ++m) {
    if (a[-m].event.pitch - a[-m - 1].event.pitch != b[-m].event.pitch - b[-m - 1].event.pitch ||
        a[-m].onset - a[-m - 1].onset != b[-m].onset - b[-m - 1].onset) {
      return false;
    }
  }
  return true;
}

// The share of notes that end a figure of MOVES moves which was there more than two bars before.
static double
figures_that_return(const struct music *const music)
{
  uint32_t returning = 0;
  for (uint32_t i = MOVES; i < music->count; ++i) {
    const struct heard_note *const note = &music->notes[i];
    bool is_known = false;
    for (uint32_t k = MOVES; music->notes[k].onset + 2 * BAR < note->onset && !is_known; ++k) {
      is_known = moves_are_equal(note, &music->notes[k]);
    }
    returning += is_known;
  }
  return (double)returning / (music->count - MOVES);
}

static void
recall_brings_figures_back(void **const state)
{
  (void)state;
  enum { MANY_SEEDS = 8, MANY_BARS = 32 };
  static const float factors[] = {0.0F, 1.0F, 2.0F, 4.0F};
  struct weights *const weights = bundled_weights();
  double shares[4] = {0.0};
  for (uint32_t seed = 0; seed < MANY_SEEDS; ++seed) {
    for (int i = 0; i < 4; ++i) {
      struct controls controls = plain;
      controls.seed = 100 + seed;
      controls.recall = recall_step(factors[i]);
      struct music *const music = composed(weights, &controls, MANY_BARS);
      shares[i] += figures_that_return(music) / MANY_SEEDS;
      free(music);
    }
  }
  printf("recall: share of notes that end a figure which was there before: %.1f: %.3f, %.1f: %.3f, %.1f: %.3f, %.1f: "
         "%.3f\n",
         (double)factors[0], shares[0], (double)factors[1], shares[1], (double)factors[2], shares[2],
         (double)factors[3], shares[3]);
  assert_true(shares[1] > shares[0]);
  assert_true((shares[1] + shares[2] + shares[3]) / 3.0 > 1.5 * shares[0]);
  weights_free(weights);
}

static void
music_of_a_style_is_likeliest_in_it(void **const state)
{
  (void)state;
  enum { STYLES = 5 };
  struct weights *const weights = bundled_weights();
  const int step = weights->network->style_count / STYLES;
  double own = 0.0;
  double other = 0.0;
  assert_true(step > 0);
  for (int composer = 0; composer < STYLES; ++composer) {
    struct controls controls = plain;
    controls.style = (uint8_t)(1 + composer * step);
    controls.seed = 100;
    struct music *const music = composed(weights, &controls, 2 * BARS);
    for (int style = 0; style < STYLES; ++style) {
      const double bits = bits_per_note(weights, music, 0, 1 + style * step);
      own += style == composer ? bits / STYLES : 0.0;
      other += style == composer ? 0.0 : bits / (STYLES * (STYLES - 1));
    }
    free(music);
  }
  // The same music in all styles would be as likely as such
  printf("style: bits per note: %.3f as the style it was composed in, %.3f as others\n", own, other);
  assert_true(other > own + 0.05);
  weights_free(weights);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(no_onsets_are_struck_in_turn_longer_than_the_weights_say),
      cmocka_unit_test(surprise_of_the_bundled_weights_is_steered_to_its_target),
      cmocka_unit_test(a_key_asked_for_is_followed),
      cmocka_unit_test(more_density_is_more_notes),
      cmocka_unit_test(more_temperature_is_more_surprise),
      cmocka_unit_test(a_smaller_nucleus_is_less_surprise),
      cmocka_unit_test(recall_is_how_firmly_earlier_music_comes_back),
      cmocka_unit_test(recall_brings_figures_back),
      cmocka_unit_test(music_of_a_style_is_likeliest_in_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
