// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The kernels for AVX2 with FMA; compiled with these instructions allowed, and called only where they are there.

#define PART 8
#define ROWS 4

#include "kernels_math.h"

#include <immintrin.h>

static inline part
part_fma(const part a, const part b, const part c) REALTIME
{
  return _mm256_fmadd_ps(a, b, c);
}

#include "kernels_body.h"
#include "kernels_private.h"

const struct kernels kernels_avx2 = KERNELS_BODY(KERNEL_AVX2, "AVX2");
