// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The arithmetic of inference, all of it: every floating-point operation between the weights and a probability goes through
// here. Results are the same to the bit on every machine, because the order of operations is fixed: a dot product has
// sixteen accumulation lanes of fused multiply-adds, added by one reduction tree, and exp, log, tanh and sigmoid are our own
// polynomials. Compiled with -ffp-contract=off. Rows are independent of each other, so work may stop and go on at any row.
//
// Weights are floats or halves (IEEE 754 binary16), which are widened in registers: exact, so a matrix of halves gives the
// bits that its values as floats would give, at half the bytes. Reading them is what inference costs, so they lie in the order
// in which they are read. What the attention of a network of halves remembers is kept in integers, keys in 16 bits and values in
// 8, with a factor for each: sums of integers are exact in any order.
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
  KERNEL_HEADS = 16,     ///< Heads of the attention, at most
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

/// What attention remembers, slot by slot, of one or several heads. Slots lie in groups of KERNEL_LANES, and what belongs to a
/// slot and a head lies at slots_place(). Keys and values are floats, or integers with a factor for each.
struct slots {
  enum precision precision; ///< PRECISION_F32: floats; PRECISION_F16: integers, which serve networks of halves as well
  uint32_t heads;
  uint32_t key;           ///< Numbers of a key, a multiple of KERNEL_LANES
  uint32_t value;         ///< Numbers of a value, the same
  const void *keys;       ///< Floats, or integers of 16 bits, as key_place() says
  const void *values;     ///< Floats [slots][heads * value], or integers of 8 bits as value_place() says
  float *key_scales;      ///< What the numbers of each key are multiplied with
  float *value_scales;    ///< The same of values; not of floats
  const uint8_t *classes; ///< [slots] Which bias, below KERNEL_CLASSES
};

/// Return the place of what there is once per slot and head: [slots / KERNEL_LANES][heads][KERNEL_LANES].
static inline size_t
slots_place(const uint32_t heads, const uint32_t slot, const uint32_t head) REALTIME
{
  return ((size_t)(slot / KERNEL_LANES) * heads + head) * KERNEL_LANES + slot % KERNEL_LANES;
}

/// Return the place of number `column` of a key [width], so that the scores of a group are found without adding across lanes:
/// floats [slots / KERNEL_LANES][heads][width][KERNEL_LANES], integers in pairs of numbers,
/// [slots / KERNEL_LANES][heads][width / 2][KERNEL_LANES][2].
static inline size_t
key_place(const struct slots *const slots, const uint32_t slot, const uint32_t head, const uint32_t column) REALTIME
{
  const size_t group = slots_place(slots->heads, slot / KERNEL_LANES * KERNEL_LANES, head) * slots->key;
  const size_t lane = slot % KERNEL_LANES;
  return slots->precision == PRECISION_F16 ? group + (size_t)(column / 2) * 2 * KERNEL_LANES + 2 * lane + column % 2
                                           : group + (size_t)column * KERNEL_LANES + lane;
}

/// Return the place of number `column` of a value [width] of integers, in fours of slots:
/// [slots / KERNEL_LANES][heads][KERNEL_LANES / 4][width][4].
static inline size_t
value_place(const struct slots *const slots, const uint32_t slot, const uint32_t head, const uint32_t column) REALTIME
{
  const size_t group = slots_place(slots->heads, slot / KERNEL_LANES * KERNEL_LANES, head) * slots->value;
  return group + (size_t)(slot % KERNEL_LANES / 4) * 4 * slots->value + (size_t)column * 4 + slot % 4;
}

/// What the heads look for.
struct query {
  const void *data;    ///< [heads][key] Numbers as those of the keys. Dot products of integers have to stay below 2^31
  const float *scales; ///< [heads] What they are multiplied with
  const float *bias;   ///< [heads][KERNEL_CLASSES]
  float sharpness;     ///< Factor on all scores
};

/// What a softmax is found in. First each group of slots has a softmax of its own, so that the highest score need not be known.
struct softmax {
  float *numerators; ///< At slots_place(): exp(score - the group's peak), then exp(score - highest)
  float *peaks;      ///< [slots / KERNEL_LANES][KERNEL_HEADS] The highest score of each group
  float *highest;    ///< [KERNEL_HEADS] The highest of all
  float *largest;    ///< [KERNEL_HEADS] The largest of the scales of values
  float *lanes;      ///< [heads][KERNEL_LANES] Sums of numerators, of each lane's slots
};

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

  /// Scores of attention are (key . query + bias[classes[s]]) sharpness for slots s in [begin, end), and minus infinity for the
  /// others of the first and the last group. Dot products of floats are as above, those of integers are exact, rounded to a
  /// float and multiplied with the key's scale times the query's. What is kept are the peaks, and exp(score - peak); `highest`
  /// and `largest` become no lower than any.
  void (*scores)(const struct slots *slots,
                 const struct query *query,
                 const struct softmax *softmax,
                 uint32_t begin,
                 uint32_t end) REALTIME;

  /// Make numerators of them by exp(peak - highest), in the groups that [begin, end) touches, and add them up in lanes.
  void (*numerators)(uint32_t heads, const struct softmax *softmax, uint32_t begin, uint32_t end) REALTIME;

  /// The same, and the sums of values of integers, in integers: y[n][c] += w value[s][n][c], where w is the numerator times the
  /// value's scale over the largest times `most`, to the nearest. The sums have to stay below 2^31.
  void (*integer_sums)(
      const struct slots *slots, const struct softmax *softmax, uint32_t most, int32_t *y, uint32_t begin, uint32_t end)
      REALTIME;

  /// Make integers of vectors [count][width]: y[i] = x[i] / scale, to the nearest, where the largest in each vector is `most`, below
  /// 2^15; scales [count] are 0 where all numbers are. Beyond 65504, and where it is no number, x counts as that. KERNEL_LANES
  /// divides `width`.
  void (*quantize)(const float *x, uint32_t count, uint32_t width, uint32_t most, int16_t *y, float *scales) REALTIME;

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

  /// y[c] += weights[s] values[s * stride + c] for s from begin to end, one after the other, and c in [0, width), which
  /// KERNEL_LANES divides.
  void (*weighted_sums)(
      const float *weights, const float *values, size_t stride, uint32_t width, float *y, uint32_t begin, uint32_t end)
      REALTIME;

  /// y[i] = x[i] where that is above zero, else zero (ReLU), for i in [0, padded). NaN gives zero.
  void (*rectify)(const float *x, float *y, uint32_t padded) REALTIME;

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
