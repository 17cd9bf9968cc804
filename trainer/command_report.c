// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// `ritornello report`: its options.

#include "arguments.h"
#include "commands.h"
#include "report.h"

#include <argp.h>
#include <stdio.h>
#include <unistd.h>

enum {
  OPTION_OUTPUT = 'o',
  OPTION_STYLE = 0x100,
  OPTION_TEMPERATURE,
  OPTION_PIECES,
  OPTION_BARS,
  OPTION_SEED,
};

enum { PIECES_MOST = 1000, BARS_MOST = 4096, PATH_SIZE = 4096 };

static const struct argp_option options[] = {
    {"output", OPTION_OUTPUT, "PAGE", 0, "Page to write (default: FILE.html)", 0},
    {"style", OPTION_STYLE, "NAME", 0, "Style to compose in (default: that with the most music in FOLDER)", 0},
    {"temperature", OPTION_TEMPERATURE, "N", 0, "Temperature to compose at (default 1)", 0},
    {"pieces", OPTION_PIECES, "N", 0, "Pieces to compose (default 8)", 0},
    {"bars", OPTION_BARS, "N", 0, "Bars of a piece (default 64)", 0},
    {"seed", OPTION_SEED, "N", 0, "The number that the first piece comes from (default 1)", 0},
    {0},
};

static error_t
parse(const int key, char *const text, struct argp_state *const state)
{
  struct report_request *const request = state->input;
  struct error error;
  switch (key) {
  case OPTION_OUTPUT:
    request->output = text;
    return 0;
  case OPTION_STYLE:
    request->style = text;
    return 0;
  case OPTION_TEMPERATURE:
    return argument_end(state, argument_number("--temperature", text, 0.0, 2.0, &request->temperature, &error), &error);
  case OPTION_PIECES:
    return argument_option_whole(state, "--pieces", text, 1, PIECES_MOST, &request->pieces);
  case OPTION_BARS:
    return argument_option_whole(state, "--bars", text, 1, BARS_MOST, &request->bars);
  case OPTION_SEED:
    return argument_option_whole(state, "--seed", text, 0, (1 << 24) - 1, &request->seed);
  case ARGP_KEY_ARG:
    if (request->folder) {
      argp_error(state, "a weight file and a folder, please; `%s' is one too many", text);
    }
    *(request->weights ? &request->folder : &request->weights) = text;
    return 0;
  case ARGP_KEY_END:
    if (!request->weights) {
      argp_error(state, "a weight file is needed");
    }
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

int
command_report(const int argc, char **const argv)
{
  static const struct argp argp = {
      options,
      parse,
      "FILE [FOLDER]",
      "Write a page (HTML) with pictures: how the training of the weight file FILE went, what it composes, and, with "
      "the "
      "music in FOLDER, how much that is like the real one and what it quotes.\v"
      "The page holds all its pictures itself. How the training went is read from FILE.run/log.csv, if it is there.",
      NULL,
      NULL,
      NULL};
  struct report_request request = {
      .temperature = 1.0, .pieces = 8, .bars = 64, .seed = 1, .show = isatty(STDERR_FILENO)};
  if (argp_parse(&argp, argc, argv, 0, NULL, &request)) {
    return 2;
  }
  char output[PATH_SIZE];
  if (!request.output) {
    snprintf(output, sizeof(output), "%s.html", request.weights);
    request.output = output;
  }
  struct error error = {STATUS_SUCCESS, ""};
  if (report_write(&request, &error)) {
    fprintf(stderr, "%s: %s\n", argv[0], error.text);
    return 1;
  }
  return 0;
}
