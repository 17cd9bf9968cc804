// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "checkpoint.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECKPOINT_FORMAT "ritornello-checkpoint-3"

enum { WEIGHT_PARTS = 3, PARTS = WEIGHT_PARTS + TRAINEE_PARTS, FIGURES_SIZE = 704 };

// Everything that is no single figure
struct contents {
  float *weights[WEIGHT_PARTS]; // Weights and moments; when reading, copies
  struct trainee_state state;
  size_t count;
  struct trainee_part parts[PARTS]; // Of the weights and of the state, which own the values
};

static float *
weight_values(const struct updater *const u, const int part)
{
  return part == 0 ? u->trainee->parameters.values : part == 1 ? u->mean : u->square;
}

static void
list_parts(struct contents *const c, const size_t weights)
{
  static const char *const weight_names[WEIGHT_PARTS] = {"weights", "adam.mean", "adam.square"};
  for (int i = 0; i < WEIGHT_PARTS; ++i) {
    c->parts[c->count++] = (struct trainee_part){weight_names[i], DTYPE_F32, weights, c->weights[i]};
  }
  for (size_t i = 0; i < c->state.count; ++i) {
    c->parts[c->count++] = c->state.parts[i];
  }
}

static enum status
contents_new(const struct updater *const updater, struct contents *const c, struct error *const error)
{
  memset(c, 0, sizeof(*c));
  return trainee_state_new(updater->trainee, &c->state, error);
}

static void
contents_free(struct contents *const c)
{
  trainee_state_free(&c->state);
}

// Figures

static void
format_figures(const struct checkpoint *const checkpoint,
               const uint64_t updates,
               const struct trainee_state *const state,
               char figures[FIGURES_SIZE])
{
  const struct evaluation_sums *const losses = &checkpoint->losses;
  int length = snprintf(figures, FIGURES_SIZE,
                        "%016" PRIx64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64
                        " %" PRIu64 " %a %a %a %" PRIu64 " %" PRIu64,
                        checkpoint->corpus_hash, checkpoint->epoch, checkpoint->notes, checkpoint->stale, updates,
                        state->epoch, state->next, state->passes, checkpoint->seconds, checkpoint->cpu_seconds,
                        checkpoint->best, losses->notes, losses->tokens);
  for (int field = 0; field < EVALUATION_FIELDS; ++field) {
    length += snprintf(figures + length, FIGURES_SIZE - (size_t)length, " %a", losses->nats[field]);
  }
}

static bool
parse_figures(const char *text,
              struct checkpoint *const checkpoint,
              uint64_t *const updates,
              struct trainee_state *const state)
{
  struct evaluation_sums *const losses = &checkpoint->losses;
  int length = 0;
  if (sscanf(text,
             "%" SCNx64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64
             " %la %la %la %" SCNu64 " %" SCNu64 "%n",
             &checkpoint->corpus_hash, &checkpoint->epoch, &checkpoint->notes, &checkpoint->stale, updates,
             &state->epoch, &state->next, &state->passes, &checkpoint->seconds, &checkpoint->cpu_seconds,
             &checkpoint->best, &losses->notes, &losses->tokens, &length) != 13) {
    return false;
  }
  for (int field = 0; field < EVALUATION_FIELDS; ++field) {
    char *end = NULL;
    text += length;
    losses->nats[field] = strtod(text, &end);
    if (end == text) {
      return false;
    }
    length = (int)(end - text);
  }
  return true;
}

// Writing

static enum status
write_contents(const char *const path,
               const struct checkpoint *const checkpoint,
               const char *const figures,
               const struct updater *const updater,
               const struct contents *const contents,
               struct error *const error)
{
  char network[PARAMETERS_TEXT_SIZE];
  parameters_network(&updater->trainee->parameters, network);
  char order[17];
  char labels[17];
  snprintf(order, sizeof(order), "%016" PRIx64, checkpoint->order_hash);
  snprintf(labels, sizeof(labels), "%016" PRIx64, checkpoint->labels_hash);
  const struct metadata metadata[] = {{"format", CHECKPOINT_FORMAT},
                                      {"network", network},
                                      {"figures", figures},
                                      {"order", order},
                                      {"labels", labels},
                                      {"music", checkpoint->music},
                                      {"training", checkpoint->held_out}};
  struct tensor tensors[PARTS];
  size_t count = 0;
  memset(tensors, 0, sizeof(tensors));
  for (size_t i = 0; i < contents->count; ++i) {
    const struct trainee_part *const part = &contents->parts[i];
    if (part->count) {
      struct tensor *const tensor = &tensors[count++];
      strcpy(tensor->name, part->name);
      tensor->dtype = part->dtype;
      tensor->rank = 1;
      tensor->shape[0] = part->count;
      tensor->size = part->count * dtype_size(part->dtype);
      tensor->data = part->values;
    }
  }
  return safetensors_write(path, metadata, sizeof(metadata) / sizeof(metadata[0]), tensors, count, error);
}

enum status
checkpoint_write(const char *const path,
                 const struct checkpoint *const checkpoint,
                 const struct updater *const updater,
                 struct error *const error)
{
  struct contents contents;
  char figures[FIGURES_SIZE];
  enum status status = ranks_agree(updater->ranks, contents_new(updater, &contents, error), error);
  if (!status) {
    trainee_state_take(updater->trainee, &contents.state);
    for (size_t i = 0; i < contents.state.count; ++i) {
      const struct trainee_part *const part = &contents.state.parts[i];
      ranks_gather(updater->ranks, part->values, part->count * dtype_size(part->dtype));
    }
  }
  if (!status && !ranks_rank(updater->ranks)) {
    for (int i = 0; i < WEIGHT_PARTS; ++i) {
      contents.weights[i] = weight_values(updater, i);
    }
    list_parts(&contents, updater->count);
    format_figures(checkpoint, updater->updates, &contents.state, figures);
    status = write_contents(path, checkpoint, figures, updater, &contents, error);
  }
  contents_free(&contents);
  return status;
}

// Reading

static enum status
read_part(const char *const path,
          const struct safetensors *const file,
          const struct trainee_part *const part,
          struct error *const error)
{
  if (!part->count) {
    return STATUS_SUCCESS;
  }
  const struct tensor *const tensor = safetensors_find(file, part->name);
  if (!tensor) {
    return error_set(error, STATUS_BAD_FORMAT, "%s: has no tensor `%s'; train anew without --resume", path, part->name);
  }
  if (part->dtype == DTYPE_F32) {
    return tensor_floats(tensor, part->values, part->count, error);
  }
  if (tensor->dtype != part->dtype || tensor->size != part->count * sizeof(uint64_t)) {
    return error_set(error, STATUS_BAD_FORMAT, "%s: tensor `%s' has the wrong size; train anew without --resume", path,
                     part->name);
  }
  memcpy(part->values, tensor->data, tensor->size);
  return STATUS_SUCCESS;
}

static enum status
check_kind(const char *const path,
           const struct safetensors *const file,
           const struct updater *const updater,
           struct error *const error)
{
  char expected[PARAMETERS_TEXT_SIZE];
  const char *const format = safetensors_metadata(file, "format");
  const char *const network = safetensors_metadata(file, "network");
  if (!format || strcmp(format, CHECKPOINT_FORMAT) != 0) {
    return error_set(error, STATUS_BAD_FORMAT,
                     "%s: is no checkpoint, or one of another version of this program; train anew without --resume",
                     path);
  }
  parameters_network(&updater->trainee->parameters, expected);
  return network && !strcmp(network, expected) ? STATUS_SUCCESS
                                               : error_set(error, STATUS_BAD_FORMAT,
                                                           "%s: is no checkpoint of this network; either its sizes are "
                                                           "others, or the music is no longer what this "
                                                           "training began with",
                                                           path);
}

bool
checkpoint_same_music(const struct checkpoint *const a, const struct checkpoint *const b)
{
  return a->corpus_hash == b->corpus_hash && (!a->order_hash || !b->order_hash || a->order_hash == b->order_hash);
}

// Whether a training can go on from `read` with the music of `now`.
static enum status
check_music(const char *const path,
            const struct checkpoint *const read,
            const struct checkpoint *const now,
            const bool force,
            struct error *const error)
{
  const bool is_same = checkpoint_same_music(read, now);
  if (is_same && !read->labels_hash) { // Of an older version
    return STATUS_SUCCESS;
  }
  if (read->labels_hash != now->labels_hash) {
    return error_set(error, STATUS_BAD_VALUE,
                     "%s: the music has other styles (sub-folders) or tokens than this training began with, which its "
                     "network knows by number; put them back, or train anew without --resume",
                     path);
  }
  return is_same || force
             ? STATUS_SUCCESS
             : error_set(
                   error, STATUS_BAD_VALUE,
                   "%s: the music is no longer what this training began with (%s then, %s now); put it back, go on "
                   "all the same with --force, or train anew without --resume",
                   path, read->music[0] ? read->music : "other files", now->music);
}

// What is told of the music beside its hash; files of older versions tell nothing
static void
read_music(const struct safetensors *const file, struct checkpoint *const read)
{
  const char *const order = safetensors_metadata(file, "order");
  const char *const labels = safetensors_metadata(file, "labels");
  const char *const music = safetensors_metadata(file, "music");
  read->order_hash = order ? strtoull(order, NULL, 16) : 0;
  read->labels_hash = labels ? strtoull(labels, NULL, 16) : 0;
  snprintf(read->music, sizeof(read->music), "%s", music ? music : "");
}

// Take over all of it, or nothing
static enum status
apply(const char *const path,
      const struct safetensors *const file,
      const bool force,
      struct contents *const contents,
      struct checkpoint *const checkpoint,
      struct updater *const updater,
      struct error *const error)
{
  struct checkpoint read;
  uint64_t updates = 0;
  const char *const figures = safetensors_metadata(file, "figures");
  if (!figures || !parse_figures(figures, &read, &updates, &contents->state)) {
    return error_set(error, STATUS_BAD_FORMAT, "%s: its figures can't be read; train anew without --resume", path);
  }
  read_music(file, &read);
  const enum status status = check_music(path, &read, checkpoint, force, error);
  if (status) {
    return status;
  }
  const bool is_same = checkpoint_same_music(&read, checkpoint);
  if (is_same && !trainee_state_put(updater->trainee, &contents->state)) {
    return error_set(error, STATUS_BAD_FORMAT, "%s: it is damaged; train anew without --resume", path);
  }
  for (int i = 0; i < WEIGHT_PARTS; ++i) {
    memcpy(weight_values(updater, i), contents->weights[i], updater->count * sizeof(float));
  }
  updater->updates = updates;
  *checkpoint = read;
  return STATUS_SUCCESS;
}

static enum status
read_checked(const char *const path,
             const struct safetensors *const file,
             const bool force,
             struct checkpoint *const checkpoint,
             struct updater *const updater,
             struct error *const error)
{
  const size_t count = updater->count;
  struct contents contents;
  enum status status = contents_new(updater, &contents, error);
  float *const values = malloc(WEIGHT_PARTS * count * sizeof(float));
  if (!status && !values) {
    status = error_set(error, STATUS_NO_MEMORY, "%s: no memory to read it", path);
  }
  if (!status) {
    for (int i = 0; i < WEIGHT_PARTS; ++i) {
      contents.weights[i] = values + (size_t)i * count;
    }
    list_parts(&contents, count);
  }
  for (size_t i = 0; !status && i < contents.count; ++i) {
    status = read_part(path, file, &contents.parts[i], error);
  }
  if (!status) {
    status = apply(path, file, force, &contents, checkpoint, updater, error);
  }
  free(values);
  contents_free(&contents);
  return status;
}

enum status
checkpoint_read(const char *const path,
                const bool force,
                struct checkpoint *const checkpoint,
                struct updater *const updater,
                struct error *const error)
{
  struct safetensors *file = NULL;
  enum status status = safetensors_read(path, &file, error);
  if (!status) {
    status = check_kind(path, file, updater, error);
  }
  if (!status) {
    status = read_checked(path, file, force, checkpoint, updater, error);
  }
  safetensors_free(file);
  return status;
}
