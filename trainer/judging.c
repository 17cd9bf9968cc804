// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Composing pieces and measuring them, and the real ones beside them.

#include "judging.h"

#include "composing.h"
#include "progress.h"

#include "engine/weights.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOOK_AHEAD = 16 * TICKS_PER_QUARTER };

// What judging works on
struct bench {
  const struct judging_request *request;
  struct weights *weights;
  struct quotations_index *index;
  struct structure *structures; // [room] of the pieces in hand
  uint32_t *longest;            // [room] moves of their longest quotations
  size_t room;
  struct progress progress;
};

static int
compare_lengths(const void *const a, const void *const b)
{
  const uint32_t first = *(const uint32_t *)a;
  const uint32_t second = *(const uint32_t *)b;
  return (first > second) - (first < second);
}

// Return the value below which `share` of sorted `values` [count] lie, between two of them if it has to.
static double
quantile(const uint32_t *const values, const size_t count, const double share)
{
  const double place = share * (double)(count - 1);
  const size_t below = (size_t)place;
  const size_t above = below + 1 < count ? below + 1 : below;
  return values[below] + (place - (double)below) * ((double)values[above] - values[below]);
}

// Add `piece` to `judged`.
static enum status
judge_piece(struct bench *const bench,
            const struct piece *const piece,
            const char *const work,
            const int style,
            struct judged *const judged,
            struct error *const error)
{
  struct quotations found;
  quotations_find(bench->index, piece->events, piece->count, work, style, &found, NULL);
  if (found.longest.moves > judged->quotations.longest.moves) {
    judged->longest_piece = (uint32_t)judged->pieces;
  }
  quotations_add(&judged->quotations, &found);
  bench->longest[judged->pieces] = found.longest.moves;
  judged->notes += piece->count;
  return structure_measure(piece, &bench->structures[judged->pieces++], error);
}

static void
judge_all(struct bench *const bench, struct judged *const judged)
{
  structure_spread_make(bench->structures, judged->pieces, &judged->structure);
  qsort(bench->longest, judged->pieces, sizeof(*bench->longest), compare_lengths);
  judged->longest_median = judged->pieces ? quantile(bench->longest, judged->pieces, 0.5) : 0.0;
  judged->longest_95 = judged->pieces ? quantile(bench->longest, judged->pieces, 0.95) : 0.0;
}

// Return the style of the quoted music that is called as `style` of the real music, or one that no piece has.
static int
quoted_style(const struct judging_request *const request, const uint32_t style)
{
  for (uint32_t i = 0; i < request->quoted->style_count; ++i) {
    if (!strcmp(request->quoted->styles[i], request->real->styles[style])) {
      return (int)i;
    }
  }
  return CORPUS_STYLES;
}

static enum status
judge_real(struct bench *const bench, const uint32_t style, struct judged *const judged, struct error *const error)
{
  const struct corpus *const real = bench->request->real;
  const int other = quoted_style(bench->request, style);
  for (size_t i = 0; i < real->piece_count; ++i) {
    const struct piece *const piece = &real->pieces[i];
    const enum status status =
        piece->style != style ? STATUS_SUCCESS : judge_piece(bench, piece, piece->work, other, judged, error);
    if (status) {
      return status;
    }
  }
  judge_all(bench, judged);
  return STATUS_SUCCESS;
}

// Return the metre in the middle of the `number`-th real piece of `style`, counted round and round.
static struct metre
metre_of(const struct corpus *const real, const uint32_t style, const uint32_t number, const size_t pieces)
{
  size_t left = number % pieces;
  for (size_t i = 0; i < real->piece_count; ++i) {
    const struct piece *const piece = &real->pieces[i];
    if (piece->style == style && left-- == 0) {
      return piece->metres[piece->count / 2];
    }
  }
  return (struct metre){4, 4};
}

static enum status
judge_composed(struct bench *const bench,
               const uint32_t style,
               const double temperature,
               const size_t real_pieces,
               struct judged *const judged,
               struct error *const error)
{
  const struct judging_request *const request = bench->request;
  const char *const name = request->real->styles[style];
  for (uint32_t i = 0; i < request->pieces; ++i) {
    if (request->show) {
      progress_show(&bench->progress, "%s at temperature %g: composing piece %u of %u", name, temperature, i + 1,
                    request->pieces);
    }
    struct controls controls = request->controls;
    controls.sampling.temperature = (float)temperature;
    controls.style = weights_style(bench->weights, name);
    controls.seed = (request->seed + i) & 0xFFFFFF;
    controls.look_ahead = LOOK_AHEAD;
    struct piece piece = {0};
    const struct metre metre = metre_of(request->real, style, i, real_pieces);
    enum status status = composing_piece(bench->weights, &controls, metre, request->bars, &piece, error);
    if (!status) {
      status = judge_piece(bench, &piece, NULL, -1, judged, error);
      piece_free(&piece);
    }
    if (status) {
      return status;
    }
  }
  judge_all(bench, judged);
  return STATUS_SUCCESS;
}

static enum status
judge_style(struct bench *const bench, const uint32_t style, struct judging *const judging, struct error *const error)
{
  const struct judging_request *const request = bench->request;
  struct judged_style *const judged = &judging->styles[judging->style_count];
  *judged = (struct judged_style){.style = style};
  enum status status = judge_real(bench, style, &judged->real, error);
  if (status || judged->real.pieces < JUDGING_REAL_LEAST) {
    return status;
  }
  for (size_t t = 0; !status && t < request->temperature_count; ++t) {
    status = judge_composed(bench, style, request->temperatures[t], judged->real.pieces, &judged->composed[t], error);
  }
  ++judging->style_count;
  return status;
}

static enum status
bench_open(struct bench *const bench, struct error *const error)
{
  const struct judging_request *const request = bench->request;
  enum status status = weights_load(request->weights, &bench->weights, error);
  if (!status && request->controls.originality && !bench->weights->quotations) {
    status = error_set(
        error, STATUS_NOT_FOUND,
        "%s: --originality needs a network that chooses note by note, and a filter of its training music, which "
        "`ritornello train\' adds with --refilter",
        request->weights);
  }
  if (!status) {
    status = quotations_index_new(request->quoted, &bench->index, error);
  }
  bench->room = request->real->piece_count > request->pieces ? request->real->piece_count : request->pieces;
  bench->structures = calloc(bench->room + 1, sizeof(*bench->structures));
  bench->longest = calloc(bench->room + 1, sizeof(*bench->longest));
  if (!status && (!bench->structures || !bench->longest)) {
    status = error_set(error, STATUS_NO_MEMORY, "no memory for %zu pieces", bench->room);
  }
  progress_begin(&bench->progress, stderr);
  return status;
}

static void
bench_close(struct bench *const bench)
{
  progress_end(&bench->progress);
  free(bench->longest);
  free(bench->structures);
  quotations_index_free(bench->index);
  weights_free(bench->weights);
}

enum status
judging_run(const struct judging_request *const request, struct judging *const judging, struct error *const error)
{
  struct bench bench = {.request = request};
  judging->style_count = 0;
  enum status status = bench_open(&bench, error);
  for (uint32_t style = 0; !status && style < request->real->style_count; ++style) {
    // What weights that know no style compose, as those of `windowed` networks, is held against any
    const bool known = !bench.weights->style_count || weights_style(bench.weights, request->real->styles[style]);
    if (request->styles[style] && known) {
      status = judge_style(&bench, style, judging, error);
    }
  }
  bench_close(&bench);
  if (!status && judging->style_count == 0) {
    status = error_set(error, STATUS_NOT_FOUND,
                       "%s knows none of the styles asked for that have at least %d pieces in the folder",
                       request->weights, JUDGING_REAL_LEAST);
  }
  return status;
}
