// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Stands for plugin/speed.c: a machine that is always as fast, so that an input does the same wherever it is played, and a slow
// one, so that much of it fits into a second.

#include "speed.h"

double
speed_measure(void)
{
  return 2e7;
}
