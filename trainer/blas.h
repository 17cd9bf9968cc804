// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Make OpenBLAS as fast as the machine is.
//
// OpenBLAS chooses its kernels when it is loaded, by the processor's model number. Debian 12's 0.3.21 does not know
// processors made after it, and takes its kernels of 2004 ("Prescott", SSE3) for them, which are three to four times
// slower than those that the processor could run. The choice can be made for it only through the environment variable
// OPENBLAS_CORETYPE, and only before the program starts: hence the program starts itself a second time.

#ifndef RITORNELLO_BLAS_H
#define RITORNELLO_BLAS_H

/// What the processor can compute with, as far as it matters to the choice of kernels.
enum blas_level {
  BLAS_LEVEL_PLAIN,  ///< Less than AVX2, or no x86 processor
  BLAS_LEVEL_AVX2,   ///< AVX2 and FMA
  BLAS_LEVEL_AVX512, ///< AVX-512 F, VL, BW and DQ
};

/// Return what this processor can do.
enum blas_level blas_processor_level(void);

/// Return what OpenBLAS' kernels called `core` (as openblas_get_corename() says it) make use of.
enum blas_level blas_core_level(const char *core);

/// Return the value for OPENBLAS_CORETYPE that suits a processor of `level` if `core` does less, or NULL if it is good.
const char *blas_better_core(const char *core, enum blas_level level);

/// Start the program once more with better kernels if there are any, unless the user has set OPENBLAS_CORETYPE: then say on
/// stderr that there are. `argv` is main()'s, unchanged. Then set OpenBLAS to one thread: the trainer gives each of its own threads a part of the batch,
/// which has less to wait for than threads inside every product. Call it first, before files are open and threads run.
void blas_prepare(char **argv);

#endif // RITORNELLO_BLAS_H
