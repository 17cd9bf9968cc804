// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The tables of kernels that this build may have, one per instruction set.

#ifndef RITORNELLO_KERNELS_PRIVATE_H
#define RITORNELLO_KERNELS_PRIVATE_H

#include "kernels.h"

extern const struct kernels kernels_portable;
#ifdef KERNELS_X86
extern const struct kernels kernels_avx2;
extern const struct kernels kernels_avx512;
#endif
#ifdef KERNELS_NEON
extern const struct kernels kernels_neon;
#endif

#endif // RITORNELLO_KERNELS_PRIVATE_H
