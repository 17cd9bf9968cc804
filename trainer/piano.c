// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "piano.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS = 128, PARTIALS = 12, MIDDLE_C = 60 };

static const double pi = 3.14159265358979323846;
static const float loudness = 0.12F;
static const float inaudible = 1e-5F;

// A partial is a phasor that turns and shrinks by one complex multiplication per frame.
struct partial {
  float real;
  float imaginary;
  float turn_real;
  float turn_imaginary;
};

// A string: one per key, struck anew while it may still sound.
struct string {
  bool sounding;
  bool held; ///< The key is down
  float left;
  float right;
  float damping; ///< Factor per frame, 1 while the damper is up
  float level;   ///< What damping has left
  unsigned count;
  struct partial partials[PARTIALS];
};

struct piano {
  double rate;
  bool pedal;
  struct string strings[KEYS];
};

struct piano *
piano_new(const double rate)
{
  struct piano *const piano = calloc(1, sizeof(*piano));
  if (piano) {
    piano->rate = rate;
  }
  return piano;
}

void
piano_free(struct piano *const piano)
{
  free(piano);
}

static void
string_set_place(struct string *const string, const unsigned key)
{
  const double place = 0.5 + ((double)key - MIDDLE_C) / 120.0; // 0 is left, 1 is right
  string->left = (float)cos(0.5 * pi * place);
  string->right = (float)sin(0.5 * pi * place);
}

static void
string_strike(struct string *const string, const unsigned key, const unsigned velocity, const double rate)
{
  const double frequency = 440.0 * pow(2.0, ((double)key - 69.0) / 12.0);
  const double stiffness = 2e-4 * pow(2.0, ((double)key - MIDDLE_C) / 12.0);
  const double force = (double)velocity / 127.0;
  const double slope = 2.2 - 1.2 * force; // Soft blows have fewer overtones
  const double seconds = 3.0 * pow(2.0, (MIDDLE_C - (double)key) / 18.0);

  string_set_place(string, key);
  string->sounding = string->held = true;
  string->damping = string->level = 1.0F;
  string->count = 0;
  for (unsigned n = 1; n <= PARTIALS; ++n) {
    const double partial_frequency = n * frequency * sqrt(1.0 + stiffness * n * n);
    if (partial_frequency >= 0.45 * rate) {
      break;
    }
    const double amplitude = loudness * pow(force, 1.5) * pow(n, -slope);
    const double decay = exp(-(1.0 + 0.35 * n) / (seconds * rate));
    const double angle = 2.0 * pi * partial_frequency / rate;
    string->partials[string->count++] = (struct partial){
        .real = (float)amplitude,
        .imaginary = 0.0F,
        .turn_real = (float)(decay * cos(angle)),
        .turn_imaginary = (float)(decay * sin(angle)),
    };
  }
}

static void
string_damp(struct string *const string, const double rate)
{
  string->damping = (float)exp(-1.0 / (0.08 * rate));
}

static void
piano_note_off(struct piano *const piano, const unsigned key)
{
  struct string *const string = &piano->strings[key];
  string->held = false;
  if (!piano->pedal) {
    string_damp(string, piano->rate);
  }
}

static void
piano_set_pedal(struct piano *const piano, const bool down)
{
  piano->pedal = down;
  for (unsigned key = 0; !down && key < KEYS; ++key) {
    if (!piano->strings[key].held) {
      string_damp(&piano->strings[key], piano->rate);
    }
  }
}

void
piano_midi(struct piano *const piano, const uint8_t *const message, const uint32_t size)
{
  if (size < 3) {
    return;
  }
  const unsigned kind = message[0] & 0xF0U;
  const unsigned first = message[1] & 0x7FU;
  const unsigned second = message[2] & 0x7FU;
  if (kind == 0x90 && second > 0) {
    string_strike(&piano->strings[first], first, second, piano->rate);
  } else if (kind == 0x80 || kind == 0x90) {
    piano_note_off(piano, first);
  } else if (kind == 0xB0 && first == 64) {
    piano_set_pedal(piano, second >= 64);
  } else if (kind == 0xB0 && (first == 120 || first == 123)) {
    for (unsigned key = 0; key < KEYS; ++key) {
      piano_note_off(piano, key);
    }
  }
}

static void
partial_run(struct partial *const partial, float *const sum, const uint32_t frames)
{
  float real = partial->real;
  float imaginary = partial->imaginary;
  for (uint32_t i = 0; i < frames; ++i) {
    const float next = real * partial->turn_real - imaginary * partial->turn_imaginary;
    imaginary = real * partial->turn_imaginary + imaginary * partial->turn_real;
    real = next;
    sum[i] += imaginary;
  }
  partial->real = real;
  partial->imaginary = imaginary;
}

// The loudest that the string may still be
static float
string_peak(const struct string *const string)
{
  float peak = 0.0F;
  for (unsigned n = 0; n < string->count; ++n) {
    peak += hypotf(string->partials[n].real, string->partials[n].imaginary);
  }
  return peak * string->level;
}

static void
string_run(struct string *const string, float *const left, float *const right, const uint32_t frames)
{
  enum { PART = 256 };
  float sum[PART];
  for (uint32_t begin = 0; begin < frames; begin += PART) {
    const uint32_t count = frames - begin < PART ? frames - begin : PART;
    memset(sum, 0, sizeof(sum));
    for (unsigned n = 0; n < string->count; ++n) {
      partial_run(&string->partials[n], sum, count);
    }
    for (uint32_t i = 0; i < count; ++i) {
      string->level *= string->damping;
      left[begin + i] += string->left * string->level * sum[i];
      right[begin + i] += string->right * string->level * sum[i];
    }
  }
  string->sounding = string_peak(string) > inaudible;
}

void
piano_run(struct piano *const piano, float *const left, float *const right, const uint32_t frames)
{
  for (unsigned key = 0; key < KEYS; ++key) {
    if (piano->strings[key].sounding) {
      string_run(&piano->strings[key], left, right, frames);
    }
  }
}
