// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Pictures for the report, drawn by cairo as SVG. Each comes as a data URI, for the `src` of an HTML image, so that a page
// holds all of its pictures itself. NULL means that there was no memory; what is returned is to be freed with free().

#ifndef RITORNELLO_PICTURE_H
#define RITORNELLO_PICTURE_H

#include "corpus.h"

#include <stddef.h>
#include <stdint.h>

/// One line of a diagram.
struct curve {
  const char *name;
  const double *x; ///< [count] rising
  const double *y; ///< [count]
  size_t count;
};

/// Draw `curves` [count, at most 2] over `x_words`. The vertical axis begins at 0.
char *picture_curves(const struct curve *curves, size_t count, const char *x_words, const char *y_words);

/// Draw the notes of `bars` bars of `piece` from its bar `first` on: time to the right, pitch upwards, the right hand and the
/// left in two colours, louder notes darker.
char *picture_roll(const struct piece *piece, uint32_t first, uint32_t bars);

/// Draw how alike the first `bars` bars of `piece` are, each with each: black are two bars of the same notes (pitch and
/// place in the bar), white two that have none in common.
char *picture_similarity(const struct piece *piece, uint32_t bars);

/// Draw a square of `values` [size][size] from 0 (white) to 1 (black), row after row.
char *picture_square(const double *values, uint32_t size);

/// Draw two histograms of the same `count` classes over each other, each scaled to a sum of 1. `labels` [count] stand below;
/// empty ones may be "".
char *picture_histograms(const double *real, const double *composed, size_t count, const char *const *labels);

#endif // RITORNELLO_PICTURE_H
