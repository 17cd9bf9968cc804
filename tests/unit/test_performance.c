// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// How notes are played: bounded, seeded, in order, and in the export as heard.

#include "engine/performance.h"
#include "engine/take_export.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct metre four_four = {4, 4};

static struct take_note
note_at(const unsigned tick, const unsigned pitch, const enum hand hand)
{
  return (struct take_note){
      .event = {.hand = (uint8_t)hand, .pitch = (uint8_t)pitch, .velocity = 70, .duration = 24},
      .sounding = 24,
      .tick = (uint16_t)tick,
  };
}

static void
nothing_asked_for_is_as_composed(void **const state)
{
  (void)state;
  const struct performance performance = {.seed = 5};
  const struct take_note note = note_at(12, 60, HAND_LEFT);
  const struct performed_note performed = performance_note(&performance, 3, &note, 0);
  assert_int_equal(performed.channel, 0);
  assert_int_equal(performed.pitch, 60);
  assert_int_equal(performed.velocity, 70);
  assert_int_equal(performed.delay, 0);
}

static void
velocity_is_moved_and_stays_a_velocity(void **const state)
{
  (void)state;
  struct performance performance = {0};
  struct take_note note = note_at(0, 60, HAND_RIGHT);
  for (int offset = -64; offset <= 64; ++offset) {
    for (unsigned velocity = 1; velocity < 128; ++velocity) {
      performance.velocity = (int8_t)offset;
      note.event.velocity = (uint8_t)velocity;
      const int wanted = (int)velocity + offset;
      assert_int_equal(performance_note(&performance, 0, &note, 0).velocity, wanted < 1     ? 1
                                                                             : wanted > 127 ? 127
                                                                                            : wanted);
    }
  }
}

static void
looseness_is_bounded_in_order_and_seeded(void **const state)
{
  (void)state;
  double last = 0.0;
  for (unsigned humanize = 25; humanize <= 100; humanize += 25) {
    const struct performance loose = {.humanize = (uint8_t)humanize, .seed = 1};
    const struct performance other = {.humanize = (uint8_t)humanize, .seed = 2};
    double delay = 0.0;
    double change = 0.0;
    unsigned different = 0;
    unsigned most = 0;
    for (uint32_t bar = 0; bar < 200; ++bar) {
      for (unsigned tick = 0; tick < 96; tick += 12) {
        unsigned before = 0;
        for (uint32_t number = 0; number < 10; ++number) {
          const struct take_note note = note_at(tick, 40 + 3 * number, HAND_RIGHT);
          const struct performed_note played = performance_note(&loose, bar, &note, number);
          const struct performed_note again = performance_note(&loose, bar, &note, number);
          assert_true(played.delay == again.delay && played.velocity == again.velocity);
          assert_in_range(played.delay, before, FINE_TICKS - 1);
          assert_in_range(played.velocity, 70 - HUMANIZE_VELOCITY * humanize / 100,
                          70 + HUMANIZE_VELOCITY * humanize / 100);
          different += played.delay != performance_note(&other, bar, &note, number).delay;
          before = played.delay;
          most = before > most ? before : most;
          delay += played.delay / 16000.0;
          change += abs(played.velocity - 70) / 16000.0;
        }
      }
    }
    printf("humanize %u %%: delay %.1f of 20 parts of a tick on average, %u at most; velocity %.1f off\n", humanize,
           delay, most, change);
    assert_true(delay > last + 1.0);
    assert_true(different > 4000);
    last = delay;
  }
}

static void
the_left_hand_has_its_channel(void **const state)
{
  (void)state;
  const struct performance performance = {.channel = 4, .left_channel = 16};
  const struct take_note right = note_at(0, 60, HAND_RIGHT);
  const struct take_note left = note_at(0, 60, HAND_LEFT);
  assert_int_equal(performance_note(&performance, 0, &right, 0).channel, 4);
  assert_int_equal(performance_note(&performance, 0, &left, 0).channel, 15);
  uint8_t channels[PEDAL_CHANNELS];
  assert_int_equal(performance_channels(&performance, channels), 2);
  assert_int_equal(performance_channels(&(struct performance){.channel = 4, .left_channel = 5}, channels), 1);
  assert_int_equal(performance_channels(&(struct performance){.channel = 4}, channels), 1);
}

static void
harmony_changes_with_the_bar_and_with_a_new_bass_on_a_beat(void **const state)
{
  (void)state;
  static const struct {
    unsigned tick;
    unsigned pitch;
    bool changes;
  } notes[] = {
      {0, 48, true},   // The bar's first
      {0, 53, false},  // Not the lowest of its onset
      {12, 50, false}, // Off the beat
      {24, 60, false}, // C has been heard
      {48, 45, true},  // A has not
      {72, 48, true},  // And C not since
      {72, 57, false},
  };
  struct harmony harmony = {0};
  for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); ++i) {
    const struct take_note note = note_at(notes[i].tick, notes[i].pitch, HAND_LEFT);
    assert_int_equal(harmony_hear(&harmony, &note, four_four), notes[i].changes);
  }
  struct take_note doubled = note_at(0, 48, HAND_LEFT);
  doubled.sounding = 0;
  struct harmony silent = {0};
  assert_false(harmony_hear(&silent, &doubled, four_four));
}

static struct take *
two_bars(void)
{
  struct take *const take = take_new(8, 50);
  static const unsigned pitches[] = {48, 60, 64, 45};
  for (uint32_t i = 0; i < 4; ++i) {
    take_open_bar(take, i / 2, four_four);
    const struct take_note note = note_at(i % 2 * 48, pitches[i], i % 2 ? HAND_RIGHT : HAND_LEFT);
    take_append(take, i / 2, note.tick, &note.event, false);
  }
  return take;
}

static void
the_export_is_played_as_asked(void **const state)
{
  (void)state;
  struct take *const take = two_bars();
  const struct performance performance = {
      .velocity = 10, .humanize = 100, .channel = 1, .left_channel = 3, .rate = RATE_DOUBLE, .pedal = true, .seed = 9};
  struct take_export exported;
  struct midi_file file;
  assert_int_equal(take_export_bars(take, 0, 2, &performance, &exported, NULL), STATUS_SUCCESS);
  assert_int_equal(take_export_file(&exported, NULL, 120.0, &file, NULL), STATUS_SUCCESS);
  assert_int_equal(file.division, 2 * EXPORT_DIVISION);
  assert_int_equal(file.note_count, 4);
  for (uint32_t i = 0; i < 4; ++i) {
    const struct take_note *const note =
        take_note(take, i % 2 ? take_bar(take, i / 2)->last : take_bar(take, i / 2)->first);
    const struct performed_note performed = performance_note(&performance, i / 2, note, 0);
    assert_int_equal(file.notes[i].onset, (i * 48) * FINE_TICKS + performed.delay);
    assert_int_equal(file.notes[i].duration, 24 * FINE_TICKS - performed.delay);
    assert_int_equal(file.notes[i].velocity, performed.velocity);
    assert_int_equal(file.notes[i].channel, i % 2 ? 1 : 2);
  }

  // Pressed after the first note, changed with bar 2 and with its A, lifted at the end; on both channels
  static const unsigned ticks[] = {2, 96, 98, 144, 146, 192};
  assert_int_equal(file.control_count, 12);
  for (uint32_t i = 0; i < 12; ++i) {
    assert_int_equal(file.controls[i].tick, ticks[i / 2] * FINE_TICKS);
    assert_int_equal(file.controls[i].controller, 64);
    assert_int_equal(file.controls[i].value, i / 2 % 2 ? 0 : 127);
    assert_int_equal(file.controls[i].channel, i % 2 ? 2 : 1);
  }
  midi_file_free(&file);
  take_export_free(&exported);
  take_free(take);
}

static void
chords_are_spread_in_the_export_too(void **const state)
{
  (void)state;
  struct take *const take = take_new(8, 50);
  take_open_bar(take, 0, four_four);
  for (uint32_t i = 0; i < 4; ++i) {
    const struct take_note note = note_at(24, 50 + 5 * i, HAND_RIGHT);
    take_append(take, 0, note.tick, &note.event, false);
  }
  const struct performance performance = {.humanize = 100, .seed = 9};
  struct take_export exported;
  assert_int_equal(take_export_bars(take, 0, 1, &performance, &exported, NULL), STATUS_SUCCESS);
  assert_int_equal(exported.note_count, 4);
  uint32_t index = take_bar(take, 0)->first;
  for (uint32_t i = 0; i < 4; ++i, index = take_note(take, index)->next) {
    assert_int_equal(exported.notes[i].delay, performance_note(&performance, 0, take_note(take, index), i).delay);
  }
  assert_true(exported.notes[3].delay > exported.notes[0].delay);
  take_export_free(&exported);
  take_free(take);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nothing_asked_for_is_as_composed),
      cmocka_unit_test(velocity_is_moved_and_stays_a_velocity),
      cmocka_unit_test(looseness_is_bounded_in_order_and_seeded),
      cmocka_unit_test(the_left_hand_has_its_channel),
      cmocka_unit_test(harmony_changes_with_the_bar_and_with_a_new_bass_on_a_beat),
      cmocka_unit_test(the_export_is_played_as_asked),
      cmocka_unit_test(chords_are_spread_in_the_export_too),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
