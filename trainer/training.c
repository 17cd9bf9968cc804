// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "training.h"

#include "checkpoint.h"
#include "corpus.h"
#include "evaluation.h"
#include "parameters.h"
#include "progress.h"
#include "schedule.h"
#include "updater.h"
#include "weight_file.h"
#include "workers.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PATH_SIZE = 4096, WARM_UP = 200 };

// One training: what it works on and how far it is
struct training {
  const struct training_options *options;
  struct corpus corpus;
  uint8_t *held;      // [pieces]
  uint8_t *style_map; // [styles]
  uint64_t epoch_notes;
  struct parameters parameters;
  struct workers *workers;
  struct updater updater;
  struct schedule schedule;
  struct checkpoint state;
  struct evaluation_sums losses; // Of the present epoch's training
  double began;                  // Clock when this run began, less the seconds of runs before
  struct progress progress;
  char checkpoint_path[PATH_SIZE];
  char log_path[PATH_SIZE];
};

void
training_defaults(struct training_options *const options)
{
  *options = (struct training_options){
      .title = "Untitled",
      .licence = "not stated",
      .sizes = {.embedding = 192,
                .hidden = 256,
                .backward = 0,
                .heads = 4,
                .key = 32,
                .value = 64,
                .dense = 256,
                .segment = 16,
                .memory = 1024},
      .validation = 0.06,
      .seed = 1,
      .threads = 2,
      .streams = 32,
      .steps = 128,
      .rate = 2e-3,
      .dropout = 0.1,
      .noise = 0.03,
      .cold = 0.5,
      .clip = 1.0,
      .decay = 0.0,
  };
}

// Corpus and split

static enum status
read_corpus(struct training *const t, struct error *const error)
{
  const struct training_options *const o = t->options;
  enum status status = corpus_read(o->folder, &t->corpus, error);
  if (status) {
    return status;
  }
  t->held = calloc(t->corpus.piece_count, 1);
  t->style_map = calloc(CORPUS_STYLES, 1);
  if (!t->held || !t->style_map) {
    return error_set(error, STATUS_NO_MEMORY, "no memory for %zu pieces", t->corpus.piece_count);
  }
  corpus_split(&t->corpus, o->validation, o->seed, t->held);
  uint64_t held_notes = 0;
  size_t held = 0;
  for (size_t i = 0; i < t->corpus.piece_count; ++i) {
    held += t->held[i];
    *(t->held[i] ? &held_notes : &t->epoch_notes) += t->corpus.pieces[i].count;
  }
  for (uint32_t i = 0; i < t->corpus.style_count; ++i) {
    t->style_map[i] = (uint8_t)(i + 1);
  }
  printf("%zu files, %zu rejected; training on %llu notes of %zu files, %llu notes of %zu files held out\n",
         t->corpus.piece_count, t->corpus.rejection_count, (unsigned long long)t->epoch_notes,
         t->corpus.piece_count - held, (unsigned long long)held_notes, held);
  fflush(stdout);
  return t->epoch_notes
             ? STATUS_SUCCESS
             : error_set(error, STATUS_BAD_VALUE, "%s: nothing is left to train on; lower --validation", o->folder);
}

// Files beside the output

static enum status
make_run_folder(struct training *const t, struct error *const error)
{
  char folder[PATH_SIZE - 64];
  const int length = snprintf(folder, sizeof(folder), "%s.run", t->options->output);
  if (length < 0 || (size_t)length >= sizeof(folder)) {
    return error_set(error, STATUS_BAD_VALUE, "the output's path is too long");
  }
  if (mkdir(folder, 0777) && errno != EEXIST) {
    return error_set(error, STATUS_IO, "%s: can't make this folder: %s", folder, strerror(errno));
  }
  snprintf(t->checkpoint_path, sizeof(t->checkpoint_path), "%s/checkpoint.safetensors", folder);
  snprintf(t->log_path, sizeof(t->log_path), "%s/log.csv", folder);
  return STATUS_SUCCESS;
}

static void
log_heads(FILE *const log, const struct evaluation_sums *const sums)
{
  fprintf(log, ",%.5f", evaluation_nats(sums));
  for (int field = 0; field < FIELD_COUNT; ++field) {
    fprintf(log, ",%.5f", evaluation_head(sums, (enum field)field));
  }
}

static enum status
log_epoch(const struct training *const t,
          const double rate,
          const struct evaluation *const held,
          struct error *const error)
{
  FILE *const log = fopen(t->log_path, t->state.epoch <= 1 ? "w" : "a");
  if (!log) {
    return error_set(error, STATUS_IO, "%s: can't be written: %s", t->log_path, strerror(errno));
  }
  if (t->state.epoch <= 1) {
    fputs("epoch,updates,notes,seconds,rate", log);
    for (int part = 0; part < 2; ++part) {
      fputs(part ? ",held_out" : ",train", log);
      for (int field = 0; field < FIELD_COUNT; ++field) {
        fprintf(log, ",%s_%s", part ? "held_out" : "train", field_name((enum field)field));
      }
    }
    fputc('\n', log);
  }
  fprintf(log, "%llu,%llu,%llu,%.1f,%.6f", (unsigned long long)t->state.epoch, (unsigned long long)t->updater.updates,
          (unsigned long long)t->state.notes, t->state.seconds, rate);
  log_heads(log, &t->losses);
  log_heads(log, &held->all);
  fputc('\n', log);
  return fclose(log) ? error_set(error, STATUS_IO, "%s: can't be written: %s", t->log_path, strerror(errno))
                     : STATUS_SUCCESS;
}

// Progress and learning rate

// Share of the training that is done, by the limit that ends it first
static double
done_share(const struct training *const t)
{
  const struct training_options *const o = t->options;
  const double by_notes = o->epochs > 0.0 ? (double)t->state.notes / (o->epochs * (double)t->epoch_notes) : 0.0;
  const double by_time = o->minutes > 0.0 ? (progress_seconds() - t->began) / (60.0 * o->minutes) : 0.0;
  const double share = by_notes > by_time ? by_notes : by_time;
  return share < 1.0 ? share : 1.0;
}

static double
learning_rate(const struct training *const t, const double share)
{
  const double updates = (double)t->updater.updates + 1.0;
  const double warm = updates < WARM_UP ? updates / WARM_UP : 1.0;
  return t->options->rate * warm * 0.5 * (1.0 + cos(3.141592653589793 * share));
}

static void
count_losses(struct training *const t)
{
  for (size_t w = 0; w < workers_count(t->workers); ++w) {
    const struct batch *const batch = &t->updater.batches[w];
    const float *const losses = t->updater.models[w].heads.losses;
    t->losses.notes += batch->notes;
    t->state.notes += batch->notes;
    for (size_t i = 0; i < batch->steps * batch->streams * FIELD_COUNT; ++i) {
      t->losses.nats[i % FIELD_COUNT] += (double)losses[i];
    }
  }
}

static void
show_progress(struct training *const t, const double share)
{
  const double seconds = progress_seconds() - t->began;
  const double left = share > 0.0 ? seconds * (1.0 - share) / share : 0.0;
  progress_show(
      &t->progress,
      "epoch %llu  %4.1f %%  %.0f events/s  train %.3f nats/note (hand %.3f pitch %.3f duration %.3f velocity %.3f "
      "advance %.3f)  best held out %.3f  %.0f min left",
      (unsigned long long)t->schedule.epoch, 100.0 * share, (double)t->state.notes / seconds,
      evaluation_nats(&t->losses), evaluation_head(&t->losses, FIELD_HAND), evaluation_head(&t->losses, FIELD_PITCH),
      evaluation_head(&t->losses, FIELD_DURATION), evaluation_head(&t->losses, FIELD_VELOCITY),
      evaluation_head(&t->losses, FIELD_ADVANCE), isfinite(t->state.best) ? t->state.best : 0.0, left / 60.0);
}

// Epochs

static enum status
keep_best(struct training *const t, const struct evaluation *const held, struct error *const error)
{
  const double nats = held->all.notes ? evaluation_nats(&held->all) : evaluation_nats(&t->losses);
  if (!(nats < t->state.best)) {
    return STATUS_SUCCESS;
  }
  const struct weight_file file = {
      .parameters = &t->parameters,
      .corpus = &t->corpus,
      .held = t->held,
      .evaluation = held,
      .title = t->options->title,
      .licence = t->options->licence,
      .attribution = t->options->attribution,
      .seed = t->options->seed,
      .epochs = t->state.epoch,
      .notes = t->state.notes,
      .seconds = t->state.seconds,
  };
  const enum status status = weight_file_write(t->options->output, &file, error);
  if (!status) {
    t->state.best = nats;
  }
  return status;
}

// An epoch is over: measure, keep what is best, write the checkpoint and the log.
static enum status
end_epoch(struct training *const t, const double rate, struct error *const error)
{
  struct evaluation *const held = calloc(1, sizeof(*held));
  if (!held) {
    return error_set(error, STATUS_NO_MEMORY, "no memory to evaluate");
  }
  ++t->state.epoch;
  t->state.seconds = progress_seconds() - t->began;
  enum status status = evaluate(&t->parameters, &t->corpus, t->held, 1, t->style_map, t->workers, held, error);
  const double before = t->state.best;
  if (!status) {
    status = keep_best(t, held, error);
  }
  if (!status) {
    status = checkpoint_write(t->checkpoint_path, &t->state, &t->updater, error);
  }
  if (!status) {
    status = log_epoch(t, rate, held, error);
  }
  if (!status) {
    progress_keep(
        &t->progress,
        "epoch %llu: %.1f min, train %.3f, held out %.3f nats/note (hand %.3f pitch %.3f duration %.3f velocity "
        "%.3f advance %.3f)%s",
        (unsigned long long)t->state.epoch, t->state.seconds / 60.0, evaluation_nats(&t->losses),
        evaluation_nats(&held->all), evaluation_head(&held->all, FIELD_HAND), evaluation_head(&held->all, FIELD_PITCH),
        evaluation_head(&held->all, FIELD_DURATION), evaluation_head(&held->all, FIELD_VELOCITY),
        evaluation_head(&held->all, FIELD_ADVANCE), t->state.best < before ? "  *" : "");
  }
  memset(&t->losses, 0, sizeof(t->losses));
  free(held);
  return status;
}

static enum status
train(struct training *const t, struct error *const error)
{
  uint64_t epoch_end = t->state.notes + t->epoch_notes;
  double rate = 0.0;
  for (;;) {
    const double share = done_share(t);
    const bool over = share >= 1.0 || *t->options->stop;
    if (over || t->state.notes >= epoch_end) {
      const enum status status = t->losses.notes || t->state.epoch == 0 ? end_epoch(t, rate, error) : STATUS_SUCCESS;
      epoch_end += t->epoch_notes;
      if (status || over) {
        return status;
      }
    }
    schedule_next(&t->schedule, t->updater.batches, workers_count(t->workers));
    rate = learning_rate(t, share);
    const double norm = updater_step(&t->updater, rate, t->options->clip);
    if (!isfinite(norm)) {
      return error_set(
          error, STATUS_BAD_VALUE,
          "the loss is no longer a number; the last good weights are in %s: lower --rate and go on with --resume",
          t->checkpoint_path);
    }
    count_losses(t);
    if (progress_is_due(&t->progress)) {
      show_progress(t, share);
    }
  }
}

static enum status
resume(struct training *const t, struct error *const error)
{
  const enum status status = checkpoint_read(t->checkpoint_path, &t->state, &t->updater, error);
  if (status) {
    return status;
  }
  if (t->state.corpus_hash != t->corpus.hash) {
    return error_set(error, STATUS_BAD_VALUE, "%s: the music is no longer what this training began with; train anew",
                     t->options->folder);
  }
  // The streams begin anew, with an order of pieces that no earlier run has had
  t->schedule.epoch = t->state.epoch;
  return STATUS_SUCCESS;
}

static enum status
prepare(struct training *const t, struct error *const error)
{
  const struct training_options *const o = t->options;
  struct streaming_sizes sizes = o->sizes;
  sizes.styles = t->corpus.style_count;
  enum status status = parameters_new(&sizes, &t->parameters, error);
  if (status) {
    return status;
  }
  parameters_initialise(&t->parameters, o->seed);
  t->workers = workers_new(o->threads);
  if (!t->workers) {
    return error_set(error, STATUS_NO_MEMORY, "can't start %zu threads", o->threads);
  }
  status = updater_new(&t->parameters, t->workers, o->steps, o->streams / o->threads, &t->updater, error);
  if (!status) {
    const size_t streams = o->streams / o->threads * o->threads;
    status = schedule_new(&t->corpus, t->held, 0, streams, o->seed, true, &t->schedule, error);
  }
  t->schedule.fold = o->fold;
  t->schedule.noise = (float)o->noise;
  t->schedule.cold = (float)o->cold;
  t->updater.dropout = (float)o->dropout;
  t->updater.adam.decay = (float)o->decay;
  t->state = (struct checkpoint){.corpus_hash = t->corpus.hash, .best = INFINITY};
  return status;
}

static void
training_free(struct training *const t)
{
  schedule_free(&t->schedule);
  updater_free(&t->updater);
  workers_free(t->workers);
  parameters_free(&t->parameters);
  free(t->style_map);
  free(t->held);
  corpus_free(&t->corpus);
}

enum status
training_run(const struct training_options *const options, struct error *const error)
{
  struct training t = {.options = options};
  enum status status = make_run_folder(&t, error);
  if (!status) {
    status = read_corpus(&t, error);
  }
  if (!status) {
    status = prepare(&t, error);
  }
  if (!status && options->resume) {
    status = resume(&t, error);
  }
  if (!status) {
    progress_begin(&t.progress, stderr);
    t.began = progress_seconds() - t.state.seconds;
    status = train(&t, error);
    progress_end(&t.progress);
  }
  if (!status) {
    printf("%s: %.3f nats per note%s\n", options->output, t.state.best, options->validation > 0.0 ? " held out" : "");
  }
  training_free(&t);
  return status;
}
