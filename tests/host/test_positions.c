// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The transport alone: every form of time:Position that hosts send, and what is a locate and what is not.

#include "transport.h"

#include <lv2/atom/forge.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
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
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
