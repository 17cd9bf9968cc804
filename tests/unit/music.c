// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Composed music, and what can be measured of it.

#include "music.h"

#include "engine/constraints.h"
#include "engine/sampler.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

void
compose_on(struct composer *const composer, const uint32_t begin, const uint32_t end)
{
  for (uint32_t bar = begin; bar < end; ++bar) {
    composer_move(composer, (struct position){bar, 0}, four_four);
    composer_work(composer, UNLIMITED);
    assert_true(composer_is_filled(composer));
  }
}

struct composer *
composer_with(struct weights *const weights, const struct controls *const controls)
{
  struct composer *composer = NULL;
  assert_int_equal(composer_new(&composer, NULL), STATUS_SUCCESS);
  composer_set_controls(composer, controls);
  composer_set_weights(composer, weights);
  composer_locate(composer, (struct position){0, 0}, four_four);
  return composer;
}

struct music *
music_read(struct take *const take, const uint32_t begin, const uint32_t end)
{
  struct music *const music = calloc(1, sizeof(*music));
  music->bars = end - begin;
  for (uint32_t number = begin; number < end; ++number) {
    const struct take_bar *const bar = take_bar(take, number);
    assert_non_null(bar);
    for (uint32_t i = bar->first; i != TAKE_NONE; i = take_note(take, i)->next) {
      const struct take_note *const note = take_note(take, i);
      const int64_t onset = (int64_t)number * BAR + note->tick;
      assert_true(!note->rest && music->count < NOTES_MOST);
      music->notes[music->count++] =
          (struct heard_note){onset, onset + note->sounding, note->event, note->conditions, note->steering};
    }
  }
  return music;
}

struct music *
composed(struct weights *const weights, const struct controls *const controls, const uint32_t bars)
{
  struct composer *const composer = composer_with(weights, controls);
  compose_on(composer, 0, bars);
  struct music *const music = music_read(composer_take(composer), 0, bars);
  composer_free(composer);
  return music;
}

uint32_t
most_together(const struct music *const music)
{
  uint32_t most = 0;
  for (uint32_t i = 0; i < music->count; ++i) {
    uint32_t together = 0;
    for (uint32_t j = 0; j < music->count; ++j) {
      together += music->notes[j].onset <= music->notes[i].onset && music->notes[j].end > music->notes[i].onset;
    }
    most = together > most ? together : most;
  }
  return most;
}

bool
musics_are_equal(const struct music *const a, const struct music *const b)
{
  bool equal = a->count == b->count;
  for (uint32_t i = 0; equal && i < a->count; ++i) {
    const struct heard_note *const x = &a->notes[i];
    const struct heard_note *const y = &b->notes[i];
    equal = x->onset == y->onset && x->end == y->end && x->event.pitch == y->event.pitch &&
            x->event.velocity == y->event.velocity && x->event.hand == y->event.hand;
  }
  return equal;
}

double
share_in_scale(const struct music *const music, const uint8_t key)
{
  uint32_t inside = 0;
  for (uint32_t i = 0; i < music->count; ++i) {
    inside += scale_has(key, music->notes[i].event.pitch);
  }
  return (double)inside / music->count;
}

double
bits_per_note(struct weights *const weights, const struct music *const music, const uint32_t begin, const int style)
{
  const struct limits none = {0};
  struct chord chord = {0};
  double bits = 0.0;
  uint8_t allowed[SAMPLER_CLASSES];
  network_reset(weights->network, weights->state);
  struct step step = {.count = 1};
  for (uint32_t i = 0; i + 1 < music->count; ++i) {
    const struct heard_note *const note = &music->notes[i];
    struct moment moment = {.bar = (uint32_t)(note->onset / BAR),
                            .tick = (uint16_t)(note->onset % BAR),
                            .metre = four_four,
                            .conditions = note->conditions};
    moment.conditions.style = style < 0 ? moment.conditions.style : (uint8_t)style;
    uint32_t operations = UNLIMITED;
    network_feed(weights->network, weights->state, i ? &step : NULL, &moment);
    while (network_work(weights->network, weights->state, &operations) == NETWORK_CHOICE) {
      struct choice choice;
      network_choice(weights->network, weights->state, &choice);
      const uint32_t chosen = event_class(&note->event, choice.field);
      constraints_allow(&chord, &choice, four_four, &none, allowed);
      bits += i < begin ? 0.0 : (double)sampler_surprise(choice.logits, allowed, choice.classes, chosen);
      network_choose(weights->network, weights->state, chosen);
    }
    step = (struct step){.notes = {note->event}, .count = 1, .advance = note->event.advance};
    chord_follow(&chord, &step);
  }
  return bits / (music->count - 1 - begin);
}

void
check_surprise(struct weights *const weights, const float *const targets, const uint32_t bars)
{
  struct music *const free_music = composed(weights, &plain, bars);
  printf("surprise: off %.2f bits per note;", bits_per_note(weights, free_music, free_music->count / 4, -1));
  free(free_music);
  for (const float *target = targets; *target > 0.0F; ++target) {
    struct controls controls = plain;
    controls.surprise = *target;
    struct music *const music = composed(weights, &controls, bars);
    const double bits = bits_per_note(weights, music, music->count / 4, -1);
    printf(" %.1f: %.2f (%u notes),", (double)*target, bits, music->count);
    fflush(stdout);
    assert_true(fabs(bits - (double)*target) < 0.4);
    free(music);
  }
  printf("\n");
}
