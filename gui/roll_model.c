// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Messages to bars. Nothing of a message is used before all of it has been looked at.

#include "roll_model.h"

#include <stdlib.h>
#include <string.h>

struct roll_model {
  struct window_uris uris;
  struct roll_bar bars[WINDOW_BARS]; // Bar n in place n % WINDOW_BARS; number -1: empty
  struct roll_moment moment;
  uint32_t serial; // Of the last message
  bool has_serial; // There was one
  bool has_gap;
  uint32_t revision;
  uint32_t moment_revision;
};

struct roll_model *
roll_model_new(LV2_URID_Map *const map)
{
  struct roll_model *const model = calloc(1, sizeof *model);
  if (model) {
    window_uris_map(&model->uris, map);
    roll_model_clear(model);
  }
  return model;
}

void
roll_model_free(struct roll_model *const model)
{
  if (model) {
    for (size_t i = 0; i < WINDOW_BARS; ++i) {
      free(model->bars[i].notes);
    }
    free(model);
  }
}

/// Make `bar` empty, its memory kept for the next.
static void
bar_clear(struct roll_bar *const bar)
{
  *bar = (struct roll_bar){.number = -1, .metre = {4, 4}, .notes = bar->notes, .room = bar->room};
}

static void
forget_bars(struct roll_model *const model)
{
  for (size_t i = 0; i < WINDOW_BARS; ++i) {
    bar_clear(&model->bars[i]);
  }
  ++model->revision;
}

void
roll_model_clear(struct roll_model *const model)
{
  forget_bars(model);
  model->moment = (struct roll_moment){.metre = {4, 4}, .look_ahead = 16 * ROLL_TICKS_PER_QUARTER};
  model->has_serial = false;
  ++model->moment_revision;
}

// Reading

static bool
read_metre(const int32_t value, struct roll_metre *const metre)
{
  const int32_t numerator = value & 0xFF;
  const int32_t denominator = value >> 8;
  if (numerator < 1 || numerator > 32 || denominator < 1 || denominator > 32 ||
      (denominator & (denominator - 1)) != 0) {
    return false;
  }
  *metre = (struct roll_metre){(uint8_t)numerator, (uint8_t)denominator};
  return true;
}

static bool
is_between(const int32_t value, const int32_t least, const int32_t most)
{
  return value >= least && value <= most;
}

static bool
is_same_moment(const struct roll_moment *const a, const struct roll_moment *const b)
{
  return a->bar == b->bar && a->tick == b->tick && a->ticks_per_second == b->ticks_per_second &&
         a->metre.numerator == b->metre.numerator && a->metre.denominator == b->metre.denominator &&
         a->ready_bar == b->ready_bar && a->ready_tick == b->ready_tick && a->flags == b->flags && a->undo == b->undo &&
         a->look_ahead == b->look_ahead && a->rate == b->rate && a->originality == b->originality;
}

static void
read_moment(struct roll_model *const model, const int32_t *const ints)
{
  struct roll_metre metre;
  if (!read_metre(ints[MOMENT_METRE], &metre) || !is_between(ints[MOMENT_BAR], -WINDOW_BAR_LAST, WINDOW_BAR_LAST) ||
      !is_between(ints[MOMENT_SPEED], 0, 100000000) || !is_between(ints[MOMENT_READY_BAR], 0, WINDOW_BAR_LAST) ||
      !is_between(ints[MOMENT_READY_TICK], 0, 1 << 16) || !is_between(ints[MOMENT_PLACE], -(1 << 20), 1 << 20) ||
      !is_between(ints[MOMENT_UNDO], 0, 1 << 16) || !is_between(ints[MOMENT_LOOK_AHEAD], 0, 1 << 20) ||
      !is_between(ints[MOMENT_RATE], 0, 2) || !is_between(ints[MOMENT_ORIGINALITY], 0, 255)) {
    return;
  }
  const struct roll_moment moment = {
      .bar = ints[MOMENT_BAR],
      .tick = ints[MOMENT_PLACE] / 256.0,
      .ticks_per_second = ints[MOMENT_SPEED] / 1000.0,
      .metre = metre,
      .ready_bar = ints[MOMENT_READY_BAR],
      .ready_tick = ints[MOMENT_READY_TICK],
      .flags = (unsigned)ints[MOMENT_FLAGS],
      .undo = (uint32_t)ints[MOMENT_UNDO],
      .look_ahead = (uint32_t)ints[MOMENT_LOOK_AHEAD],
      .rate = (uint8_t)ints[MOMENT_RATE],
      .originality = (uint8_t)ints[MOMENT_ORIGINALITY],
  };
  model->moment_revision += !is_same_moment(&moment, &model->moment);
  model->moment = moment;
}

/// The bits of `word` from `shift` on, as many as `most` (2^n - 1) has.
static uint32_t
bits(const int32_t word, const unsigned shift, const uint32_t most)
{
  return (uint32_t)word >> shift & most;
}

static bool
is_key(const uint32_t pitch)
{
  return pitch >= ROLL_PITCH_LOWEST && pitch <= ROLL_PITCH_HIGHEST;
}

/// Read a place that a note looks back at. False if it is none.
static bool
read_glance(const int32_t *const ints, struct roll_glance *const glance)
{
  const uint32_t pitch = bits(ints[1], NOTE_PITCH_SHIFT, 127);
  *glance = (struct roll_glance){
      .bar = ints[0],
      .tick = (uint16_t)bits(ints[1], 0, (1U << NOTE_TICK_BITS) - 1),
      .pitch = (uint8_t)pitch,
      .share = (uint8_t)bits(ints[1], NOTE_SHARE_SHIFT, NOTE_SHARE_WHOLE),
  };
  return is_between(ints[0], 0, WINDOW_BAR_LAST) && (pitch == 0 || is_key(pitch)); // 0: a rest was looked at
}

/// Read a note from `ints`, of which there are `count`. Return how many it takes, or 0 if it is none.
static uint32_t
read_note(const int32_t *const ints, const uint32_t count, const uint32_t bar_ticks, struct roll_note *const note)
{
  const uint32_t glances = count >= NOTE_SIZE ? bits(ints[0], NOTE_PLACES_SHIFT, 15) : 0;
  const uint32_t size = NOTE_SIZE + NOTE_PLACE_SIZE * glances;
  if (count < size || glances > WINDOW_GLANCES) {
    return 0;
  }
  *note = (struct roll_note){
      .tick = (uint16_t)bits(ints[0], 0, (1U << NOTE_TICK_BITS) - 1),
      .sounding = (uint16_t)bits(ints[1], 0, UINT16_MAX),
      .pitch = (uint8_t)bits(ints[0], NOTE_PITCH_SHIFT, 127),
      .velocity = (uint8_t)bits(ints[0], NOTE_VELOCITY_SHIFT, 127),
      .is_left = bits(ints[0], NOTE_HAND_SHIFT, 1) == 1,
      .is_played = bits(ints[0], NOTE_PLAYED_SHIFT, 1) == 1,
      .glance_count = (uint8_t)glances,
      .quotation = (uint16_t)bits(ints[1], NOTE_QUOTATION_SHIFT, WINDOW_UNKNOWN),
  };
  bool is_good = is_key(note->pitch) && note->tick < bar_ticks && note->sounding > 0;
  for (uint32_t i = 0; i < glances; ++i) {
    is_good = read_glance(ints + NOTE_SIZE + (size_t)NOTE_PLACE_SIZE * i, &note->glances[i]) && is_good;
  }
  return is_good ? size : 0;
}

/// Read all notes of a message into `notes` [count]. False if one is none, or they do not follow each other.
static bool
read_notes(const struct window_message *const message, const struct roll_metre metre, struct roll_note *const notes)
{
  const uint32_t count = (uint32_t)message->ints[BAR_COUNT];
  uint32_t at = BAR_NOTES;
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t size = read_note(message->ints + at, message->count - at, roll_bar_ticks(metre), &notes[i]);
    if (size == 0 || (i > 0 && notes[i].tick < notes[i - 1].tick)) {
      return false;
    }
    at += size;
  }
  return true;
}

/// Make room for `count` notes. False without memory.
static bool
make_room(struct roll_bar *const bar, const uint32_t count)
{
  if (count <= bar->room) {
    return true;
  }
  const uint32_t room = count < 32 ? 32 : count + count / 2;
  struct roll_note *const notes = realloc(bar->notes, room * sizeof *notes);
  if (!notes) {
    return false;
  }
  bar->notes = notes;
  bar->room = room;
  return true;
}

/// A bar of which nothing is composed.
static void
remove_bar(struct roll_model *const model, struct roll_bar *const bar)
{
  if (bar->number >= 0) {
    bar_clear(bar);
    ++model->revision;
  }
}

static void
read_bar(struct roll_model *const model, const struct window_message *const message)
{
  const int32_t *const ints = message->ints;
  struct roll_note notes[WINDOW_INTS / NOTE_SIZE];
  struct roll_metre metre;
  if (!is_between(ints[BAR_NUMBER], 0, WINDOW_BAR_LAST - 1) || !is_between(ints[BAR_SECTION], 0, WINDOW_BAR_LAST) ||
      !is_between(ints[BAR_FIRST], 0, WINDOW_BAR_NOTES) || !is_between(ints[BAR_COUNT], 0, WINDOW_INTS / NOTE_SIZE) ||
      !read_metre(ints[BAR_METRE], &metre) || !read_notes(message, metre, notes)) {
    return;
  }
  struct roll_bar *const bar = &model->bars[ints[BAR_NUMBER] % WINDOW_BARS];
  if (!(ints[BAR_FLAGS] & BAR_IS_THERE)) {
    remove_bar(model, bar);
    return;
  }
  const uint32_t kept = bar->number == ints[BAR_NUMBER] ? bar->count : 0;
  const uint32_t first = (uint32_t)ints[BAR_FIRST];
  const uint32_t count = (uint32_t)ints[BAR_COUNT];
  if (first > kept) {
    return; // A part of what has been forgotten
  }
  const bool goes_back = count > 0 && first > 0 && notes[0].tick < bar->notes[first - 1].tick;
  if (goes_back || !make_room(bar, first + count)) {
    return;
  }
  if (count > 0) {
    memcpy(bar->notes + first, notes, count * sizeof *notes);
  }
  bar->number = ints[BAR_NUMBER];
  bar->flags = (unsigned)ints[BAR_FLAGS];
  bar->metre = metre;
  bar->section = ints[BAR_SECTION];
  bar->count = first + count;
  bar->revision = ++model->revision;
}

/// Follow the numbers of messages.
static void
follow_serial(struct roll_model *const model, const int32_t number)
{
  uint32_t serial = 0;
  memcpy(&serial, &number, sizeof serial);
  if (model->has_serial && serial != model->serial + 1) {
    model->has_gap = true;
  }
  model->serial = serial;
  model->has_serial = true;
}

bool
roll_model_read(struct roll_model *const model, const LV2_Atom *const atom)
{
  const struct window_uris *const uris = &model->uris;
  struct window_message message;
  if (!window_message_read(uris, atom, &message) ||
      (message.kind != uris->forget && message.kind != uris->moment && message.kind != uris->bar)) {
    return false;
  }
  if (message.count > 0) {
    follow_serial(model, message.ints[0]);
  }
  if (message.kind == uris->forget) {
    forget_bars(model);
  } else if (message.kind == uris->moment && message.count >= MOMENT_SIZE) {
    read_moment(model, message.ints);
  } else if (message.kind == uris->bar && message.count >= BAR_NOTES) {
    read_bar(model, &message);
  }
  return true;
}

bool
roll_model_has_gap(struct roll_model *const model)
{
  const bool has_gap = model->has_gap;
  model->has_gap = false;
  return has_gap;
}

// Looking

const struct roll_bar *
roll_model_bar(const struct roll_model *const model, const int32_t number)
{
  const struct roll_bar *const bar = number < 0 ? NULL : &model->bars[number % WINDOW_BARS];
  return bar && bar->number == number ? bar : NULL;
}

uint32_t
roll_model_bar_revision(const struct roll_model *const model, const int32_t number)
{
  const struct roll_bar *const bar = roll_model_bar(model, number);
  return bar ? bar->revision : 0;
}

struct roll_metre
roll_model_metre(const struct roll_model *const model, const int32_t number)
{
  const struct roll_bar *const bar = roll_model_bar(model, number);
  return bar && number != model->moment.bar ? bar->metre : model->moment.metre;
}

uint32_t
roll_bar_ticks(const struct roll_metre metre)
{
  return metre.numerator * roll_beat_ticks(metre);
}

uint32_t
roll_beat_ticks(const struct roll_metre metre)
{
  return 4U * ROLL_TICKS_PER_QUARTER / metre.denominator;
}

const struct roll_moment *
roll_model_moment(const struct roll_model *const model)
{
  return &model->moment;
}

int32_t
roll_model_host_bar(const struct roll_model *const model, const int32_t number)
{
  switch (model->moment.rate) {
  case 1:
    return 2 * number + 1;
  case 2:
    return number % 2 == 0 ? number / 2 + 1 : 0;
  default:
    return number + 1;
  }
}

uint32_t
roll_model_revision(const struct roll_model *const model)
{
  return model->revision;
}

uint32_t
roll_model_moment_revision(const struct roll_model *const model)
{
  return model->moment_revision;
}
