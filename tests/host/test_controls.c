// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Every control port reaches what it controls: what comes out of the plugin is as its port asks.
//
// What a control does is measured, in direction and size, by the tests named here (in this program where none is named; unit:
// tests/unit/test_controls.c, heard: tests/unit/test_controls_heard.c, with the bundled weights):
//
// enabled        notes: bypass_is_silent_and_leaves_nothing_hanging
// freewheel      reproducible: an_export_gives_the_same_bytes_without_time_to_prepare
// temperature    heard: more_temperature_is_more_surprise; unit composer: temperature_zero_needs_no_seed
// top_p          heard: a_smaller_nucleus_is_less_surprise; unit sampler
// surprise       heard: surprise_of_the_bundled_weights_is_steered_to_its_target; unit: surprise_is_steered_to_its_target
// recall         heard: recall_is_how_firmly_earlier_music_comes_back, recall_brings_figures_back
// style          heard: music_of_a_style_is_likeliest_in_it
// key            heard: a_key_asked_for_is_followed
// density        heard: more_density_is_more_notes
// low, high_note unit: no_note_lies_outside_the_range; range_and_scale_are_kept
// polyphony      unit: no_more_notes_sound_together_than_asked_for; polyphony_is_kept
// scale_lock     unit: scale_lock_leaves_only_the_keys_notes; range_and_scale_are_kept
// originality    unit quotation: a_parrot_quotes_no_more_than_it_may; quotations_are_limited_by_the_port
// velocity       velocity_makes_every_note_louder
// humanize       humanized_notes_come_less_than_a_tick_later_in_the_same_order
// rate           half_and_double_time_are_the_same_music
// pedal          the_pedal_goes_up_and_down_and_is_up_at_the_end, without_a_pedal_none_is_pressed
// hands          unit: one_hand_is_composed_alone
// channel        notes: a_change_of_channel_ends_notes_on_the_old_one; the_left_hand_goes_to_its_channel
// left_channel   the_left_hand_goes_to_its_channel
// input          input: all of it
// sync, bpm      transport: without_sync_it_plays_by_itself_at_its_own_tempo
// look_ahead     a_change_is_heard_from_the_beat_that_is_the_look_ahead_ahead
// seed           reproducible; every_control_of_the_music_is_heard; unit composer: a_section_depends_on_seed_and_place_alone
// lock           take: a_locked_take_is_played_back_whatever_changes
// regenerate     take: regenerate_composes_anew_from_the_next_bar_and_undo_goes_back, other_music_comes_in_time_...
// undo           the same; unit composer_take: regenerating_changes_what_comes_and_undo_brings_it_back_eight_times
// loop_bars      bars_come_back_as_many_as_the_loop_has; unit composer_take
// ending         pieces_end_and_begin_only_if_they_may; unit composer_change
// load, bars     notes, long_session; the random sessions: they are numbers in their ranges
// late           take, transport: nothing is; unit and many others

#include "fixture.h"

#include "engine/midi_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { SECONDS = 8, NOTE_ON = 0x90, NOTE_OFF = 0x80 };

struct setting {
  const char *symbol;
  float value;
};

// Play with these settings (ended by NULL) from the song's beginning.
static struct minihost *
played(const struct fixture *const fixture, const struct setting *setting)
{
  struct minihost *const host = fixture_host(fixture, NULL);
  for (; setting->symbol; ++setting) {
    minihost_set(host, setting->symbol, setting->value);
  }
  fixture_start(host);
  minihost_run(host, (int64_t)SECONDS * 48000);
  minihost_stop(host);
  minihost_run(host, 256);
  assert_true(fixture_note_count(host) > 5);
  assert_int_equal(minihost_sounding(host), 0);
  assert_int_equal(minihost_faults(host), 0);
  return host;
}

static bool
is_note_on(const struct minihost_event *const event)
{
  return (event->bytes[0] & 0xF0) == NOTE_ON;
}

static bool
sound_equal(const struct minihost *const a, const struct minihost *const b)
{
  size_t count_a = 0;
  size_t count_b = 0;
  const struct minihost_event *const x = minihost_events(a, &count_a);
  const struct minihost_event *const y = minihost_events(b, &count_b);
  bool equal = count_a == count_b;
  for (size_t i = 0; equal && i < count_a; ++i) {
    equal = x[i].frame == y[i].frame && !memcmp(x[i].bytes, y[i].bytes, 3);
  }
  return equal;
}

static void
every_control_of_the_music_is_heard(void **const state)
{
  static const struct setting cases[][2] = {
      {{"temperature", 0.3F}}, {{"top_p", 0.5F}},     {{"surprise", 3.0F}},   {{"recall", 4.0F}},    {{"key", 3.0F}},
      {{"density", 8.0F}},     {{"low_note", 70.0F}}, {{"high_note", 60.0F}}, {{"polyphony", 1.0F}}, {{"hands", 1.0F}},
      {{"hands", 2.0F}},       {{"seed", 5.0F}},      {{"style", 2.0F}},
  };
  static const struct setting none[] = {{NULL, 0.0F}};
  struct minihost *const plain = played(*state, none);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
    struct minihost *const host = played(*state, cases[i]);
    if (sound_equal(plain, host)) {
      fail_msg("%s = %g changes nothing", cases[i][0].symbol, (double)cases[i][0].value);
    }
    minihost_free(host);
  }
  minihost_free(plain);
}

// Whether the weights know music, with its endings, and what they must not quote; random ones don't.
static bool
has_bundled_weights(void)
{
  char path[FIXTURE_PATH];
  snprintf(path, sizeof path, "%s/ritornello.safetensors", getenv("RITORNELLO_BUNDLE"));
  return access(path, R_OK) == 0;
}

static void
quotations_are_limited_by_the_port(void **const state)
{
  if (!has_bundled_weights()) {
    skip();
  }
  // What is asked for is measured elsewhere, on music that quotes much; here something of it must be heard
  bool is_other = false;
  for (int seed = 0; seed < 12 && !is_other; ++seed) {
    const struct setting none[] = {{"seed", (float)seed}, {"temperature", 0.7F}, {NULL, 0.0F}};
    const struct setting some[] = {{"seed", (float)seed}, {"temperature", 0.7F}, {"originality", 8.0F}, {NULL, 0.0F}};
    struct minihost *const free_host = played(*state, none);
    struct minihost *const original = played(*state, some);
    is_other = !sound_equal(free_host, original);
    minihost_free(original);
    minihost_free(free_host);
  }
  assert_true(is_other);
}

static void
a_change_is_heard_from_the_beat_that_is_the_look_ahead_ahead(void **const state)
{
  enum { BEAT_TICKS = 24, CHANGE = 10 };
  for (int look_ahead = 1; look_ahead <= 8; look_ahead *= 2) {
    struct minihost *const host = fixture_host(*state, NULL);
    minihost_set(host, "look_ahead", (float)look_ahead);
    minihost_set(host, "high_note", 66.0F);
    fixture_start(host);
    minihost_run(host, 24000 * CHANGE - 1000); // Right before that beat
    minihost_set(host, "high_note", 108.0F);
    minihost_set(host, "low_note", 67.0F);
    minihost_run(host, 24000 * 20);
    size_t count = 0;
    size_t high = 0;
    const struct minihost_event *const events = minihost_events(host, &count);
    for (size_t i = 0; i < count; ++i) {
      if (is_note_on(&events[i])) {
        const bool is_new = events[i].tick >= (CHANGE + look_ahead) * BEAT_TICKS;
        assert_true((events[i].bytes[1] >= 67) == is_new);
        high += is_new;
      }
    }
    assert_true(high > 5);
    minihost_free(host);
  }
}

static void
bars_come_back_as_many_as_the_loop_has(void **const state)
{
  static const struct setting settings[] = {{"loop_bars", 1.0F}, {NULL, 0.0F}};
  struct minihost *const host = played(*state, settings);
  size_t count = 0;
  size_t notes = 0;
  const struct minihost_event *const events = minihost_events(host, &count);
  for (size_t i = 0; i < count; ++i) {
    if (is_note_on(&events[i]) && events[i].tick < 3 * 96) {
      bool is_back = false;
      for (size_t k = i + 1; k < count && !is_back; ++k) {
        is_back = events[k].tick == events[i].tick + 96 && !memcmp(events[k].bytes, events[i].bytes, 3);
      }
      assert_true(is_back);
      ++notes;
    }
  }
  assert_true(notes > 5);
  minihost_free(host);
}

// Whether a bar of rest was heard in the first 64 bars, with pieces that may end or not.
static bool
has_rest(const struct fixture *const fixture, const int seed, const bool ending)
{
  enum { HEARD_BARS = 64 };
  struct minihost *const host = fixture_host(fixture, NULL);
  minihost_set(host, "freewheel", 1.0F);
  minihost_set(host, "seed", (float)seed);
  minihost_set(host, "ending", ending);
  minihost_tempo(host, 960.0);
  fixture_start(host);
  minihost_run(host, 12000 * HEARD_BARS);
  size_t count = 0;
  bool is_heard[HEARD_BARS + 1] = {false};
  const struct minihost_event *const events = minihost_events(host, &count);
  for (size_t i = 0; i < count; ++i) {
    const int64_t bar = events[i].tick / 96;
    if (is_note_on(&events[i]) && bar >= 0 && bar <= HEARD_BARS) {
      is_heard[bar] = true;
    }
  }
  bool is_rest = false;
  for (int bar = 0; bar < HEARD_BARS; ++bar) {
    is_rest = is_rest || !is_heard[bar];
  }
  minihost_free(host);
  return is_rest;
}

static void
pieces_end_and_begin_only_if_they_may(void **const state)
{
  if (!has_bundled_weights()) {
    skip();
  }
  unsigned with = 0;
  unsigned without = 0;
  for (int seed = 0; seed < 10; ++seed) {
    with += has_rest(*state, seed, true);
    without += has_rest(*state, seed, false); // Music may rest for a bar
  }
  printf("ending: %u of 10 pieces of 64 bars end, %u rest for a bar if none may\n", with, without);
  assert_true(with > without);
}

static void
range_and_scale_are_kept(void **const state)
{
  static const struct setting settings[] = {
      {"low_note", 60.0F}, {"high_note", 71.0F}, {"key", 1.0F}, {"scale_lock", 1.0F}, {NULL, 0.0F}};
  struct minihost *const host = played(*state, settings);
  size_t count = 0;
  const struct minihost_event *const events = minihost_events(host, &count);
  for (size_t i = 0; i < count; ++i) {
    if (is_note_on(&events[i])) {
      assert_non_null(strchr("<>@ACEG", events[i].bytes[1])); // C D E F G A B
    }
  }
  minihost_free(host);
}

static void
polyphony_is_kept(void **const state)
{
  for (int polyphony = 1; polyphony <= 3; ++polyphony) {
    const struct setting settings[] = {{"polyphony", (float)polyphony}, {NULL, 0.0F}};
    struct minihost *const host = played(*state, settings);
    size_t count = 0;
    const struct minihost_event *const events = minihost_events(host, &count);
    int sounding = 0;
    for (size_t i = 0; i < count; ++i) {
      sounding += is_note_on(&events[i]) - ((events[i].bytes[0] & 0xF0) == NOTE_OFF);
      assert_true(sounding <= polyphony);
    }
    minihost_free(host);
  }
}

// Return the next note-on from `*index` on, and go beyond it; NULL if there is none.
static const struct minihost_event *
next_note(const struct minihost *const host, size_t *const index)
{
  size_t count = 0;
  const struct minihost_event *const events = minihost_events(host, &count);
  while (*index < count && !is_note_on(&events[*index])) {
    ++*index;
  }
  return *index < count ? &events[(*index)++] : NULL;
}

static void
velocity_makes_every_note_louder(void **const state)
{
  static const struct setting none[] = {{NULL, 0.0F}};
  static const struct setting louder[] = {{"velocity", 20.0F}, {NULL, 0.0F}};
  struct minihost *const plain = played(*state, none);
  struct minihost *const loud = played(*state, louder);
  size_t i = 0;
  size_t j = 0;
  for (const struct minihost_event *x = next_note(plain, &i); x; x = next_note(plain, &i)) {
    const struct minihost_event *const y = next_note(loud, &j);
    assert_non_null(y);
    assert_int_equal(x->frame, y->frame);
    assert_int_equal(x->bytes[1], y->bytes[1]);
    assert_int_equal(y->bytes[2], x->bytes[2] + 20 < 127 ? x->bytes[2] + 20 : 127);
  }
  minihost_free(loud);
  minihost_free(plain);
}

static void
humanized_notes_come_less_than_a_tick_later_in_the_same_order(void **const state)
{
  static const struct setting none[] = {{NULL, 0.0F}};
  static const struct setting loose[] = {{"humanize", 100.0F}, {NULL, 0.0F}};
  struct minihost *const plain = played(*state, none);
  struct minihost *const human = played(*state, loose);
  struct minihost *const again = played(*state, loose);
  assert_true(sound_equal(human, again));
  const double tick = 48000.0 * 60.0 / 120.0 / 24.0;
  size_t i = 0;
  size_t j = 0;
  size_t moved = 0;
  size_t notes = 0;
  const struct minihost_event *x = next_note(plain, &i);
  for (const struct minihost_event *y = next_note(human, &j); y; y = next_note(human, &j), x = next_note(plain, &i)) {
    assert_non_null(x);
    assert_int_equal(x->bytes[1], y->bytes[1]);
    assert_true(y->frame >= x->frame && (double)(y->frame - x->frame) < tick);
    moved += y->frame > x->frame + 48;
    ++notes;
  }
  assert_true(moved > notes / 2);
  minihost_free(again);
  minihost_free(human);
  minihost_free(plain);
}

static void
the_left_hand_goes_to_its_channel(void **const state)
{
  static const struct setting apart[] = {{"channel", 2.0F}, {"left_channel", 5.0F}, {NULL, 0.0F}};
  static const struct setting left_only[] = {{"left_channel", 5.0F}, {"hands", 2.0F}, {NULL, 0.0F}};
  struct minihost *const host = played(*state, apart);
  size_t on_left = 0;
  size_t on_right = 0;
  size_t i = 0;
  for (const struct minihost_event *note = next_note(host, &i); note; note = next_note(host, &i)) {
    on_left += note->bytes[0] == (NOTE_ON | 4);
    on_right += note->bytes[0] == (NOTE_ON | 1);
    assert_true(note->bytes[0] == (NOTE_ON | 4) || note->bytes[0] == (NOTE_ON | 1));
  }
  assert_true(on_left > 0 && on_right > 0);
  minihost_free(host);

  struct minihost *const left = played(*state, left_only);
  i = 0;
  for (const struct minihost_event *note = next_note(left, &i); note; note = next_note(left, &i)) {
    assert_int_equal(note->bytes[0], NOTE_ON | 4);
  }
  minihost_free(left);
}

static void
the_pedal_goes_up_and_down_and_is_up_at_the_end(void **const state)
{
  static const struct setting pedalled[] = {{"pedal", 1.0F}, {NULL, 0.0F}};
  struct minihost *const host = played(*state, pedalled);
  size_t count = 0;
  const struct minihost_event *const events = minihost_events(host, &count);
  bool is_pressed = false;
  unsigned presses = 0;
  for (size_t i = 0; i < count; ++i) {
    if (events[i].bytes[0] == 0xB0) {
      const bool presses_now = events[i].bytes[2] == 127;
      assert_int_equal(events[i].bytes[1], 64);
      assert_true(!presses_now || !is_pressed);
      is_pressed = presses_now;
      presses += presses_now;
    }
  }
  assert_false(is_pressed);
  assert_in_range(presses, 2, 4 * 4); // Four bars of four beats

  // Switched off while it is down
  minihost_play(host);
  for (int i = 0; i < 20 && !is_pressed; ++i) {
    minihost_run(host, 4800);
    const struct minihost_event *const all = minihost_events(host, &count);
    is_pressed = all[count - 1].bytes[0] == 0xB0 && all[count - 1].bytes[2] == 127;
  }
  minihost_set(host, "pedal", 0.0F);
  minihost_forget_events(host);
  minihost_run(host, 96000);
  const struct minihost_event *const after = minihost_events(host, &count);
  for (size_t i = 0; i < count; ++i) {
    assert_true(after[i].bytes[0] != 0xB0 || after[i].bytes[2] == 0);
  }
  minihost_free(host);
}

static void
without_a_pedal_none_is_pressed(void **const state)
{
  static const struct setting none[] = {{NULL, 0.0F}};
  struct minihost *const host = played(*state, none);
  size_t count = 0;
  const struct minihost_event *const events = minihost_events(host, &count);
  for (size_t i = 0; i < count; ++i) {
    assert_true(events[i].bytes[0] != 0xB0 || events[i].bytes[2] == 0);
  }
  minihost_free(host);
}

static void
half_and_double_time_are_the_same_music(void **const state)
{
  static const struct setting none[] = {{NULL, 0.0F}};
  struct minihost *const plain = played(*state, none);
  for (int rate = 0; rate <= 2; rate += 2) {
    const struct setting settings[] = {{"rate", (float)rate}, {NULL, 0.0F}};
    struct minihost *const host = played(*state, settings);
    const int64_t start = 4 * 48000; // fixture_start()
    const double factor = rate ? 0.5 : 2.0;
    size_t i = 0;
    size_t j = 0;
    size_t notes = 0;
    const struct minihost_event *x = next_note(plain, &i);
    const struct minihost_event *y = next_note(host, &j);
    for (; x && y; x = next_note(plain, &i), y = next_note(host, &j), ++notes) {
      assert_int_equal(x->bytes[1], y->bytes[1]);
      assert_int_equal(x->bytes[2], y->bytes[2]);
      assert_true(llabs((int64_t)((double)(x->frame - start) * factor) - (y->frame - start)) <= 2);
    }
    assert_true(notes > 5);
    minihost_free(host);
  }
  minihost_free(plain);
}

static void
the_rate_may_change_at_any_time(void **const state)
{
  struct minihost *const host = fixture_host(*state, NULL);
  minihost_set(host, "pedal", 1.0F);
  minihost_set(host, "humanize", 70.0F);
  fixture_start(host);
  for (int i = 0; i < 60; ++i) {
    minihost_set(host, "rate", (float)(i % 3));
    minihost_set(host, "left_channel", (float)(i % 4 * 5));
    minihost_metre(host, 3 + i % 5, i % 2 ? 4 : 16);
    minihost_run(host, 9000 + 777 * (i % 7));
    if (i % 9 == 8) {
      minihost_locate(host, i, 0.5);
    }
  }
  assert_true(fixture_note_count(host) > 20);
  fixture_finish(host);
}

// Whether `host` was heard to send `status`, `first` and `second` within two frames of `frame`.
static bool
was_heard(const struct minihost *const host, const double frame, const int status, const int first, const int second)
{
  size_t count = 0;
  const struct minihost_event *const events = minihost_events(host, &count);
  for (size_t i = 0; i < count; ++i) {
    const double distance = (double)events[i].frame - frame;
    if (distance >= -2.0 && distance <= 2.0 && events[i].bytes[0] == status && events[i].bytes[1] == first &&
        events[i].bytes[2] == second) {
      return true;
    }
  }
  return false;
}

static void
what_is_heard_is_what_is_exported(void **const state)
{
  const struct fixture *const fixture = *state;
  const char *const program = getenv("RITORNELLO_PROGRAM");
  if (!program || access(program, X_OK) != 0) {
    skip();
  }
  static const struct setting settings[] = {
      {"velocity", -9.0F}, {"humanize", 60.0F}, {"rate", 2.0F},  {"pedal", 1.0F},  {"left_channel", 3.0F},
      {"channel", 2.0F},   {"polyphony", 5.0F}, {"seed", 77.0F}, {"recall", 2.0F}, {NULL, 0.0F}};
  char path[FIXTURE_PATH];
  fixture_path(fixture, "heard.mid", 0, path);
  const pid_t child = fork();
  if (child == 0) {
    execl(program, program, "compose", fixture->weights, "-o", path, "--bars=8", "--velocity=-9", "--humanize=60",
          "--rate=double", "--pedal", "--left-channel=3", "--channel=2", "--polyphony=5", "--seed=77", "--recall=2",
          (char *)NULL);
    _exit(127);
  }
  int status = 0;
  assert_true(child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
  struct midi_file file;
  assert_int_equal(midi_file_read(path, &file, NULL), STATUS_SUCCESS);
  struct minihost *const host = played(fixture, settings);
  const double frames = 24000.0 / file.division; // Per tick of the file at 120 bpm
  size_t notes = 0;
  for (; notes < file.note_count && file.notes[notes].onset < 7U * 4 * 480; ++notes) {
    const struct midi_note *const note = &file.notes[notes];
    assert_true(was_heard(host, 192000.0 + frames * note->onset, NOTE_ON | note->channel, note->pitch, note->velocity));
  }
  size_t pedals = 0;
  for (; pedals < file.control_count && file.controls[pedals].tick < 7U * 4 * 480; ++pedals) {
    const struct midi_control *const pedal = &file.controls[pedals];
    assert_true(was_heard(host, 192000.0 + frames * pedal->tick, 0xB0 | pedal->channel, 64, pedal->value));
  }
  assert_true(notes > 10 && pedals > 4);
  minihost_free(host);
  midi_file_free(&file);
  unlink(path);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_control_of_the_music_is_heard),
      cmocka_unit_test(quotations_are_limited_by_the_port),
      cmocka_unit_test(a_change_is_heard_from_the_beat_that_is_the_look_ahead_ahead),
      cmocka_unit_test(bars_come_back_as_many_as_the_loop_has),
      cmocka_unit_test(pieces_end_and_begin_only_if_they_may),
      cmocka_unit_test(range_and_scale_are_kept),
      cmocka_unit_test(polyphony_is_kept),
      cmocka_unit_test(velocity_makes_every_note_louder),
      cmocka_unit_test(humanized_notes_come_less_than_a_tick_later_in_the_same_order),
      cmocka_unit_test(the_left_hand_goes_to_its_channel),
      cmocka_unit_test(the_pedal_goes_up_and_down_and_is_up_at_the_end),
      cmocka_unit_test(without_a_pedal_none_is_pressed),
      cmocka_unit_test(half_and_double_time_are_the_same_music),
      cmocka_unit_test(the_rate_may_change_at_any_time),
      cmocka_unit_test(what_is_heard_is_what_is_exported),
  };
  return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
