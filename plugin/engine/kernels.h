// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The arithmetic of inference, all of it: every floating-point operation between the weights and a probability goes through
// here. Results are the same to the bit on every machine, because the order of operations is fixed: a dot product has
// sixteen accumulation lanes of fused multiply-adds, added by one reduction tree, and exp, log, tanh and sigmoid are our own
// polynomials. Compiled with -ffp-contract=off. Rows are independent of each other, so work may stop and go on at any row.
//
// Weights and what the attention remembers are floats or halves (IEEE 754 binary16), which are widened in registers: exact,
// so a matrix of halves gives the bits that its values as floats would give, at half the bytes. Reading them is what
// inference costs, so they lie in the order in which they are read.
//
// All vectors are aligned to KERNEL_ALIGNMENT and padded with zeros to a multiple of KERNEL_LANES floats; `padded` lengths
// are such multiples.

#ifndef RITORNELLO_KERNELS_H
#define RITORNELLO_KERNELS_H

#include "realtime.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  KERNEL_LANES = 16,     ///< Lanes that a sum is accumulated in
  KERNEL_ROWS = 8,       ///< Rows of a matrix that lie together
  KERNEL_ALIGNMENT = 64, ///< Of vectors and matrices, in bytes
  KERNEL_CLASSES = 48,   ///< Classes of slots that have a bias of their own
};

/// Round `count` up to a multiple of KERNEL_LANES.
static inline uint32_t
kernel_padded(const uint32_t count) REALTIME
{
  return (count + KERNEL_LANES - 1U) / KERNEL_LANES * KERNEL_LANES;
}

/// How numbers are kept that are read far more often than written.
enum precision { PRECISION_F32, PRECISION_F16 };

/// Return the bytes of one number.
static inline size_t
precision_size(const enum precision precision) REALTIME
{
  return precision == PRECISION_F16 ? sizeof(uint16_t) : sizeof(float);
}

/// A weight matrix, for products: [rows / KERNEL_ROWS][padded / KERNEL_LANES][KERNEL_ROWS][KERNEL_LANES], rounded up. So
/// KERNEL_ROWS rows that are worked on together are read from beginning to end. Rows and columns beyond the true ones are zero.
struct matrix {
  const void *data; ///< Floats or halves
  uint32_t rows;
  uint32_t padded; ///< Columns
  enum precision precision;
};

/// Return the place of row `row`, column `column` in a matrix of `padded` columns, in numbers from its beginning.
static inline size_t
matrix_place(const uint32_t padded, const uint32_t row, const uint32_t column) REALTIME
{
  return (size_t)(row / KERNEL_ROWS) * KERNEL_ROWS * padded +
         (size_t)(column / KERNEL_LANES) * KERNEL_ROWS * KERNEL_LANES + (size_t)(row % KERNEL_ROWS) * KERNEL_LANES +
         column % KERNEL_LANES;
}

/// Return the bytes that a matrix of `rows` and `padded` takes.
static inline size_t
matrix_size(const uint32_t rows, const uint32_t padded, const enum precision precision) REALTIME
{
  return (size_t)((rows + KERNEL_ROWS - 1U) / KERNEL_ROWS * KERNEL_ROWS) * padded * precision_size(precision);
}

/// Rows that are taken one at a time, or one vector: [rows][padded], row-major; the columns beyond the true ones are zero.
struct table {
  const float *data;
  uint32_t rows;
  uint32_t padded; ///< Floats from row to row
};

/// Vectors that lie side by side: the one after begins `stride` floats later. KERNEL_LANES divides `stride`.
struct vectors {
  float *data;
  size_t stride;
  uint32_t count;
};

/// What attention remembers: a vector [width] per slot, floats or halves. KERNEL_LANES divides `width`.
struct slots {
  const void *data;
  enum precision precision;
  uint32_t width;
  size_t stride; ///< Numbers from slot to slot; not for keys (below)
};

/// Return the place of number `column` of the key [width] in `slot`: keys lie in groups of KERNEL_LANES slots, number by number,
/// [slots / KERNEL_LANES][width][KERNEL_LANES], so that the scores of such a group are found without adding across lanes.
static inline size_t
key_place(const uint32_t width, const uint32_t slot, const uint32_t column) REALTIME
{
  return (size_t)(slot / KERNEL_LANES) * KERNEL_LANES * width + (size_t)column * KERNEL_LANES + slot % KERNEL_LANES;
}

/// The instructions that the kernels were chosen for.
enum kernel_set { KERNEL_PORTABLE, KERNEL_AVX2, KERNEL_AVX512, KERNEL_NEON };

/// The kernels for one instruction set; immutable, lives for ever.
struct kernels {
  enum kernel_set set;
  const char *name;

  /// y[r] = bias[r] + sum_c matrix[r][c] x[c] for r in [begin, end); `bias` may be NULL or y. `x` has matrix->padded floats.
  /// Quickest where `begin` is a multiple of KERNEL_ROWS and `end` is too, or the last.
  void (*matrix_vector)(
      const struct matrix *matrix, const float *bias, const float *x, float *y, uint32_t begin, uint32_t end) REALTIME;

  /// The same for x[t] and y[t], t in [0, x->count), each row being read once for several of them; the results are those of
  /// matrix_vector().
  void (*matrix_vectors)(const struct matrix *matrix,
                         const float *bias,
                         const struct vectors *x,
                         const struct vectors *y,
                         uint32_t begin,
                         uint32_t end) REALTIME;

  /// y[i] += a x[i] for i in [0, padded).
  void (*add_scaled)(float *y, const float *x, float a, uint32_t padded) REALTIME;

  /// One LSTM step after the matrix products: gates [4][hidden] (input, forget, cell, output; pre-activation) update
  /// cell [hidden] and output [hidden], for units in [begin, end).
  void (*lstm_step)(const float *gates, uint32_t hidden, float *cell, float *output, uint32_t begin, uint32_t end)
      REALTIME;

  /// Scores of one attention head: scores[s] = sum_k query[k] keys[s][k] for slots s in [begin, end), a dot product as above.
  /// `keys` lie as key_place() says, the last group of them whole.
  void (*scores)(const float *query, const struct slots *keys, float *scores, uint32_t begin, uint32_t end) REALTIME;

  /// scores[s] = (scores[s] + bias[classes[s]]) factor for s in [begin, end). Return the highest of them and `highest`. `bias`
  /// has KERNEL_CLASSES floats, and classes are below that.
  float (*score_biases)(float *scores,
                        const float *bias,
                        const uint8_t *classes,
                        float factor,
                        float highest,
                        uint32_t begin,
                        uint32_t end) REALTIME;

  /// Energies of additive attention: energies[s] = sigmoid(sum_k weight[k] tanh(query[k] + keys[s * stride + k])) for s in
  /// [begin, end); k to `padded`.
  void (*energies)(const float *query,
                   const float *weight,
                   const float *keys,
                   size_t stride,
                   uint32_t padded,
                   float *energies,
                   uint32_t begin,
                   uint32_t end) REALTIME;

  /// y[c] += weights[n][s] values[s][c] for s from begin to end, one after the other, and c in [0, values->width), where n is
  /// the head that column c belongs to: each of `heads` has width / heads columns, which KERNEL_LANES divides. weights
  /// [heads][stride].
  void (*weighted_sums)(const float *weights,
                        size_t stride,
                        uint32_t heads,
                        const struct slots *values,
                        float *y,
                        uint32_t begin,
                        uint32_t end) REALTIME;

  /// Round floats to halves, to the nearest and then to the even one; beyond the largest half, 65504, to that one (NaN too).
  void (*narrow)(const float *x, uint16_t *y, uint32_t padded) REALTIME;

  /// Turn finite halves into floats, which is exact.
  void (*widen)(const uint16_t *x, float *y, uint32_t padded) REALTIME;

  /// y[i] = exp(x[i] - shift) for i in [begin, end), which kernel_exp() gives too; y may be x.
  void (*exponentials)(const float *x, float shift, float *y, uint32_t begin, uint32_t end) REALTIME;

  /// Return the sum of x[i] for i in [0, padded), in lanes as in a dot product.
  float (*sum)(const float *x, uint32_t padded) REALTIME;
};

/// Return the best kernels that this processor runs. Not for the audio thread (the first call asks the processor).
const struct kernels *kernels_best(void);

/// Return the kernels of `set`, or NULL where they are not built or the processor lacks the instructions.
const struct kernels *kernels_of(enum kernel_set set);

/// How the processor rounds and treats the smallest numbers, which is the host's to set.
struct kernel_mode {
  uint64_t bits;
};

/// Make the processor compute by IEEE 754, rounding to nearest and keeping subnormal numbers, and return how it did before.
/// Hosts may flush subnormals to zero on the audio thread, which other threads and processors don't.
struct kernel_mode kernel_mode_enter(void) REALTIME;

/// Go back to the mode that kernel_mode_enter() returned.
void kernel_mode_leave(struct kernel_mode mode) REALTIME;

/// exp, log, tanh and logistic function, exactly rounded nowhere but the same everywhere. Relative error below 2e-7 (tanh and
/// sigmoid: absolute). exp is 0 below -87 and clamps above 88; log wants a positive normal number.
float kernel_exp(float x) REALTIME;
float kernel_log(float x) REALTIME;
float kernel_tanh(float x) REALTIME;
float kernel_sigmoid(float x) REALTIME;

#ifdef __cplusplus
}
#endif

#endif // RITORNELLO_KERNELS_H
