// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// MIDI input through the plugin, as messages: whatever keyboards and hosts send or leave out, and however little room there
// is in the output, nothing is lost and nothing hangs.

#include "keyboard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void
what_is_played_goes_on_to_the_output_at_once_if_it_is_to(void **const state)
{
  static const struct {
    int input;
    int thru;
    unsigned heard;
  } cases[] = {{NOTHING, 1, 0}, {CONTINUE, 1, 1},  {CONTINUE, 0, 0},
               {FOLLOW, 1, 0},  {ACCOMPANY, 1, 1}, {ACCOMPANY, 0, 0}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
    int64_t start = 0;
    struct minihost *const host = keyboard_host(*state, cases[i].input, 333, &start);
    minihost_set_truth(host, "thru", cases[i].thru);
    minihost_stop(host); // Whether the song plays or not
    minihost_run(host, RATE);
    minihost_forget_events(host);
    const int64_t now = minihost_song(host)->frame;
    minihost_send_midi_at(host, now + 100, CONTROL | 3, 64, 127);
    minihost_send_midi_at(host, now + 101, NOTE_ON | 3, 127, 9);
    minihost_send_midi_at(host, now + 102, NOTE_ON | 3, 0, 127);
    minihost_send_midi_at(host, now + 500, NOTE_OFF | 3, 127, 9);
    minihost_send_midi_at(host, now + 501, NOTE_ON | 3, 0, 0);
    minihost_send_midi_at(host, now + 502, CONTROL | 3, 64, 0);
    minihost_send_midi_at(host, now + 503, 0xE3, 1, 64);
    minihost_run(host, 2000);
    size_t count = 0;
    const struct minihost_event *const events = minihost_events(host, &count);
    assert_int_equal(count, 7 * cases[i].heard);
    static const uint8_t expected[7][3] = {{CONTROL, 64, 127},  {NOTE_ON, 127, 9}, {NOTE_ON, 0, 127},
                                           {NOTE_OFF, 127, 64}, {NOTE_OFF, 0, 64}, {CONTROL, 64, 0},
                                           {0xE0, 1, 64}};
    static const int64_t frames[7] = {100, 101, 102, 500, 501, 502, 503};
    for (size_t k = 0; k < count; ++k) {
      assert_memory_equal(events[k].bytes, expected[k], 3);
      assert_int_equal(events[k].frame, now + frames[k]);
    }
    fixture_finish(host);
  }
}

static void
whether_it_goes_on_is_saved_and_restored(void **const state)
{
  int64_t start = 0;
  char folder[FIXTURE_PATH];
  fixture_path(*state, "thru-state", 1, folder);
  struct minihost *const host = keyboard_host(*state, CONTINUE, 256, &start);
  minihost_ask(host);
  minihost_run(host, 256);
  assert_string_equal(minihost_property(host, "thru"), "true");
  minihost_set_truth(host, "thru", 0);
  minihost_run(host, 256);
  assert_string_equal(minihost_property(host, "thru"), "false");
  assert_true(minihost_changes(host) > 0);
  assert_int_equal(minihost_save(host, folder), 0);
  fixture_finish(host);
  struct minihost *const other = keyboard_host(*state, NOTHING, 256, &start);
  assert_int_equal(minihost_restore(other, folder), 0);
  minihost_ask(other);
  minihost_run(other, 256);
  assert_string_equal(minihost_property(other, "thru"), "false");
  fixture_finish(other);
}

static void
keys_that_are_down_when_everything_stops_are_let_go(void **const state)
{
  for (int input = CONTINUE; input <= ACCOMPANY; ++input) {
    for (int way = 0; way < 6; ++way) {
      int64_t start = 0;
      struct minihost *const host = keyboard_host(*state, input, 256, &start);
      for (int channel = 0; channel < 16; ++channel) {
        minihost_send_midi_at(host, start + 50000, NOTE_ON | channel, 40 + channel, 80);
        minihost_send_midi_at(host, start + 50000, CONTROL | channel, 64, 127);
      }
      minihost_run(host, 60000);
      if (input != FOLLOW) {
        assert_true(minihost_sounding(host) >= 16);
      }
      switch (way) {
      case 0:
        minihost_stop(host);
        break;
      case 1:
        minihost_locate(host, 20, 0.0);
        minihost_stop(host);
        break;
      case 2:
        minihost_set(host, "enabled", 0.0F);
        break;
      case 3:
        minihost_deactivate(host);
        minihost_activate(host);
        minihost_stop(host);
        break;
      case 4:
        minihost_set(host, "input", (float)NOTHING);
        minihost_set(host, "enabled", 0.0F);
        break;
      default:
        for (int channel = 0; channel < 16; ++channel) { // As hosts do when they stop
          minihost_send_midi_at(host, minihost_song(host)->frame, CONTROL | channel, 64, 0);
          minihost_send_midi_at(host, minihost_song(host)->frame, CONTROL | channel, 123, 0);
          minihost_send_midi_at(host, minihost_song(host)->frame, CONTROL | channel, 121, 0);
        }
        minihost_run(host, 256);
        minihost_stop(host);
      }
      minihost_run(host, 512);
      assert_int_equal(minihost_sounding(host), 0);
      size_t count = 0;
      const struct minihost_event *const events = minihost_events(host, &count);
      int pedal = 0;
      for (size_t i = 0; i < count; ++i) {
        if (events[i].bytes[0] == CONTROL && events[i].bytes[1] == 64) {
          pedal = events[i].bytes[2];
        }
      }
      assert_int_equal(pedal, 0);
      // And when they go up after all, nothing happens
      for (int channel = 0; channel < 16; ++channel) {
        minihost_send_midi_at(host, minihost_song(host)->frame, NOTE_OFF | channel, 40 + channel, 0);
      }
      minihost_run(host, 512);
      fixture_finish(host);
    }
  }
}

static void
a_pedal_that_is_down_without_a_key_is_lifted_too(void **const state)
{
  for (int way = 0; way < 3; ++way) {
    int64_t start = 0;
    struct minihost *const host = keyboard_host(*state, CONTINUE, 256, &start);
    minihost_send_midi_at(host, start + 5000, CONTROL, 64, 127);
    minihost_run(host, 6000);
    assert_int_equal(minihost_sounding(host), 0);
    minihost_forget_events(host);
    if (way == 0) {
      minihost_stop(host);
    } else if (way == 1) {
      minihost_locate(host, 20, 0.0);
    } else {
      minihost_set(host, "enabled", 0.0F);
    }
    minihost_run(host, 256);
    size_t count = 0;
    const struct minihost_event *const events = minihost_events(host, &count);
    assert_int_equal(count, 1);
    assert_memory_equal(events[0].bytes, ((const uint8_t[]){CONTROL, 64, 0}), 3);
    fixture_finish(host);
  }
}

static void
anything_at_all_may_come_in(void **const state)
{
  uint32_t random = 12345;
  for (int round = 0; round < 24; ++round) {
    static const uint32_t blocks[] = {1, 7, 64, 256, 8192};
    static const uint32_t sizes[] = {0, 64, 200};
    const struct minihost_options options = {.block = blocks[round % 5], .output_size = sizes[round % 3]};
    struct minihost *const host = fixture_host(*state, &options);
    minihost_set(host, "input", (float)(round % 4));
    minihost_run(host, 4096);
    minihost_play(host);
    for (int i = 0; i < 600; ++i) {
      random = random * 1664525U + 1013904223U;
      const uint8_t bytes[3] = {(uint8_t)(0x80 | (random >> 8 & 0x7F)),
                                (uint8_t)(random >> 15 & (i % 50 ? 0x7F : 0xFF)),
                                (uint8_t)(random >> 22 & (i % 40 ? 0x7F : 0xFF))};
      if (i % 9 == 0) {
        minihost_send_midi(host, bytes, i % 5 + 1 < 3 ? (uint32_t)(i % 5) + 1 : 3);
      } else {
        const int status = i % 3 ? NOTE_ON | (bytes[0] & 15) : bytes[0];
        if (status < 0xF0) {
          minihost_send_midi_at(host, minihost_song(host)->frame + bytes[1], status, bytes[1], bytes[2]);
        }
      }
      if (i % 16 == 15) {
        minihost_run(host, (int64_t)(random >> 20));
      }
      if (i % 77 == 76) {
        minihost_set(host, "input", (float)(random >> 9 & 3));
        minihost_locate(host, random >> 12 & 7, 0.5);
      }
    }
    minihost_run(host, 2 * BAR);
    minihost_stop(host);
    minihost_set(host, "enabled", 0.0F);
    minihost_block(host, 64);
    minihost_run(host, 64 * 400);
    assert_int_equal(minihost_sounding(host), 0);
    assert_int_equal(minihost_faults(host), 0);
    minihost_free(host);
  }
}

static void
notes_wait_for_room_in_the_output_and_none_is_lost(void **const state)
{
  int64_t start = 0;
  const struct minihost_options options = {.block = 64, .output_size = 8 + 8 + 24 * 3}; // Three messages a block
  struct minihost *const host = fixture_host(*state, &options);
  minihost_set(host, "input", (float)CONTINUE);
  minihost_run(host, RATE);
  minihost_play(host);
  start = minihost_song(host)->frame;
  for (int i = 0; i < 20; ++i) {
    keyboard_key(host, start + 6000 + i, 40 + i, 80);
    keyboard_key(host, start + 12000, 40 + i, 0);
  }
  minihost_run(host, 11900);
  assert_int_equal(minihost_sounding(host), 20);
  minihost_run(host, 3000);
  assert_int_equal(minihost_sounding(host), 0);
  assert_int_equal(keyboard_notes(host, 0, start + 20000), 20);
  fixture_finish(host);
}

// The value that controller or wheel `first` of `status` had last by what was heard, or -1; `times` how often it was heard.
static int
last_value(const struct minihost *const host, const int status, const int first, unsigned *const times)
{
  size_t count = 0;
  int value = -1;
  const struct minihost_event *const events = minihost_events(host, &count);
  *times = 0;
  for (size_t i = 0; i < count; ++i) {
    if (events[i].bytes[0] == status && (first < 0 || events[i].bytes[1] == first)) {
      value = events[i].bytes[2];
      ++*times;
    }
  }
  return value;
}

static void
controllers_and_the_wheel_wait_for_room_and_the_newest_value_goes_out(void **const state)
{
  enum { CONTROLLERS = 120, PEDAL = 64, WHEEL = 0xE0 };
  const struct minihost_options options = {.block = 64, .output_size = 8 + 8 + 24 * 2};
  struct minihost *const host = fixture_host(*state, &options);
  minihost_set(host, "input", (float)CONTINUE);
  minihost_run(host, RATE);
  const int64_t now = minihost_song(host)->frame;
  for (int value = 0; value < 3; ++value) {
    for (int i = 0; i < CONTROLLERS; ++i) {
      minihost_send_midi_at(host, now + 10 * value, CONTROL, i, (i + 30 * value) % 64 + (i == PEDAL ? 64 : 0));
    }
    minihost_send_midi_at(host, now + 10 * value, WHEEL, 5 * value, 40 * value);
  }
  minihost_send_midi_at(host, now + 64, NOTE_ON, 70, 99); // And a key, touched only, where a block begins
  minihost_send_midi_at(host, now + 64, NOTE_OFF, 70, 0);
  minihost_run(host, 64 * 100);
  unsigned times = 0;
  for (int i = 0; i < CONTROLLERS; ++i) {
    assert_int_equal(last_value(host, CONTROL, i, &times), i == PEDAL ? 127 : (i + 60) % 64);
    assert_in_range(times, 1, 2); // Not more than there was room for before all had come
  }
  assert_int_equal(last_value(host, WHEEL, -1, &times), 80);
  assert_int_equal(times, 1);
  assert_int_equal(last_value(host, NOTE_ON, 70, &times), 99);
  assert_int_equal(times, 1);
  assert_int_equal(minihost_sounding(host), 0);
  // A key that goes down after a controller is not heard before it
  size_t count = 0;
  const struct minihost_event *const events = minihost_events(host, &count);
  assert_int_equal(events[count - 2].bytes[0], NOTE_ON);
  assert_int_equal(events[count - 1].bytes[0], NOTE_OFF);
  fixture_finish(host);
}

static void
what_waits_when_the_song_stops_still_goes_out(void **const state)
{
  const struct minihost_options options = {.block = 64, .output_size = 8 + 8 + 24};
  struct minihost *const host = fixture_host(*state, &options);
  minihost_set(host, "input", (float)CONTINUE);
  minihost_run(host, RATE);
  minihost_play(host);
  minihost_run(host, 640);
  const int64_t now = minihost_song(host)->frame;
  for (int i = 0; i < 10; ++i) {
    minihost_send_midi_at(host, now, NOTE_ON, 50 + i, 90);
    minihost_send_midi_at(host, now, CONTROL, 20 + i, i);
  }
  minihost_send_midi_at(host, now, CONTROL, 64, 127);
  minihost_run(host, 64 * 3);
  minihost_stop(host);
  minihost_run(host, 64 * 60);
  assert_int_equal(minihost_sounding(host), 0);
  unsigned times = 0;
  for (int i = 0; i < 10; ++i) {
    assert_int_equal(last_value(host, CONTROL, 20 + i, &times), i);
  }
  assert_true(last_value(host, CONTROL, 64, &times) <= 0); // But no pedal is left down
  assert_true(keyboard_notes(host, 0, now + 64 * 100) < 10);
  fixture_finish(host);
}

static void
keys_in_blocks_of_no_frames_are_heard_in_the_next(void **const state)
{
  static const uint8_t on[] = {NOTE_ON, 60, 90};
  static const uint8_t off[] = {NOTE_OFF, 60, 0};
  static const uint8_t wheel[] = {0xE0, 0, 80};
  for (int input = CONTINUE; input <= ACCOMPANY; input += 2) {
    int64_t start = 0;
    struct minihost *const host = keyboard_host(*state, input, 256, &start);
    minihost_stop(host);
    minihost_run(host, RATE);
    minihost_forget_events(host);
    minihost_send_midi(host, on, 3);
    minihost_send_midi(host, wheel, 3);
    minihost_run(host, 0);
    assert_int_equal(fixture_note_count(host), 0);
    minihost_run(host, 256);
    assert_int_equal(fixture_note_count(host), 1);
    unsigned times = 0;
    assert_int_equal(last_value(host, 0xE0, 0, &times), 80);
    assert_int_equal(minihost_sounding(host), 1);
    minihost_send_midi(host, off, 3);
    minihost_run(host, 0);
    minihost_run(host, 256);
    assert_int_equal(minihost_sounding(host), 0);
    fixture_finish(host);
  }
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_played_goes_on_to_the_output_at_once_if_it_is_to),
      cmocka_unit_test(whether_it_goes_on_is_saved_and_restored),
      cmocka_unit_test(keys_that_are_down_when_everything_stops_are_let_go),
      cmocka_unit_test(a_pedal_that_is_down_without_a_key_is_lifted_too),
      cmocka_unit_test(anything_at_all_may_come_in),
      cmocka_unit_test(notes_wait_for_room_in_the_output_and_none_is_lost),
      cmocka_unit_test(controllers_and_the_wheel_wait_for_room_and_the_newest_value_goes_out),
      cmocka_unit_test(what_waits_when_the_song_stops_still_goes_out),
      cmocka_unit_test(keys_in_blocks_of_no_frames_are_heard_in_the_next),
  };
  return cmocka_run_group_tests(tests, keyboard_setup, fixture_teardown);
}
