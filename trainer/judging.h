// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// How good is what is composed? Pieces of every style are composed at several temperatures, with the plugin's own composer,
// and held against the real music of that style: their structure in the real pieces' standard deviations, and what they
// quote. A composed piece takes its metre from a real one of its style; all else is left to the network.

#ifndef RITORNELLO_JUDGING_H
#define RITORNELLO_JUDGING_H

#include "corpus.h"
#include "quotations.h"
#include "structure.h"

#include "engine/composer.h"
#include "engine/status.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  JUDGING_TEMPERATURES = 8, ///< Most temperatures
  JUDGING_REAL_LEAST = 2,   ///< Real pieces that a style needs to be judged
};

struct judging_request {
  const char *weights;         ///< Weight file
  const struct corpus *real;   ///< Whose styles are judged and whose music the composed is held against
  const struct corpus *quoted; ///< What may be quoted
  bool styles[CORPUS_STYLES];  ///< Which of the styles of `real` are wanted
  size_t temperature_count;
  double temperatures[JUDGING_TEMPERATURES];
  uint32_t pieces;          ///< Per style and temperature
  uint32_t bars;            ///< Of a piece
  uint32_t seed;            ///< Of the first piece; the next have the numbers that follow
  struct controls controls; ///< What is composed under; temperature, style and seed are set for every piece
  bool show;                ///< Say on stderr how far it is
};

/// Some pieces taken together. Quotations are counted in all works but the pieces' own; those of real pieces only in works
/// of the same style.
struct judged {
  size_t pieces;
  uint64_t notes;
  struct structure_spread structure;
  struct quotations quotations;
  uint32_t longest_piece; ///< Number of the piece that has the longest quotation
  double longest_median;  ///< Moves of a piece's longest quotation: half of the pieces have no longer one,
  double longest_95;      ///< 95 of a hundred have no longer one
};

struct judged_style {
  uint32_t style; ///< Of `real`
  struct judged real;
  struct judged composed[JUDGING_TEMPERATURES];
};

struct judging {
  size_t style_count;
  struct judged_style styles[CORPUS_STYLES];
};

/// Compose and judge. Styles that the weights don't know or that have too few real pieces are left out; it fails if none is
/// left.
enum status judging_run(const struct judging_request *request, struct judging *judging, struct error *error);

/// Return the result as a JSON object. Owned by the caller.
json_t *judging_json(const struct judging_request *request, const struct judging *judging);

/// Print the result as tables on stdout.
void judging_print(const struct judging_request *request, const struct judging *judging);

#endif // RITORNELLO_JUDGING_H
