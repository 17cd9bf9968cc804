// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What is in a corpus, counted: the figures behind `ritornello corpus`.

#ifndef RITORNELLO_SUMMARY_H
#define RITORNELLO_SUMMARY_H

#include "corpus.h"

enum { SUMMARY_METRES = 32 * 6, SUMMARY_KEY_NAME_SIZE = 16 };

/// Counts of some pieces together. `notes` are events; the three after it are how many of them.
struct tally {
  uint64_t files;
  uint64_t works;
  uint64_t bars;
  uint64_t notes;
  uint64_t with_velocity;
  uint64_t with_hand;
  uint64_t repeated;
};

/// How many files have a metre, and how many bars with notes stand in it.
struct metre_tally {
  struct metre metre;
  uint64_t files;
  uint64_t bars;
};

struct summary {
  struct tally all;
  struct tally styles[CORPUS_STYLES];        ///< [style_count]
  uint64_t keys[KEY_COUNT + 1];              ///< Files by key; 0 is not used
  struct metre_tally metres[SUMMARY_METRES]; ///< [metre_count] the one with the most bars first
  uint32_t metre_count;
};

/// Count what is in `corpus`. Fails only without memory.
enum status summary_make(const struct corpus *corpus, struct summary *summary);

/// Write the name of `key` (1 to 24), such as "E flat major", to `name`; "free" for any other.
void key_name(uint8_t key, char name[SUMMARY_KEY_NAME_SIZE]);

#endif // RITORNELLO_SUMMARY_H
