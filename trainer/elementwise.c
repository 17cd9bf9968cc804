// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "elementwise.h"

#include <math.h>

// One copy of each loop per instruction set, chosen by the dynamic linker. Sets are named, not processors: a processor that
// the compiler does not know by name would get the plainest copy.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_THREAD__)
#  define EVERY_PROCESSOR __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#  define EVERY_PROCESSOR
#endif

#define INLINE static inline __attribute__((always_inline))

enum { LANES = 16 }; // Partial sums, so that a sum vectorises without leave to reorder it

INLINE float
add_lanes(const float lanes[LANES])
{
  float total = 0.0F;
  for (size_t l = 0; l < LANES; ++l) {
    total += lanes[l];
  }
  return total;
}

// exp by x = n ln 2 + r and a polynomial of degree 6 in r (the Taylor coefficients; |r| <= ln 2 / 2): relative error 2e-7
INLINE float
exponential(const float x)
{
  const float clamped = x < -87.0F ? -87.0F : x > 88.0F ? 88.0F : x; // NaN stays what it is, and comes out at the end
  const float number = isnan(x) ? 0.0F : clamped;
  const float n = (number * 1.44269504F + 12582912.0F) - 12582912.0F;
  const float r = (clamped - n * 0.693359375F) + n * 2.12194440e-4F;
  float p = 1.0F / 720.0F;
  p = p * r + 1.0F / 120.0F;
  p = p * r + 1.0F / 24.0F;
  p = p * r + 1.0F / 6.0F;
  p = p * r + 0.5F;
  p = p * r + 1.0F;
  p = p * r + 1.0F;
  const union {
    int32_t bits;
    float value;
  } power = {((int32_t)n + 127) << 23};
  return p * power.value;
}

INLINE float
logistic(const float x)
{
  return 1.0F / (1.0F + exponential(-x));
}

INLINE float
hyperbolic_tangent(const float x)
{
  return 2.0F / (1.0F + exponential(-2.0F * x)) - 1.0F;
}

// One row of the step: the four gates as pointers of their own, or the compiler suspects that they overlap
INLINE void
gates_forward(const size_t hidden,
              float *restrict const in,
              float *restrict const forget,
              float *restrict const candidate,
              float *restrict const out,
              const float *restrict const cell_before,
              float *restrict const cell,
              float *restrict const tanh_cell,
              float *restrict const output)
{
  for (size_t h = 0; h < hidden; ++h) {
    in[h] = logistic(in[h]);
    forget[h] = logistic(forget[h]);
    candidate[h] = hyperbolic_tangent(candidate[h]);
    out[h] = logistic(out[h]);
    cell[h] = forget[h] * cell_before[h] + in[h] * candidate[h];
    tanh_cell[h] = hyperbolic_tangent(cell[h]);
    output[h] = out[h] * tanh_cell[h];
  }
}

EVERY_PROCESSOR void
lstm_gates_forward(const size_t batch,
                   const size_t hidden,
                   float *const gates,
                   const float *const cell_before,
                   float *const cell,
                   float *const tanh_cell,
                   float *const output)
{
  for (size_t b = 0; b < batch; ++b) {
    float *const g = gates + b * 4 * hidden;
    const size_t row = b * hidden;
    gates_forward(hidden, g, g + hidden, g + 2 * hidden, g + 3 * hidden, cell_before + row, cell + row, tanh_cell + row,
                  output + row);
  }
}

INLINE void
gates_backward(const size_t hidden,
               float *restrict const in,
               float *restrict const forget,
               float *restrict const candidate,
               float *restrict const out,
               const float *restrict const cell_before,
               const float *restrict const tanh_cell,
               const float *restrict const d_output,
               float *restrict const d_cell)
{
  for (size_t h = 0; h < hidden; ++h) {
    const float i = in[h];
    const float f = forget[h];
    const float g = candidate[h];
    const float o = out[h];
    const float t = tanh_cell[h];
    const float d = d_cell[h] + d_output[h] * o * (1.0F - t * t);
    in[h] = d * g * i * (1.0F - i);
    forget[h] = d * cell_before[h] * f * (1.0F - f);
    candidate[h] = d * i * (1.0F - g * g);
    out[h] = d_output[h] * t * o * (1.0F - o);
    d_cell[h] = d * f;
  }
}

EVERY_PROCESSOR void
lstm_gates_backward(const size_t batch,
                    const size_t hidden,
                    float *const gates,
                    const float *const cell_before,
                    const float *const tanh_cell,
                    const float *const d_output,
                    float *const d_cell)
{
  for (size_t b = 0; b < batch; ++b) {
    float *const g = gates + b * 4 * hidden;
    const size_t row = b * hidden;
    gates_backward(hidden, g, g + hidden, g + 2 * hidden, g + 3 * hidden, cell_before + row, tanh_cell + row,
                   d_output + row, d_cell + row);
  }
}

EVERY_PROCESSOR float
exponentials(float *restrict const values, const size_t count, const float max)
{
  for (size_t i = 0; i < count; ++i) {
    values[i] = exponential(values[i] - max);
  }
  return sum(values, count);
}

EVERY_PROCESSOR float
largest(const float *restrict const values, const size_t count)
{
  float lanes[LANES];
  for (size_t l = 0; l < LANES; ++l) {
    lanes[l] = values[0];
  }
  size_t i = 0;
  for (; i + LANES <= count; i += LANES) {
    for (size_t l = 0; l < LANES; ++l) {
      lanes[l] = values[i + l] > lanes[l] ? values[i + l] : lanes[l];
    }
  }
  for (; i < count; ++i) {
    lanes[0] = values[i] > lanes[0] ? values[i] : lanes[0];
  }
  for (size_t l = 1; l < LANES; ++l) {
    lanes[0] = lanes[l] > lanes[0] ? lanes[l] : lanes[0];
  }
  return lanes[0];
}

EVERY_PROCESSOR void
scale(float *restrict const values, const size_t count, const float factor)
{
  for (size_t i = 0; i < count; ++i) {
    values[i] *= factor;
  }
}

EVERY_PROCESSOR void
add_constant(float *restrict const values, const size_t count, const float value)
{
  for (size_t i = 0; i < count; ++i) {
    values[i] += value;
  }
}

EVERY_PROCESSOR void
add(float *restrict const values, const float *restrict const others, const size_t count)
{
  for (size_t i = 0; i < count; ++i) {
    values[i] += others[i];
  }
}

EVERY_PROCESSOR float
sum(const float *restrict const values, const size_t count)
{
  float lanes[LANES] = {0.0F};
  size_t i = 0;
  for (; i + LANES <= count; i += LANES) {
    for (size_t l = 0; l < LANES; ++l) {
      lanes[l] += values[i + l];
    }
  }
  for (; i < count; ++i) {
    lanes[0] += values[i];
  }
  return add_lanes(lanes);
}

EVERY_PROCESSOR float
dot(const float *restrict const a, const float *restrict const b, const size_t count)
{
  float lanes[LANES] = {0.0F};
  size_t i = 0;
  for (; i + LANES <= count; i += LANES) {
    for (size_t l = 0; l < LANES; ++l) {
      lanes[l] += a[i + l] * b[i + l];
    }
  }
  for (; i < count; ++i) {
    lanes[0] += a[i] * b[i];
  }
  return add_lanes(lanes);
}

EVERY_PROCESSOR void
rectify(const float *restrict const input, float *restrict const output, const size_t count)
{
  for (size_t i = 0; i < count; ++i) {
    output[i] = input[i] > 0.0F ? input[i] : 0.0F;
  }
}

EVERY_PROCESSOR void
rectify_backward(const float *restrict const input,
                 const float *restrict const d_output,
                 float *restrict const d_input,
                 const size_t count)
{
  for (size_t i = 0; i < count; ++i) {
    d_input[i] += input[i] > 0.0F ? d_output[i] : 0.0F;
  }
}

EVERY_PROCESSOR void
softmax_backward(const float *restrict const probabilities,
                 float *restrict const d_probabilities,
                 const size_t count,
                 const float shift)
{
  for (size_t i = 0; i < count; ++i) {
    d_probabilities[i] = probabilities[i] * (d_probabilities[i] - shift);
  }
}

EVERY_PROCESSOR void
logistic_backward(const float *restrict const outputs, float *restrict const d_outputs, const size_t count)
{
  for (size_t i = 0; i < count; ++i) {
    d_outputs[i] *= outputs[i] * (1.0F - outputs[i]);
  }
}

INLINE void
add_energy(const size_t count,
           const float query,
           const float *restrict const keys,
           const float energy,
           float *restrict const sums)
{
  for (size_t s = 0; s < count; ++s) {
    sums[s] += energy * hyperbolic_tangent(query + keys[s]);
  }
}

EVERY_PROCESSOR void
additive_energies(const size_t width,
                  const size_t count,
                  const float *const query,
                  const float *const keys,
                  const float *const energy,
                  float *restrict const energies)
{
  for (size_t s = 0; s < count; ++s) {
    energies[s] = 0.0F;
  }
  for (size_t n = 0; n < width; ++n) {
    add_energy(count, query[n], keys + n * count, energy[n], energies);
  }
  for (size_t s = 0; s < count; ++s) {
    energies[s] = logistic(energies[s]);
  }
}

// Tangents and gradients of one n in blocks of LANES, whose sums go to two accumulators
INLINE void
energy_backward(const size_t count,
                const float query,
                const float *restrict const keys,
                const float energy,
                const float *restrict const d_sums,
                float *restrict const d_query,
                float *restrict const d_keys,
                float *restrict const d_energy)
{
  float queries[LANES] = {0.0F};
  float energies[LANES] = {0.0F};
  size_t s = 0;
  for (; s + LANES <= count; s += LANES) {
    for (size_t l = 0; l < LANES; ++l) {
      const float tangent = hyperbolic_tangent(query + keys[s + l]);
      const float d = d_sums[s + l] * energy * (1.0F - tangent * tangent);
      queries[l] += d;
      energies[l] += d_sums[s + l] * tangent;
      d_keys[s + l] += d;
    }
  }
  for (; s < count; ++s) {
    const float tangent = hyperbolic_tangent(query + keys[s]);
    const float d = d_sums[s] * energy * (1.0F - tangent * tangent);
    queries[0] += d;
    energies[0] += d_sums[s] * tangent;
    d_keys[s] += d;
  }
  *d_query = add_lanes(queries);
  *d_energy += add_lanes(energies);
}

EVERY_PROCESSOR void
additive_energies_backward(const size_t width,
                           const size_t count,
                           const float *const query,
                           const float *const keys,
                           const float *const energy,
                           const float *const d_sums,
                           float *const d_query,
                           float *const d_keys,
                           float *const d_energy)
{
  for (size_t n = 0; n < width; ++n) {
    energy_backward(count, query[n], keys + n * count, energy[n], d_sums, d_query + n, d_keys + n * count,
                    d_energy + n);
  }
}

// A 32-bit mixing function (the finaliser of MurmurHash3, Appleby 2011) on counter and key: enough for a mask, and it
// vectorises where a 64-bit multiplication does not.
INLINE uint32_t
mix32(uint32_t value)
{
  value = (value ^ (value >> 16)) * 0x85EBCA6BU;
  value = (value ^ (value >> 13)) * 0xC2B2AE35U;
  return value ^ (value >> 16);
}

EVERY_PROCESSOR void
dropout(float *restrict const values, const size_t count, const float rate, const uint64_t key)
{
  const int32_t threshold = (int32_t)(rate * 0x1p31F);
  const float keep = 1.0F / (1.0F - rate);
  const uint32_t low = (uint32_t)key;
  const uint32_t high = (uint32_t)(key >> 32);
  for (size_t i = 0; i < count; ++i) {
    const int32_t bits = (int32_t)(mix32(mix32((uint32_t)i ^ low) + high) >> 1);
    values[i] *= bits < threshold ? 0.0F : keep;
  }
}

EVERY_PROCESSOR void
adam_step(const struct adam *const adam,
          float *restrict const values,
          const float *restrict const gradients,
          float *restrict const mean,
          float *restrict const square,
          const size_t count)
{
  const struct adam a = *adam;
  const float step = a.rate / a.correction1;
  const float root = 1.0F / sqrtf(a.correction2);
  for (size_t i = 0; i < count; ++i) {
    const float gradient = gradients[i] * a.gradient_scale;
    mean[i] = a.beta1 * mean[i] + (1.0F - a.beta1) * gradient;
    square[i] = a.beta2 * square[i] + (1.0F - a.beta2) * gradient * gradient;
    values[i] -= step * mean[i] / (sqrtf(square[i]) * root + a.epsilon) + a.rate * a.decay * values[i];
  }
}

EVERY_PROCESSOR void
rmsprop_step(const struct rmsprop *const rmsprop,
             float *restrict const values,
             const float *restrict const gradients,
             float *restrict const square,
             const size_t count)
{
  const struct rmsprop r = *rmsprop;
  for (size_t i = 0; i < count; ++i) {
    const float gradient = gradients[i] * r.gradient_scale;
    square[i] = r.memory * square[i] + (1.0F - r.memory) * gradient * gradient;
    values[i] -= r.rate * (gradient / (sqrtf(square[i]) + r.epsilon) + r.decay * values[i]);
  }
}
