// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "weight_file.h"

#include "held_out.h"
#include "json_memory.h"
#include "quotation_filter.h"
#include "strike_limits.h"

#include "engine/weights.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *
styles_text(const struct weight_file *const file)
{
  json_t *const styles = json_array();
  const uint32_t count = file->parameters->sizes.styles; // A `windowed` network knows none
  for (uint32_t i = 0; i < count; ++i) {
    json_array_append_new(styles, json_string(file->corpus->styles[i]));
  }
  return json_memory_text(styles, JSON_COMPACT);
}

static char *
corpus_text(const struct weight_file *const file)
{
  const struct corpus *const corpus = file->corpus;
  char hash[17];
  snprintf(hash, sizeof(hash), "%016llx", (unsigned long long)corpus->hash);
  size_t held = 0;
  for (size_t i = 0; i < corpus->piece_count; ++i) {
    held += file->held[i];
  }
  json_t *const root = json_pack("{s:s, s:I, s:I, s:I}", "hash", hash, "files", (json_int_t)corpus->piece_count,
                                 "held_out_files", (json_int_t)held, "notes", (json_int_t)corpus->notes);
  return json_memory_text(root, JSON_COMPACT);
}

static json_t *
figures(const struct evaluation *const evaluation)
{
  json_t *const root = json_pack("{s:I, s:f}", "notes", (json_int_t)evaluation->all.notes, "nats_per_note",
                                 evaluation_nats(&evaluation->all));
  json_t *const heads = json_object();
  for (int field = 0; field < FIELD_COUNT; ++field) {
    json_object_set_new(heads, field_name((enum field)field),
                        json_real(evaluation_head(&evaluation->all, (enum field)field)));
  }
  json_object_set_new(root, "heads", heads);
  if (evaluation->all.tokens) {
    json_object_set_new(root, "tokens", json_integer((json_int_t)evaluation->all.tokens));
    json_object_set_new(root, "nats_per_token", json_real(evaluation_token(&evaluation->all)));
  }
  return root;
}

static char *
training_text(const struct weight_file *const file)
{
  json_t *const root = json_pack("{s:I, s:I, s:f, s:I, s:o}", "epochs", (json_int_t)file->epochs, "notes_seen",
                                 (json_int_t)file->notes, "seconds", file->seconds, "seed", (json_int_t)file->seed,
                                 "held_out_works", held_out_works(file->corpus, file->held));
  if (file->evaluation && file->evaluation->all.notes) {
    json_object_set_new(root, "held_out", figures(file->evaluation));
  }
  return json_memory_text(root, JSON_COMPACT | JSON_REAL_PRECISION(6));
}

static int
compare_texts(const void *const a, const void *const b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// Every author, licence and source of the training pieces, once each, in one text
static char *
gather_attribution(const struct corpus *const corpus)
{
  const char **const lines = calloc(corpus->piece_count + 1, sizeof(*lines));
  size_t count = 0;
  size_t size = 1;
  for (size_t i = 0; lines && i < corpus->piece_count; ++i) {
    if (corpus->pieces[i].attribution) {
      lines[count++] = corpus->pieces[i].attribution;
      size += strlen(corpus->pieces[i].attribution) + 1;
    }
  }
  char *const text = calloc(size, 1);
  if (lines && text) {
    qsort(lines, count, sizeof(*lines), compare_texts);
    for (size_t i = 0; i < count; ++i) {
      if (i == 0 || strcmp(lines[i], lines[i - 1]) != 0) {
        strcat(strcat(text, *text ? "\n" : ""), lines[i]);
      }
    }
  }
  free(lines);
  return text;
}

static char *
strikes_text(const struct weight_file *const file)
{
  const char *names[CORPUS_STYLES];
  for (size_t i = 0; i < CORPUS_STYLES; ++i) {
    names[i] = file->corpus->styles[i];
  }
  return strike_limits_text(file->corpus, file->held, names, file->parameters->sizes.styles);
}

enum { METADATA_COUNT = 11 };

enum status
weight_file_write(const char *const path, const struct weight_file *const file, struct error *const error)
{
  char network[PARAMETERS_TEXT_SIZE];
  parameters_network(file->parameters, network);
  json_memory_begin();
  char *const styles = styles_text(file);
  char *const corpus = corpus_text(file);
  char *const training = training_text(file);
  char *const attribution = file->attribution ? strdup(file->attribution) : gather_attribution(file->corpus);
  char *const strikes = strikes_text(file);
  uint16_t *const halves = calloc(file->parameters->count, sizeof(uint16_t));
  struct tensor *const tensors = calloc(PARAMETERS_TENSORS + 1, sizeof(*tensors));
  struct quotation_filter *filter = NULL;
  enum status status = quotation_filter_make(file->corpus, file->held, &filter, error);
  if (!status && (!styles || !corpus || !training || !attribution || !strikes || !halves || !tensors)) {
    status = error_set(error, STATUS_NO_MEMORY, "no memory to write %s", path);
  }
  if (!status) {
    char quotations[QUOTATION_TEXT_SIZE];
    quotation_filter_format(filter, quotations);
    const struct metadata metadata[METADATA_COUNT] = {
        {"format", WEIGHTS_FORMAT},       {"network", network},
        {"vocabulary", file->vocabulary}, {"styles", styles},
        {"title", file->title},           {"licence", file->licence},
        {"attribution", attribution},     {"corpus", corpus},
        {"training", training},           {QUOTATION_METADATA, quotations},
        {WEIGHTS_STRIKES, strikes},
    };
    const size_t count = parameters_describe(file->parameters, file->parameters->values, halves, tensors);
    quotation_filter_describe(filter, &tensors[count]);
    status = safetensors_write(path, metadata, METADATA_COUNT, tensors, count + 1, error);
  }
  free(filter);
  free(tensors);
  free(halves);
  free(strikes);
  free(attribution);
  free(training);
  free(corpus);
  free(styles);
  return status;
}
