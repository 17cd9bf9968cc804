// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What the report's two halves share: what was gathered (report.c) and the page made of it (report_page.c).

#ifndef RITORNELLO_REPORT_PRIVATE_H
#define RITORNELLO_REPORT_PRIVATE_H

#include "attention_map.h"
#include "corpus.h"
#include "learning_log.h"
#include "quotations.h"
#include "report.h"

#include "engine/safetensors.h"
#include "engine/weights.h"

#include <stddef.h>
#include <stdio.h>

struct report {
  const struct report_request *request;
  struct weights *weights;
  struct safetensors *file; // The same, for its metadata
  struct learning_log log;
  struct corpus corpus;           // Empty without a folder
  struct quotations_index *index; // NULL without a folder
  const char *style;              // Name, or NULL: free
  const struct piece **real;      // [real_count] Pieces of the corpus in that style
  size_t real_count;
  struct piece *composed; // [composed_count]
  size_t composed_count;
  struct attention_map composed_map; // Of the first composed piece
  struct attention_map real_map;     // Of the first real piece, if there is one
};

/// Write the page. Writing errors are left to the caller to find in `page`.
enum status report_page(const struct report *report, FILE *page, struct error *error);

#endif // RITORNELLO_REPORT_PRIVATE_H
