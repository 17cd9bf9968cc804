// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The plugin's controls as options of the program, each called after its port: a child parser for argp.

#ifndef RITORNELLO_CONTROL_OPTIONS_H
#define RITORNELLO_CONTROL_OPTIONS_H

#include "../plugin/engine/composer.h"
#include "../plugin/engine/performance.h"

#include <argp.h>
#include <stdbool.h>

/// What the options set. Fill `controls` with what holds without them.
struct control_options {
  struct controls controls;
  struct performance performance; ///< But for `seed`, which is that of `controls`
  bool scale_lock;                ///< Taken over by control_options_finish()
};

/// Its input is a struct control_options.
extern const struct argp control_parser;

/// Bring into agreement what depends on several options.
void control_options_finish(struct control_options *options);

#endif // RITORNELLO_CONTROL_OPTIONS_H
