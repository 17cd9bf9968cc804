// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What is played, as the composer hears it, in any mode and at any time.

#include "duet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void
keys_of_any_kind_at_any_time_leave_a_sound_take(void **const state)
{
  (void)state;
  for (uint32_t seed = 0; seed < 200; ++seed) {
    struct desk desk = duet_new(seed % 2 ? FAKE_EVENTS : FAKE_TOKENS, (enum input_mode)(seed % 4));
    uint32_t random = seed * 2654435761U + 1;
    uint32_t tick = 0;
    for (int i = 0; i < 400; ++i) {
      random = random * 1664525U + 1013904223U;
      const uint32_t draw = random >> 8;
      const struct event event = {.hand = (uint8_t)(draw >> 4), .pitch = (uint8_t)(draw >> 6 & 127), .velocity = 255};
      switch (draw % 11) {
      case 0:
        composer_hold(desk.composer, duet_place(tick), (uint16_t)(draw >> 5));
        break;
      case 1:
      case 2:
      case 3:
        composer_play(desk.composer, duet_place(tick - (tick > 0 && draw & 64)), duet_place(tick), &event);
        break;
      case 4:
        composer_let_go(desk.composer, duet_place(tick - draw / 16 % 4), event.pitch, draw / 64 % 2000);
        break;
      case 5:
        composer_pause(desk.composer, duet_place(tick));
        break;
      case 6:
        if (draw % 3 == 0) {
          tick = draw / 64 % (20 * BAR);
          composer_locate(desk.composer, duet_place(tick), four_four);
        }
        break;
      case 7:
        composer_set_input(desk.composer, duet_place(tick), (enum input_mode)(draw / 64 % 4),
                           (enum hand)(draw / 512 % 2));
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
          duet_roll(&desk, tick, tick + 1, draw & 2048 ? UNLIMITED : 2500);
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
  composer_set_input(composer, duet_place(0), INPUT_CONTINUE, HAND_RIGHT);
  composer_hold(composer, duet_place(3), C_MAJOR);
  composer_move(composer, duet_place(5), four_four);
  assert_false(composer_play(composer, duet_place(5), duet_place(5), &event));
  composer_let_go(composer, duet_place(5), 60, 3);
  composer_pause(composer, duet_place(9));
  composer_free(composer);

  struct desk desk = duet_new(FAKE_EVENTS, INPUT_CONTINUE);
  composer_lock(desk.composer, true);
  assert_false(composer_play(desk.composer, duet_place(5), duet_place(5), &event));
  desk_free(&desk);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(keys_of_any_kind_at_any_time_leave_a_sound_take),
      cmocka_unit_test(without_weights_or_in_a_locked_take_nothing_enters),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
