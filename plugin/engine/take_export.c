// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "take_export.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TICK_RATIO = EXPORT_DIVISION / TICKS_PER_QUARTER, LONGEST_TEMPO = 0xFFFFFF };

static enum status
no_memory(struct error *const error)
{
  return error_set(error, STATUS_NO_MEMORY, "There is not enough memory to export the music");
}

// The bars of a range, one after the other

struct bar_walk {
  struct take *take;
  uint32_t number;
  uint32_t end;
  uint32_t tick;        // Where the bar begins
  struct metre metre;   // Of the bar, or of the one before
  struct take_bar *bar; // NULL if the take does not have it
};

static struct bar_walk
bar_walk_begin(struct take *const take, const uint32_t first, const uint32_t bars)
{
  struct take_bar *const bar = bars > 0 ? take_bar(take, first) : NULL;
  return (struct bar_walk){
      .take = take,
      .number = first,
      .end = first + bars,
      .metre = bar ? bar->metre : (struct metre){4, 4},
      .bar = bar,
  };
}

static void
bar_walk_next(struct bar_walk *const walk)
{
  walk->tick += metre_bar_ticks(walk->metre);
  ++walk->number;
  walk->bar = walk->number < walk->end ? take_bar(walk->take, walk->number) : NULL;
  if (walk->bar) {
    walk->metre = walk->bar->metre;
  }
}

static size_t
count_notes(struct take *const take, const uint32_t first, const uint32_t bars)
{
  size_t count = 0;
  for (uint32_t number = first; number < first + bars; ++number) {
    const struct take_bar *const bar = take_bar(take, number);
    count += bar ? bar->count : 0;
  }
  return count;
}

static void
gather_notes(struct take_export *const exported, const struct bar_walk *const walk)
{
  for (uint32_t i = walk->bar ? walk->bar->first : TAKE_NONE; i != TAKE_NONE;) {
    const struct take_note *const note = take_note(walk->take, i);
    if (note->sounding > 0) {
      exported->notes[exported->note_count++] = (struct export_note){
          .onset = walk->tick + note->tick,
          .duration = note->sounding,
          .hand = note->event.hand,
          .pitch = note->event.pitch,
          .velocity = note->event.velocity,
      };
    }
    i = note->next;
  }
}

static void
gather_metre(struct take_export *const exported, const struct bar_walk *const walk)
{
  const size_t count = exported->metre_count;
  if (count == 0 || !metre_equals(exported->metres[count - 1].metre, walk->metre)) {
    exported->metres[exported->metre_count++] = (struct export_metre){.tick = walk->tick, .metre = walk->metre};
  }
}

enum status
take_export_bars(struct take *const take,
                 const uint32_t first,
                 const uint32_t bars,
                 struct take_export *const exported,
                 struct error *const error)
{
  *exported = (struct take_export){0};
  if (bars > TAKE_BARS || first > UINT32_MAX - bars) {
    return error_set(error, STATUS_TOO_LARGE, "At most %d bars can be exported at once", (int)TAKE_BARS);
  }
  exported->notes = calloc(count_notes(take, first, bars) + 1, sizeof(*exported->notes));
  exported->metres = calloc((size_t)bars + 1, sizeof(*exported->metres));
  if (!exported->notes || !exported->metres) {
    take_export_free(exported);
    return no_memory(error);
  }

  struct bar_walk walk = bar_walk_begin(take, first, bars);
  gather_metre(exported, &walk);
  for (; walk.number < walk.end; bar_walk_next(&walk)) {
    gather_metre(exported, &walk);
    gather_notes(exported, &walk);
  }
  for (size_t i = 0; i < exported->note_count; ++i) {
    struct export_note *const note = &exported->notes[i];
    const uint32_t left = walk.tick - note->onset;
    note->duration = note->duration < left ? note->duration : left;
  }
  return STATUS_SUCCESS;
}

void
take_export_free(struct take_export *const exported)
{
  free(exported->notes);
  free(exported->metres);
  *exported = (struct take_export){0};
}

static int
compare_notes(const void *const left, const void *const right)
{
  const struct midi_note *const a = left;
  const struct midi_note *const b = right;
  if (a->onset != b->onset) {
    return a->onset < b->onset ? -1 : 1;
  }
  if (a->pitch != b->pitch) {
    return a->pitch < b->pitch ? -1 : 1;
  }
  return (int)a->track - (int)b->track;
}

static void
fill_notes(const struct take_export *const exported, struct midi_file *const file)
{
  for (size_t i = 0; i < exported->note_count; ++i) {
    const struct export_note *const note = &exported->notes[i];
    file->notes[file->note_count++] = (struct midi_note){
        .onset = note->onset * TICK_RATIO,
        .duration = note->duration * TICK_RATIO,
        .track = note->hand == HAND_LEFT ? EXPORT_TRACK_LEFT : EXPORT_TRACK_RIGHT,
        .channel = note->channel,
        .pitch = note->pitch,
        .velocity = note->velocity,
    };
  }
  qsort(file->notes, file->note_count, sizeof(*file->notes), compare_notes);
}

static void
fill_metres(const struct take_export *const exported, struct midi_file *const file)
{
  for (size_t i = 0; i < exported->metre_count; ++i) {
    const struct export_metre *const metre = &exported->metres[i];
    file->metres[file->metre_count++] = (struct midi_metre){
        .tick = metre->tick * TICK_RATIO,
        .numerator = metre->metre.numerator,
        .denominator = metre->metre.denominator,
    };
  }
}

static struct midi_tempo
tempo_of(const double bpm)
{
  const double microseconds = bpm > 0.0 ? 60e6 / bpm : LONGEST_TEMPO;
  const double bounded = fmin(fmax(microseconds, 1.0), LONGEST_TEMPO);
  return (struct midi_tempo){.microseconds = (uint32_t)lround(bounded)};
}

enum status
take_export_file(const struct take_export *const exported,
                 const char *const title,
                 const double bpm,
                 struct midi_file *const file,
                 struct error *const error)
{
  *file = (struct midi_file){.format = 1, .division = EXPORT_DIVISION, .tracks = 2};
  file->notes = calloc(exported->note_count + 1, sizeof(*file->notes));
  file->metres = calloc(exported->metre_count + 1, sizeof(*file->metres));
  file->tempos = calloc(1, sizeof(*file->tempos));
  file->title = title ? strdup(title) : NULL;
  if (!file->notes || !file->metres || !file->tempos || (title && !file->title)) {
    midi_file_free(file);
    return no_memory(error);
  }
  fill_notes(exported, file);
  fill_metres(exported, file);
  file->tempos[file->tempo_count++] = tempo_of(bpm);
  return STATUS_SUCCESS;
}
