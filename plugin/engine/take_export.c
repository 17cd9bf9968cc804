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

void
export_walk_begin(struct export_walk *const walk, struct take *const take, const uint32_t first, const uint32_t bars)
    REALTIME
{
  const struct take_bar *const bar = bars > 0 ? take_bar(take, first) : NULL;
  *walk = (struct export_walk){
      .number = first,
      .end = first + bars,
      .metre = bar ? bar->metre : (struct metre){4, 4},
  };
}

static void
gather_notes(struct take_export *const exported,
             struct take *const take,
             const struct take_bar *const bar,
             const uint32_t tick) REALTIME
{
  for (uint32_t i = bar->first; i != TAKE_NONE;) {
    const struct take_note *const note = take_note(take, i);
    if (note->sounding > 0) {
      exported->notes[exported->note_count++] = (struct export_note){
          .onset = tick + note->tick,
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
gather_metre(struct take_export *const exported, const struct export_walk *const walk) REALTIME
{
  const size_t count = exported->metre_count;
  if (count == 0 || !metre_equals(exported->metres[count - 1].metre, walk->metre)) {
    exported->metres[exported->metre_count++] = (struct export_metre){.tick = walk->tick, .metre = walk->metre};
  }
}

bool
export_walk_gather(struct export_walk *const walk,
                   struct take *const take,
                   const uint32_t bars,
                   struct take_export *const exported) REALTIME
{
  for (uint32_t i = 0; i < bars && walk->number < walk->end; ++i, ++walk->number) {
    const struct take_bar *const bar = take_bar(take, walk->number);
    walk->metre = bar ? bar->metre : walk->metre;
    gather_metre(exported, walk);
    if (bar) {
      gather_notes(exported, take, bar, walk->tick);
    }
    walk->tick += metre_bar_ticks(walk->metre);
  }
  return walk->number < walk->end;
}

void
export_walk_end(const struct export_walk *const walk, struct take_export *const exported)
{
  size_t last[128]; // The last note of each pitch and one, or 0
  memset(last, 0, sizeof(last));
  for (size_t i = 0; i < exported->note_count; ++i) {
    struct export_note *const note = &exported->notes[i];
    const uint32_t left = walk->tick - note->onset;
    note->duration = note->duration < left ? note->duration : left;
    struct export_note *const before =
        last[note->pitch & 127] > 0 ? &exported->notes[last[note->pitch & 127] - 1] : NULL;
    if (before && before->onset < note->onset && before->duration > note->onset - before->onset) {
      before->duration = note->onset - before->onset;
    }
    last[note->pitch & 127] = i + 1;
  }
}

enum status
take_export_new(struct take_export *const exported, const size_t notes, const size_t metres, struct error *const error)
{
  *exported = (struct take_export){0};
  exported->notes = malloc((notes + 1) * sizeof(*exported->notes));
  exported->metres = malloc((metres + 1) * sizeof(*exported->metres));
  if (!exported->notes || !exported->metres) {
    take_export_free(exported);
    return no_memory(error);
  }
  memset(exported->notes, 0, (notes + 1) * sizeof(*exported->notes)); // Every page is there before it is needed
  memset(exported->metres, 0, (metres + 1) * sizeof(*exported->metres));
  return STATUS_SUCCESS;
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
  const enum status status = take_export_new(exported, count_notes(take, first, bars), bars + 1, error);
  if (status) {
    return status;
  }
  struct export_walk walk;
  export_walk_begin(&walk, take, first, bars);
  gather_metre(exported, &walk);
  export_walk_gather(&walk, take, bars, exported);
  export_walk_end(&walk, exported);
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
