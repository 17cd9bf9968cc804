// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The bars that the windows have. Those around the playhead are gone over first, then those in sight, then all that were ever
// told; so many per block, and the next block goes on. A hash of the notes that were told says whether they are still the
// same: if so, only those behind them are told; if not, all.

#include "window_link.h"

#include "engine/random.h"

#include <stddef.h>

enum {
  VISITS = 24,        ///< Bars gone over in one block
  VISITED_NOTES = 256 ///< Notes that are gone over before no other bar is begun
};

/// A bar that is gone over.
struct visit {
  struct composer *composer;
  struct take *take;
  struct told_bar *told;
  const struct take_bar *bar; ///< NULL: it is not there
  uint8_t flags;
  uint32_t walked; ///< Notes gone over
};

static uint8_t
flags_of(const struct composer *const composer, const struct take_bar *const bar) REALTIME
{
  if (!bar) {
    return 0;
  }
  unsigned flags = BAR_IS_THERE;
  flags |= bar->complete ? BAR_IS_COMPLETE : 0U;
  flags |= bar->ends ? BAR_IS_END : 0U;
  flags |= composer_is_locked(composer, bar->number) ? BAR_IS_LOCKED : 0U;
  flags |= composer_is_stale(composer, bar) ? BAR_IS_STALE : 0U;
  return (uint8_t)flags;
}

/// The first note from `index` on that is heard, or TAKE_NONE.
static uint32_t
heard_from(struct visit *const visit, uint32_t index) REALTIME
{
  while (index != TAKE_NONE) {
    const struct take_note *const note = take_note(visit->take, index);
    ++visit->walked;
    if (!note->rest && note->sounding > 0) {
      return index;
    }
    index = note->next;
  }
  return TAKE_NONE;
}

static int32_t
word_of(const struct take_note *const note) REALTIME
{
  const uint32_t hand = note->event.hand == HAND_LEFT;
  const uint32_t played = note->origin != TAKE_COMPOSED;
  const uint32_t tick = note->tick & ((1U << NOTE_TICK_BITS) - 1);
  return (int32_t)(tick | (uint32_t)note->event.pitch << NOTE_PITCH_SHIFT |
                   (uint32_t)note->event.velocity << NOTE_VELOCITY_SHIFT | hand << NOTE_HAND_SHIFT |
                   played << NOTE_PLAYED_SHIFT);
}

static uint64_t
hash_on(const uint64_t hash, const struct take_note *const note) REALTIME
{
  return random_mix(hash ^ ((uint64_t)note->sounding << 32 | (uint32_t)word_of(note)));
}

/// Write `note` as integers; return how many.
static uint32_t
write_note(const struct visit *const visit, const struct take_note *const note, int32_t ints[NOTE_SIZE_MOST]) REALTIME
{
  const struct recollection *const recollection = composer_recollection(visit->composer, visit->bar->number, note);
  const uint32_t quotation = recollection ? recollection->quotation : (uint32_t)WINDOW_UNKNOWN;
  const uint32_t sounding = note->sounding < UINT16_MAX ? note->sounding : UINT16_MAX;
  const uint32_t count = !recollection                          ? 0
                         : recollection->count < WINDOW_GLANCES ? recollection->count
                                                                : (uint32_t)WINDOW_GLANCES;
  ints[0] = (int32_t)((uint32_t)word_of(note) | count << NOTE_PLACES_SHIFT);
  ints[1] = (int32_t)(sounding | quotation << NOTE_QUOTATION_SHIFT);
  for (uint32_t i = 0; i < count; ++i) {
    const struct glance *const glance = &recollection->glances[i];
    ints[NOTE_SIZE + NOTE_PLACE_SIZE * i] = (int32_t)glance->bar;
    ints[NOTE_SIZE + NOTE_PLACE_SIZE * i + 1] = (int32_t)(glance->tick | (uint32_t)glance->pitch << NOTE_PITCH_SHIFT |
                                                          (uint32_t)glance->share << NOTE_SHARE_SHIFT);
  }
  return NOTE_SIZE + NOTE_PLACE_SIZE * count;
}

static void
write_head(const struct visit *const visit, int32_t ints[BAR_NOTES]) REALTIME
{
  const struct take_bar *const bar = visit->bar;
  ints[BAR_NUMBER] = (int32_t)visit->told->number;
  ints[BAR_FLAGS] = visit->flags;
  ints[BAR_METRE] = bar ? bar->metre.numerator | bar->metre.denominator << 8 : 4 | 4 << 8;
  ints[BAR_SECTION] = bar ? (int32_t)bar->section : 0;
  ints[BAR_FIRST] = (int32_t)visit->told->count;
  ints[BAR_COUNT] = 0;
}

/// Whether something beside the notes is not as it was told.
static bool
has_changed(const struct visit *const visit) REALTIME
{
  const struct told_bar *const told = visit->told;
  const struct take_bar *const bar = visit->bar;
  return !told->is_true || told->flags != visit->flags ||
         (bar &&
          (told->metre != (bar->metre.numerator | bar->metre.denominator << 8) || told->section != bar->section));
}

/// Go over the notes that were told. Return the first that was not; they are all forgotten if they are not what they were.
static uint32_t
recall_told(struct visit *const visit) REALTIME
{
  struct told_bar *const told = visit->told;
  uint32_t index = visit->bar ? heard_from(visit, visit->bar->first) : TAKE_NONE;
  const uint32_t first = index;
  uint64_t hash = 0;
  uint32_t count = 0;
  for (; count < told->count && index != TAKE_NONE; ++count) {
    const struct take_note *const note = take_note(visit->take, index);
    hash = hash_on(hash, note);
    index = heard_from(visit, note->next);
  }
  if (told->is_true && count == told->count && hash == told->hash) {
    return index;
  }
  told->is_true = false;
  told->count = 0;
  told->hash = 0;
  return first;
}

/// Tell of the bar, beginning with note `*index`, as much as one message holds. `*index` is the next note then. False if there
/// is no room.
static bool
tell_part(struct window_link *const link, LV2_Atom_Forge *const forge, struct visit *const visit, uint32_t *const index)
    REALTIME
{
  struct told_bar *const told = visit->told;
  int32_t ints[WINDOW_INTS];
  uint32_t size = BAR_NOTES;
  if (!window_link_has_room(link, forge, BAR_NOTES + NOTE_SIZE_MOST)) {
    return false;
  }
  write_head(visit, ints);
  while (*index != TAKE_NONE && told->count < WINDOW_BAR_NOTES && size + NOTE_SIZE_MOST <= WINDOW_INTS &&
         window_link_has_room(link, forge, size + NOTE_SIZE_MOST)) {
    const struct take_note *const note = take_note(visit->take, *index);
    size += write_note(visit, note, ints + size);
    told->hash = hash_on(told->hash, note);
    ++told->count;
    ++ints[BAR_COUNT];
    *index = heard_from(visit, note->next);
  }
  told->is_true = true;
  told->flags = visit->flags;
  told->metre = (uint16_t)ints[BAR_METRE];
  told->section = (uint32_t)ints[BAR_SECTION];
  window_link_send(link, forge, link->uris.bar, ints, size);
  return true;
}

/// Tell what is to be told of a bar. False if there is no room for all of it.
static bool
tell_bar(struct window_link *const link, LV2_Atom_Forge *const forge, struct visit *const visit) REALTIME
{
  if (!visit->bar && (visit->told->flags & BAR_IS_THERE) == 0) {
    return true; // And the windows have nothing there
  }
  uint32_t index = recall_told(visit);
  bool is_due = has_changed(visit);
  while (is_due || (index != TAKE_NONE && visit->told->count < WINDOW_BAR_NOTES)) {
    if (!tell_part(link, forge, visit, &index)) {
      return false;
    }
    is_due = false;
  }
  return true;
}

/// Whether bar `number` is among the `count` from `first` on.
static bool
is_in(const uint32_t number, const uint32_t first, const uint32_t count) REALTIME
{
  return number >= first && number - first < count;
}

/// The bars that are told wherever windows look.
static uint32_t
first_around(const uint32_t playhead) REALTIME
{
  return playhead < WINDOW_BARS_BEFORE ? 0 : playhead - WINDOW_BARS_BEFORE;
}

static bool
is_wanted(const struct window_link *const link, const uint32_t number, const uint32_t playhead) REALTIME
{
  bool wanted = is_in(number, first_around(playhead), WINDOW_BARS_BEFORE + WINDOW_BARS_AFTER);
  for (uint32_t i = 0; i < WINDOW_LOOKERS && !wanted; ++i) {
    const struct window_looker *const looker = &link->lookers[i];
    wanted = looker->is_there && is_in(number, looker->first, looker->count);
  }
  return wanted;
}

/// The slot of bar `number`, taken from the bar that was there unless that one is wanted; then NULL.
static struct told_bar *
slot_of(struct window_link *const link, const uint32_t number, const uint32_t playhead) REALTIME
{
  struct told_bar *const told = &link->told[number % WINDOW_BARS];
  if (!told->is_used || told->number != number) {
    if (told->is_used && is_wanted(link, told->number, playhead)) {
      return NULL;
    }
    told->is_used = true;
    told->is_true = false;
    told->number = number;
    told->count = 0;
    told->hash = 0;
  }
  return told;
}

/// The slot to visit at place `at` of the round, or NULL if there is none.
static struct told_bar *
slot_at(struct window_link *const link, uint32_t at, const uint32_t playhead) REALTIME
{
  if (at < WINDOW_BARS_BEFORE + WINDOW_BARS_AFTER) {
    return slot_of(link, first_around(playhead) + at, playhead);
  }
  at -= WINDOW_BARS_BEFORE + WINDOW_BARS_AFTER;
  for (uint32_t i = 0; i < WINDOW_LOOKERS; ++i) {
    const struct window_looker *const looker = &link->lookers[i];
    const uint32_t count = looker->is_there ? looker->count : 0;
    if (at < count) {
      return slot_of(link, looker->first + at, playhead);
    }
    at -= count;
  }
  return at < WINDOW_BARS && link->told[at].is_used ? &link->told[at] : NULL;
}

/// The places of a round.
static uint32_t
round_length(const struct window_link *const link) REALTIME
{
  uint32_t length = WINDOW_BARS_BEFORE + WINDOW_BARS_AFTER + WINDOW_BARS;
  for (uint32_t i = 0; i < WINDOW_LOOKERS; ++i) {
    length += link->lookers[i].is_there ? link->lookers[i].count : 0;
  }
  return length;
}

void
window_bars_tell(struct window_link *const link,
                 LV2_Atom_Forge *const forge,
                 struct composer *const composer,
                 const uint32_t playhead) REALTIME
{
  struct take *const take = composer_take(composer);
  const uint32_t length = round_length(link);
  uint32_t walked = 0;
  for (uint32_t i = 0; i < VISITS && walked < VISITED_NOTES; ++i) {
    link->cursor = link->cursor < length ? link->cursor : 0;
    struct told_bar *const told = slot_at(link, link->cursor, playhead);
    if (told) {
      struct take_bar *const bar = take_bar(take, told->number);
      struct visit visit = {
          .composer = composer,
          .take = take,
          .told = told,
          .bar = bar,
          .flags = flags_of(composer, bar),
      };
      if (!tell_bar(link, forge, &visit)) {
        return; // To go on here
      }
      walked += visit.walked;
    }
    ++link->cursor;
  }
}
