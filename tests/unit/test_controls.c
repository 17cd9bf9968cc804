// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What the controls promise of composed music, tried on networks that would love to break it. test_controls_heard.c measures
// what depends on musical sense.

#include "engine/composer.h"
#include "engine/constraints.h"
#include "engine/network_streaming.h"
#include "fake_network.h"
#include "music.h"
#include "random_weights.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct music *
composed_by_fake(const struct controls *const controls, const uint32_t bars)
{
  struct weights *const weights = fake_weights_new(FAKE_EVENTS, 7);
  struct music *const music = composed(weights, controls, bars);
  fake_weights_free(weights);
  return music;
}

static void
no_note_lies_outside_the_range(void **const state)
{
  (void)state;
  static const uint8_t ranges[][2] = {{60, 72}, {72, 60}, {21, 40}, {100, 108}, {64, 64}, {21, 21}, {108, 108}};
  for (size_t r = 0; r < sizeof(ranges) / sizeof(ranges[0]); ++r) {
    struct controls controls = plain;
    controls.limits.low = ranges[r][0];
    controls.limits.high = ranges[r][1];
    const uint8_t low = ranges[r][0] < ranges[r][1] ? ranges[r][0] : ranges[r][1];
    const uint8_t high = ranges[r][0] < ranges[r][1] ? ranges[r][1] : ranges[r][0];
    struct music *const music = composed_by_fake(&controls, 32);
    assert_true(music->count > 50);
    unsigned lowest = 127;
    unsigned highest = 0;
    for (uint32_t i = 0; i < music->count; ++i) {
      const unsigned pitch = music->notes[i].event.pitch;
      assert_in_range(pitch, low, high);
      lowest = pitch < lowest ? pitch : lowest;
      highest = pitch > highest ? pitch : highest;
    }
    assert_true(lowest - low <= 2 && high - highest <= 2U); // All of it is used
    free(music);
  }
}

static void
no_more_notes_sound_together_than_asked_for(void **const state)
{
  (void)state;
  struct music *const free_music = composed_by_fake(&plain, 64);
  const uint32_t most_free = most_together(free_music);
  printf("polyphony: free %u notes at most, %u in 64 bars;", most_free, free_music->count);
  assert_true(most_free > 8);
  for (uint8_t polyphony = 1; polyphony < LIMIT_POLYPHONY; polyphony = (uint8_t)(polyphony * 2)) {
    struct controls controls = plain;
    controls.limits.polyphony = polyphony;
    struct music *const music = composed_by_fake(&controls, 64);
    assert_int_equal(most_together(music), polyphony);
    printf(" %u: %u,", polyphony, music->count);
    free(music);
  }
  printf("\n");
  struct controls controls = plain;
  controls.limits.polyphony = LIMIT_POLYPHONY;
  struct music *const music = composed_by_fake(&controls, 64);
  assert_true(musics_are_equal(free_music, music));
  free(music);
  free(free_music);
}

static void
a_lowered_polyphony_is_reached_and_kept(void **const state)
{
  (void)state;
  struct weights *const weights = fake_weights_new(FAKE_EVENTS, 7);
  struct composer *const composer = composer_with(weights, &plain);
  compose_on(composer, 0, 16);
  struct controls controls = plain;
  controls.limits.polyphony = 2;
  composer_set_controls(composer, &controls);
  compose_on(composer, 16, 64);
  struct music *const music = music_read(composer_take(composer), 32, 64);
  assert_int_equal(most_together(music), 2);
  free(music);
  composer_free(composer);
  fake_weights_free(weights);
}

static void
scale_lock_leaves_only_the_keys_notes(void **const state)
{
  (void)state;
  struct music *const free_music = composed_by_fake(&plain, 16);
  for (uint8_t key = 1; key <= KEY_COUNT; ++key) {
    struct controls controls = plain;
    controls.limits.scale = key;
    struct music *const music = composed_by_fake(&controls, 16);
    assert_true(share_in_scale(free_music, key) < 0.8);
    assert_true(share_in_scale(music, key) == 1.0);
    free(music);
  }
  free(free_music);

  // A minor has its leading tone, and both sevenths; C major no black key
  for (uint8_t pitch = 60; pitch < 72; ++pitch) {
    static const bool black[] = {false, true, false, true, false, false, true, false, true, false, true, false};
    assert_int_equal(scale_has(1, pitch), !black[pitch - 60]);
    assert_int_equal(scale_has(22, pitch), !black[pitch - 60] || pitch == 68);
  }
}

static void
all_limits_together_are_kept(void **const state)
{
  (void)state;
  for (uint32_t seed = 0; seed < 20; ++seed) {
    struct controls controls = plain;
    controls.seed = seed;
    controls.limits = (struct limits){.low = 55, .high = 66, .scale = 5, .polyphony = 3, .hands = HANDS_LEFT};
    struct music *const music = composed_by_fake(&controls, 32);
    assert_true(share_in_scale(music, 5) == 1.0);
    assert_true(most_together(music) <= 3);
    for (uint32_t i = 0; i < music->count; ++i) {
      assert_in_range(music->notes[i].event.pitch, 55, 66);
      assert_int_equal(music->notes[i].event.hand, HAND_LEFT);
    }
    free(music);
  }
}

// What a windowed network composes within `limits`; rests do not count.
static struct music *
composed_of_tokens(const struct limits *const limits, const uint32_t bars)
{
  struct weights *const weights = fake_weights_new(FAKE_TOKENS, 7);
  struct controls controls = plain;
  controls.limits = *limits;
  struct composer *const composer = composer_with(weights, &controls);
  compose_on(composer, 0, bars);
  struct take *const take = composer_take(composer);
  struct music *const music = calloc(1, sizeof(*music));
  music->bars = bars;
  for (uint32_t number = 0; number < bars; ++number) {
    for (uint32_t i = take_bar(take, number)->first; i != TAKE_NONE; i = take_note(take, i)->next) {
      const struct take_note *const note = take_note(take, i);
      const int64_t onset = (int64_t)number * BAR + note->tick;
      if (!note->rest) {
        music->notes[music->count++] =
            (struct heard_note){onset, onset + note->sounding, note->event, note->conditions, note->steering};
      }
    }
  }
  composer_free(composer);
  fake_weights_free(weights);
  return music;
}

static void
limits_hold_for_windowed_networks_too(void **const state)
{
  (void)state;
  static const struct limits limits[] = {
      {.low = 50, .high = 58},
      {.low = 58, .high = 50},
      {.scale = 1},
      {.polyphony = 1},
      {.polyphony = 2},
      {.hands = HANDS_LEFT},
      {.low = 48, .high = 59, .scale = 1, .polyphony = 2},
  };
  static const struct limits none = {0};
  struct music *const free_music = composed_of_tokens(&none, 64);
  for (size_t l = 0; l < sizeof(limits) / sizeof(limits[0]); ++l) {
    struct music *const music = composed_of_tokens(&limits[l], 64);
    const uint16_t tones = limits_tones(&limits[l]);
    bool broken = false; // By the music that knows no limits
    for (uint32_t i = 0; i < free_music->count; ++i) {
      const struct event *const event = &free_music->notes[i].event;
      broken = broken || !limits_have(&limits[l], tones, event->pitch) ||
               (limits[l].hands == HANDS_LEFT && event->hand != HAND_LEFT) ||
               (limits[l].hands == HANDS_RIGHT && event->hand != HAND_RIGHT);
    }
    assert_true(broken || most_together(free_music) > limits[l].polyphony);
    assert_true(music->count > 0);
    for (uint32_t i = 0; i < music->count; ++i) {
      const struct event *const event = &music->notes[i].event;
      assert_true(limits_have(&limits[l], tones, event->pitch));
      assert_true(limits[l].hands != HANDS_LEFT || event->hand == HAND_LEFT);
      assert_true(limits[l].hands != HANDS_RIGHT || event->hand == HAND_RIGHT);
    }
    assert_true(limits[l].polyphony == 0 || most_together(music) <= limits[l].polyphony);
    free(music);
  }
  free(free_music);
  static const struct limits beyond[] = {{.low = 100, .high = 108}, {.hands = HANDS_RIGHT}}; // There is no such token
  for (size_t l = 0; l < 2; ++l) {
    struct music *const silent = composed_of_tokens(&beyond[l], 16);
    assert_int_equal(silent->count, 0);
    free(silent);
  }
}

static void
a_range_without_a_note_of_the_scale_goes_before_the_scale(void **const state)
{
  (void)state;
  struct controls controls = plain;
  controls.limits = (struct limits){.low = 61, .high = 61, .scale = 1};
  struct music *const music = composed_by_fake(&controls, 8);
  for (uint32_t i = 0; i < music->count; ++i) {
    assert_int_equal(music->notes[i].event.pitch, 61);
  }
  free(music);
}

static void
limits_that_change_all_the_time_leave_valid_music(void **const state)
{
  (void)state;
  struct weights *const weights = fake_weights_new(FAKE_EVENTS, 7);
  struct composer *const composer = composer_with(weights, &plain);
  for (uint32_t i = 0; i < 2000; ++i) {
    struct controls controls = plain;
    controls.limits = (struct limits){.low = (uint8_t)(i * 37 % 256),
                                      .high = (uint8_t)(i * 91 % 256),
                                      .scale = (uint8_t)(i % 40),
                                      .polyphony = (uint8_t)(i % 20),
                                      .hands = (uint8_t)(i % 4)};
    controls.surprise = (float)(i % 9);
    controls.recall = (uint8_t)(i % 82);
    composer_set_controls(composer, &controls);
    composer_move(composer, (struct position){i / 8, 12 * (i % 8)}, four_four);
    while (!composer_is_filled(composer)) {
      assert_true(composer_work(composer, 3000) > 0); // The fake network asserts that what it is fed is valid
    }
  }
  composer_free(composer);
  fake_weights_free(weights);
}

static void
one_hand_is_composed_alone(void **const state)
{
  (void)state;
  for (uint8_t hands = HANDS_BOTH; hands <= HANDS_LEFT; ++hands) {
    struct controls controls = plain;
    controls.limits.hands = hands;
    struct music *const music = composed_by_fake(&controls, 32);
    uint32_t left = 0;
    for (uint32_t i = 0; i < music->count; ++i) {
      left += music->notes[i].event.hand == HAND_LEFT;
    }
    if (hands == HANDS_BOTH) {
      assert_in_range(left, music->count / 5, music->count * 4 / 5);
    } else {
      assert_int_equal(left, hands == HANDS_LEFT ? music->count : 0);
    }
    free(music);
  }
}

static void
surprise_is_steered_to_its_target(void **const state)
{
  (void)state;
  static const float targets[] = {13.0F, 15.0F, 17.0F, 0.0F};
  struct weights *const weights = fake_weights_new(FAKE_EVENTS, 7);
  check_surprise(weights, targets, 200);
  fake_weights_free(weights);
}

static void
steering_goes_on_as_if_never_left(void **const state)
{
  (void)state;
  struct controls controls = plain;
  controls.surprise = 14.0F;
  controls.recall = recall_step(2.5F);
  struct weights *const weights = fake_weights_new(FAKE_EVENTS, 7);
  struct music *const through = composed(weights, &controls, 24);
  struct composer *const composer = composer_with(weights, &controls);
  for (uint32_t bar = 0; bar < 24; ++bar) {
    composer_locate(composer, (struct position){500 + bar, 0}, four_four); // Another section, with steering of its own
    composer_work(composer, UNLIMITED);
    composer_locate(composer, (struct position){bar, 0}, four_four);
    composer_work(composer, UNLIMITED);
  }
  struct music *const returned = music_read(composer_take(composer), 0, 24);
  assert_true(musics_are_equal(through, returned));
  assert_int_not_equal(through->notes[through->count - 1].steering, 0);
  assert_int_equal(through->notes[through->count - 1].steering, returned->notes[through->count - 1].steering);
  free(returned);
  free(through);
  composer_free(composer);
  fake_weights_free(weights);
}

static void
the_likeliest_stays_the_likeliest_whatever_the_surprise(void **const state)
{
  (void)state;
  struct controls controls = plain;
  controls.sampling.temperature = 0.0F;
  struct music *const without = composed_by_fake(&controls, 8);
  controls.surprise = 8.0F;
  struct music *const with = composed_by_fake(&controls, 8);
  assert_true(musics_are_equal(without, with));
  free(with);
  free(without);
}

static struct weights *
random_weights(const float scale)
{
  static const struct streaming_sizes sizes = {16, 32, 16, 2, 16, 16, 16, 4, 64, 3};
  struct weights *const weights = random_weights_load(&sizes, 5, scale);
  assert_non_null(weights);
  return weights;
}

// The entropy of attention over the last of 40 notes, in bits, with that factor.
static double
attention_entropy(struct weights *const weights, const float factor)
{
  float share[64];
  network_reset(weights->network, weights->state);
  struct step step = {.count = 1, .advance = 12};
  uint32_t operations = UNLIMITED;
  for (uint32_t i = 0; i <= 40; ++i) {
    const struct moment moment = {.bar = i / 8,
                                  .tick = (uint16_t)(i % 8 * 12),
                                  .metre = four_four,
                                  .conditions = {.metre = 1, .recall = i == 40 ? recall_step(factor) : 0}};
    network_feed(weights->network, weights->state, i ? &step : NULL, &moment);
    while (!network_absorb(weights->network, weights->state, &operations)) {
    }
    step.notes[0] = (struct event){
        .pitch = (uint8_t)(40 + i * 7 % 31), .velocity = velocity_value(i % 16), .duration = 12, .advance = 12};
  }
  const uint32_t slots = network_attention(weights->network, weights->state, 0, share, 64);
  assert_int_equal(slots, 40);
  double sum = 0.0;
  double entropy = 0.0;
  for (uint32_t i = 0; i < slots; ++i) {
    sum += (double)share[i];
  }
  assert_true(factor > 0.0F || fabs(sum - 40.0 / 41.0) < 1e-5); // The sink has its part
  for (uint32_t i = 0; i < slots; ++i) {
    entropy -= share[i] > 0.0F ? (double)share[i] / sum * log2((double)share[i] / sum) : 0.0;
  }
  return entropy;
}

static void
recall_sharpens_and_flattens_attention(void **const state)
{
  (void)state;
  struct weights *const weights = random_weights(0.7F);
  printf("recall: entropy of attention to 40 notes:");
  double last = log2(40.0) + 1e-5;
  for (int i = 0; i <= 8; ++i) {
    const double entropy = attention_entropy(weights, (float)i / 2.0F);
    printf(" %.1f: %.3f bits,", i / 2.0, entropy);
    assert_true(i == 0 ? fabs(entropy - log2(40.0)) < 1e-4 : entropy < last - 1e-4);
    last = entropy;
  }
  printf("\n");
  weights_free(weights);
}

static void
recall_in_steps_is_what_the_port_has(void **const state)
{
  (void)state;
  assert_int_equal(recall_step(1.0F), 0);
  assert_true(recall_factor(0) == 1.0F);
  for (int i = 0; i <= 80; ++i) {
    assert_true(fabsf(recall_factor(recall_step((float)i * 0.05F)) - (float)i * 0.05F) < 1e-5F);
  }
  assert_true(recall_factor(recall_step(NAN)) == 0.0F);
  assert_true(recall_factor(recall_step(-3.0F)) == 0.0F);
  assert_true(recall_factor(recall_step(99.0F)) == 4.0F);
}

static void
recall_changes_what_is_composed_and_is_replayed(void **const state)
{
  (void)state;
  struct weights *const weights = random_weights(0.7F);
  struct controls controls = plain;
  struct music *const as_learned = composed(weights, &controls, 24);
  controls.recall = recall_step(4.0F);
  struct music *const insisting = composed(weights, &controls, 24);
  assert_false(musics_are_equal(as_learned, insisting));

  struct composer *const composer = composer_with(weights, &controls);
  compose_on(composer, 0, 12);
  composer_locate(composer, (struct position){90, 0}, four_four);
  composer_work(composer, UNLIMITED);
  composer_locate(composer, (struct position){12, 0}, four_four);
  compose_on(composer, 12, 24);
  struct music *const returned = music_read(composer_take(composer), 0, 24);
  assert_true(musics_are_equal(insisting, returned));
  free(returned);
  free(insisting);
  free(as_learned);
  composer_free(composer);
  weights_free(weights);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(no_note_lies_outside_the_range),
      cmocka_unit_test(no_more_notes_sound_together_than_asked_for),
      cmocka_unit_test(a_lowered_polyphony_is_reached_and_kept),
      cmocka_unit_test(scale_lock_leaves_only_the_keys_notes),
      cmocka_unit_test(all_limits_together_are_kept),
      cmocka_unit_test(limits_hold_for_windowed_networks_too),
      cmocka_unit_test(a_range_without_a_note_of_the_scale_goes_before_the_scale),
      cmocka_unit_test(limits_that_change_all_the_time_leave_valid_music),
      cmocka_unit_test(one_hand_is_composed_alone),
      cmocka_unit_test(surprise_is_steered_to_its_target),
      cmocka_unit_test(steering_goes_on_as_if_never_left),
      cmocka_unit_test(the_likeliest_stays_the_likeliest_whatever_the_surprise),
      cmocka_unit_test(recall_sharpens_and_flattens_attention),
      cmocka_unit_test(recall_in_steps_is_what_the_port_has),
      cmocka_unit_test(recall_changes_what_is_composed_and_is_replayed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
