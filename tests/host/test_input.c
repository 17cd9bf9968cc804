// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// MIDI input through the plugin, as music: a chord that is held, a phrase that is answered, a hand that is accompanied. With
// small random weights, whose music is none, but obeys the same rules.

#include "keyboard.h"

#include "engine/midi_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void
every_onset_after_the_keys_keeps_to_the_held_chord(void **const state)
{
  int64_t start = 0;
  struct minihost *const host = keyboard_host(*state, FOLLOW, 256, &start);
  const int64_t down = start + 2 * BAR + 12345;
  const int64_t up = start + 6 * BAR + 777;
  for (int i = 0; i < 3; ++i) {
    keyboard_key(host, down + 300 * i, 60 + (int[]){0, 4, 7}[i], 90);
    keyboard_key(host, up + 200 * i, 60 + (int[]){0, 4, 7}[i], 0);
  }
  minihost_run(host, 10 * BAR);
  unsigned inside = 0;
  const unsigned before = keyboard_notes_between(host, start, down, 0x91, &inside);
  assert_true(before > 10 && inside < before);
  const unsigned held = keyboard_notes_between(host, down + 601, up, 0x91, &inside);
  assert_true(held > 10);
  assert_int_equal(inside, held);
  // Free again from the next beat on
  const unsigned after = keyboard_notes_between(host, start + 6 * BAR + BAR / 4, start + 10 * BAR, 0x91, &inside);
  assert_true(after > 10 && inside < after);
  fixture_finish(host);
}

static void
a_chord_held_before_the_start_is_heard_from_the_first_note_on(void **const state)
{
  int64_t start = 0;
  struct minihost *const host = keyboard_host(*state, FOLLOW, 256, &start);
  minihost_stop(host);
  minihost_run(host, RATE);
  keyboard_key(host, minihost_song(host)->frame, 62, 90);
  minihost_run(host, RATE);
  minihost_play(host);
  start = minihost_song(host)->frame;
  minihost_run(host, 4 * BAR);
  unsigned inside = 0;
  const unsigned notes = keyboard_notes_between(host, start, start + 4 * BAR, 1 << 2, &inside);
  assert_true(notes > 5);
  assert_int_equal(notes, inside);
  fixture_finish(host);
}

static void
a_pass_without_keys_plays_what_the_pass_with_keys_played(void **const state)
{
  int64_t start = 0;
  struct minihost *const host = keyboard_host(*state, FOLLOW, 256, &start);
  keyboard_key(host, start + BAR + 5000, 60, 90);
  keyboard_key(host, start + BAR + 5000, 63, 90);
  keyboard_key(host, start + 3 * BAR + 5000, 60, 0);
  keyboard_key(host, start + 3 * BAR + 5000, 63, 0);
  minihost_run(host, 4 * BAR);
  size_t count = 0;
  const size_t first = fixture_note_count(host);
  minihost_locate(host, 0, 0.0);
  const int64_t again = minihost_song(host)->frame;
  minihost_run(host, 4 * BAR);
  const struct minihost_event *const events = minihost_events(host, &count);
  size_t i = 0;
  size_t j = 0;
  size_t compared = 0;
  for (; i < count && events[i].frame < again; ++i) {
    if (keyboard_is_on(&events[i]) && events[i].frame >= start) {
      for (; j < count && (!keyboard_is_on(&events[j]) || events[j].frame < again); ++j) {
      }
      assert_true(j < count);
      assert_int_equal(events[i].frame - start, events[j].frame - again);
      assert_memory_equal(events[i].bytes, events[j].bytes, 3);
      ++j;
      ++compared;
    }
  }
  assert_int_equal(compared, first);
  fixture_finish(host);
}

// A phrase in bar 1: a chord, spread as hands do, and a tune.
static void
play_phrase(struct minihost *const host, const int64_t bar)
{
  keyboard_key(host, bar, 52, 70);
  keyboard_key(host, bar + 700, 48, 71);
  keyboard_key(host, bar + 1500, 55, 72);
  for (int i = 0; i < 4; ++i) {
    keyboard_key(host, bar + 12 * TICK * i + 210, 72 + 2 * i, 90 + i);
    keyboard_key(host, bar + 12 * TICK * i + 9100, 72 + 2 * i, 0);
  }
  keyboard_key(host, bar + 48 * TICK, 48, 0);
  keyboard_key(host, bar + 48 * TICK, 52, 0);
  keyboard_key(host, bar + 48 * TICK, 55, 0);
}

static void
a_phrase_is_answered_at_the_next_bar_and_played_again_in_the_next_pass(void **const state)
{
  int64_t start = 0;
  struct minihost *const host = keyboard_host(*state, CONTINUE, 256, &start);
  minihost_set_truth(host, "thru", 0);
  play_phrase(host, start + BAR);
  minihost_run(host, 8 * BAR);
  // Let go in the middle of bar 1, paused at its end: answered right there
  assert_int_equal(keyboard_notes(host, 0, start + 2 * BAR - 2), 0);
  assert_true(keyboard_notes(host, start + 2 * BAR - 2, start + 8 * BAR) > 5);
  size_t count = 0;
  const struct minihost_event *const events = minihost_events(host, &count);
  assert_in_range(events[0].frame, start + 2 * BAR - 1, start + 2 * BAR + 1);

  minihost_forget_events(host);
  minihost_locate(host, 0, 0.0);
  const int64_t again = minihost_song(host)->frame;
  minihost_run(host, 8 * BAR);
  static const struct {
    int tick, pitch, velocity;
  } phrase[] = {{0, 48, 71}, {0, 52, 70}, {0, 55, 72}, {0, 72, 90}, {12, 74, 91}, {24, 76, 92}, {36, 78, 93}};
  const struct minihost_event *const replay = minihost_events(host, &count);
  size_t found = 0;
  for (size_t i = 0; i < count && found < 7; ++i) {
    if (keyboard_is_on(&replay[i])) {
      assert_int_equal(replay[i].bytes[1], phrase[found].pitch);
      assert_int_equal(replay[i].bytes[2], phrase[found].velocity);
      assert_in_range(replay[i].frame, again + BAR + phrase[found].tick * TICK - 1,
                      again + BAR + phrase[found].tick * TICK + 1);
      ++found;
    }
  }
  assert_int_equal(found, 7);
  fixture_finish(host);
}

static void
it_falls_silent_when_the_player_plays_again(void **const state)
{
  int64_t start = 0;
  struct minihost *const host = keyboard_host(*state, CONTINUE, 256, &start);
  minihost_set_truth(host, "thru", 0);
  play_phrase(host, start + BAR);
  const int64_t back = start + 4 * BAR + 34567;
  keyboard_key(host, back, 70, 80);
  minihost_run(host, 4 * BAR + 34567);
  assert_true(keyboard_notes(host, start + 2 * BAR - 2, back) > 5);
  minihost_run(host, 256);
  assert_int_equal(minihost_sounding(host), 0);
  minihost_run(host, BAR);
  assert_int_equal(keyboard_notes(host, back, back + BAR + 256), 0);
  keyboard_key(host, back + BAR + 256, 70, 0);
  minihost_run(host, 4 * BAR);
  assert_true(keyboard_notes(host, back + BAR + 256, back + 5 * BAR) > 2);
  fixture_finish(host);
}

static void
a_key_that_is_never_let_go_does_not_silence_it_for_ever(void **const state)
{
  int64_t start = 0;
  struct minihost *const host = keyboard_host(*state, CONTINUE, 256, &start);
  minihost_set_truth(host, "thru", 0);
  keyboard_key(host, start + BAR, 60, 80);
  minihost_run(host, 3 * BAR - 256);
  assert_int_equal(keyboard_notes(host, 0, start + 3 * BAR), 0);
  minihost_run(host, 6 * BAR);
  assert_true(keyboard_notes(host, start + 3 * BAR, start + 9 * BAR) > 5);
  fixture_finish(host);
}

// A tune for the right hand, with keys between ticks.
static void
play_tune(struct minihost *const host, const int64_t start, const int notes)
{
  for (int i = 0; i < notes; ++i) {
    const int64_t onset = start + (int64_t)i * 18 * TICK + 313 * (i % 7);
    keyboard_key(host, onset, 67 + 5 * i % 17, 60 + i % 40);
    keyboard_key(host, onset + 11111, 67 + 5 * i % 17, 0);
  }
}

static void
the_left_hand_is_composed_to_what_the_right_plays(void **const state)
{
  int64_t start = 0;
  struct minihost *const host = keyboard_host(*state, ACCOMPANY, 256, &start);
  minihost_set(host, "left_channel", 5.0F);
  minihost_set(host, "channel", 3.0F);
  play_tune(host, start, 40);
  minihost_run(host, 8 * BAR);
  size_t count = 0;
  const struct minihost_event *const events = minihost_events(host, &count);
  unsigned left = 0;
  unsigned right = 0;
  for (size_t i = 0; i < count; ++i) {
    left += events[i].bytes[0] == (NOTE_ON | 4);
    right += events[i].bytes[0] == (NOTE_ON | 2);
  }
  assert_int_equal(right, 40); // Thru, on the channel of its hand
  assert_true(left > 20);
  fixture_finish(host);
}

static void
what_the_hands_port_does_not_compose_is_the_players(void **const state)
{
  int64_t start = 0;
  struct minihost *const host = keyboard_host(*state, ACCOMPANY, 256, &start);
  minihost_set(host, "left_channel", 5.0F);
  minihost_set(host, "hands", 1.0F); // Compose the right hand: the player is the left
  play_tune(host, start, 30);
  minihost_run(host, 6 * BAR);
  size_t count = 0;
  const struct minihost_event *const events = minihost_events(host, &count);
  unsigned left = 0;
  unsigned right = 0;
  for (size_t i = 0; i < count; ++i) {
    left += events[i].bytes[0] == (NOTE_ON | 4);
    right += events[i].bytes[0] == NOTE_ON;
  }
  assert_int_equal(left, 30);
  assert_true(right > 10);
  fixture_finish(host);
}

// Play all that there is in `input`, in blocks of `block`.
static struct minihost *
performed(const struct fixture *const fixture, const int input, const uint32_t block)
{
  int64_t start = 0;
  struct minihost *const host = keyboard_host(fixture, input, block, &start);
  minihost_set(host, "freewheel", 1.0F);
  minihost_set(host, "pedal", 1.0F);
  play_phrase(host, start + BAR);
  play_tune(host, start + 4 * BAR + 4444, 20);
  keyboard_key(host, start + 9 * BAR + 1, 61, 99);
  minihost_run(host, 10 * BAR);
  minihost_locate(host, 1, 0.0);
  minihost_run(host, 3 * BAR);
  minihost_stop(host);
  minihost_run(host, 512);
  return host;
}

static void
the_same_keys_give_the_same_music_in_blocks_of_any_length(void **const state)
{
  static const uint32_t blocks[] = {1, 64, 333, 1024, 8192};
  for (int input = CONTINUE; input <= ACCOMPANY; ++input) {
    struct minihost *const usual = performed(*state, input, 256);
    size_t expected = 0;
    const struct minihost_event *const x = minihost_events(usual, &expected);
    assert_true(expected > 50);
    for (size_t b = 0; b < sizeof blocks / sizeof blocks[0]; ++b) {
      struct minihost *const host = performed(*state, input, blocks[b]);
      size_t count = 0;
      const struct minihost_event *const y = minihost_events(host, &count);
      for (size_t i = 0; i < expected && i < count; ++i) {
        if (x[i].frame != y[i].frame || memcmp(x[i].bytes, y[i].bytes, 3) != 0) {
          fail_msg("input %d, blocks of %u: event %zu is %02x %d at %lld, not %02x %d at %lld", input, blocks[b], i,
                   y[i].bytes[0], y[i].bytes[1], (long long)y[i].frame, x[i].bytes[0], x[i].bytes[1],
                   (long long)x[i].frame);
        }
      }
      assert_int_equal(count, expected);
      assert_int_equal(minihost_faults(host), 0);
      minihost_free(host);
    }
    minihost_free(usual);
  }
}

static void
live_is_as_exported(void **const state)
{
  for (int input = CONTINUE; input <= ACCOMPANY; ++input) {
    struct minihost *hosts[2];
    for (int i = 0; i < 2; ++i) {
      int64_t start = 0;
      hosts[i] = keyboard_host(*state, input, 256, &start);
      minihost_set(hosts[i], "freewheel", (float)i);
      play_phrase(hosts[i], start + BAR);
      play_tune(hosts[i], start + 4 * BAR + 4444, 20);
      minihost_run(hosts[i], 10 * BAR);
      assert_true(minihost_get(hosts[i], "late") == 0.0F);
    }
    size_t a = 0;
    size_t b = 0;
    const struct minihost_event *const x = minihost_events(hosts[0], &a);
    const struct minihost_event *const y = minihost_events(hosts[1], &b);
    assert_int_equal(a, b);
    for (size_t i = 0; i < a; ++i) {
      assert_int_equal(x[i].bytes[0], y[i].bytes[0]);
      assert_int_equal(x[i].bytes[1], y[i].bytes[1]);
    }
    fixture_finish(hosts[0]);
    fixture_finish(hosts[1]);
  }
}

static void
the_harmony_ends_with_the_beat_in_which_the_last_key_goes_up(void **const state)
{
  // Many short holds, so that there are onsets in the beats after them
  int64_t start = 0;
  struct minihost *const host = keyboard_host(*state, FOLLOW, 256, &start);
  for (int i = 0; i < 12; ++i) {
    keyboard_key(host, start + (2 + i) * (int64_t)BAR + 30, 60, 90);
    keyboard_key(host, start + (2 + i) * (int64_t)BAR + BAR / 4 + 777, 60, 0); // In the second beat
  }
  minihost_run(host, 15 * (int64_t)BAR);
  unsigned held = 0;
  unsigned free_notes = 0;
  unsigned kept = 0;
  for (int i = 0; i < 12; ++i) {
    const int64_t bar = start + (2 + i) * (int64_t)BAR;
    unsigned inside = 0;
    held += keyboard_notes_between(host, bar + 31, bar + BAR / 2 - 2, 1, &inside);
    kept += inside;
    const unsigned notes = keyboard_notes_between(host, bar + BAR / 2 - 2, bar + BAR / 4 * 3 - 2, 1, &inside);
    free_notes += notes - inside;
  }
  assert_true(held > 5);
  assert_int_equal(held, kept);
  assert_true(free_notes > 5);
  fixture_finish(host);
}

static void
what_was_played_is_exported_with_the_answer(void **const state)
{
  int64_t start = 0;
  char path[FIXTURE_PATH];
  fixture_path(*state, "phrase.mid", 0, path);
  struct minihost *const host = keyboard_host(*state, CONTINUE, 256, &start);
  play_phrase(host, start + BAR);
  minihost_run(host, 6 * BAR);
  minihost_export(host, path);
  for (int i = 0; i < 200 && access(path, R_OK) != 0; ++i) {
    minihost_run(host, 256);
    minihost_wait_for_worker(host);
  }
  struct midi_file file;
  assert_int_equal(midi_file_read(path, &file, NULL), STATUS_SUCCESS);
  static const int pitches[] = {48, 52, 55, 72, 74, 76, 78};
  assert_true(file.note_count > 12);
  for (size_t i = 0; i < 7; ++i) {
    assert_int_equal(file.notes[i].pitch, pitches[i]);
  }
  assert_int_equal(file.notes[0].onset, 4 * file.division);
  assert_int_equal(file.notes[0].duration, 2 * file.division); // As long as its key was down
  assert_int_equal(file.notes[7].onset, 8 * file.division);
  midi_file_free(&file);
  fixture_finish(host);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_onset_after_the_keys_keeps_to_the_held_chord),
      cmocka_unit_test(a_chord_held_before_the_start_is_heard_from_the_first_note_on),
      cmocka_unit_test(a_pass_without_keys_plays_what_the_pass_with_keys_played),
      cmocka_unit_test(a_phrase_is_answered_at_the_next_bar_and_played_again_in_the_next_pass),
      cmocka_unit_test(it_falls_silent_when_the_player_plays_again),
      cmocka_unit_test(a_key_that_is_never_let_go_does_not_silence_it_for_ever),
      cmocka_unit_test(the_left_hand_is_composed_to_what_the_right_plays),
      cmocka_unit_test(what_the_hands_port_does_not_compose_is_the_players),
      cmocka_unit_test(the_same_keys_give_the_same_music_in_blocks_of_any_length),
      cmocka_unit_test(live_is_as_exported),
      cmocka_unit_test(the_harmony_ends_with_the_beat_in_which_the_last_key_goes_up),
      cmocka_unit_test(what_was_played_is_exported_with_the_answer),
  };
  return cmocka_run_group_tests(tests, keyboard_setup, fixture_teardown);
}
