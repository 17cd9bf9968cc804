// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The commands of `ritornello`, in one table. To add one, write `int command_NAME(int argc, char **argv)` in
// command_NAME.c and add one row here: name, whether it computes with OpenBLAS, and what it does in a few words.
//
// A command is called with its own arguments. argv[0] is "ritornello NAME", so that argp's messages begin with it. It
// returns the program's exit status: 0, or 1 after one clear sentence on stderr, or 2 for wrong usage. It answers --help.

#ifndef RITORNELLO_COMMANDS_H
#define RITORNELLO_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>

// clang-format off
#define RITORNELLO_COMMANDS(COMMAND) \
  COMMAND(corpus, false, "say what is in a folder of MIDI files") \
  COMMAND(train, true, "train a weight file on a folder of MIDI files") \
  COMMAND(evaluate, true, "measure how well a weight file predicts a folder of MIDI files") \
  COMMAND(report, false, "write a page of pictures on a weight file and its music") \
  COMMAND(compose, false, "compose music into a MIDI file") \
  COMMAND(render, false, "play a preset or a weight file through an instrument into an audio file") \
  COMMAND(preset, false, "put a weight file into the preset menus of hosts")
// clang-format on

#define RITORNELLO_COMMAND_PROTOTYPE(name, uses_blas, summary) int command_##name(int argc, char **argv);
RITORNELLO_COMMANDS(RITORNELLO_COMMAND_PROTOTYPE)
#undef RITORNELLO_COMMAND_PROTOTYPE

#endif // RITORNELLO_COMMANDS_H
