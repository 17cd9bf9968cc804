// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "control_options.h"

#include "arguments.h"

enum {
  KEY_SURPRISE = 512,
  KEY_RECALL,
  KEY_LOW_NOTE,
  KEY_HIGH_NOTE,
  KEY_POLYPHONY,
  KEY_SCALE_LOCK,
  KEY_HANDS,
  KEY_VELOCITY,
  KEY_HUMANIZE,
  KEY_RATE,
  KEY_PEDAL,
  KEY_CHANNEL,
  KEY_LEFT_CHANNEL,
};

static const struct argp_option options[] = {
    {"surprise", KEY_SURPRISE, "N", 0, "Bits of surprise per note to steer to, up to 8; 0 is off (0)", 4},
    {"recall", KEY_RECALL, "N", 0, "How firmly earlier music comes back: 0 to 4 (1)", 4},
    {"low-note", KEY_LOW_NOTE, "N", 0, "Lowest note, as a MIDI number from 21 to 108 (21)", 5},
    {"high-note", KEY_HIGH_NOTE, "N", 0, "Highest note (108)", 5},
    {"polyphony", KEY_POLYPHONY, "N", 0, "Most notes that sound together, from 1; 16 is without a limit (16)", 5},
    {"scale-lock", KEY_SCALE_LOCK, NULL, 0, "Only notes of the scale of --key", 5},
    {"hands", KEY_HANDS, "WHICH", 0, "Compose for both hands, or only the right or left one (both)", 5},
    {"velocity", KEY_VELOCITY, "N", 0, "Louder or softer than composed, from -64 to 64 (0)", 6},
    {"humanize", KEY_HUMANIZE, "N", 0, "Looseness of the hands, in percent (0)", 6},
    {"rate", KEY_RATE, "WHICH", 0, "Half, normal or double time (normal)", 6},
    {"pedal", KEY_PEDAL, NULL, 0, "Change the sustain pedal with the harmony", 6},
    {"channel", KEY_CHANNEL, "N", 0, "MIDI channel, 1 to 16 (1)", 6},
    {"left-channel", KEY_LEFT_CHANNEL, "N", 0, "MIDI channel of the left hand; 0 is the same (0)", 6},
    {0},
};

static error_t
set_whole(const struct argp_state *const state,
          const char *const name,
          const char *const text,
          const int64_t lowest,
          const int64_t highest,
          uint8_t *const value)
{
  struct error error;
  int64_t whole = 0;
  const enum status status = argument_whole(name, text, lowest, highest, &whole, &error);
  *value = (uint8_t)whole;
  return argument_end(state, status, &error);
}

static error_t
set_choice(const struct argp_state *const state,
           const char *const name,
           const char *const text,
           const char *const *const choices,
           uint8_t *const value)
{
  struct error error;
  unsigned index = 0;
  const enum status status = argument_choice(name, text, choices, &index, &error);
  *value = (uint8_t)index;
  return argument_end(state, status, &error);
}

// Read the options of how it is played.
static error_t
parse_performance(struct performance *const performance,
                  const struct argp_state *const state,
                  const int key,
                  const char *const text)
{
  static const char *const rates[] = {"normal", "half", "double", NULL}; // As enum rate
  uint8_t whole = 0;
  error_t result = 0;
  switch (key) {
  case KEY_VELOCITY:
    result = set_whole(state, "--velocity", text, -64, 64, &whole);
    performance->velocity = (int8_t)whole;
    return result;
  case KEY_HUMANIZE:
    return set_whole(state, "--humanize", text, 0, 100, &performance->humanize);
  case KEY_RATE:
    return set_choice(state, "--rate", text, rates, &performance->rate);
  case KEY_PEDAL:
    performance->pedal = true;
    return 0;
  case KEY_CHANNEL:
    result = set_whole(state, "--channel", text, 1, 16, &whole);
    performance->channel = (uint8_t)(whole - 1);
    return result;
  case KEY_LEFT_CHANNEL:
    return set_whole(state, "--left-channel", text, 0, 16, &performance->left_channel);
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static error_t
parse(const int key, char *const text, struct argp_state *const state)
{
  static const char *const hands[] = {"both", "right", "left", NULL}; // As enum hands
  struct control_options *const asked = state->input;
  struct limits *const limits = &asked->controls.limits;
  float number = 1.0F;
  error_t result = 0;
  switch (key) {
  case KEY_SURPRISE:
    return argument_option_float(state, "--surprise", text, 0.0, 8.0, &asked->controls.surprise);
  case KEY_RECALL:
    result = argument_option_float(state, "--recall", text, 0.0, 4.0, &number);
    asked->controls.recall = recall_step(number);
    return result;
  case KEY_LOW_NOTE:
    return set_whole(state, "--low-note", text, PITCH_LOWEST, PITCH_HIGHEST, &limits->low);
  case KEY_HIGH_NOTE:
    return set_whole(state, "--high-note", text, PITCH_LOWEST, PITCH_HIGHEST, &limits->high);
  case KEY_POLYPHONY:
    return set_whole(state, "--polyphony", text, 1, LIMIT_POLYPHONY, &limits->polyphony);
  case KEY_SCALE_LOCK:
    asked->scale_lock = true;
    return 0;
  case KEY_HANDS:
    return set_choice(state, "--hands", text, hands, &limits->hands);
  default:
    return parse_performance(&asked->performance, state, key, text);
  }
}

const struct argp control_parser = {.options = options, .parser = parse};

void
control_options_finish(struct control_options *const asked)
{
  asked->controls.limits.scale = asked->scale_lock ? asked->controls.key : 0;
  asked->performance.seed = asked->controls.seed;
}
