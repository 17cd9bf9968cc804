// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Notes are written. "The writer" stands at the end of a bar and knows, of every pitch, the last note that may still sound, so
// that one which begins again cuts it short; where notes come in between or lengths change, it goes over them again.

#include "take.h"

#include "take_private.h"

#include <assert.h>
#include <string.h>

// Let the pitch's note before this one, of `bar`, end at `onset` if it still sounds; this one is now the pitch's last.
static void
writer_hear(struct take *const take, const struct take_bar *const bar, const uint32_t index, const uint32_t onset)
    REALTIME
{
  const struct take_note *const note = &take->notes[index];
  if (note->rest) {
    return;
  }
  struct last_note *const last = &take->writer.last[note->event.pitch - PITCH_LOWEST];
  if (last->note != TAKE_NONE && take->notes[last->note].sounding > onset - last->onset) {
    take->notes[last->note].sounding = (uint16_t)(onset - last->onset);
    take_touch_slot(take, last->slot);
  }
  *last = (struct last_note){.note = index, .onset = onset, .slot = (uint32_t)(bar - take->bars)};
}

// Hear all of `bar`, which begins at `start`. If `whole`, its notes first get back what had been cut of them.
static void
writer_hear_bar(struct take *const take, const struct take_bar *const bar, const uint32_t start, const bool whole)
    REALTIME
{
  for (uint32_t i = bar->first; i != TAKE_NONE; i = take->notes[i].next) {
    if (whole && take->notes[i].sounding != take->notes[i].length) {
      take->notes[i].sounding = take->notes[i].length;
      take_touch(take, bar);
    }
    writer_hear(take, bar, i, start + take->notes[i].tick);
  }
}

// Place the writer at the end of bar `number`, knowing all notes that may still sound: those of the unbroken bars before.
static void
writer_place(struct take *const take, const uint32_t number) REALTIME
{
  struct writer *const writer = &take->writer;
  memset(writer->last, 0xFF, sizeof(writer->last));

  uint32_t first = number;
  const struct take_bar *bar = NULL;
  for (uint32_t ticks = 0; ticks < DURATION_LONGEST && first > 0 && (bar = take_bar(take, first - 1)); --first) {
    ticks += metre_bar_ticks(bar->metre);
  }

  writer->start = 0;
  for (uint32_t i = first; i < number && (bar = take_bar(take, i)); ++i) {
    writer_hear_bar(take, bar, writer->start, true);
    writer->start += metre_bar_ticks(bar->metre);
  }
  if ((bar = take_bar(take, number))) {
    writer_hear_bar(take, bar, writer->start, true);
  }
  writer->bar = number;
}

static uint32_t
note_take(struct take *const take) REALTIME
{
  if (take->free_note != TAKE_NONE) {
    const uint32_t note = take->free_note;
    take->free_note = take->notes[note].next;
    return note;
  }
  return take->notes_used < take->note_capacity ? take->notes_used++ : TAKE_NONE;
}

static void
note_init(struct take *const take,
          const uint32_t index,
          const uint16_t tick,
          const struct event *const event,
          const bool rest) REALTIME
{
  const uint16_t length = rest ? 0 : event->duration;
  take->notes[index] = (struct take_note){
      .event = *event, .length = length, .sounding = length, .tick = tick, .rest = rest, .next = TAKE_NONE};
  ++take->note_count;
}

uint32_t
take_append(struct take *const take,
            const uint32_t bar_number,
            const uint16_t tick,
            const struct event *const event,
            const bool rest) REALTIME
{
  struct take_bar *const bar = take_bar(take, bar_number);
  assert(bar && (bar->last == TAKE_NONE || take->notes[bar->last].tick <= tick));
  assert(rest || (event->pitch >= PITCH_LOWEST && event->pitch <= PITCH_HIGHEST));
  const uint32_t index = bar ? note_take(take) : TAKE_NONE;
  if (index == TAKE_NONE) {
    return TAKE_NONE;
  }
  if (take->writer.bar != bar_number) {
    writer_place(take, bar_number);
  }

  note_init(take, index, tick, event, rest);
  if (bar->last == TAKE_NONE) {
    bar->first = index;
  } else {
    take->notes[bar->last].next = index;
  }
  bar->last = index;
  ++bar->count;
  writer_hear(take, bar, index, take->writer.start + tick);
  take_touch(take, bar);
  return index;
}

uint32_t
take_append_copy(struct take *const take, const uint32_t bar, const struct take_note *const note) REALTIME
{
  const struct take_note original = *note;
  const uint32_t copy = take_append(take, bar, original.tick, &original.event, original.rest != 0);
  if (copy != TAKE_NONE) {
    take->notes[copy] = original;
    take->notes[copy].sounding = original.length;
    take->notes[copy].next = TAKE_NONE;
  }
  return copy;
}

// Return the last note of `bar` that stands before a note at `tick` of `pitch`, or TAKE_NONE.
static uint32_t
note_before(const struct take *const take, const struct take_bar *const bar, const uint16_t tick, const uint8_t pitch)
    REALTIME
{
  uint32_t before = TAKE_NONE;
  for (uint32_t i = bar->first; i != TAKE_NONE; i = take->notes[i].next) {
    const struct take_note *const note = &take->notes[i];
    if (note->tick > tick || (note->tick == tick && !note->rest && note->event.pitch > pitch)) {
      break;
    }
    before = i;
  }
  return before;
}

uint32_t
take_insert(struct take *const take, const uint32_t number, const uint16_t tick, const struct event *const event)
    REALTIME
{
  struct take_bar *const bar = take_bar(take, number);
  const uint32_t before = bar ? note_before(take, bar, tick, event->pitch) : TAKE_NONE;
  const bool is_rest = before != TAKE_NONE && take->notes[before].rest && take->notes[before].tick == tick;
  const uint32_t index = is_rest ? before : bar ? note_take(take) : TAKE_NONE;
  if (index == TAKE_NONE) {
    return TAKE_NONE;
  }
  const uint32_t after = before == TAKE_NONE ? bar->first : take->notes[before].next;
  note_init(take, index, tick, event, false);
  take->notes[index].next = after;
  if (is_rest) {
    --take->note_count;
  } else {
    *(before == TAKE_NONE ? &bar->first : &take->notes[before].next) = index;
    bar->last = after == TAKE_NONE ? index : bar->last;
    ++bar->count;
  }
  ++take->changes;
  take_touch(take, bar);
  take_join(take, number + 1);
  return index;
}

// Let the composed notes of `bar` that sound `place` ticks after its line end there.
static void
hush_bar(struct take *const take, const struct take_bar *const bar, const uint32_t place) REALTIME
{
  for (uint32_t i = bar->first; i != TAKE_NONE; i = take->notes[i].next) {
    struct take_note *const note = &take->notes[i];
    if (note->origin == TAKE_COMPOSED && note->tick < place && note->tick + (uint32_t)note->length > place) {
      note->length = (uint16_t)(place - note->tick);
      take_touch(take, bar);
    }
  }
}

void
take_hush(struct take *const take, const uint32_t number, const uint32_t tick) REALTIME
{
  uint32_t place = tick; // From the line of the bar that is looked at
  const struct take_bar *bar = take_bar(take, number);
  for (uint32_t i = number; bar;) {
    hush_bar(take, bar, place);
    bar = i > 0 && place <= DURATION_LONGEST ? take_bar(take, --i) : NULL;
    place += bar ? metre_bar_ticks(bar->metre) : 0;
  }
  take_join(take, number + 1);
}

void
take_join(struct take *const take, const uint32_t number) REALTIME
{
  if (number == 0) {
    return;
  }
  writer_place(take, number - 1);
  const struct take_bar *bar = take_bar(take, number - 1);
  uint32_t ticks = bar ? metre_bar_ticks(bar->metre) : 0;
  const uint32_t reach = ticks + DURATION_LONGEST;
  for (uint32_t i = number; ticks < reach && (bar = take_bar(take, i)); ++i) {
    writer_hear_bar(take, bar, take->writer.start + ticks, false);
    ticks += metre_bar_ticks(bar->metre);
  }
  take->writer.bar = TAKE_NONE;
}
