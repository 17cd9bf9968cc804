// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "stepping.h"

#include "engine/network_streaming_private.h"
#include "engine/network_windowed_private.h"
#include "engine/random.h"
#include "reading.h"

#include <stdlib.h>
#include <string.h>

enum { BAR_EVENTS = 16, PASSES = 3 };

static double
matrix_bytes(const struct matrix *const matrix)
{
  return (double)matrix->rows * matrix->padded * (double)precision_size(matrix->precision);
}

// A step reads each matrix once; the backward encoder, one step of its segment per event.
static void
bytes_of_streaming(const struct streaming *const network, struct stepping *const stepping)
{
  const struct matrix *const matrices[] = {&network->key,      &network->value,          &network->forward,
                                           &network->backward, &network->backward_value, &network->query,
                                           &network->decoder,  &network->dense};
  double sum = 0.0;
  for (size_t i = 0; i < sizeof(matrices) / sizeof(*matrices); ++i) {
    sum += matrix_bytes(matrices[i]);
  }
  for (unsigned i = 0; i < FIELD_COUNT; ++i) {
    sum += matrix_bytes(&network->heads[i]);
  }
  const struct streaming_sizes *const sizes = &network->sizes;
  const bool is_whole = network->precision == PRECISION_F16;
  const double key = sizes->key * (is_whole ? sizeof(int16_t) : sizeof(float)) + sizeof(float); // With its scale
  const double value = is_whole ? sizes->value * sizeof(int8_t) + sizeof(float) : sizes->value * sizeof(float);
  stepping->bytes = stepping->bytes_block = sum;
  stepping->bytes_memory = sizes->memory * (sizes->heads * (key + value) + 1.0);
}

// What the input adds to the gates can be had for all positions by reading the matrix once; the recurrent matrix is read at
// every position.
static double
bytes_of_lstm(const struct windowed_lstm *const lstm, const double positions, struct stepping *const stepping)
{
  const double recurrent = matrix_bytes(&lstm->recurrent);
  stepping->bytes_block = recurrent > stepping->bytes_block ? recurrent : stepping->bytes_block;
  return matrix_bytes(&lstm->input) + positions * recurrent;
}

static void
bytes_of_windowed(const struct windowed *const network, struct stepping *const stepping)
{
  stepping->bytes = stepping->bytes_block = stepping->bytes_memory = 0.0;
  for (uint32_t i = 0; i < network->part_count; ++i) {
    const struct windowed_part *const part = &network->parts[i];
    const double context = network->sizes.context;
    stepping->bytes += bytes_of_lstm(&part->forward, context, stepping);
    stepping->bytes += bytes_of_lstm(&part->backward, part->gives_sequence ? context : 1.0, stepping);
    stepping->bytes += matrix_bytes(&part->query) + matrix_bytes(&part->key) + matrix_bytes(&part->dense);
  }
}

static struct moment
moment_of(const uint32_t number)
{
  return (struct moment){
      .bar = number / BAR_EVENTS,
      .tick = (uint16_t)(number % BAR_EVENTS * 6),
      .metre = {4, 4},
  };
}

// Make a step, and write its choices to `file` if there is one; return the operations.
static uint32_t
step_make(const struct weights *const weights, const uint32_t number, struct step *const step, FILE *const file)
{
  const struct network *const network = weights->network;
  const struct moment moment = moment_of(number);
  uint32_t operations = UINT32_MAX;
  network_feed(network, weights->state, number ? step : NULL, &moment);
  for (uint32_t i = 0; network_work(network, weights->state, &operations) == NETWORK_CHOICE; ++i) {
    struct choice choice;
    network_choice(network, weights->state, &choice);
    const uint32_t first = choice.field == FIELD_TOKEN ? TOKEN_FIRST : 0;
    const uint32_t classes = choice.field == FIELD_ADVANCE ? 24 : choice.classes;
    const uint32_t chosen = first + random_below(i, number, classes - first);
    if (file) {
      fprintf(file, " %u", chosen);
      for (uint32_t j = 0; j < choice.classes; ++j) {
        fprintf(file, " %.9g", (double)choice.logits[j]);
      }
    }
    network_choose(network, weights->state, chosen);
  }
  network_step(network, weights->state, step);
  return UINT32_MAX - operations;
}

void
stepping_dump(struct weights *const weights, const uint32_t count, FILE *const file)
{
  struct step step;
  network_reset(weights->network, weights->state);
  for (uint32_t number = 0; number < count; ++number) {
    const struct moment moment = moment_of(number);
    const struct place place = place_make(moment.metre, moment.tick);
    fprintf(file, "%u", moment.bar);
    for (unsigned field = 0; field < FIELD_COUNT; ++field) {
      fprintf(file, " %d", number ? (int)event_class(&step.notes[0], (enum field)field) : -1);
    }
    fprintf(file, " %d %u %u %u 0 0 0 0", number ? -1 : 0, place.tick, place.beat, place.length);
    step_make(weights, number, &step, file);
    fprintf(file, "\n");
  }
}

static int
compare(const void *const a, const void *const b)
{
  const double x = *(const double *)a;
  const double y = *(const double *)b;
  return (x > y) - (x < y);
}

int
stepping_measure(struct weights *const weights, const uint32_t count, struct stepping *const stepping)
{
  double *const seconds = malloc(count * sizeof(*seconds));
  if (!seconds) {
    return -1;
  }
  struct step step;
  uint32_t operations = 0;
  const bool is_streaming = !strcmp(weights->network->class_->kind, "streaming");
  if (is_streaming) {
    bytes_of_streaming((const struct streaming *)weights->network, stepping);
  } else {
    bytes_of_windowed((const struct windowed *)weights->network, stepping);
  }
  const uint32_t first = is_streaming ? ((const struct streaming *)weights->network)->sizes.memory + 1 : 3;
  for (unsigned pass = 0; pass < PASSES; ++pass) {
    network_reset(weights->network, weights->state);
    for (uint32_t number = 0; number < first + count; ++number) {
      const double begin = reading_clock();
      operations = step_make(weights, number, &step, NULL);
      const double taken = reading_clock() - begin;
      if (number >= first && (pass == 0 || taken < seconds[number - first])) {
        seconds[number - first] = taken;
      }
    }
  }
  qsort(seconds, count, sizeof(*seconds), compare);
  stepping->us_median = 1e6 * seconds[count / 2];
  stepping->us_p999 = 1e6 * seconds[(size_t)(count - 1) * 999 / 1000];
  const double per_byte = reading_seconds((size_t)stepping->bytes_block) / stepping->bytes_block;
  stepping->limit_us = 1e6 * per_byte * stepping->bytes;
  stepping->limit_all_us = 1e6 * per_byte * (stepping->bytes + stepping->bytes_memory);
  stepping->ns_per_thousand = 1e9 * seconds[count / 2] / operations * 1000.0;
  free(seconds);
  return 0;
}
