// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// `ritornello compose FILE -o OUT.mid`: composes with the plugin's own composer and writes what a host would have recorded.

#include "../plugin/engine/composer.h"
#include "../plugin/engine/take_export.h"
#include "../plugin/engine/weights.h"
#include "arguments.h"
#include "commands.h"
#include "composing.h"
#include "control_options.h"
#include "music_arguments.h"

#include <argp.h>
#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
  KEY_OUTPUT = 'o',
  KEY_BARS = 256,
  KEY_BPM,
  KEY_METRE,
  KEY_STYLE,
  KEY_KEY,
  KEY_DENSITY,
  KEY_TEMPERATURE,
  KEY_TOP_P,
  KEY_ORIGINALITY,
  KEY_SEED,
  KEY_TITLE,
};

enum {
  BARS_MOST = 4096,
  ORIGINALITY_MOST = 64,
  LOOK_AHEAD = 16 * TICKS_PER_QUARTER,
};

struct request {
  const char *weights;
  const char *output;
  const char *style;
  const char *title;
  uint32_t bars;
  double bpm;
  struct metre metre;
  struct control_options asked;
};

static const struct argp_option options[] = {
    {"output", KEY_OUTPUT, "FILE", 0, "Write the music to FILE, a standard MIDI file", 0},
    {"title", KEY_TITLE, "TEXT", 0, "Title in the file (Ritornello)", 0},
    {"bars", KEY_BARS, "N", 0, "Length in bars (64)", 1},
    {"bpm", KEY_BPM, "N", 0, "Tempo in quarter notes per minute (120)", 1},
    {"metre", KEY_METRE, "N/D", 0, "Metre (4/4)", 1},
    {"style", KEY_STYLE, "NAME", 0, "Composer to follow, one of those that the weight file knows (free)", 2},
    {"key", KEY_KEY, "KEY", 0, "Key, such as \"C major\" or \"f# minor\" (free)", 2},
    {"density", KEY_DENSITY, "N", 0, "1 (few notes) to 8 (many), or 0 for free (0)", 2},
    {"temperature", KEY_TEMPERATURE, "N", 0, "0 (always the likeliest) to 2 (1)", 3},
    {"top-p", KEY_TOP_P, "N", 0, "Choose only among the likeliest with this probability together (1)", 3},
    {"originality", KEY_ORIGINALITY, "N", 0,
     "Longest run of notes, from 8 to 64, that may stand in the training music too; 0 is off (0)", 3},
    {"seed", KEY_SEED, "N", 0, "The number the music comes from (1)", 3},
    {0},
};

// Read the options that are controls of the plugin too
static error_t
parse_control(struct controls *const controls, const struct argp_state *const state, const int key, char *const text)
{
  struct error error;
  double number = 0.0;
  uint32_t whole = 0;
  error_t result = 0;
  switch (key) {
  case KEY_KEY:
    return argument_end(state, argument_key("--key", text, &controls->key, &error), &error);
  case KEY_DENSITY:
    result = argument_option_whole(state, "--density", text, 0, DENSITY_STEPS, &whole);
    controls->density = (uint8_t)whole;
    return result;
  case KEY_TEMPERATURE:
    result = argument_option_number(state, "--temperature", text, 0.0, 2.0, &number);
    controls->sampling.temperature = (float)number;
    return result;
  case KEY_TOP_P:
    result = argument_option_number(state, "--top-p", text, 0.0, 1.0, &number);
    controls->sampling.top_p = (float)number;
    return result;
  case KEY_ORIGINALITY:
    result = argument_option_whole(state, "--originality", text, 0, ORIGINALITY_MOST, &whole);
    controls->originality = (uint8_t)whole;
    return result;
  case KEY_SEED:
    return argument_option_whole(state, "--seed", text, 0, (1 << 24) - 1, &controls->seed);
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static error_t
parse_file(struct request *const request, const struct argp_state *const state, char *const text)
{
  if (request->weights) {
    argp_error(state, "one weight file at a time, please: `%s' is too much", text);
  }
  request->weights = text;
  return 0;
}

static error_t
parse(const int key, char *const text, struct argp_state *const state)
{
  struct request *const request = state->input;
  struct error error;
  switch (key) {
  case ARGP_KEY_INIT:
    state->child_inputs[0] = &request->asked;
    return 0;
  case KEY_OUTPUT:
    request->output = text;
    return 0;
  case KEY_TITLE:
    request->title = text;
    return 0;
  case KEY_STYLE:
    request->style = strcmp(text, "free") ? text : NULL;
    return 0;
  case KEY_BARS:
    return argument_option_whole(state, "--bars", text, 1, BARS_MOST, &request->bars);
  case KEY_BPM:
    return argument_option_number(state, "--bpm", text, 10.0, 1000.0, &request->bpm);
  case KEY_METRE:
    return argument_end(state, argument_metre("--metre", text, &request->metre, &error), &error);
  case ARGP_KEY_ARG:
    return parse_file(request, state, text);
  case ARGP_KEY_END:
    if (!request->weights || !request->output) {
      argp_error(state, "a weight file and --output are needed");
    }
    control_options_finish(&request->asked);
    return 0;
  default:
    return parse_control(&request->asked.controls, state, key, text);
  }
}

static const struct argp_child children[] = {{.argp = &control_parser}, {0}};

static const struct argp parser = {
    .children = children,
    .options = options,
    .parser = parse,
    .args_doc = "FILE -o OUT.mid",
    .doc = "Compose music with the weights in FILE and write it as a MIDI file.\v"
           "The same weights and options always give the same file, which is what the plugin plays with these settings "
           "from the song's beginning. The right hand is the first track, the left hand the second.",
};

static enum status
find_style(const struct weights *const weights, const char *const name, uint8_t *const style, struct error *const error)
{
  char lower[WEIGHTS_STYLE_SIZE] = "";
  for (size_t i = 0; name && name[i] && i < sizeof(lower) - 1; ++i) {
    lower[i] = (char)tolower((unsigned char)name[i]);
  }
  *style = name ? weights_style(weights, lower) : 0;
  if (!name || *style) {
    return STATUS_SUCCESS;
  }
  char list[ERROR_TEXT_SIZE] = "none";
  size_t length = 0;
  for (uint32_t i = 0; i < weights->style_count && length < sizeof(list); ++i) {
    length += (size_t)snprintf(list + length, sizeof(list) - length, "%s%s", i ? ", " : "", weights->styles[i]);
  }
  return error_set(error, STATUS_NOT_FOUND, "%s: there is no style `%.64s'; it knows %s", weights->path, name, list);
}

static enum status
write_music(struct take *const take, const struct request *const request, struct error *const error)
{
  struct take_export exported;
  struct midi_file file;
  enum status status = take_export_bars(take, 0, request->bars, &request->asked.performance, &exported, error);
  if (status) {
    return status;
  }
  status = take_export_file(&exported, request->title, request->bpm, &file, error);
  take_export_free(&exported);
  if (status) {
    return status;
  }
  status = midi_file_write(request->output, &file, error);
  midi_file_free(&file);
  return status;
}

static enum status
run(struct request *const request, struct error *const error)
{
  struct weights *weights = NULL;
  struct composer *composer = NULL;
  enum status status = weights_load(request->weights, &weights, error);
  if (!status && request->asked.controls.originality && !weights->quotations) {
    status = error_set(
        error, STATUS_NOT_FOUND,
        "%s: --originality needs a network that chooses note by note, and a filter of its training music, which "
        "`ritornello train' adds with --refilter",
        request->weights);
  }
  if (!status) {
    status = find_style(weights, request->style, &request->asked.controls.style, error);
  }
  if (!status) {
    status = composer_new(&composer, error);
  }
  if (!status) {
    composer_set_controls(composer, &request->asked.controls);
    composer_set_weights(composer, weights);
    status = composing_run(composer, request->metre, request->bars, isatty(STDERR_FILENO), error);
  }
  if (!status) {
    status = write_music(composer_take(composer), request, error);
  }
  composer_free(composer);
  weights_free(weights);
  return status;
}

int
command_compose(const int argc, char **const argv)
{
  struct request request = {
      .title = "Ritornello",
      .bars = 64,
      .bpm = 120.0,
      .metre = {4, 4},
      .asked = {.controls = {.sampling = {.temperature = 1.0F, .top_p = 1.0F}, .seed = 1, .look_ahead = LOOK_AHEAD}},
  };
  if (argp_parse(&parser, argc, argv, 0, NULL, &request)) {
    return 2;
  }
  struct error error = {STATUS_SUCCESS, ""};
  if (run(&request, &error)) {
    fprintf(stderr, "%s: %s\n", argv[0], error.text);
    return 1;
  }
  return 0;
}
