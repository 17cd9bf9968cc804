// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What the network looked back at when it composed a note, kept for whoever wants to see it (the window); composing does not
// depend on it. Attention tells how much each earlier step counts; the log knows where in the song those steps are (its
// "trail"), keeps the strongest for each composed note, and how long a quotation the note may be part of.
//
// Notes are found by bar, tick and pitch in a table of small sets, where a new note takes the place of the oldest of its set.
// So the log takes as much memory as it ever will, about 900 KiB, when it is made, and forgets what was composed long ago.

#ifndef RITORNELLO_ATTENTION_LOG_H
#define RITORNELLO_ATTENTION_LOG_H

#include "network.h"
#include "realtime.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  ATTENTION_GLANCES = 4,    ///< Places that are kept for a note
  ATTENTION_TRAIL = 16384,  ///< Steps whose places are known: as many as any network remembers
  ATTENTION_NOTES = 16384,  ///< Notes in the table
  ATTENTION_WHOLE = 255,    ///< Share of one that is looked at alone
  ATTENTION_UNKNOWN = 32767 ///< Quotation of a note that was not followed
};

/// An earlier step that was looked at.
struct glance {
  uint32_t bar;
  uint16_t tick;
  uint8_t pitch; ///< Of its highest note
  uint8_t
      share; ///< 1 to ATTENTION_WHOLE: how much of all looking goes to the notes at this place, the mean of all heads
};

/// What is known of one composed note.
struct recollection {
  uint32_t bar;
  uint16_t tick;
  uint8_t pitch;                            ///< 0: an empty place of the table
  uint8_t count;                            ///< Glances
  uint16_t quotation;                       ///< As quotation_notes() said after this note, at most ATTENTION_UNKNOWN
  struct glance glances[ATTENTION_GLANCES]; ///< [count], the most looked at first; none of less than 1 %
};

struct attention_log;

/// Make an empty log. NULL without memory.
struct attention_log *attention_log_new(void);
void attention_log_free(struct attention_log *log);

/// The network was reset: no step of its past is anywhere.
void attention_log_reset(struct attention_log *log) REALTIME;

/// `step` was decided at `tick` of `bar`; the network is fed it next. A step without notes counts as well.
void attention_log_step(struct attention_log *log, uint32_t bar, uint16_t tick, const struct step *step) REALTIME;

/// The last `count` steps were taken back.
void attention_log_retract(struct attention_log *log, uint32_t count) REALTIME;

/// Another step is in the making: what was looked at of the one before it, if that was given up, is forgotten.
void attention_log_begin(struct attention_log *log) REALTIME;

/// Look at how the network, where a step is complete, looks back; in pieces, counting `*operations` down. Return whether all
/// has been looked at.
bool attention_log_look(struct attention_log *log,
                        const struct network *network,
                        const struct network_state *state,
                        uint32_t *operations) REALTIME;

/// Note that the note of `pitch` at `tick` of `bar` comes from the step that was looked at last.
void attention_log_note(struct attention_log *log, uint32_t bar, uint16_t tick, uint8_t pitch) REALTIME;

/// Note how long a quotation that note may be part of; what it looked back at is kept.
void
attention_log_quote(struct attention_log *log, uint32_t bar, uint16_t tick, uint8_t pitch, uint32_t notes) REALTIME;

/// Return what is known of a note, or NULL.
const struct recollection *
attention_log_find(const struct attention_log *log, uint32_t bar, uint16_t tick, uint8_t pitch) REALTIME;

#ifdef __cplusplus
}
#endif

#endif // RITORNELLO_ATTENTION_LOG_H
