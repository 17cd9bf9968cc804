// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Loading a `streaming` network: the tensors of a file are checked one by one and copied to where the kernels want them,
// into one block. Matrices that are multiplied with neighbouring vectors are put side by side.

#include "block.h"
#include "network_load.h"
#include "network_streaming_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// A network in the making.
struct loading {
  struct network_loading common;
  struct streaming *network;
  struct tensor_shape shapes[STREAMING_TENSORS];
};

// Where a tensor goes: into a matrix, from a column on, or into a table.
struct placement {
  enum streaming_tensor tensor;
  const struct matrix *matrix;
  uint32_t column;
  const struct table *table;
};

// Place the matrices, in the order in which a step reads them.
static void
matrices_place(struct streaming *const network, const char *const block, size_t *const used)
{
  const struct streaming_sizes *const sizes = &network->sizes;
  const enum precision precision = network->precision;
  const uint32_t hidden = sizes->hidden;
  const uint32_t keys = sizes->heads * sizes->key;
  const uint32_t values = sizes->heads * sizes->value;
  network_place(&network->key, keys, hidden, precision, block, used);
  network_place(&network->value, values, sizes->embedding, precision, block, used);
  network_place(&network->forward, 4 * hidden, sizes->embedding + hidden, precision, block, used);
  network_place(&network->backward, 4 * sizes->backward, sizes->embedding + sizes->backward, precision, block, used);
  network_place(&network->backward_value, sizes->backward ? values : 0, sizes->backward, precision, block, used);
  network_place(&network->query, keys, hidden, precision, block, used);
  network_place(&network->decoder, 4 * hidden, hidden + values + hidden, precision, block, used);
  network_place(&network->dense, sizes->dense, hidden, precision, block, used);
  for (unsigned i = 0; i < FIELD_COUNT; ++i) {
    network_place(&network->heads[i], field_classes((enum field)i), sizes->dense, precision, block, used);
  }
}

static void
tables_place(struct streaming *const network,
             const struct tensor_shape *const shapes,
             const char *const block,
             size_t *const used)
{
  const struct streaming_sizes *const sizes = &network->sizes;
  network_place_table(&network->forward_bias, 1, 4 * sizes->hidden, block, used);
  network_place_table(&network->backward_bias, 1, 4 * sizes->backward, block, used);
  network_place_table(&network->decoder_bias, 1, 4 * sizes->hidden, block, used);
  network_place_table(&network->dense_bias, 1, sizes->dense, block, used);
  network_place_table(&network->distance_bias, sizes->heads, ATTENTION_DISTANCES, block, used);
  network_place_table(&network->sink, 1, sizes->heads, block, used);
  for (unsigned i = 0; i < FIELD_COUNT; ++i) {
    const uint32_t classes = field_classes((enum field)i);
    network_place_table(&network->head_biases[i], 1, classes, block, used);
    if (i != FIELD_ADVANCE) {
      network_place_table(&network->head_embeds[i], classes, sizes->dense, block, used);
    }
  }
  for (unsigned i = 0; i < STREAMING_TABLES; ++i) {
    network_place_table(&network->tables[i], shapes[i].columns ? shapes[i].rows : 1, sizes->embedding, block, used);
  }
}

// Place everything in `block`; return the bytes it takes. Without a block, only return that.
static size_t
network_place_all(struct streaming *const network, const struct tensor_shape *const shapes, const char *const block)
{
  size_t used = 0;
  matrices_place(network, block, &used);
  tables_place(network, shapes, block, &used);
  return used;
}

// Check that the file has all tensors in their shapes, before memory is taken for them.
static enum status
tensors_check(const struct loading *const loading)
{
  enum status status = STATUS_SUCCESS;
  for (unsigned i = 0; !status && i < STREAMING_TENSORS; ++i) {
    if (loading->shapes[i].rows) {
      status = network_check_tensor(&loading->common, &loading->shapes[i]);
    }
  }
  return status;
}

// Copy the values of one tensor, which has been checked, to their place.
static enum status
tensor_load(const struct loading *const loading, const struct placement *const placement)
{
  const struct tensor_shape *const shape = &loading->shapes[placement->tensor];
  if (!shape->rows) {
    return STATUS_SUCCESS;
  }
  return placement->matrix ? network_load_tensor(&loading->common, shape, placement->matrix, placement->column)
                           : network_load_table(&loading->common, shape, placement->table);
}

// Load the tensors that have a place of their own.
static enum status
layers_load(const struct loading *const loading)
{
  const struct streaming *const network = loading->network;
  const struct streaming_sizes *const sizes = &network->sizes;
  const struct placement placements[] = {
      {TENSOR_FORWARD_INPUT, &network->forward, 0, NULL},
      {TENSOR_FORWARD_RECURRENT, &network->forward, sizes->embedding, NULL},
      {TENSOR_FORWARD_BIAS, NULL, 0, &network->forward_bias},
      {TENSOR_BACKWARD_INPUT, &network->backward, 0, NULL},
      {TENSOR_BACKWARD_RECURRENT, &network->backward, sizes->embedding, NULL},
      {TENSOR_BACKWARD_BIAS, NULL, 0, &network->backward_bias},
      {TENSOR_ATTENTION_QUERY, &network->query, 0, NULL},
      {TENSOR_ATTENTION_KEY, &network->key, 0, NULL},
      {TENSOR_ATTENTION_VALUE, &network->value, 0, NULL},
      {TENSOR_ATTENTION_BACKWARD, &network->backward_value, 0, NULL},
      {TENSOR_ATTENTION_BIAS, NULL, 0, &network->distance_bias},
      {TENSOR_ATTENTION_SINK, NULL, 0, &network->sink},
      {TENSOR_DECODER_INPUT, &network->decoder, 0, NULL},
      {TENSOR_DECODER_RECURRENT, &network->decoder, sizes->hidden + sizes->heads * sizes->value, NULL},
      {TENSOR_DECODER_BIAS, NULL, 0, &network->decoder_bias},
      {TENSOR_DENSE_WEIGHT, &network->dense, 0, NULL},
      {TENSOR_DENSE_BIAS, NULL, 0, &network->dense_bias},
  };
  enum status status = STATUS_SUCCESS;
  for (size_t i = 0; !status && i < sizeof(placements) / sizeof(*placements); ++i) {
    status = tensor_load(loading, &placements[i]);
  }
  return status;
}

// Load the tensors of which there is one per table or field.
static enum status
tables_load(const struct loading *const loading)
{
  const struct streaming *const network = loading->network;
  enum status status = STATUS_SUCCESS;
  for (unsigned i = 0; !status && i < STREAMING_TABLES; ++i) {
    status = tensor_load(loading, &(struct placement){(enum streaming_tensor)i, NULL, 0, &network->tables[i]});
  }
  for (unsigned i = 0; !status && i < FIELD_COUNT; ++i) {
    const struct placement placements[] = {
        {(enum streaming_tensor)(TENSOR_HEAD_WEIGHT + i), &network->heads[i], 0, NULL},
        {(enum streaming_tensor)(TENSOR_HEAD_BIAS + i), NULL, 0, &network->head_biases[i]},
        {(enum streaming_tensor)(TENSOR_HEAD_EMBED + i), NULL, 0, &network->head_embeds[i < FIELD_ADVANCE ? i : 0]},
    };
    for (unsigned j = 0; !status && j < (i == FIELD_ADVANCE ? 2 : 3); ++j) {
      status = tensor_load(loading, &placements[j]);
    }
  }
  return status;
}

// Return the most operations of a step, when the memory is full and lies over as many groups as it can; the backward encoder reads one event per step on average.
static uint32_t
step_operations(const struct streaming *const network)
{
  uint32_t sum = 0;
  struct streaming_state state = {
      .slots = network->sizes.memory,
      .events = network->sizes.memory + KERNEL_LANES - 1,
      .unclassed = network->sizes.memory,
      .has_event = true,
  };
  for (unsigned i = 0; i < PHASE_HEAD; ++i) {
    state.phase = (enum phase)i;
    sum += streaming_piece_count(network, &state) * streaming_piece_cost(network, state.phase);
  }
  for (state.phase = PHASE_HEAD; state.field < FIELD_COUNT; ++state.field) {
    sum += streaming_piece_count(network, &state) * streaming_piece_cost(network, PHASE_HEAD);
  }
  return sum;
}

static enum status
sizes_read(struct loading *const loading)
{
  struct error error;
  const char *const text = safetensors_metadata(loading->common.file, "network");
  if (!text) {
    return error_set(loading->common.error, STATUS_BAD_FORMAT, "%s does not say which network it holds",
                     error_path(loading->common.path));
  }
  const enum status status = streaming_sizes_parse(text, &loading->network->sizes, &error);
  if (status) {
    return error_set(loading->common.error, status, "%s: %s", error_path(loading->common.path), error.text);
  }
  streaming_shapes(&loading->network->sizes, loading->shapes);
  return tensors_check(loading);
}

static enum precision
precision_find(const struct loading *const loading)
{
  const struct tensor_shape *shapes[STREAMING_TENSORS];
  for (unsigned i = 0; i < STREAMING_TENSORS; ++i) {
    shapes[i] = &loading->shapes[i];
  }
  return network_precision(&loading->common, shapes, STREAMING_TENSORS);
}

// Take the memory that the sizes ask for, which is in proportion to the file, whose tensors have been checked.
static enum status
memory_take(struct loading *const loading)
{
  struct streaming *const network = loading->network;
  size_t largest = 0;
  for (unsigned i = 0; i < STREAMING_TENSORS; ++i) {
    const size_t count = tensor_shape_count(&loading->shapes[i]);
    largest = loading->shapes[i].rows && count > largest ? count : largest;
  }
  network->precision = precision_find(loading);
  network->block = block_new(network_place_all(network, loading->shapes, NULL));
  loading->common.values = malloc(largest * sizeof(float));
  if (!network->block || !loading->common.values) {
    return error_set(loading->common.error, STATUS_NO_MEMORY, "no memory for the network of %s",
                     error_path(loading->common.path));
  }
  loading->common.block = network->block;
  network_place_all(network, loading->shapes, network->block);
  return STATUS_SUCCESS;
}

void
streaming_free(struct network *const network)
{
  struct streaming *const streaming = (struct streaming *)network;
  if (streaming) {
    block_free(streaming->block);
    free(streaming);
  }
}

// Return the largest integer for keys and queries of `width` numbers.
static uint32_t
key_most_find(const uint32_t width)
{
  uint32_t most = INT16_MAX;
  while ((uint64_t)width * most * most > INT32_MAX) {
    --most;
  }
  return most;
}

// Fill in what is not read from the file.
static void
network_finish(struct streaming *const network)
{
  block_seal(network->block);
  network->page = streaming_page_events(&network->sizes);
  network->way = streaming_way_events(&network->sizes);
  network->query_scale = (float)(1.0 / sqrt((double)network->sizes.key));
  network->key_most = key_most_find(network->sizes.key);
  for (unsigned i = 0; i < STREAMING_BARS; ++i) {
    network->classes[i] = (uint8_t)attention_distance_class(i);
  }
  network->kernels = kernels_best();
  network->base.class_ = &streaming_class;
  network->base.reach = network->sizes.heads ? network->sizes.memory : 0;
  network->base.style_count = network->sizes.styles;
  network->base.step_operations = step_operations(network);
}

enum status
network_streaming_new(const struct safetensors *const file,
                      const char *const path,
                      struct network **const network,
                      struct error *const error)
{
  *network = NULL;
  struct loading loading = {.common = {.file = file, .path = path, .error = error}};
  loading.network = calloc(1, sizeof(*loading.network));
  if (!loading.network) {
    return error_set(error, STATUS_NO_MEMORY, "no memory for the network of %s", error_path(path));
  }
  enum status status = sizes_read(&loading);
  if (!status) {
    status = memory_take(&loading);
  }
  if (!status) {
    status = tables_load(&loading);
  }
  if (!status) {
    status = layers_load(&loading);
  }
  free(loading.common.values);
  if (status) {
    streaming_free(&loading.network->base);
    return status;
  }
  network_finish(loading.network);
  *network = &loading.network->base;
  return STATUS_SUCCESS;
}
