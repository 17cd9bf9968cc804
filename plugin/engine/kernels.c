// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The choice of kernels, the processor's mode, and the elementary functions for one float at a time.

#define PART 1

#include "kernels.h"
#include "kernels_math.h"
#include "kernels_private.h"

#include <math.h>
#if defined(__SSE__)
#  include <xmmintrin.h>
#endif

static inline part
part_fma(const part a, const part b, const part c) REALTIME
{
  return part_of(fmaf(a[0], b[0], c[0]));
}

float
kernel_exp(const float x) REALTIME
{
  return part_exp(part_of(x))[0];
}

float
kernel_log(const float x) REALTIME
{
  return part_log(part_of(x))[0];
}

float
kernel_tanh(const float x) REALTIME
{
  return part_tanh(part_of(x))[0];
}

float
kernel_sigmoid(const float x) REALTIME
{
  return part_sigmoid(part_of(x))[0];
}

const struct kernels *
kernels_of(const enum kernel_set set)
{
  switch (set) {
  case KERNEL_PORTABLE:
    return &kernels_portable;
#ifdef KERNELS_X86
  case KERNEL_AVX2: // Those that have it have F16C, which not all compilers can ask for
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &kernels_avx2 : NULL;
  case KERNEL_AVX512:
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                   __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                   __builtin_cpu_supports("avx512vnni")
               ? &kernels_avx512
               : NULL;
#endif
#ifdef KERNELS_NEON
  case KERNEL_NEON:
    return &kernels_neon;
#endif
  default:
    return NULL;
  }
}

const struct kernels *
kernels_best(void)
{
  static const enum kernel_set order[] = {KERNEL_AVX512, KERNEL_NEON, KERNEL_AVX2};
  for (unsigned i = 0; i < sizeof(order) / sizeof(*order); ++i) {
    const struct kernels *const kernels = kernels_of(order[i]);
    if (kernels) {
      return kernels;
    }
  }
  return &kernels_portable;
}

#if defined(__SSE__)

// MXCSR: no exceptions raised, rounding to nearest, neither flush-to-zero nor denormals-are-zero
enum { MXCSR_IEEE = 0x1F80 };

struct kernel_mode
kernel_mode_enter(void) REALTIME
{
  const struct kernel_mode mode = {_mm_getcsr()};
  _mm_setcsr(MXCSR_IEEE);
  return mode;
}

void
kernel_mode_leave(const struct kernel_mode mode) REALTIME
{
  _mm_setcsr((unsigned)mode.bits);
}

#elif defined(__aarch64__)

struct kernel_mode
kernel_mode_enter(void) REALTIME
{
  struct kernel_mode mode;
  __asm__ volatile("mrs %0, fpcr" : "=r"(mode.bits));
  __asm__ volatile("msr fpcr, %0" : : "r"((uint64_t)0) : "memory");
  return mode;
}

void
kernel_mode_leave(const struct kernel_mode mode) REALTIME
{
  __asm__ volatile("msr fpcr, %0" : : "r"(mode.bits) : "memory");
}

#else

struct kernel_mode
kernel_mode_enter(void) REALTIME
{
  return (struct kernel_mode){0};
}

void
kernel_mode_leave(const struct kernel_mode mode) REALTIME
{
  (void)mode;
}

#endif
