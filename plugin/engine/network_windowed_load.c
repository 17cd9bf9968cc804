// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Loading a `windowed` network: the list of layers becomes a row of parts, and the tensors of a file are checked one by one
// and copied to where the kernels want them, into one block.

#include "block.h"
#include "network_load.h"
#include "network_windowed_private.h"

#include <stdlib.h>
#include <string.h>

// A network in the making.
struct loading {
  struct network_loading common;
  struct windowed *network;
  struct windowed_tensor tensors[WINDOWED_TENSORS];
  unsigned tensor_count;
  uint32_t parts[WINDOWED_LAYERS]; // The part that each layer has become
};

static uint32_t
highest(const uint32_t a, const uint32_t b)
{
  return a > b ? a : b;
}

// Turn the layers, but for dropout, into parts.
static void
parts_make(struct loading *const loading)
{
  struct windowed *const network = loading->network;
  const struct windowed_sizes *const sizes = &network->sizes;
  struct windowed_width widths[WINDOWED_LAYERS];
  windowed_widths(sizes, widths);
  for (uint32_t i = 0; i < sizes->layer_count; ++i) {
    const struct windowed_layer *const layer = &sizes->layers[i];
    if (layer->kind == LAYER_DROPOUT) {
      continue;
    }
    loading->parts[i] = network->part_count;
    struct windowed_part *const part = &network->parts[network->part_count++];
    const bool is_lstm = layer->kind == LAYER_LSTM || layer->kind == LAYER_BILSTM;
    *part = (struct windowed_part){
        .kind = layer->kind,
        .size = layer->size ? layer->size : widths[i].output,
        .input = kernel_padded(widths[i].input),
        .output = kernel_padded(widths[i].output),
        .gives_sequence = widths[i].gives_sequence,
    };
    network->stride = highest(network->stride, widths[i].gives_sequence ? part->output : 0);
    network->widest = highest(network->widest, layer->kind == LAYER_SOFTMAX ? 0 : part->output);
    network->hidden = highest(network->hidden, is_lstm ? layer->size : 0);
    network->energies = highest(network->energies, layer->kind == LAYER_ATTENTION ? layer->size : 0);
  }
}

// Return the matrix of `part` that the tensor of `role` goes into, or NULL if it goes into a table.
static struct matrix *
matrix_of(struct windowed_part *const part, const enum windowed_role role)
{
  switch (role) {
  case ROLE_INPUT:
    return &part->forward.input;
  case ROLE_RECURRENT:
    return &part->forward.recurrent;
  case ROLE_BACKWARD_INPUT:
    return &part->backward.input;
  case ROLE_BACKWARD_RECURRENT:
    return &part->backward.recurrent;
  case ROLE_QUERY:
    return &part->query;
  case ROLE_KEY:
    return &part->key;
  case ROLE_WEIGHT:
    return part->kind == LAYER_ATTENTION ? NULL : &part->dense;
  default:
    return NULL;
  }
}

// Return the table of `part` that the tensor of `role` goes into.
static struct table *
table_of(struct windowed_part *const part, const enum windowed_role role)
{
  const bool is_lstm = part->kind == LAYER_LSTM || part->kind == LAYER_BILSTM;
  switch (role) {
  case ROLE_EMBED:
    return &part->embed;
  case ROLE_WEIGHT:
    return &part->weight;
  case ROLE_BACKWARD_BIAS:
    return &part->backward.bias;
  default:
    return is_lstm ? &part->forward.bias : &part->bias;
  }
}

// Place all matrices and tables in `block`; return the bytes they take. Without a block, only return that.
static size_t
network_place_all(struct loading *const loading, const char *const block)
{
  size_t used = 0;
  for (unsigned i = 0; i < loading->tensor_count; ++i) {
    const struct windowed_tensor *const tensor = &loading->tensors[i];
    const struct tensor_shape *const shape = &tensor->shape;
    struct windowed_part *const part = &loading->network->parts[loading->parts[tensor->layer]];
    struct matrix *const matrix = matrix_of(part, tensor->role);
    if (matrix) {
      network_place(matrix, shape->rows, shape->columns, loading->network->precision, block, &used);
    } else {
      network_place_table(table_of(part, tensor->role), shape->columns ? shape->rows : 1,
                          shape->columns ? shape->columns : shape->rows, block, &used);
    }
  }
  return used;
}

static enum status
tensors_load(const struct loading *const loading)
{
  enum status status = STATUS_SUCCESS;
  for (unsigned i = 0; !status && i < loading->tensor_count; ++i) {
    const struct windowed_tensor *const tensor = &loading->tensors[i];
    struct windowed_part *const part = &loading->network->parts[loading->parts[tensor->layer]];
    const struct matrix *const matrix = matrix_of(part, tensor->role);
    status = matrix ? network_load_tensor(&loading->common, &tensor->shape, matrix, 0)
                    : network_load_table(&loading->common, &tensor->shape, table_of(part, tensor->role));
  }
  return status;
}

// Return what the pieces of `phase` cost at `positions` positions.
static uint64_t
phase_operations(const struct windowed *const network,
                 const struct windowed_part *const part,
                 const enum window_phase phase,
                 const uint64_t positions)
{
  return positions * windowed_piece_count(network, part, phase) * windowed_piece_cost(network, part, phase, 1);
}

// The same of a phase that comes once per batch.
static uint64_t
batch_operations(const struct windowed *const network,
                 const struct windowed_part *const part,
                 const enum window_phase phase,
                 const uint64_t positions)
{
  const uint32_t rest = (uint32_t)(positions % WINDOW_BATCH);
  const uint64_t whole = positions / WINDOW_BATCH * windowed_piece_cost(network, part, phase, WINDOW_BATCH);
  return (whole + (rest ? windowed_piece_cost(network, part, phase, rest) : 0)) *
         windowed_piece_count(network, part, phase);
}

// Return the operations of one direction of an LSTM that reads so many positions.
static uint64_t
lstm_operations(const struct windowed *const network, const struct windowed_part *const part, const uint64_t positions)
{
  return batch_operations(network, part, WINDOW_PROJECT, positions) +
         phase_operations(network, part, WINDOW_GATES, positions) +
         phase_operations(network, part, WINDOW_UNITS, positions);
}

// Return the operations that one layer takes for a token.
static uint64_t
part_operations(const struct windowed *const network, const struct windowed_part *const part)
{
  const uint64_t context = network->sizes.context;
  const uint64_t asked = part->gives_sequence ? context : 1;
  uint64_t sum = 0;
  switch (part->kind) {
  case LAYER_LSTM:
    return lstm_operations(network, part, context);
  case LAYER_BILSTM:
    return lstm_operations(network, part, context) + lstm_operations(network, part, asked);
  case LAYER_ATTENTION:
    for (unsigned i = WINDOW_ENERGIES; i <= WINDOW_ATTEND; ++i) {
      sum += phase_operations(network, part, (enum window_phase)i, asked);
    }
    return sum + batch_operations(network, part, WINDOW_KEY, context) +
           batch_operations(network, part, WINDOW_QUERY, asked);
  case LAYER_DENSE:
  case LAYER_SOFTMAX:
    return phase_operations(network, part, WINDOW_DENSE, 1);
  default:
    return phase_operations(network, part, WINDOW_INPUT, 1);
  }
}

static uint32_t
step_operations(const struct windowed *const network)
{
  uint64_t sum = 0;
  for (uint32_t i = 0; i < network->part_count; ++i) {
    sum += part_operations(network, &network->parts[i]);
  }
  return sum < UINT32_MAX ? (uint32_t)sum : UINT32_MAX;
}

// Say which file has the `problem`.
static enum status
metadata_fail(const struct loading *const loading, const struct error *const problem)
{
  return error_set(loading->common.error, problem->status, "%s: %s", error_path(loading->common.path), problem->text);
}

static enum status
sizes_read(struct loading *const loading)
{
  struct windowed *const network = loading->network;
  const char *const sizes = safetensors_metadata(loading->common.file, "network");
  const char *const vocabulary = safetensors_metadata(loading->common.file, "vocabulary");
  struct error error;
  if (!sizes || !vocabulary) {
    return error_set(loading->common.error, STATUS_BAD_FORMAT, "%s does not say which network and vocabulary it holds",
                     error_path(loading->common.path));
  }
  if (windowed_sizes_parse(sizes, &network->sizes, &error) ||
      vocabulary_parse(vocabulary, &network->vocabulary, &error)) {
    return metadata_fail(loading, &error);
  }
  if (network->vocabulary.count != network->sizes.vocabulary) {
    return error_set(loading->common.error, STATUS_BAD_FORMAT, "%s has a vocabulary of %u tokens; its network needs %u",
                     error_path(loading->common.path), network->vocabulary.count, network->sizes.vocabulary);
  }
  return STATUS_SUCCESS;
}

static enum status
tensors_check(struct loading *const loading)
{
  loading->tensor_count = windowed_tensors(&loading->network->sizes, loading->tensors);
  enum status status = STATUS_SUCCESS;
  for (unsigned i = 0; !status && i < loading->tensor_count; ++i) {
    status = network_check_tensor(&loading->common, &loading->tensors[i].shape);
  }
  return status;
}

static enum precision
precision_find(const struct loading *const loading)
{
  const struct tensor_shape *shapes[WINDOWED_TENSORS];
  for (unsigned i = 0; i < loading->tensor_count; ++i) {
    shapes[i] = &loading->tensors[i].shape;
  }
  return network_precision(&loading->common, shapes, loading->tensor_count);
}

// Take the memory that the sizes ask for, which is in proportion to the file, whose tensors have been checked.
static enum status
memory_take(struct loading *const loading)
{
  struct windowed *const network = loading->network;
  size_t largest = 1;
  for (unsigned i = 0; i < loading->tensor_count; ++i) {
    const size_t count = tensor_shape_count(&loading->tensors[i].shape);
    largest = count > largest ? count : largest;
  }
  parts_make(loading);
  network->precision = precision_find(loading);
  network->block = block_new(network_place_all(loading, NULL));
  loading->common.values = malloc(largest * sizeof(float));
  if (!network->block || !loading->common.values) {
    return error_set(loading->common.error, STATUS_NO_MEMORY, "no memory for the network of %s",
                     error_path(loading->common.path));
  }
  loading->common.block = network->block;
  network_place_all(loading, network->block);
  return STATUS_SUCCESS;
}

void
windowed_free(struct network *const network)
{
  struct windowed *const windowed = (struct windowed *)network;
  if (windowed) {
    vocabulary_clear(&windowed->vocabulary);
    block_free(windowed->block);
    free(windowed);
  }
}

enum status
network_windowed_new(const struct safetensors *const file,
                     const char *const path,
                     struct network **const network,
                     struct error *const error)
{
  *network = NULL;
  struct windowed *const made = calloc(1, sizeof(*made));
  struct loading loading = {.common = {.file = file, .path = path, .error = error}, .network = made};
  if (!made) {
    return error_set(error, STATUS_NO_MEMORY, "no memory for the network of %s", error_path(path));
  }
  enum status status = sizes_read(&loading);
  if (!status) {
    status = tensors_check(&loading);
  }
  if (!status) {
    status = memory_take(&loading);
  }
  if (!status) {
    status = tensors_load(&loading);
  }
  free(loading.common.values);
  if (status) {
    windowed_free(&made->base);
    return status;
  }
  block_seal(made->block);
  made->kernels = kernels_best();
  made->base.class_ = &windowed_class;
  made->base.has_chords = true;
  made->base.step_operations = step_operations(made);
  *network = &made->base;
  return STATUS_SUCCESS;
}
