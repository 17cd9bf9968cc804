// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Phrases that are played, as the composer hears them: they are gone on with from the next bar on.

#include "duet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

// A phrase in the second half of bar 1: a chord and two notes, the last one let go at 1 | 4.
static void
play_phrase(struct desk *const desk, const uint32_t slice)
{
  duet_roll(desk, 0, BAR + 48, slice);
  duet_play(desk, BAR + 48, 67);
  duet_play(desk, BAR + 48, 60);
  duet_play(desk, BAR + 48, 64);
  duet_roll(desk, BAR + 48, BAR + 60, slice);
  composer_let_go(desk->composer, duet_place(BAR + 48), 60, 10);
  composer_let_go(desk->composer, duet_place(BAR + 48), 64, 11);
  composer_let_go(desk->composer, duet_place(BAR + 48), 67, 12);
  duet_play(desk, BAR + 60, 72);
  duet_roll(desk, BAR + 60, BAR + 67, slice);
  composer_let_go(desk->composer, duet_place(BAR + 60), 72, 7);
  duet_play(desk, BAR + 67, 71);
  duet_roll(desk, BAR + 67, BAR + 72, slice);
  composer_let_go(desk->composer, duet_place(BAR + 67), 71, 5);
  composer_pause(desk->composer, duet_place(BAR + 72));
}

static void
the_composer_is_silent_until_something_is_played_and_answers_at_the_next_bar(void **const state)
{
  (void)state;
  for (enum fake_kind kind = FAKE_EVENTS; kind <= FAKE_TOKENS; ++kind) {
    struct desk desk = duet_new(kind, INPUT_CONTINUE);
    play_phrase(&desk, UNLIMITED);
    duet_roll(&desk, BAR + 72, 8 * BAR, UNLIMITED);
    assert_int_equal(duet_count(&desk, 0, BAR + 48, TAKE_COMPOSED), 0);
    assert_int_equal(duet_count(&desk, 0, 8 * BAR, TAKE_PLAYED), 5);
    // Let go at 1 | 4; half a bar later is 2 | 2, so it answers at bar 3
    assert_int_equal(duet_count(&desk, BAR + 48, 3 * BAR, TAKE_COMPOSED), 0);
    struct duet_music *const music = duet_music(&desk, 0, 8 * BAR);
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
      duet_assert_leads_on(&desk, 0, 8 * BAR);
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
    struct desk at_once = duet_new(kind, INPUT_CONTINUE);
    struct desk sliced = duet_new(kind, INPUT_CONTINUE);
    struct desk other = duet_new(kind, INPUT_CONTINUE);
    play_phrase(&at_once, UNLIMITED);
    play_phrase(&sliced, 2003);
    play_phrase(&other, UNLIMITED);
    duet_play(&other, BAR + 80, 62);
    composer_let_go(other.composer, duet_place(BAR + 80), 62, 2);
    composer_pause(other.composer, duet_place(BAR + 82));
    duet_roll(&at_once, BAR + 72, 8 * BAR, UNLIMITED);
    for (uint32_t tick = BAR + 72; tick < 8 * BAR; ++tick) {
      for (int i = 0; i < 40; ++i) {
        duet_roll(&sliced, tick, tick + 1, 2003);
      }
    }
    duet_roll(&other, BAR + 82, 8 * BAR, UNLIMITED);
    duet_assert_same(&at_once, &sliced, 0, 8 * BAR);
    struct duet_music *const a = duet_music(&at_once, 3 * BAR, 8 * BAR);
    struct duet_music *const b = duet_music(&other, 3 * BAR, 8 * BAR);
    assert_false(duet_musics_are_equal(a, b));
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
    struct desk desk = duet_new(kind, INPUT_CONTINUE);
    play_phrase(&desk, UNLIMITED);
    duet_roll(&desk, BAR + 72, 4 * BAR + 10, UNLIMITED);
    assert_true(duet_count(&desk, 3 * BAR, 4 * BAR + 10, TAKE_COMPOSED) > 0);
    duet_play(&desk, 4 * BAR + 10, 50);
    duet_roll(&desk, 4 * BAR + 10, 6 * BAR, UNLIMITED); // The key stays down
    assert_int_equal(duet_count(&desk, 4 * BAR + 10, 12 * BAR, TAKE_COMPOSED), 0);
    struct duet_music *const music = duet_music(&desk, 0, 12 * BAR);
    for (uint32_t i = 0; i < music->count; ++i) {
      const bool is_composed = music->notes[i].note.origin == TAKE_COMPOSED;
      assert_true(!is_composed || music->notes[i].tick + music->notes[i].note.sounding <= 4 * BAR + 10);
    }
    free(music);
    composer_let_go(desk.composer, duet_place(4 * BAR + 10), 50, 2 * BAR - 10);
    composer_pause(desk.composer, duet_place(6 * BAR));
    duet_roll(&desk, 6 * BAR, 10 * BAR, UNLIMITED);
    assert_int_equal(duet_count(&desk, 4 * BAR + 10, 7 * BAR, TAKE_COMPOSED), 0);
    assert_true(duet_count(&desk, 7 * BAR, 10 * BAR, TAKE_COMPOSED) > 3);
    struct duet_music *const last = duet_music(&desk, 4 * BAR + 10, 7 * BAR);
    assert_int_equal(last->notes[0].note.sounding, 2 * BAR - 10);
    free(last);
    if (kind == FAKE_EVENTS) {
      duet_assert_leads_on(&desk, 0, 10 * BAR);
    }
    desk_free(&desk);
  }
}

static void
phrase_and_answer_are_replayed_and_go_on_as_if_never_left(void **const state)
{
  (void)state;
  for (enum fake_kind kind = FAKE_EVENTS; kind <= FAKE_TOKENS; ++kind) {
    struct desk stays = duet_new(kind, INPUT_CONTINUE);
    struct desk returns = duet_new(kind, INPUT_CONTINUE);
    play_phrase(&stays, UNLIMITED);
    play_phrase(&returns, UNLIMITED);
    duet_roll(&stays, BAR + 72, 12 * BAR, UNLIMITED);
    duet_roll(&returns, BAR + 72, 6 * BAR, UNLIMITED);
    composer_locate(returns.composer, duet_place(40 * BAR), four_four);
    duet_roll(&returns, 40 * BAR, 41 * BAR, UNLIMITED);
    assert_int_equal(duet_count(&returns, 40 * BAR, 44 * BAR, TAKE_COMPOSED), 0); // There is nothing to go on with
    composer_locate(returns.composer, duet_place(0), four_four);
    duet_roll(&returns, 0, 12 * BAR, UNLIMITED);
    duet_assert_same(&stays, &returns, 0, 12 * BAR);
    desk_free(&returns);
    desk_free(&stays);
  }
}

static void
playing_over_older_music_replaces_it_until_undone(void **const state)
{
  (void)state;
  struct desk plain = duet_new(FAKE_EVENTS, INPUT_NONE);
  struct desk desk = duet_new(FAKE_EVENTS, INPUT_NONE);
  duet_roll(&plain, 0, 8 * BAR, UNLIMITED);
  duet_roll(&desk, 0, 8 * BAR, UNLIMITED);
  composer_set_input(desk.composer, duet_place(8 * BAR), INPUT_CONTINUE, HAND_RIGHT);
  composer_locate(desk.composer, duet_place(0), four_four);
  duet_roll(&desk, 0, 2 * BAR + 5, UNLIMITED);
  duet_play(&desk, 2 * BAR + 5, 60);
  duet_roll(&desk, 2 * BAR + 5, 3 * BAR + 5, UNLIMITED);
  assert_int_equal(duet_count(&desk, 2 * BAR + 5, 8 * BAR, TAKE_COMPOSED), 0);
  assert_int_equal(duet_count(&desk, 2 * BAR + 5, 8 * BAR, TAKE_PLAYED), 1);
  struct duet_music *const a = duet_music(&plain, 0, 2 * BAR + 5);
  struct duet_music *const b = duet_music(&desk, 0, 2 * BAR + 5);
  assert_int_equal(a->count, b->count);
  free(b);
  free(a);
  composer_let_go(desk.composer, duet_place(2 * BAR + 5), 60, BAR);
  composer_pause(desk.composer, duet_place(3 * BAR + 5));
  duet_roll(&desk, 3 * BAR + 5, 6 * BAR, UNLIMITED);
  assert_true(duet_count(&desk, 4 * BAR, 6 * BAR, TAKE_COMPOSED) > 2);
  assert_true(composer_undo(desk.composer));
  struct duet_music *const before = duet_music(&plain, 0, 8 * BAR);
  struct duet_music *const after = duet_music(&desk, 0, 8 * BAR);
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
  struct desk desk = duet_new(FAKE_EVENTS, INPUT_CONTINUE);
  play_phrase(&desk, UNLIMITED);
  struct take *const take = composer_take(desk.composer);
  const struct take_bar *const bar = take_bar(take, 1);
  assert_true(composer_has_heard(desk.composer, bar, take_note(take, bar->first)));
  composer_locate(desk.composer, duet_place(0), four_four);
  assert_false(composer_has_heard(desk.composer, bar, take_note(take, bar->first)));
  desk_free(&desk);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_composer_is_silent_until_something_is_played_and_answers_at_the_next_bar),
      cmocka_unit_test(the_answer_depends_on_every_note_played_and_not_on_how_the_work_is_cut),
      cmocka_unit_test(an_answer_stops_when_the_player_plays_again),
      cmocka_unit_test(phrase_and_answer_are_replayed_and_go_on_as_if_never_left),
      cmocka_unit_test(playing_over_older_music_replaces_it_until_undone),
      cmocka_unit_test(what_was_just_played_is_not_sounded_but_is_in_the_next_pass),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
