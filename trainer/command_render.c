// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// `ritornello render`: a preset or a weight file, heard. Reads the command line, finds the bundle, renders, sets the
// loudness and writes the files.

#include "arguments.h"
#include "commands.h"
#include "own_bundle.h"
#include "progress.h"
#include "render.h"

#include <argp.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONTROLS = 64 };

enum key {
  KEY_BARS = 'b',
  KEY_OUTPUT = 'o',
  KEY_SECONDS = 's',
  KEY_AUTOMATE = 256,
  KEY_BPM,
  KEY_BUNDLE,
  KEY_INSTRUMENT,
  KEY_METRE,
  KEY_MIDI,
  KEY_RATE,
  KEY_SEED,
  KEY_SET,
  KEY_TEMPERATURE,
};

struct command {
  struct render_settings settings;
  const char *output;
  const char *midi;
  char *controls[CONTROLS];
  char *automation[CONTROLS];
};

static const struct argp_option options[] = {
    {"output", KEY_OUTPUT, "FILE", 0, "Write the sound to FILE (.wav, .flac or .ogg)", 0},
    {"midi", KEY_MIDI, "FILE", 0, "Write the notes to FILE as well", 0},
    {"seconds", KEY_SECONDS, "N", 0, "Length, filled up to a whole bar (60)", 1},
    {"bars", KEY_BARS, "N", 0, "Length in bars", 1},
    {"bpm", KEY_BPM, "N", 0, "Tempo in quarter notes per minute (120)", 1},
    {"metre", KEY_METRE, "N/D", 0, "Metre (4/4)", 1},
    {"seed", KEY_SEED, "N", 0, "The number the music comes from", 2},
    {"temperature", KEY_TEMPERATURE, "N", 0, "0 (always the likeliest) to 2", 2},
    {"set", KEY_SET, "SYMBOL=VALUE", 0, "Set any control of the plugin", 2},
    {"automate", KEY_AUTOMATE, "SYMBOL=BAR:VALUE,...", 0, "Change a control on the way", 2},
    {"instrument", KEY_INSTRUMENT, "URI", 0, "LV2 instrument to play on (a piano)", 3},
    {"rate", KEY_RATE, "HZ", 0, "Sample rate (48000)", 3},
    {"bundle", KEY_BUNDLE, "DIR", 0, "Use the plugin in this bundle folder", 3},
    {0},
};

static error_t
add_control(struct command *const command, const struct argp_state *const state, const char *symbol, const char *value)
{
  struct render_settings *const settings = &command->settings;
  const size_t size = strlen(symbol) + strlen(value) + 2;
  char *const control = settings->control_count < CONTROLS ? malloc(size) : NULL;
  if (!control) {
    argp_error(state, "no more than %d controls can be set", CONTROLS);
    return EINVAL;
  }
  snprintf(control, size, "%s%s%s", symbol, *symbol ? "=" : "", value);
  command->controls[settings->control_count++] = control;
  return 0;
}

static error_t
parse_metre(struct metre *const metre, const struct argp_state *const state, const char *const text)
{
  unsigned numerator = 0;
  unsigned denominator = 0;
  int length = 0;
  if (sscanf(text, "%2u/%2u%n", &numerator, &denominator, &length) == 2 && !text[length]) {
    *metre = (struct metre){(uint8_t)numerator, (uint8_t)denominator};
  }
  if (!length || text[length] || !metre_is_valid(*metre)) {
    argp_error(state, "--metre takes a time signature such as 3/4 or 6/8, not `%s'", text);
    return EINVAL;
  }
  return 0;
}

// Read the options that change the song and its sound
static error_t
parse_song(struct command *const command, const struct argp_state *const state, const int key, char *const text)
{
  struct render_settings *const settings = &command->settings;
  uint32_t whole = 0;
  error_t status = 0;
  switch (key) {
  case KEY_BARS:
    status = argument_option_whole(state, "--bars", text, 1, 100000, &whole);
    settings->bars = whole;
    return status;
  case KEY_RATE:
    status = argument_option_whole(state, "--rate", text, 22050, 192000, &whole);
    settings->rate = (int)whole;
    return status;
  case KEY_SECONDS:
    return argument_option_number(state, "--seconds", text, 0.1, RENDER_SECONDS, &settings->seconds);
  case KEY_BPM:
    return argument_option_number(state, "--bpm", text, 10.0, 1000.0, &settings->bpm);
  case KEY_METRE:
    return parse_metre(&settings->metre, state, text);
  case KEY_SEED:
    return add_control(command, state, "seed", text);
  case KEY_TEMPERATURE:
    return add_control(command, state, "temperature", text);
  case KEY_SET:
    return add_control(command, state, "", text);
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static error_t
parse(const int key, char *const text, struct argp_state *const state)
{
  struct command *const command = state->input;
  switch (key) {
  case KEY_OUTPUT:
    command->output = text;
    return 0;
  case KEY_MIDI:
    command->midi = text;
    return 0;
  case KEY_INSTRUMENT:
    command->settings.instrument = text;
    return 0;
  case KEY_AUTOMATE:
    if (command->settings.automation_count == CONTROLS) {
      argp_error(state, "no more than %d controls can be automated", CONTROLS);
    }
    command->automation[command->settings.automation_count++] = text;
    return 0;
  case KEY_BUNDLE:
    command->settings.bundle = text;
    return 0;
  case ARGP_KEY_ARG:
    if (command->settings.preset) {
      argp_error(state, "one preset at a time, not `%s' as well", text);
    }
    command->settings.preset = text;
    return 0;
  case ARGP_KEY_END:
    if (!command->settings.preset || !command->output) {
      argp_error(state, "a preset (or weight file) and --output are needed");
    } else if (!audio_file_is_known(command->output)) {
      argp_error(state, "--output takes a name that ends with .wav, .flac or .ogg, not `%s'", command->output);
    }
    return 0;
  default:
    return parse_song(command, state, key, text);
  }
}

static void
show_progress(void *const data, const double done, const double total)
{
  progress_show(data, "rendering: %.0f of %.0f s", done, total);
}

static double
decibels(const double amplitude)
{
  return amplitude > 0.0 ? 20.0 * log10(amplitude) : -HUGE_VAL;
}

// Return the factor that brings the peak to -1 dBFS if the sound would clip or is very quiet, and say so; otherwise 1
static double
choose_gain(const struct loudness loudness)
{
  const double wanted_peak = pow(10.0, -1.0 / 20.0);
  if (loudness.peak <= 0.0 || (loudness.peak <= 1.0 && decibels(loudness.peak) >= -12.0)) {
    return 1.0;
  }
  const double gain = wanted_peak / loudness.peak;
  fprintf(stderr, "The sound %s; it is made %.1f dB %s.\n", loudness.peak > 1.0 ? "would clip" : "is very quiet",
          fabs(decibels(gain)), gain < 1.0 ? "quieter" : "louder");
  return gain;
}

static enum status
write_files(const struct command *const command, struct render_result *const result, struct error *const error)
{
  const struct loudness loudness = recording_loudness(result->recording);
  const double gain = choose_gain(loudness);
  enum status status = recording_write(result->recording, command->output, gain, error);
  if (!status && command->midi) {
    status = midi_file_write(command->midi, &result->score.file, error);
  }
  if (!status) {
    printf("%s: %.0f s of music (and %d s to die away), %zu notes on %s, RMS %.1f dBFS, peak %.1f dBFS\n",
           command->output, result->seconds, RENDER_TAIL, result->score.file.note_count, result->instrument,
           decibels(gain * loudness.rms), decibels(gain * loudness.peak));
  }
  return status;
}

static enum status
run(struct command *const command, struct error *const error)
{
  char *const bundle = command->settings.bundle ? NULL : own_bundle();
  if (bundle) {
    command->settings.bundle = bundle;
  }

  struct progress progress;
  struct render_result result;
  progress_begin(&progress, stderr);
  enum status status = render(&command->settings, show_progress, &progress, &result, error);
  progress_end(&progress);
  if (!status) {
    status = write_files(command, &result, error);
  }
  render_free(&result);
  free(bundle);
  return status;
}

int
command_render(const int argc, char **const argv)
{
  static const struct argp argp = {
      .options = options,
      .parser = parse,
      .args_doc = "PRESET -o FILE",
      .doc =
          "Let the plugin compose with PRESET (a preset's label or URI, or a weight file), play it on an instrument, "
          "and write the sound to a file.",
  };
  struct command command = {.settings = {.seconds = 60.0, .bpm = 120.0, .metre = {4, 4}, .rate = 48000}};
  command.settings.controls = command.controls;
  command.settings.automation = command.automation;
  const error_t usage = argp_parse(&argp, argc, argv, 0, NULL, &command);

  struct error error = {STATUS_BAD_VALUE, "wrong usage"};
  const enum status status = usage ? STATUS_BAD_VALUE : run(&command, &error);
  for (size_t i = 0; i < command.settings.control_count; ++i) {
    free(command.controls[i]);
  }
  if (status) {
    fprintf(stderr, "%s: %s.\n", argv[0], error.text);
  }
  return status ? 1 : 0;
}
