// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// MIDI messages become the notes that were heard, each with its end.

#include "score.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
send(struct score *const score, const uint32_t tick, const uint8_t status, const uint8_t first, const uint8_t second)
{
  const uint8_t message[3] = {status, first, second};
  assert_int_equal(score_midi(score, tick, message, sizeof(message), NULL), STATUS_SUCCESS);
}

static struct score
score_empty(void)
{
  struct score score;
  assert_int_equal(score_begin(&score, 90.0, (struct metre){6, 8}, NULL), STATUS_SUCCESS);
  return score;
}

static void
assert_note(const struct score *const score,
            const size_t index,
            const uint32_t onset,
            const uint32_t duration,
            const uint8_t pitch,
            const uint8_t velocity)
{
  assert_true(index < score->file.note_count);
  const struct midi_note *const note = &score->file.notes[index];
  assert_int_equal(note->onset, onset);
  assert_int_equal(note->duration, duration);
  assert_int_equal(note->pitch, pitch);
  assert_int_equal(note->velocity, velocity);
}

static void
a_score_says_its_tempo_and_metre(void **const state)
{
  (void)state;
  struct score score = score_empty();
  score_end(&score, 0);
  assert_int_equal(score.file.tempos[0].microseconds, 666667);
  assert_int_equal(score.file.metres[0].numerator, 6);
  assert_int_equal(score.file.metres[0].denominator, 8);
  assert_int_equal(score.file.division, SCORE_DIVISION);
  score_free(&score);
}

static void
a_note_lasts_from_on_to_off(void **const state)
{
  (void)state;
  struct score score = score_empty();
  send(&score, 10, 0x90, 60, 70);
  send(&score, 20, 0x91, 60, 80); // Another channel is another note
  send(&score, 30, 0x80, 60, 0);
  send(&score, 50, 0x91, 60, 0); // Velocity 0 ends it too
  score_end(&score, 100);
  assert_int_equal(score.file.note_count, 2);
  assert_note(&score, 0, 10, 20, 60, 70);
  assert_note(&score, 1, 20, 30, 60, 80);
  score_free(&score);
}

static void
a_note_struck_again_ends_the_one_before(void **const state)
{
  (void)state;
  struct score score = score_empty();
  send(&score, 0, 0x90, 60, 70);
  send(&score, 24, 0x90, 60, 71);
  send(&score, 48, 0x80, 60, 0);
  send(&score, 60, 0x80, 60, 0); // Ends nothing
  score_end(&score, 100);
  assert_int_equal(score.file.note_count, 2);
  assert_note(&score, 0, 0, 24, 60, 70);
  assert_note(&score, 1, 24, 24, 60, 71);
  score_free(&score);
}

static void
what_still_sounds_ends_with_the_score(void **const state)
{
  (void)state;
  struct score score = score_empty();
  send(&score, 5, 0x9F, 127, 1);
  score_end(&score, 25);
  assert_note(&score, 0, 5, 20, 127, 1);
  score_free(&score);
}

static void
many_notes_are_sorted_by_onset_then_pitch(void **const state)
{
  (void)state;
  struct score score = score_empty();
  for (uint32_t i = 0; i < 1000; ++i) {
    send(&score, i / 2, 0x90, (uint8_t)(i % 2 ? 40 : 80), 64);
  }
  score_end(&score, 1000);
  assert_int_equal(score.file.note_count, 1000);
  for (size_t i = 0; i < 1000; ++i) {
    assert_int_equal(score.file.notes[i].onset, i / 2);
    assert_int_equal(score.file.notes[i].pitch, i % 2 ? 80 : 40);
  }
  score_free(&score);
}

static void
the_pedal_is_kept_and_other_messages_are_left_out(void **const state)
{
  (void)state;
  struct score score = score_empty();
  const uint8_t broken[3] = {0x90, 200, 64};
  send(&score, 1, 0xB0, 64, 127);
  send(&score, 2, 0xB0, 7, 100);
  send(&score, 3, 0xE0, 0, 64);
  assert_int_equal(score_midi(&score, 4, broken, 3, NULL), STATUS_SUCCESS);
  assert_int_equal(score_midi(&score, 4, broken, 1, NULL), STATUS_SUCCESS);
  score_end(&score, 10);
  assert_int_equal(score.file.note_count, 0);
  assert_int_equal(score.file.control_count, 1);
  assert_int_equal(score.file.controls[0].tick, 1);
  assert_int_equal(score.file.controls[0].value, 127);
  score_free(&score);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_score_says_its_tempo_and_metre),
      cmocka_unit_test(a_note_lasts_from_on_to_off),
      cmocka_unit_test(a_note_struck_again_ends_the_one_before),
      cmocka_unit_test(what_still_sounds_ends_with_the_score),
      cmocka_unit_test(many_notes_are_sorted_by_onset_then_pitch),
      cmocka_unit_test(the_pedal_is_kept_and_other_messages_are_left_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
