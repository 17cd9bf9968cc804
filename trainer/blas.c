// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "blas.h"

#include <cblas.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

enum blas_level
blas_processor_level(void)
{
#if defined(__x86_64__) || defined(__i386__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq")) {
    return BLAS_LEVEL_AVX512;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    return BLAS_LEVEL_AVX2;
  }
#endif
  return BLAS_LEVEL_PLAIN;
}

enum blas_level
blas_core_level(const char *const core)
{
  static const struct {
    const char *core;
    enum blas_level level;
  } levels[] = {
      {"Haswell", BLAS_LEVEL_AVX2},    {"Zen", BLAS_LEVEL_AVX2},          {"Excavator", BLAS_LEVEL_AVX2},
      {"SkylakeX", BLAS_LEVEL_AVX512}, {"Cooperlake", BLAS_LEVEL_AVX512}, {"SapphireRapids", BLAS_LEVEL_AVX512},
  };
  for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); ++i) {
    if (!strcasecmp(core, levels[i].core)) {
      return levels[i].level;
    }
  }
  return BLAS_LEVEL_PLAIN;
}

const char *
blas_better_core(const char *const core, const enum blas_level level)
{
  if (blas_core_level(core) >= level) {
    return NULL;
  }
  return level == BLAS_LEVEL_AVX512 ? "SkylakeX" : "Haswell";
}

void
blas_prepare(char **const argv)
{
  const char *const better = blas_better_core(openblas_get_corename(), blas_processor_level());
  const char *const chosen = getenv("OPENBLAS_CORETYPE");
  if (better && chosen && strcasecmp(chosen, better)) {
    fprintf(stderr, "OPENBLAS_CORETYPE is set to %s: without it, or with %s, this processor would be faster\n", chosen,
            better);
  } else if (better && !chosen && !setenv("OPENBLAS_CORETYPE", better, 0)) {
    execv("/proc/self/exe", argv); // If it fails, the slow kernels are right all the same
  }
  openblas_set_num_threads(1);
}
