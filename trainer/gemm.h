// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The trainer's matrix products: three shapes of cblas_sgemm under names that say which operand is transposed. All matrices
// are row-major; `c` is added to when `accumulate` is 1, overwritten when it is 0. Leading dimensions are explicit where
// callers work on slices.

#ifndef RITORNELLO_GEMM_H
#define RITORNELLO_GEMM_H

#include <cblas.h>

/// c [m][n] = a [m][k] b [k][n]
static inline void
gemm_nn(const int m,
        const int n,
        const int k,
        const float *const a,
        const int lda,
        const float *const b,
        const int ldb,
        const float accumulate,
        float *const c,
        const int ldc)
{
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1.0F, a, lda, b, ldb, accumulate, c, ldc);
}

/// c [m][n] = a [m][k] b [n][k]'
static inline void
gemm_nt(const int m,
        const int n,
        const int k,
        const float *const a,
        const int lda,
        const float *const b,
        const int ldb,
        const float accumulate,
        float *const c,
        const int ldc)
{
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, m, n, k, 1.0F, a, lda, b, ldb, accumulate, c, ldc);
}

/// c [m][n] = a [k][m]' b [k][n]
static inline void
gemm_tn(const int m,
        const int n,
        const int k,
        const float *const a,
        const int lda,
        const float *const b,
        const int ldb,
        const float accumulate,
        float *const c,
        const int ldc)
{
  cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, m, n, k, 1.0F, a, lda, b, ldb, accumulate, c, ldc);
}

#endif // RITORNELLO_GEMM_H
