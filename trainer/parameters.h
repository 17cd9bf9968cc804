// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The weights of a network in training: one flat array, laid out by the table of streaming_layout.h or windowed_layout.h.
// Gradients and the optimizer's moments are arrays of the same layout, so that one offset finds a tensor in all of them.

#ifndef RITORNELLO_PARAMETERS_H
#define RITORNELLO_PARAMETERS_H

#include "engine/safetensors.h"
#include "engine/streaming_layout.h"
#include "engine/windowed_layout.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

enum {
  PARAMETERS_TENSORS = WINDOWED_TENSORS, ///< Room for the tensors of any network of either kind
  PARAMETERS_TEXT_SIZE = STREAMING_TEXT_SIZE,
};

static_assert((int)PARAMETERS_TENSORS >= (int)STREAMING_TENSORS, "no room for a streaming network");
static_assert((int)PARAMETERS_TEXT_SIZE >= (int)WINDOWED_TEXT_SIZE, "no room for a windowed network's description");

struct parameters {
  struct streaming_sizes sizes;   ///< Of a `streaming` network
  struct windowed_sizes windowed; ///< Of a `windowed` network; otherwise its layer_count is 0
  size_t tensors;                 ///< Tensors in the table; those with rows == 0 are lacking
  struct tensor_shape shapes[PARAMETERS_TENSORS];
  size_t offsets[PARAMETERS_TENSORS]; ///< Where each tensor begins in `values`
  size_t count;                       ///< Values in all
  float *values;                      ///< [count]
};

/// Take memory for a `streaming` network of `sizes` (checked), all values zero. Free with parameters_free().
enum status parameters_new(const struct streaming_sizes *sizes, struct parameters *parameters, struct error *error);

/// The same for a `windowed` network; its tensors are in the order of windowed_tensors().
enum status
parameters_new_windowed(const struct windowed_sizes *sizes, struct parameters *parameters, struct error *error);

void parameters_free(struct parameters *parameters);

/// Fill with small random values, for training from scratch: LSTMs uniform in 1/sqrt(H) with a forget bias of 1 (Jozefowicz
/// et al. 2015), embeddings normal; in a `streaming` network queries equal to keys so that attention starts out as similarity.
void parameters_initialise(struct parameters *parameters, uint64_t seed);

/// Return where `tensor` begins in `base`, an array of the layout of `parameters`->values.
static inline float *
parameters_tensor(const struct parameters *const parameters, float *const base, const int tensor)
{
  return base + parameters->offsets[tensor];
}

/// The same for reading the values themselves.
static inline const float *
parameters_value(const struct parameters *const parameters, const int tensor)
{
  return parameters->values + parameters->offsets[tensor];
}

/// Write the network's kind and sizes as the text that a weight file's `network` metadata holds.
void parameters_network(const struct parameters *parameters, char text[PARAMETERS_TEXT_SIZE]);

/// Take all tensors from `file`; kind and sizes come from its `network` metadata. `path` stands in errors.
enum status
parameters_load(const struct safetensors *file, const char *path, struct parameters *parameters, struct error *error);

/// Describe the tensors of `base` for safetensors_write(); returns their number, at most PARAMETERS_TENSORS. With `halves`
/// (room for parameters->count) they are rounded to F16 there; with NULL they point into `base` as F32.
size_t parameters_describe(const struct parameters *parameters,
                           const float *base,
                           uint16_t *halves,
                           struct tensor tensors[PARAMETERS_TENSORS]);

#endif // RITORNELLO_PARAMETERS_H
