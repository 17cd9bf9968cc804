// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Gathering what the report shows. What the page looks like is in report_page.c.

#include "report.h"

#include "composing.h"
#include "json_memory.h"
#include "progress.h"
#include "report_private.h"

#include "engine/safetensors.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOOK_AHEAD = 16 * TICKS_PER_QUARTER, PATH_SIZE = 4096 };

// Return the number of the style in the corpus that is asked for, or that has the most notes and is known to the weights.
// Weights that know none, as those of `windowed` networks, are held against any.
static uint32_t
choose_style(const struct report *const report, const char *const asked)
{
  uint64_t notes[CORPUS_STYLES] = {0};
  const struct corpus *const corpus = &report->corpus;
  for (size_t i = 0; i < corpus->piece_count; ++i) {
    notes[corpus->pieces[i].style] += corpus->pieces[i].count;
  }
  uint32_t best = CORPUS_STYLES;
  for (uint32_t s = 0; s < corpus->style_count; ++s) {
    const bool is_known = !report->weights->style_count || weights_style(report->weights, corpus->styles[s]) > 0;
    const bool is_asked = asked && is_known && !strcmp(asked, corpus->styles[s]);
    const bool is_better = !asked && is_known && (best == CORPUS_STYLES || notes[s] > notes[best]);
    best = is_asked || is_better ? s : best;
  }
  return best;
}

// Take the real pieces of the style.
static enum status
gather_real(struct report *const report, struct error *const error)
{
  const struct report_request *const request = report->request;
  enum status status = corpus_read(request->folder, &report->corpus, error);
  if (status) {
    return status;
  }
  corpus_warn(&report->corpus, request->folder);
  const uint32_t style = choose_style(report, request->style);
  if (style == CORPUS_STYLES) {
    return error_set(error, STATUS_NOT_FOUND, "%s: has no music of a style that is asked for or known to %s",
                     request->folder, request->weights);
  }
  report->style = report->corpus.styles[style];
  report->real = calloc(report->corpus.piece_count, sizeof(*report->real));
  if (!report->real) {
    return error_set(error, STATUS_NO_MEMORY, "no memory for %zu pieces", report->corpus.piece_count);
  }
  for (size_t i = 0; i < report->corpus.piece_count; ++i) {
    if (report->corpus.pieces[i].style == style) {
      report->real[report->real_count++] = &report->corpus.pieces[i];
    }
  }
  return quotations_index_new(&report->corpus, &report->index, error);
}

static enum status
compose(struct report *const report, struct error *const error)
{
  const struct report_request *const request = report->request;
  struct progress progress;
  progress_begin(&progress, stderr);
  report->composed = calloc(request->pieces, sizeof(*report->composed));
  enum status status = report->composed
                           ? STATUS_SUCCESS
                           : error_set(error, STATUS_NO_MEMORY, "no memory for %u pieces", request->pieces);
  for (uint32_t i = 0; !status && i < request->pieces; ++i) {
    if (request->show) {
      progress_show(&progress, "composing piece %u of %u", i + 1, request->pieces);
    }
    const struct piece *const real = report->real_count ? report->real[i % report->real_count] : NULL;
    const struct controls controls = {
        .sampling = {.temperature = (float)request->temperature, .top_p = 1.0F},
        .style = report->style ? weights_style(report->weights, report->style) : 0,
        .seed = (request->seed + i) & 0xFFFFFF,
        .look_ahead = LOOK_AHEAD,
    };
    const struct metre metre = real ? real->metres[real->count / 2] : (struct metre){4, 4};
    status = composing_piece(report->weights, &controls, metre, request->bars, &report->composed[i], error);
    report->composed_count += !status;
  }
  progress_end(&progress);
  return status;
}

// See where attention looks in the first piece composed and in the first real one.
static enum status
map_attention(struct report *const report, struct error *const error)
{
  const char *const path = report->request->weights;
  const uint8_t style = report->style ? weights_style(report->weights, report->style) : 0;
  enum status status =
      attention_map_make(report->file, path, &report->composed[0], style, &report->composed_map, error);
  if (!status && report->real_count) {
    status = attention_map_make(report->file, path, report->real[0], style, &report->real_map, error);
  }
  return status;
}

static enum status
gather(struct report *const report, struct error *const error)
{
  const struct report_request *const request = report->request;
  enum status status = learning_log_read(request->weights, &report->log, error);
  if (!status) {
    status = weights_load(request->weights, &report->weights, error);
  }
  if (!status) {
    status = safetensors_read(request->weights, &report->file, error);
  }
  if (status) {
    return status;
  }
  if (request->folder) {
    status = gather_real(report, error);
  } else if (request->style) {
    report->style = request->style;
    status = weights_style(report->weights, request->style)
                 ? STATUS_SUCCESS
                 : error_set(error, STATUS_NOT_FOUND, "%s: does not know the style `%.64s'", request->weights,
                             request->style);
  }
  if (!status) {
    status = compose(report, error);
  }
  return status ? status : map_attention(report, error);
}

static void
report_free(struct report *const report)
{
  for (size_t i = 0; i < report->composed_count; ++i) {
    piece_free(&report->composed[i]);
  }
  attention_map_free(&report->composed_map);
  attention_map_free(&report->real_map);
  free(report->composed);
  free(report->real);
  quotations_index_free(report->index);
  corpus_free(&report->corpus);
  safetensors_free(report->file);
  weights_free(report->weights);
  free(report);
}

// Write the page beside its place and move it there.
static enum status
write_page(const struct report *const report, struct error *const error)
{
  const char *const path = report->request->output;
  char part[PATH_SIZE];
  const int length = snprintf(part, sizeof(part), "%s.part", path);
  FILE *const page = length > 0 && (size_t)length < sizeof(part) ? fopen(part, "w") : NULL;
  if (!page) {
    return error_set(error, STATUS_IO, "%s: can't be written: %s", error_path(path), strerror(errno));
  }
  json_memory_begin();
  enum status status = report_page(report, page, error);
  if (!status && json_memory_ran_out()) {
    status = error_set(error, STATUS_NO_MEMORY, "not enough memory to make %s", error_path(path));
  }
  const bool is_whole = !ferror(page);
  if ((fclose(page) || !is_whole) && !status) {
    status = error_set(error, STATUS_IO, "%s: can't be written: %s", error_path(path), strerror(errno));
  }
  if (!status && rename(part, path)) {
    status = error_set(error, STATUS_IO, "%s: can't be written: %s", error_path(path), strerror(errno));
  }
  if (status) {
    (void)remove(part);
  }
  return status;
}

enum status
report_write(const struct report_request *const request, struct error *const error)
{
  struct report *const report = calloc(1, sizeof(*report));
  if (!report) {
    return error_set(error, STATUS_NO_MEMORY, "no memory for a report");
  }
  report->request = request;
  enum status status = gather(report, error);
  if (!status) {
    status = write_page(report, error);
  }
  report_free(report);
  return status;
}
