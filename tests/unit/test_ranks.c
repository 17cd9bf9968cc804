// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Training in two processes with mpirun is training in one, only sooner: the same losses for the same whole batch. And where
// one of them dies, the other says so, and what was trained so far is not lost. RITORNELLO names the program.

#include "training_fixture.h"

#include "engine/safetensors.h"

#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { WORDS = 40, LEARNED = 20, TEXT = 4096 };

extern char **environ;

// Whatever machine this runs on: as root, with any number of processors, and slow
// Processes have two seconds to notice that one has died; the training would end by itself if the test went wrong.
static const char *const mpirun[] = {
    "mpirun", "-n", "2", "--oversubscribe", "--bind-to", "none", "--mca", "odls_base_sigkill_timeout", "2", NULL};

// A batch that is longer than all the music: every update ends an epoch, and the log has a line for each
static const char *const streaming[] = {"--epochs=40", "--streams=32",  "--shards=4", "--steps=64", "--embedding=16",
                                        "--hidden=32", "--backward=16", "--heads=2",  "--key=16",   "--value=16",
                                        "--dense=32",  "--memory=64",   NULL};
static const char *const windowed[] = {
    "--epochs=40",
    "--streams=2048",
    "--shards=4",
    "--context=12",
    "--network=embed:16, bilstm:16, attention:16, dropout:0.3, lstm:16, dense:16, softmax",
    NULL};

static size_t
append(const char **const words, size_t count, const char *const *const more)
{
  for (size_t i = 0; more[i]; ++i) {
    words[count++] = more[i];
  }
  words[count] = NULL;
  return count;
}

// Start `ritornello train` with `options`, its output going to the file `log`; in two processes if `together`.
static pid_t
start(const char *const output, const char *const *const options, const bool together, const char *const log)
{
  static const char *const nothing[] = {NULL};
  const char *const words[] = {
      getenv("RITORNELLO"), "train", fixture_path("music"), "-o", output, "--threads=1", "--validation=0.2",
      "--no-report",        NULL};
  const char *all[WORDS];
  append(all, append(all, append(all, 0, together ? mpirun : nothing), words), options);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log, O_WRONLY | O_CREAT | O_TRUNC, 0666);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  pid_t child = 0;
  // posix_spawnp changes none of the words
  assert_int_equal(posix_spawnp(&child, all[0], &actions, NULL, (char *const *)(uintptr_t)all, environ), 0);
  posix_spawn_file_actions_destroy(&actions);
  return child;
}

static int
wait_for(const pid_t child)
{
  int result = 0;
  assert_int_equal(waitpid(child, &result, 0), child);
  return WIFEXITED(result) ? WEXITSTATUS(result) : -1;
}

static void
train(const char *const output, const char *const *const options, const bool together)
{
  const char *const log = fixture_path("train.txt");
  if (wait_for(start(output, options, together, log))) {
    char *text = NULL;
    fixture_read(log, &text);
    fail_msg("%s", text);
  }
}

// Columns `train` and `held_out` of the first LEARNED lines of a training's log
static void
read_losses(const char *const output, double losses[LEARNED][2])
{
  char path[TEXT];
  char line[TEXT];
  snprintf(path, sizeof(path), "%s.run/log.csv", output);
  FILE *const file = fopen(path, "r");
  assert_non_null(file);
  assert_non_null(fgets(line, sizeof(line), file));
  for (int i = 0; i < LEARNED; ++i) {
    assert_non_null(fgets(line, sizeof(line), file));
    assert_int_equal(sscanf(line, "%*[^,],%*[^,],%*[^,],%*[^,],%*[^,],%lf,%*[^,],%*[^,],%*[^,],%*[^,],%*[^,],%lf",
                            &losses[i][0], &losses[i][1]),
                     2);
  }
  fclose(file);
}

static void
compare(const char *const *const options)
{
  double alone[LEARNED][2];
  double together[LEARNED][2];
  const char *const outputs[] = {fixture_path("alone.safetensors"), fixture_path("together.safetensors")};
  train(outputs[0], options, false);
  train(outputs[1], options, true);
  read_losses(outputs[0], alone);
  read_losses(outputs[1], together);
  for (int i = 0; i < LEARNED; ++i) {
    for (int column = 0; column < 2; ++column) {
      assert_true(fabs(alone[i][column] - together[i][column]) <= 1e-5 * alone[i][column]);
    }
  }
  assert_true(alone[LEARNED - 1][0] < 0.9 * alone[0][0]); // Something was learned
}

static void
two_processes_have_the_losses_of_one(void **const state)
{
  (void)state;
  compare(streaming);
}

static void
two_processes_train_a_network_of_layers_too(void **const state)
{
  (void)state;
  compare(windowed);
}

// Two go on where one was, and one where two were: the checkpoint has what both carried.
static void
a_checkpoint_of_one_process_is_a_checkpoint_of_two(void **const state)
{
  (void)state;
  const char *const output = fixture_path("changing.safetensors");
  static const char *const first[] = {"--epochs=4", "--shards=2", "--hidden=32", "--memory=64", NULL};
  static const char *const second[] = {"--epochs=8", "--resume", NULL};
  static const char *const third[] = {"--epochs=12", "--resume", NULL};
  train(output, first, true);
  train(output, second, false);
  train(output, third, true);
  const char *const other = fixture_path("same.safetensors");
  train(other, first, false);
  train(other, second, false);
  train(other, third, false);
  fixture_assert_same_training(output, other); // Two shards: their sum is the same to the bit whoever adds them up
}

// The process of this training with that number, or 0; `mpirun` starts it
static pid_t
find_process(const pid_t parent, const char *const rank)
{
  DIR *const folder = opendir("/proc");
  pid_t found = 0;
  for (const struct dirent *entry = readdir(folder); !found && entry; entry = readdir(folder)) {
    char path[512];
    char text[TEXT * 8] = "";
    int starter = 0;
    snprintf(path, sizeof(path), "/proc/%s/stat", entry->d_name);
    FILE *const stat = fopen(path, "r");
    const bool child = stat && fscanf(stat, "%*d (%*[^)]) %*c %d", &starter) == 1 && starter == parent;
    if (stat) {
      fclose(stat);
    }
    snprintf(path, sizeof(path), "/proc/%s/environ", entry->d_name);
    FILE *const variables = child ? fopen(path, "r") : NULL;
    const size_t size = variables ? fread(text, 1, sizeof(text) - 1, variables) : 0;
    if (variables) {
      fclose(variables);
    }
    for (const char *at = text; at < text + size; at += strlen(at) + 1) {
      found = strcmp(at, rank) == 0 ? (pid_t)strtol(entry->d_name, NULL, 10) : found;
    }
  }
  closedir(folder);
  return found;
}

static void
a_lost_process_is_said_and_costs_no_checkpoint(void **const state)
{
  (void)state;
  static const char *const long_one[] = {"--minutes=4", "--shards=2", "--hidden=32", "--memory=64", NULL};
  static const char *const shorter[] = {"--epochs=1", "--resume", NULL}; // It has come that far already
  static const char *const ranks[] = {"OMPI_COMM_WORLD_RANK=1", "OMPI_COMM_WORLD_RANK=0"};
  for (int victim = 0; victim < 2; ++victim) {
    const char *const output = fixture_path(victim ? "lost0.safetensors" : "lost1.safetensors");
    const char *const log = fixture_path("lost.txt");
    const pid_t child = start(output, long_one, true, log);
    while (access(output, F_OK)) { // The first epoch is over
      assert_int_equal(waitpid(child, NULL, WNOHANG), 0);
      sched_yield();
    }
    const pid_t process = find_process(child, ranks[victim]);
    assert_true(process > 1);
    assert_int_equal(kill(process, SIGKILL), 0);
    assert_int_not_equal(wait_for(child), 0);
    char *text = NULL;
    fixture_read(log, &text);
    if (!strstr(text, "another process of this training has died") || !strstr(text, "--resume")) {
      fail_msg("%s", text);
    }
    free(text);
    train(output, shorter, true);
  }
}

static void
asking_mpirun_to_stop_keeps_everything(void **const state)
{
  (void)state;
  static const char *const long_one[] = {"--minutes=4", "--shards=2", "--hidden=32", "--memory=64", NULL};
  const char *const output = fixture_path("stopped.safetensors");
  const char *const log = fixture_path("stopped.txt");
  const pid_t child = start(output, long_one, true, log);
  while (access(output, F_OK)) {
    assert_int_equal(waitpid(child, NULL, WNOHANG), 0);
    sched_yield();
  }
  assert_int_equal(kill(child, SIGUSR1), 0);
  assert_int_equal(wait_for(child), 0);
  char *text = NULL;
  fixture_read(log, &text);
  assert_non_null(strstr(text, "--resume goes on from here"));
  free(text);
}

static void
what_is_wrong_is_said_once(void **const state)
{
  (void)state;
  static const char *const uneven[] = {"--epochs=1", "--shards=1", NULL};
  const char *const log = fixture_path("uneven.txt");
  assert_int_equal(wait_for(start(fixture_path("uneven.safetensors"), uneven, true, log)), 1);
  char *text = NULL;
  fixture_read(log, &text);
  const char *const sentence = strstr(text, "--shards (1) must be a multiple of the processes");
  assert_non_null(sentence);
  assert_null(strstr(sentence + 1, "--shards"));
  free(text);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(two_processes_have_the_losses_of_one),
      cmocka_unit_test(two_processes_train_a_network_of_layers_too),
      cmocka_unit_test(a_checkpoint_of_one_process_is_a_checkpoint_of_two),
      cmocka_unit_test(a_lost_process_is_said_and_costs_no_checkpoint),
      cmocka_unit_test(asking_mpirun_to_stop_keeps_everything),
      cmocka_unit_test(what_is_wrong_is_said_once),
  };
  return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
