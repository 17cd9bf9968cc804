// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "training_private.h"

#include "evaluation.h"
#include "sample.h"
#include "weight_file.h"

#include "engine/weights.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The name of the file, without its extension
static void
name_of_file(const char *const path, char name[WEIGHTS_TEXT_SIZE])
{
  const char *const slash = strrchr(path, '/');
  const char *const file = slash ? slash + 1 : path;
  const size_t length = strcspn(file, ".");
  snprintf(name, WEIGHTS_TEXT_SIZE, "%.*s", (int)(length < WEIGHTS_TEXT_SIZE ? length : WEIGHTS_TEXT_SIZE - 1), file);
  json_t *const string = json_string(name); // NULL for what is no UTF-8
  if (!string || !*name) {
    snprintf(name, WEIGHTS_TEXT_SIZE, "Untitled");
  }
  json_decref(string);
}

static enum status
write_weights(const struct training *const t,
              const struct evaluation *const held,
              const char *const path,
              struct error *const error)
{
  if (!t->first) {
    return STATUS_SUCCESS;
  }
  char name[WEIGHTS_TEXT_SIZE];
  name_of_file(t->options->output, name);
  const struct weight_file file = {
      .parameters = &t->trainee->parameters,
      .vocabulary = t->trainee->vocabulary,
      .corpus = &t->corpus,
      .held = t->held,
      .evaluation = held,
      .title = t->options->title ? t->options->title : name,
      .licence = t->options->licence ? t->options->licence : "not stated",
      .attribution = t->options->attribution,
      .seed = t->options->seed,
      .epochs = t->state.epoch,
      .notes = t->state.notes,
      .seconds = t->state.seconds,
  };
  return weight_file_write(path, &file, error);
}

// Keep this epoch's weights in the run folder, with a piece to hear how they come along. Weights that have learned next to
// nothing may compose none; that is no reason to end.
static enum status
keep_epoch(const struct training *const t, const struct evaluation *const held, struct error *const error)
{
  char weights[RUN_PATH_SIZE];
  char music[RUN_PATH_SIZE];
  struct error reason;
  run_folder_kept(&t->run, t->state.epoch, "safetensors", weights);
  run_folder_kept(&t->run, t->state.epoch, "mid", music);
  const enum status status = write_weights(t, held, weights, error);
  if (!status && sample_write(weights, music, &reason)) {
    printf("No piece is composed at epoch %llu: %s\n", (unsigned long long)t->state.epoch, reason.text);
  }
  return status;
}

// The output file if this epoch is the best, and a copy in the run folder if it is one to be kept
static enum status
keep_weights(struct training *const t, const struct evaluation *const held, struct error *const error)
{
  const double nats = evaluation_nats(t->held_notes ? &held->all : &t->state.losses);
  enum status status = STATUS_SUCCESS;
  ++t->state.stale;
  if (nats < t->state.best) {
    t->state.best = nats;
    t->state.stale = 0;
    status = write_weights(t, held, t->options->output, error);
  }
  if (!status && t->first && t->options->keep && t->state.epoch % t->options->keep == 0) {
    status = keep_epoch(t, held, error);
  }
  return status;
}

static enum status
log_epoch(const struct training *const t,
          const double rate,
          const struct evaluation *const held,
          struct error *const error)
{
  const struct run_epoch epoch = {
      .epoch = t->state.epoch,
      .updates = t->updater.updates,
      .notes = t->state.notes,
      .seconds = t->state.seconds,
      .rate = rate,
      .train = &t->state.losses,
      .held = &held->all,
  };
  return run_log_append(&t->run, &epoch, error);
}

static void
tell_epoch(struct training *const t, const struct evaluation *const held)
{
  char text[EVALUATION_TEXT_SIZE];
  evaluation_format(t->held_notes ? &held->all : &t->state.losses, text);
  progress_keep(&t->progress, "epoch %llu: %.1f min, train %.3f, %s %s%s", (unsigned long long)t->state.epoch,
                t->state.seconds / 60.0, evaluation_nats(&t->state.losses), t->held_notes ? "held out" : "that is",
                text, t->state.stale ? "" : "  *");
}

void
training_take_time(struct training *const t)
{
  t->state.seconds = progress_seconds() - t->began;
  t->state.cpu_seconds = progress_cpu_seconds() - t->cpu_began;
}

enum status
training_write_checkpoint(struct training *const t, struct error *const error)
{
  training_take_time(t);
  const enum status status = checkpoint_write(t->run.checkpoint, &t->state, &t->updater, error);
  t->written = progress_seconds();
  return ranks_agree(t->options->ranks, status, error);
}

enum status
training_not_a_number(const struct training *const t, struct error *const error)
{
  return error_set(
      error, STATUS_BAD_VALUE,
      "the loss is no longer a number; the last good checkpoint is %s: lower --rate and go on with --resume",
      t->run.checkpoint);
}

enum status
training_end_epoch(struct training *const t, const double rate, struct error *const error)
{
  struct evaluation *const held = calloc(1, sizeof(*held));
  if (ranks_agree(t->options->ranks, held ? STATUS_SUCCESS : STATUS_NO_MEMORY, error)) {
    free(held);
    return error_set(error, STATUS_NO_MEMORY, "no memory to evaluate");
  }
  ++t->state.epoch;
  training_take_time(t);
  enum status status = trainee_evaluate(t->trainee, t->workers, t->options->ranks, held, error);
  if (!status && !(isfinite(evaluation_nats(&held->all)) && isfinite(evaluation_nats(&t->state.losses)))) {
    status = training_not_a_number(t, error);
  }
  if (!status) {
    status = keep_weights(t, held, error);
  }
  if (!status && t->first) {
    status = log_epoch(t, rate, held, error);
  }
  status = ranks_agree(t->options->ranks, status, error);
  if (!status) {
    if (t->first) {
      tell_epoch(t, held);
    }
    memset(&t->state.losses, 0, sizeof(t->state.losses));
    status = training_write_checkpoint(t, error);
  }
  free(held);
  return status;
}

enum status
training_stop_here(struct training *const t, struct error *const error)
{
  enum status status = training_write_checkpoint(t, error);
  if (!status && !isfinite(t->state.best)) {
    status = ranks_agree(t->options->ranks, write_weights(t, NULL, t->options->output, error), error);
  }
  if (!status) {
    progress_end(&t->progress);
    printf("Stopped in epoch %llu; --resume goes on from here\n", (unsigned long long)t->state.epoch + 1);
  }
  return status;
}
