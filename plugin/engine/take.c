// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Bars, and the room for them and their notes. take_private.h says how they are kept; take_notes.c writes notes.

#include "take.h"

#include "random.h"
#include "take_private.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(struct take_note) == 32, "a take has half a million of them");

static void *
touched_array(const size_t count, const size_t size)
{
  void *const memory = malloc(count * size);
  if (memory) {
    memset(memory, 0xFF, count * size); // Every page is there before the audio thread needs it
  }
  return memory;
}

struct take *
take_new(const uint32_t bars, const uint32_t notes)
{
  assert(bars >= 1 && bars <= 1U << 24 && notes >= 1);
  uint32_t table_size = 16;
  while (table_size < 2 * bars) {
    table_size *= 2;
  }

  struct take *const take = calloc(1, sizeof(*take));
  if (!take) {
    return NULL;
  }
  take->bar_capacity = bars;
  take->note_capacity = notes;
  take->table_mask = table_size - 1;
  take->bars = touched_array(bars, sizeof(*take->bars));
  take->ages = touched_array(bars, sizeof(*take->ages));
  take->table = touched_array(table_size, sizeof(*take->table));
  take->notes = touched_array(notes, sizeof(*take->notes));
  take->touched = touched_array(bars, sizeof(*take->touched));
  take->is_touched = touched_array(bars, sizeof(*take->is_touched));
  if (!take->bars || !take->ages || !take->table || !take->notes || !take->touched || !take->is_touched) {
    take_free(take);
    return NULL;
  }
  take_clear(take);
  return take;
}

void
take_free(struct take *const take)
{
  if (take) {
    free(take->is_touched);
    free(take->touched);
    free(take->notes);
    free(take->table);
    free(take->ages);
    free(take->bars);
    free(take);
  }
}

void
take_clear(struct take *const take) REALTIME
{
  memset(take->table, 0xFF, (take->table_mask + 1) * sizeof(*take->table));
  take->bar_count = take->bars_used = 0;
  take->note_count = take->notes_used = 0;
  take->free_slot = take->free_note = TAKE_NONE;
  take->oldest = take->newest = TAKE_NONE;
  take->writer.bar = TAKE_NONE;
  view_init(&take->view);
  take->history_count = 0;
  take->collect = TAKE_NONE;
  take_watch(take, false);
}

// Watching

void
take_watch(struct take *const take, const bool is_watched) REALTIME
{
  take->is_watched = is_watched;
  take->touched_count = 0;
  memset(take->is_touched, 0, take->bar_capacity);
}

void
take_touch_slot(struct take *const take, const uint32_t slot) REALTIME
{
  if (take->is_watched && !take->is_touched[slot]) {
    take->is_touched[slot] = 1;
    take->touched[take->touched_count++] = slot;
  }
}

void
take_touch(struct take *const take, const struct take_bar *const bar) REALTIME
{
  take_touch_slot(take, (uint32_t)(bar - take->bars));
}

// The table

static uint32_t
home_of(const struct take *const take, const uint32_t number, const uint32_t version) REALTIME
{
  return (uint32_t)random_mix((uint64_t)version << 32 | number) & take->table_mask;
}

uint32_t
take_find(const struct take *const take, const uint32_t number, const uint32_t version) REALTIME
{
  uint32_t i = home_of(take, number, version);
  while (take->table[i] != TAKE_NONE &&
         (take->bars[take->table[i]].number != number || take->bars[take->table[i]].version != version)) {
    i = (i + 1) & take->table_mask;
  }
  return i;
}

// The same for the present version.
static uint32_t
table_find(const struct take *const take, const uint32_t number) REALTIME
{
  return take_find(take, number, view_at(&take->view, number)->version);
}

// Empty place `hole`, moving those that come after it and would not be found any more.
static void
table_remove(struct take *const take, uint32_t hole) REALTIME
{
  for (uint32_t i = (hole + 1) & take->table_mask; take->table[i] != TAKE_NONE; i = (i + 1) & take->table_mask) {
    const struct take_bar *const bar = &take->bars[take->table[i]];
    const uint32_t home = home_of(take, bar->number, bar->version);
    if (((i - home) & take->table_mask) >= ((i - hole) & take->table_mask)) {
      take->table[hole] = take->table[i];
      hole = i;
    }
  }
  take->table[hole] = TAKE_NONE;
}

// The list of ages

static void
age_append(struct take *const take, const uint32_t slot) REALTIME
{
  take->ages[slot] = (struct age){.older = take->newest, .newer = TAKE_NONE};
  if (take->newest == TAKE_NONE) {
    take->oldest = slot;
  } else {
    take->ages[take->newest].newer = slot;
  }
  take->newest = slot;
  take->bars[slot].age = ++take->age;
  take_touch_slot(take, slot);
}

static void
age_remove(struct take *const take, const uint32_t slot) REALTIME
{
  const struct age age = take->ages[slot];
  if (age.older == TAKE_NONE) {
    take->oldest = age.newer;
  } else {
    take->ages[age.older].newer = age.newer;
  }
  if (age.newer == TAKE_NONE) {
    take->newest = age.older;
  } else {
    take->ages[age.newer].older = age.older;
  }
}

// Bars

struct take_bar *
take_bar(struct take *const take, const uint32_t number) REALTIME
{
  const uint32_t slot = take->table[table_find(take, number)];
  return slot == TAKE_NONE ? NULL : &take->bars[slot];
}

static uint32_t
slot_take(struct take *const take) REALTIME
{
  if (take->free_slot != TAKE_NONE) {
    const uint32_t slot = take->free_slot;
    take->free_slot = take->ages[slot].newer;
    return slot;
  }
  return take->bars_used < take->bar_capacity ? take->bars_used++ : TAKE_NONE;
}

struct take_bar *
take_open_bar(struct take *const take, const uint32_t number, const struct metre metre) REALTIME
{
  const uint32_t i = table_find(take, number);
  if (take->table[i] != TAKE_NONE) {
    return &take->bars[take->table[i]];
  }
  const uint32_t slot = slot_take(take);
  if (slot == TAKE_NONE) {
    return NULL;
  }
  take->table[i] = slot;
  ++take->bar_count;
  take->bars[slot] = (struct take_bar){
      .number = number,
      .version = view_at(&take->view, number)->version,
      .metre = metre,
      .section = number,
      .accepted = view_at(&take->view, number)->accepted,
      .first = TAKE_NONE,
      .last = TAKE_NONE,
  };
  age_append(take, slot);
  return &take->bars[slot];
}

// Give the `count` notes from `first` to `last` back to the pool.
static void
notes_free(struct take *const take, const uint32_t first, const uint32_t last, const uint32_t count) REALTIME
{
  if (count) {
    take->notes[last].next = take->free_note;
    take->free_note = first;
    take->note_count -= count;
  }
  take->writer.bar = TAKE_NONE;
}

// Forget the bar at `i` of the table.
static void
remove_at(struct take *const take, const uint32_t i) REALTIME
{
  const uint32_t slot = take->table[i];
  const struct take_bar *const bar = &take->bars[slot];
  ++take->changes;
  notes_free(take, bar->first, bar->last, bar->count);
  table_remove(take, i);
  age_remove(take, slot);
  take_touch_slot(take, slot);
  take->ages[slot].newer = take->free_slot;
  take->free_slot = slot;
  --take->bar_count;
}

void
take_remove_bar(struct take *const take, const uint32_t number) REALTIME
{
  const uint32_t i = table_find(take, number);
  if (take->table[i] != TAKE_NONE) {
    remove_at(take, i);
  }
}

void
take_remove(struct take *const take, const struct take_bar *const bar) REALTIME
{
  remove_at(take, take_find(take, bar->number, bar->version));
}

void
take_cut_bar(struct take *const take, const uint32_t number, const uint32_t tick) REALTIME
{
  struct take_bar *const bar = take_bar(take, number);
  if (!bar) {
    return;
  }
  ++take->changes;
  uint32_t kept = 0;
  uint32_t kept_last = TAKE_NONE;
  uint32_t note = bar->first;
  while (note != TAKE_NONE && take->notes[note].tick < tick) {
    kept_last = note;
    note = take->notes[note].next;
    ++kept;
  }
  notes_free(take, note, bar->last, bar->count - kept);
  bar->count = kept;
  bar->last = kept_last;
  if (kept_last == TAKE_NONE) {
    bar->first = TAKE_NONE;
  } else {
    take->notes[kept_last].next = TAKE_NONE;
  }
  bar->complete = false;
  bar->ends = false;
  take_touch(take, bar);
}

void
take_cut_composed(struct take *const take, const uint32_t number, const uint32_t tick) REALTIME
{
  struct take_bar *const bar = take_bar(take, number);
  if (!bar) {
    return;
  }
  ++take->changes;
  uint32_t kept = TAKE_NONE;
  for (uint32_t i = bar->first; i != TAKE_NONE;) {
    const uint32_t next = take->notes[i].next;
    if (take->notes[i].tick < tick || take->notes[i].origin == TAKE_PLAYED) {
      const bool is_first = kept == TAKE_NONE || take->notes[kept].tick != take->notes[i].tick;
      take->notes[i].joined = take->notes[i].joined && !is_first;
      kept = i;
    } else {
      *(kept == TAKE_NONE ? &bar->first : &take->notes[kept].next) = next;
      --bar->count;
      notes_free(take, i, i, 1);
    }
    i = next;
  }
  bar->last = kept;
  bar->complete = false;
  bar->ends = false;
}

struct take_note *
take_note(struct take *const take, const uint32_t index) REALTIME
{
  assert(index < take->notes_used);
  return &take->notes[index];
}

// Room, age and counts

bool
take_has_room(const struct take *const take, const uint32_t bars, const uint32_t notes) REALTIME
{
  return take->bar_capacity - take->bar_count >= bars && take->note_capacity - take->note_count >= notes;
}

struct take_bar *
take_oldest_bar(struct take *const take) REALTIME
{
  return take->oldest == TAKE_NONE ? NULL : &take->bars[take->oldest];
}

void
take_refresh_bar(struct take *const take, const uint32_t number) REALTIME
{
  const uint32_t slot = take->table[table_find(take, number)];
  if (slot != TAKE_NONE) {
    age_remove(take, slot);
    age_append(take, slot);
  }
}

struct take_bar *
take_slot(struct take *const take, const uint32_t slot) REALTIME
{
  // A free slot still carries its last bar's number, but the table does not lead back to it
  if (slot >= take->bars_used) {
    return NULL;
  }
  const struct take_bar *const bar = &take->bars[slot];
  return take->table[take_find(take, bar->number, bar->version)] == slot ? &take->bars[slot] : NULL;
}

uint32_t
take_slot_count(const struct take *const take) REALTIME
{
  return take->bar_capacity;
}

uint32_t
take_changes(const struct take *const take) REALTIME
{
  return take->changes;
}

void
take_succeed(struct take *const take, const struct take *const before) REALTIME
{
  take->changes = before->changes + 1;
}

uint32_t
take_bar_count(const struct take *const take) REALTIME
{
  return take->bar_count;
}

uint32_t
take_note_count(const struct take *const take) REALTIME
{
  return take->note_count;
}
