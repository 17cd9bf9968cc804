// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A folder of MIDI files as training music: pieces of events with their bars, keys and works. One file that can't be used
// never stops the rest; it is listed with its reason.

#ifndef RITORNELLO_CORPUS_H
#define RITORNELLO_CORPUS_H

#include "../plugin/engine/event.h"
#include "../plugin/engine/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CORPUS_STYLES = 64, CORPUS_STYLE_SIZE = 32 };

/// One MIDI file as events, in order of onset, inside a chord from low to high. [N] is `count`.
struct piece {
  char *path;           ///< Relative to the corpus folder
  char *work;           ///< What a split must keep together
  char *attribution;    ///< "author; licence; source" from sources.tsv, or NULL
  uint16_t style;       ///< Index into the corpus' styles
  uint8_t key;          ///< 1 to 24 as in struct conditions, estimated from all notes
  bool has_velocities;  ///< Otherwise all are VELOCITY_UNTOLD
  bool has_hands;       ///< Otherwise all are HAND_UNTOLD
  uint32_t count;       ///< Events
  struct event *events; ///< [N]; the last one's advance is ADVANCE_END
  uint32_t *bars;       ///< [N] bar of the onset, 0 is the first
  uint16_t *ticks;      ///< [N] tick of the onset in its bar
  struct metre *metres; ///< [N] metre of that bar
  uint8_t *densities;   ///< [N] density step of the four bars that begin with the onset's bar
  uint8_t *repeats;     ///< [N] 1 where the event belongs to a verbatim repeat of an earlier section
};

struct rejection {
  char *path;
  char *reason;
};

/// All that was found. Pieces are sorted by path; owned by the struct.
struct corpus {
  struct piece *pieces;
  size_t piece_count;
  struct rejection *rejections;
  size_t rejection_count;
  uint32_t style_count;
  char styles[CORPUS_STYLES][CORPUS_STYLE_SIZE]; ///< Sub-folders' names, sorted; "" for files in the folder itself
  uint64_t hash;                                 ///< Of all pieces' events, independent of the order files are read in
  uint64_t notes;                                ///< Notes in all usable files
  uint64_t notes_left_out;                       ///< Outside the piano's range, doubled, or of no length
};

/// Read every .mid, .midi and .smf file below `folder` but hidden ones. Fails only if the folder can't be read or holds no
/// usable piece; `*corpus` then still holds the rejections and is to be freed.
enum status corpus_read(const char *folder, struct corpus *corpus, struct error *error);

void corpus_free(struct corpus *corpus);

/// Say on stderr how many files of `folder` could not be used, if there are any.
void corpus_warn(const struct corpus *corpus, const char *folder);

/// Make one piece of the MIDI file at `path`; used by corpus_read() and for single files. Fails with the reason.
enum status piece_read(const char *path, struct piece *piece, struct error *error);
void piece_free(struct piece *piece);

/// Mark in `held` [piece_count] the pieces of the works that are kept out of training: works are drawn by `seed` and the
/// work's name until `share` (0 to 0.5) of all events are held, at least one work unless share is 0, never the only one. Of
/// each style with four works or more its share is held, and one work of every eight at least, up to three.
/// Fails only for want of memory.
enum status corpus_split(const struct corpus *corpus, double share, uint64_t seed, uint8_t *held, struct error *error);

/// Return key 1 to 24 transposed by `semitones`; 0 stays 0.
uint8_t key_transpose(uint8_t key, int semitones);

#endif // RITORNELLO_CORPUS_H
