// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What the window makes of messages: good ones are taken in to the bit, bad ones change nothing; and what it says itself.

#include "roll_link.h"
#include "roll_model.h"
#include "roll_song.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
  struct sender sender;
  struct roll_model *model;
};

static int
setup(void **const state)
{
  struct fixture *const fixture = calloc(1, sizeof *fixture);
  sender_init(&fixture->sender);
  fixture->model = roll_model_new(&fixture->sender.urids.map);
  *state = fixture;
  return 0;
}

static int
teardown(void **const state)
{
  struct fixture *const fixture = *state;
  roll_model_free(fixture->model);
  sender_clear(&fixture->sender);
  free(fixture);
  return 0;
}

static bool
tell(struct fixture *const fixture, struct sent_bar *const bar)
{
  return roll_model_read(fixture->model, sender_bar(&fixture->sender, bar));
}

static void
a_bar_is_known_as_told(void **const state)
{
  struct fixture *const fixture = *state;
  struct sent_bar bar;
  assert_null(roll_model_bar(fixture->model, 7));
  sent_bar_begin(&bar, 7, BAR_IS_THERE | BAR_IS_LOCKED, 6, 8);
  bar.ints[BAR_SECTION] = 3;
  sent_bar_note(&bar, 0, 48, 24, 127, true);
  sent_bar_quote(&bar, 12);
  sent_bar_glance(&bar, 2, 71, 50, 255);
  sent_bar_glance(&bar, 1, 0, 0, 3);
  sent_bar_note(&bar, 71, 108, 576, 1, false);
  assert_true(tell(fixture, &bar));

  const struct roll_bar *const known = roll_model_bar(fixture->model, 7);
  assert_non_null(known);
  assert_int_equal(known->number, 7);
  assert_int_equal(known->flags, BAR_IS_THERE | BAR_IS_LOCKED);
  assert_int_equal(known->metre.numerator, 6);
  assert_int_equal(known->metre.denominator, 8);
  assert_int_equal(known->section, 3);
  assert_int_equal(known->count, 2);
  assert_int_equal(known->notes[0].pitch, 48);
  assert_int_equal(known->notes[0].velocity, 127);
  assert_true(known->notes[0].is_left);
  assert_int_equal(known->notes[0].quotation, 12);
  assert_int_equal(known->notes[0].glance_count, 2);
  assert_int_equal(known->notes[0].glances[0].bar, 2);
  assert_int_equal(known->notes[0].glances[0].tick, 71);
  assert_int_equal(known->notes[0].glances[0].pitch, 50);
  assert_int_equal(known->notes[0].glances[0].share, 255);
  assert_int_equal(known->notes[1].tick, 71);
  assert_int_equal(known->notes[1].sounding, 576);
  assert_int_equal(known->notes[1].quotation, WINDOW_UNKNOWN);
  assert_false(known->notes[1].is_left);
  assert_int_equal(roll_bar_ticks(known->metre), 72);
  assert_int_equal(roll_model_metre(fixture->model, 7).numerator, 6);
  assert_int_equal(roll_model_metre(fixture->model, 8).numerator, 4);
}

static void
notes_follow_and_take_the_place_of_others(void **const state)
{
  struct fixture *const fixture = *state;
  struct sent_bar bar;
  sent_bar_begin(&bar, 0, BAR_IS_THERE, 4, 4);
  sent_bar_note(&bar, 0, 60, 12, 64, false);
  sent_bar_note(&bar, 12, 62, 12, 64, false);
  tell(fixture, &bar);
  const uint32_t revision = roll_model_bar_revision(fixture->model, 0);

  sent_bar_begin(&bar, 0, BAR_IS_THERE, 4, 4);
  bar.ints[BAR_FIRST] = 2;
  sent_bar_note(&bar, 24, 64, 12, 64, false);
  tell(fixture, &bar);
  assert_int_equal(roll_model_bar(fixture->model, 0)->count, 3);
  assert_true(roll_model_bar_revision(fixture->model, 0) != revision);

  sent_bar_begin(&bar, 0, BAR_IS_THERE, 4, 4);
  bar.ints[BAR_FIRST] = 1;
  sent_bar_note(&bar, 6, 65, 12, 64, false);
  tell(fixture, &bar);
  assert_int_equal(roll_model_bar(fixture->model, 0)->count, 2);
  assert_int_equal(roll_model_bar(fixture->model, 0)->notes[1].pitch, 65);

  sent_bar_begin(&bar, WINDOW_BARS, BAR_IS_THERE, 4, 4);
  tell(fixture, &bar);
  assert_null(roll_model_bar(fixture->model, 0)); // Of the same place
  assert_int_equal(roll_model_bar(fixture->model, WINDOW_BARS)->count, 0);
  sent_bar_begin(&bar, WINDOW_BARS, 0, 4, 4);
  tell(fixture, &bar);
  assert_null(roll_model_bar(fixture->model, WINDOW_BARS));
}

static void
forget_forgets_all_bars(void **const state)
{
  struct fixture *const fixture = *state;
  song_tell(&fixture->sender, fixture->model, 3, 0.0);
  assert_non_null(roll_model_bar(fixture->model, 15));
  const int32_t ints[FORGET_SIZE] = {0};
  assert_true(roll_model_read(fixture->model,
                              sender_message(&fixture->sender, fixture->sender.window.forget, ints, FORGET_SIZE)));
  for (int32_t number = 0; number < 20; ++number) {
    assert_null(roll_model_bar(fixture->model, number));
  }
  assert_int_equal(roll_model_moment(fixture->model)->bar, 3);
}

static void
a_missing_message_is_noticed_once(void **const state)
{
  struct fixture *const fixture = *state;
  song_tell(&fixture->sender, fixture->model, 0, 0.0);
  assert_false(roll_model_has_gap(fixture->model));
  ++fixture->sender.serial;
  song_tell(&fixture->sender, fixture->model, 0, 0.0);
  assert_true(roll_model_has_gap(fixture->model));
  assert_false(roll_model_has_gap(fixture->model));
  fixture->sender.serial = UINT32_MAX - 3; // Another plugin, say
  song_tell(&fixture->sender, fixture->model, 0, 0.0);
  assert_true(roll_model_has_gap(fixture->model));
  song_tell(&fixture->sender, fixture->model, 0, 0.0); // Over the end of the numbers
  assert_false(roll_model_has_gap(fixture->model));
}

static void
a_moment_is_known_as_told(void **const state)
{
  struct fixture *const fixture = *state;
  const struct roll_moment moment = {
      .bar = -2,
      .tick = 13.25,
      .ticks_per_second = 48.125,
      .metre = {3, 8},
      .ready_bar = 4,
      .ready_tick = 7,
      .flags = MOMENT_IS_KNOWN | MOMENT_IS_LOCKED,
      .undo = 8,
      .look_ahead = 96,
      .rate = 2,
      .originality = 16,
  };
  assert_true(roll_model_read(fixture->model, sender_moment(&fixture->sender, &moment)));
  const struct roll_moment *const known = roll_model_moment(fixture->model);
  assert_int_equal(known->bar, -2);
  assert_true(known->tick == 13.25);
  assert_true(known->ticks_per_second == 48.125);
  assert_int_equal(known->metre.numerator, 3);
  assert_int_equal(known->metre.denominator, 8);
  assert_int_equal(known->ready_bar, 4);
  assert_int_equal(known->ready_tick, 7);
  assert_int_equal(known->flags, MOMENT_IS_KNOWN | MOMENT_IS_LOCKED);
  assert_int_equal(known->undo, 8);
  assert_int_equal(known->look_ahead, 96);
  assert_int_equal(known->originality, 16);
  assert_int_equal(roll_model_host_bar(fixture->model, 4),
                   3); // Double time: bar 5 of the music begins bar 3 of the host
  assert_int_equal(roll_model_host_bar(fixture->model, 5), 0);
}

// Change one integer of a good message; the model must not have taken it in.
static void
assert_bad_bar(struct fixture *const fixture, const uint32_t index, const int32_t value)
{
  struct sent_bar bar;
  const uint32_t revision = roll_model_revision(fixture->model);
  sent_bar_begin(&bar, 1, BAR_IS_THERE, 4, 4);
  sent_bar_note(&bar, 3, 60, 12, 64, false);
  sent_bar_glance(&bar, 0, 3, 60, 99);
  sent_bar_note(&bar, 3, 64, 12, 64, false);
  bar.ints[index] = value;
  assert_true(tell(fixture, &bar)); // Ours, but bad
  assert_int_equal(roll_model_revision(fixture->model), revision);
  assert_null(roll_model_bar(fixture->model, 1));
}

static void
bad_bars_change_nothing(void **const state)
{
  struct fixture *const fixture = *state;
  const uint32_t first = BAR_NOTES;
  const uint32_t second = BAR_NOTES + 4;
  assert_bad_bar(fixture, BAR_NUMBER, -1);
  assert_bad_bar(fixture, BAR_NUMBER, WINDOW_BAR_LAST);
  assert_bad_bar(fixture, BAR_METRE, 0 | 4 << 8);
  assert_bad_bar(fixture, BAR_METRE, 4 | 5 << 8);
  assert_bad_bar(fixture, BAR_METRE, 33 | 4 << 8);
  assert_bad_bar(fixture, BAR_METRE, -1);
  assert_bad_bar(fixture, BAR_SECTION, -1);
  assert_bad_bar(fixture, BAR_FIRST, -1);
  assert_bad_bar(fixture, BAR_FIRST, 1); // There is none before it
  assert_bad_bar(fixture, BAR_COUNT, -1);
  assert_bad_bar(fixture, BAR_COUNT, 3);
  assert_bad_bar(fixture, BAR_COUNT, 1 << 30);
  assert_bad_bar(fixture, first, 3 | 20 << NOTE_PITCH_SHIFT);                           // No key of a piano
  assert_bad_bar(fixture, first, 96 | 60 << NOTE_PITCH_SHIFT);                          // Behind the bar
  assert_bad_bar(fixture, first, 3 | 60 << NOTE_PITCH_SHIFT | 5 << NOTE_PLACES_SHIFT);  // Too many places
  assert_bad_bar(fixture, first + 1, 0);                                                // Sounds for no time
  assert_bad_bar(fixture, first + 2, -5);                                               // Looks at no bar
  assert_bad_bar(fixture, second, 2 | 64 << NOTE_PITCH_SHIFT);                          // Before the note before
  assert_bad_bar(fixture, second, 3 | 64 << NOTE_PITCH_SHIFT | 2 << NOTE_PLACES_SHIFT); // Longer than the message
}

static void
a_note_never_goes_before_those_that_stay(void **const state)
{
  struct fixture *const fixture = *state;
  struct sent_bar bar;
  sent_bar_begin(&bar, 1, BAR_IS_THERE, 4, 4);
  sent_bar_note(&bar, 50, 60, 12, 64, false);
  tell(fixture, &bar);
  sent_bar_begin(&bar, 1, BAR_IS_THERE, 4, 4);
  bar.ints[BAR_FIRST] = 1;
  sent_bar_note(&bar, 49, 60, 12, 64, false);
  tell(fixture, &bar);
  assert_int_equal(roll_model_bar(fixture->model, 1)->count, 1);
}

static uint64_t
next_random(uint64_t *const seed)
{
  *seed = *seed * 6364136223846793005U + 1442695040888963407U;
  return *seed >> 33;
}

// All that is known is in range, whatever was told.
static void
assert_sane(const struct roll_model *const model)
{
  for (int32_t number = 0; number < 40; ++number) {
    const struct roll_bar *const bar = roll_model_bar(model, number);
    for (uint32_t i = 0; bar && i < bar->count; ++i) {
      const struct roll_note *const note = &bar->notes[i];
      assert_in_range(note->pitch, ROLL_PITCH_LOWEST, ROLL_PITCH_HIGHEST);
      assert_true(note->tick < roll_bar_ticks(bar->metre) && note->sounding > 0);
      assert_true(note->glance_count <= WINDOW_GLANCES);
      assert_true(i == 0 || note->tick >= bar->notes[i - 1].tick);
    }
  }
}

static void
noise_never_breaks_it(void **const state)
{
  struct fixture *const fixture = *state;
  struct sender *const sender = &fixture->sender;
  uint64_t seed = 1;
  for (uint32_t i = 0; i < 300000; ++i) {
    struct sent_bar bar;
    sent_bar_begin(&bar, (int32_t)(next_random(&seed) % 30), BAR_IS_THERE, 4, 4);
    for (uint64_t n = next_random(&seed) % 6; n > 0; --n) {
      sent_bar_note(&bar, (unsigned)(next_random(&seed) % 96), 60, 12, 64, false);
    }
    bar.ints[BAR_FIRST] = (int32_t)(next_random(&seed) % 4);
    union {
      LV2_Atom atom;
      uint32_t words[WINDOW_MESSAGE_SIZE / 4];
    } noise;
    memset(&noise, 0, sizeof noise);
    const LV2_Atom *const good = sender_bar(sender, &bar);
    const uint32_t size = good->size;
    memcpy(&noise, good, lv2_atom_total_size(good));
    if (next_random(&seed) % 2) {
      noise.words[next_random(&seed) % (sizeof(LV2_Atom) / 4 + size / 4)] =
          (uint32_t)(next_random(&seed) % 3 ? next_random(&seed) % 64 : next_random(&seed) * 0x9E3779B1U);
      noise.atom.size = size - (uint32_t)(next_random(&seed) % (size + 1)); // Never more than is there
    }
    roll_model_read(fixture->model, &noise.atom);
  }
  assert_sane(fixture->model);
}

static void
other_atoms_are_for_others(void **const state)
{
  struct fixture *const fixture = *state;
  const int32_t ints[LOOK_SIZE] = {0};
  LV2_Atom_Int number = {{sizeof(int32_t), fixture->sender.window.integer}, 5};
  assert_false(roll_model_read(fixture->model, &number.atom));
  assert_false(
      roll_model_read(fixture->model, sender_message(&fixture->sender, fixture->sender.window.look, ints, LOOK_SIZE)));
}

// The window's side

// The integers of a message that the window sends
static const int32_t *
said(const struct roll_link *const link, const LV2_Atom *const atom, const LV2_URID kind)
{
  static int32_t ints[LOOK_SIZE];
  struct window_message message = {0};
  assert_non_null(atom);
  assert_true(window_message_read(&link->uris, atom, &message));
  assert_int_equal(message.kind, kind);
  assert_in_range(message.count, 1, LOOK_SIZE);
  memcpy(ints, message.ints, message.count * sizeof *ints);
  return ints;
}

static void
the_window_says_what_it_looks_at_and_that_it_is_there(void **const state)
{
  struct fixture *const fixture = *state;
  struct roll_link link;
  roll_link_init(&link, &fixture->sender.urids.map, 77);
  const int32_t *ints = said(&link, roll_link_message(&link, fixture->model, 4, 9, 0.0), link.uris.look);
  assert_int_equal(ints[LOOK_WINDOW], 77);
  assert_int_equal(ints[LOOK_FIRST_BAR], 4);
  assert_int_equal(ints[LOOK_BAR_COUNT], 9);
  assert_int_equal(ints[LOOK_FRESH], 1);
  assert_null(roll_link_message(&link, fixture->model, 4, 9, 0.5));
  ints = said(&link, roll_link_message(&link, fixture->model, 4, 9, WINDOW_LOOK_SECONDS + 0.1), link.uris.look);
  assert_int_equal(ints[LOOK_FRESH], 0);
  ints = said(&link, roll_link_message(&link, fixture->model, -3, 9999, 3.0), link.uris.look);
  assert_int_equal(ints[LOOK_FIRST_BAR], 0);
  assert_int_equal(ints[LOOK_BAR_COUNT], WINDOW_LOOK_BARS);
  ints = said(&link, roll_link_goodbye(&link), link.uris.goodbye);
  assert_int_equal(ints[GOODBYE_WINDOW], 77);
}

static void
after_a_missed_message_it_asks_for_everything(void **const state)
{
  struct fixture *const fixture = *state;
  struct roll_link link;
  roll_link_init(&link, &fixture->sender.urids.map, 77);
  assert_non_null(roll_link_message(&link, fixture->model, 0, 9, 0.0));
  song_tell(&fixture->sender, fixture->model, 0, 0.0);
  ++fixture->sender.serial;
  song_tell(&fixture->sender, fixture->model, 0, 0.0);
  assert_null(roll_link_message(&link, fixture->model, 0, 9, 0.4)); // Not at once again
  assert_null(roll_model_bar(fixture->model, 3));
  const int32_t *const ints = said(&link, roll_link_message(&link, fixture->model, 0, 9, 1.1), link.uris.look);
  assert_int_equal(ints[LOOK_FRESH], 1);
  song_tell(&fixture->sender, fixture->model, 0, 0.0);
  assert_null(roll_link_message(&link, fixture->model, 0, 9, 1.2));
  assert_non_null(roll_model_bar(fixture->model, 3));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(a_bar_is_known_as_told),
      TEST(notes_follow_and_take_the_place_of_others),
      TEST(forget_forgets_all_bars),
      TEST(a_missing_message_is_noticed_once),
      TEST(a_moment_is_known_as_told),
      TEST(bad_bars_change_nothing),
      TEST(a_note_never_goes_before_those_that_stay),
      TEST(noise_never_breaks_it),
      TEST(other_atoms_are_for_others),
      TEST(the_window_says_what_it_looks_at_and_that_it_is_there),
      TEST(after_a_missed_message_it_asks_for_everything),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
