// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What a training trains: a network of one kind, the music as that kind sees it, and the order in which it comes. Everything
// else (updates, learning rate, epochs, checkpoints, files) is the same for all kinds and is in updater.h and training.h.
// Kinds: `streaming` (trainee_streaming.c) and `windowed` (trainee_windowed.c). A new kind fills in `struct trainee_class`.

#ifndef RITORNELLO_TRAINEE_H
#define RITORNELLO_TRAINEE_H

#include "corpus.h"
#include "evaluation.h"
#include "parameters.h"
#include "ranks.h"
#include "training.h"
#include "workers.h"

#include "engine/safetensors.h"
#include "engine/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TRAINEE_PARTS = 9 };

/// Values of a checkpoint, F32 or U64, under the name that they have there.
struct trainee_part {
  const char *name;
  enum dtype dtype;
  size_t count;
  void *values; ///< Owned
};

/// Where a trainee is between two batches, its weights aside: enough to go on as if nothing had happened.
struct trainee_state {
  uint64_t epoch;  ///< Times the order of the music has been drawn
  uint64_t next;   ///< Place in that order
  uint64_t passes; ///< Batches made
  size_t count;    ///< Parts
  struct trainee_part parts[TRAINEE_PARTS];
};

/// The music that a trainee is made of; both have to outlive it.
struct trainee_music {
  const struct corpus *corpus;
  const uint8_t *held; ///< [pieces] 1: kept out
  uint64_t notes;      ///< That are learned from
};

struct trainee;

/// What every kind implements. See the functions of the same names below.
struct trainee_class {
  size_t (*next)(struct trainee *trainee);
  void (*learn)(struct trainee *trainee, size_t shard, float scale, float *gradients);
  void (*count)(const struct trainee *trainee, struct evaluation_sums *sums);
  enum status (*evaluate)(
      const struct trainee *, struct workers *, struct ranks *, struct evaluation *, struct error *);
  bool (*state_new)(const struct trainee *trainee, struct trainee_state *state);
  void (*state_take)(const struct trainee *trainee, struct trainee_state *state);
  bool (*state_put)(struct trainee *trainee, const struct trainee_state *state);
  void (*free)(struct trainee *trainee);
};

/// The part that all kinds begin with.
struct trainee {
  const struct trainee_class *class_;
  struct parameters parameters;
  size_t shards;            ///< Parts of a batch
  size_t first;             ///< Of the parts, the first of this process (ranks.h)
  size_t own;               ///< Parts of this process
  uint64_t epoch_targets;   ///< What is predicted in one playing of the music: notes, or tokens of a `windowed` network
  uint64_t measure_targets; ///< From one measurement to the next; at most `epoch_targets`
  const char *vocabulary;   ///< As a weight file's metadata has it
};

/// Make the trainee that `options` ask for. NULL on failure.
enum status trainee_new(const struct trainee_music *music,
                        const struct training_options *options,
                        struct trainee **trainee,
                        struct error *error);

void trainee_free(struct trainee *trainee);

/// Make the next batch; return how many targets it has.
static inline size_t
trainee_next(struct trainee *const trainee)
{
  return trainee->class_->next(trainee);
}

/// Add the gradients of `scale` times the losses' sum of part `shard` of the batch, one of this process' own, to
/// `gradients`, laid out like the parameters. Shards may be learned from at the same time.
static inline void
trainee_learn(struct trainee *const trainee, const size_t shard, const float scale, float *const gradients)
{
  trainee->class_->learn(trainee, shard, scale, gradients);
}

/// Add the losses of this process' parts of the batch that was learned from last.
static inline void
trainee_count(const struct trainee *const trainee, struct evaluation_sums *const sums)
{
  trainee->class_->count(trainee, sums);
}

/// Measure the network on the music that was kept out, all processes together.
static inline enum status
trainee_evaluate(const struct trainee *const trainee,
                 struct workers *const workers,
                 struct ranks *const ranks,
                 struct evaluation *const evaluation,
                 struct error *const error)
{
  return trainee->class_->evaluate(trainee, workers, ranks, evaluation, error);
}

/// Take memory for a state. Free with trainee_state_free().
enum status trainee_state_new(const struct trainee *trainee, struct trainee_state *state, struct error *error);
void trainee_state_free(struct trainee_state *state);

/// Copy where the trainee is. What several processes carry is gathered by the caller: each fills in its own part of each
/// `struct trainee_part`, the first the first one, and so on.
static inline void
trainee_state_take(const struct trainee *const trainee, struct trainee_state *const state)
{
  trainee->class_->state_take(trainee, state);
}

/// Go there. Returns false, with nothing changed, if the trainee can't have been there.
static inline bool
trainee_state_put(struct trainee *const trainee, const struct trainee_state *const state)
{
  return trainee->class_->state_put(trainee, state);
}

#endif // RITORNELLO_TRAINEE_H
