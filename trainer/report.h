// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The report: one HTML page that holds all its pictures, on how a training went and what its weights compose, beside real
// music where there is some. Nothing on it is fetched from anywhere.

#ifndef RITORNELLO_REPORT_H
#define RITORNELLO_REPORT_H

#include "engine/status.h"

#include <stdbool.h>
#include <stdint.h>

struct report_request {
  const char *weights; ///< Weight file; the log of its training is looked for in FILE.run
  const char *folder;  ///< Real music, in sub-folders by style, or NULL
  const char *output;  ///< Page to write
  const char *style;   ///< NULL: the one with the most music in `folder`, or free without one
  double temperature;
  uint32_t pieces; ///< To compose, at least 1
  uint32_t bars;   ///< Of a piece
  uint32_t seed;
  bool show; ///< Say on stderr how far it is
};

/// Compose, measure, draw, and write the page, whole or not at all.
enum status report_write(const struct report_request *request, struct error *error);

#endif // RITORNELLO_REPORT_H
