// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "layer_heads.h"

#include "elementwise.h"
#include "gemm.h"
#include "loss.h"

#include <stdlib.h>
#include <string.h>

enum status
heads_new(const struct streaming_sizes *const sizes,
          const size_t rows,
          struct heads *const heads,
          struct error *const error)
{
  *heads = (struct heads){
      .rows = rows,
      .dense = calloc(FIELD_COUNT * rows * sizes->dense, sizeof(float)),
      .active = calloc(rows * sizes->dense, sizeof(float)),
      .losses = calloc(rows * FIELD_COUNT, sizeof(float)),
      .d_dense = calloc(rows * sizes->dense, sizeof(float)),
      .d_active = calloc(rows * sizes->dense, sizeof(float)),
  };
  bool complete = heads->dense && heads->active && heads->losses && heads->d_dense && heads->d_active;
  for (int field = 0; field < FIELD_COUNT; ++field) {
    heads->probabilities[field] = calloc(rows * field_classes((enum field)field), sizeof(float));
    complete = complete && heads->probabilities[field];
  }
  if (!complete) {
    heads_free(heads);
    return error_set(error, STATUS_NO_MEMORY, "no memory for the output of %zu steps", rows);
  }
  return STATUS_SUCCESS;
}

void
heads_free(struct heads *const heads)
{
  free(heads->dense);
  free(heads->active);
  free(heads->losses);
  free(heads->d_dense);
  free(heads->d_active);
  for (int field = 0; field < FIELD_COUNT; ++field) {
    free(heads->probabilities[field]);
  }
  memset(heads, 0, sizeof(*heads));
}

static void
forward_head(struct heads *const heads,
             const struct parameters *const parameters,
             const struct batch *const batch,
             const int field)
{
  const size_t dense = parameters->sizes.dense;
  const size_t classes = field_classes((enum field)field);
  const float *const weight = parameters_value(parameters, TENSOR_HEAD_WEIGHT + field);
  const float *const bias = parameters_value(parameters, TENSOR_HEAD_BIAS + field);
  float *const logits = heads->probabilities[field];

  rectify(heads->dense + (size_t)field * heads->rows * dense, heads->active, heads->rows * dense);
  for (size_t r = 0; r < heads->rows; ++r) {
    memcpy(logits + r * classes, bias, classes * sizeof(float));
  }
  gemm_nt((int)heads->rows, (int)classes, (int)dense, heads->active, (int)dense, weight, (int)dense, 1.0F, logits,
          (int)classes);
  for (size_t r = 0; r < heads->rows; ++r) {
    heads->losses[r * FIELD_COUNT + (size_t)field] =
        softmax_loss(logits + r * classes, classes, batch->targets[field][r]);
  }
}

// What the next head sees: the same plus the embedding of what this one's target is.
static void
add_choices(struct heads *const heads,
            const struct parameters *const parameters,
            const struct batch *const batch,
            const int field)
{
  const size_t dense = parameters->sizes.dense;
  const float *const embed = parameters_value(parameters, TENSOR_HEAD_EMBED + field);
  const float *const before = heads->dense + (size_t)field * heads->rows * dense;
  float *const after = heads->dense + (size_t)(field + 1) * heads->rows * dense;
  memcpy(after, before, heads->rows * dense * sizeof(float));
  for (size_t r = 0; r < heads->rows; ++r) {
    if (batch->targets[field][r] != BATCH_NONE) {
      add(after + r * dense, embed + batch->targets[field][r] * dense, dense);
    }
  }
}

void
heads_forward(struct heads *const heads,
              const struct parameters *const parameters,
              const struct batch *const batch,
              const float *const g)
{
  const size_t dense = parameters->sizes.dense;
  const int hidden = (int)parameters->sizes.hidden;
  const float *const bias = parameters_value(parameters, TENSOR_DENSE_BIAS);
  for (size_t r = 0; r < heads->rows; ++r) {
    memcpy(heads->dense + r * dense, bias, dense * sizeof(float));
  }
  gemm_nt((int)heads->rows, (int)dense, hidden, g, hidden, parameters_value(parameters, TENSOR_DENSE_WEIGHT), hidden,
          1.0F, heads->dense, (int)dense);
  for (int field = 0; field < FIELD_COUNT; ++field) {
    forward_head(heads, parameters, batch, field);
    if (field < FIELD_COUNT - 1) {
      add_choices(heads, parameters, batch, field);
    }
  }
}

// Probabilities -> gradients at the logits, in place.
static void
logit_gradients(struct heads *const heads, const struct batch *const batch, const int field, const float factor)
{
  const size_t classes = field_classes((enum field)field);
  for (size_t r = 0; r < heads->rows; ++r) {
    softmax_loss_backward(heads->probabilities[field] + r * classes, classes, batch->targets[field][r],
                          factor * batch->factors[r % batch->streams]);
  }
}

static void
backward_head(struct heads *const heads,
              const struct parameters *const parameters,
              const int field,
              float *const gradients)
{
  const size_t dense = parameters->sizes.dense;
  const size_t classes = field_classes((enum field)field);
  const int rows = (int)heads->rows;
  const float *const seen = heads->dense + (size_t)field * heads->rows * dense;
  const float *const d_logits = heads->probabilities[field];
  float *const d_bias = parameters_tensor(parameters, gradients, TENSOR_HEAD_BIAS + field);

  rectify(seen, heads->active, heads->rows * dense);
  gemm_tn((int)classes, (int)dense, rows, d_logits, (int)classes, heads->active, (int)dense, 1.0F,
          parameters_tensor(parameters, gradients, TENSOR_HEAD_WEIGHT + field), (int)dense);
  for (size_t r = 0; r < heads->rows; ++r) {
    add(d_bias, d_logits + r * classes, classes);
  }
  gemm_nn(rows, (int)dense, (int)classes, d_logits, (int)classes,
          parameters_value(parameters, TENSOR_HEAD_WEIGHT + field), (int)dense, 0.0F, heads->d_active, (int)dense);
  rectify_backward(seen, heads->d_active, heads->d_dense, heads->rows * dense);
}

static void
backward_choices(struct heads *const heads,
                 const struct parameters *const parameters,
                 const struct batch *const batch,
                 const int field,
                 float *const gradients)
{
  const size_t dense = parameters->sizes.dense;
  float *const d_embed = parameters_tensor(parameters, gradients, TENSOR_HEAD_EMBED + field);
  for (size_t r = 0; r < heads->rows; ++r) {
    if (batch->targets[field][r] != BATCH_NONE) {
      add(d_embed + batch->targets[field][r] * dense, heads->d_dense + r * dense, dense);
    }
  }
}

void
heads_backward(struct heads *const heads,
               const struct parameters *const parameters,
               const struct batch *const batch,
               const float *const g,
               const float factor,
               float *const gradients,
               float *const d_g)
{
  const size_t dense = parameters->sizes.dense;
  const int hidden = (int)parameters->sizes.hidden;
  const int rows = (int)heads->rows;
  memset(heads->d_dense, 0, heads->rows * dense * sizeof(float));
  for (int field = FIELD_COUNT; field-- > 0;) {
    if (field < FIELD_COUNT - 1) {
      backward_choices(heads, parameters, batch, field, gradients);
    }
    logit_gradients(heads, batch, field, factor);
    backward_head(heads, parameters, field, gradients);
  }
  float *const d_bias = parameters_tensor(parameters, gradients, TENSOR_DENSE_BIAS);
  for (size_t r = 0; r < heads->rows; ++r) {
    add(d_bias, heads->d_dense + r * dense, dense);
  }
  gemm_tn((int)dense, hidden, rows, heads->d_dense, (int)dense, g, hidden, 1.0F,
          parameters_tensor(parameters, gradients, TENSOR_DENSE_WEIGHT), hidden);
  gemm_nn(rows, hidden, (int)dense, heads->d_dense, (int)dense, parameters_value(parameters, TENSOR_DENSE_WEIGHT),
          hidden, 0.0F, d_g, hidden);
}
