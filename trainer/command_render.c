// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// `ritornello render`: a preset or a weight file, heard.

#include "commands.h"

int
command_render(const int argc, char **const argv)
{
  (void)argc;
  (void)argv;
  return 1;
}
