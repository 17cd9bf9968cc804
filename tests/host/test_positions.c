// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The transport alone: every form of time:Position that hosts send, and what is a locate and what is not.

#include "transport.h"

#include <lv2/atom/forge.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { RATE = 48000, URIS = 64 };

static uint32_t
map_uri(const LV2_URID_Map_Handle handle, const char *const uri)
{
  const char **const uris = handle;
  uint32_t i = 0;
  while (i < URIS - 1 && uris[i] && strcmp(uris[i], uri) != 0) {
    ++i;
  }
  uris[i] = uri;
  return i + 1;
}

/// A transport and what is needed to write positions for it.
struct bench {
  const char *mapped[URIS];
  LV2_URID_Map map;
  struct uris uris;
  LV2_Atom_Forge forge;
  LV2_Atom_Forge_Frame frame;
  union {
    LV2_Atom_Object object;
    uint8_t bytes[1024];
  } buffer;
  struct transport transport;
};

static void
bench_init(struct bench *const bench)
{
  memset(bench, 0, sizeof *bench);
  bench->map = (LV2_URID_Map){bench->mapped, map_uri};
  uris_map(&bench->uris, &bench->map);
  lv2_atom_forge_init(&bench->forge, &bench->map);
  transport_init(&bench->transport, RATE);
}

static void
begin(struct bench *const bench)
{
  lv2_atom_forge_set_buffer(&bench->forge, bench->buffer.bytes, sizeof bench->buffer);
  lv2_atom_forge_object(&bench->forge, &bench->frame, 0, bench->uris.time_position);
}

static void
put_double(struct bench *const bench, const uint32_t key, const double value)
{
  lv2_atom_forge_key(&bench->forge, key);
  lv2_atom_forge_double(&bench->forge, value);
}

static unsigned
end(struct bench *const bench)
{
  lv2_atom_forge_pop(&bench->forge, &bench->frame);
  return transport_update(&bench->transport, &bench->uris, &bench->buffer.object);
}

/// Send a complete position.
static unsigned
send(struct bench *const bench, const double speed, const double bar, const double beat, const double bpm)
{
  begin(bench);
  put_double(bench, bench->uris.time_speed, speed);
  put_double(bench, bench->uris.time_bar, bar);
  put_double(bench, bench->uris.time_bar_beat, beat);
  put_double(bench, bench->uris.time_beats_per_bar, 4.0);
  put_double(bench, bench->uris.time_beat_unit, 4.0);
  put_double(bench, bench->uris.time_beats_per_minute, bpm);
  return end(bench);
}

static void
assert_at(const struct bench *const bench, const int64_t bar, const double tick)
{
  const struct clock *const clock = &bench->transport.clock;
  if (clock->bar != bar || !(fabs(clock_bar_tick(clock) - tick) < 1e-6)) {
    fail_msg("at bar %d, tick %g instead of bar %d, tick %g", (int)clock->bar, clock_bar_tick(clock), (int)bar, tick);
  }
}

static void
numbers_of_every_type_are_read(void **const state)
{
  (void)state;
  for (int kind = 0; kind < 4; ++kind) {
    struct bench bench;
    bench_init(&bench);
    const uint32_t keys[] = {bench.uris.time_speed, bench.uris.time_bar, bench.uris.time_bar_beat,
                             bench.uris.time_beats_per_minute};
    const int values[] = {1, 6, 2, 90};
    begin(&bench);
    for (size_t i = 0; i < 4; ++i) {
      lv2_atom_forge_key(&bench.forge, keys[i]);
      kind == 0   ? lv2_atom_forge_int(&bench.forge, values[i])
      : kind == 1 ? lv2_atom_forge_long(&bench.forge, values[i])
      : kind == 2 ? lv2_atom_forge_float(&bench.forge, (float)values[i])
                  : lv2_atom_forge_double(&bench.forge, values[i]);
    }
    assert_int_equal(end(&bench), TRANSPORT_LOCATED | TRANSPORT_STARTED);
    assert_at(&bench, 6, 48.0);
    assert_true(fabs(bench.transport.clock.ticks_per_second - 36.0) < 1e-9);
  }
}

static void
numbers_that_are_none_are_left_out(void **const state)
{
  (void)state;
  struct bench bench;
  bench_init(&bench);
  send(&bench, 1.0, 3.0, 1.0, 100.0);
  begin(&bench);
  put_double(&bench, bench.uris.time_bar, NAN);
  put_double(&bench, bench.uris.time_bar_beat, INFINITY);
  put_double(&bench, bench.uris.time_beats_per_minute, -5.0);
  put_double(&bench, bench.uris.time_beats_per_bar, 0.0);
  lv2_atom_forge_key(&bench.forge, bench.uris.time_speed);
  lv2_atom_forge_string(&bench.forge, "fast", 4);
  assert_int_equal(end(&bench), 0);
  assert_at(&bench, 3, 24.0);
  assert_true(fabs(bench.transport.clock.ticks_per_second - 40.0) < 1e-9);
}

static void
properties_that_are_left_out_stay_as_they_were(void **const state)
{
  (void)state;
  struct bench bench;
  bench_init(&bench);
  send(&bench, 0.0, 3.0, 1.0, 100.0);
  begin(&bench);
  put_double(&bench, bench.uris.time_speed, 1.0);
  assert_int_equal(end(&bench), TRANSPORT_STARTED);
  clock_advance(&bench.transport.clock, 6 * RATE); // 10 beats
  assert_at(&bench, 5, 72.0);

  // A beat without a bar: the bar in which that is nearest
  begin(&bench);
  put_double(&bench, bench.uris.time_bar_beat, 3.0);
  assert_int_equal(end(&bench), 0);
  assert_at(&bench, 5, 72.0);
}

static void
a_tempo_alone_changes_the_tempo_and_not_the_place(void **const state)
{
  (void)state;
  struct bench bench;
  bench_init(&bench);
  send(&bench, 1.0, 0.0, 0.0, 120.0);
  clock_advance(&bench.transport.clock, RATE); // Two beats
  begin(&bench);
  put_double(&bench, bench.uris.time_beats_per_minute, 60.0);
  assert_int_equal(end(&bench), 0);
  assert_at(&bench, 0, 48.0);
  clock_advance(&bench.transport.clock, RATE); // One beat
  assert_at(&bench, 0, 72.0);
}

static void
the_ports_tempo_counts_while_the_host_tells_none(void **const state)
{
  (void)state;
  struct bench bench;
  bench_init(&bench);
  transport_set_own_tempo(&bench.transport, 75.0);
  begin(&bench);
  put_double(&bench, bench.uris.time_speed, 1.0);
  put_double(&bench, bench.uris.time_bar, 0.0);
  end(&bench);
  assert_true(fabs(bench.transport.clock.ticks_per_second - 30.0) < 1e-9);
}

static void
jitter_is_no_locate_and_does_not_move_the_clock(void **const state)
{
  (void)state;
  struct bench bench;
  bench_init(&bench);
  send(&bench, 1.0, 0.0, 0.0, 120.0);
  for (int i = 1; i <= 100; ++i) {
    clock_advance(&bench.transport.clock, 1001);
    const double beats = i * 1001.0 / 24000.0;
    const double rounded = floor(fmod(beats, 4.0) * 1920.0) / 1920.0; // As Ardour and JACK round
    assert_int_equal(send(&bench, 1.0, floor(beats / 4.0), rounded, 120.0), 0);
    assert_at(&bench, (int64_t)(beats / 4.0), fmod(beats, 4.0) * 24.0);
  }
}

static void
drift_is_followed_without_a_locate(void **const state)
{
  (void)state;
  struct bench bench;
  bench_init(&bench);
  send(&bench, 1.0, 0.0, 0.0, 120.0); // Truly it is 120.1
  for (int i = 1; i <= 1000; ++i) {
    clock_advance(&bench.transport.clock, 4800);
    const double beats = i * 0.1 * 120.1 / 60.0;
    assert_int_equal(send(&bench, 1.0, floor(beats / 4.0), fmod(beats, 4.0), 120.0), 0);
    assert_true(fabs(clock_tick(&bench.transport.clock) - beats * 24.0) <= 0.3);
  }
}

static void
a_jump_of_two_ticks_is_a_locate(void **const state)
{
  (void)state;
  struct bench bench;
  bench_init(&bench);
  send(&bench, 1.0, 2.0, 0.0, 120.0);
  clock_advance(&bench.transport.clock, RATE);
  assert_int_equal(send(&bench, 1.0, 2.0, 2.0 + 2.0 / 24.0, 120.0), TRANSPORT_LOCATED);
  assert_int_equal(send(&bench, 1.0, 0.0, 0.0, 120.0), TRANSPORT_LOCATED);
}

static void
a_beat_is_that_of_the_metre(void **const state)
{
  (void)state;
  struct bench bench;
  bench_init(&bench);
  begin(&bench);
  put_double(&bench, bench.uris.time_speed, 1.0);
  put_double(&bench, bench.uris.time_bar, 1.0);
  put_double(&bench, bench.uris.time_bar_beat, 3.0);
  put_double(&bench, bench.uris.time_beats_per_bar, 6.0);
  put_double(&bench, bench.uris.time_beat_unit, 8.0);
  put_double(&bench, bench.uris.time_beats_per_minute, 180.0);
  end(&bench);
  assert_at(&bench, 1, 36.0);
  clock_advance(&bench.transport.clock, RATE); // Three eighths: the bar is over
  assert_at(&bench, 2, 0.0);
}

static void
time_never_adds_up_rounding(void **const state)
{
  (void)state;
  struct bench bench;
  bench_init(&bench);
  send(&bench, 1.0, 0.0, 0.0, 97.3);
  struct clock once = bench.transport.clock;
  for (int i = 0; i < 1000000; ++i) {
    clock_advance(&bench.transport.clock, 7);
  }
  clock_advance(&once, 7000000);
  assert_true(clock_tick(&once) == clock_tick(&bench.transport.clock));
  assert_int_equal(once.bar, bench.transport.clock.bar);
}

static void
frames_that_the_host_skipped_correct_a_stale_beat(void **const state)
{
  (void)state;
  struct bench bench;
  bench_init(&bench);
  begin(&bench);
  put_double(&bench, bench.uris.time_frame, 0.0);
  put_double(&bench, bench.uris.time_speed, 1.0);
  put_double(&bench, bench.uris.time_bar, 0.0);
  put_double(&bench, bench.uris.time_bar_beat, 0.0);
  put_double(&bench, bench.uris.time_beats_per_minute, 120.0);
  end(&bench);
  clock_advance(&bench.transport.clock, 24000);

  // After an xrun JACK is 512 frames on, but tells the beat that would have come without
  begin(&bench);
  put_double(&bench, bench.uris.time_frame, 24512.0);
  put_double(&bench, bench.uris.time_bar, 0.0);
  put_double(&bench, bench.uris.time_bar_beat, 1.0);
  assert_int_equal(end(&bench), 0);
  assert_at(&bench, 0, 24.512);

  // Then it tells the right one
  clock_advance(&bench.transport.clock, 488);
  begin(&bench);
  put_double(&bench, bench.uris.time_frame, 25000.0);
  put_double(&bench, bench.uris.time_bar, 0.0);
  put_double(&bench, bench.uris.time_bar_beat, 25.0 / 24.0);
  assert_int_equal(end(&bench), 0);
  assert_at(&bench, 0, 25.0);

  // A stop counts no frames
  begin(&bench);
  put_double(&bench, bench.uris.time_frame, 25000.0);
  put_double(&bench, bench.uris.time_speed, 0.0);
  put_double(&bench, bench.uris.time_bar, 0.0);
  put_double(&bench, bench.uris.time_bar_beat, 25.0 / 24.0);
  assert_int_equal(end(&bench), TRANSPORT_STOPPED);
  clock_advance(&bench.transport.clock, 5000);
  assert_at(&bench, 0, 25.0);
}

/// How a host counts, to the places where it differs from LV2's description.
struct host_manner {
  bool is_ardour;   ///< Its positions have Ardour's own property
  double part_unit; ///< Note whose lengths are past the whole beats of the bar: 4 quarters, 0 the metre's beat
  double bpm_unit;  ///< Note that the tempo counts: the same
};

/// Where a song is, in true quarters of a bar of its metre.
struct song_place {
  double frame;
  double quarters;
  double bpm; ///< Quarters per minute
  int beats;
  int unit;
};

static unsigned
send_as(struct bench *const bench, const struct host_manner manner, const struct song_place place)
{
  const double beat_quarters = 4.0 / place.unit;
  const double bar = floor(place.quarters / (place.beats * beat_quarters) + 1e-9);
  const double in_bar = fmax(0.0, place.quarters - bar * place.beats * beat_quarters);
  const double beat = floor(in_bar / beat_quarters + 1e-9);
  const double part =
      fmax(0.0, in_bar - beat * beat_quarters) * (manner.part_unit > 0.0 ? manner.part_unit : place.unit) / 4.0;
  begin(bench);
  put_double(bench, bench->uris.time_frame, place.frame);
  put_double(bench, bench->uris.time_speed, 1.0);
  put_double(bench, bench->uris.time_bar, bar);
  put_double(bench, bench->uris.time_bar_beat, beat + floor(part * 1920.0) / 1920.0);
  put_double(bench, bench->uris.time_beats_per_bar, place.beats);
  put_double(bench, bench->uris.time_beat_unit, place.unit);
  put_double(bench, bench->uris.time_beats_per_minute,
             place.bpm * (manner.bpm_unit > 0.0 ? manner.bpm_unit : place.unit) / 4.0);
  if (manner.is_ardour) {
    put_double(bench, bench->uris.ardour_scale, 1.0);
  }
  return end(bench);
}

/// Roll 2,000 blocks of 256 frames; from block `settled` on the clock has to be within a fifth of a tick of the truth, and
/// nothing may ever count as a locate.
static void
roll_as(struct bench *const bench, const struct host_manner manner, const struct song_place place, const int settled)
{
  struct song_place here = place;
  assert_int_equal(send_as(bench, manner, here) & ~(unsigned)TRANSPORT_STARTED, TRANSPORT_LOCATED);
  for (int i = 1; i < 2000; ++i) {
    clock_advance(&bench->transport.clock, 256);
    here.frame += 256.0;
    here.quarters += 256.0 * place.bpm / 60.0 / RATE;
    const struct clock *const clock = &bench->transport.clock;
    const double tick = (double)clock->bar * place.beats * 96.0 / place.unit + clock_bar_tick(clock);
    if (i >= settled && !(fabs(tick - here.quarters * 24.0) < 0.2)) {
      fail_msg("block %d: at %g instead of %g", i, tick, here.quarters * 24.0);
    }
    assert_int_equal(send_as(bench, manner, here), 0);
  }
}

static void
ardour_counts_in_quarters_in_every_metre(void **const state)
{
  (void)state;
  static const int metres[][2] = {{4, 4}, {6, 8}, {2, 2}, {9, 16}, {3, 8}, {3, 2}, {1, 1}};
  const struct host_manner ardour = {.is_ardour = true, .part_unit = 4.0, .bpm_unit = 4.0};
  for (size_t i = 0; i < sizeof metres / sizeof metres[0]; ++i) {
    struct bench bench;
    bench_init(&bench);
    roll_as(&bench, ardour, (struct song_place){0.0, 0.0, 132.0, metres[i][0], metres[i][1]}, 1);
  }
}

static void
ardours_tempo_may_count_any_note(void **const state)
{
  (void)state;
  static const double units[] = {1.0, 2.0, 8.0, 16.0};
  for (size_t i = 0; i < sizeof units / sizeof units[0]; ++i) {
    struct bench bench;
    bench_init(&bench);
    const struct host_manner manner = {.is_ardour = true, .part_unit = 4.0, .bpm_unit = units[i]};
    roll_as(&bench, manner, (struct song_place){0.0, 0.0, 100.0, 4, 4}, 8);
    roll_as(&bench, manner, (struct song_place){4096.0, 30.5, 97.0, 6, 8}, 1); // Known by now
  }
}

static void
an_ardour_that_counts_beats_is_believed(void **const state)
{
  (void)state;
  struct bench bench;
  bench_init(&bench);
  const struct host_manner manner = {.is_ardour = true};
  send_as(&bench, manner, (struct song_place){0.0, 0.4, 132.0, 6, 8}); // 0.8 of an eighth can't be in quarters
  roll_as(&bench, manner, (struct song_place){4096.0, 8.0, 132.0, 6, 8}, 3);
}

static void
a_tempo_in_quarters_is_noticed_in_any_host(void **const state)
{
  (void)state;
  static const int metres[][2] = {{6, 8}, {2, 2}};
  for (size_t i = 0; i < 2; ++i) {
    struct bench bench;
    bench_init(&bench);
    roll_as(&bench, (struct host_manner){.bpm_unit = 4.0},
            (struct song_place){0.0, 0.0, 132.0, metres[i][0], metres[i][1]}, 3);
  }
}

static void
a_tempo_that_changes_is_no_other_note(void **const state)
{
  (void)state;
  struct bench bench;
  bench_init(&bench);
  const struct host_manner manner = {.is_ardour = false};
  struct song_place place = {0.0, 0.0, 60.0, 4, 4};
  for (int i = 0; i < 400; ++i) {
    // Twice as fast and back, a frame after the block has begun: so the host tells it in the next
    const unsigned changes = send_as(&bench, manner, place);
    assert_int_equal(changes, i == 0 ? TRANSPORT_LOCATED | TRANSPORT_STARTED : 0);
    assert_true(bench.transport.counted == 0.0);
    place.bpm = i / 100 % 2 ? 120.0 : 60.0;
    place.frame += 256.0;
    place.quarters += 256.0 * place.bpm / 60.0 / RATE;
    clock_advance(&bench.transport.clock, 256);
  }
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(numbers_of_every_type_are_read),
      cmocka_unit_test(numbers_that_are_none_are_left_out),
      cmocka_unit_test(properties_that_are_left_out_stay_as_they_were),
      cmocka_unit_test(a_tempo_alone_changes_the_tempo_and_not_the_place),
      cmocka_unit_test(the_ports_tempo_counts_while_the_host_tells_none),
      cmocka_unit_test(jitter_is_no_locate_and_does_not_move_the_clock),
      cmocka_unit_test(drift_is_followed_without_a_locate),
      cmocka_unit_test(a_jump_of_two_ticks_is_a_locate),
      cmocka_unit_test(a_beat_is_that_of_the_metre),
      cmocka_unit_test(time_never_adds_up_rounding),
      cmocka_unit_test(frames_that_the_host_skipped_correct_a_stale_beat),
      cmocka_unit_test(ardour_counts_in_quarters_in_every_metre),
      cmocka_unit_test(ardours_tempo_may_count_any_note),
      cmocka_unit_test(an_ardour_that_counts_beats_is_believed),
      cmocka_unit_test(a_tempo_in_quarters_is_noticed_in_any_host),
      cmocka_unit_test(a_tempo_that_changes_is_no_other_note),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
