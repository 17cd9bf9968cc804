// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// While an image is made, its bars stand by their slots in the take, so that one that has changed is found at once; the notes
// of its former copy are wasted until take_image_finish(), which puts all in order.

#include "take_image.h"

#include "take_private.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { SPARE_NOTES = 4096 }; // For bars that change while they are copied

static enum status
no_memory(struct error *const error)
{
  return error_set(error, STATUS_NO_MEMORY, "There is not enough memory to keep the take");
}

enum status
take_image_new(struct take_image *const image, const uint32_t bars, const uint32_t notes, struct error *const error)
{
  *image = (struct take_image){.bar_room = bars, .note_room = notes + notes / 4 + SPARE_NOTES};
  image->bars = malloc(image->bar_room * sizeof(*image->bars));
  image->notes = malloc(image->note_room * sizeof(*image->notes));
  image->sets = malloc(LATCHES * sizeof(*image->sets));
  if (!image->bars || !image->notes || !image->sets) {
    take_image_free(image);
    return no_memory(error);
  }
  memset(image->bars, 0, image->bar_room * sizeof(*image->bars)); // Every page is there before it is needed
  memset(image->notes, 0, image->note_room * sizeof(*image->notes));
  memset(image->sets, 0, LATCHES * sizeof(*image->sets));
  return STATUS_SUCCESS;
}

void
take_image_free(struct take_image *const image)
{
  free(image->bars);
  free(image->notes);
  free(image->sets);
  *image = (struct take_image){.bar_count = 0};
}

// Copying

void
take_image_begin(struct take_image *const image, struct take *const take) REALTIME
{
  assert(image->bar_room >= take->bar_capacity);
  image->bar_count = 0;
  image->note_count = 0;
  image->set_count = 0;
  image->progress = IMAGE_BARS;
  image->next = 0;
  take_watch(take, true);
}

// Copy what is in `slot` now; return about how many entries that were, or 0 if there was no room.
static uint32_t
copy_slot(struct take_image *const image, struct take *const take, const uint32_t slot) REALTIME
{
  struct take_bar *const copy = &image->bars[slot];
  const struct take_bar *const bar = take_slot(take, slot);
  *copy = bar ? *bar : (struct take_bar){.number = TAKE_NONE};
  if (!bar) {
    return 1;
  }
  if (bar->count > image->note_room - image->note_count) {
    return 0;
  }
  copy->first = image->note_count;
  for (uint32_t i = bar->first; i != TAKE_NONE; i = take->notes[i].next) {
    image->notes[image->note_count++] = take->notes[i];
  }
  return 1 + bar->count;
}

// The first round: all slots.
static bool
copy_bars(struct take_image *const image, struct take *const take, uint32_t *const left) REALTIME
{
  while (*left > 0 && image->next < take->bars_used) {
    const uint32_t spent = copy_slot(image, take, image->next++);
    if (spent == 0) {
      return false;
    }
    *left -= spent < *left ? spent : *left;
  }
  if (image->next >= take->bars_used) {
    image->progress = IMAGE_SETS;
    image->next = 0;
  }
  return true;
}

// What has changed since.
static bool
copy_touched(struct take_image *const image, struct take *const take, uint32_t *const left) REALTIME
{
  while (*left > 0 && take->touched_count > 0) {
    const uint32_t slot = take->touched[--take->touched_count];
    take->is_touched[slot] = 0;
    const uint32_t spent = copy_slot(image, take, slot);
    if (spent == 0) {
      return false;
    }
    *left -= spent < *left ? spent : *left;
  }
  return true;
}

static void
copy_sets(struct take_image *const image, const struct latches *const latches, uint32_t *const left) REALTIME
{
  const uint32_t count = latches_count(latches);
  for (; *left > 0 && image->set_count < count; --*left, ++image->set_count) {
    image->sets[image->set_count] = *latches_get(latches, (uint16_t)image->set_count);
  }
}

// All is copied: what is small follows, and the take is no longer watched.
static void
copy_rest(struct take_image *const image, struct take *const take) REALTIME
{
  image->bar_count = take->bars_used;
  image->view = take->view;
  image->history_count = take->history_count;
  memcpy(image->history, take->history, sizeof(image->history));
  image->versions = take->versions;
  image->acceptances = take->acceptances;
  image->progress = IMAGE_COMPLETE;
  take_watch(take, false);
}

enum image_progress
take_image_fill(struct take_image *const image,
                struct take *const take,
                const struct latches *const latches,
                const uint32_t entries) REALTIME
{
  uint32_t left = entries;
  bool has_room = true;
  if (image->progress == IMAGE_BARS) {
    has_room = copy_bars(image, take, &left);
  }
  if (has_room && image->progress == IMAGE_SETS) {
    copy_sets(image, latches, &left);
    has_room = copy_touched(image, take, &left);
    if (has_room && take->touched_count == 0 && image->set_count == latches_count(latches)) {
      // Slots that were never used before are among those that have changed
      copy_rest(image, take);
    }
  }
  if (!has_room) {
    image->progress = IMAGE_NO_ROOM;
    take_watch(take, false);
  }
  return image->progress;
}

// Putting in order

static bool
is_shown(const struct take_image *const image, const struct take_bar *const bar)
{
  bool shown = view_at(&image->view, bar->number)->version == bar->version;
  for (uint32_t i = 0; i < image->history_count && !shown; ++i) {
    shown = view_at(&image->history[i], bar->number)->version == bar->version;
  }
  return shown;
}

static int
compare_ages(const void *const a, const void *const b)
{
  const uint64_t first = ((const struct take_bar *)a)->age;
  const uint64_t second = ((const struct take_bar *)b)->age;
  return first < second ? -1 : first > second;
}

// Number the sets that notes have anew, by their first note.
static enum status
renumber_sets(struct take_image *const image, struct error *const error)
{
  uint16_t *const numbers = calloc(LATCHES, sizeof(*numbers)); // And one, so that 0 is none
  struct controls *const sets = malloc(LATCHES * sizeof(*sets));
  if (!numbers || !sets) {
    free(sets);
    free(numbers);
    return no_memory(error);
  }
  uint32_t count = 0;
  for (uint32_t i = 0; i < image->note_count; ++i) {
    uint16_t *const number = &numbers[image->notes[i].latched];
    if (*number == 0 && count + 1 < LATCHES) {
      sets[count] = image->sets[image->notes[i].latched];
      *number = (uint16_t)(++count);
    }
    image->notes[i].latched = (uint16_t)(*number ? *number - 1 : 0);
  }
  free(image->sets);
  free(numbers);
  image->sets = sets;
  image->set_count = count;
  return STATUS_SUCCESS;
}

// Leave out of a bar what nobody has heard. Return whether anything is left.
static bool
keep_heard(const struct take_image *const image, struct take_bar *const bar)
{
  const bool is_present = view_at(&image->view, bar->number)->version == bar->version;
  if (!is_present || bar->number < image->unheard_from.bar || bar->number >= image->unheard_end) {
    return true;
  }
  const uint32_t tick = bar->number == image->unheard_from.bar ? image->unheard_from.tick : 0;
  uint32_t kept = 0;
  while (kept < bar->count && image->notes[bar->first + kept].tick < tick) {
    ++kept;
  }
  bar->count = kept;
  bar->complete = bar->ends = false;
  return kept > 0;
}

enum status
take_image_finish(struct take_image *const image, struct error *const error)
{
  assert(image->progress == IMAGE_COMPLETE);
  uint32_t count = 0;
  for (uint32_t i = 0; i < image->bar_count; ++i) {
    struct take_bar bar = image->bars[i];
    if (bar.number != TAKE_NONE && is_shown(image, &bar) && keep_heard(image, &bar)) {
      image->bars[count++] = bar;
    }
  }
  image->bar_count = count;
  if (count > 0) {
    qsort(image->bars, count, sizeof(*image->bars), compare_ages);
  }

  struct take_note *const notes = malloc((image->note_count + (size_t)1) * sizeof(*notes));
  if (!notes) {
    return no_memory(error);
  }
  uint32_t used = 0;
  for (uint32_t i = 0; i < count; ++i) {
    struct take_bar *const bar = &image->bars[i];
    memcpy(&notes[used], &image->notes[bar->first], bar->count * sizeof(*notes));
    bar->first = used;
    used += bar->count;
  }
  free(image->notes);
  image->notes = notes;
  image->note_count = used;
  image->note_room = used;
  return renumber_sets(image, error);
}

bool
take_image_is_empty(const struct take_image *const image)
{
  for (uint32_t i = 0; i < image->bar_count; ++i) {
    if (view_at(&image->view, image->bars[i].number)->version == image->bars[i].version) {
      return false;
    }
  }
  return true;
}

// Coming back

// Write the notes of `bar` into `take` at slot `slot`.
static void
restore_bar(const struct take_image *const image, struct take *const take, const struct take_bar *const bar)
{
  const uint32_t slot = take->bars_used++;
  struct take_bar *const restored = &take->bars[slot];
  *restored = *bar;
  restored->first = restored->last = TAKE_NONE;
  for (uint32_t i = 0; i < bar->count; ++i) {
    const uint32_t index = take->notes_used++;
    take->notes[index] = image->notes[bar->first + i];
    take->notes[index].next = TAKE_NONE;
    *(restored->last == TAKE_NONE ? &restored->first : &take->notes[restored->last].next) = index;
    restored->last = index;
  }
  take->table[take_find(take, bar->number, bar->version)] = slot;
  take->ages[slot] = (struct age){.older = take->newest, .newer = TAKE_NONE};
  *(take->newest == TAKE_NONE ? &take->oldest : &take->ages[take->newest].newer) = slot;
  take->newest = slot;
  restored->age = ++take->age;
  ++take->bar_count;
  take->note_count += bar->count;
}

// Give the notes of `take` the numbers that their controls have in `latches`.
static enum status
restore_latches(const struct take_image *const image,
                struct take *const take,
                struct latches *const latches,
                struct error *const error)
{
  uint16_t *const numbers = calloc(image->set_count + (size_t)1, sizeof(*numbers));
  if (!numbers) {
    return no_memory(error);
  }
  for (uint32_t i = 0; i < image->set_count; ++i) {
    numbers[i] = latches_number(latches, &image->sets[i]);
  }
  for (uint32_t i = 0; i < take->notes_used; ++i) {
    take->notes[i].latched = numbers[take->notes[i].latched];
  }
  free(numbers);
  return STATUS_SUCCESS;
}

enum status
take_image_restore(const struct take_image *const image,
                   const uint32_t bars,
                   const uint32_t notes,
                   struct take **const take,
                   struct latches **const latches,
                   struct error *const error)
{
  *take = NULL;
  if (latches) {
    *latches = NULL;
  }
  if (image->bar_count > bars || image->note_count > notes) {
    return error_set(error, STATUS_TOO_LARGE, "The take has more bars or notes than there is room for");
  }
  struct take *const made = take_new(bars, notes);
  struct latches *const made_latches = made && latches ? latches_new() : NULL;
  if (!made || (latches && !made_latches)) {
    take_free(made);
    return no_memory(error);
  }
  made->view = image->view;
  made->history_count = image->history_count;
  memcpy(made->history, image->history, sizeof(made->history));
  made->versions = image->versions;
  made->acceptances = image->acceptances;
  for (uint32_t i = 0; i < image->bar_count; ++i) {
    restore_bar(image, made, &image->bars[i]);
  }
  const enum status status = latches ? restore_latches(image, made, made_latches, error) : STATUS_SUCCESS;
  if (status) {
    latches_free(made_latches);
    take_free(made);
    return status;
  }
  *take = made;
  if (latches) {
    *latches = made_latches;
  }
  return STATUS_SUCCESS;
}
