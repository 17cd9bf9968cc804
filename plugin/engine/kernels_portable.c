// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The kernels in plain C. fmaf() is exact by the C standard, in software where the processor can't; slow there, but right.

#define PART 4
#define ROWS 4

#include "kernels_math.h"

#include <math.h>

static inline part
part_fma(const part a, const part b, const part c) REALTIME
{
  part result;
  for (unsigned i = 0; i < PART; ++i) {
    result[i] = fmaf(a[i], b[i], c[i]);
  }
  return result;
}

#include "kernels_body.h"
#include "kernels_private.h"

const struct kernels kernels_portable = KERNELS_BODY(KERNEL_PORTABLE, "portable");
