// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// exp, log, tanh and the logistic function on PART floats at once, in the vector notation that GCC and Clang share. Whoever
// includes this file has defined PART, a power of two. Each element goes through the same operations whatever PART is,
// which is what makes results equal on all processors. The polynomials are Chebyshev approximations of our own making.

#ifndef RITORNELLO_KERNELS_MATH_H
#define RITORNELLO_KERNELS_MATH_H

#include "realtime.h"

#include <stdint.h>
#if PART >= 8
#  include <immintrin.h>
#endif

typedef float part __attribute__((vector_size(4 * PART)));
typedef int32_t part_bits __attribute__((vector_size(4 * PART)));
typedef int16_t part_pairs __attribute__((vector_size(4 * PART)));

/// Return a * b + c, rounded once; defined by whoever includes this file.
static inline part part_fma(part a, part b, part c) REALTIME;

/// Return `value` in all elements: the compilers' vectors take scalars as operands, and nothing changes by taking off zero.
static inline part
part_of(const float value) REALTIME
{
  return value - (part){0};
}

/// Return a where `mask` is all ones, b where it is zero.
static inline part
part_select(const part_bits mask, const part a, const part b) REALTIME
{
  return (part)((mask & (part_bits)a) | (~mask & (part_bits)b));
}

/// Return a where a > b, else b.
static inline part
part_max(const part a, const part b) REALTIME
{
#if PART == 16
  return _mm512_max_ps(a, b);
#elif PART == 8
  return _mm256_max_ps(a, b);
#else
  return part_select(a > b, a, b);
#endif
}

/// Return a where a < b, else b.
static inline part
part_min(const part a, const part b) REALTIME
{
#if PART == 16
  return _mm512_min_ps(a, b);
#elif PART == 8
  return _mm256_min_ps(a, b);
#else
  return part_select(a < b, a, b);
#endif
}

/// Return p 2^n, or zero where x < low. `n` is integers from -126 to 127, and the product is a normal number.
static inline part
part_power(const part p, const part n, const part x, const part low) REALTIME
{
#if PART == 16
  return _mm512_maskz_scalef_ps(_mm512_cmp_ps_mask(x, low, _CMP_NLT_UQ), p, n);
#else
  const part_bits exponent = __builtin_convertvector(n, part_bits);
  const part scale = (part)((exponent + 127) << 23);
  return (part)(~(x < low) & (part_bits)(p * scale));
#endif
}

// exp(x) = 2^n exp(r) with n = round(x / ln 2) and |r| <= ln 2 / 2; exp(r) = 1 + r + r^2 p(r), error of p below 7e-8. NaN
// gives what the lower bound gives.
static inline part
part_exp(const part x) REALTIME
{
  const part low = part_of(-87.0F);
  const part high = part_of(88.0F);
  const part clamped = part_min(part_max(x, low), high);
  const part to_integer = part_of(0x1.8p23F); // Added to a small number, leaves no bits for a fraction
  const part n = part_fma(clamped, part_of(0x1.715476p0F), to_integer) - to_integer;
  const part r = part_fma(n, part_of(0x1.05c610p-29F), part_fma(n, part_of(-0x1.62e430p-1F), clamped));
  part p = part_of(0.001392618359F);
  p = part_fma(p, r, part_of(0.008363179053F));
  p = part_fma(p, r, part_of(0.04166655462F));
  p = part_fma(p, r, part_of(0.1666657699F));
  p = part_fma(p, r, part_of(0.5F));
  p = part_fma(p, r * r, r) + 1.0F;
  return part_power(p, n, x, low);
}

// log(x) = n ln 2 + log(1 + r) with 1 + r between sqrt(1/2) and sqrt(2); log(1 + r) = r - r^2 / 2 + r^3 p(r), error of p below
// 3e-8.
static inline part
part_log(const part x) REALTIME
{
  const part_bits bits = (part_bits)x;
  const part_bits n = (bits - 0x3F3504F3) >> 23;
  const part r = (part)(bits - (n << 23)) - 1.0F;
  const part count = __builtin_convertvector(n, part);
  part p = part_of(0.06971611471F);
  p = part_fma(p, r, part_of(-0.1147973385F));
  p = part_fma(p, r, part_of(0.1168541992F));
  p = part_fma(p, r, part_of(-0.1242568733F));
  p = part_fma(p, r, part_of(0.1424905765F));
  p = part_fma(p, r, part_of(-0.1666780232F));
  p = part_fma(p, r, part_of(0.2000071575F));
  p = part_fma(p, r, part_of(-0.2499999696F));
  p = part_fma(p, r, part_of(0.3333333118F));
  const part square = r * r;
  p = part_fma(p * r, square, count * -0x1.05c610p-29F);
  p = part_fma(square, part_of(-0.5F), p);
  return part_fma(count, part_of(0x1.62e430p-1F), r + p);
}

static inline part
part_sigmoid(const part x) REALTIME
{
  return 1.0F / (1.0F + part_exp(-x));
}

// tanh(|x|) = 1 - 2 / (exp(2 |x|) + 1), with the sign of x
static inline part
part_tanh(const part x) REALTIME
{
  const part_bits sign = (part_bits)x & INT32_MIN;
  const part size = (part)((part_bits)x & INT32_MAX);
  const part value = 1.0F - 2.0F / (part_exp(size + size) + 1.0F);
  return (part)((part_bits)value | sign);
}

#endif // RITORNELLO_KERNELS_MATH_H
