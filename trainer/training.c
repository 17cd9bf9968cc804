// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "training.h"

#include "evaluation.h"
#include "fine_tuning.h"
#include "training_config.h"
#include "training_private.h"

#include "engine/weights.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

// The learning rate rises over so many updates, or over this share of a training that is too short for them
enum { WARM_UP = 200 };
static const double warm_up_share = 0.05;

void
training_defaults(struct training_options *const options)
{
  *options = (struct training_options){
      .network = "streaming",
      .optimizer = "adam",
      .context = 100,
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
      .shards = 2,
      .steps = 128,
      .rate = 2e-3,
      .dropout = 0.1,
      .noise = 0.0,
      .cold = 0.5,
      .stutter = 0.05,
      .style_noise = 0.2,
      .fold = 0.3,
      .clip = 1.0,
      .decay = 0.0,
      .checkpoint_minutes = 5.0,
  };
}

bool
training_is_windowed(const struct training_options *const options)
{
  return strcmp(options->network, "streaming") != 0;
}

void
training_complete(struct training_options *const options)
{
  const bool windowed = training_is_windowed(options);
  options->streams = options->streams ? options->streams : windowed ? 64 : 32;
  options->rate = options->rate > 0.0 ? options->rate : windowed ? 1e-3 : 2e-3;
  options->optimizer = options->optimizer ? options->optimizer : windowed ? "rmsprop" : "adam";
}

// Progress and learning rate

// What the clocks and the user say before an update; the same in all processes
struct instant {
  double share; // Of the training that is done, by the limit that ends it first
  bool stop;    // The user asks to stop
  bool due;     // It is time for another checkpoint
};

static double
done_share(const struct training *const t)
{
  const struct training_options *const o = t->options;
  const double by_notes =
      o->epochs > 0.0 ? (double)t->state.notes / (o->epochs * (double)t->trainee->epoch_targets) : 0.0;
  const double by_time = o->minutes > 0.0 ? (progress_seconds() - t->began) / (60.0 * o->minutes) : 0.0;
  const double by_cpu = o->cpu_minutes > 0.0 ? (progress_cpu_seconds() - t->cpu_began) / (60.0 * o->cpu_minutes) : 0.0;
  return fmin(fmax(fmax(by_notes, by_time), by_cpu), 1.0);
}

static struct instant
take_instant(const struct training *const t)
{
  const bool due = progress_seconds() - t->written >= 60.0 * t->options->checkpoint_minutes;
  double values[] = {done_share(t), (double)*t->options->stop, (double)due};
  ranks_greatest(t->options->ranks, values, 3);
  return (struct instant){values[0], values[1] > 0.0, values[2] > 0.0};
}

static double
learning_rate(const struct training *const t, const double share)
{
  const double updates = (double)t->updater.updates + 1.0;
  const double by_updates = updates / WARM_UP;
  const double by_share = share / warm_up_share;
  const double warm = by_updates > by_share ? by_updates : by_share;
  return t->options->rate * (warm < 1.0 ? warm : 1.0) * 0.5 * (1.0 + cos(3.141592653589793 * share));
}

static void
show_progress(struct training *const t, const double share)
{
  const double seconds = progress_seconds() - t->began;
  const double left = share > 0.0 ? seconds * (1.0 - share) / share : 0.0;
  char text[EVALUATION_TEXT_SIZE];
  evaluation_format(&t->state.losses, text);
  progress_show(&t->progress, "epoch %llu  %4.1f %%  %.0f %s/s  train %s  best%s %.3f  %.0f min left",
                (unsigned long long)t->state.epoch + 1, 100.0 * share, (double)t->state.notes / seconds,
                training_is_windowed(t->options) ? "tokens" : "events", text, t->held_notes ? " held out" : "",
                isfinite(t->state.best) ? t->state.best : 0.0, left / 60.0);
}

static bool
is_over(const struct training *const t, const double share)
{
  return share >= 1.0 || (t->options->patience && t->state.stale >= t->options->patience);
}

static enum status
update(struct training *const t, const double rate, struct error *const error)
{
  const size_t targets = trainee_next(t->trainee);
  const double norm = updater_step(&t->updater, targets, rate, t->options->clip);
  if (!isfinite(norm)) {
    return training_not_a_number(t, error);
  }
  struct evaluation_sums losses = {0};
  trainee_count(t->trainee, &losses);
  evaluation_add_up_sums(&losses, t->options->ranks);
  evaluation_add(&t->state.losses, &losses);
  t->state.notes += targets;
  return STATUS_SUCCESS;
}

// After an update
static enum status
look_around(struct training *const t, struct instant *const instant, struct error *const error)
{
  *instant = take_instant(t);
  if (t->first && t->state.losses.notes && progress_is_due(&t->progress)) {
    show_progress(t, instant->share);
  }
  return instant->due ? training_write_checkpoint(t, error) : STATUS_SUCCESS;
}

static enum status
train(struct training *const t, struct error *const error)
{
  struct instant instant;
  enum status status = look_around(t, &instant, error);
  while (!status) {
    const bool over = is_over(t, instant.share);
    if (instant.stop && !over) {
      ranks_watch(t->options->ranks, NULL, NULL); // All are there, and about to end
      return training_stop_here(t, error);
    }
    const double rate = learning_rate(t, instant.share);
    if (over || t->state.notes >= (t->state.epoch + 1) * t->trainee->measure_targets) {
      const bool unfinished = t->state.losses.notes || t->state.epoch == 0;
      status = unfinished ? training_end_epoch(t, rate, error) : STATUS_SUCCESS;
      if (status || over || is_over(t, instant.share)) {
        return status;
      }
    }
    status = update(t, rate, error);
    if (!status) {
      status = look_around(t, &instant, error);
    }
  }
  return status;
}

// Begin: with nothing, or where the checkpoint says. Writes what there is to write at once, so that a folder that can't be
// written to is found out now and not after an hour.
static enum status
begin(struct training *const t, struct error *const error)
{
  struct ranks *const ranks = t->options->ranks;
  enum status status = STATUS_SUCCESS;
  if (t->options->resume) {
    status = training_go_on(t, error);
  }
  t->began = progress_seconds() - t->state.seconds;
  t->cpu_began = progress_cpu_seconds() - t->state.cpu_seconds;
  if (!status && t->first) {
    run_folder_sweep(&t->run, t->options->output);
    status = run_log_begin(&t->run, t->state.epoch, error);
  }
  if (!status && t->first) {
    status = training_config_write(t->run.config, t->options, error);
  }
  status = ranks_agree(ranks, status, error);
  return status ? status : training_write_checkpoint(t, error);
}

// Texts that the weight file can't hold would make it one that no plugin loads
static enum status
check_text(const char *const name, const char *const text, struct error *const error)
{
  json_t *const string = text ? json_string(text) : NULL; // NULL for what is no UTF-8
  const bool good = !text || string;
  json_decref(string);
  if (!good) {
    return error_set(error, STATUS_BAD_VALUE, "%s: must be UTF-8", name);
  }
  return text && strlen(text) >= WEIGHTS_TEXT_SIZE
             ? error_set(error, STATUS_TOO_LARGE, "%s: must have less than %d bytes", name, (int)WEIGHTS_TEXT_SIZE)
             : STATUS_SUCCESS;
}

// Found out now, not when the first epoch is over
static enum status
check_output(const char *const path, struct error *const error)
{
  struct stat status;
  return !stat(path, &status) && S_ISDIR(status.st_mode)
             ? error_set(error, STATUS_BAD_VALUE, "%s: is a folder; -o wants the name of a file", error_path(path))
             : STATUS_SUCCESS;
}

// Going on with other options than those it began with may be what the user wants, or can't be done
static enum status
check_options(struct training *const t, struct error *const error)
{
  const struct training_options *const o = t->options;
  enum status status = check_output(o->output, error);
  if (!status) {
    status = check_text("--title", o->title, error);
  }
  if (!status) {
    status = check_text("--licence", o->licence, error);
  }
  if (status) {
    return status;
  }
  if (!o->shards || o->streams % o->shards || o->streams > 4096) {
    return error_set(error, STATUS_BAD_VALUE, "--streams must be a multiple of --shards (%zu), and at most 4096",
                     o->shards);
  }
  if (o->contrast > 0.0 && !training_is_windowed(o) && o->streams / o->shards % 2) {
    return error_set(error, STATUS_BAD_VALUE, "with --contrast, --streams must be a multiple of twice --shards (%zu)",
                     o->shards);
  }
  if (o->shards % ranks_count(o->ranks)) {
    return error_set(error, STATUS_BAD_VALUE, "--shards (%zu) must be a multiple of the processes that train (%zu)",
                     o->shards, ranks_count(o->ranks));
  }
  if (training_is_windowed(o)) {
    struct windowed_sizes sizes;
    status = windowed_layers_parse(o->network, &sizes, error);
    if (status) {
      return status;
    }
  } else if (!o->sizes.segment || !o->steps || o->steps % o->sizes.segment || o->steps > 4096) {
    return error_set(error, STATUS_BAD_VALUE, "--steps must be a multiple of --segment (%u), and at most 4096",
                     o->sizes.segment);
  }
  if (!o->threads || o->threads > 256) {
    return error_set(error, STATUS_BAD_VALUE, "--threads must be from 1 to 256");
  }
  if (!o->resume) {
    return STATUS_SUCCESS;
  }
  struct training_options began = *o;
  struct training_config *config = NULL;
  status = training_config_read(t->run.config, &began, &config, error);
  if (!status) {
    status = training_config_compare(&began, o, error);
  }
  training_config_free(config);
  return status;
}

static enum status
prepare(struct training *const t, struct error *const error)
{
  const struct training_options *const o = t->options;
  const struct trainee_music music = {.corpus = &t->corpus, .held = t->held, .notes = t->epoch_notes};
  enum status status = trainee_new(&music, o, &t->trainee, error);
  if (status) {
    return status;
  }
  if (o->from && !o->resume) {
    status = fine_tuning_begin(o->from, &t->corpus, &t->trainee->parameters, error);
    if (status) {
      return status;
    }
  }
  t->workers = workers_new(o->threads);
  if (!t->workers) {
    return error_set(error, STATUS_NO_MEMORY, "can't start %zu threads", o->threads);
  }
  const enum optimizer optimizer = !strcmp(o->optimizer, "rmsprop") ? OPTIMIZER_RMSPROP : OPTIMIZER_ADAM;
  status = training_first_state(t, error);
  if (status) {
    return status;
  }
  return updater_new(t->trainee, t->workers, o->ranks, optimizer, o->decay, &t->updater, error);
}

static void
training_free(struct training *const t)
{
  updater_free(&t->updater);
  workers_free(t->workers);
  trainee_free(t->trainee);
  free(t->held_out);
  free(t->held);
  corpus_free(&t->corpus);
  run_folder_unlock(t->lock);
}

// All that is needed, in every process
static enum status
make_ready(struct training *const t, struct error *const error)
{
  enum status status = run_folder_find(t->options->output, &t->run, error);
  if (!status) {
    status = check_options(t, error);
  }
  if (!status) {
    status = training_read_music(t, error);
  }
  if (!status && t->first) {
    status = run_folder_make(&t->run, error);
    if (!status) {
      status = run_folder_lock(&t->run, &t->lock, error);
    }
  }
  return status ? status : prepare(t, error);
}

// Processes that have other music would learn from something else than they think
static enum status
compare_music(const struct training *const t, struct error *const error)
{
  uint64_t hash = t->corpus.hash;
  ranks_share(t->options->ranks, &hash, sizeof(hash));
  const enum status status =
      hash == t->corpus.hash ? STATUS_SUCCESS
                             : error_set(error, STATUS_BAD_VALUE, "%s holds other music here than where process 0 runs",
                                         error_path(t->options->folder));
  return ranks_agree(t->options->ranks, status, error);
}

enum status
training_run(const struct training_options *const options, struct error *const error)
{
  struct training t = {.options = options, .first = !ranks_rank(options->ranks), .lock = -1};
  enum status status = ranks_agree(options->ranks, make_ready(&t, error), error);
  if (!status) {
    status = compare_music(&t, error);
  }
  if (!status) {
    ranks_watch(options->ranks, options->stop, t.run.checkpoint);
    status = begin(&t, error);
  }
  if (!status) {
    progress_begin(&t.progress, stderr);
    status = train(&t, error);
    progress_end(&t.progress);
  }
  if (!status && isfinite(t.state.best)) {
    printf("%s: %.3f nats per note%s\n", options->output, t.state.best, t.held_notes ? " held out" : "");
  }
  training_free(&t);
  return status;
}
