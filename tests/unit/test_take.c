// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The take: bars anywhere in a song, notes in order, and none that sounds into its own pitch.

#include "engine/random.h"
#include "engine/take.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct metre four_four = {4, 4};

static struct event
event(const unsigned pitch, const unsigned duration)
{
  return (struct event){
      .hand = HAND_RIGHT, .pitch = (uint8_t)pitch, .velocity = velocity_value(8), .duration = (uint16_t)duration};
}

static uint32_t
append(struct take *const take, const uint32_t bar, const unsigned tick, const unsigned pitch, const unsigned duration)
{
  if (!take_open_bar(take, bar, four_four)) {
    return TAKE_NONE;
  }
  const struct event note = event(pitch, duration);
  return take_append(take, bar, (uint16_t)tick, &note, false);
}

static uint32_t
sounding(struct take *const take, const uint32_t note)
{
  return take_note(take, note)->sounding;
}

static void
notes_come_back_in_order(void **const state)
{
  (void)state;
  struct take *const take = take_new(8, 100);
  append(take, 5, 0, 60, 12);
  append(take, 5, 0, 64, 12);
  append(take, 6, 3, 62, 12);
  append(take, 5, 90, 67, 12);

  const struct take_bar *const bar = take_bar(take, 5);
  assert_non_null(bar);
  assert_int_equal(bar->count, 3);
  static const struct {
    unsigned tick, pitch;
  } expected[] = {{0, 60}, {0, 64}, {90, 67}};
  uint32_t index = bar->first;
  for (int i = 0; i < 3; ++i) {
    const struct take_note *const note = take_note(take, index);
    assert_int_equal(note->tick, expected[i].tick);
    assert_int_equal(note->event.pitch, expected[i].pitch);
    assert_int_equal(note->rest, 0);
    if (i == 2) {
      assert_int_equal(index, bar->last);
    }
    index = note->next;
  }
  assert_int_equal(index, TAKE_NONE);
  assert_int_equal(take_bar_count(take), 2);
  assert_int_equal(take_note_count(take), 4);
  assert_null(take_bar(take, 4));
  take_free(take);
}

static void
an_open_bar_is_opened_only_once(void **const state)
{
  (void)state;
  struct take *const take = take_new(8, 100);
  append(take, 5, 0, 60, 12);
  const struct take_bar *const again = take_open_bar(take, 5, (struct metre){3, 4});
  assert_int_equal(again->count, 1);
  assert_int_equal(again->metre.numerator, 4);
  assert_int_equal(take_bar_count(take), 1);
  take_free(take);
}

static void
a_note_ends_where_its_pitch_begins_again(void **const state)
{
  (void)state;
  struct take *const take = take_new(16, 100);
  const uint32_t first = append(take, 0, 0, 60, 96);
  const uint32_t other = append(take, 0, 0, 61, 96);
  const uint32_t second = append(take, 0, 24, 60, 24);
  const uint32_t third = append(take, 0, 48, 60, 24);
  assert_int_equal(sounding(take, first), 24);
  assert_int_equal(sounding(take, second), 24);
  assert_int_equal(sounding(take, third), 24);
  assert_int_equal(sounding(take, other), 96);
  assert_int_equal(take_note(take, first)->event.duration, 96);
  take_free(take);
}

static void
a_note_is_cut_many_bars_later(void **const state)
{
  (void)state;
  struct take *const take = take_new(16, 100);
  const uint32_t early = append(take, 10, 90, 60, DURATION_LONGEST);
  const uint32_t out_of_reach = append(take, 10, 90, 61, 96);
  for (uint32_t bar = 11; bar < 15; ++bar) {
    append(take, bar, 0, 70, 12);
  }
  append(take, 15, 60, 60, 12);
  append(take, 15, 60, 61, 12);
  assert_int_equal(sounding(take, early), 6 + 4 * 96 + 60);
  assert_int_equal(sounding(take, out_of_reach), 96);
  take_free(take);
}

static void
a_note_is_not_cut_across_a_gap(void **const state)
{
  (void)state;
  struct take *const take = take_new(16, 100);
  const uint32_t early = append(take, 10, 90, 60, DURATION_LONGEST);
  append(take, 12, 0, 60, 12); // There is no bar 11: this is other music
  assert_int_equal(sounding(take, early), DURATION_LONGEST);
  take_free(take);
}

static void
a_doubled_note_makes_no_sound(void **const state)
{
  (void)state;
  struct take *const take = take_new(16, 100);
  const uint32_t first = append(take, 0, 12, 60, 96);
  const uint32_t second = append(take, 0, 12, 60, 24);
  assert_int_equal(sounding(take, first), 0);
  assert_int_equal(sounding(take, second), 24);
  take_free(take);
}

static void
inserted_notes_stand_in_order_and_cut_what_sounds(void **const state)
{
  (void)state;
  struct take *const take = take_new(8, 100);
  const uint32_t held = append(take, 5, 0, 60, 96);
  const uint32_t last = append(take, 5, 24, 67, 48);
  const struct event middle = event(64, 12);
  const struct event same = event(60, 12);
  const struct event first = event(55, 12);
  const uint32_t third = take_insert(take, 5, 24, &middle);
  const uint32_t fifth = take_insert(take, 5, 30, &same);
  assert_int_equal(fifth, take_bar(take, 5)->last);
  const uint32_t lowest = take_insert(take, 5, 0, &first);
  assert_int_equal(lowest, take_bar(take, 5)->first);
  static const uint8_t pitches[] = {55, 60, 64, 67, 60};
  uint32_t index = take_bar(take, 5)->first;
  for (int i = 0; i < 5; ++i, index = take_note(take, index)->next) {
    assert_int_equal(take_note(take, index)->event.pitch, pitches[i]);
  }
  assert_int_equal(index, TAKE_NONE);
  assert_int_equal(sounding(take, held), 30);
  assert_int_equal(take_bar(take, 5)->count, 5);

  // What follows is appended, and finds what sounds
  append(take, 6, 0, 67, 12);
  assert_int_equal(sounding(take, last), 48);
  take_note(take, last)->length = 90;
  take_join(take, 6);
  assert_int_equal(sounding(take, last), 72);
  assert_int_equal(sounding(take, third), 12);
  take_free(take);
}

static void
hushed_music_ends_but_what_was_played_sounds_on(void **const state)
{
  (void)state;
  struct take *const take = take_new(8, 100);
  const uint32_t before = append(take, 4, 90, 50, 96);
  const uint32_t composed = append(take, 5, 0, 60, 96);
  const uint32_t played = append(take, 5, 0, 64, 96);
  const uint32_t after = append(take, 5, 50, 70, 96);
  take_note(take, played)->origin = TAKE_PLAYED;
  take_hush(take, 5, 40);
  assert_int_equal(sounding(take, before), 46);
  assert_int_equal(sounding(take, composed), 40);
  assert_int_equal(sounding(take, played), 96);
  assert_int_equal(sounding(take, after), 96);
  append(take, 6, 0, 50, 12); // Lengths stay when ends are found again
  assert_int_equal(sounding(take, before), 46);
  assert_int_equal(sounding(take, composed), 40);
  take_free(take);
}

static void
rests_neither_sound_nor_cut(void **const state)
{
  (void)state;
  struct take *const take = take_new(16, 100);
  const uint32_t note = append(take, 0, 0, 60, 96);
  const struct event rest = {.pitch = 60, .advance = 24};
  const uint32_t index = take_append(take, 0, 24, &rest, true);
  assert_int_equal(sounding(take, note), 96);
  assert_int_equal(sounding(take, index), 0);
  assert_int_equal(take_note(take, index)->rest, 1);
  take_free(take);
}

static void
a_cut_bar_keeps_what_was_before(void **const state)
{
  (void)state;
  struct take *const take = take_new(16, 100);
  const uint32_t early = append(take, 0, 0, 60, 96);
  append(take, 0, 24, 64, 24);
  append(take, 0, 48, 60, 24);
  append(take, 0, 48, 65, 24);
  take_bar(take, 0)->complete = true;
  take_cut_bar(take, 0, 48);
  const struct take_bar *const bar = take_bar(take, 0);
  assert_int_equal(bar->count, 2);
  assert_false(bar->complete);
  assert_int_equal(take_note(take, bar->last)->event.pitch, 64);
  assert_int_equal(take_note(take, bar->last)->next, TAKE_NONE);
  assert_int_equal(take_note_count(take), 2);

  // What had cut the first note is gone; what is written now decides
  append(take, 0, 72, 67, 24);
  assert_int_equal(sounding(take, early), 96);
  append(take, 0, 84, 60, 24);
  assert_int_equal(sounding(take, early), 84);

  take_cut_bar(take, 0, 0);
  assert_int_equal(bar->count, 0);
  assert_int_equal(bar->first, TAKE_NONE);
  assert_int_equal(take_note_count(take), 0);
  take_cut_bar(take, 7, 0); // Not there
  take_free(take);
}

static void
joined_music_cuts_what_leads_into_it(void **const state)
{
  (void)state;
  struct take *const take = take_new(16, 100);
  const uint32_t later = append(take, 3, 12, 60, 96);
  const uint32_t latest = append(take, 4, 0, 60, 24);
  const uint32_t early = append(take, 2, 84, 60, 96);
  const uint32_t free_note = append(take, 2, 84, 61, 96);
  assert_int_equal(sounding(take, early), 96);
  take_join(take, 3);
  assert_int_equal(sounding(take, early), 24);
  assert_int_equal(sounding(take, free_note), 96);
  assert_int_equal(sounding(take, later), 84);
  assert_int_equal(sounding(take, latest), 24);
  take_free(take);
}

static void
a_full_take_says_so_and_has_room_again(void **const state)
{
  (void)state;
  struct take *const take = take_new(3, 4);
  assert_true(take_has_room(take, 3, 4));
  assert_false(take_has_room(take, 4, 0));
  for (uint32_t bar = 0; bar < 3; ++bar) {
    assert_int_not_equal(append(take, bar * 1000000, 0, 60 + bar, 12), TAKE_NONE);
  }
  assert_null(take_open_bar(take, 9, four_four));
  assert_int_not_equal(append(take, 0, 12, 60, 12), TAKE_NONE);
  assert_int_equal(append(take, 0, 24, 60, 12), TAKE_NONE);
  assert_int_equal(take_bar(take, 0)->count, 2);

  take_remove_bar(take, 0);
  assert_true(take_has_room(take, 1, 2));
  assert_false(take_has_room(take, 1, 3));
  assert_int_not_equal(append(take, 9, 0, 60, 12), TAKE_NONE);
  assert_int_not_equal(append(take, 9, 0, 64, 12), TAKE_NONE);
  assert_int_equal(append(take, 9, 0, 67, 12), TAKE_NONE);
  take_free(take);
}

static void
the_oldest_bar_is_the_one_opened_first(void **const state)
{
  (void)state;
  struct take *const take = take_new(8, 10);
  assert_null(take_oldest_bar(take));
  static const uint32_t numbers[] = {70, 5, 1000, 6};
  for (int i = 0; i < 4; ++i) {
    take_open_bar(take, numbers[i], four_four);
  }
  assert_int_equal(take_oldest_bar(take)->number, 70);
  take_refresh_bar(take, 70);
  assert_int_equal(take_oldest_bar(take)->number, 5);
  take_remove_bar(take, 1000);
  take_remove_bar(take, 5);
  assert_int_equal(take_oldest_bar(take)->number, 6);
  take_remove_bar(take, 6);
  assert_int_equal(take_oldest_bar(take)->number, 70);
  take_remove_bar(take, 70);
  assert_null(take_oldest_bar(take));
  take_free(take);
}

static void
a_cleared_take_is_as_new(void **const state)
{
  (void)state;
  struct take *const take = take_new(4, 10);
  append(take, 0, 0, 60, 96);
  append(take, 1, 0, 64, 96);
  take_remove_bar(take, 0);
  take_clear(take);
  assert_int_equal(take_bar_count(take), 0);
  assert_int_equal(take_note_count(take), 0);
  assert_true(take_has_room(take, 4, 10));
  assert_null(take_bar(take, 1));
  assert_null(take_oldest_bar(take));
  for (uint32_t slot = 0; slot < take_slot_count(take); ++slot) {
    assert_null(take_slot(take, slot));
  }
  append(take, 1, 0, 60, 96);
  assert_int_equal(take_bar(take, 1)->count, 1);
  take_free(take);
}

// Against a plain table of which bars there are
static void
bars_anywhere_in_the_song_are_found_after_any_removals(void **const state)
{
  (void)state;
  enum { BARS = 64, NUMBERS = 200 };
  struct take *const take = take_new(BARS, 1000);
  bool is_there[NUMBERS] = {false};
  uint32_t count = 0;
  for (uint64_t i = 0; i < 20000; ++i) {
    const uint32_t which = random_below(5, i, NUMBERS);
    const uint32_t number = which % 2 ? which : which * 21000000;
    if (is_there[which]) {
      take_remove_bar(take, number);
      is_there[which] = false;
      --count;
    } else {
      const bool is_open = append(take, number, 0, 60, 12) != TAKE_NONE;
      assert_int_equal(is_open, count < BARS);
      is_there[which] = is_open;
      count += is_open;
    }
    assert_int_equal(take_bar_count(take), count);
    assert_int_equal(take_note_count(take), count);

    const uint32_t probe = random_below(6, i, NUMBERS);
    const struct take_bar *const bar = take_bar(take, probe % 2 ? probe : probe * 21000000);
    assert_int_equal(bar != NULL, is_there[probe]);
    assert_true(!bar || bar->number == (probe % 2 ? probe : probe * 21000000));
  }
  uint32_t in_slots = 0;
  for (uint32_t slot = 0; slot < take_slot_count(take); ++slot) {
    in_slots += take_slot(take, slot) != NULL;
  }
  assert_int_equal(in_slots, count);
  take_free(take);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(notes_come_back_in_order),
      cmocka_unit_test(an_open_bar_is_opened_only_once),
      cmocka_unit_test(a_note_ends_where_its_pitch_begins_again),
      cmocka_unit_test(a_note_is_cut_many_bars_later),
      cmocka_unit_test(a_note_is_not_cut_across_a_gap),
      cmocka_unit_test(a_doubled_note_makes_no_sound),
      cmocka_unit_test(inserted_notes_stand_in_order_and_cut_what_sounds),
      cmocka_unit_test(hushed_music_ends_but_what_was_played_sounds_on),
      cmocka_unit_test(rests_neither_sound_nor_cut),
      cmocka_unit_test(a_cut_bar_keeps_what_was_before),
      cmocka_unit_test(joined_music_cuts_what_leads_into_it),
      cmocka_unit_test(a_full_take_says_so_and_has_room_again),
      cmocka_unit_test(the_oldest_bar_is_the_one_opened_first),
      cmocka_unit_test(a_cleared_take_is_as_new),
      cmocka_unit_test(bars_anywhere_in_the_song_are_found_after_any_removals),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
