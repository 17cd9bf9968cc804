// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What a piece of music is like, in figures: its pitches, its rhythm, how full it is, and how much of it comes back. Music
// that is composed is held against real music of the same style, in standard deviations.
//
// The measures are those of MusPy (Dong et al. 2020), of the Jazz Transformer (Wu and Yang 2020: entropy in 1 and 4 bars)
// and some of our own. A beat is a quarter note. "Folded" leaves out the events of verbatim repeats (piece->repeats), so
// that playing a section twice doesn't count as structure.

#ifndef RITORNELLO_STRUCTURE_H
#define RITORNELLO_STRUCTURE_H

#include "corpus.h"

#include "engine/status.h"

#include <stdint.h>

// X(NAME, key in JSON, words for people)
#define STRUCTURE_MEASURES(X)                                                                                          \
  X(PITCH_ENTROPY, "pitch_class_entropy", "pitch-class entropy, bits")                                                 \
  X(SCALE, "scale_consistency", "notes in the best major scale")                                                       \
  X(BAR_ENTROPY, "pitch_class_entropy_1_bar", "pitch-class entropy in 1 bar")                                          \
  X(FOUR_BAR_ENTROPY, "pitch_class_entropy_4_bars", "pitch-class entropy in 4 bars")                                   \
  X(GROOVE, "groove_consistency", "groove of neighbouring bars")                                                       \
  X(POLYPHONY, "sounding_notes", "notes sounding, where any do")                                                       \
  X(TOGETHER, "share_of_time_with_two", "time with two notes or more")                                                 \
  X(EMPTY, "empty_beats", "empty beats")                                                                               \
  X(DENSITY, "notes_per_beat", "notes per beat")                                                                       \
  X(COMPRESSED, "compressed_size", "compressed size, folded")                                                          \
  X(RETURNS, "bars_that_return", "bars that stood before")                                                             \
  X(FOLDED_RETURNS, "bars_that_return_folded", "bars that stood before, folded")                                       \
  X(RHYTHM, "rhythm_as_bar_before", "bars in the rhythm of the bar before")                                            \
  X(BEST, "best_of_16_bars", "notes that stand in the most alike of 16 bars")                                          \
  X(STUCK, "longest_repeated_event", "longest run of one event")

#define STRUCTURE_ID(NAME, key, words) STRUCTURE_##NAME,

/// STRUCTURE_PITCH_ENTROPY, ...:
///
/// - PITCH_ENTROPY: of the notes' pitch classes in the whole piece; BAR_ENTROPY, FOUR_BAR_ENTROPY: mean over all windows
///   of so many bars that have notes
/// - SCALE: share of notes in the one of twelve major scales that has most of them
/// - GROOVE: 1 less the share of steps (12 per beat) where one of two neighbouring bars has an onset and the other not
/// - POLYPHONY: notes sounding, mean over the ticks where any sounds; TOGETHER: share of all ticks with two or more
/// - EMPTY: share of beats in which nothing sounds; DENSITY: notes per beat
/// - COMPRESSED: bytes after zlib over bytes before, of one byte for each pitch step and one for each advance
/// - RETURNS: share of bars whose onsets and pitches all stood in one earlier bar
/// - RHYTHM: share of bars with notes whose onsets (12 per beat) are those of the bar before, folded
/// - BEST: share of a bar's notes (onset and pitch) that stand in the one of the last 16 bars that has most, folded
/// - STUCK: most times that the same pitch with the same advance came in a row
enum structure_measure { STRUCTURE_MEASURES(STRUCTURE_ID) STRUCTURE_COUNT };

#undef STRUCTURE_ID

/// Of one piece; NaN where it is too short for a measure.
struct structure {
  double values[STRUCTURE_COUNT];
};

/// Measure `piece`. Fails only without memory.
enum status structure_measure(const struct piece *piece, struct structure *structure, struct error *error);

/// Mean and standard deviation (of a sample) over pieces.
struct structure_spread {
  size_t counts[STRUCTURE_COUNT]; ///< Pieces that could be measured
  double means[STRUCTURE_COUNT];
  double deviations[STRUCTURE_COUNT]; ///< NaN for fewer than two pieces
};

/// Take together `pieces` [count].
void structure_spread_make(const struct structure *pieces, size_t count, struct structure_spread *spread);

/// Return by how many of its standard deviations `mean` lies above that of `real`; NaN if that can't be said.
double structure_distance(const struct structure_spread *real, double mean, enum structure_measure measure);

/// Return the measure's key in JSON, and its name for people.
const char *structure_key(enum structure_measure measure);
const char *structure_words(enum structure_measure measure);

#endif // RITORNELLO_STRUCTURE_H
