// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The measures. A piece is first laid out as notes with onsets counted from its first bar, by bar; folding leaves notes out.

#include "structure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum {
  OCTAVE = 12,
  GROOVE_TICKS = TICKS_PER_QUARTER / 12,
  GROOVE_STEPS = 32 * TICKS_PER_WHOLE / GROOVE_TICKS, // Of the longest bar
  BARS_BACK = 16,
};

struct note {
  uint32_t onset;
  uint32_t bar;
  uint16_t tick;
  uint16_t duration;
  uint16_t advance;
  uint8_t pitch;
  struct metre metre;
};

// Notes [begin, end) of one bar that has some
struct bar {
  uint32_t number;
  uint32_t begin;
  uint32_t end;
};

struct layout {
  struct note *notes; // [count]
  uint32_t count;
  struct bar *bars; // [bar_count]
  uint32_t bar_count;
  uint32_t length; // Ticks to the end of the last note
};

static void
layout_free(struct layout *const layout)
{
  free(layout->notes);
  free(layout->bars);
}

// Lay out the events of `piece`, without those of verbatim repeats if `fold`.
static bool
layout_make(const struct piece *const piece, const bool fold, struct layout *const layout)
{
  *layout = (struct layout){
      .notes = malloc((piece->count + (size_t)1) * sizeof(*layout->notes)),
      .bars = malloc((piece->count + (size_t)1) * sizeof(*layout->bars)),
  };
  if (!layout->notes || !layout->bars) {
    return false;
  }
  uint32_t onset = piece->count ? piece->ticks[0] : 0;
  for (uint32_t i = 0; i < piece->count; ++i) {
    const struct event *const event = &piece->events[i];
    if (!fold || !piece->repeats[i]) {
      const uint32_t n = layout->count++;
      layout->notes[n] = (struct note){onset,          piece->bars[i], piece->ticks[i], event->duration,
                                       event->advance, event->pitch,   piece->metres[i]};
      if (layout->bar_count == 0 || layout->bars[layout->bar_count - 1].number != piece->bars[i]) {
        layout->bars[layout->bar_count++] = (struct bar){.number = piece->bars[i], .begin = n};
      }
      layout->bars[layout->bar_count - 1].end = n + 1;
      layout->length = onset + event->duration > layout->length ? onset + event->duration : layout->length;
    }
    onset += event->advance == ADVANCE_END ? 0U : event->advance;
  }
  return true;
}

// Pitch classes

static double
entropy(const uint32_t counts[OCTAVE])
{
  uint32_t total = 0;
  double sum = 0.0;
  for (unsigned i = 0; i < OCTAVE; ++i) {
    total += counts[i];
  }
  for (unsigned i = 0; i < OCTAVE; ++i) {
    const double share = total ? (double)counts[i] / total : 0.0;
    sum -= share > 0.0 ? share * log2(share) : 0.0;
  }
  return sum;
}

static void
count_classes(const struct layout *const layout, const uint32_t begin, const uint32_t end, uint32_t counts[OCTAVE])
{
  memset(counts, 0, OCTAVE * sizeof(*counts));
  for (uint32_t i = begin; i < end; ++i) {
    ++counts[layout->notes[i].pitch % OCTAVE];
  }
}

// Mean entropy of all windows of `length` bars, from the piece's first to its last, that have notes
static double
window_entropy(const struct layout *const layout, const uint32_t length)
{
  const struct bar *const bars = layout->bars;
  double sum = 0.0;
  uint32_t windows = 0;
  uint32_t from = 0;
  uint32_t to = 0;
  for (uint32_t number = bars[0].number; number + length - 1 <= bars[layout->bar_count - 1].number; ++number) {
    while (from < layout->bar_count && bars[from].number < number) {
      ++from;
    }
    while (to < layout->bar_count && bars[to].number < number + length) {
      ++to;
    }
    if (from < to) {
      uint32_t counts[OCTAVE];
      count_classes(layout, bars[from].begin, bars[to - 1].end, counts);
      sum += entropy(counts);
      ++windows;
    }
  }
  return windows ? sum / windows : (double)NAN;
}

static double
scale_consistency(const uint32_t counts[OCTAVE], const uint32_t total)
{
  static const uint8_t major[] = {0, 2, 4, 5, 7, 9, 11};
  uint32_t best = 0;
  for (unsigned tonic = 0; tonic < OCTAVE; ++tonic) {
    uint32_t inside = 0;
    for (unsigned i = 0; i < sizeof(major); ++i) {
      inside += counts[(tonic + major[i]) % OCTAVE];
    }
    best = inside > best ? inside : best;
  }
  return (double)best / total;
}

// Rhythm

// Mark in zeroed `steps` the onsets of the bar; NULL marks none.
static void
mark_onsets(const struct layout *const layout, const struct bar *const bar, uint8_t steps[GROOVE_STEPS])
{
  memset(steps, 0, GROOVE_STEPS);
  for (uint32_t i = bar ? bar->begin : 0; bar && i < bar->end; ++i) {
    steps[layout->notes[i].tick / GROOVE_TICKS % GROOVE_STEPS] = 1;
  }
}

// Share of steps that are alike in bars `a` and `b`, of which one may be NULL: a bar without notes
static double
groove_of(const struct layout *const layout, const struct bar *const a, const struct bar *const b)
{
  uint8_t first[GROOVE_STEPS];
  uint8_t second[GROOVE_STEPS];
  mark_onsets(layout, a, first);
  mark_onsets(layout, b, second);
  const uint32_t steps = metre_bar_ticks(layout->notes[(a ? a : b)->begin].metre) / GROOVE_TICKS;
  uint32_t different = 0;
  for (uint32_t i = 0; i < GROOVE_STEPS; ++i) {
    different += first[i] != second[i];
  }
  return 1.0 - (double)different / (steps ? steps : 1);
}

// Mean over all pairs of neighbouring bars that have notes in at least one of them
static double
groove(const struct layout *const layout)
{
  double sum = 0.0;
  uint32_t pairs = 0;
  for (uint32_t i = 0; i + 1 < layout->bar_count; ++i) {
    const struct bar *const bar = &layout->bars[i];
    if (bar[1].number == bar->number + 1) {
      sum += groove_of(layout, bar, bar + 1);
      ++pairs;
    } else {
      sum += groove_of(layout, bar, NULL) + groove_of(layout, NULL, bar + 1);
      pairs += 2;
    }
  }
  return pairs ? sum / pairs : (double)NAN;
}

static double
rhythm_as_before(const struct layout *const layout)
{
  uint32_t same = 0;
  uint32_t pairs = 0;
  for (uint32_t i = 1; i < layout->bar_count; ++i) {
    const struct bar *const bar = &layout->bars[i];
    if (bar[-1].number + 1 == bar->number) {
      uint8_t before[GROOVE_STEPS];
      uint8_t now[GROOVE_STEPS];
      mark_onsets(layout, bar - 1, before);
      mark_onsets(layout, bar, now);
      same += !memcmp(before, now, sizeof(now));
      ++pairs;
    }
  }
  return pairs ? (double)same / pairs : (double)NAN;
}

// What sounds

static bool
measure_sounding(const struct layout *const layout, struct structure *const structure)
{
  int32_t *const changes = calloc((size_t)layout->length + 1, sizeof(*changes));
  if (!changes) {
    return false;
  }
  for (uint32_t i = 0; i < layout->count; ++i) {
    ++changes[layout->notes[i].onset];
    --changes[layout->notes[i].onset + layout->notes[i].duration];
  }
  uint64_t notes = 0;
  uint32_t any = 0;
  uint32_t two = 0;
  uint32_t beats = 0;
  int32_t now = 0;
  bool is_beat_full = false;
  for (uint32_t tick = 0; tick < layout->length; ++tick) {
    now += changes[tick];
    notes += (uint64_t)now;
    any += now >= 1;
    two += now >= 2;
    is_beat_full = (tick % TICKS_PER_QUARTER && is_beat_full) || now > 0;
    beats += is_beat_full && (tick % TICKS_PER_QUARTER == TICKS_PER_QUARTER - 1 || tick + 1 == layout->length);
  }
  free(changes);
  const uint32_t all_beats = (layout->length + TICKS_PER_QUARTER - 1) / TICKS_PER_QUARTER;
  structure->values[STRUCTURE_POLYPHONY] = (double)notes / any;
  structure->values[STRUCTURE_TOGETHER] = (double)two / layout->length;
  structure->values[STRUCTURE_EMPTY] = 1.0 - (double)beats / all_beats;
  structure->values[STRUCTURE_DENSITY] = (double)layout->count * TICKS_PER_QUARTER / layout->length;
  return true;
}

static double
longest_repeated(const struct layout *const layout)
{
  uint32_t longest = 1;
  uint32_t run = 1;
  for (uint32_t i = 1; i < layout->count; ++i) {
    const struct note *const note = &layout->notes[i];
    run = note->pitch == note[-1].pitch && note->advance == note[-1].advance ? run + 1 : 1;
    longest = run > longest ? run : longest;
  }
  return longest;
}

// What comes back

static bool
bars_equal(const struct layout *const layout, const struct bar *const a, const struct bar *const b)
{
  bool equal = a->end - a->begin == b->end - b->begin;
  for (uint32_t i = 0; equal && i < a->end - a->begin; ++i) {
    const struct note *const first = &layout->notes[a->begin + i];
    const struct note *const second = &layout->notes[b->begin + i];
    equal = first->tick == second->tick && first->pitch == second->pitch;
  }
  return equal;
}

static double
bars_that_return(const struct layout *const layout)
{
  uint32_t count = 0;
  for (uint32_t i = 0; i < layout->bar_count; ++i) {
    bool found = false;
    for (uint32_t k = 0; !found && k < i; ++k) {
      found = bars_equal(layout, &layout->bars[k], &layout->bars[i]);
    }
    count += found;
  }
  return (double)count / layout->bar_count;
}

// Share of the notes of `bar` that stand in `other` too; notes go by tick, then by pitch
static double
share_in(const struct layout *const layout, const struct bar *const bar, const struct bar *const other)
{
  uint32_t same = 0;
  uint32_t k = other->begin;
  for (uint32_t i = bar->begin; i < bar->end; ++i) {
    const struct note *const note = &layout->notes[i];
    const struct note *at = &layout->notes[k];
    while (k < other->end && (at->tick < note->tick || (at->tick == note->tick && at->pitch < note->pitch))) {
      at = &layout->notes[++k];
    }
    same += k < other->end && at->tick == note->tick && at->pitch == note->pitch;
  }
  return (double)same / (bar->end - bar->begin);
}

static double
best_of_before(const struct layout *const layout)
{
  double sum = 0.0;
  for (uint32_t i = 1; i < layout->bar_count; ++i) {
    double best = 0.0;
    for (uint32_t k = i > BARS_BACK ? i - BARS_BACK : 0; k < i; ++k) {
      best = fmax(best, share_in(layout, &layout->bars[i], &layout->bars[k]));
    }
    sum += best;
  }
  return layout->bar_count > 1 ? sum / (layout->bar_count - 1) : (double)NAN;
}

// Set `*share` to the compressed size of pitch steps and advances over their plain one, NaN if there are none. False without memory.
static bool
compressed_size(const struct layout *const layout, double *const share)
{
  const size_t size = 2 * (layout->count - (size_t)1);
  uLongf packed_size = compressBound((uLong)size);
  uint8_t *const bytes = malloc(size + 1);
  uint8_t *const packed = malloc(packed_size);
  bool is_done = bytes && packed;
  *share = NAN;
  for (uint32_t i = 0; bytes && i + 1 < layout->count; ++i) {
    const struct note *const note = &layout->notes[i];
    const uint32_t way = note[1].onset - note->onset;
    bytes[2 * (size_t)i] = (uint8_t)(note[1].pitch - note->pitch);
    bytes[2 * (size_t)i + 1] = (uint8_t)(way < UINT8_MAX ? way : UINT8_MAX);
  }
  if (is_done && size) {
    is_done = compress2(packed, &packed_size, bytes, (uLong)size, Z_BEST_COMPRESSION) == Z_OK; // It has room enough
    *share = is_done ? (double)packed_size / (double)size : (double)NAN;
  }
  free(packed);
  free(bytes);
  return is_done;
}

static bool
measure_played(const struct layout *const layout, struct structure *const structure)
{
  double *const values = structure->values;
  uint32_t counts[OCTAVE];
  count_classes(layout, 0, layout->count, counts);
  values[STRUCTURE_PITCH_ENTROPY] = entropy(counts);
  values[STRUCTURE_SCALE] = scale_consistency(counts, layout->count);
  values[STRUCTURE_BAR_ENTROPY] = window_entropy(layout, 1);
  values[STRUCTURE_FOUR_BAR_ENTROPY] = window_entropy(layout, 4);
  values[STRUCTURE_GROOVE] = groove(layout);
  values[STRUCTURE_RETURNS] = bars_that_return(layout);
  values[STRUCTURE_STUCK] = longest_repeated(layout);
  return measure_sounding(layout, structure);
}

static bool
measure_folded(const struct layout *const layout, struct structure *const structure)
{
  double *const values = structure->values;
  values[STRUCTURE_FOLDED_RETURNS] = bars_that_return(layout);
  values[STRUCTURE_RHYTHM] = rhythm_as_before(layout);
  values[STRUCTURE_BEST] = best_of_before(layout);
  return compressed_size(layout, &values[STRUCTURE_COMPRESSED]);
}

enum status
structure_measure(const struct piece *const piece, struct structure *const structure, struct error *const error)
{
  for (unsigned m = 0; m < STRUCTURE_COUNT; ++m) {
    structure->values[m] = NAN;
  }
  if (piece->count == 0) {
    return STATUS_SUCCESS;
  }
  struct layout played = {0};
  struct layout folded = {0};
  const bool done = layout_make(piece, false, &played) && layout_make(piece, true, &folded) &&
                    measure_played(&played, structure) && measure_folded(&folded, structure);
  layout_free(&folded);
  layout_free(&played);
  return done ? STATUS_SUCCESS : error_set(error, STATUS_NO_MEMORY, "no memory to measure %s", error_path(piece->path));
}
