// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What is played, as the composer hears it: held harmonies, phrases that are gone on with, a hand that is accompanied. On
// networks that know no music but never forget what they were told, so that anything told wrongly changes all that follows.

#include "engine/composer.h"
#include "fake_network.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { UNLIMITED = 0x7FFFFFFF, BEAT = TICKS_PER_QUARTER, BAR = 4 * BEAT, MUSIC = 4096 };

static const struct metre four_four = {4, 4};

// C E G, and D flat F A flat
enum { C_MAJOR = 0x091, D_FLAT_MAJOR = 0x122 };

struct desk {
  struct composer *composer;
  struct weights *weights;
};

static struct desk
desk_new(const enum fake_kind kind, const enum input_mode input)
{
  struct desk desk;
  assert_int_equal(composer_new(&desk.composer, NULL), STATUS_SUCCESS);
  desk.weights = fake_weights_new(kind, 99);
  const struct controls controls = {
      .sampling = {.temperature = 1.0F, .top_p = 1.0F}, .seed = 1, .look_ahead = 8 * BEAT};
  composer_set_controls(desk.composer, &controls);
  composer_set_weights(desk.composer, desk.weights);
  composer_set_input(desk.composer, (struct position){0, 0}, input, HAND_RIGHT);
  composer_locate(desk.composer, (struct position){0, 0}, four_four);
  return desk;
}

static void
desk_free(struct desk *const desk)
{
  composer_free(desk->composer);
  fake_weights_free(desk->weights);
}

static struct position
place(const uint32_t tick)
{
  return (struct position){tick / BAR, tick % BAR};
}

// Let the playhead go from tick to tick, `slice` operations at each.
static void
roll(struct desk *const desk, const uint32_t begin, const uint32_t end, const uint32_t slice)
{
  for (uint32_t tick = begin; tick < end; ++tick) {
    composer_move(desk->composer, place(tick), four_four);
    composer_work(desk->composer, slice);
  }
}

// Notes of the take
struct music {
  uint32_t count;
  struct heard {
    uint32_t tick;
    struct take_note note;
  } notes[MUSIC];
};

static struct music *
music_read(struct desk *const desk, const uint32_t begin, const uint32_t end)
{
  struct music *const music = calloc(1, sizeof(*music));
  struct take *const take = composer_take(desk->composer);
  for (uint32_t number = begin / BAR; number * BAR < end; ++number) {
    const struct take_bar *const bar = take_bar(take, number);
    for (uint32_t i = bar ? bar->first : TAKE_NONE; i != TAKE_NONE; i = take_note(take, i)->next) {
      const uint32_t tick = number * BAR + take_note(take, i)->tick;
      if (tick >= begin && tick < end && !take_note(take, i)->rest) {
        assert_true(music->count < MUSIC);
        struct heard *const heard = &music->notes[music->count++];
        *heard = (struct heard){tick, *take_note(take, i)};
        if (tick + heard->note.sounding > end) { // What comes then may cut it
          heard->note.sounding = (uint16_t)(end - tick);
        }
      }
    }
  }
  return music;
}

static bool
musics_are_equal(const struct music *const a, const struct music *const b)
{
  bool equal = a->count == b->count;
  for (uint32_t i = 0; equal && i < a->count; ++i) {
    const struct take_note *const x = &a->notes[i].note;
    const struct take_note *const y = &b->notes[i].note;
    equal = a->notes[i].tick == b->notes[i].tick && x->event.pitch == y->event.pitch &&
            x->event.hand == y->event.hand && x->event.velocity == y->event.velocity && x->sounding == y->sounding &&
            x->event.duration == y->event.duration && x->event.advance == y->event.advance && x->origin == y->origin &&
            x->harmony == y->harmony;
  }
  return equal;
}

static void
assert_same(struct desk *const a, struct desk *const b, const uint32_t begin, const uint32_t end)
{
  struct music *const x = music_read(a, begin, end);
  struct music *const y = music_read(b, begin, end);
  for (uint32_t i = 0; i < x->count && i < y->count; ++i) {
    if (x->notes[i].tick != y->notes[i].tick || x->notes[i].note.event.pitch != y->notes[i].note.event.pitch) {
      fail_msg("note %u is %d at %u, but %d at %u", i, x->notes[i].note.event.pitch, x->notes[i].tick,
               y->notes[i].note.event.pitch, y->notes[i].tick);
    }
  }
  assert_true(musics_are_equal(x, y));
  free(y);
  free(x);
}

static uint32_t
count(struct desk *const desk, const uint32_t begin, const uint32_t end, const int origin)
{
  struct music *const music = music_read(desk, begin, end);
  uint32_t notes = 0;
  for (uint32_t i = 0; i < music->count; ++i) {
    notes += music->notes[i].note.origin == origin;
  }
  free(music);
  return notes;
}

// The share of composed notes whose pitch class is one of `tones`.
static double
share(struct desk *const desk, const uint32_t begin, const uint32_t end, const unsigned tones)
{
  struct music *const music = music_read(desk, begin, end);
  uint32_t inside = 0;
  for (uint32_t i = 0; i < music->count; ++i) {
    inside += tones >> music->notes[i].note.event.pitch % 12 & 1U;
  }
  const double share = music->count ? (double)inside / music->count : 0.0;
  free(music);
  return share;
}

// Every note's advance leads to the next.
static void
assert_leads_on(struct desk *const desk, const uint32_t begin, const uint32_t end)
{
  struct music *const music = music_read(desk, begin, end);
  for (uint32_t i = 0; i + 1 < music->count; ++i) {
    const struct heard *const heard = &music->notes[i];
    const uint32_t way = music->notes[i + 1].tick - heard->tick;
    if (heard->note.event.advance != way) {
      fail_msg("note at %u leads %u on, but the next is %u away", heard->tick, heard->note.event.advance, way);
    }
  }
  free(music);
}

static void
play(struct desk *const desk, const uint32_t tick, const int pitch)
{
  const struct event event = {.hand = HAND_RIGHT, .pitch = (uint8_t)pitch, .velocity = 77};
  assert_true(composer_play(desk->composer, place(tick), place(tick), &event));
}

// Follow

static void
a_held_harmony_is_heard_from_the_next_onset_on(void **const state)
{
  (void)state;
  for (enum fake_kind kind = FAKE_EVENTS; kind <= FAKE_TOKENS; ++kind) {
    struct desk plain = desk_new(kind, INPUT_FOLLOW);
    struct desk held = desk_new(kind, INPUT_FOLLOW);
    roll(&plain, 0, 6 * BAR, UNLIMITED);
    roll(&held, 0, 2 * BAR + 7, UNLIMITED);
    composer_hold(held.composer, place(2 * BAR + 7), C_MAJOR);
    roll(&held, 2 * BAR + 7, 4 * BAR, UNLIMITED);
    composer_hold(held.composer, place(4 * BAR), D_FLAT_MAJOR);
    roll(&held, 4 * BAR, 5 * BAR, UNLIMITED);
    composer_hold(held.composer, place(5 * BAR), 0);
    roll(&held, 5 * BAR, 8 * BAR, UNLIMITED);
    assert_same(&plain, &held, 0, 2 * BAR + 7);
    assert_true(share(&plain, 2 * BAR + 7, 4 * BAR, C_MAJOR) < 0.6);
    assert_true(count(&held, 2 * BAR + 7, 4 * BAR, TAKE_COMPOSED) > (kind == FAKE_EVENTS ? 8 : 0));
    assert_true(share(&held, 2 * BAR + 7, 4 * BAR, C_MAJOR) == 1.0);
    assert_true(share(&held, 4 * BAR, 5 * BAR, D_FLAT_MAJOR) == 1.0);
    assert_true(share(&held, 5 * BAR, 8 * BAR, D_FLAT_MAJOR) < 0.6);
    if (kind == FAKE_EVENTS) {
      assert_leads_on(&held, 0, 8 * BAR);
    }
    desk_free(&held);
    desk_free(&plain);
  }
}

static void
what_follows_a_harmony_does_not_depend_on_how_the_work_is_cut(void **const state)
{
  (void)state;
  for (enum fake_kind kind = FAKE_EVENTS; kind <= FAKE_TOKENS; ++kind) {
    struct desk at_once = desk_new(kind, INPUT_FOLLOW);
    struct desk sliced = desk_new(kind, INPUT_FOLLOW);
    for (uint32_t tick = 0; tick < 20 * BAR; ++tick) {
      if (tick % 37 == 0) {
        composer_hold(at_once.composer, place(tick), (uint16_t)(tick % 3 ? C_MAJOR << tick % 5 : 0));
        composer_hold(sliced.composer, place(tick), (uint16_t)(tick % 3 ? C_MAJOR << tick % 5 : 0));
      }
      roll(&at_once, tick, tick + 1, UNLIMITED);
      for (int i = 0; i < 40; ++i) {
        roll(&sliced, tick, tick + 1, 3001);
      }
    }
    assert_same(&at_once, &sliced, 0, 20 * BAR);
    const uint32_t resets = fake_resets(at_once.weights);
    assert_true(resets < 4); // Rolled back, not fed again from the beginning
    desk_free(&sliced);
    desk_free(&at_once);
  }
}

static void
a_later_pass_without_keys_plays_what_was_heard(void **const state)
{
  (void)state;
  struct desk first = desk_new(FAKE_EVENTS, INPUT_FOLLOW);
  struct desk again = desk_new(FAKE_EVENTS, INPUT_FOLLOW);
  struct desk *const desks[] = {&first, &again};
  for (int i = 0; i < 2; ++i) {
    roll(desks[i], 0, BAR, UNLIMITED);
    composer_hold(desks[i]->composer, place(BAR), C_MAJOR);
    roll(desks[i], BAR, 3 * BAR, UNLIMITED);
    composer_hold(desks[i]->composer, place(3 * BAR), 0);
    roll(desks[i], 3 * BAR, 4 * BAR, UNLIMITED);
  }
  composer_locate(again.composer, place(0), four_four);
  roll(&again, 0, 4 * BAR, UNLIMITED);
  assert_same(&first, &again, 0, 4 * BAR);

  // With other controls it is composed anew, and free
  const struct controls other = {.sampling = {.temperature = 0.5F, .top_p = 1.0F}, .seed = 1, .look_ahead = 8 * BEAT};
  composer_set_controls(again.composer, &other);
  composer_locate(again.composer, place(0), four_four);
  roll(&again, 0, 8 * BAR, UNLIMITED);
  composer_locate(again.composer, place(0), four_four);
  roll(&again, 0, 8 * BAR, UNLIMITED);
  desk_free(&again);
  desk_free(&first);
}

static void
older_music_follows_keys_that_are_held_and_undo_brings_it_back(void **const state)
{
  (void)state;
  struct desk plain = desk_new(FAKE_EVENTS, INPUT_FOLLOW);
  struct desk desk = desk_new(FAKE_EVENTS, INPUT_FOLLOW);
  roll(&plain, 0, 6 * BAR, UNLIMITED);
  roll(&desk, 0, 6 * BAR, UNLIMITED);
  composer_locate(desk.composer, place(0), four_four);
  roll(&desk, 0, 2 * BAR + 5, UNLIMITED);
  for (uint32_t tick = 2 * BAR + 5; tick < 5 * BAR; tick += 30) { // One chord after the other is one thing to undo
    composer_hold(desk.composer, place(tick), tick / 30 % 2 ? C_MAJOR : D_FLAT_MAJOR);
    roll(&desk, tick, tick + 30, UNLIMITED);
  }
  assert_true(share(&desk, 2 * BAR + 5, 5 * BAR, C_MAJOR | D_FLAT_MAJOR) == 1.0);
  assert_same(&plain, &desk, 0, 2 * BAR + 5);
  composer_hold(desk.composer, place(5 * BAR + 17), 0); // Where the playhead is
  assert_true(composer_undo(desk.composer));
  assert_false(composer_undo(desk.composer));
  assert_same(&plain, &desk, 0, 6 * BAR);
  desk_free(&desk);
  desk_free(&plain);
}

static void
locked_bars_do_not_follow(void **const state)
{
  (void)state;
  struct desk plain = desk_new(FAKE_EVENTS, INPUT_FOLLOW);
  struct desk desk = desk_new(FAKE_EVENTS, INPUT_FOLLOW);
  roll(&plain, 0, 6 * BAR, UNLIMITED);
  roll(&desk, 0, 6 * BAR, UNLIMITED);
  const struct bar_set bars = {.count = 1, .ranges = {{2, 4}}};
  composer_lock_bars(desk.composer, &bars);
  composer_locate(desk.composer, place(0), four_four);
  composer_hold(desk.composer, place(BAR + 3), C_MAJOR);
  roll(&desk, 0, 6 * BAR, UNLIMITED);
  assert_same(&plain, &desk, 2 * BAR, 4 * BAR);
  assert_true(share(&desk, BAR + 3, 2 * BAR, C_MAJOR) == 1.0);
  assert_true(share(&desk, 4 * BAR, 6 * BAR, C_MAJOR) == 1.0);
  desk_free(&desk);
  desk_free(&plain);
}

static void
looped_bars_follow_too(void **const state)
{
  (void)state;
  struct desk desk = desk_new(FAKE_EVENTS, INPUT_FOLLOW);
  const struct controls controls = {
      .sampling = {.temperature = 1.0F, .top_p = 1.0F}, .seed = 1, .look_ahead = 8 * BEAT, .loop_bars = 2};
  composer_set_controls(desk.composer, &controls);
  roll(&desk, 0, 6 * BAR, UNLIMITED);
  composer_hold(desk.composer, place(6 * BAR), C_MAJOR);
  roll(&desk, 6 * BAR, 12 * BAR, UNLIMITED);
  assert_true(share(&desk, 6 * BAR, 12 * BAR, C_MAJOR) == 1.0);
  assert_true(count(&desk, 6 * BAR, 12 * BAR, TAKE_COMPOSED) > 10);
  desk_free(&desk);
}

// Continue

// A phrase in the second half of bar 1: a chord and two notes, the last one let go at 1 | 4.
static void
play_phrase(struct desk *const desk, const uint32_t slice)
{
  roll(desk, 0, BAR + 48, slice);
  play(desk, BAR + 48, 67);
  play(desk, BAR + 48, 60);
  play(desk, BAR + 48, 64);
  roll(desk, BAR + 48, BAR + 60, slice);
  composer_let_go(desk->composer, place(BAR + 48), 60, 10);
  composer_let_go(desk->composer, place(BAR + 48), 64, 11);
  composer_let_go(desk->composer, place(BAR + 48), 67, 12);
  play(desk, BAR + 60, 72);
  roll(desk, BAR + 60, BAR + 67, slice);
  composer_let_go(desk->composer, place(BAR + 60), 72, 7);
  play(desk, BAR + 67, 71);
  roll(desk, BAR + 67, BAR + 72, slice);
  composer_let_go(desk->composer, place(BAR + 67), 71, 5);
  composer_pause(desk->composer, place(BAR + 72));
}

static void
the_composer_is_silent_until_something_is_played_and_answers_at_the_next_bar(void **const state)
{
  (void)state;
  for (enum fake_kind kind = FAKE_EVENTS; kind <= FAKE_TOKENS; ++kind) {
    struct desk desk = desk_new(kind, INPUT_CONTINUE);
    play_phrase(&desk, UNLIMITED);
    roll(&desk, BAR + 72, 8 * BAR, UNLIMITED);
    assert_int_equal(count(&desk, 0, BAR + 48, TAKE_COMPOSED), 0);
    assert_int_equal(count(&desk, 0, 8 * BAR, TAKE_PLAYED), 5);
    // Let go at 1 | 4; half a bar later is 2 | 2, so it answers at bar 3
    assert_int_equal(count(&desk, BAR + 48, 3 * BAR, TAKE_COMPOSED), 0);
    struct music *const music = music_read(&desk, 0, 8 * BAR);
    static const uint8_t pitches[] = {60, 64, 67, 72, 71};
    static const uint32_t ticks[] = {48, 48, 48, 60, 67};
    static const uint16_t lengths[] = {10, 11, 12, 7, 5};
    for (uint32_t i = 0; i < 5; ++i) {
      assert_int_equal(music->notes[i].note.event.pitch, pitches[i]);
      assert_int_equal(music->notes[i].tick, BAR + ticks[i]);
      assert_int_equal(music->notes[i].note.sounding, lengths[i]);
      assert_int_equal(music->notes[i].note.event.velocity, 77);
    }
    if (kind == FAKE_EVENTS) {
      assert_int_equal(music->notes[5].tick, 3 * BAR);
      assert_leads_on(&desk, 0, 8 * BAR);
    }
    assert_true(music->count > 10);
    free(music);
    desk_free(&desk);
  }
}

static void
the_answer_depends_on_every_note_played_and_not_on_how_the_work_is_cut(void **const state)
{
  (void)state;
  for (enum fake_kind kind = FAKE_EVENTS; kind <= FAKE_TOKENS; ++kind) {
    struct desk at_once = desk_new(kind, INPUT_CONTINUE);
    struct desk sliced = desk_new(kind, INPUT_CONTINUE);
    struct desk other = desk_new(kind, INPUT_CONTINUE);
    play_phrase(&at_once, UNLIMITED);
    play_phrase(&sliced, 2003);
    play_phrase(&other, UNLIMITED);
    play(&other, BAR + 80, 62);
    composer_let_go(other.composer, place(BAR + 80), 62, 2);
    composer_pause(other.composer, place(BAR + 82));
    roll(&at_once, BAR + 72, 8 * BAR, UNLIMITED);
    for (uint32_t tick = BAR + 72; tick < 8 * BAR; ++tick) {
      for (int i = 0; i < 40; ++i) {
        roll(&sliced, tick, tick + 1, 2003);
      }
    }
    roll(&other, BAR + 82, 8 * BAR, UNLIMITED);
    assert_same(&at_once, &sliced, 0, 8 * BAR);
    struct music *const a = music_read(&at_once, 3 * BAR, 8 * BAR);
    struct music *const b = music_read(&other, 3 * BAR, 8 * BAR);
    assert_false(musics_are_equal(a, b));
    free(b);
    free(a);
    desk_free(&other);
    desk_free(&sliced);
    desk_free(&at_once);
  }
}

static void
an_answer_stops_when_the_player_plays_again(void **const state)
{
  (void)state;
  for (enum fake_kind kind = FAKE_EVENTS; kind <= FAKE_TOKENS; ++kind) {
    struct desk desk = desk_new(kind, INPUT_CONTINUE);
    play_phrase(&desk, UNLIMITED);
    roll(&desk, BAR + 72, 4 * BAR + 10, UNLIMITED);
    assert_true(count(&desk, 3 * BAR, 4 * BAR + 10, TAKE_COMPOSED) > 0);
    play(&desk, 4 * BAR + 10, 50);
    roll(&desk, 4 * BAR + 10, 6 * BAR, UNLIMITED); // The key stays down
    assert_int_equal(count(&desk, 4 * BAR + 10, 12 * BAR, TAKE_COMPOSED), 0);
    struct music *const music = music_read(&desk, 0, 12 * BAR);
    for (uint32_t i = 0; i < music->count; ++i) {
      const bool is_composed = music->notes[i].note.origin == TAKE_COMPOSED;
      assert_true(!is_composed || music->notes[i].tick + music->notes[i].note.sounding <= 4 * BAR + 10);
    }
    free(music);
    composer_let_go(desk.composer, place(4 * BAR + 10), 50, 2 * BAR - 10);
    composer_pause(desk.composer, place(6 * BAR));
    roll(&desk, 6 * BAR, 10 * BAR, UNLIMITED);
    assert_int_equal(count(&desk, 4 * BAR + 10, 7 * BAR, TAKE_COMPOSED), 0);
    assert_true(count(&desk, 7 * BAR, 10 * BAR, TAKE_COMPOSED) > 3);
    struct music *const last = music_read(&desk, 4 * BAR + 10, 7 * BAR);
    assert_int_equal(last->notes[0].note.sounding, 2 * BAR - 10);
    free(last);
    if (kind == FAKE_EVENTS) {
      assert_leads_on(&desk, 0, 10 * BAR);
    }
    desk_free(&desk);
  }
}

static void
phrase_and_answer_are_replayed_and_go_on_as_if_never_left(void **const state)
{
  (void)state;
  for (enum fake_kind kind = FAKE_EVENTS; kind <= FAKE_TOKENS; ++kind) {
    struct desk stays = desk_new(kind, INPUT_CONTINUE);
    struct desk returns = desk_new(kind, INPUT_CONTINUE);
    play_phrase(&stays, UNLIMITED);
    play_phrase(&returns, UNLIMITED);
    roll(&stays, BAR + 72, 12 * BAR, UNLIMITED);
    roll(&returns, BAR + 72, 6 * BAR, UNLIMITED);
    composer_locate(returns.composer, place(40 * BAR), four_four);
    roll(&returns, 40 * BAR, 41 * BAR, UNLIMITED);
    assert_int_equal(count(&returns, 40 * BAR, 44 * BAR, TAKE_COMPOSED), 0); // There is nothing to go on with
    composer_locate(returns.composer, place(0), four_four);
    roll(&returns, 0, 12 * BAR, UNLIMITED);
    assert_same(&stays, &returns, 0, 12 * BAR);
    desk_free(&returns);
    desk_free(&stays);
  }
}

static void
playing_over_older_music_replaces_it_until_undone(void **const state)
{
  (void)state;
  struct desk plain = desk_new(FAKE_EVENTS, INPUT_NONE);
  struct desk desk = desk_new(FAKE_EVENTS, INPUT_NONE);
  roll(&plain, 0, 8 * BAR, UNLIMITED);
  roll(&desk, 0, 8 * BAR, UNLIMITED);
  composer_set_input(desk.composer, place(8 * BAR), INPUT_CONTINUE, HAND_RIGHT);
  composer_locate(desk.composer, place(0), four_four);
  roll(&desk, 0, 2 * BAR + 5, UNLIMITED);
  play(&desk, 2 * BAR + 5, 60);
  roll(&desk, 2 * BAR + 5, 3 * BAR + 5, UNLIMITED);
  assert_int_equal(count(&desk, 2 * BAR + 5, 8 * BAR, TAKE_COMPOSED), 0);
  assert_int_equal(count(&desk, 2 * BAR + 5, 8 * BAR, TAKE_PLAYED), 1);
  struct music *const a = music_read(&plain, 0, 2 * BAR + 5);
  struct music *const b = music_read(&desk, 0, 2 * BAR + 5);
  assert_int_equal(a->count, b->count);
  free(b);
  free(a);
  composer_let_go(desk.composer, place(2 * BAR + 5), 60, BAR);
  composer_pause(desk.composer, place(3 * BAR + 5));
  roll(&desk, 3 * BAR + 5, 6 * BAR, UNLIMITED);
  assert_true(count(&desk, 4 * BAR, 6 * BAR, TAKE_COMPOSED) > 2);
  assert_true(composer_undo(desk.composer));
  struct music *const before = music_read(&plain, 0, 8 * BAR);
  struct music *const after = music_read(&desk, 0, 8 * BAR);
  assert_int_equal(before->count, after->count);
  free(after);
  free(before);
  desk_free(&desk);
  desk_free(&plain);
}

static void
what_was_just_played_is_not_sounded_but_is_in_the_next_pass(void **const state)
{
  (void)state;
  struct desk desk = desk_new(FAKE_EVENTS, INPUT_CONTINUE);
  play_phrase(&desk, UNLIMITED);
  struct take *const take = composer_take(desk.composer);
  const struct take_bar *const bar = take_bar(take, 1);
  assert_true(composer_has_heard(desk.composer, bar, take_note(take, bar->first)));
  composer_locate(desk.composer, place(0), four_four);
  assert_false(composer_has_heard(desk.composer, bar, take_note(take, bar->first)));
  desk_free(&desk);
}

// Accompany

// A tune for the right hand in eighths, which now and then is late, early, a chord, or silent.
static void
play_tune(struct desk *const desk, const uint32_t bars, const uint32_t slice, const int times)
{
  for (uint32_t tick = 0; tick < bars * BAR; ++tick) {
    if (tick % 12 == (tick / 12) % 3 && tick / 12 % 7) {
      const int pitch = (int)(65 + tick / 12 * 5 % 19);
      play(desk, tick, pitch);
      if (tick % 5 == 0) {
        play(desk, tick, pitch + 4);
        composer_let_go(desk->composer, place(tick), (uint8_t)(pitch + 4), 3);
      }
    }
    if (tick % 12 == 9 && tick / 12 % 7) {
      const uint32_t onset = tick / 12 * 12 + (tick / 12) % 3;
      composer_let_go(desk->composer, place(onset), (uint8_t)(65 + tick / 12 * 5 % 19), tick - onset);
    }
    for (int i = 0; i < times; ++i) {
      roll(desk, tick, tick + 1, slice);
    }
  }
}

static void
the_other_hand_is_composed_to_what_is_played(void **const state)
{
  (void)state;
  for (enum fake_kind kind = FAKE_EVENTS; kind <= FAKE_TOKENS; ++kind) {
    struct desk desk = desk_new(kind, INPUT_ACCOMPANY);
    play_tune(&desk, 12, UNLIMITED, 1);
    struct music *const music = music_read(&desk, 0, 12 * BAR);
    uint32_t composed = 0;
    uint32_t played = 0;
    for (uint32_t i = 0; i < music->count; ++i) {
      const struct take_note *const note = &music->notes[i].note;
      assert_int_equal(note->event.hand, note->origin == TAKE_PLAYED ? HAND_RIGHT : HAND_LEFT);
      composed += note->origin == TAKE_COMPOSED;
      played += note->origin == TAKE_PLAYED;
    }
    assert_true(played > 70);
    assert_true(composed > 20);
    if (kind == FAKE_EVENTS) {
      assert_leads_on(&desk, 0, 12 * BAR);
    }
    free(music);
    desk_free(&desk);
  }
}

static void
accompaniment_does_not_depend_on_how_the_work_is_cut(void **const state)
{
  (void)state;
  for (enum fake_kind kind = FAKE_EVENTS; kind <= FAKE_TOKENS; ++kind) {
    struct desk at_once = desk_new(kind, INPUT_ACCOMPANY);
    struct desk sliced = desk_new(kind, INPUT_ACCOMPANY);
    play_tune(&at_once, 12, UNLIMITED, 1);
    play_tune(&sliced, 12, 3001, 60);
    assert_same(&at_once, &sliced, 0, 12 * BAR);
    assert_true(fake_resets(at_once.weights) < 4);
    desk_free(&sliced);
    desk_free(&at_once);
  }
}

static void
another_tune_is_accompanied_otherwise(void **const state)
{
  (void)state;
  struct desk a = desk_new(FAKE_EVENTS, INPUT_ACCOMPANY);
  struct desk b = desk_new(FAKE_EVENTS, INPUT_ACCOMPANY);
  play_tune(&a, 2, UNLIMITED, 1);
  play_tune(&b, 2, UNLIMITED, 1);
  play(&b, 2 * BAR, 99);
  roll(&a, 2 * BAR, 6 * BAR, UNLIMITED);
  roll(&b, 2 * BAR, 6 * BAR, UNLIMITED);
  struct music *const x = music_read(&a, 2 * BAR + 1, 6 * BAR);
  struct music *const y = music_read(&b, 2 * BAR + 1, 6 * BAR);
  assert_false(musics_are_equal(x, y));
  free(y);
  free(x);
  desk_free(&b);
  desk_free(&a);
}

static void
accompaniment_is_composed_no_more_than_a_beat_ahead(void **const state)
{
  (void)state;
  struct desk desk = desk_new(FAKE_EVENTS, INPUT_ACCOMPANY);
  play_tune(&desk, 4, UNLIMITED, 1);
  const struct position ready = composer_ready(desk.composer);
  const uint32_t ahead = ready.bar * BAR + ready.tick - (4 * BAR - 1);
  assert_in_range(ahead, BEAT + 1, 3 * BEAT); // The first onset beyond it is known
  desk_free(&desk);
}

// All of them

static void
keys_of_any_kind_at_any_time_leave_a_sound_take(void **const state)
{
  (void)state;
  for (uint32_t seed = 0; seed < 200; ++seed) {
    struct desk desk = desk_new(seed % 2 ? FAKE_EVENTS : FAKE_TOKENS, (enum input_mode)(seed % 4));
    uint32_t random = seed * 2654435761U + 1;
    uint32_t tick = 0;
    for (int i = 0; i < 400; ++i) {
      random = random * 1664525U + 1013904223U;
      const uint32_t draw = random >> 8;
      const struct event event = {.hand = (uint8_t)(draw >> 4), .pitch = (uint8_t)(draw >> 6 & 127), .velocity = 255};
      switch (draw % 11) {
      case 0:
        composer_hold(desk.composer, place(tick), (uint16_t)(draw >> 5));
        break;
      case 1:
      case 2:
      case 3:
        composer_play(desk.composer, place(tick - (tick > 0 && draw & 64)), place(tick), &event);
        break;
      case 4:
        composer_let_go(desk.composer, place(tick - draw / 16 % 4), event.pitch, draw / 64 % 2000);
        break;
      case 5:
        composer_pause(desk.composer, place(tick));
        break;
      case 6:
        if (draw % 3 == 0) {
          tick = draw / 64 % (20 * BAR);
          composer_locate(desk.composer, place(tick), four_four);
        }
        break;
      case 7:
        composer_set_input(desk.composer, place(tick), (enum input_mode)(draw / 64 % 4), (enum hand)(draw / 512 % 2));
        break;
      case 8:
        if (draw & 1024) {
          composer_undo(desk.composer);
        } else {
          composer_regenerate(desk.composer);
        }
        break;
      default:
        for (uint32_t n = draw / 16 % 60; n > 0; --n, ++tick) {
          roll(&desk, tick, tick + 1, draw & 2048 ? UNLIMITED : 2500);
        }
      }
    }
    struct take *const take = composer_take(desk.composer);
    for (uint32_t slot = 0; slot < take_slot_count(take); ++slot) {
      const struct take_bar *const bar = take_slot(take, slot);
      uint32_t notes = 0;
      uint32_t last = 0;
      for (uint32_t n = bar ? bar->first : TAKE_NONE; n != TAKE_NONE; n = take_note(take, n)->next, ++notes) {
        const struct take_note *const note = take_note(take, n);
        assert_true(note->tick >= last && note->tick < BAR);
        assert_true(note->rest || (note->event.pitch >= PITCH_LOWEST && note->event.pitch <= PITCH_HIGHEST));
        assert_true(note->rest || note->event.velocity < 128);
        last = note->tick;
      }
      assert_true(!bar || notes == bar->count);
    }
    desk_free(&desk);
  }
}

static void
without_weights_or_in_a_locked_take_nothing_enters(void **const state)
{
  (void)state;
  struct composer *composer = NULL;
  assert_int_equal(composer_new(&composer, NULL), STATUS_SUCCESS);
  const struct event event = {.pitch = 60, .velocity = 64};
  composer_set_input(composer, place(0), INPUT_CONTINUE, HAND_RIGHT);
  composer_hold(composer, place(3), C_MAJOR);
  composer_move(composer, place(5), four_four);
  assert_false(composer_play(composer, place(5), place(5), &event));
  composer_let_go(composer, place(5), 60, 3);
  composer_pause(composer, place(9));
  composer_free(composer);

  struct desk desk = desk_new(FAKE_EVENTS, INPUT_CONTINUE);
  composer_lock(desk.composer, true);
  assert_false(composer_play(desk.composer, place(5), place(5), &event));
  desk_free(&desk);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_held_harmony_is_heard_from_the_next_onset_on),
      cmocka_unit_test(what_follows_a_harmony_does_not_depend_on_how_the_work_is_cut),
      cmocka_unit_test(a_later_pass_without_keys_plays_what_was_heard),
      cmocka_unit_test(older_music_follows_keys_that_are_held_and_undo_brings_it_back),
      cmocka_unit_test(locked_bars_do_not_follow),
      cmocka_unit_test(looped_bars_follow_too),
      cmocka_unit_test(the_composer_is_silent_until_something_is_played_and_answers_at_the_next_bar),
      cmocka_unit_test(the_answer_depends_on_every_note_played_and_not_on_how_the_work_is_cut),
      cmocka_unit_test(an_answer_stops_when_the_player_plays_again),
      cmocka_unit_test(phrase_and_answer_are_replayed_and_go_on_as_if_never_left),
      cmocka_unit_test(playing_over_older_music_replaces_it_until_undone),
      cmocka_unit_test(what_was_just_played_is_not_sounded_but_is_in_the_next_pass),
      cmocka_unit_test(the_other_hand_is_composed_to_what_is_played),
      cmocka_unit_test(accompaniment_does_not_depend_on_how_the_work_is_cut),
      cmocka_unit_test(another_tune_is_accompanied_otherwise),
      cmocka_unit_test(accompaniment_is_composed_no_more_than_a_beat_ahead),
      cmocka_unit_test(keys_of_any_kind_at_any_time_leave_a_sound_take),
      cmocka_unit_test(without_weights_or_in_a_locked_take_nothing_enters),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
