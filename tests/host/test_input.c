// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// MIDI input through the plugin: a chord that is held, a phrase that is answered, a hand that is accompanied; and whatever
// keyboards and hosts send or leave out, nothing is lost and nothing hangs. With small random weights, whose music is none,
// but obeys the same rules.

#include "fixture.h"

#include "engine/midi_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { RATE = 48000, BAR = 96000, TICK = 1000, NOTE_ON = 0x90, NOTE_OFF = 0x80, CONTROL = 0xB0 };
enum { NOTHING, CONTINUE, FOLLOW, ACCOMPANY };

static int
setup(void **const state)
{
  if (fixture_setup(state) != 0) {
    return -1;
  }
  const struct fixture *const fixture = *state;
  return fixture_random_weights(fixture->weights, 3);
}

// A host at bar 1 of 120 beats per minute, about to roll; `start` is the frame of that.
static struct minihost *
host_new(const struct fixture *const fixture, const int input, const uint32_t block, int64_t *const start)
{
  const struct minihost_options options = {.block = block};
  struct minihost *const host = fixture_host(fixture, &options);
  minihost_set(host, "input", (float)input);
  minihost_run(host, RATE);
  minihost_play(host);
  *start = minihost_song(host)->frame;
  return host;
}

static bool
is_on(const struct minihost_event *const event)
{
  return (event->bytes[0] & 0xF0) == NOTE_ON;
}

// How many note-ons were heard from `begin` to before `end`; in `inside` how many of them have a pitch class of `tones`.
static unsigned
notes_between(const struct minihost *const host,
              const int64_t begin,
              const int64_t end,
              const unsigned tones,
              unsigned *const inside)
{
  size_t count = 0;
  unsigned notes = 0;
  const struct minihost_event *const events = minihost_events(host, &count);
  *inside = 0;
  for (size_t i = 0; i < count; ++i) {
    if (is_on(&events[i]) && events[i].frame >= begin && events[i].frame < end) {
      ++notes;
      *inside += tones >> events[i].bytes[1] % 12 & 1U;
    }
  }
  return notes;
}

static unsigned
notes_heard(const struct minihost *const host, const int64_t begin, const int64_t end)
{
  unsigned inside = 0;
  return notes_between(host, begin, end, 0, &inside);
}

static void
key(struct minihost *const host, const int64_t frame, const int pitch, const int velocity)
{
  minihost_send_midi_at(host, frame, velocity ? NOTE_ON : NOTE_OFF, pitch, velocity);
}

static void
every_onset_after_the_keys_keeps_to_the_held_chord(void **const state)
{
  int64_t start = 0;
  struct minihost *const host = host_new(*state, FOLLOW, 256, &start);
  const int64_t down = start + 2 * BAR + 12345;
  const int64_t up = start + 6 * BAR + 777;
  for (int i = 0; i < 3; ++i) {
    key(host, down + 300 * i, 60 + (int[]){0, 4, 7}[i], 90);
    key(host, up + 200 * i, 60 + (int[]){0, 4, 7}[i], 0);
  }
  minihost_run(host, 10 * BAR);
  unsigned inside = 0;
  const unsigned before = notes_between(host, start, down, 0x91, &inside);
  assert_true(before > 10 && inside < before);
  const unsigned held = notes_between(host, down + 601, up, 0x91, &inside);
  assert_true(held > 10);
  assert_int_equal(inside, held);
  // Free again from the next beat on
  const unsigned after = notes_between(host, start + 6 * BAR + BAR / 4, start + 10 * BAR, 0x91, &inside);
  assert_true(after > 10 && inside < after);
  fixture_finish(host);
}

static void
a_chord_held_before_the_start_is_heard_from_the_first_note_on(void **const state)
{
  int64_t start = 0;
  struct minihost *const host = host_new(*state, FOLLOW, 256, &start);
  minihost_stop(host);
  minihost_run(host, RATE);
  key(host, minihost_song(host)->frame, 62, 90);
  minihost_run(host, RATE);
  minihost_play(host);
  start = minihost_song(host)->frame;
  minihost_run(host, 4 * BAR);
  unsigned inside = 0;
  const unsigned notes = notes_between(host, start, start + 4 * BAR, 1 << 2, &inside);
  assert_true(notes > 5);
  assert_int_equal(notes, inside);
  fixture_finish(host);
}

static void
a_pass_without_keys_plays_what_the_pass_with_keys_played(void **const state)
{
  int64_t start = 0;
  struct minihost *const host = host_new(*state, FOLLOW, 256, &start);
  key(host, start + BAR + 5000, 60, 90);
  key(host, start + BAR + 5000, 63, 90);
  key(host, start + 3 * BAR + 5000, 60, 0);
  key(host, start + 3 * BAR + 5000, 63, 0);
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
    if (is_on(&events[i]) && events[i].frame >= start) {
      for (; j < count && (!is_on(&events[j]) || events[j].frame < again); ++j) {
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
  key(host, bar, 52, 70);
  key(host, bar + 700, 48, 71);
  key(host, bar + 1500, 55, 72);
  for (int i = 0; i < 4; ++i) {
    key(host, bar + 12 * TICK * i + 210, 72 + 2 * i, 90 + i);
    key(host, bar + 12 * TICK * i + 9100, 72 + 2 * i, 0);
  }
  key(host, bar + 48 * TICK, 48, 0);
  key(host, bar + 48 * TICK, 52, 0);
  key(host, bar + 48 * TICK, 55, 0);
}

static void
a_phrase_is_answered_at_the_next_bar_and_played_again_in_the_next_pass(void **const state)
{
  int64_t start = 0;
  struct minihost *const host = host_new(*state, CONTINUE, 256, &start);
  minihost_set_truth(host, "thru", 0);
  play_phrase(host, start + BAR);
  minihost_run(host, 8 * BAR);
  // Let go in the middle of bar 1, paused at its end: answered right there
  assert_int_equal(notes_heard(host, 0, start + 2 * BAR - 2), 0);
  assert_true(notes_heard(host, start + 2 * BAR - 2, start + 8 * BAR) > 5);
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
    if (is_on(&replay[i])) {
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
  struct minihost *const host = host_new(*state, CONTINUE, 256, &start);
  minihost_set_truth(host, "thru", 0);
  play_phrase(host, start + BAR);
  const int64_t back = start + 4 * BAR + 34567;
  key(host, back, 70, 80);
  minihost_run(host, 4 * BAR + 34567);
  assert_true(notes_heard(host, start + 2 * BAR - 2, back) > 5);
  minihost_run(host, 256);
  assert_int_equal(minihost_sounding(host), 0);
  minihost_run(host, BAR);
  assert_int_equal(notes_heard(host, back, back + BAR + 256), 0);
  key(host, back + BAR + 256, 70, 0);
  minihost_run(host, 4 * BAR);
  assert_true(notes_heard(host, back + BAR + 256, back + 5 * BAR) > 2);
  fixture_finish(host);
}

static void
a_key_that_is_never_let_go_does_not_silence_it_for_ever(void **const state)
{
  int64_t start = 0;
  struct minihost *const host = host_new(*state, CONTINUE, 256, &start);
  minihost_set_truth(host, "thru", 0);
  key(host, start + BAR, 60, 80);
  minihost_run(host, 3 * BAR - 256);
  assert_int_equal(notes_heard(host, 0, start + 3 * BAR), 0);
  minihost_run(host, 6 * BAR);
  assert_true(notes_heard(host, start + 3 * BAR, start + 9 * BAR) > 5);
  fixture_finish(host);
}

// A tune for the right hand, with keys between ticks.
static void
play_tune(struct minihost *const host, const int64_t start, const int notes)
{
  for (int i = 0; i < notes; ++i) {
    const int64_t onset = start + (int64_t)i * 18 * TICK + 313 * (i % 7);
    key(host, onset, 67 + 5 * i % 17, 60 + i % 40);
    key(host, onset + 11111, 67 + 5 * i % 17, 0);
  }
}

static void
the_left_hand_is_composed_to_what_the_right_plays(void **const state)
{
  int64_t start = 0;
  struct minihost *const host = host_new(*state, ACCOMPANY, 256, &start);
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
  struct minihost *const host = host_new(*state, ACCOMPANY, 256, &start);
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
  struct minihost *const host = host_new(fixture, input, block, &start);
  minihost_set(host, "freewheel", 1.0F);
  minihost_set(host, "pedal", 1.0F);
  play_phrase(host, start + BAR);
  play_tune(host, start + 4 * BAR + 4444, 20);
  key(host, start + 9 * BAR + 1, 61, 99);
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
      hosts[i] = host_new(*state, input, 256, &start);
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

// Thru

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
    struct minihost *const host = host_new(*state, cases[i].input, 333, &start);
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
  struct minihost *const host = host_new(*state, CONTINUE, 256, &start);
  minihost_ask(host);
  minihost_run(host, 256);
  assert_string_equal(minihost_property(host, "thru"), "true");
  minihost_set_truth(host, "thru", 0);
  minihost_run(host, 256);
  assert_string_equal(minihost_property(host, "thru"), "false");
  assert_true(minihost_changes(host) > 0);
  assert_int_equal(minihost_save(host, folder), 0);
  fixture_finish(host);
  struct minihost *const other = host_new(*state, NOTHING, 256, &start);
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
      struct minihost *const host = host_new(*state, input, 256, &start);
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
    struct minihost *const host = host_new(*state, CONTINUE, 256, &start);
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
the_harmony_ends_with_the_beat_in_which_the_last_key_goes_up(void **const state)
{
  // Many short holds, so that there are onsets in the beats after them
  int64_t start = 0;
  struct minihost *const host = host_new(*state, FOLLOW, 256, &start);
  for (int i = 0; i < 12; ++i) {
    key(host, start + (2 + i) * (int64_t)BAR + 30, 60, 90);
    key(host, start + (2 + i) * (int64_t)BAR + BAR / 4 + 777, 60, 0); // In the second beat
  }
  minihost_run(host, 15 * (int64_t)BAR);
  unsigned held = 0;
  unsigned free_notes = 0;
  unsigned kept = 0;
  for (int i = 0; i < 12; ++i) {
    const int64_t bar = start + (2 + i) * (int64_t)BAR;
    unsigned inside = 0;
    held += notes_between(host, bar + 31, bar + BAR / 2 - 2, 1, &inside);
    kept += inside;
    const unsigned notes = notes_between(host, bar + BAR / 2 - 2, bar + BAR / 4 * 3 - 2, 1, &inside);
    free_notes += notes - inside;
  }
  assert_true(held > 5);
  assert_int_equal(held, kept);
  assert_true(free_notes > 5);
  fixture_finish(host);
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
    key(host, start + 6000 + i, 40 + i, 80);
    key(host, start + 12000, 40 + i, 0);
  }
  minihost_run(host, 11900);
  assert_int_equal(minihost_sounding(host), 20);
  minihost_run(host, 3000);
  assert_int_equal(minihost_sounding(host), 0);
  assert_int_equal(notes_heard(host, 0, start + 20000), 20);
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
  assert_true(notes_heard(host, 0, now + 64 * 100) < 10);
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
    struct minihost *const host = host_new(*state, input, 256, &start);
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

static void
what_was_played_is_exported_with_the_answer(void **const state)
{
  int64_t start = 0;
  char path[FIXTURE_PATH];
  fixture_path(*state, "phrase.mid", 0, path);
  struct minihost *const host = host_new(*state, CONTINUE, 256, &start);
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
      cmocka_unit_test(what_is_played_goes_on_to_the_output_at_once_if_it_is_to),
      cmocka_unit_test(whether_it_goes_on_is_saved_and_restored),
      cmocka_unit_test(keys_that_are_down_when_everything_stops_are_let_go),
      cmocka_unit_test(a_pedal_that_is_down_without_a_key_is_lifted_too),
      cmocka_unit_test(the_harmony_ends_with_the_beat_in_which_the_last_key_goes_up),
      cmocka_unit_test(anything_at_all_may_come_in),
      cmocka_unit_test(notes_wait_for_room_in_the_output_and_none_is_lost),
      cmocka_unit_test(controllers_and_the_wheel_wait_for_room_and_the_newest_value_goes_out),
      cmocka_unit_test(what_waits_when_the_song_stops_still_goes_out),
      cmocka_unit_test(keys_in_blocks_of_no_frames_are_heard_in_the_next),
      cmocka_unit_test(what_was_played_is_exported_with_the_answer),
  };
  return cmocka_run_group_tests(tests, setup, fixture_teardown);
}
