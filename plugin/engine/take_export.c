// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "take_export.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TICK_RATIO = EXPORT_DIVISION / TICKS_PER_QUARTER, LONGEST_TEMPO = 0xFFFFFF, PEDAL_EVENTS = 2 * PEDAL_CHANNELS };

_Static_assert((int)TICK_RATIO == (int)FINE_TICKS, "files are as fine as what is heard");

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

// Press or lift the pedal on all channels.
static void
gather_pedal(struct take_export *const exported,
             const struct performance *const performance,
             const uint32_t tick,
             const bool is_pressed)
{
  uint8_t channels[PEDAL_CHANNELS];
  const uint32_t count = performance_channels(performance, channels);
  for (uint32_t i = 0; i < count; ++i) {
    exported->pedals[exported->pedal_count++] =
        (struct export_pedal){.tick = tick, .channel = channels[i], .is_pressed = is_pressed};
  }
}

// The pedal as the player moves it
struct pedal_foot {
  bool is_pressed;
  uint32_t press; // Tick at which it goes down, or TAKE_NONE
};

// Let time come to `tick`.
static void
foot_wait(struct pedal_foot *const foot,
          struct take_export *const exported,
          const struct performance *const performance,
          const uint32_t tick)
{
  if (foot->press != TAKE_NONE && foot->press <= tick) {
    gather_pedal(exported, performance, foot->press, true);
    *foot = (struct pedal_foot){.is_pressed = true, .press = TAKE_NONE};
  }
}

static void
foot_lift(struct pedal_foot *const foot,
          struct take_export *const exported,
          const struct performance *const performance,
          const uint32_t tick)
{
  foot_wait(foot, exported, performance, tick);
  if (foot->is_pressed) {
    gather_pedal(exported, performance, tick, false);
  }
  *foot = (struct pedal_foot){.is_pressed = false, .press = tick + PEDAL_PRESS};
}

// Let the pedal change with the harmony of the walk's bar.
static void
gather_pedals(struct take_export *const exported,
              const struct bar_walk *const walk,
              const struct performance *const performance,
              struct pedal_foot *const foot)
{
  struct harmony harmony = {0};
  for (uint32_t i = walk->bar ? walk->bar->first : TAKE_NONE; i != TAKE_NONE; i = take_note(walk->take, i)->next) {
    const struct take_note *const note = take_note(walk->take, i);
    if (harmony_hear(&harmony, note, walk->metre)) {
      foot_lift(foot, exported, performance, walk->tick + note->tick);
    }
  }
}

static void
gather_notes(struct take_export *const exported,
             const struct bar_walk *const walk,
             const struct performance *const performance)
{
  uint32_t number = 0; // Of the note among those at its tick
  uint32_t tick = TAKE_NONE;
  for (uint32_t i = walk->bar ? walk->bar->first : TAKE_NONE; i != TAKE_NONE;) {
    const struct take_note *const note = take_note(walk->take, i);
    number = note->tick == tick ? number + 1 : 0;
    tick = note->tick;
    if (note->sounding > 0) {
      const struct performed_note performed = performance_note(performance, walk->number, note, number);
      exported->notes[exported->note_count++] = (struct export_note){
          .onset = walk->tick + note->tick,
          .duration = note->sounding,
          .hand = note->event.hand,
          .channel = performed.channel,
          .pitch = performed.pitch,
          .velocity = performed.velocity,
          .delay = performed.delay,
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
                 const struct performance *const asked,
                 struct take_export *const exported,
                 struct error *const error)
{
  const struct performance performance = asked ? *asked : (struct performance){0};
  *exported = (struct take_export){.rate = performance.rate};
  if (bars > TAKE_BARS || first > UINT32_MAX - bars) {
    return error_set(error, STATUS_TOO_LARGE, "At most %d bars can be exported at once", (int)TAKE_BARS);
  }
  const size_t most = count_notes(take, first, bars) + 1;
  exported->notes = calloc(most, sizeof(*exported->notes));
  exported->pedals = calloc(performance.pedal ? most * PEDAL_EVENTS : 1, sizeof(*exported->pedals));
  exported->metres = calloc((size_t)bars + 1, sizeof(*exported->metres));
  if (!exported->notes || !exported->metres || !exported->pedals) {
    take_export_free(exported);
    return no_memory(error);
  }

  struct pedal_foot foot = {.press = TAKE_NONE};
  struct bar_walk walk = bar_walk_begin(take, first, bars);
  gather_metre(exported, &walk);
  for (; walk.number < walk.end; bar_walk_next(&walk)) {
    gather_metre(exported, &walk);
    gather_notes(exported, &walk, &performance);
    if (performance.pedal) {
      gather_pedals(exported, &walk, &performance, &foot);
    }
  }
  if (performance.pedal && walk.tick > 0) {
    foot_wait(&foot, exported, &performance, walk.tick - 1);
    foot_lift(&foot, exported, &performance, walk.tick);
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
  free(exported->pedals);
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
        .onset = note->onset * TICK_RATIO + note->delay,
        .duration = note->duration * TICK_RATIO - note->delay,
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

static void
fill_pedals(const struct take_export *const exported, struct midi_file *const file)
{
  enum { SUSTAIN = 64, DOWN = 127 };
  for (size_t i = 0; i < exported->pedal_count; ++i) {
    const struct export_pedal *const pedal = &exported->pedals[i];
    file->controls[file->control_count++] = (struct midi_control){
        .tick = pedal->tick * TICK_RATIO,
        .channel = pedal->channel,
        .controller = SUSTAIN,
        .value = pedal->is_pressed ? DOWN : 0,
    };
  }
}

static uint16_t
division_of(const uint8_t rate)
{
  return rate == RATE_DOUBLE ? 2 * EXPORT_DIVISION : rate == RATE_HALF ? EXPORT_DIVISION / 2 : EXPORT_DIVISION;
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
  *file = (struct midi_file){.format = 1, .division = division_of(exported->rate), .tracks = 2};
  file->notes = calloc(exported->note_count + 1, sizeof(*file->notes));
  file->metres = calloc(exported->metre_count + 1, sizeof(*file->metres));
  file->tempos = calloc(1, sizeof(*file->tempos));
  file->controls = calloc(exported->pedal_count + 1, sizeof(*file->controls));
  file->title = title ? strdup(title) : NULL;
  if (!file->notes || !file->metres || !file->tempos || !file->controls || (title && !file->title)) {
    midi_file_free(file);
    return no_memory(error);
  }
  fill_notes(exported, file);
  fill_metres(exported, file);
  fill_pedals(exported, file);
  file->tempos[file->tempo_count++] = tempo_of(bpm);
  return STATUS_SUCCESS;
}
