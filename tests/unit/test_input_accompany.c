// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A hand that is played, as the composer hears it: the other one is composed to it.

#include "duet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

// A tune for the right hand in eighths, which now and then is late, early, a chord, or silent.
static void
play_tune(struct desk *const desk, const uint32_t bars, const uint32_t slice, const int times)
{
  for (uint32_t tick = 0; tick < bars * BAR; ++tick) {
    if (tick % 12 == (tick / 12) % 3 && tick / 12 % 7) {
      const int pitch = (int)(65 + tick / 12 * 5 % 19);
      duet_play(desk, tick, pitch);
      if (tick % 5 == 0) {
        duet_play(desk, tick, pitch + 4);
        composer_let_go(desk->composer, duet_place(tick), (uint8_t)(pitch + 4), 3);
      }
    }
    if (tick % 12 == 9 && tick / 12 % 7) {
      const uint32_t onset = tick / 12 * 12 + (tick / 12) % 3;
      composer_let_go(desk->composer, duet_place(onset), (uint8_t)(65 + tick / 12 * 5 % 19), tick - onset);
    }
    for (int i = 0; i < times; ++i) {
      duet_roll(desk, tick, tick + 1, slice);
    }
  }
}

static void
the_other_hand_is_composed_to_what_is_played(void **const state)
{
  (void)state;
  for (enum fake_kind kind = FAKE_EVENTS; kind <= FAKE_TOKENS; ++kind) {
    struct desk desk = duet_new(kind, INPUT_ACCOMPANY);
    play_tune(&desk, 12, UNLIMITED, 1);
    struct duet_music *const music = duet_music(&desk, 0, 12 * BAR);
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
      duet_assert_leads_on(&desk, 0, 12 * BAR);
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
    struct desk at_once = duet_new(kind, INPUT_ACCOMPANY);
    struct desk sliced = duet_new(kind, INPUT_ACCOMPANY);
    play_tune(&at_once, 12, UNLIMITED, 1);
    play_tune(&sliced, 12, 3001, 60);
    duet_assert_same(&at_once, &sliced, 0, 12 * BAR);
    assert_true(fake_resets(at_once.weights) < 4);
    desk_free(&sliced);
    desk_free(&at_once);
  }
}

static void
another_tune_is_accompanied_otherwise(void **const state)
{
  (void)state;
  struct desk a = duet_new(FAKE_EVENTS, INPUT_ACCOMPANY);
  struct desk b = duet_new(FAKE_EVENTS, INPUT_ACCOMPANY);
  play_tune(&a, 2, UNLIMITED, 1);
  play_tune(&b, 2, UNLIMITED, 1);
  duet_play(&b, 2 * BAR, 99);
  duet_roll(&a, 2 * BAR, 6 * BAR, UNLIMITED);
  duet_roll(&b, 2 * BAR, 6 * BAR, UNLIMITED);
  struct duet_music *const x = duet_music(&a, 2 * BAR + 1, 6 * BAR);
  struct duet_music *const y = duet_music(&b, 2 * BAR + 1, 6 * BAR);
  assert_false(duet_musics_are_equal(x, y));
  free(y);
  free(x);
  desk_free(&b);
  desk_free(&a);
}

static void
accompaniment_is_composed_no_more_than_a_beat_ahead(void **const state)
{
  (void)state;
  struct desk desk = duet_new(FAKE_EVENTS, INPUT_ACCOMPANY);
  play_tune(&desk, 4, UNLIMITED, 1);
  const struct position ready = composer_ready(desk.composer);
  const uint32_t ahead = ready.bar * BAR + ready.tick - (4 * BAR - 1);
  assert_in_range(ahead, BEAT + 1, 3 * BEAT); // The first onset beyond it is known
  desk_free(&desk);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_other_hand_is_composed_to_what_is_played),
      cmocka_unit_test(accompaniment_does_not_depend_on_how_the_work_is_cut),
      cmocka_unit_test(another_tune_is_accompanied_otherwise),
      cmocka_unit_test(accompaniment_is_composed_no_more_than_a_beat_ahead),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
