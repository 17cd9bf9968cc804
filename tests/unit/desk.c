// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A composer at a desk.

#include "desk.h"

#include "engine/constraints.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

struct desk
desk_new(const enum fake_kind kind, const uint32_t seed)
{
  struct desk desk;
  struct error error;
  assert_int_equal(composer_new(&desk.composer, &error), STATUS_SUCCESS);
  desk.weights = fake_weights_new(kind, 99);
  struct controls controls = controls_default;
  controls.seed = seed;
  composer_set_controls(desk.composer, &controls);
  assert_null(composer_set_weights(desk.composer, desk.weights));
  return desk;
}

void
desk_free(struct desk *const desk)
{
  composer_free(desk->composer);
  fake_weights_free(desk->weights);
}

void
desk_locate(struct desk *const desk, const uint32_t bar, const uint32_t tick)
{
  composer_locate(desk->composer, (struct position){bar, tick}, four_four);
}

void
desk_fill(struct desk *const desk)
{
  composer_work(desk->composer, UNLIMITED);
  assert_true(composer_is_filled(desk->composer));
}

// Play beat by beat from the start of bar `begin` to that of bar `end`, filling the take at every beat.
void
desk_replay(struct desk *const desk, const uint32_t begin, const uint32_t end, const struct metre metre)
{
  for (uint32_t bar = begin; bar < end; ++bar) {
    for (uint32_t tick = 0; tick < metre_bar_ticks(metre); tick += metre_beat_ticks(metre)) {
      composer_move(desk->composer, (struct position){bar, tick}, metre);
      desk_fill(desk);
    }
  }
}

// The same where nothing is composed anew, so that what is ready never goes back.
void
desk_play(struct desk *const desk, const uint32_t begin, const uint32_t end, const struct metre metre)
{
  struct position ready = {0, 0};
  for (uint32_t bar = begin; bar < end; ++bar) {
    for (uint32_t tick = 0; tick < metre_bar_ticks(metre); tick += metre_beat_ticks(metre)) {
      composer_move(desk->composer, (struct position){bar, tick}, metre);
      desk_fill(desk);
      const struct position now = composer_ready(desk->composer);
      assert_true(now.bar > ready.bar || (now.bar == ready.bar && now.tick >= ready.tick));
      ready = now;
    }
  }
}

struct copy *
copy_bar(struct desk *const desk, const uint32_t number)
{
  struct copy *const copy = calloc(1, sizeof(*copy));
  struct take *const take = composer_take(desk->composer);
  const struct take_bar *const bar = take_bar(take, number);
  if (bar) {
    copy->is_there = true;
    copy->metre = bar->metre;
    for (uint32_t i = bar->first; i != TAKE_NONE; i = take_note(take, i)->next) {
      assert_true(copy->count < 2048);
      copy->notes[copy->count++] = *take_note(take, i);
    }
    assert_int_equal(copy->count, bar->count);
  }
  return copy;
}

bool
copies_are_equal(const struct copy *const a, const struct copy *const b, const bool with_sounding)
{
  bool equal = a->is_there == b->is_there && a->count == b->count && metre_equals(a->metre, b->metre);
  for (uint32_t i = 0; equal && i < a->count; ++i) {
    const struct take_note *const x = &a->notes[i];
    const struct take_note *const y = &b->notes[i];
    equal = x->event.hand == y->event.hand && x->event.pitch == y->event.pitch &&
            x->event.velocity == y->event.velocity && x->event.duration == y->event.duration &&
            x->event.advance == y->event.advance && x->tick == y->tick && x->rest == y->rest &&
            x->joined == y->joined && (!with_sounding || x->sounding == y->sounding);
  }
  return equal;
}

bool
bars_are_equal(struct desk *const a, const uint32_t bar_a, struct desk *const b, const uint32_t bar_b)
{
  struct copy *const copy_a = copy_bar(a, bar_a);
  struct copy *const copy_b = copy_bar(b, bar_b);
  const bool equal = copies_are_equal(copy_a, copy_b, true);
  free(copy_a);
  free(copy_b);
  return equal;
}

void
assert_same_bars(struct desk *const a, struct desk *const b, const uint32_t begin, const uint32_t end)
{
  for (uint32_t bar = begin; bar < end; ++bar) {
    if (!bars_are_equal(a, bar, b, bar)) {
      fail_msg("bar %u differs", bar);
    }
  }
}

uint32_t
desk_notes(struct desk *const desk, const uint32_t begin, const uint32_t end)
{
  uint32_t count = 0;
  for (uint32_t bar = begin; bar < end; ++bar) {
    const struct take_bar *const there = take_bar(composer_take(desk->composer), bar);
    count += there ? there->count : 0;
  }
  return count;
}

// Check the rules of constraints.h and of the take on bars `begin` to `end`.
void
desk_check(struct desk *const desk, const uint32_t begin, const uint32_t end)
{
  struct take *const take = composer_take(desk->composer);
  int64_t sounding_until[128] = {0};
  int64_t start = 0;
  int64_t last_onset = -1;
  unsigned last_pitch = 0;
  uint32_t chord = 0;
  for (uint32_t number = begin; number < end; ++number) {
    const struct take_bar *const bar = take_bar(take, number);
    assert_non_null(bar);
    for (uint32_t i = bar->first; i != TAKE_NONE; i = take_note(take, i)->next) {
      const struct take_note *const note = take_note(take, i);
      const int64_t onset = start + note->tick;
      assert_true(event_is_valid(&note->event));
      assert_true(note->event.hand < HAND_UNTOLD && note->event.velocity > 0);
      assert_true(note->event.advance <= ADVANCE_BARS * 96);
      assert_true(onset >= last_onset);
      assert_true(onset > last_onset || note->event.pitch > last_pitch);
      chord = onset > last_onset ? 1 : chord + 1;
      assert_true(chord <= CHORD_NOTES);
      assert_true(note->sounding > 0 && note->sounding <= note->event.duration);
      assert_true(sounding_until[note->event.pitch] <= onset);
      sounding_until[note->event.pitch] = onset + note->sounding;
      last_onset = onset;
      last_pitch = note->event.pitch;
    }
    start += metre_bar_ticks(bar->metre);
  }
}

// A desk that has played bars 0 to `bars` without ever leaving
struct desk
desk_played_through(const enum fake_kind kind, const uint32_t bars)
{
  struct desk desk = desk_new(kind, 1);
  desk_locate(&desk, 0, 0);
  desk_play(&desk, 0, bars, four_four);
  return desk;
}

// Use key `key` from now on.
void
desk_set_key(struct desk *const desk, const uint8_t key)
{
  struct controls controls = controls_default;
  controls.key = key;
  composer_set_controls(desk->composer, &controls);
}

// Play bars 0 to `end` from their beginning; from bar `change` on, to before `back`, the key is `key`.
void
desk_play_automated(
    struct desk *const desk, const uint32_t end, const uint32_t change, const uint32_t back, const uint8_t key)
{
  desk_set_key(desk, 0);
  desk_locate(desk, 0, 0);
  desk_replay(desk, 0, change, four_four);
  desk_set_key(desk, key);
  desk_replay(desk, change, back, four_four);
  desk_set_key(desk, 0);
  desk_replay(desk, back, end, four_four);
}

struct copies
copy_bars(struct desk *const desk)
{
  struct copies copies;
  for (uint32_t i = 0; i < 32; ++i) {
    copies.bars[i] = copy_bar(desk, i);
  }
  return copies;
}

void
free_copies(struct copies *const copies)
{
  for (uint32_t i = 0; i < 32; ++i) {
    free(copies->bars[i]);
  }
}

// Return the first bar from `first` to before `end` that is not as it was, or `end`; notes may end elsewhere.
uint32_t
first_composed_anew(struct desk *const desk,
                    const struct copies *const copies,
                    const uint32_t first,
                    const uint32_t end)
{
  for (uint32_t i = first; i < end; ++i) {
    struct copy *const now = copy_bar(desk, i);
    const bool equal = copies_are_equal(now, copies->bars[i], false);
    free(now);
    if (!equal) {
      return i;
    }
  }
  return end;
}

// The same, and they may not.
uint32_t
first_changed(struct desk *const desk, const struct copies *const copies, const uint32_t first, const uint32_t end)
{
  for (uint32_t i = first; i < end; ++i) {
    struct copy *const now = copy_bar(desk, i);
    const bool equal = copies_are_equal(now, copies->bars[i], true);
    free(now);
    if (!equal) {
      return i;
    }
  }
  return end;
}
