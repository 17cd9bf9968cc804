// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A training that was interrupted, however and wherever, and goes on ends in the same bytes as one that was not; and what
// can't be gone on with is refused in one sentence.

#include "training_fixture.h"

#include "run_folder.h"
#include "training_config.h"

#include "engine/random.h"
#include "engine/safetensors.h"

#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static volatile sig_atomic_t stop;

static void
ask_to_stop(const int number)
{
  (void)number;
  stop = 1;
}

// What all others are compared with
static int
setup(void **const state)
{
  if (fixture_setup(state)) {
    return -1;
  }
  const struct training_options o = fixture_options("whole.safetensors");
  fixture_train(&o);
  return 0;
}

// Be asked to stop once in so many microseconds
static void
stop_after(const long microseconds)
{
  struct sigaction action;
  memset(&action, 0, sizeof(action));
  action.sa_handler = ask_to_stop;
  action.sa_flags = SA_RESTART;
  sigaction(SIGALRM, &action, NULL);
  const struct itimerval timer = {.it_value = {.tv_usec = microseconds}};
  setitimer(ITIMER_REAL, &timer, NULL);
}

static void
stopping_at_random_moments_and_going_on_ends_in_the_same_bytes(void **const state)
{
  (void)state;
  const uint64_t key = (uint64_t)getpid();
  struct training_options o = fixture_options("stopped.safetensors");
  o.stop = &stop;
  stop = 1; // First of all, before anything is learned
  fixture_train(&o);
  assert_int_equal(access(o.output, R_OK), 0);
  o.resume = true;
  for (uint64_t i = 0; i < 12; ++i) {
    stop = 0;
    stop_after(1000 + (long)random_below(key, i, 60000));
    fixture_train(&o);
  }
  setitimer(ITIMER_REAL, &(struct itimerval){.it_value = {0}}, NULL);
  stop = 0;
  fixture_train(&o);
  fixture_assert_same_training(fixture_path("whole.safetensors"), o.output);
}

// Lines of the log; 0 while there is none
static int
epochs_in(const char *const path)
{
  FILE *const log = fopen(path, "r");
  int lines = -1;
  for (int c = 0; log && c != EOF;) {
    c = fgetc(log);
    lines += c == '\n';
  }
  if (log) {
    fclose(log);
  }
  return lines < 0 ? 0 : lines;
}

// Train in a process of its own and kill it as soon as `epochs` stand in the log and a random while is over.
static void
train_and_kill(const struct training_options *const options, const int epochs, const uint32_t yields)
{
  char log[RUN_PATH_SIZE];
  snprintf(log, sizeof(log), "%s.run/log.csv", options->output);
  const pid_t child = fork();
  assert_int_not_equal(child, -1);
  if (child == 0) {
    struct error error;
    _exit(training_run(options, &error) ? 1 : 0);
  }
  int result = 0;
  while (epochs_in(log) < epochs && waitpid(child, &result, WNOHANG) == 0) {
    sched_yield();
  }
  for (uint32_t i = 0; i < yields; ++i) {
    sched_yield();
  }
  kill(child, SIGKILL);
  waitpid(child, &result, 0);
}

static void
being_killed_and_going_on_ends_in_the_same_bytes(void **const state)
{
  (void)state;
  const uint64_t key = (uint64_t)getpid();
  struct training_options o = fixture_options("killed.safetensors");
  o.checkpoint_minutes = 0.0; // After every update: the kill often comes while one is written
  for (int epoch = 1; epoch < 6; ++epoch) {
    train_and_kill(&o, epoch, random_below(key, (uint64_t)epoch, 3000));
    o.resume = true;
  }
  const char *const unfinished = fixture_path("killed.safetensors.run/checkpoint.safetensors.4711-0.tmp");
  const char *const other = fixture_path("killed.safetensors.4711-0.tmp.mine");
  fclose(fopen(unfinished, "w"));
  fclose(fopen(other, "w"));
  fixture_train(&o);
  fixture_assert_same_training(fixture_path("whole.safetensors"), o.output);
  assert_int_not_equal(access(unfinished, F_OK), 0); // What a kill leaves is cleared away, and nothing else
  assert_int_equal(access(other, F_OK), 0);
}

static void
the_number_of_threads_changes_nothing(void **const state)
{
  (void)state;
  static const size_t threads[] = {1, 3};
  for (size_t i = 0; i < 2; ++i) {
    struct training_options o = fixture_options("threads.safetensors");
    o.threads = threads[i];
    fixture_train(&o);
    fixture_assert_same_training(fixture_path("whole.safetensors"), o.output);
  }
}

static void
going_on_with_what_is_finished_changes_nothing(void **const state)
{
  (void)state;
  struct training_options o = fixture_options("finished.safetensors");
  fixture_train(&o);
  o.resume = true;
  fixture_train(&o);
  fixture_assert_same_training(fixture_path("whole.safetensors"), o.output);
}

static void
a_network_without_attention_goes_on_too(void **const state)
{
  (void)state;
  struct training_options whole = fixture_options("plain.safetensors");
  whole.sizes.heads = 0;
  whole.sizes.backward = 0;
  whole.epochs = 2.0;
  fixture_train(&whole);
  struct training_options parts = whole;
  parts.output = fixture_path("plain-parts.safetensors");
  train_and_kill(&parts, 1, 100);
  parts.resume = true;
  fixture_train(&parts);
  fixture_assert_same_training(whole.output, parts.output);
}

static void
styles_told_apart_go_on_too(void **const state)
{
  (void)state;
  struct training_options whole = fixture_options("apart.safetensors");
  whole.contrast = 2.0;
  whole.threads = 2;
  whole.epochs = 2.0;
  fixture_train(&whole);
  struct training_options parts = whole;
  parts.output = fixture_path("apart-parts.safetensors");
  parts.threads = 1;
  train_and_kill(&parts, 1, 100);
  parts.resume = true;
  fixture_train(&parts);
  fixture_assert_same_training(whole.output, parts.output);
}

// Go on with what is wrong; the error's text has to hold `word`.
static void
refuse(const struct training_options *const options, const char *const word)
{
  struct error error = {0};
  assert_int_not_equal(training_run(options, &error), STATUS_SUCCESS);
  if (!strstr(error.text, word)) {
    fail_msg("`%s' does not say `%s'", error.text, word);
  }
}

static void
going_on_with_another_network_seed_or_music_is_refused_in_a_sentence(void **const state)
{
  (void)state;
  struct training_options o = fixture_options("refused.safetensors");
  assert_int_equal(mkdir(fixture_path("more"), 0777) | mkdir(fixture_path("more/even"), 0777), 0);
  assert_int_equal(mkdir(fixture_path("more/odd"), 0777), 0);
  fixture_write_piece("more/even/a.mid", 8);
  fixture_write_piece("more/odd/b.mid", 9);
  o.epochs = 1.0;
  fixture_train(&o);
  o.resume = true;
  struct training_options other = o;
  other.sizes.hidden = 48;
  refuse(&other, "--hidden 32");
  other = o;
  other.seed = 2;
  refuse(&other, "--seed 1");
  other = o;
  other.streams = 8;
  refuse(&other, "--streams 4");
  other = o;
  other.folder = fixture_path("music/odd");
  refuse(&other, "music is no longer what this training");
  other.folder = fixture_path("more");
  refuse(&other, "the music is no longer");
  other = o;
  other.output = fixture_path("never.safetensors");
  refuse(&other, "without --resume");
}

static void
going_on_with_other_limits_is_allowed(void **const state)
{
  (void)state;
  struct training_options o = fixture_options("longer.safetensors");
  o.epochs = 1.0;
  fixture_train(&o);
  o.resume = true;
  o.epochs = 3.0;
  o.rate = 0.005;
  fixture_train(&o);
  assert_int_equal(epochs_in(fixture_path("longer.safetensors.run/log.csv")), 3);
}

static void
checkpoints_of_other_versions_are_refused(void **const state)
{
  (void)state;
  struct training_options o = fixture_options("old.safetensors");
  o.epochs = 1.0;
  fixture_train(&o);
  const float nothing[16] = {0};
  const struct metadata metadata[] = {
      {"format", "ritornello-checkpoint-1"}, {"network", "{}"}, {"figures", "0 1 2 3 4 5"}};
  const struct tensor tensor = {"weights", DTYPE_F32, 1, {16}, nothing, sizeof(nothing)};
  const char *const path = fixture_path("old.safetensors.run/checkpoint.safetensors");
  assert_int_equal(safetensors_write(path, metadata, 3, &tensor, 1, NULL), STATUS_SUCCESS);
  o.resume = true;
  refuse(&o, "another version");
}

// Change a byte after another of a checkpoint's header: whatever it says then, nothing but a sentence comes of it.
static void
damaged_checkpoints_are_refused_or_harmless(void **const state)
{
  (void)state;
  struct training_options o = fixture_options("damaged.safetensors");
  o.epochs = 1.0;
  fixture_train(&o);
  o.resume = true;
  const char *const path = fixture_path("damaged.safetensors.run/checkpoint.safetensors");
  char *bytes = NULL;
  const size_t size = fixture_read(path, &bytes);
  const char *const figures = strstr(bytes + 8, "figures");
  assert_non_null(figures);
  for (size_t i = 0; i < 40; ++i) {
    FILE *const file = fopen(path, "wb");
    char *const place = bytes + (figures - bytes) + 10 + i * 3;
    const char kept = *place;
    *place = (char)('0' + i % 10);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
    *place = kept;
    struct error error = {0};
    if (training_run(&o, &error)) {
      assert_true(strlen(error.text) > 0);
    }
  }
  free(bytes);
}

static void
a_config_comes_back_as_it_was_written(void **const state)
{
  (void)state;
  struct error error = {0};
  struct training_options o = fixture_options("config.safetensors");
  o.rate = 0.1 + 0.2;
  o.attribution = "Anna \"Magdalena\"";
  o.keep = 7;
  o.fold = 0.5;
  o.contrast = 3.5;
  const char *const path = fixture_path("config");
  assert_int_equal(training_config_write(path, &o, &error), STATUS_SUCCESS);
  struct training_options read;
  struct training_config *config = NULL;
  training_defaults(&read);
  assert_int_equal(training_config_read(path, &read, &config, &error), STATUS_SUCCESS);
  assert_true(read.rate == o.rate);
  assert_true(read.fold == o.fold);
  assert_true(read.contrast == o.contrast);
  assert_int_equal(read.keep, 7);
  assert_int_equal(read.sizes.memory, 64);
  assert_string_equal(read.attribution, o.attribution);
  assert_int_equal(training_config_compare(&o, &read, &error), STATUS_SUCCESS);
  training_config_free(config);
}

static void
a_config_that_makes_no_sense_is_refused(void **const state)
{
  (void)state;
  static const char *const texts[] = {
      "", "[]", "{\"threads\": -1}", "{\"rate\": \"fast\"}", "{\"steps\": 1e300}", "{\"title\": 5}"};
  for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); ++i) {
    const char *const path = fixture_path("senseless");
    FILE *const file = fopen(path, "w");
    fputs(texts[i], file);
    fclose(file);
    struct error error = {0};
    struct training_options read;
    struct training_config *config = NULL;
    training_defaults(&read);
    assert_int_not_equal(training_config_read(path, &read, &config, &error), STATUS_SUCCESS);
    assert_non_null(strstr(error.text, "senseless"));
    assert_null(config);
  }
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(stopping_at_random_moments_and_going_on_ends_in_the_same_bytes),
      cmocka_unit_test(being_killed_and_going_on_ends_in_the_same_bytes),
      cmocka_unit_test(the_number_of_threads_changes_nothing),
      cmocka_unit_test(going_on_with_what_is_finished_changes_nothing),
      cmocka_unit_test(a_network_without_attention_goes_on_too),
      cmocka_unit_test(styles_told_apart_go_on_too),
      cmocka_unit_test(going_on_with_another_network_seed_or_music_is_refused_in_a_sentence),
      cmocka_unit_test(going_on_with_other_limits_is_allowed),
      cmocka_unit_test(checkpoints_of_other_versions_are_refused),
      cmocka_unit_test(damaged_checkpoints_are_refused_or_harmless),
      cmocka_unit_test(a_config_comes_back_as_it_was_written),
      cmocka_unit_test(a_config_that_makes_no_sense_is_refused),
  };
  return cmocka_run_group_tests(tests, setup, fixture_teardown);
}
