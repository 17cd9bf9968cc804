// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// What half precision costs: held-out nats per note of a `streaming` network, measured with the plugin's own engine, event by
// event, in F16 and in F32.
//
//   bench_precision FILE DIR [CHECKPOINT]
//
// FILE is a weight file, DIR the music that it was trained on; the works that FILE says were held out are predicted, told as
// `ritornello evaluate` tells them. With the CHECKPOINT of its training (FILE.run/checkpoint.safetensors), the weights are
// the ones there, as they were learned in F32: first in F32 weights and memory, then rounded to F16, with a memory of F16.
// Without, they are those of FILE, which are F16 already, so that only the memory is compared. A field that the music does
// not tell is chosen as the likeliest, and counts nothing.

#include "corpus.h"
#include "held_out.h"
#include "style_map.h"

#include "converted.h"
#include "engine/kernels.h"
#include "engine/streaming_layout.h"
#include "engine/weights.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH = 1024, METADATA = 64 };

static void
stop_if(const bool failed, const char *const what)
{
  if (failed) {
    fprintf(stderr, "bench_precision: %s\n", what);
    exit(1);
  }
}

// Return what the true class costs in nats.
static double
nats_of(const struct choice *const choice, const unsigned class_)
{
  double highest = -INFINITY;
  double sum = 0.0;
  for (uint32_t i = 0; i < choice->classes; ++i) {
    highest = fmax(highest, (double)choice->logits[i]);
  }
  for (uint32_t i = 0; i < choice->classes; ++i) {
    sum += exp((double)choice->logits[i] - highest);
  }
  return log(sum) + highest - (double)choice->logits[class_];
}

static unsigned
likeliest(const struct choice *const choice)
{
  unsigned best = 0;
  for (uint32_t i = 1; i < choice->classes; ++i) {
    best = choice->logits[i] > choice->logits[best] ? i : best;
  }
  return best;
}

static double
piece_nats(const struct weights *const weights, const struct piece *const piece, const uint8_t style)
{
  double sum = 0.0;
  network_reset(weights->network, weights->state);
  for (uint32_t t = 0; t < piece->count; ++t) {
    const struct moment moment = {
        .bar = piece->bars[t],
        .tick = piece->ticks[t],
        .metre = piece->metres[t],
        .conditions = {.style = style, .key = piece->key, .metre = metre_class(piece->metres[t])},
    };
    const struct event *const before = &piece->events[t ? t - 1 : 0];
    const struct step step = {.notes = {*before}, .count = 1, .advance = before->advance};
    uint32_t operations = UINT32_MAX;
    network_feed(weights->network, weights->state, t ? &step : NULL, &moment);
    for (unsigned field = 0; field < FIELD_COUNT; ++field) {
      struct choice choice;
      stop_if(network_work(weights->network, weights->state, &operations) != NETWORK_CHOICE, "there is no choice");
      network_choice(weights->network, weights->state, &choice);
      const unsigned class_ = event_class(&piece->events[t], (enum field)field);
      const bool is_told = class_ < choice.classes;
      sum += is_told ? nats_of(&choice, class_) : 0.0;
      network_choose(weights->network, weights->state, is_told ? class_ : likeliest(&choice));
    }
  }
  return sum;
}

// Write the weights of `checkpoint` as a weight file like `file`, in F32.
static void
checkpoint_export(const struct safetensors *const file, const char *const checkpoint, const char *const to)
{
  struct safetensors *learned = NULL;
  struct error error;
  stop_if(safetensors_read(checkpoint, &learned, &error) != STATUS_SUCCESS, "the checkpoint can't be read");
  struct tensor tensors[SAFETENSORS_TENSORS];
  struct metadata metadata[METADATA];
  const size_t metadata_count = safetensors_metadata_list(file, metadata, METADATA);
  const size_t count = safetensors_count(file);
  const struct tensor *const all = safetensors_find(learned, "weights");
  size_t used = 0;
  for (size_t i = 0; i < count; ++i) {
    tensors[i] = *safetensors_tensor(file, i);
    if (tensors[i].dtype == DTYPE_F16) {
      const size_t values = tensors[i].size / sizeof(uint16_t);
      stop_if(!all || (used + values) * sizeof(float) > all->size, "the checkpoint is of another network");
      tensors[i].data = (const float *)all->data + used;
      tensors[i].dtype = DTYPE_F32;
      tensors[i].size = values * sizeof(float);
      used += values;
    }
  }
  stop_if(!all || used * sizeof(float) != all->size, "the checkpoint is of another network");
  stop_if(safetensors_write(to, metadata, metadata_count, tensors, count, &error) != STATUS_SUCCESS,
          "no place for files");
  safetensors_free(learned);
}

int
main(const int count, char **const arguments)
{
  if (count < 3 || count > 4) {
    fprintf(stderr, "usage: bench_precision FILE DIR [CHECKPOINT]\n");
    return 2;
  }
  struct error error = {.text = ""};
  struct safetensors *file = NULL;
  struct corpus corpus;
  size_t held_count = 0;
  uint8_t map[CORPUS_STYLES] = {0};
  stop_if(safetensors_read(arguments[1], &file, &error) || corpus_read(arguments[2], &corpus, &error), error.text);
  uint8_t *const held = calloc(corpus.piece_count, 1);
  stop_if(!held || held_out_mark(file, arguments[1], &corpus, held, &held_count, &error), error.text);

  char folder[] = "/tmp/ritornello-precision-XXXXXX";
  char paths[2][PATH];
  stop_if(!mkdtemp(folder), "no place for files");
  snprintf(paths[0], PATH, "%s/f32.safetensors", folder);
  snprintf(paths[1], PATH, "%s/f16.safetensors", folder);
  if (count == 4) {
    checkpoint_export(file, arguments[3], paths[0]);
  } else {
    stop_if(converted_write(arguments[1], paths[0], DTYPE_F32) != 0, "no place for files");
  }
  stop_if(converted_write(paths[0], paths[1], DTYPE_F16) != 0, "no place for files");

  double nats[2] = {0.0};
  uint64_t notes = 0;
  for (unsigned i = 0; i < 2; ++i) {
    struct weights *weights = NULL;
    stop_if(weights_load(paths[i], &weights, &error) != STATUS_SUCCESS, error.text);
    stop_if(style_map(file, arguments[1], weights->style_count, &corpus, map, &error) != STATUS_SUCCESS, error.text);
    notes = 0;
    for (size_t p = 0; p < corpus.piece_count; ++p) {
      if (held[p]) {
        nats[i] += piece_nats(weights, &corpus.pieces[p], map[corpus.pieces[p].style]);
        notes += corpus.pieces[p].count;
      }
    }
    nats[i] /= (double)notes;
    weights_free(weights);
    unlink(paths[i]);
  }
  rmdir(folder);
  printf("%llu held-out notes: F32 %.6f, F16 %.6f nats per note, difference %+.6f\n", (unsigned long long)notes,
         nats[0], nats[1], nats[1] - nats[0]);
  free(held);
  corpus_free(&corpus);
  safetensors_free(file);
  return 0;
}
