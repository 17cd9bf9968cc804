// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The filter of the training music that a weight file carries (engine/quotation.h), made of a corpus.

#ifndef RITORNELLO_QUOTATION_FILTER_H
#define RITORNELLO_QUOTATION_FILTER_H

#include "corpus.h"

#include "engine/quotation.h"
#include "engine/safetensors.h"

#include <stdint.h>

/// Make a filter of all runs in the pieces of `corpus` whose entry in `held` is 0 (all if `held` is NULL). Free with free().
enum status quotation_filter_make(const struct corpus *corpus,
                                  const uint8_t *held,
                                  struct quotation_filter **filter,
                                  struct error *error);

/// Describe `filter` as a tensor that points into it.
void quotation_filter_describe(const struct quotation_filter *filter, struct tensor *tensor);

#endif // RITORNELLO_QUOTATION_FILTER_H
