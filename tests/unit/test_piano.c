// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The plain piano sounds when it is played, falls silent when it is not, and plays in tune.

#include "piano.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { RATE = 48000, FRAMES = RATE / 10 };

struct sound {
  float left[FRAMES];
  float right[FRAMES];
};

static void
send(struct piano *const piano, const uint8_t status, const uint8_t first, const uint8_t second)
{
  const uint8_t message[3] = {status, first, second};
  piano_midi(piano, message, sizeof(message));
}

// Play a tenth of a second and return how loud it is, both channels together
static double
listen(struct piano *const piano, struct sound *const sound)
{
  memset(sound, 0, sizeof(*sound));
  piano_run(piano, sound->left, sound->right, FRAMES);
  double sum = 0.0;
  for (unsigned i = 0; i < FRAMES; ++i) {
    sum += pow((double)sound->left[i], 2.0) + pow((double)sound->right[i], 2.0);
  }
  return sqrt(sum / (2.0 * FRAMES));
}

static double
channel_energy(const float *const samples)
{
  double sum = 0.0;
  for (unsigned i = 0; i < FRAMES; ++i) {
    sum += pow((double)samples[i], 2.0);
  }
  return sum;
}

static void
nothing_sounds_before_a_key_is_struck(void **const state)
{
  (void)state;
  struct sound sound;
  struct piano *const piano = piano_new(RATE);
  assert_true(listen(piano, &sound) == 0.0);
  send(piano, 0xB0, 64, 127);
  send(piano, 0x90, 60, 0);
  assert_true(listen(piano, &sound) == 0.0);
  piano_free(piano);
}

static void
a_key_sounds_while_held_and_dies_away_when_let_go(void **const state)
{
  (void)state;
  struct sound sound;
  struct piano *const piano = piano_new(RATE);
  send(piano, 0x90, 60, 100);
  const double struck = listen(piano, &sound);
  assert_true(struck > 0.01);
  for (int i = 0; i < 10; ++i) {
    listen(piano, &sound);
  }
  const double later = listen(piano, &sound);
  assert_true(later < struck && later > 0.1 * struck);

  send(piano, 0x80, 60, 64);
  for (int i = 0; i < 10; ++i) {
    listen(piano, &sound);
  }
  assert_true(listen(piano, &sound) == 0.0);
  piano_free(piano);
}

static void
the_pedal_holds_what_the_hand_lets_go(void **const state)
{
  (void)state;
  struct sound sound;
  struct piano *const piano = piano_new(RATE);
  send(piano, 0x90, 60, 100);
  send(piano, 0xB0, 64, 127);
  send(piano, 0x80, 60, 64);
  for (int i = 0; i < 10; ++i) {
    listen(piano, &sound);
  }
  assert_true(listen(piano, &sound) > 0.001);
  send(piano, 0xB0, 64, 0);
  for (int i = 0; i < 10; ++i) {
    listen(piano, &sound);
  }
  assert_true(listen(piano, &sound) == 0.0);
  piano_free(piano);
}

static void
a_harder_blow_is_louder(void **const state)
{
  (void)state;
  double last = 0.0;
  for (uint8_t velocity = 1; velocity < 127; velocity = (uint8_t)(velocity + 21)) {
    struct sound sound;
    struct piano *const piano = piano_new(RATE);
    send(piano, 0x90, 60, velocity);
    const double loud = listen(piano, &sound);
    assert_true(loud > last);
    last = loud;
    piano_free(piano);
  }
}

static void
low_keys_are_to_the_left_and_high_ones_to_the_right(void **const state)
{
  (void)state;
  for (int high = 0; high < 2; ++high) {
    struct sound sound;
    struct piano *const piano = piano_new(RATE);
    send(piano, 0x90, high ? 96 : 30, 100);
    listen(piano, &sound);
    assert_true((channel_energy(sound.right) > channel_energy(sound.left)) == (high != 0));
    assert_true(channel_energy(sound.left) > 0.0 && channel_energy(sound.right) > 0.0);
    piano_free(piano);
  }
}

// Energy of `samples` at `frequency` (Goertzel)
static double
energy_at(const float *const samples, const double frequency)
{
  double real = 0.0;
  double imaginary = 0.0;
  for (unsigned i = 0; i < FRAMES; ++i) {
    const double angle = 2.0 * 3.14159265358979323846 * frequency * i / RATE;
    real += (double)samples[i] * cos(angle);
    imaginary += (double)samples[i] * sin(angle);
  }
  return real * real + imaginary * imaginary;
}

static void
the_a_above_middle_c_is_at_440_hz(void **const state)
{
  (void)state;
  struct sound sound;
  struct piano *const piano = piano_new(RATE);
  send(piano, 0x90, 69, 100);
  listen(piano, &sound);
  assert_true(energy_at(sound.left, 440.0) > 10.0 * energy_at(sound.left, 415.3));
  assert_true(energy_at(sound.left, 440.0) > 10.0 * energy_at(sound.left, 466.2));
  piano_free(piano);
}

static void
every_key_at_once_and_broken_messages_do_no_harm(void **const state)
{
  (void)state;
  struct sound sound;
  struct piano *const piano = piano_new(8000);
  const uint8_t broken[] = {0x90, 60};
  piano_midi(piano, broken, 2);
  piano_midi(piano, broken, 0);
  assert_true(listen(piano, &sound) == 0.0);
  for (uint8_t key = 0; key < 128; ++key) {
    send(piano, 0x9F, key, 127);
  }
  assert_true(isfinite(listen(piano, &sound)));
  send(piano, 0xB0, 123, 0);
  for (int i = 0; i < 20; ++i) {
    listen(piano, &sound);
  }
  assert_true(listen(piano, &sound) == 0.0);
  piano_free(piano);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nothing_sounds_before_a_key_is_struck),
      cmocka_unit_test(a_key_sounds_while_held_and_dies_away_when_let_go),
      cmocka_unit_test(the_pedal_holds_what_the_hand_lets_go),
      cmocka_unit_test(a_harder_blow_is_louder),
      cmocka_unit_test(low_keys_are_to_the_left_and_high_ones_to_the_right),
      cmocka_unit_test(the_a_above_middle_c_is_at_440_hz),
      cmocka_unit_test(every_key_at_once_and_broken_messages_do_no_harm),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
