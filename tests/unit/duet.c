// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// See duet.h.

#include "duet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

struct desk
duet_new(const enum fake_kind kind, const enum input_mode input)
{
  struct desk desk = desk_new(kind, 1);
  composer_set_input(desk.composer, (struct position){0, 0}, input, HAND_RIGHT);
  composer_locate(desk.composer, (struct position){0, 0}, four_four);
  return desk;
}

struct position
duet_place(const uint32_t tick)
{
  return (struct position){tick / BAR, tick % BAR};
}

void
duet_roll(struct desk *const desk, const uint32_t begin, const uint32_t end, const uint32_t slice)
{
  for (uint32_t tick = begin; tick < end; ++tick) {
    composer_move(desk->composer, duet_place(tick), four_four);
    composer_work(desk->composer, slice);
  }
}

struct duet_music *
duet_music(struct desk *const desk, const uint32_t begin, const uint32_t end)
{
  struct duet_music *const music = calloc(1, sizeof(*music));
  struct take *const take = composer_take(desk->composer);
  for (uint32_t number = begin / BAR; number * BAR < end; ++number) {
    const struct take_bar *const bar = take_bar(take, number);
    for (uint32_t i = bar ? bar->first : TAKE_NONE; i != TAKE_NONE; i = take_note(take, i)->next) {
      const uint32_t tick = number * BAR + take_note(take, i)->tick;
      if (tick >= begin && tick < end && !take_note(take, i)->rest) {
        assert_true(music->count < DUET_NOTES);
        struct duet_note *const heard = &music->notes[music->count++];
        *heard = (struct duet_note){tick, *take_note(take, i)};
        if (tick + heard->note.sounding > end) { // What comes then may cut it
          heard->note.sounding = (uint16_t)(end - tick);
        }
      }
    }
  }
  return music;
}

bool
duet_musics_are_equal(const struct duet_music *const a, const struct duet_music *const b)
{
  bool equal = a->count == b->count;
  for (uint32_t i = 0; equal && i < a->count; ++i) {
    const struct take_note *const x = &a->notes[i].note;
    const struct take_note *const y = &b->notes[i].note;
    equal = a->notes[i].tick == b->notes[i].tick && x->event.pitch == y->event.pitch &&
            x->event.hand == y->event.hand && x->event.velocity == y->event.velocity && x->sounding == y->sounding &&
            x->event.duration == y->event.duration && x->event.advance == y->event.advance && x->origin == y->origin &&
            x->harmony == y->harmony;
  }
  return equal;
}

void
duet_assert_same(struct desk *const a, struct desk *const b, const uint32_t begin, const uint32_t end)
{
  struct duet_music *const x = duet_music(a, begin, end);
  struct duet_music *const y = duet_music(b, begin, end);
  for (uint32_t i = 0; i < x->count && i < y->count; ++i) {
    if (x->notes[i].tick != y->notes[i].tick || x->notes[i].note.event.pitch != y->notes[i].note.event.pitch) {
      fail_msg("note %u is %d at %u, but %d at %u", i, x->notes[i].note.event.pitch, x->notes[i].tick,
               y->notes[i].note.event.pitch, y->notes[i].tick);
    }
  }
  assert_true(duet_musics_are_equal(x, y));
  free(y);
  free(x);
}

uint32_t
duet_count(struct desk *const desk, const uint32_t begin, const uint32_t end, const int origin)
{
  struct duet_music *const music = duet_music(desk, begin, end);
  uint32_t notes = 0;
  for (uint32_t i = 0; i < music->count; ++i) {
    notes += music->notes[i].note.origin == origin;
  }
  free(music);
  return notes;
}

double
duet_share(struct desk *const desk, const uint32_t begin, const uint32_t end, const unsigned tones)
{
  struct duet_music *const music = duet_music(desk, begin, end);
  uint32_t inside = 0;
  for (uint32_t i = 0; i < music->count; ++i) {
    inside += tones >> music->notes[i].note.event.pitch % 12 & 1U;
  }
  const double share = music->count ? (double)inside / music->count : 0.0;
  free(music);
  return share;
}

void
duet_assert_leads_on(struct desk *const desk, const uint32_t begin, const uint32_t end)
{
  struct duet_music *const music = duet_music(desk, begin, end);
  for (uint32_t i = 0; i + 1 < music->count; ++i) {
    const struct duet_note *const heard = &music->notes[i];
    const uint32_t way = music->notes[i + 1].tick - heard->tick;
    if (heard->note.event.advance != way) {
      fail_msg("note at %u leads %u on, but the next is %u away", heard->tick, heard->note.event.advance, way);
    }
  }
  free(music);
}

void
duet_play(struct desk *const desk, const uint32_t tick, const int pitch)
{
  const struct event event = {.hand = HAND_RIGHT, .pitch = (uint8_t)pitch, .velocity = 77};
  assert_true(composer_play(desk->composer, duet_place(tick), duet_place(tick), &event));
}
