// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "roll_song.h"

#include <string.h>

enum { BEAT = ROLL_TICKS_PER_QUARTER, BARS = 16 };

void
sender_init(struct sender *const sender)
{
  memset(sender, 0, sizeof *sender);
  urids_init(&sender->urids);
  window_uris_map(&sender->window, &sender->urids.map);
  lv2_atom_forge_init(&sender->forge, &sender->urids.map);
}

void
sender_clear(struct sender *const sender)
{
  urids_free(&sender->urids);
}

const LV2_Atom *
sender_message(struct sender *const sender, const LV2_URID kind, const int32_t *const ints, const uint32_t count)
{
  int32_t numbered[WINDOW_INTS];
  memcpy(numbered, ints, count * sizeof *ints);
  numbered[0] = (int32_t)++sender->serial;
  lv2_atom_forge_set_buffer(&sender->forge, sender->message.bytes, sizeof sender->message);
  window_message_write(&sender->window, &sender->forge, kind, numbered, count);
  return &sender->message.atom;
}

void
sent_bar_begin(struct sent_bar *const bar,
               const int32_t number,
               const unsigned flags,
               const unsigned numerator,
               const unsigned denominator)
{
  *bar = (struct sent_bar){.count = BAR_NOTES};
  bar->ints[BAR_NUMBER] = number;
  bar->ints[BAR_FLAGS] = (int32_t)flags;
  bar->ints[BAR_METRE] = (int32_t)(numerator | denominator << 8);
}

void
sent_bar_note(struct sent_bar *const bar,
              const unsigned tick,
              const unsigned pitch,
              const unsigned sounding,
              const unsigned velocity,
              const bool is_left)
{
  bar->ints[bar->count++] = (int32_t)(tick | pitch << NOTE_PITCH_SHIFT | velocity << NOTE_VELOCITY_SHIFT |
                                      (unsigned)is_left << NOTE_HAND_SHIFT);
  bar->ints[bar->count++] = (int32_t)(sounding | (unsigned)WINDOW_UNKNOWN << NOTE_QUOTATION_SHIFT);
  ++bar->ints[BAR_COUNT];
}

/// The first integer of the last note.
static uint32_t
last_note(const struct sent_bar *const bar)
{
  uint32_t at = BAR_NOTES;
  for (int32_t i = 1; i < bar->ints[BAR_COUNT]; ++i) {
    at += NOTE_SIZE + NOTE_PLACE_SIZE * ((uint32_t)bar->ints[at] >> NOTE_PLACES_SHIFT);
  }
  return at;
}

void
sent_bar_quote(struct sent_bar *const bar, const unsigned notes)
{
  int32_t *const word = &bar->ints[last_note(bar) + 1];
  *word = (int32_t)(((uint32_t)*word & 0xFFFFU) | notes << NOTE_QUOTATION_SHIFT);
}

void
sent_bar_glance(
    struct sent_bar *const bar, const int32_t to, const unsigned tick, const unsigned pitch, const unsigned share)
{
  bar->ints[last_note(bar)] += 1 << NOTE_PLACES_SHIFT;
  bar->ints[bar->count++] = to;
  bar->ints[bar->count++] = (int32_t)(tick | pitch << NOTE_PITCH_SHIFT | share << NOTE_SHARE_SHIFT);
}

const LV2_Atom *
sender_bar(struct sender *const sender, struct sent_bar *const bar)
{
  return sender_message(sender, sender->window.bar, bar->ints, bar->count);
}

const LV2_Atom *
sender_moment(struct sender *const sender, const struct roll_moment *const moment)
{
  const int32_t ints[MOMENT_SIZE] = {
      [MOMENT_BAR] = moment->bar,
      [MOMENT_PLACE] = (int32_t)(moment->tick * 256.0),
      [MOMENT_SPEED] = (int32_t)(moment->ticks_per_second * 1000.0),
      [MOMENT_METRE] = moment->metre.numerator | moment->metre.denominator << 8,
      [MOMENT_READY_BAR] = moment->ready_bar,
      [MOMENT_READY_TICK] = moment->ready_tick,
      [MOMENT_FLAGS] = (int32_t)moment->flags,
      [MOMENT_UNDO] = (int32_t)moment->undo,
      [MOMENT_LOOK_AHEAD] = (int32_t)moment->look_ahead,
      [MOMENT_RATE] = moment->rate,
      [MOMENT_ORIGINALITY] = moment->originality,
  };
  return sender_message(sender, sender->window.moment, ints, MOMENT_SIZE);
}

// The piece

/// The right hand's tune, in eighths of a bar: pitch, or 0 for going on.
static const uint8_t tunes[4][8] = {{72, 0, 76, 79, 84, 0, 83, 81},
                                    {79, 0, 77, 0, 76, 74, 72, 0},
                                    {74, 0, 77, 81, 79, 0, 77, 76},
                                    {74, 72, 71, 74, 72, 0, 0, 0}};
static const uint8_t between[4][8] = {{76, 77, 79, 0, 76, 0, 72, 0},
                                      {77, 0, 74, 0, 71, 0, 67, 0},
                                      {69, 71, 72, 74, 76, 0, 74, 0},
                                      {71, 0, 67, 0, 0, 0, 67, 71}};
static const uint8_t basses[4][4] = {{48, 55, 52, 55}, {53, 57, 48, 52}, {50, 57, 53, 57}, {43, 50, 48, 48}};

/// Whether bar `number` belongs to the theme.
static bool
is_theme(const int32_t number)
{
  return number / 4 == SONG_THEME / 4 || number / 4 == SONG_RETURN / 4;
}

/// The tune of bar `number`.
static const uint8_t *
tune_of(const int32_t number)
{
  return is_theme(number) ? tunes[number % 4] : between[(number + number / 8) % 4];
}

/// Let the last note, of `pitch` at `tick`, look back: to the theme's first time, and to the beginning of the bar before.
static void
add_glances(struct sent_bar *const bar, const int32_t number, const unsigned tick, const unsigned pitch)
{
  if (number >= SONG_RETURN) {
    sent_bar_glance(bar, number - SONG_RETURN + SONG_THEME, tick, pitch, 150);
  }
  if (number > 0) {
    sent_bar_glance(bar, number - 1, 0, tune_of(number - 1)[0], number >= SONG_RETURN ? 25 : 60);
  }
}

static void
tell_bar(struct sender *const sender, struct roll_model *const model, const int32_t number)
{
  const unsigned state = number == 4 || number == 5 ? (unsigned)BAR_IS_LOCKED
                         : number == 15             ? (unsigned)BAR_IS_STALE
                                                    : 0U;
  const uint8_t *const tune = tune_of(number);
  struct sent_bar bar;
  sent_bar_begin(&bar, number, BAR_IS_THERE | BAR_IS_COMPLETE | (number == 3 ? (unsigned)BAR_IS_END : 0U) | state, 4,
                 4);
  bar.ints[BAR_SECTION] = number < 4 ? 0 : 4;
  for (unsigned i = 0; i < 8; ++i) {
    const unsigned tick = i * BEAT / 2;
    unsigned length = 1;
    while (i + length < 8 && tune[i + length] == 0) {
      ++length;
    }
    if (i % 2 == 0) {
      const unsigned pitch = basses[number % 4][i / 2];
      sent_bar_note(&bar, tick, pitch, BEAT - 2, 50 + 6 * i, true);
      add_glances(&bar, number, tick, pitch);
    }
    if (tune[i] != 0) {
      sent_bar_note(&bar, tick, tune[i], length * BEAT / 2 - 1, 60 + (tune[i] - 67) * 3, false);
      sent_bar_quote(&bar, number == 9 ? 5 + 2 * i : number == 13 ? 8 + 3 * i : 4);
      add_glances(&bar, number, tick, tune[i]);
    }
  }
  roll_model_read(model, sender_bar(sender, &bar));
}

void
song_tell(struct sender *const sender, struct roll_model *const model, const int32_t bar, const double tick)
{
  const struct roll_moment moment = {
      .bar = bar,
      .tick = tick,
      .ticks_per_second = 2.0 * BEAT,
      .metre = {4, 4},
      .ready_bar = BARS,
      .flags = MOMENT_IS_ROLLING | MOMENT_IS_PLAYING | MOMENT_IS_KNOWN | MOMENT_IS_LOADED | MOMENT_HAS_FILTER,
      .look_ahead = 4 * BEAT,
      .originality = 24,
  };
  roll_model_read(model, sender_moment(sender, &moment));
  for (int32_t number = 0; number < BARS; ++number) {
    tell_bar(sender, model, number);
  }
}
