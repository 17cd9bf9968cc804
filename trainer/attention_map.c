// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "attention_map.h"

#include "parameters.h"
#include "schedule.h"
#include "streaming_model.h"
#include "windowed_evaluation.h"
#include "windowed_model.h"
#include "windows.h"

#include <stdlib.h>
#include <string.h>

enum { STEPS_TARGET = 128, WINDOWS = 32 };

// A map in the making
struct mapping {
  const struct parameters *parameters;
  const struct corpus *corpus; // Of the one piece
  uint8_t style;
  struct attention_map *map;
  double notes[ATTENTION_MAP_BARS]; // That look from each bar
  double all;                       // That look
};

// A note in bar `from` looks at one in bar `to` with `share` of its attention.
static void
look(struct mapping *const m, const int64_t from, const int64_t to, const double share)
{
  const int64_t ago = from > to ? from - to : 0;
  struct attention_map *const map = m->map;
  map->ago[ago < ATTENTION_MAP_AGO ? ago : ATTENTION_MAP_AGO - 1] += share;
  if (from >= 0 && to >= 0 && from < map->bars && to < map->bars) {
    map->shares[(size_t)from * map->bars + (size_t)to] += share;
  }
}

static void
count_note(struct mapping *const m, const int64_t bar)
{
  ++m->all;
  if (bar >= 0 && bar < m->map->bars) {
    ++m->notes[bar];
  }
}

// Streaming

static void
look_from_step(struct mapping *const m, const struct attention *const a, const size_t t, const int32_t bar)
{
  const int32_t *const bars = a->slot_bars;
  for (size_t head = 0; head < a->heads; ++head) {
    const struct attention_row row = attention_row(a, 0, head, t);
    for (size_t i = 0; i < row.count; ++i) {
      look(m, bar, bars[row.first + i], (double)row.shares[i] / (double)a->heads);
    }
  }
  count_note(m, bar);
}

static void
read_streaming(struct mapping *const m,
               struct schedule *const schedule,
               struct batch *const batch,
               struct streaming_model *const model)
{
  while (schedule_next(schedule, batch, 1)) {
    for (size_t t = 0; t < batch->steps; ++t) {
      uint16_t *const style = &batch->inputs[TENSOR_CONDITION_STYLE][t];
      *style = *style == BATCH_NONE ? BATCH_NONE : m->style;
    }
    streaming_model_forward(model, m->parameters, batch, 0.0F);
    for (size_t t = 0; t < batch->steps; ++t) {
      if (batch->events[t] != UINT32_MAX) {
        look_from_step(m, &model->attention, t, batch->bars[t]);
      }
    }
    streaming_model_carry(model);
  }
}

static enum status
map_streaming(struct mapping *const m, struct error *const error)
{
  const struct streaming_sizes *const sizes = &m->parameters->sizes;
  const size_t steps = (STEPS_TARGET + sizes->segment - 1) / sizes->segment * sizes->segment;
  struct schedule schedule = {0};
  struct batch batch = {0};
  struct streaming_model model = {{0}};
  enum status status = schedule_new(m->corpus, NULL, 0, 1, 0, false, &schedule, error);
  if (!status) {
    status = batch_new(steps, 1, &batch, error);
  }
  if (!status) {
    status = streaming_model_new(sizes, steps, 1, &model, error);
  }
  if (!status) {
    read_streaming(m, &schedule, &batch, &model);
  }
  streaming_model_free(&model);
  batch_free(&batch);
  schedule_free(&schedule);
  return status;
}

// Windowed

// The bar of each token, from their durations: `bars` [count]
static void
find_bars(const struct piece *const piece,
          const struct window_piece *const tokens,
          const struct vocabulary *const vocabulary,
          int64_t *const bars)
{
  const uint32_t bar = metre_bar_ticks(piece->metres[0]);
  uint64_t onset = piece->ticks[0];
  for (uint32_t i = 0; i < tokens->count; ++i) {
    bars[i] = (int64_t)(onset / bar);
    onset += vocabulary->tokens[tokens->inputs[i]].duration;
  }
}

static const struct additive *
last_attention(const struct windowed_model *const model)
{
  const struct additive *found = NULL;
  for (uint32_t i = 0; i < model->sizes.layer_count; ++i) {
    found = model->sizes.layers[i].kind == LAYER_ATTENTION ? &model->layers[i].additive : found;
  }
  return found;
}

// Of each window, what its last position looks at; places before the piece are nobody's
static void
read_windowed(struct mapping *const m,
              const struct windows *const windows,
              const int64_t *const bars,
              struct window_batch *const batch,
              struct windowed_model *const model)
{
  const struct additive *const a = last_attention(model);
  for (size_t first = 1; first < windows->sample_count; first += WINDOWS) {
    for (size_t b = 0; b < WINDOWS; ++b) {
      windows_fill(windows, first + b < windows->sample_count ? (uint32_t)(first + b) : UINT32_MAX, batch, b);
    }
    windowed_model_forward(model, m->parameters, batch, false);
    for (size_t b = 0; b < WINDOWS && first + b < windows->sample_count; ++b) {
      const size_t token = first + b;
      const float *const shares = a->attention + ((b + 1) * a->queries - 1) * a->steps;
      for (size_t s = a->steps < token ? 0 : a->steps - token; s < a->steps; ++s) {
        look(m, bars[token], bars[token + s - a->steps], (double)shares[s]);
      }
      count_note(m, bars[token]);
    }
  }
}

static enum status
map_tokens(struct mapping *const m,
           const struct vocabulary *const vocabulary,
           const struct windows *const windows,
           struct error *const error)
{
  const struct windowed_sizes *const sizes = &m->parameters->windowed;
  struct window_batch batch = {0};
  struct windowed_model model = {{0}};
  int64_t *const bars = calloc(windows->sample_count + 1, sizeof(*bars));
  enum status status =
      bars ? STATUS_SUCCESS : error_set(error, STATUS_NO_MEMORY, "no memory for %zu tokens", windows->sample_count);
  if (!status) {
    status = window_batch_new(sizes->context, WINDOWS, &batch, error);
  }
  if (!status) {
    status = windowed_model_new(sizes, WINDOWS, &model, error);
  }
  if (!status) {
    find_bars(&m->corpus->pieces[0], &windows->pieces[0], vocabulary, bars);
    read_windowed(m, windows, bars, &batch, &model);
  }
  windowed_model_free(&model);
  window_batch_free(&batch);
  free(bars);
  return status;
}

static enum status
map_windowed(struct mapping *const m,
             const struct safetensors *const file,
             const char *const path,
             struct error *const error)
{
  struct vocabulary vocabulary;
  struct windows windows;
  enum status status = windowed_vocabulary(file, path, m->parameters, &vocabulary, error);
  if (status) {
    return status;
  }
  status = windows_new(m->corpus, NULL, 0, &vocabulary, &windows, error);
  if (!status) {
    status = map_tokens(m, &vocabulary, &windows, error);
    windows_free(&windows);
  }
  vocabulary_clear(&vocabulary);
  return status;
}

// Both

static bool
has_attention(const struct parameters *const parameters)
{
  const struct windowed_sizes *const windowed = &parameters->windowed;
  bool found = !windowed->layer_count && parameters->sizes.heads;
  for (uint32_t i = 0; i < windowed->layer_count; ++i) {
    found = found || windowed->layers[i].kind == LAYER_ATTENTION;
  }
  return found;
}

// From sums to means
static void
divide(struct mapping *const m)
{
  struct attention_map *const map = m->map;
  for (size_t i = 0; i < ATTENTION_MAP_AGO; ++i) {
    map->ago[i] /= m->all > 0.0 ? m->all : 1.0;
  }
  for (size_t i = 0; i < (size_t)map->bars * map->bars; ++i) {
    const double notes = m->notes[i / map->bars];
    map->shares[i] /= notes > 0.0 ? notes : 1.0;
  }
}

static enum status
make(struct mapping *const m, const struct safetensors *const file, const char *const path, struct error *const error)
{
  const struct piece *const piece = &m->corpus->pieces[0];
  struct attention_map *const map = m->map;
  if (!has_attention(m->parameters) || !piece->count) {
    return STATUS_SUCCESS;
  }
  const uint32_t bars = piece->bars[piece->count - 1] + 1;
  map->bars = bars < ATTENTION_MAP_BARS ? bars : ATTENTION_MAP_BARS;
  map->shares = calloc((size_t)map->bars * map->bars, sizeof(*map->shares));
  if (!map->shares) {
    return error_set(error, STATUS_NO_MEMORY, "no memory for a map of %u bars", map->bars);
  }
  const enum status status =
      m->parameters->windowed.layer_count ? map_windowed(m, file, path, error) : map_streaming(m, error);
  divide(m);
  return status;
}

enum status
attention_map_make(const struct safetensors *const file,
                   const char *const path,
                   const struct piece *const piece,
                   const uint8_t style,
                   struct attention_map *const map,
                   struct error *const error)
{
  struct parameters parameters;
  struct piece only = *piece; // Lent to a corpus that has no other
  only.style = 0;
  const struct corpus corpus = {.pieces = &only, .piece_count = 1, .style_count = 1};
  memset(map, 0, sizeof(*map));
  const enum status status = parameters_load(file, path, &parameters, error);
  if (status) {
    return status;
  }
  struct mapping mapping = {.parameters = &parameters, .corpus = &corpus, .style = style, .map = map};
  const enum status made = make(&mapping, file, path, error);
  parameters_free(&parameters);
  return made;
}

void
attention_map_free(struct attention_map *const map)
{
  free(map->shares);
  memset(map, 0, sizeof(*map));
}
