// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The composer: the same notes however the work is cut, the song moves and one comes back; and valid music always.

#include "engine/composer.h"
#include "engine/constraints.h"
#include "fake_network.h"
#include "random_weights.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { UNLIMITED = 0x7FFFFFFF, BEAT = TICKS_PER_QUARTER };

static const struct metre four_four = {4, 4};
static const struct metre three_four = {3, 4};

static const struct controls controls_default = {
    .sampling = {.temperature = 1.0F, .top_p = 1.0F},
    .seed = 1,
    .look_ahead = 8 * BEAT,
};

// A composer with its weights
struct desk {
  struct composer *composer;
  struct weights *weights;
};

static struct desk
desk_new(const enum fake_kind kind, const uint32_t seed)
{
  struct desk desk;
  struct error error;
  assert_int_equal(composer_new(&desk.composer, &error), STATUS_SUCCESS);
  desk.weights = fake_weights_new(kind, 99);
  struct controls controls = controls_default;
  controls.seed = seed;
  composer_set_controls(desk.composer, &controls);
  assert_null(composer_set_weights(desk.composer, desk.weights));
  return desk;
}

static void
desk_free(struct desk *const desk)
{
  composer_free(desk->composer);
  fake_weights_free(desk->weights);
}

static void
locate(struct desk *const desk, const uint32_t bar, const uint32_t tick)
{
  composer_locate(desk->composer, (struct position){bar, tick}, four_four);
}

static void
fill(struct desk *const desk)
{
  composer_work(desk->composer, UNLIMITED);
  assert_true(composer_is_filled(desk->composer));
}

// Play beat by beat from the start of bar `begin` to that of bar `end`, filling the take at every beat.
static void
replay(struct desk *const desk, const uint32_t begin, const uint32_t end, const struct metre metre)
{
  for (uint32_t bar = begin; bar < end; ++bar) {
    for (uint32_t tick = 0; tick < metre_bar_ticks(metre); tick += metre_beat_ticks(metre)) {
      composer_move(desk->composer, (struct position){bar, tick}, metre);
      fill(desk);
    }
  }
}

// The same where nothing is composed anew, so that what is ready never goes back.
static void
play(struct desk *const desk, const uint32_t begin, const uint32_t end, const struct metre metre)
{
  struct position ready = {0, 0};
  for (uint32_t bar = begin; bar < end; ++bar) {
    for (uint32_t tick = 0; tick < metre_bar_ticks(metre); tick += metre_beat_ticks(metre)) {
      composer_move(desk->composer, (struct position){bar, tick}, metre);
      fill(desk);
      const struct position now = composer_ready(desk->composer);
      assert_true(now.bar > ready.bar || (now.bar == ready.bar && now.tick >= ready.tick));
      ready = now;
    }
  }
}

// A copy of one bar of a take
struct copy {
  bool is_there;
  struct metre metre;
  uint32_t count;
  struct take_note notes[2048];
};

static struct copy *
copy_bar(struct desk *const desk, const uint32_t number)
{
  struct copy *const copy = calloc(1, sizeof(*copy));
  struct take *const take = composer_take(desk->composer);
  const struct take_bar *const bar = take_bar(take, number);
  if (bar) {
    copy->is_there = true;
    copy->metre = bar->metre;
    for (uint32_t i = bar->first; i != TAKE_NONE; i = take_note(take, i)->next) {
      assert_true(copy->count < 2048);
      copy->notes[copy->count++] = *take_note(take, i);
    }
    assert_int_equal(copy->count, bar->count);
  }
  return copy;
}

static bool
copies_are_equal(const struct copy *const a, const struct copy *const b, const bool with_sounding)
{
  bool equal = a->is_there == b->is_there && a->count == b->count && metre_equals(a->metre, b->metre);
  for (uint32_t i = 0; equal && i < a->count; ++i) {
    const struct take_note *const x = &a->notes[i];
    const struct take_note *const y = &b->notes[i];
    equal = x->event.hand == y->event.hand && x->event.pitch == y->event.pitch &&
            x->event.velocity == y->event.velocity && x->event.duration == y->event.duration &&
            x->event.advance == y->event.advance && x->tick == y->tick && x->rest == y->rest &&
            x->joined == y->joined && (!with_sounding || x->sounding == y->sounding);
  }
  return equal;
}

static bool
bars_are_equal(struct desk *const a, const uint32_t bar_a, struct desk *const b, const uint32_t bar_b)
{
  struct copy *const copy_a = copy_bar(a, bar_a);
  struct copy *const copy_b = copy_bar(b, bar_b);
  const bool equal = copies_are_equal(copy_a, copy_b, true);
  free(copy_a);
  free(copy_b);
  return equal;
}

static void
assert_same_bars(struct desk *const a, struct desk *const b, const uint32_t begin, const uint32_t end)
{
  for (uint32_t bar = begin; bar < end; ++bar) {
    if (!bars_are_equal(a, bar, b, bar)) {
      fail_msg("bar %u differs", bar);
    }
  }
}

static uint32_t
notes_between(struct desk *const desk, const uint32_t begin, const uint32_t end)
{
  uint32_t count = 0;
  for (uint32_t bar = begin; bar < end; ++bar) {
    const struct take_bar *const there = take_bar(composer_take(desk->composer), bar);
    count += there ? there->count : 0;
  }
  return count;
}

// Check the rules of constraints.h and of the take on bars `begin` to `end`.
static void
check_music(struct desk *const desk, const uint32_t begin, const uint32_t end)
{
  struct take *const take = composer_take(desk->composer);
  int64_t sounding_until[128] = {0};
  int64_t start = 0;
  int64_t last_onset = -1;
  unsigned last_pitch = 0;
  uint32_t chord = 0;
  for (uint32_t number = begin; number < end; ++number) {
    const struct take_bar *const bar = take_bar(take, number);
    assert_non_null(bar);
    for (uint32_t i = bar->first; i != TAKE_NONE; i = take_note(take, i)->next) {
      const struct take_note *const note = take_note(take, i);
      const int64_t onset = start + note->tick;
      assert_true(event_is_valid(&note->event));
      assert_true(note->event.hand < HAND_UNTOLD && note->event.velocity > 0);
      assert_true(note->event.advance <= ADVANCE_BARS * 96);
      assert_true(onset >= last_onset);
      assert_true(onset > last_onset || note->event.pitch > last_pitch);
      chord = onset > last_onset ? 1 : chord + 1;
      assert_true(chord <= CHORD_NOTES);
      assert_true(note->sounding > 0 && note->sounding <= note->event.duration);
      assert_true(sounding_until[note->event.pitch] <= onset);
      sounding_until[note->event.pitch] = onset + note->sounding;
      last_onset = onset;
      last_pitch = note->event.pitch;
    }
    start += metre_bar_ticks(bar->metre);
  }
}

// A desk that has played bars 0 to `bars` without ever leaving
static struct desk
played_through(const enum fake_kind kind, const uint32_t bars)
{
  struct desk desk = desk_new(kind, 1);
  locate(&desk, 0, 0);
  play(&desk, 0, bars, four_four);
  return desk;
}

static void
any_budget_gives_the_same_notes(void **const state)
{
  (void)state;
  static const uint32_t budgets[] = {1, 500, 20000};
  for (enum fake_kind kind = FAKE_EVENTS; kind <= FAKE_TOKENS; ++kind) {
    struct desk whole = played_through(kind, 4);
    assert_true(notes_between(&whole, 0, 6) > 20);
    for (int i = 0; i < 3; ++i) {
      struct desk sliced = desk_new(kind, 1);
      locate(&sliced, 0, 0);
      for (uint32_t bar = 0; bar < 4; ++bar) {
        for (uint32_t tick = 0; tick < 96; tick += BEAT) {
          composer_move(sliced.composer, (struct position){bar, tick}, four_four);
          while (!composer_is_filled(sliced.composer)) {
            assert_true(composer_work(sliced.composer, budgets[i]) <= budgets[i] + NETWORK_SLICE);
          }
          assert_int_equal(composer_work(sliced.composer, budgets[i]), 0);
        }
      }
      assert_same_bars(&whole, &sliced, 0, 6);
      desk_free(&sliced);
    }
    desk_free(&whole);
  }
}

static void
one_call_does_no_more_than_it_is_given(void **const state)
{
  (void)state;
  struct desk desk = desk_new(FAKE_EVENTS, 1);
  locate(&desk, 0, 0);
  uint32_t calls = 0;
  for (; !composer_is_filled(desk.composer); ++calls) {
    composer_work(desk.composer, 100);
  }
  const uint32_t steps = notes_between(&desk, 0, 8);
  assert_true(calls >= steps * (FAKE_STEP_OPERATIONS / 100));
  desk_free(&desk);
}

static void
the_first_onset_is_where_the_section_begins(void **const state)
{
  (void)state;
  static const struct position places[][2] = {
      {{0, 0}, {0, 0}}, {{3, 48}, {3, 48}}, {{3, 49}, {3, 72}}, {{3, 71}, {3, 72}}, {{3, 73}, {4, 0}},
  };
  for (int i = 0; i < 5; ++i) {
    struct desk desk = desk_new(FAKE_EVENTS, 1);
    locate(&desk, places[i][0].bar, places[i][0].tick);
    fill(&desk);
    const struct position entry = places[i][1];
    struct take *const take = composer_take(desk.composer);
    const struct take_bar *const bar = take_bar(take, entry.bar);
    assert_non_null(bar);
    assert_int_equal(take_note(take, bar->first)->tick, entry.tick);
    assert_int_equal(bar->section, entry.bar);
    assert_int_equal(bar->entry, entry.tick);
    assert_null(entry.bar > 0 ? take_bar(take, entry.bar - 1) : NULL);
    desk_free(&desk);
  }
}

static void
a_section_depends_on_seed_and_place_alone(void **const state)
{
  (void)state;
  struct desk direct = desk_new(FAKE_EVENTS, 1);
  locate(&direct, 20, 24);
  fill(&direct);

  struct desk travelled = played_through(FAKE_EVENTS, 6);
  locate(&travelled, 50, 0);
  play(&travelled, 50, 53, four_four);
  locate(&travelled, 20, 24);
  fill(&travelled);
  assert_same_bars(&direct, &travelled, 20, 22);

  struct desk seeded = desk_new(FAKE_EVENTS, 2);
  locate(&seeded, 20, 24);
  fill(&seeded);
  assert_false(bars_are_equal(&direct, 20, &seeded, 20));

  struct desk elsewhere = desk_new(FAKE_EVENTS, 1);
  locate(&elsewhere, 20, 48);
  fill(&elsewhere);
  assert_false(bars_are_equal(&direct, 20, &elsewhere, 20));
  desk_free(&elsewhere);
  desk_free(&seeded);
  desk_free(&travelled);
  desk_free(&direct);
}

// Return the first note of the section that begins at `bar` and `tick` by random numbers alone.
static struct event
drawn_note(const uint32_t seed, const uint32_t bar, const uint32_t tick)
{
  struct desk desk = desk_new(FAKE_FLAT, seed);
  locate(&desk, bar, tick);
  fill(&desk);
  struct take *const take = composer_take(desk.composer);
  const struct event event = take_note(take, take_bar(take, bar)->first)->event;
  desk_free(&desk);
  return event;
}

static bool
events_are_equal(const struct event a, const struct event b)
{
  return a.pitch == b.pitch && a.duration == b.duration && a.velocity == b.velocity && a.advance == b.advance;
}

static void
random_numbers_differ_by_seed_bar_tick_and_choice(void **const state)
{
  (void)state;
  const struct event event = drawn_note(1, 20, 24);
  assert_true(events_are_equal(event, drawn_note(1, 20, 24)));
  assert_false(events_are_equal(event, drawn_note(2, 20, 24)));
  assert_false(events_are_equal(event, drawn_note(1, 21, 24)));
  assert_false(events_are_equal(event, drawn_note(1, 20, 48)));

  // One number for all choices would put pitch and duration at the same part of their classes
  const double pitch = (double)event_class(&event, FIELD_PITCH) / PITCH_CLASSES;
  const double duration = (double)event_class(&event, FIELD_DURATION) / DURATION_CLASSES;
  const double velocity = (double)event_class(&event, FIELD_VELOCITY) / VELOCITY_CLASSES;
  assert_false(fabs(pitch - duration) < 0.07 && fabs(pitch - velocity) < 0.07);
}

static void
rewound_bars_are_replayed_and_go_on_as_if_never_left(void **const state)
{
  (void)state;
  for (enum fake_kind kind = FAKE_EVENTS; kind <= FAKE_TOKENS; ++kind) {
    struct desk through = played_through(kind, 20);
    struct desk rewound = played_through(kind, 10);
    const uint32_t resets = fake_resets(rewound.weights);
    struct copy *const before = copy_bar(&rewound, 5);
    locate(&rewound, 2, 30);
    struct copy *const after = copy_bar(&rewound, 5);
    assert_true(copies_are_equal(before, after, true));
    play(&rewound, 3, 20, four_four);
    assert_same_bars(&through, &rewound, 0, 20);
    assert_int_equal(fake_resets(rewound.weights), resets); // The network was still there
    free(after);
    free(before);
    desk_free(&rewound);
    desk_free(&through);
  }
}

static void
returning_after_other_music_equals_never_having_left(void **const state)
{
  (void)state;
  for (enum fake_kind kind = FAKE_EVENTS; kind <= FAKE_TOKENS; ++kind) {
    struct desk through = played_through(kind, 20);
    struct desk returned = played_through(kind, 10);
    const uint32_t resets = fake_resets(returned.weights);
    locate(&returned, 100, 0);
    play(&returned, 100, 104, four_four);
    locate(&returned, 4, 0);
    play(&returned, 4, 20, four_four);
    assert_same_bars(&through, &returned, 0, 20);
    assert_int_equal(fake_resets(returned.weights), resets + 2); // One for bar 100, one for the replay
    desk_free(&returned);
    desk_free(&through);
  }
}

static void
leaving_at_any_moment_changes_nothing(void **const state)
{
  (void)state;
  struct desk through = played_through(FAKE_EVENTS, 12);
  struct desk restless = desk_new(FAKE_EVENTS, 1);
  locate(&restless, 0, 0);
  for (uint32_t i = 0; i < 400 && composer_ready(restless.composer).bar < 12; ++i) {
    const uint32_t bar = composer_ready(restless.composer).bar;
    locate(&restless, bar > 1 ? bar - 1 : 0, 0);
    composer_work(restless.composer, 1000 + 977 * i); // Mostly ends within a step or a chord
    locate(&restless, 500 + i % 3 * 20, 0);
    composer_work(restless.composer, 7001);
    locate(&restless, bar > 1 ? bar - 1 : 0, 0);
  }
  locate(&restless, 0, 0);
  play(&restless, 0, 12, four_four);
  assert_same_bars(&through, &restless, 0, 12);
  desk_free(&restless);
  desk_free(&through);
}

static void
locating_again_and_again_does_not_hold_up_the_first_note(void **const state)
{
  (void)state;
  struct desk desk = desk_new(FAKE_EVENTS, 1);
  for (uint32_t i = 0; i < 100; ++i) {
    locate(&desk, 7, 0);
    composer_work(desk.composer, 500);
  }
  assert_true(notes_between(&desk, 7, 9) > 0);
  desk_free(&desk);
}

static void
the_bar_after_the_take_continues_it(void **const state)
{
  (void)state;
  struct desk through = played_through(FAKE_EVENTS, 10);
  struct desk stopped = played_through(FAKE_EVENTS, 4);
  uint32_t next = 4;
  while (take_bar(composer_take(stopped.composer), next) && take_bar(composer_take(stopped.composer), next)->complete) {
    ++next;
  }
  locate(&stopped, 300, 0);
  fill(&stopped);
  locate(&stopped, next, 0);
  fill(&stopped);
  assert_same_bars(&through, &stopped, 0, next + 1);
  desk_free(&stopped);
  desk_free(&through);
}

static void
an_empty_bar_elsewhere_begins_a_section(void **const state)
{
  (void)state;
  struct desk desk = played_through(FAKE_EVENTS, 4);
  locate(&desk, 40, 0);
  fill(&desk);
  assert_int_equal(take_bar(composer_take(desk.composer), 40)->section, 40);
  desk_free(&desk);
}

static void
a_bar_entered_in_its_middle_is_kept(void **const state)
{
  (void)state;
  struct desk desk = desk_new(FAKE_EVENTS, 1);
  locate(&desk, 8, 48);
  play(&desk, 9, 11, four_four);
  static const struct position places[] = {{8, 0}, {8, 30}, {8, 90}};
  for (int i = 0; i < 3; ++i) {
    struct copy *const before = copy_bar(&desk, 8);
    locate(&desk, places[i].bar, places[i].tick);
    fill(&desk);
    struct copy *const after = copy_bar(&desk, 8);
    assert_int_equal(after->notes[0].tick, 48);
    assert_true(copies_are_equal(before, after, true));
    free(after);
    free(before);
  }
  desk_free(&desk);
}

static void
nothing_sounds_into_itself_where_two_sections_meet(void **const state)
{
  (void)state;
  for (uint32_t seed = 0; seed < 20; ++seed) {
    struct desk desk = desk_new(FAKE_EVENTS, seed);
    locate(&desk, 10, 0);
    play(&desk, 10, 14, four_four);
    locate(&desk, 5, 0);
    play(&desk, 5, 14, four_four);
    check_music(&desk, 5, 14);
    desk_free(&desk);
  }
}

static void
music_that_runs_into_older_music_goes_over_to_it(void **const state)
{
  (void)state;
  struct desk desk = desk_new(FAKE_EVENTS, 1);
  locate(&desk, 10, 0);
  play(&desk, 10, 14, four_four);
  struct copy *const before = copy_bar(&desk, 11);
  locate(&desk, 5, 0);
  play(&desk, 5, 14, four_four);
  struct copy *const after = copy_bar(&desk, 11);
  assert_true(copies_are_equal(before, after, false));
  assert_int_equal(take_bar(composer_take(desk.composer), 9)->section, 5);
  assert_int_equal(take_bar(composer_take(desk.composer), 11)->section, 10);
  assert_true(take_bar(composer_take(desk.composer), 9)->complete);
  free(after);
  free(before);
  desk_free(&desk);
}

static void
a_change_of_metre_composes_the_bars_ahead_anew_in_the_same_section(void **const state)
{
  (void)state;
  struct desk desk = played_through(FAKE_EVENTS, 4);
  struct copy *const third = copy_bar(&desk, 3);
  play(&desk, 4, 8, three_four);
  struct take *const take = composer_take(desk.composer);
  for (uint32_t bar = 4; bar < 8; ++bar) {
    assert_true(metre_equals(take_bar(take, bar)->metre, three_four));
    assert_int_equal(take_bar(take, bar)->section, 0);
  }
  struct copy *const kept = copy_bar(&desk, 3);
  assert_true(copies_are_equal(third, kept, false));

  // Rewound, both metres come back
  struct copy *const fifth = copy_bar(&desk, 5);
  const uint32_t feeds = fake_feeds(desk.weights);
  locate(&desk, 0, 0);
  play(&desk, 0, 4, four_four);
  play(&desk, 4, 6, three_four);
  struct copy *const again = copy_bar(&desk, 5);
  assert_true(copies_are_equal(fifth, again, true));
  assert_int_equal(fake_feeds(desk.weights), feeds);
  free(again);
  free(fifth);
  free(kept);
  free(third);
  desk_free(&desk);
}

static void
a_change_of_metre_is_the_same_whenever_it_is_noticed(void **const state)
{
  (void)state;
  struct desk desks[2] = {desk_new(FAKE_EVENTS, 1), desk_new(FAKE_EVENTS, 1)};
  for (int i = 0; i < 2; ++i) {
    struct controls controls = controls_default;
    controls.look_ahead = i ? 2 * BEAT : 40 * BEAT;
    composer_set_controls(desks[i].composer, &controls);
    locate(&desks[i], 0, 0);
    play(&desks[i], 0, 4, four_four);
    play(&desks[i], 4, 24, three_four); // The last bars' notes may still be cut by what comes
  }
  assert_same_bars(&desks[0], &desks[1], 0, 12);
  desk_free(&desks[0]);
  desk_free(&desks[1]);
}

static void
a_change_of_metre_in_the_middle_of_a_step_is_heard_in_that_step(void **const state)
{
  (void)state;
  struct desk desks[2] = {desk_new(FAKE_EVENTS, 1), desk_new(FAKE_EVENTS, 1)};
  for (int i = 0; i < 2; ++i) {
    struct desk *const desk = &desks[i];
    locate(desk, 0, 0);
    while (composer_ready(desk->composer).bar < 4) {
      composer_work(desk->composer, 500);
      composer_move(desk->composer, (struct position){composer_ready(desk->composer).bar, 0}, four_four);
    }
    if (i == 0) {
      composer_work(desk->composer, FAKE_STEP_OPERATIONS / 2); // The step at the bar line has begun
    } else {
      locate(desk, 300, 0); // Nothing has
      composer_locate(desk->composer, (struct position){4, 0}, three_four);
    }
    play(desk, 4, 16, three_four);
  }
  assert_same_bars(&desks[0], &desks[1], 0, 8);
  desk_free(&desks[0]);
  desk_free(&desks[1]);
}

static void
locating_to_a_bar_of_another_metre_composes_it_anew(void **const state)
{
  (void)state;
  struct desk desk = played_through(FAKE_EVENTS, 8);
  composer_locate(desk.composer, (struct position){4, 0}, three_four);
  fill(&desk);
  struct take *const take = composer_take(desk.composer);
  assert_true(metre_equals(take_bar(take, 4)->metre, three_four));
  play(&desk, 4, 6, three_four);
  assert_true(metre_equals(take_bar(take, 3)->metre, four_four));
  assert_true(metre_equals(take_bar(take, 4)->metre, three_four));
  assert_true(metre_equals(take_bar(take, 6)->metre, three_four)); // Composing ran over the old ones
  desk_free(&desk);
}

static void
new_weights_begin_a_section_at_the_next_bar_line(void **const state)
{
  (void)state;
  struct desk desk = played_through(FAKE_EVENTS, 6);
  composer_move(desk.composer, (struct position){6, 30}, four_four);
  fill(&desk);
  struct copy *const kept = copy_bar(&desk, 6);
  struct weights *const others = fake_weights_new(FAKE_EVENTS, 1234);
  assert_ptr_equal(composer_set_weights(desk.composer, others), desk.weights);
  fill(&desk);
  play(&desk, 7, 12, four_four);
  struct take *const take = composer_take(desk.composer);
  struct copy *const after = copy_bar(&desk, 6);
  assert_true(copies_are_equal(kept, after, false));
  assert_int_equal(take_bar(take, 6)->section, 0);
  for (uint32_t bar = 7; bar < 12; ++bar) {
    assert_int_equal(take_bar(take, bar)->section, 7);
  }

  // The music is that of the new weights
  struct desk fresh = desk_new(FAKE_EVENTS, 1);
  composer_set_weights(fresh.composer, others);
  locate(&fresh, 7, 0);
  play(&fresh, 7, 10, four_four);
  assert_same_bars(&fresh, &desk, 7, 10);
  composer_set_weights(fresh.composer, fresh.weights);
  desk_free(&fresh);
  free(after);
  free(kept);
  fake_weights_free(others);
  desk_free(&desk);
}

static void
new_weights_drop_all_that_lies_ahead(void **const state)
{
  (void)state;
  struct desk desk = played_through(FAKE_EVENTS, 20);
  locate(&desk, 4, 0);
  struct weights *const others = fake_weights_new(FAKE_EVENTS, 1234);
  composer_set_weights(desk.composer, others);
  locate(&desk, 15, 0); // Before any of it was looked at
  fill(&desk);
  struct take *const take = composer_take(desk.composer);
  assert_int_equal(take_bar(take, 15)->section, 15);
  for (int i = 0; i < 100; ++i) {
    locate(&desk, 15 + i % 2, 0);
    composer_work(desk.composer, 4000);
  }
  assert_non_null(take_bar(take, 3));
  assert_null(take_bar(take, 4));
  assert_null(take_bar(take, 14));
  fake_weights_free(others);
  desk_free(&desk);
}

static void
the_same_weights_loaded_again_go_on(void **const state)
{
  (void)state;
  struct desk through = played_through(FAKE_EVENTS, 12);
  struct desk desk = played_through(FAKE_EVENTS, 6);
  struct weights *const again = fake_weights_new(FAKE_EVENTS, desk.weights->hash);
  composer_set_weights(desk.composer, again);
  play(&desk, 6, 12, four_four);
  assert_same_bars(&through, &desk, 0, 12);
  fake_weights_free(again);
  desk_free(&desk);
  desk_free(&through);
}

static void
changed_controls_are_remembered_when_a_section_is_fed_again(void **const state)
{
  (void)state;
  struct desk desks[2];
  for (int i = 0; i < 2; ++i) {
    desks[i] = played_through(FAKE_EVENTS, 4);
    struct controls controls = controls_default;
    controls.key = 5;
    controls.style = 2;
    composer_set_controls(desks[i].composer, &controls);
    play(&desks[i], 4, 8, four_four);
    controls.key = 0;
    composer_set_controls(desks[i].composer, &controls);
    play(&desks[i], 8, 12, four_four);
    if (i == 1) {
      locate(&desks[i], 60, 0);
      fill(&desks[i]);
      locate(&desks[i], 12, 0);
    }
    play(&desks[i], 12, 16, four_four);
  }
  assert_same_bars(&desks[0], &desks[1], 0, 16);
  desk_free(&desks[0]);
  desk_free(&desks[1]);
}

// Use key `key` from now on.
static void
set_key(struct desk *const desk, const uint8_t key)
{
  struct controls controls = controls_default;
  controls.key = key;
  composer_set_controls(desk->composer, &controls);
}

// Play bars 0 to `end` from their beginning; from bar `change` on, to before `back`, the key is `key`.
static void
play_automated(
    struct desk *const desk, const uint32_t end, const uint32_t change, const uint32_t back, const uint8_t key)
{
  set_key(desk, 0);
  locate(desk, 0, 0);
  replay(desk, 0, change, four_four);
  set_key(desk, key);
  replay(desk, change, back, four_four);
  set_key(desk, 0);
  replay(desk, back, end, four_four);
}

// Copies of bars 0 to 31
struct copies {
  struct copy *bars[32];
};

static struct copies
copy_bars(struct desk *const desk)
{
  struct copies copies;
  for (uint32_t i = 0; i < 32; ++i) {
    copies.bars[i] = copy_bar(desk, i);
  }
  return copies;
}

static void
free_copies(struct copies *const copies)
{
  for (uint32_t i = 0; i < 32; ++i) {
    free(copies->bars[i]);
  }
}

// Return the first bar from `first` to before `end` that is not as it was, or `end`; notes may end elsewhere.
static uint32_t
first_composed_anew(struct desk *const desk,
                    const struct copies *const copies,
                    const uint32_t first,
                    const uint32_t end)
{
  for (uint32_t i = first; i < end; ++i) {
    struct copy *const now = copy_bar(desk, i);
    const bool equal = copies_are_equal(now, copies->bars[i], false);
    free(now);
    if (!equal) {
      return i;
    }
  }
  return end;
}

// The same, and they may not.
static uint32_t
first_changed(struct desk *const desk, const struct copies *const copies, const uint32_t first, const uint32_t end)
{
  for (uint32_t i = first; i < end; ++i) {
    struct copy *const now = copy_bar(desk, i);
    const bool equal = copies_are_equal(now, copies->bars[i], true);
    free(now);
    if (!equal) {
      return i;
    }
  }
  return end;
}

static void
controls_count_from_the_beat_that_is_the_look_ahead_ahead(void **const state)
{
  (void)state;
  struct desk desk = desk_new(FAKE_EVENTS, 1);
  play_automated(&desk, 12, 4, 20, 5); // The look-ahead is two bars
  for (uint32_t bar = 0; bar < 12; ++bar) {
    const struct copy *const copy = copy_bar(&desk, bar);
    assert_true(copy->count > 0);
    for (uint32_t i = 0; i < copy->count; ++i) {
      assert_int_equal(copy->notes[i].conditions.key, bar < 6 ? 0 : 5);
    }
    free((void *)(uintptr_t)copy);
  }
  desk_free(&desk);
}

static void
the_same_automation_replays_the_same_bars(void **const state)
{
  (void)state;
  struct desk desk = desk_new(FAKE_EVENTS, 1);
  play_automated(&desk, 14, 4, 7, 5);
  struct copies before = copy_bars(&desk);
  const uint32_t feeds = fake_feeds(desk.weights);
  play_automated(&desk, 14, 4, 7, 5);
  assert_int_equal(first_changed(&desk, &before, 0, 16), 16);
  assert_int_equal(fake_feeds(desk.weights), feeds);
  assert_false(composer_undo(desk.composer));
  free_copies(&before);
  desk_free(&desk);
}

static void
set_temperature(struct desk *const desk, const float temperature)
{
  struct controls controls = controls_default;
  controls.sampling.temperature = temperature;
  composer_set_controls(desk->composer, &controls);
}

static void
music_stays_where_a_curve_is_read_one_step_away(void **const state)
{
  (void)state;
  struct desk desk = desk_new(FAKE_EVENTS, 1);
  set_temperature(&desk, 0.8F);
  locate(&desk, 0, 0);
  replay(&desk, 0, 10, four_four);
  struct copies before = copy_bars(&desk);
  const uint32_t feeds = fake_feeds(desk.weights);
  locate(&desk, 0, 0);
  set_temperature(&desk, 0.81F); // As another block's beginning may give it
  replay(&desk, 0, 8, four_four);
  assert_int_equal(first_changed(&desk, &before, 0, 10), 10);
  assert_int_equal(fake_feeds(desk.weights), feeds);

  locate(&desk, 0, 0);
  set_temperature(&desk, 0.82F);
  replay(&desk, 0, 8, four_four);
  assert_true(fake_feeds(desk.weights) > feeds);
  free_copies(&before);
  desk_free(&desk);
}

static void
controls_that_are_read_a_block_later_count_for_its_beats(void **const state)
{
  (void)state;
  // A block that ends with a beat; one that begins before it and ends after it; one that does so and does not say that it began
  struct desk desks[3] = {desk_new(FAKE_EVENTS, 1), desk_new(FAKE_EVENTS, 1), desk_new(FAKE_EVENTS, 1)};
  for (int i = 0; i < 3; ++i) {
    struct desk *const desk = &desks[i];
    locate(desk, 0, 0);
    replay(desk, 0, 4, four_four);
    if (i == 1) {
      composer_begin_block(desk->composer, (struct position){3, 90});
    }
    if (i > 0) {
      composer_move(desk->composer, (struct position){4, 0}, four_four);
      fill(desk);
      composer_move(desk->composer, (struct position){4, 3}, four_four);
    }
    set_key(desk, 5);
    composer_move(desk->composer, (struct position){4, i > 0 ? 4 : 0}, four_four);
    fill(desk);
    replay(desk, 5, 10, four_four);
  }
  assert_same_bars(&desks[0], &desks[1], 0, 10);
  struct copy *const sixth = copy_bar(&desks[2], 6);
  assert_true(sixth->count > 0 && sixth->notes[0].conditions.key == 0);
  free(sixth);
  for (int i = 0; i < 3; ++i) {
    desk_free(&desks[i]);
  }
}

static void
other_automation_is_heard_from_its_first_beat_on_and_undo_brings_the_rest_back(void **const state)
{
  (void)state;
  struct desk desk = desk_new(FAKE_EVENTS, 1);
  play_automated(&desk, 14, 20, 20, 5);
  struct copies before = copy_bars(&desk);
  locate(&desk, 0, 0);
  replay(&desk, 0, 5, four_four);
  composer_move(desk.composer, (struct position){5, 0}, four_four);
  set_key(&desk, 5);
  composer_move(desk.composer, (struct position){5, 24}, four_four); // 7, 24 is the first beat latched under it
  fill(&desk);
  replay(&desk, 6, 14, four_four);
  assert_int_equal(first_composed_anew(&desk, &before, 0, 14), 7);
  struct copy *const seventh = copy_bar(&desk, 7);
  for (uint32_t i = 0; i < seventh->count; ++i) {
    assert_int_equal(seventh->notes[i].conditions.key, seventh->notes[i].tick < 24 ? 0 : 5);
  }
  free(seventh);

  assert_true(composer_undo(desk.composer));
  assert_int_equal(first_changed(&desk, &before, 0, 14), 14);
  locate(&desk, 0, 0);
  replay(&desk, 0, 14, four_four); // Under the other key still: what was brought back stays
  assert_int_equal(first_changed(&desk, &before, 0, 14), 14);
  set_key(&desk, 7);
  locate(&desk, 0, 0);
  replay(&desk, 0, 14, four_four); // Until the controls change again
  assert_int_equal(first_composed_anew(&desk, &before, 0, 14), 2);
  free_copies(&before);
  desk_free(&desk);
}

static void
what_is_composed_anew_is_the_same_whenever_it_is_noticed(void **const state)
{
  (void)state;
  struct desk desks[2] = {desk_new(FAKE_EVENTS, 1), desk_new(FAKE_EVENTS, 1)};
  play_automated(&desks[0], 14, 5, 9, 5); // At once under the automation
  play_automated(&desks[1], 14, 20, 20, 5);
  play_automated(&desks[1], 14, 5, 9, 5); // Over music of before
  assert_same_bars(&desks[0], &desks[1], 0, 15);
  desk_free(&desks[0]);
  desk_free(&desks[1]);
}

static void
music_composed_ahead_is_rolled_back_without_feeding_the_rest_again(void **const state)
{
  (void)state;
  for (enum fake_kind kind = FAKE_EVENTS; kind <= FAKE_TOKENS; ++kind) {
    struct desk near = desk_new(kind, 5);
    struct desk far = desk_new(kind, 5); // Loses its place, and feeds all of it again
    locate(&near, 0, 0);
    locate(&far, 0, 0);
    uint32_t resets = 0;
    for (uint32_t bar = 0; bar < 40; ++bar) {
      struct controls controls = controls_default;
      controls.seed = 5;
      controls.sampling.temperature = 0.5F + 0.1F * (float)(bar % 7);
      controls.surprise = bar % 5 ? 0.0F : 3.0F;
      composer_set_controls(near.composer, &controls);
      composer_set_controls(far.composer, &controls);
      replay(&near, bar, bar + 1, four_four);
      replay(&far, bar, bar + 1, four_four);
      composer_set_weights(far.composer, far.weights);
      resets = bar == 10 ? fake_resets(near.weights) : resets;
    }
    assert_int_equal(fake_resets(near.weights), resets);
    assert_true(fake_resets(far.weights) > resets + 20);
    assert_same_bars(&near, &far, 0, 40);
    desk_free(&near);
    desk_free(&far);
  }
}

static void
latching_does_not_depend_on_how_often_time_is_told(void **const state)
{
  (void)state;
  struct desk desks[2] = {desk_new(FAKE_EVENTS, 1), desk_new(FAKE_EVENTS, 1)};
  for (uint32_t d = 0; d < 2; ++d) {
    locate(&desks[d], 0, 0);
    // Keys change every 40 ticks, at places that are no beats
    for (uint32_t at = 0; at < 14 * 96; at += 40) {
      set_key(&desks[d], (uint8_t)(at / 40 % 5));
      for (uint32_t tick = at; tick < at + 40; tick += d ? 40 : 1) {
        const uint32_t last = tick + (d ? 39 : 0);
        composer_move(desks[d].composer, (struct position){tick / 96, tick % 96}, four_four);
        composer_reach(desks[d].composer, (struct position){last / 96, last % 96});
        fill(&desks[d]);
      }
    }
  }
  assert_same_bars(&desks[0], &desks[1], 0, 14);
  desk_free(&desks[0]);
  desk_free(&desks[1]);
}

static void
controls_that_change_before_the_playhead_moves_count_from_its_place(void **const state)
{
  (void)state;
  struct desk direct = desk_new(FAKE_EVENTS, 1);
  set_key(&direct, 5);
  locate(&direct, 3, 0);
  replay(&direct, 3, 8, four_four);

  struct desk changed = desk_new(FAKE_EVENTS, 1);
  locate(&changed, 3, 0);
  fill(&changed);
  set_key(&changed, 9);
  composer_work(changed.composer, 7000); // In the middle of a step
  set_key(&changed, 5);
  replay(&changed, 3, 8, four_four);
  assert_same_bars(&direct, &changed, 3, 8);
  assert_false(composer_undo(changed.composer)); // Nothing that was heard is lost
  desk_free(&changed);
  desk_free(&direct);
}

static void
a_step_begun_under_other_controls_is_begun_again(void **const state)
{
  (void)state;
  struct desk desks[2] = {played_through(FAKE_EVENTS, 4), played_through(FAKE_EVENTS, 4)};
  for (int i = 0; i < 2; ++i) {
    composer_move(desks[i].composer, (struct position){4, 24}, four_four);
    while (i == 1 && !composer_is_filled(desks[i].composer)) {
      composer_work(desks[i].composer, 100);
    }
    composer_move(desks[i].composer, (struct position){4, 48}, four_four);
    composer_work(desks[i].composer, i == 1 ? 100 : 0);
    locate(&desks[i], 3, 0);
    set_key(&desks[i], 5);
    replay(&desks[i], 3, 10, four_four);
  }
  assert_int_equal(notes_between(&desks[0], 0, 9), notes_between(&desks[1], 0, 9));
  assert_same_bars(&desks[0], &desks[1], 0, 9);
  desk_free(&desks[0]);
  desk_free(&desks[1]);
}

static void
older_music_at_the_playhead_stays_when_controls_change_there(void **const state)
{
  (void)state;
  struct desk desk = played_through(FAKE_EVENTS, 8);
  struct copies before = copy_bars(&desk);
  locate(&desk, 5, 0);
  set_key(&desk, 5);
  fill(&desk);
  set_key(&desk, 6);
  fill(&desk);
  assert_int_equal(first_composed_anew(&desk, &before, 0, 9), 9);
  free_copies(&before);
  desk_free(&desk);
}

static void
regenerating_changes_what_comes_and_undo_brings_it_back_eight_times(void **const state)
{
  (void)state;
  struct desk desk = played_through(FAKE_EVENTS, 10);
  struct copies takes[TAKE_UNDO + 2];
  for (int i = 0; i < TAKE_UNDO + 2; ++i) {
    takes[i] = copy_bars(&desk);
    locate(&desk, 3, 24);
    composer_regenerate(desk.composer);
    replay(&desk, 4, 10, four_four);
    for (int k = 0; k <= i; ++k) {
      assert_int_equal(first_composed_anew(&desk, &takes[k], 0, 11), 4);
    }
  }
  for (int i = TAKE_UNDO + 1; i >= 2; --i) {
    assert_true(composer_undo(desk.composer));
    assert_int_equal(first_changed(&desk, &takes[i], 0, 10), 10);
    check_music(&desk, 0, 10);
  }
  assert_false(composer_undo(desk.composer));
  for (int i = 0; i < TAKE_UNDO + 2; ++i) {
    free_copies(&takes[i]);
  }
  desk_free(&desk);
}

static void
regenerated_music_goes_on_as_if_never_left(void **const state)
{
  (void)state;
  struct desk desks[2] = {played_through(FAKE_EVENTS, 6), played_through(FAKE_EVENTS, 6)};
  for (int i = 0; i < 2; ++i) {
    locate(&desks[i], 2, 24);
    composer_regenerate(desks[i].composer);
    replay(&desks[i], 3, 8, four_four);
    if (i == 1) {
      locate(&desks[i], 90, 0);
      fill(&desks[i]);
      locate(&desks[i], 8, 0);
    }
    replay(&desks[i], 8, 20, four_four);
    assert_int_equal(take_bar(composer_take(desks[i].composer), 10)->section, 0); // It goes on from what is before it
  }
  assert_same_bars(&desks[0], &desks[1], 0, 20);
  desk_free(&desks[0]);
  desk_free(&desks[1]);
}

static void
regenerating_bars_leaves_all_others(void **const state)
{
  (void)state;
  struct desk desk = played_through(FAKE_EVENTS, 14);
  struct copies before = copy_bars(&desk);
  struct bar_set bars;
  assert_true(bar_set_read(&bars, "5-7", 3));
  locate(&desk, 0, 0);
  composer_regenerate_bars(desk.composer, &bars);
  replay(&desk, 0, 14, four_four);
  for (uint32_t i = 0; i < 14; ++i) {
    struct copy *const now = copy_bar(&desk, i);
    // What sounds into the new bars may end elsewhere than it did
    assert_int_equal(copies_are_equal(now, before.bars[i], false), i < 4 || i > 6);
    free(now);
  }
  check_music(&desk, 0, 14);
  assert_true(composer_undo(desk.composer));
  assert_int_equal(first_changed(&desk, &before, 0, 14), 14);
  free_copies(&before);
  desk_free(&desk);
}

static void
locked_bars_stay_whatever_happens(void **const state)
{
  (void)state;
  struct desk desk = played_through(FAKE_EVENTS, 14);
  struct copies before = copy_bars(&desk);
  struct bar_set bars;
  struct bar_set all;
  assert_true(bar_set_read(&bars, "5-7, 10", 7));
  assert_true(bar_set_read(&all, "all", 3));
  composer_lock_bars(desk.composer, &bars);
  struct weights *const others = fake_weights_new(FAKE_EVENTS, 1234);
  for (int i = 0; i < 5; ++i) {
    locate(&desk, 0, 0);
    if (i == 0) {
      set_key(&desk, 3);
    } else if (i == 1) {
      composer_regenerate(desk.composer);
    } else if (i == 2) {
      composer_regenerate_bars(desk.composer, &all);
    } else if (i == 3) {
      composer_set_weights(desk.composer, others);
    } else {
      assert_true(composer_undo(desk.composer));
    }
    replay(&desk, 0, 14, four_four);
    for (uint32_t bar = 0; bar < 14; ++bar) {
      struct copy *const now = copy_bar(&desk, bar);
      const bool stays = (bar >= 4 && bar < 7) || bar == 9;
      assert_true(!stays || copies_are_equal(now, before.bars[bar], false));
      free(now);
    }
    assert_true(first_composed_anew(&desk, &before, 2, 4) < 4);
  }
  composer_set_weights(desk.composer, desk.weights);
  fake_weights_free(others);
  free_copies(&before);
  desk_free(&desk);
}

static void
a_locked_take_stays_and_grows(void **const state)
{
  (void)state;
  struct desk desk = played_through(FAKE_EVENTS, 8);
  struct copies before = copy_bars(&desk);
  composer_lock(desk.composer, true);
  set_key(&desk, 3);
  locate(&desk, 0, 0);
  composer_regenerate(desk.composer);
  assert_false(composer_undo(desk.composer));
  replay(&desk, 0, 12, four_four);
  assert_int_equal(first_changed(&desk, &before, 0, 8), 8);
  assert_non_null(take_bar(composer_take(desk.composer), 11));
  composer_lock(desk.composer, false);
  locate(&desk, 0, 0);
  replay(&desk, 0, 8, four_four);
  assert_int_equal(first_composed_anew(&desk, &before, 0, 8), 2);
  free_copies(&before);
  desk_free(&desk);
}

static void
new_weights_can_be_undone(void **const state)
{
  (void)state;
  struct desk desk = played_through(FAKE_EVENTS, 10);
  struct copies before = copy_bars(&desk);
  locate(&desk, 3, 0);
  struct weights *const others = fake_weights_new(FAKE_EVENTS, 1234);
  composer_set_weights(desk.composer, others);
  replay(&desk, 3, 10, four_four);
  assert_int_equal(first_composed_anew(&desk, &before, 0, 10), 3);
  assert_true(composer_undo(desk.composer));
  locate(&desk, 0, 0);
  replay(&desk, 0, 9, four_four);
  assert_int_equal(first_changed(&desk, &before, 0, 9), 9);
  fake_weights_free(others);
  free_copies(&before);
  desk_free(&desk);
}

static void
a_long_section_is_composed_anew_to_its_end(void **const state)
{
  (void)state;
  struct desk desk = played_through(FAKE_TOKENS, 900);
  locate(&desk, 2, 24);
  composer_regenerate(desk.composer);
  fill(&desk);
  for (int i = 0; i < 10; ++i) {
    composer_work(desk.composer, 1);
  }
  struct take *const take = composer_take(desk.composer);
  assert_non_null(take_bar(take, 2));
  assert_null(take_bar(take, 300));
  assert_null(take_bar(take, 898));
  assert_true(composer_undo(desk.composer));
  assert_non_null(take_bar(take, 898));
  desk_free(&desk);
}

static void
what_undo_does_not_reach_any_more_is_collected(void **const state)
{
  (void)state;
  struct desk desk = played_through(FAKE_TOKENS, 20);
  struct take *const take = composer_take(desk.composer);
  for (int i = 0; i < 100; ++i) {
    locate(&desk, 0, 24);
    composer_regenerate(desk.composer);
    replay(&desk, 1, 20, four_four);
    for (int k = 0; k < 50; ++k) { // Look ahead is full: only collecting is left
      composer_work(desk.composer, 100000);
    }
  }
  assert_true(take_bar_count(take) < (TAKE_UNDO + 3) * 25);
  desk_free(&desk);
}

// Loop over so many bars from now on.
static void
set_loop(struct desk *const desk, const uint32_t bars, const uint8_t key)
{
  struct controls controls = controls_default;
  controls.loop_bars = bars;
  controls.key = key;
  composer_set_controls(desk->composer, &controls);
}

static bool
comes_back(struct desk *const desk, const uint32_t bar, const uint32_t again)
{
  struct copy *const a = copy_bar(desk, bar);
  struct copy *const b = copy_bar(desk, again);
  const bool equal = a->count > 0 && copies_are_equal(a, b, false);
  free(a);
  free(b);
  return equal;
}

static void
looped_bars_come_back_until_the_loop_ends(void **const state)
{
  (void)state;
  struct desk desk = desk_new(FAKE_EVENTS, 1);
  set_loop(&desk, 3, 0);
  locate(&desk, 5, 0);
  play(&desk, 5, 14, four_four);
  for (uint32_t bar = 8; bar < 14; ++bar) {
    assert_true(comes_back(&desk, bar - 3, bar));
  }
  assert_false(comes_back(&desk, 5, 6));
  check_music(&desk, 5, 14);
  set_loop(&desk, 0, 0);
  replay(&desk, 14, 24, four_four);
  assert_true(comes_back(&desk, 12, 15)); // The look-ahead
  for (uint32_t bar = 16; bar < 24; ++bar) {
    assert_false(comes_back(&desk, bar - 3, bar));
  }
  check_music(&desk, 5, 24);
  assert_int_equal(take_bar(composer_take(desk.composer), 20)->section, 5); // It goes on from what was heard
  desk_free(&desk);
}

static void
a_loop_switched_on_holds_what_was_just_heard(void **const state)
{
  (void)state;
  struct desk desk = played_through(FAKE_EVENTS, 8);
  set_loop(&desk, 2, 0);
  replay(&desk, 8, 16, four_four);
  assert_true(comes_back(&desk, 8, 10)); // The look-ahead is two bars
  assert_true(comes_back(&desk, 9, 11));
  assert_true(comes_back(&desk, 10, 12));
  assert_false(comes_back(&desk, 7, 9));

  // Other controls compose other bars, which then come back; so does regenerating
  set_loop(&desk, 2, 5);
  replay(&desk, 16, 24, four_four);
  assert_true(comes_back(&desk, 16, 14) && comes_back(&desk, 15, 17));
  assert_false(comes_back(&desk, 16, 18));
  assert_true(comes_back(&desk, 18, 20) && comes_back(&desk, 19, 21));
  composer_regenerate(desk.composer);
  replay(&desk, 24, 30, four_four);
  assert_false(comes_back(&desk, 22, 24));
  assert_true(comes_back(&desk, 24, 26) && comes_back(&desk, 25, 27) && comes_back(&desk, 26, 28));
  check_music(&desk, 0, 30);
  desk_free(&desk);
}

static void
a_loop_replays_and_goes_on_as_if_never_left(void **const state)
{
  (void)state;
  struct desk desks[2] = {desk_new(FAKE_TOKENS, 1), desk_new(FAKE_TOKENS, 1)};
  for (int i = 0; i < 2; ++i) {
    set_loop(&desks[i], 4, 0);
    locate(&desks[i], 0, 0);
    play(&desks[i], 0, 12, four_four);
    if (i == 1) {
      locate(&desks[i], 60, 0);
      fill(&desks[i]);
      locate(&desks[i], 2, 0);
      play(&desks[i], 2, 12, four_four);
    }
    set_loop(&desks[i], 0, 0);
    replay(&desks[i], 12, 20, four_four);
    assert_int_equal(composer_undo(desks[i].composer), false);
  }
  assert_same_bars(&desks[0], &desks[1], 0, 20);
  desk_free(&desks[0]);
  desk_free(&desks[1]);
}

static void
pieces_end_with_a_bar_of_rest_only_if_they_may(void **const state)
{
  (void)state;
  for (uint32_t may = 0; may < 2; ++may) {
    struct desk desk = desk_new(FAKE_FLAT, 3); // All advances are alike to it
    struct controls controls = controls_default;
    controls.seed = 3;
    controls.ending = may;
    composer_set_controls(desk.composer, &controls);
    locate(&desk, 0, 0);
    play(&desk, 0, 1000, four_four);
    struct take *const take = composer_take(desk.composer);
    uint32_t ends = 0;
    for (uint32_t number = 0; number < 999; ++number) {
      const struct take_bar *const bar = take_bar(take, number);
      if (bar->last == TAKE_NONE || take_note(take, bar->last)->event.advance != ADVANCE_END) {
        continue;
      }
      ++ends;
      assert_int_equal(take_bar(take, number + 1)->count, 0);
      assert_int_equal(take_bar(take, number + 1)->section, bar->section);
      assert_int_equal(take_bar(take, number + 2)->section, number + 2);
      assert_int_equal(take_note(take, take_bar(take, number + 2)->first)->tick, 0);
    }
    assert_int_equal(ends > 3, may);
    struct copies before = copy_bars(&desk);
    locate(&desk, 0, 0);
    play(&desk, 0, 30, four_four);
    assert_int_equal(first_changed(&desk, &before, 0, 32), 32);
    free_copies(&before);
    desk_free(&desk);
  }
}

static void
a_change_of_metre_after_the_end_of_a_piece_begins_the_next(void **const state)
{
  (void)state;
  struct desk desk = desk_new(FAKE_FLAT, 3);
  struct controls controls = controls_default;
  controls.ending = true;
  composer_set_controls(desk.composer, &controls);
  locate(&desk, 0, 0);
  struct take *const take = composer_take(desk.composer);
  uint32_t number = 0;
  for (;; ++number) {
    play(&desk, number, number + 1, four_four);
    const struct take_bar *const bar = take_bar(take, number);
    if (bar->ends && bar->count > 0 && take_note(take, bar->last)->tick < 90) {
      break;
    }
  }
  composer_move(desk.composer, (struct position){number, 90}, (struct metre){5, 4});
  fill(&desk);
  assert_true(take_bar(take, number)->ends);
  assert_int_equal(take_bar(take, number + 2)->section, number + 2);
  desk_free(&desk);
}

static void
conditions_that_the_weights_do_not_know_are_free(void **const state)
{
  (void)state;
  struct desk desk = desk_new(FAKE_EVENTS, 1);
  struct controls controls = controls_default;
  controls.style = 200;
  controls.key = 200;
  controls.density = 200;
  composer_set_controls(desk.composer, &controls);
  locate(&desk, 0, 0);
  fill(&desk);
  const struct copy *const bar = copy_bar(&desk, 0);
  assert_int_equal(bar->notes[0].conditions.style, 0);
  assert_int_equal(bar->notes[0].conditions.key, 0);
  assert_int_equal(bar->notes[0].conditions.density, 0);
  free((void *)(uintptr_t)bar);
  desk_free(&desk);
}

static void
chords_rise_and_no_pitch_overlaps_itself(void **const state)
{
  (void)state;
  struct desk desk = played_through(FAKE_EVENTS, 300);
  check_music(&desk, 0, 300);
  desk_free(&desk);
}

static void
logits_that_are_no_numbers_still_make_valid_music(void **const state)
{
  (void)state;
  struct desk desk = played_through(FAKE_BROKEN, 8);
  check_music(&desk, 0, 8);
  desk_free(&desk);
}

static void
temperature_zero_needs_no_seed(void **const state)
{
  (void)state;
  struct desk desks[2] = {desk_new(FAKE_EVENTS, 1), desk_new(FAKE_EVENTS, 2)};
  for (int i = 0; i < 2; ++i) {
    struct controls controls = controls_default;
    controls.sampling.temperature = 0.0F;
    controls.seed = 77U + (uint32_t)i;
    composer_set_controls(desks[i].composer, &controls);
    locate(&desks[i], 0, 0);
    fill(&desks[i]);
  }
  assert_same_bars(&desks[0], &desks[1], 0, 2);
  desk_free(&desks[0]);
  desk_free(&desks[1]);
}

static void
ready_never_goes_back_and_never_stands_still_for_want_of_a_note(void **const state)
{
  (void)state;
  struct desk desk = desk_new(FAKE_EVENTS, 5);
  static const struct metre metres[] = {{1, 32}, {32, 1}, {7, 8}, {6, 8}, {2, 2}};
  for (int i = 0; i < 5; ++i) {
    composer_locate(desk.composer, (struct position){1000U * (unsigned)i, 0}, metres[i]);
    play(&desk, 1000U * (unsigned)i, 1000U * (unsigned)i + 8, metres[i]); // play() checks it
  }
  desk_free(&desk);
}

static void
a_full_take_lets_the_oldest_bars_leave(void **const state)
{
  (void)state;
  struct desk desk = desk_new(FAKE_TOKENS, 1);
  locate(&desk, 0, 0);
  const uint32_t bars = TAKE_BARS + 500;
  for (uint32_t bar = 0; bar < bars; ++bar) {
    composer_move(desk.composer, (struct position){bar, 0}, four_four);
    fill(&desk);
  }
  struct take *const take = composer_take(desk.composer);
  assert_null(take_bar(take, 0));
  assert_null(take_bar(take, 100));
  assert_non_null(take_bar(take, bars - 1000));
  assert_non_null(take_bar(take, bars));
  assert_int_equal(take_bar(take, bars)->section, 0);

  // What is left can be gone back to and gone on with
  locate(&desk, 5, 0);
  fill(&desk);
  assert_int_equal(take_bar(take, 5)->section, 5);
  locate(&desk, bars, 0);
  fill(&desk);
  desk_free(&desk);
}

static void
bars_about_to_be_played_do_not_leave(void **const state)
{
  (void)state;
  struct desk desk = desk_new(FAKE_TOKENS, 1);
  locate(&desk, 0, 0);
  play(&desk, 0, 10, four_four); // Now the oldest of all
  locate(&desk, 1000, 0);
  struct take *const take = composer_take(desk.composer);
  for (uint32_t bar = 1000; take_has_room(take, 20, 0); ++bar) {
    composer_move(desk.composer, (struct position){bar, 0}, four_four);
    fill(&desk);
  }
  struct controls controls = controls_default;
  controls.look_ahead = 40 * 96;
  composer_set_controls(desk.composer, &controls);
  locate(&desk, 0, 0);
  fill(&desk);
  for (uint32_t bar = 0; bar < 40; ++bar) {
    assert_non_null(take_bar(take, bar));
  }
  assert_null(take_bar(take, 1000));
  desk_free(&desk);
}

static void
a_take_full_of_notes_lets_the_oldest_bars_leave(void **const state)
{
  (void)state;
  struct desk desk = desk_new(FAKE_TOKENS, 1);
  const struct metre long_bars = {32, 1};
  composer_locate(desk.composer, (struct position){0, 0}, long_bars);
  uint32_t bar = 0;
  for (; take_bar(composer_take(desk.composer), 0) || bar == 0; ++bar) {
    composer_move(desk.composer, (struct position){bar, 0}, long_bars);
    fill(&desk);
    assert_true(bar < TAKE_BARS / 2);
  }
  assert_true(take_note_count(composer_take(desk.composer)) > TAKE_NOTES - 20000);
  desk_free(&desk);
}

static void
without_weights_nothing_is_done(void **const state)
{
  (void)state;
  struct composer *composer = NULL;
  assert_int_equal(composer_new(&composer, NULL), STATUS_SUCCESS);
  composer_locate(composer, (struct position){3, 0}, four_four);
  composer_move(composer, (struct position){3, 5}, three_four);
  assert_int_equal(composer_work(composer, UNLIMITED), 0);
  assert_int_equal(take_bar_count(composer_take(composer)), 0);
  composer_free(composer);
}

static void
places_and_metres_out_of_range_are_survived(void **const state)
{
  (void)state;
  struct desk desk = desk_new(FAKE_EVENTS, 1);
  composer_locate(desk.composer, (struct position){UINT32_MAX, UINT32_MAX}, (struct metre){0, 3});
  fill(&desk);
  composer_move(desk.composer, (struct position){UINT32_MAX - 7, 5000}, (struct metre){200, 200});
  fill(&desk);
  desk_free(&desk);
}

// Weights of a small `streaming` network
static struct weights *
streaming_weights(void)
{
  static const struct streaming_sizes sizes = {16, 32, 16, 2, 16, 16, 16, 4, 64, 3};
  const char *const parent = getenv("TMPDIR");
  char path[512];
  snprintf(path, sizeof(path), "%s/ritornello-XXXXXX", parent ? parent : "/tmp");
  const int file = mkstemp(path);
  assert_true(file >= 0);
  close(file);
  struct weights *weights = NULL;
  struct error error;
  assert_int_equal(random_weights_write(path, &sizes, 5, 0.7F), 0);
  assert_int_equal(weights_load(path, &weights, &error), STATUS_SUCCESS);
  unlink(path);
  return weights;
}

static void
the_streaming_network_keeps_these_promises_too(void **const state)
{
  (void)state;
  static const uint32_t budgets[] = {UNLIMITED, 3000, 500};
  struct weights *weights[3];
  struct desk desks[3];
  for (int i = 0; i < 3; ++i) {
    desks[i] = desk_new(FAKE_EVENTS, 1);
    weights[i] = streaming_weights();
    composer_set_weights(desks[i].composer, weights[i]);
    locate(&desks[i], 0, 0);
    for (uint32_t bar = 0; bar < 24; ++bar) {
      if (bar == 12 && i > 0) { // Away and back
        locate(&desks[i], 90, 0);
        fill(&desks[i]);
        locate(&desks[i], bar, 0);
      }
      composer_move(desks[i].composer, (struct position){bar, 0}, four_four);
      while (!composer_is_filled(desks[i].composer)) {
        composer_work(desks[i].composer, budgets[i]);
      }
    }
    check_music(&desks[i], 0, 24);
  }
  assert_same_bars(&desks[0], &desks[1], 0, 24);
  assert_same_bars(&desks[0], &desks[2], 0, 24);
  for (int i = 0; i < 3; ++i) {
    desk_free(&desks[i]);
    weights_free(weights[i]);
  }
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(any_budget_gives_the_same_notes),
      cmocka_unit_test(one_call_does_no_more_than_it_is_given),
      cmocka_unit_test(the_first_onset_is_where_the_section_begins),
      cmocka_unit_test(a_section_depends_on_seed_and_place_alone),
      cmocka_unit_test(random_numbers_differ_by_seed_bar_tick_and_choice),
      cmocka_unit_test(rewound_bars_are_replayed_and_go_on_as_if_never_left),
      cmocka_unit_test(returning_after_other_music_equals_never_having_left),
      cmocka_unit_test(leaving_at_any_moment_changes_nothing),
      cmocka_unit_test(locating_again_and_again_does_not_hold_up_the_first_note),
      cmocka_unit_test(the_bar_after_the_take_continues_it),
      cmocka_unit_test(an_empty_bar_elsewhere_begins_a_section),
      cmocka_unit_test(a_bar_entered_in_its_middle_is_kept),
      cmocka_unit_test(nothing_sounds_into_itself_where_two_sections_meet),
      cmocka_unit_test(music_that_runs_into_older_music_goes_over_to_it),
      cmocka_unit_test(a_change_of_metre_composes_the_bars_ahead_anew_in_the_same_section),
      cmocka_unit_test(music_stays_where_a_curve_is_read_one_step_away),
      cmocka_unit_test(controls_that_are_read_a_block_later_count_for_its_beats),
      cmocka_unit_test(a_change_of_metre_is_the_same_whenever_it_is_noticed),
      cmocka_unit_test(a_change_of_metre_in_the_middle_of_a_step_is_heard_in_that_step),
      cmocka_unit_test(locating_to_a_bar_of_another_metre_composes_it_anew),
      cmocka_unit_test(new_weights_begin_a_section_at_the_next_bar_line),
      cmocka_unit_test(new_weights_drop_all_that_lies_ahead),
      cmocka_unit_test(the_same_weights_loaded_again_go_on),
      cmocka_unit_test(changed_controls_are_remembered_when_a_section_is_fed_again),
      cmocka_unit_test(controls_count_from_the_beat_that_is_the_look_ahead_ahead),
      cmocka_unit_test(the_same_automation_replays_the_same_bars),
      cmocka_unit_test(other_automation_is_heard_from_its_first_beat_on_and_undo_brings_the_rest_back),
      cmocka_unit_test(what_is_composed_anew_is_the_same_whenever_it_is_noticed),
      cmocka_unit_test(music_composed_ahead_is_rolled_back_without_feeding_the_rest_again),
      cmocka_unit_test(latching_does_not_depend_on_how_often_time_is_told),
      cmocka_unit_test(controls_that_change_before_the_playhead_moves_count_from_its_place),
      cmocka_unit_test(a_step_begun_under_other_controls_is_begun_again),
      cmocka_unit_test(older_music_at_the_playhead_stays_when_controls_change_there),
      cmocka_unit_test(regenerating_changes_what_comes_and_undo_brings_it_back_eight_times),
      cmocka_unit_test(regenerated_music_goes_on_as_if_never_left),
      cmocka_unit_test(regenerating_bars_leaves_all_others),
      cmocka_unit_test(locked_bars_stay_whatever_happens),
      cmocka_unit_test(a_locked_take_stays_and_grows),
      cmocka_unit_test(new_weights_can_be_undone),
      cmocka_unit_test(a_long_section_is_composed_anew_to_its_end),
      cmocka_unit_test(what_undo_does_not_reach_any_more_is_collected),
      cmocka_unit_test(looped_bars_come_back_until_the_loop_ends),
      cmocka_unit_test(a_loop_switched_on_holds_what_was_just_heard),
      cmocka_unit_test(a_loop_replays_and_goes_on_as_if_never_left),
      cmocka_unit_test(pieces_end_with_a_bar_of_rest_only_if_they_may),
      cmocka_unit_test(a_change_of_metre_after_the_end_of_a_piece_begins_the_next),
      cmocka_unit_test(conditions_that_the_weights_do_not_know_are_free),
      cmocka_unit_test(chords_rise_and_no_pitch_overlaps_itself),
      cmocka_unit_test(logits_that_are_no_numbers_still_make_valid_music),
      cmocka_unit_test(temperature_zero_needs_no_seed),
      cmocka_unit_test(ready_never_goes_back_and_never_stands_still_for_want_of_a_note),
      cmocka_unit_test(a_full_take_lets_the_oldest_bars_leave),
      cmocka_unit_test(bars_about_to_be_played_do_not_leave),
      cmocka_unit_test(a_take_full_of_notes_lets_the_oldest_bars_leave),
      cmocka_unit_test(the_streaming_network_keeps_these_promises_too),
      cmocka_unit_test(without_weights_nothing_is_done),
      cmocka_unit_test(places_and_metres_out_of_range_are_survived),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
