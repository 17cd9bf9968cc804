// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The door of the command line: each line of the input is a word; the first says which command. Commands are called as the
// program calls them, but end as soon as their words are read (fuzz_argp_parse()), so nothing is trained or written. Then come
// the texts that are read later: layers, metres, keys, choices.

#include "fuzz.h"

#include "arguments.h"
#include "commands.h"
#include "music_arguments.h"

#include "engine/windowed_layout.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { WORDS = 32, WORD_SIZE = 512 };

#define COMMAND_ROW(name, uses_blas, summary) command_##name,
static int (*const commands[])(int, char **) = {RITORNELLO_COMMANDS(COMMAND_ROW)};
#undef COMMAND_ROW

error_t __real_argp_parse(const struct argp *parser, int argc, char **argv, unsigned flags, int *index, void *input);
error_t __wrap_argp_parse(const struct argp *parser, int argc, char **argv, unsigned flags, int *index, void *input);

// Stands for argp_parse() in the commands (the linker sees to that): reads the words, without ending the program where they are
// wrong, and then says that they are, whatever they are.
error_t
__wrap_argp_parse(const struct argp *const parser,
                  const int argc,
                  char **const argv,
                  const unsigned flags,
                  int *const index,
                  void *const input)
{
  __real_argp_parse(parser, argc, argv, flags | ARGP_NO_EXIT, index, input);
  return EINVAL;
}

static void
silence(void)
{
  static bool is_silent;
  if (!is_silent) {
    is_silent = true;
    stdout = fopen("/dev/null", "w"); // NOLINT(misc-redundant-expression): glibc lets both be set
    stderr = fopen("/dev/null", "w");
    fuzz_must(stdout && stderr, "there is /dev/null");
  }
}

static void
read_texts(const char *const text)
{
  static const char *const choices[] = {"adam", "rmsprop", NULL};
  struct error error = {.status = STATUS_SUCCESS};
  struct windowed_sizes sizes = {.context = 100, .vocabulary = 100};
  char layers[WINDOWED_TEXT_SIZE];
  struct metre metre;
  uint8_t key = 0;
  int64_t whole = 0;
  double number = 0.0;
  unsigned index = 0;
  if (!windowed_layers_parse(text, &sizes, &error) && !windowed_sizes_check(&sizes, &error)) {
    struct windowed_sizes again = sizes;
    windowed_layers_format(&sizes, layers);
    fuzz_must(!windowed_layers_parse(layers, &again, &error), "layers that were written can be read");
    fuzz_must(again.layer_count == sizes.layer_count, "and are the same");
  }
  if (!argument_metre("--metre", text, &metre, &error)) {
    fuzz_must(metre_is_valid(metre), "a metre is one");
  }
  if (!argument_key("--key", text, &key, &error)) {
    fuzz_must(key <= KEY_COUNT, "a key is one");
  }
  if (!argument_whole("--whole", text, -5, 1000, &whole, &error)) {
    fuzz_must(whole >= -5 && whole <= 1000, "a whole number is in its range");
  }
  if (!argument_number("--number", text, -5.0, 1000.0, &number, &error)) {
    fuzz_must(number >= -5.0 && number <= 1000.0, "a number is in its range");
  }
  if (!argument_choice("--choice", text, choices, &index, &error)) {
    fuzz_must(index < 2, "a choice is one");
  }
}

int
LLVMFuzzerTestOneInput(const uint8_t *const data, const size_t size)
{
  static char words[WORDS][WORD_SIZE];
  char name[] = "ritornello command";
  char *argv[WORDS + 2] = {name};
  int argc = 1;
  struct fuzz_input input = {data, size};
  silence();
  const uint32_t command = fuzz_below(&input, sizeof commands / sizeof commands[0]);
  while (input.left > 0 && argc <= WORDS) {
    fuzz_text(&input, words[argc - 1], WORD_SIZE);
    if (!strncmp(words[argc - 1], "--H", 3)) {
      continue; // glibc's own --HANG, which does as it says, for debuggers
    }
    read_texts(words[argc - 1]);
    argv[argc] = words[argc - 1];
    ++argc;
  }
  const int status = commands[command](argc, argv);
  fuzz_must(status == 1 || status == 2, "a command that was not understood says so");
  return 0;
}
