// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What comes out of the plugin is well-formed whatever the host does: every note ends, nothing is struck twice, onsets are
// on the host's grid, and nothing sounds when nothing may.
//
// What hosts do to MIDI out, matter by matter, and where it is tested (here where no program is named):
//
// references counted    every_note_on_has_its_note_off; minihost_faults() in every test: no note is struck twice or hangs
// stop                  a_stop_ends_every_note_in_its_block
// locate                a_locate_ends_every_note_where_it_happens
// bypass                bypass_is_silent_and_leaves_nothing_hanging
// channel change        a_change_of_channel_ends_notes_on_the_old_one; controls: the_left_hand_goes_to_its_channel
// weights change        state: what_sounds_ends_when_other_weights_come
// deactivated           notes_end_after_the_plugin_was_deactivated
// output buffer full    a_full_output_buffer_loses_no_note_off; input: notes_wait_for_room_..., controllers_and_the_wheel_wait_...
// offs one by one       no_channel_mode_message_is_ever_sent, note_0_and_note_127_end_one_by_one_on_channel_16
// then CC 64 = 0        fixture_assert_ended(); controls: the_pedal_goes_up_and_down_and_is_up_at_the_end
// notes 0, 127, ch. 16  the_lowest_and_the_highest_note_end_on_every_channel, note_0_and_note_127_end_one_by_one_on_channel_16
// minimum size          description (ttl), carla: carlas_buffers_and_positions_make_no_difference
// order, inside blocks  minihost_faults() in every test; the random sessions; blocks_of_no_frames_change_nothing

#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void
every_note_on_has_its_note_off(void **const state)
{
  struct minihost *const host = fixture_host(*state, NULL);
  fixture_start(host);
  minihost_run(host, 20 * 48000);
  assert_true(fixture_note_count(host) > 20);
  fixture_finish(host);
}

static void
onsets_stand_on_the_hosts_grid_for_every_kind_of_host(void **const state)
{
  static const struct minihost_options kinds[] = {
      {.rate = 48000, .block = 256, .positions = MINIHOST_POSITIONS_EACH_BLOCK},
      {.rate = 44100, .block = 333, .positions = MINIHOST_POSITIONS_EACH_BLOCK, .blank = 1},
      {.rate = 96000, .block = 1024, .positions = MINIHOST_POSITIONS_ON_CHANGE},
      {.rate = 44100, .block = 8192, .positions = MINIHOST_POSITIONS_ON_CHANGE, .blank = 1},
      {.rate = 8000, .block = 2048, .positions = MINIHOST_POSITIONS_EACH_BLOCK}, // More than one tick in a step
  };
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; ++i) {
    struct minihost *const host = fixture_host(*state, &kinds[i]);
    minihost_tempo(host, 97.3);
    fixture_start(host);
    minihost_run(host, (int64_t)(20 * kinds[i].rate));
    assert_true(fixture_note_count(host) > 20);
    fixture_assert_on_grid(host);
    assert_int_equal(minihost_faults(host), 0);
    minihost_free(host);
  }
}

static void
nothing_is_late_when_it_was_composed_ahead(void **const state)
{
  struct minihost *const host = fixture_host(*state, NULL);
  fixture_start(host);
  minihost_run(host, 20 * 48000);
  assert_true(minihost_get(host, "late") == 0.0F);
  assert_true(minihost_get(host, "bars") >= 10.0F);
  assert_true(minihost_get(host, "load") >= 0.0F && minihost_get(host, "load") <= 100.0F);
  minihost_free(host);
}

static void
a_stop_ends_every_note_in_its_block(void **const state)
{
  struct minihost *const host = fixture_host(*state, NULL);
  fixture_start(host);
  fixture_run_until_sounding(host);
  minihost_delay(host, 100);
  minihost_stop(host);
  minihost_forget_events(host);
  minihost_run(host, 256);
  assert_int_equal(minihost_sounding(host), 0);

  // The pedal is lifted after the last note
  size_t count = 0;
  const struct minihost_event *const events = minihost_events(host, &count);
  assert_true(count >= 2);
  assert_int_equal(events[count - 1].bytes[0], 0xB0);
  assert_int_equal(events[count - 1].bytes[1], 64);
  assert_int_equal(events[count - 1].bytes[2], 0);
  minihost_forget_events(host);
  minihost_run(host, 48000);
  assert_int_equal(fixture_note_count(host), 0);
  assert_int_equal(minihost_faults(host), 0);
  minihost_free(host);
}

static void
a_locate_ends_every_note_where_it_happens(void **const state)
{
  struct minihost *const host = fixture_host(*state, NULL);
  fixture_start(host);
  fixture_run_until_sounding(host);
  const int64_t begin = minihost_song(host)->frame;
  const unsigned sounding = minihost_sounding(host);
  minihost_forget_events(host);
  minihost_delay(host, 77);
  minihost_locate(host, 40, 1.5);
  minihost_run(host, 256);

  fixture_assert_ended(host, sounding);
  size_t count = 0;
  assert_true(minihost_events(host, &count)[sounding - 1].frame <= begin + 77);
  minihost_run(host, 10 * 48000);
  fixture_finish(host);
}

static void
bypass_is_silent_and_leaves_nothing_hanging(void **const state)
{
  struct minihost *const host = fixture_host(*state, NULL);
  fixture_start(host);
  fixture_run_until_sounding(host);
  minihost_set(host, "enabled", 0.0F);
  minihost_run(host, 256);
  assert_int_equal(minihost_sounding(host), 0);
  minihost_forget_events(host);
  minihost_run(host, 5 * 48000);
  assert_int_equal(fixture_note_count(host), 0);

  minihost_set(host, "enabled", 1.0F);
  minihost_run(host, 10 * 48000);
  assert_true(fixture_note_count(host) > 0);
  fixture_assert_on_grid(host);
  assert_int_equal(minihost_faults(host), 0);
  minihost_free(host);
}

static void
notes_end_after_the_plugin_was_deactivated(void **const state)
{
  struct minihost *const host = fixture_host(*state, NULL);
  fixture_start(host);
  fixture_run_until_sounding(host);
  minihost_deactivate(host);
  minihost_activate(host);
  fixture_finish(host);
}

static void
a_change_of_channel_ends_notes_on_the_old_one(void **const state)
{
  struct minihost *const host = fixture_host(*state, NULL);
  minihost_set(host, "channel", 16.0F);
  fixture_start(host);
  fixture_run_until_sounding(host);
  const unsigned sounding = minihost_sounding(host);
  minihost_set(host, "channel", 3.0F);
  minihost_forget_events(host);
  minihost_run(host, 256);
  fixture_assert_ended(host, sounding);
  minihost_run(host, 5 * 48000);

  size_t count = 0;
  const struct minihost_event *const events = minihost_events(host, &count);
  assert_true(count > 0);
  assert_int_equal(events[0].bytes[0], 0x8F);
  size_t on_third = 0;
  for (size_t i = 0; i < count; ++i) {
    assert_int_not_equal(events[i].bytes[0], 0x9F);
    on_third += events[i].bytes[0] == 0x92;
  }
  assert_true(on_third > 0);
  fixture_finish(host);
}

static void
a_full_output_buffer_loses_no_note_off(void **const state)
{
  static const uint32_t sizes[] = {64, 128, 1024};
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; ++i) {
    const struct minihost_options options = {.block = 4096, .output_size = sizes[i]};
    struct minihost *const host = fixture_host(*state, &options);
    minihost_tempo(host, 300.0);
    fixture_start(host);
    minihost_run(host, 20 * 48000);
    assert_true(fixture_note_count(host) > 10);
    minihost_stop(host);
    minihost_run(host, 40 * 4096);
    assert_int_equal(minihost_sounding(host), 0);
    assert_int_equal(minihost_faults(host), 0);
    minihost_free(host);
  }
}

static void
outputs_without_room_are_empty_sequences(void **const state)
{
  for (uint32_t size = sizeof(LV2_Atom_Sequence); size < sizeof(LV2_Atom_Sequence) + 24; ++size) {
    const struct minihost_options options = {.output_size = size};
    struct minihost *const host = fixture_host(*state, &options);
    fixture_start(host);
    minihost_run(host, 48000);
    assert_int_equal(fixture_note_count(host), 0);
    assert_int_equal(minihost_faults(host), 0);
    minihost_free(host);
  }
}

// A host whose music is one note, again and again.
static struct minihost *
host_of_one_note(const struct fixture *const fixture, const float pitch, const float channel)
{
  struct minihost *const host = fixture_host(fixture, NULL);
  minihost_set(host, "low_note", pitch);
  minihost_set(host, "high_note", pitch);
  minihost_set(host, "channel", channel);
  minihost_set(host, "pedal", 1.0F);
  fixture_start(host);
  fixture_run_until_sounding(host);
  return host;
}

static void
the_lowest_and_the_highest_note_end_on_every_channel(void **const state)
{
  static const float pitches[] = {21.0F, 108.0F};
  static const float channels[] = {1.0F, 16.0F};
  for (int i = 0; i < 4; ++i) {
    struct minihost *const host = host_of_one_note(*state, pitches[i % 2], channels[i / 2]);
    minihost_run(host, 20000);
    minihost_forget_events(host);
    const unsigned sounding = minihost_sounding(host);
    minihost_stop(host);
    minihost_run(host, 256);
    size_t count = 0;
    const struct minihost_event *const events = minihost_events(host, &count);
    const int channel = i / 2 ? 15 : 0;
    assert_int_equal(count, sounding + (count > sounding));
    for (size_t k = 0; k < sounding; ++k) {
      assert_int_equal(events[k].bytes[0], 0x80 | channel);
      assert_int_equal(events[k].bytes[1], (int)pitches[i % 2]);
    }
    assert_int_equal(minihost_sounding(host), 0);
    assert_int_equal(minihost_faults(host), 0);
    minihost_free(host);
  }
}

static void
note_0_and_note_127_end_one_by_one_on_channel_16(void **const state)
{
  // No piano has them, but keyboards do, and what is played goes through the same gate
  struct minihost *const host = fixture_host(*state, NULL);
  minihost_set(host, "input", 1.0F);
  minihost_set(host, "channel", 16.0F);
  minihost_run(host, 4800);
  const int64_t now = minihost_song(host)->frame;
  minihost_send_midi_at(host, now, 0x90, 0, 100);
  minihost_send_midi_at(host, now, 0x9F, 127, 100);
  minihost_run(host, 256);
  assert_int_equal(minihost_sounding(host), 2);
  minihost_forget_events(host);
  minihost_set(host, "enabled", 0.0F);
  minihost_run(host, 256);
  size_t count = 0;
  const struct minihost_event *const events = minihost_events(host, &count);
  static const uint8_t expected[][3] = {{0x8F, 0, 64}, {0x8F, 127, 64}, {0xBF, 64, 0}};
  assert_int_equal(count, 3);
  for (size_t i = 0; i < 3; ++i) {
    assert_memory_equal(events[i].bytes, expected[i], 3);
  }
  minihost_free(host);
}

static void
no_channel_mode_message_is_ever_sent(void **const state)
{
  struct minihost *const host = fixture_host(*state, NULL); // Some instruments ignore them, others take them amiss
  minihost_set(host, "pedal", 1.0F);
  minihost_set(host, "left_channel", 16.0F);
  fixture_start(host);
  for (int i = 0; i < 12; ++i) {
    minihost_run(host, 30000);
    if (i % 4 == 0) {
      minihost_locate(host, 3 * i, 0.0);
    } else if (i % 4 == 1) {
      minihost_stop(host);
    } else if (i % 4 == 2) {
      minihost_play(host);
    } else {
      minihost_set(host, "channel", (float)(i + 1));
    }
  }
  minihost_stop(host);
  minihost_run(host, 256);
  size_t count = 0;
  const struct minihost_event *const events = minihost_events(host, &count);
  int pedals[16] = {0};
  for (size_t i = 0; i < count; ++i) {
    if ((events[i].bytes[0] & 0xF0) == 0xB0) {
      assert_int_equal(events[i].bytes[1], 64);
      pedals[events[i].bytes[0] & 15] = events[i].bytes[2];
    }
  }
  for (int channel = 0; channel < 16; ++channel) {
    assert_int_equal(pedals[channel], 0); // All are up at the end
  }
  assert_int_equal(minihost_sounding(host), 0);
  assert_int_equal(minihost_faults(host), 0);
  minihost_free(host);
}

static void
blocks_of_no_frames_change_nothing(void **const state)
{
  struct minihost *const host = fixture_host(*state, NULL);
  fixture_start(host);
  for (int i = 0; i < 200; ++i) {
    minihost_run(host, 0);
    minihost_run(host, 1000);
  }
  fixture_assert_on_grid(host);
  fixture_finish(host);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_note_on_has_its_note_off),
      cmocka_unit_test(onsets_stand_on_the_hosts_grid_for_every_kind_of_host),
      cmocka_unit_test(nothing_is_late_when_it_was_composed_ahead),
      cmocka_unit_test(a_stop_ends_every_note_in_its_block),
      cmocka_unit_test(a_locate_ends_every_note_where_it_happens),
      cmocka_unit_test(bypass_is_silent_and_leaves_nothing_hanging),
      cmocka_unit_test(notes_end_after_the_plugin_was_deactivated),
      cmocka_unit_test(a_change_of_channel_ends_notes_on_the_old_one),
      cmocka_unit_test(a_full_output_buffer_loses_no_note_off),
      cmocka_unit_test(outputs_without_room_are_empty_sequences),
      cmocka_unit_test(the_lowest_and_the_highest_note_end_on_every_channel),
      cmocka_unit_test(note_0_and_note_127_end_one_by_one_on_channel_16),
      cmocka_unit_test(no_channel_mode_message_is_ever_sent),
      cmocka_unit_test(blocks_of_no_frames_change_nothing),
  };
  return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
