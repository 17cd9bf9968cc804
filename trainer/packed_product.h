// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The product of a few rows with a large matrix that stays the same for many of them: the recurrent step of an LSTM, with as
// many rows as there are streams. A BLAS rearranges the matrix for every such product, which takes as long as computing with
// it; here it is rearranged once (Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", 2008).

#ifndef RITORNELLO_PACKED_PRODUCT_H
#define RITORNELLO_PACKED_PRODUCT_H

#include <stdbool.h>
#include <stddef.h>

enum { PACKED_PANEL = 32 }; ///< Columns that lie together

/// Return how many floats a packed matrix of `depth` rows and `columns` columns takes.
size_t packed_size(size_t depth, size_t columns);

/// Rearrange `matrix` [depth][columns] into `packed`.
void packed_pack(const float *matrix, size_t depth, size_t columns, float *packed);

/// Rearrange the transposed of `matrix` [columns][depth] into `packed`.
void packed_pack_transposed(const float *matrix, size_t depth, size_t columns, float *packed);

/// c [rows][columns] = a [rows][depth] times the packed matrix, or with `accumulate` that is added to c. Rows lie one after
/// another. The order of the sums is the same for every row, wherever it stands.
void packed_multiply(
    const float *a, const float *packed, size_t rows, size_t depth, size_t columns, bool accumulate, float *c);

#endif // RITORNELLO_PACKED_PRODUCT_H
