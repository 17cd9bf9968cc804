// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "piece.h"

#include <stdlib.h>
#include <string.h>

// A note on the way from the file to an event. Its track and channel are forgotten, its hand told.
struct note {
  uint64_t tick; // Onset, quantised but not yet moved to where advances lead
  uint32_t duration;
  uint8_t pitch;
  uint8_t velocity;
  uint8_t hand;
};

// A time signature at a quantised tick
struct metre_change {
  uint64_t tick;
  struct metre metre;
};

// A place that moves forward through the bars of a file
struct bar_walk {
  const struct metre_change *changes;
  size_t change_count;
  uint64_t bar_start;
  uint64_t bar;
  struct metre metre;
};

// All that is taken to make one piece and given back when it is made
struct workshop {
  struct note *notes;
  size_t note_count;
  uint8_t *hands;               // [file's notes]
  struct metre_change *changes; // [file's metres]
  uint64_t *places;             // [notes] quantised onset, counted like struct note's tick
};

static uint64_t
quantise(const uint64_t file_ticks, const uint16_t division)
{
  return (file_ticks * TICKS_PER_QUARTER * 2 + division) / (2U * (uint64_t)division);
}

static void
walk_to(struct bar_walk *const walk, const uint64_t tick)
{
  while (walk->change_count && walk->changes->tick <= tick) {
    const uint64_t bar_ticks = metre_bar_ticks(walk->metre);
    walk->bar += (walk->changes->tick - walk->bar_start + bar_ticks - 1) / bar_ticks;
    walk->bar_start = walk->changes->tick;
    walk->metre = walk->changes->metre;
    ++walk->changes;
    --walk->change_count;
  }
  const uint64_t bars = (tick - walk->bar_start) / metre_bar_ticks(walk->metre);
  walk->bar += bars;
  walk->bar_start += bars * metre_bar_ticks(walk->metre);
}

// Return whether the file's note is so short that it was never heard: some programs write a length of 0.
static bool
has_no_length(const struct midi_note *const note, const uint16_t division)
{
  return note->duration <= 1 && division >= 4 * TICKS_PER_QUARTER;
}

static void
take_notes(const struct midi_file *const file, const bool has_hands, struct workshop *const shop)
{
  for (size_t i = 0; i < file->note_count; ++i) {
    const struct midi_note *const note = &file->notes[i];
    if (note->pitch < PITCH_LOWEST || note->pitch > PITCH_HIGHEST || has_no_length(note, file->division)) {
      continue;
    }
    const uint64_t duration = quantise(note->duration, file->division);
    shop->notes[shop->note_count++] = (struct note){
        .tick = quantise(note->onset, file->division),
        .duration = (uint32_t)(duration < DURATION_LONGEST ? duration : DURATION_LONGEST),
        .pitch = note->pitch,
        .velocity = note->velocity,
        .hand = has_hands ? shop->hands[i] : (uint8_t)HAND_UNTOLD,
    };
  }
}

static int
compare_notes(const void *const a, const void *const b)
{
  const struct note *const first = a;
  const struct note *const second = b;
  if (first->tick != second->tick) {
    return first->tick < second->tick ? -1 : 1;
  }
  const int differences[] = {
      first->pitch - second->pitch,
      first->duration == second->duration  ? 0
      : first->duration > second->duration ? -1
                                           : 1,
      second->velocity - first->velocity,
      first->hand - second->hand,
  };
  for (unsigned i = 0; i < sizeof(differences) / sizeof(differences[0]); ++i) {
    if (differences[i]) {
      return differences[i];
    }
  }
  return 0;
}

// Put the notes in the events' order and drop those that begin with a longer one of the same pitch.
static void
order_notes(struct workshop *const shop)
{
  if (shop->note_count == 0) {
    return;
  }
  qsort(shop->notes, shop->note_count, sizeof(*shop->notes), compare_notes);
  size_t count = 1;
  for (size_t i = 1; i < shop->note_count; ++i) {
    const struct note *const kept = &shop->notes[count - 1];
    if (shop->notes[i].tick != kept->tick || shop->notes[i].pitch != kept->pitch) {
      shop->notes[count++] = shop->notes[i];
    }
  }
  shop->note_count = count;
}

static void
take_metres(const struct midi_file *const file, struct workshop *const shop)
{
  for (size_t i = 0; i < file->metre_count; ++i) {
    const struct midi_metre *const metre = &file->metres[i];
    shop->changes[i].tick = quantise(metre->tick, file->division);
    shop->changes[i].metre = metre_make(metre->numerator, metre->denominator);
  }
}

// Return how many ticks of whole bars to leave out of a rest of `gap` ticks so that an advance can stand for it.
static uint64_t
ticks_to_leave_out(const uint64_t gap, const uint32_t bar_ticks)
{
  if (gap <= ADVANCE_LONGEST) {
    return 0;
  }
  const uint64_t bars = (gap - ADVANCE_LONGEST + bar_ticks - 1) / bar_ticks;
  const uint64_t room = (gap - 1) / bar_ticks;
  return (bars < room ? bars : room) * bar_ticks;
}

// Place the onset after `place`: set the advance that leads there and return the place, which is the quantised `wanted`
// or as near to it as an advance leads. `*bars` counts the bars left out so far.
static uint64_t
next_place(const uint64_t place,
           const uint64_t wanted,
           const struct metre metre,
           uint16_t *const advance,
           uint64_t *const bars)
{
  const uint64_t gap = wanted > place ? wanted - place : 1;
  const uint32_t bar_ticks = metre_bar_ticks(metre);
  const uint64_t left_out = ticks_to_leave_out(gap, bar_ticks);
  const uint64_t rest = gap - left_out;
  *bars += left_out / bar_ticks;
  *advance = advance_ticks(advance_class((uint32_t)(rest < ADVANCE_LONGEST ? rest : ADVANCE_LONGEST)));
  return rest > ADVANCE_LONGEST ? wanted : place + left_out + *advance;
}

// Set every event's advance and place.
static void
place_events(struct workshop *const shop, const size_t change_count, struct piece *const piece)
{
  const struct note *const notes = shop->notes;
  struct bar_walk walk = {.changes = shop->changes, .change_count = change_count, .metre = {4, 4}};
  uint64_t place = notes[0].tick;
  walk_to(&walk, place);
  uint64_t left_out = walk.bar;
  for (uint32_t i = 0; i < piece->count; ++i) {
    shop->places[i] = place;
    const uint32_t least_bar = i ? piece->bars[i - 1] : 0;
    piece->bars[i] = walk.bar >= left_out + least_bar ? (uint32_t)(walk.bar - left_out) : least_bar + 1;
    left_out = walk.bar - piece->bars[i];
    piece->ticks[i] = (uint16_t)(place - walk.bar_start);
    piece->metres[i] = walk.metre;
    if (i + 1 == piece->count) {
      piece->events[i].advance = ADVANCE_END;
    } else if (notes[i + 1].tick == notes[i].tick) {
      piece->events[i].advance = 0;
    } else {
      place = next_place(place, notes[i + 1].tick, walk.metre, &piece->events[i].advance, &left_out);
      walk_to(&walk, place);
    }
  }
}

// Return the duration class nearest to `duration` that ends before the pitch begins again, `gap` ticks later.
static uint16_t
fitting_duration(const uint32_t duration, const uint64_t gap)
{
  unsigned class = duration_class(duration);
  while (class > 0 && duration_ticks(class) > gap) {
    --class;
  }
  return duration_ticks(class);
}

// Set pitch, hand and duration of every event; from the end, so that it is known when each pitch begins again.
static void
fill_events(const struct workshop *const shop, struct piece *const piece)
{
  uint64_t begins_again[PITCH_HIGHEST + 1];
  for (unsigned pitch = 0; pitch <= PITCH_HIGHEST; ++pitch) {
    begins_again[pitch] = UINT64_MAX;
  }
  for (uint32_t i = piece->count; i-- > 0;) {
    const struct note *const note = &shop->notes[i];
    struct event *const event = &piece->events[i];
    event->hand = note->hand;
    event->pitch = note->pitch;
    event->duration = fitting_duration(note->duration, begins_again[note->pitch] - shop->places[i]);
    begins_again[note->pitch] = shop->places[i];
  }
}

static void
fill_velocities(const struct workshop *const shop, struct piece *const piece)
{
  bool seen[128] = {false};
  unsigned distinct = 0;
  for (size_t i = 0; i < shop->note_count; ++i) {
    distinct += !seen[shop->notes[i].velocity];
    seen[shop->notes[i].velocity] = true;
  }
  piece->has_velocities = distinct >= DISTINCT_VELOCITIES;
  for (uint32_t i = 0; i < piece->count; ++i) {
    piece->events[i].velocity =
        piece->has_velocities ? velocity_value(velocity_class(shop->notes[i].velocity)) : (uint8_t)VELOCITY_UNTOLD;
  }
}

// Return the ticks from the beginning of event `i`'s bar to that of event `end`, the first one of four bars later or more.
static uint64_t
four_bars(const struct workshop *const shop, const struct piece *const piece, const uint32_t i, const uint32_t end)
{
  const uint64_t start = shop->places[i] - piece->ticks[i];
  if (end == piece->count) {
    const uint32_t last = end - 1;
    return shop->places[last] - piece->ticks[last] + metre_bar_ticks(piece->metres[last]) - start;
  }
  if (piece->bars[end] == piece->bars[i] + 4) {
    return shop->places[end] - piece->ticks[end] - start;
  }
  return 4 * (uint64_t)metre_bar_ticks(piece->metres[i]);
}

static void
fill_densities(const struct workshop *const shop, struct piece *const piece)
{
  uint32_t begin = 0; // First event of the bar
  uint32_t end = 0;   // First event that is four bars later
  for (uint32_t i = 0; i < piece->count; ++i) {
    begin = piece->bars[i] == piece->bars[begin] ? begin : i;
    while (end < piece->count && piece->bars[end] < piece->bars[i] + 4) {
      ++end;
    }
    const double quarters = (double)four_bars(shop, piece, i, end) / TICKS_PER_QUARTER;
    piece->densities[i] = density_step((end - begin) / quarters);
  }
}

static bool
open_workshop(const struct midi_file *const file, struct workshop *const shop)
{
  *shop = (struct workshop){
      .notes = malloc((file->note_count + 1) * sizeof(*shop->notes)),
      .hands = malloc(file->note_count + 1),
      .changes = malloc((file->metre_count + 1) * sizeof(*shop->changes)),
      .places = malloc((file->note_count + 1) * sizeof(*shop->places)),
  };
  return shop->notes && shop->hands && shop->changes && shop->places;
}

static void
close_workshop(struct workshop *const shop)
{
  free(shop->places);
  free(shop->changes);
  free(shop->hands);
  free(shop->notes);
}

static bool
take_memory(struct piece *const piece, const char *const name, const size_t count)
{
  piece->count = (uint32_t)count;
  piece->path = strdup(name);
  piece->work = strdup(name);
  piece->events = calloc(count, sizeof(*piece->events));
  piece->bars = calloc(count, sizeof(*piece->bars));
  piece->ticks = calloc(count, sizeof(*piece->ticks));
  piece->metres = calloc(count, sizeof(*piece->metres));
  piece->densities = calloc(count, sizeof(*piece->densities));
  piece->repeats = calloc(count, sizeof(*piece->repeats));
  return piece->path && piece->work && piece->events && piece->bars && piece->ticks && piece->metres &&
         piece->densities && piece->repeats;
}

static enum status
build(struct workshop *const shop,
      const struct midi_file *const file,
      const char *const name,
      struct piece *const piece,
      struct error *const error)
{
  if (hands_tell(file, shop->hands, &piece->has_hands)) {
    return error_set(error, STATUS_NO_MEMORY, "%s: not enough memory to read it", name);
  }
  take_notes(file, piece->has_hands, shop);
  order_notes(shop);
  if (shop->note_count == 0) {
    return error_set(error, STATUS_BAD_FORMAT, "%s: holds no note on the piano's keys", name);
  }
  if (!take_memory(piece, name, shop->note_count)) {
    return STATUS_NO_MEMORY;
  }
  take_metres(file, shop);
  place_events(shop, file->metre_count, piece);
  fill_events(shop, piece);
  fill_velocities(shop, piece);
  fill_densities(shop, piece);
  piece->key = key_estimate(piece->events, piece->count);
  return repeats_mark(piece);
}

enum status
piece_make(const struct midi_file *const file,
           const char *const name,
           struct piece *const piece,
           uint64_t *const left_out,
           struct error *const error)
{
  memset(piece, 0, sizeof(*piece));
  if (file->note_count > PIECE_NOTES) {
    return error_set(error, STATUS_TOO_LARGE, "%s: has %zu notes; a piece may have %d", name, file->note_count,
                     PIECE_NOTES);
  }
  struct workshop shop;
  enum status status = STATUS_NO_MEMORY;
  if (open_workshop(file, &shop)) {
    status = build(&shop, file, name, piece, error);
    *left_out = file->note_count - shop.note_count;
  }
  close_workshop(&shop);
  if (status == STATUS_NO_MEMORY) {
    error_set(error, status, "%s: not enough memory for its %zu notes", name, file->note_count);
  }
  if (status) {
    piece_free(piece);
  }
  return status;
}

enum status
piece_read(const char *const path, struct piece *const piece, struct error *const error)
{
  memset(piece, 0, sizeof(*piece));
  struct midi_file file;
  uint64_t left_out = 0;
  enum status status = midi_file_read(path, &file, error);
  if (!status) {
    status = piece_make(&file, path, piece, &left_out, error);
    midi_file_free(&file);
  }
  return status;
}

void
piece_free(struct piece *const piece)
{
  free(piece->path);
  free(piece->work);
  free(piece->attribution);
  free(piece->events);
  free(piece->bars);
  free(piece->ticks);
  free(piece->metres);
  free(piece->densities);
  free(piece->repeats);
  memset(piece, 0, sizeof(*piece));
}
