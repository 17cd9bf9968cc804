// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The kernels for AVX-512; compiled with these instructions allowed, and called only where they are there.

#define PART 16
#define ROWS 8

#include "kernels_math.h"

#include <immintrin.h>

static inline part
part_fma(const part a, const part b, const part c) REALTIME
{
  return _mm512_fmadd_ps(a, b, c);
}

#include "kernels_body.h"
#include "kernels_private.h"

const struct kernels kernels_avx512 = KERNELS_BODY(KERNEL_AVX512, "AVX-512");
