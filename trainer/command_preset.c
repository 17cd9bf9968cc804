// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// `ritornello preset`: its options.

#include "commands.h"
#include "preset_bundle.h"

#include <argp.h>
#include <stdbool.h>
#include <stdio.h>

enum { OPTION_REMOVE = 0x100, OPTION_DIRECTORY, OPTION_NAME };

struct preset_options {
  struct preset_request request;
  bool remove;
};

static const struct argp_option options[] = {
    {"remove", OPTION_REMOVE, NULL, 0, "Remove the presets that were made of FILE", 0},
    {"name", OPTION_NAME, "NAME", 0, "Of the bundle ritornello-NAME.lv2 (default: FILE's, without .safetensors)", 0},
    {"directory", OPTION_DIRECTORY, "FOLDER", 0, "Where hosts look for bundles (default: .lv2 in the home folder)", 0},
    {0},
};

static error_t
parse(const int key, char *const text, struct argp_state *const state)
{
  struct preset_options *const o = state->input;
  switch (key) {
  case OPTION_REMOVE:
    o->remove = true;
    return 0;
  case OPTION_NAME:
    o->request.name = text;
    return 0;
  case OPTION_DIRECTORY:
    o->request.directory = text;
    return 0;
  case ARGP_KEY_ARG:
    if (o->request.weights) {
      argp_error(state, "one weight file, please; `%s' is one too many", text);
    }
    o->request.weights = text;
    return 0;
  case ARGP_KEY_END:
    if (!o->request.weights) {
      argp_error(state, "a weight file is needed");
    }
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

int
command_preset(const int argc, char **const argv)
{
  static const struct argp argp = {
      options,
      parse,
      "FILE",
      "Put the weight file FILE into the preset menus of hosts: one preset for every composer in it that the plugin "
      "knows, "
      "in a folder of its own with a copy of FILE. Hosts list them when they look for plugins next.",
      NULL,
      NULL,
      NULL};
  struct preset_options o = {.remove = false};
  if (argp_parse(&argp, argc, argv, 0, NULL, &o)) {
    return 2;
  }
  struct error error = {STATUS_SUCCESS, ""};
  const enum status status =
      o.remove ? preset_bundle_remove(&o.request, &error) : preset_bundle_make(&o.request, &error);
  if (status) {
    fprintf(stderr, "%s: %s\n", argv[0], error.text);
  }
  return status ? 1 : 0;
}
