// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The program `ritornello`: finds the command that is asked for and runs it. All that a command does is in command_*.c.

#include "blas.h"
#include "commands.h"
#include "json_memory.h"

#include <argp.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { EXIT_USAGE = 2, COMMAND_NAME_SIZE = 32 };

struct command {
  const char *name;
  bool uses_blas;
  const char *summary;
  int (*run)(int argc, char **argv);
};

#define COMMAND_ROW(name, uses_blas, summary) {#name, uses_blas, summary, command_##name},
static const struct command commands[] = {RITORNELLO_COMMANDS(COMMAND_ROW)};
#undef COMMAND_ROW

enum { COMMAND_COUNT = sizeof(commands) / sizeof(commands[0]) };

static const struct command *
command_find(const char *const name)
{
  for (size_t i = 0; i < COMMAND_COUNT; ++i) {
    if (!strcmp(commands[i].name, name)) {
      return &commands[i];
    }
  }
  return NULL;
}

static void
print_commands(FILE *const stream)
{
  fputs("Commands:\n", stream);
  for (size_t i = 0; i < COMMAND_COUNT; ++i) {
    fprintf(stream, "  %-10s %s\n", commands[i].name, commands[i].summary);
  }
  fputs("\n`ritornello COMMAND --help' says more about each.\n", stream);
}

static void
print_help(FILE *const stream)
{
  fputs("Usage: ritornello COMMAND [ARGUMENT...]\n"
        "       ritornello help COMMAND | --help | --version\n"
        "Train the Ritornello plugin on a folder of MIDI files, and hear and examine what it composes.\n\n",
        stream);
  print_commands(stream);
}

static int
unknown_command(const char *const name)
{
  fprintf(stderr, "ritornello: there is no command `%s'\n", name);
  print_commands(stderr);
  return EXIT_USAGE;
}

// What was printed may have met a full disk. Returns the exit status.
static int
end_output(const char *const name)
{
  errno = 0;
  if (!fflush(stdout) && !ferror(stdout)) {
    return 0;
  }
  fprintf(stderr, "%s: what it prints can't be written: %s\n", name, errno ? strerror(errno) : "output error");
  return 1;
}

// `arguments` are those after the command's name
static int
run_command(const struct command *const command, const int count, char **const arguments, char **const whole_argv)
{
  if (command->uses_blas) {
    blas_prepare(whole_argv);
  }

  char name[COMMAND_NAME_SIZE];
  snprintf(name, sizeof(name), "ritornello %s", command->name);
  arguments[-1] = name;
  argp_err_exit_status = EXIT_USAGE;
  const int status = command->run(count + 1, arguments - 1);
  return status ? status : end_output(name);
}

static int
help(const int argc, char **const argv)
{
  if (argc < 3) {
    print_help(stdout);
    return end_output("ritornello");
  }

  const struct command *const command = command_find(argv[2]);
  char name[COMMAND_NAME_SIZE];
  char option[] = "--help";
  char *arguments[] = {name, option, NULL};
  return command ? run_command(command, 1, arguments + 1, argv) : unknown_command(argv[2]);
}

int
main(const int argc, char **const argv)
{
  signal(SIGXFSZ, SIG_IGN); // A file that may grow no more is an error like a full disk
  json_memory_watch();
  if (argc < 2) {
    print_help(stderr);
    return EXIT_USAGE;
  }
  if (!strcmp(argv[1], "--version")) {
    puts("ritornello " RITORNELLO_VERSION);
    return end_output("ritornello");
  }
  if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "help")) {
    return help(argc, argv);
  }

  const struct command *const command = command_find(argv[1]);
  return command ? run_command(command, argc - 2, argv + 2, argv) : unknown_command(argv[1]);
}
