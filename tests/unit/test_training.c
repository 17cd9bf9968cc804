// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A training from MIDI files to a weight file that the plugin's engine loads: it learns, repeats to the bit, knows when to
// end, and says in one sentence what is wrong.

#include "corpus.h"
#include "progress.h"
#include "quotation_filter.h"
#include "training.h"
#include "training_fixture.h"
#include "weight_file.h"

#include "engine/midi_file.h"
#include "engine/weights.h"

#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void
training_lowers_the_held_out_loss_and_makes_weights_that_load(void **const state)
{
  (void)state;
  const struct training_options o = fixture_options("learned.safetensors");
  fixture_train(&o);
  double first = 0.0;
  double last = 0.0;
  int lines = 0;
  fixture_log_column(fixture_path("learned.safetensors.run/log.csv"), 11, &first, &last, &lines);
  assert_int_equal(lines, 6);
  assert_true(last < first - 1.0);

  struct weights *weights = NULL;
  struct error error;
  if (weights_load(o.output, &weights, &error)) {
    fail_msg("%s", error.text);
  }
  assert_int_equal(weights->style_count, 2);
  assert_string_equal(weights->styles[0], "even");
  weights_free(weights);
}

static void
training_repeats_to_the_bit(void **const state)
{
  (void)state;
  for (int i = 0; i < 2; ++i) {
    struct training_options o = fixture_options(i ? "b.safetensors" : "a.safetensors");
    o.epochs = 2.0;
    fixture_train(&o);
  }
  fixture_assert_same_training(fixture_path("a.safetensors"), fixture_path("b.safetensors"));
}

static void
the_weights_of_every_nth_epoch_are_kept_with_a_piece(void **const state)
{
  (void)state;
  struct training_options o = fixture_options("kept.safetensors");
  o.epochs = 5.0;
  o.keep = 2;
  fixture_train(&o);
  assert_int_equal(access(fixture_path("kept.safetensors.run/epoch-2.safetensors"), R_OK), 0);
  assert_int_equal(access(fixture_path("kept.safetensors.run/epoch-4.safetensors"), R_OK), 0);
  assert_int_not_equal(access(fixture_path("kept.safetensors.run/epoch-3.safetensors"), F_OK), 0);
  struct weights *weights = NULL;
  assert_int_equal(weights_load(fixture_path("kept.safetensors.run/epoch-4.safetensors"), &weights, NULL),
                   STATUS_SUCCESS);
  weights_free(weights);
  char *music = NULL;
  assert_true(fixture_read(fixture_path("kept.safetensors.run/epoch-4.mid"), &music) > 100);
  assert_memory_equal(music, "MThd", 4);
  free(music);
}

static void
patience_ends_a_training_that_no_longer_gets_better(void **const state)
{
  (void)state;
  struct training_options o = fixture_options("patient.safetensors");
  double first = 0.0;
  double last = 0.0;
  int lines = 0;
  o.rate = 1e-30; // Learns nothing: after the first, no epoch is better
  o.epochs = 50.0;
  o.patience = 3;
  fixture_train(&o);
  fixture_log_column(fixture_path("patient.safetensors.run/log.csv"), 0, &first, &last, &lines);
  assert_int_equal(lines, 4);
}

static void
processor_time_ends_a_training_and_counts_on_when_it_goes_on(void **const state)
{
  (void)state;
  struct training_options o = fixture_options("timed.safetensors");
  const char *const log = fixture_path("timed.safetensors.run/log.csv");
  double first = 0.0;
  double last = 0.0;
  double rate = 0.0;
  int lines = 0;
  o.epochs = 0.0;
  o.cpu_minutes = 0.5 / 60.0;
  const double began = progress_cpu_seconds();
  fixture_train(&o);
  assert_true(progress_cpu_seconds() - began >= 0.5);
  fixture_log_column(log, 4, &rate, &rate, &lines);
  assert_true(rate < 0.1 * o.rate); // It fell to nothing as the time ran out
  fixture_log_column(log, 1, &first, &last, &lines);
  const double updates = last;
  o.resume = true;
  fixture_train(&o);
  fixture_log_column(log, 1, &first, &last, &lines);
  assert_true(last == updates); // No time was left
}

static void
a_single_work_is_trained_on_without_validation(void **const state)
{
  (void)state;
  struct training_options o = fixture_options("single.safetensors");
  double first = 0.0;
  double last = 0.0;
  int lines = 0;
  assert_int_equal(mkdir(fixture_path("single"), 0777), 0);
  fixture_write_piece("single/only.mid", 3);
  o.folder = fixture_path("single");
  fixture_train(&o);
  fixture_log_column(fixture_path("single.safetensors.run/log.csv"), 5, &first, &last, &lines);
  assert_true(lines >= 2);
  assert_true(last < first);
  assert_int_equal(access(o.output, R_OK), 0);
}

static void
a_file_that_cannot_be_read_is_left_out(void **const state)
{
  (void)state;
  struct training_options o = fixture_options("unreadable.safetensors");
  o.epochs = 1.0;
  assert_int_equal(mkdir(fixture_path("unreadable"), 0777), 0);
  fixture_write_piece("unreadable/good.mid", 1);
  fixture_write_piece("unreadable/better.mid", 2);
  assert_int_equal(symlink("nowhere.mid", fixture_path("unreadable/gone.mid")), 0);
  o.folder = fixture_path("unreadable");
  fixture_train(&o);
}

static void
a_loss_that_is_no_number_ends_the_training_with_a_good_checkpoint(void **const state)
{
  (void)state;
  struct error error = {0};
  struct training_options o = fixture_options("exploded.safetensors");
  o.rate = 1e38;
  o.clip = 1e38;
  assert_int_equal(training_run(&o, &error), STATUS_BAD_VALUE);
  assert_non_null(strstr(error.text, "lower --rate"));
  o.resume = true;
  o.rate = 0.01;
  o.clip = 1.0;
  fixture_train(&o);
  assert_int_equal(access(o.output, R_OK), 0);
}

// A disk that is full, as far as a process can be told so: it may write no file beyond a few bytes. Returns its exit status.
static int
train_without_room(const struct training_options *const options)
{
  const pid_t child = fork();
  if (child == 0) {
    struct error error = {0};
    const struct rlimit limit = {2048, 2048};
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
    const enum status status = training_run(options, &error);
    _exit(status == STATUS_IO && strstr(error.text, "run/") ? 42 : 1);
  }
  int result = 0;
  waitpid(child, &result, 0);
  return WIFEXITED(result) ? WEXITSTATUS(result) : -1;
}

static void
a_full_disk_is_said_and_costs_no_checkpoint(void **const state)
{
  (void)state;
  struct training_options o = fixture_options("full.safetensors");
  o.epochs = 1.0;
  assert_int_equal(train_without_room(&o), 42);
  fixture_train(&o);
  o.epochs = 2.0;
  o.resume = true;
  assert_int_equal(train_without_room(&o), 42);
  fixture_train(&o);
}

// Return the filter in the weight file at `path`.
static struct quotation_filter *
filter_of(const char *const path)
{
  struct weights *weights = NULL;
  struct error error;
  if (weights_load(path, &weights, &error)) {
    fail_msg("%s", error.text);
  }
  struct quotation_filter *const filter = weights->quotations;
  assert_non_null(filter);
  weights->quotations = NULL;
  weights_free(weights);
  return filter;
}

static void
a_filter_of_the_training_music_and_no_other_goes_with_the_weights(void **const state)
{
  (void)state;
  struct training_options o = fixture_options("filtered.safetensors");
  o.epochs = 1.0;
  fixture_train(&o);
  struct quotation_filter *const filter = filter_of(o.output);
  struct corpus corpus;
  assert_int_equal(corpus_read(o.folder, &corpus, NULL), STATUS_SUCCESS);
  uint8_t held[FIXTURE_PIECES] = {0};
  assert_int_equal(corpus_split(&corpus, o.validation, o.seed, held, NULL), STATUS_SUCCESS);
  struct quotation_filter *trained = NULL;
  struct quotation_filter *all = NULL;
  assert_int_equal(quotation_filter_make(&corpus, held, &trained, NULL), STATUS_SUCCESS);
  assert_int_equal(quotation_filter_make(&corpus, NULL, &all, NULL), STATUS_SUCCESS);
  assert_int_equal(filter->bits, trained->bits);
  assert_memory_equal(filter->bytes, trained->bytes, filter->bits / 8);
  // Another rhythm for every piece: runs of the pieces held out are no others'
  assert_true(all->bits > trained->bits);
  free(all);
  free(trained);
  free(filter);
  corpus_free(&corpus);
}

static const struct weight_file_changes unsaid = {NULL, NULL, NULL, 0.0};

static void
a_filter_can_be_made_anew_for_old_weights(void **const state)
{
  (void)state;
  struct error error = {0};
  struct training_options o = fixture_options("old.safetensors");
  o.epochs = 1.0;
  fixture_train(&o);
  struct corpus corpus;
  assert_int_equal(corpus_read(o.folder, &corpus, NULL), STATUS_SUCCESS);
  assert_int_equal(weight_file_refilter(fixture_path("new.safetensors"), o.output, &unsaid, &corpus, NULL),
                   STATUS_SUCCESS);
  char *old = NULL;
  char *new = NULL;
  const size_t size = fixture_read(o.output, &old);
  assert_int_equal(fixture_read(fixture_path("new.safetensors"), &new), size);
  assert_memory_equal(old, new, size);
  free(new);
  free(old);
  corpus_free(&corpus);

  assert_int_equal(corpus_read(fixture_path("music/odd"), &corpus, NULL), STATUS_SUCCESS);
  assert_int_equal(weight_file_refilter(fixture_path("other.safetensors"), o.output, &unsaid, &corpus, &error),
                   STATUS_BAD_VALUE);
  assert_non_null(strstr(error.text, "old.safetensors"));
  assert_int_not_equal(access(fixture_path("other.safetensors"), F_OK), 0);
  corpus_free(&corpus);
}

static void
what_weights_say_of_themselves_can_be_said_anew(void **const state)
{
  (void)state;
  struct training_options o = fixture_options("silent.safetensors");
  o.epochs = 1.0;
  fixture_train(&o);
  struct corpus corpus;
  assert_int_equal(corpus_read(o.folder, &corpus, NULL), STATUS_SUCCESS);
  const struct weight_file_changes claims = {"Another \"name\"", "CC BY 4.0", NULL, 0.0};
  const char *const path = fixture_path("told.safetensors");
  assert_int_equal(weight_file_refilter(path, o.output, &claims, &corpus, NULL), STATUS_SUCCESS);
  struct safetensors *old = NULL;
  struct safetensors *new = NULL;
  assert_int_equal(safetensors_read(o.output, &old, NULL), STATUS_SUCCESS);
  assert_int_equal(safetensors_read(path, &new, NULL), STATUS_SUCCESS);
  assert_string_equal(safetensors_metadata(old, "licence"), "not stated");
  assert_string_equal(safetensors_metadata(new, "licence"), claims.licence);
  assert_string_equal(safetensors_metadata(new, "title"), claims.title);
  assert_string_equal(safetensors_metadata(new, "attribution"), safetensors_metadata(old, "attribution"));
  assert_string_equal(safetensors_metadata(new, "training"), safetensors_metadata(old, "training"));
  safetensors_free(new);
  safetensors_free(old);
  corpus_free(&corpus);
}

static void
styles_can_be_brought_nearer_to_none(void **const state)
{
  (void)state;
  struct training_options o = fixture_options("strong.safetensors");
  o.epochs = 1.0;
  fixture_train(&o);
  struct corpus corpus;
  assert_int_equal(corpus_read(o.folder, &corpus, NULL), STATUS_SUCCESS);
  const struct weight_file_changes weaken = {.weaken_styles = 0.25};
  const char *const path = fixture_path("weak.safetensors");
  assert_int_equal(weight_file_refilter(path, o.output, &weaken, &corpus, NULL), STATUS_SUCCESS);
  struct safetensors *old = NULL;
  struct safetensors *new = NULL;
  assert_int_equal(safetensors_read(o.output, &old, NULL), STATUS_SUCCESS);
  assert_int_equal(safetensors_read(path, &new, NULL), STATUS_SUCCESS);
  assert_int_equal(safetensors_count(old), safetensors_count(new));
  for (size_t i = 0; i < safetensors_count(old); ++i) {
    const struct tensor *const before = safetensors_tensor(old, i);
    const struct tensor *const after = safetensors_find(new, before->name);
    assert_int_equal(before->size, after->size);
    if (strcmp(before->name, "condition.style") != 0) {
      assert_memory_equal(before->data, after->data, before->size);
      continue;
    }
    const size_t width = (size_t)before->shape[1];
    const size_t all = (size_t)before->shape[0] * width;
    float *const strong = malloc(2 * all * sizeof(float));
    float *const weak = strong + all;
    assert_int_equal(tensor_floats(before, strong, all, NULL), STATUS_SUCCESS);
    assert_int_equal(tensor_floats(after, weak, all, NULL), STATUS_SUCCESS);
    double moved = 0.0;
    for (size_t k = 0; k < all; ++k) {
      assert_float_equal(weak[k], 0.75F * strong[k] + 0.25F * strong[k % width], 1e-3);
      moved += fabs((double)weak[k] - (double)strong[k]);
    }
    assert_true(moved > 0.1);
    free(strong);
  }
  safetensors_free(new);
  safetensors_free(old);
  corpus_free(&corpus);
}

static void
what_no_weight_file_can_be_is_said_before_anything_is_learned(void **const state)
{
  (void)state;
  struct error error = {0};
  char title[400];
  struct training_options o = fixture_options("music");
  assert_int_equal(training_run(&o, &error), STATUS_BAD_VALUE);
  assert_non_null(strstr(error.text, "is a folder"));
  o = fixture_options("titled.safetensors");
  memset(title, 'x', sizeof(title));
  title[sizeof(title) - 1] = '\0';
  o.title = title;
  assert_int_equal(training_run(&o, &error), STATUS_TOO_LARGE);
  o.title = "\xFF";
  assert_int_equal(training_run(&o, &error), STATUS_BAD_VALUE);
  assert_non_null(strstr(error.text, "--title"));
  o.title = NULL;
  o.contrast = 1.0;
  o.streams = 3;
  o.shards = 1;
  assert_int_equal(training_run(&o, &error), STATUS_BAD_VALUE);
  assert_non_null(strstr(error.text, "twice --shards"));
  assert_int_not_equal(access(fixture_path("titled.safetensors.run"), F_OK), 0);
}

static void
weights_without_a_title_are_called_after_their_file(void **const state)
{
  (void)state;
  struct training_options o = fixture_options("my weights.safetensors");
  o.epochs = 1.0;
  fixture_train(&o);
  struct weights *weights = NULL;
  assert_int_equal(weights_load(o.output, &weights, NULL), STATUS_SUCCESS);
  assert_string_equal(weights->title, "my weights");
  weights_free(weights);
}

static void
an_empty_folder_is_said(void **const state)
{
  (void)state;
  struct error error = {0};
  struct training_options o = fixture_options("none.safetensors");
  assert_int_equal(mkdir(fixture_path("empty"), 0777), 0);
  o.folder = fixture_path("empty");
  assert_int_not_equal(training_run(&o, &error), STATUS_SUCCESS);
  assert_non_null(strstr(error.text, "empty"));
  assert_int_not_equal(access(o.output, F_OK), 0);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(training_lowers_the_held_out_loss_and_makes_weights_that_load),
      cmocka_unit_test(training_repeats_to_the_bit),
      cmocka_unit_test(the_weights_of_every_nth_epoch_are_kept_with_a_piece),
      cmocka_unit_test(patience_ends_a_training_that_no_longer_gets_better),
      cmocka_unit_test(processor_time_ends_a_training_and_counts_on_when_it_goes_on),
      cmocka_unit_test(a_single_work_is_trained_on_without_validation),
      cmocka_unit_test(a_file_that_cannot_be_read_is_left_out),
      cmocka_unit_test(a_loss_that_is_no_number_ends_the_training_with_a_good_checkpoint),
      cmocka_unit_test(a_full_disk_is_said_and_costs_no_checkpoint),
      cmocka_unit_test(a_filter_of_the_training_music_and_no_other_goes_with_the_weights),
      cmocka_unit_test(a_filter_can_be_made_anew_for_old_weights),
      cmocka_unit_test(what_weights_say_of_themselves_can_be_said_anew),
      cmocka_unit_test(styles_can_be_brought_nearer_to_none),
      cmocka_unit_test(what_no_weight_file_can_be_is_said_before_anything_is_learned),
      cmocka_unit_test(weights_without_a_title_are_called_after_their_file),
      cmocka_unit_test(an_empty_folder_is_said),
  };
  return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
