// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// `ritornello corpus`: what it prints, where, and with which exit status.

#include "../../trainer/commands.h"
#include "folder.h"

#include <argp.h>
#include <fcntl.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { OUTPUT_SIZE = 65536 };

// What a run of the command left behind
struct outcome {
  int status;
  char output[OUTPUT_SIZE];
  char errors[OUTPUT_SIZE];
};

static void
redirect(const int descriptor, const char *const path)
{
  const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (file < 0 || dup2(file, descriptor) < 0) {
    _exit(99);
  }
}

static void
load(const char *const path, char text[OUTPUT_SIZE])
{
  FILE *const stream = fopen(path, "rb");
  assert_non_null(stream);
  text[fread(text, 1, OUTPUT_SIZE - 1, stream)] = '\0';
  assert_int_equal(fclose(stream), 0);
}

// Run the command in a process of its own, as the program does, with up to two arguments (NULL: none).
static struct outcome *
run(const struct folder *const folder, const char *const first, const char *const second)
{
  char *const output = folder_path(folder, "output.txt");
  char *const errors = folder_path(folder, "errors.txt");
  const pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    char name[] = "ritornello corpus";
    char *arguments[] = {name, first ? strdup(first) : NULL, second ? strdup(second) : NULL, NULL};
    redirect(STDOUT_FILENO, output);
    redirect(STDERR_FILENO, errors);
    free(output);
    free(errors);
    argp_err_exit_status = 2; // As main() does
    const int status = command_corpus(1 + (first != NULL) + (second != NULL), arguments);
    fflush(stdout);
    _exit(status);
  }
  struct outcome *const outcome = calloc(1, sizeof(*outcome));
  assert_int_equal(waitpid(child, &outcome->status, 0), child);
  assert_true(WIFEXITED(outcome->status));
  outcome->status = WEXITSTATUS(outcome->status);
  load(output, outcome->output);
  load(errors, outcome->errors);
  free(output);
  free(errors);
  return outcome;
}

static unsigned
count_lines(const char *text)
{
  unsigned count = 0;
  for (; *text; ++text) {
    count += *text == '\n';
  }
  return count;
}

static void
what_was_found_is_printed_and_broken_files_are_named(void **const state)
{
  const struct folder *const folder = *state;
  folder_write_piece(folder, "satie/gymnopedie.mid", 20);
  folder_write_piece(folder, "field/nocturne.mid", 1100);
  folder_write_text(folder, "field/torn.mid", "MThd");
  struct outcome *const outcome = run(folder, folder->path, NULL);
  assert_int_equal(outcome->status, 0);
  assert_string_equal(outcome->errors, "");
  const char *const wanted[] = {"2 usable, 1 rejected", "1,120 of 1,120", "satie", "field", "4/4", "field/torn.mid: "};
  for (unsigned i = 0; i < sizeof(wanted) / sizeof(wanted[0]); ++i) {
    assert_non_null(strstr(outcome->output, wanted[i]));
  }
  free(outcome);
}

static void
the_same_is_there_as_json(void **const state)
{
  const struct folder *const folder = *state;
  folder_write_piece(folder, "satie/gymnopedie.mid", 20);
  folder_write_text(folder, "torn\xFF.mid", "MThd"); // The name is no UTF-8
  struct outcome *const outcome = run(folder, "--json", folder->path);
  assert_int_equal(outcome->status, 0);
  json_t *const root = json_loads(outcome->output, 0, NULL);
  assert_non_null(root);
  assert_int_equal(json_integer_value(json_object_get(root, "files")), 1);
  assert_int_equal(json_integer_value(json_object_get(root, "notes")), 20);
  const json_t *const style = json_array_get(json_object_get(root, "styles"), 0);
  assert_string_equal(json_string_value(json_object_get(style, "name")), "satie");
  const json_t *const rejection = json_array_get(json_object_get(root, "rejected"), 0);
  assert_string_equal(json_string_value(json_object_get(rejection, "path")), "torn?.mid");
  json_decref(root);
  free(outcome);
}

static void
nothing_usable_is_one_sentence_on_stderr_and_status_1(void **const state)
{
  const struct folder *const folder = *state;
  folder_write_text(folder, "torn.mid", "MThd");
  struct outcome *outcome = run(folder, folder->path, NULL);
  assert_int_equal(outcome->status, 1);
  assert_int_equal(count_lines(outcome->errors), 1);
  assert_non_null(strstr(outcome->errors, folder->path));
  assert_non_null(strstr(outcome->output, "torn.mid: "));
  free(outcome);

  outcome = run(folder, "/no/such/folder", NULL);
  assert_int_equal(outcome->status, 1);
  assert_int_equal(count_lines(outcome->errors), 1);
  assert_string_equal(outcome->output, "");
  free(outcome);
}

static void
wrong_usage_is_status_2_and_help_is_status_0(void **const state)
{
  const struct folder *const folder = *state;
  const char *const wrong[][2] = {{NULL, NULL}, {"--no-such-option", NULL}, {"one", "two"}};
  for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); ++i) {
    struct outcome *const outcome = run(folder, wrong[i][0], wrong[i][1]);
    assert_int_equal(outcome->status, 2);
    assert_string_not_equal(outcome->errors, "");
    free(outcome);
  }
  struct outcome *const help = run(folder, "--help", NULL);
  assert_int_equal(help->status, 0);
  assert_non_null(strstr(help->output, "Usage: ritornello corpus"));
  free(help);
}

static void
names_can_t_command_the_terminal(void **const state)
{
  const struct folder *const folder = *state;
  folder_write_piece(folder, "a\x1B[2J/b.mid", 20);
  folder_write_text(folder, "c\x07\n.mid", "MThd");
  struct outcome *const outcome = run(folder, folder->path, NULL);
  assert_int_equal(outcome->status, 0);
  assert_null(strpbrk(outcome->output, "\x1B\x07"));
  assert_non_null(strstr(outcome->output, "c??.mid: "));
  free(outcome);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(what_was_found_is_printed_and_broken_files_are_named, folder_setup,
                                      folder_teardown),
      cmocka_unit_test_setup_teardown(the_same_is_there_as_json, folder_setup, folder_teardown),
      cmocka_unit_test_setup_teardown(nothing_usable_is_one_sentence_on_stderr_and_status_1, folder_setup,
                                      folder_teardown),
      cmocka_unit_test_setup_teardown(wrong_usage_is_status_2_and_help_is_status_0, folder_setup, folder_teardown),
      cmocka_unit_test_setup_teardown(names_can_t_command_the_terminal, folder_setup, folder_teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
