// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// make_bundle FOLDER - put a complete bundle into FOLDER, with weights, for tests in real hosts.

#include "fixture.h"

#include <stdio.h>

int
main(const int count, char **const arguments)
{
  struct fixture fixture;
  if (count != 2) {
    fprintf(stderr, "usage: make_bundle FOLDER\n");
    return 2;
  }
  return fixture_fill(&fixture, arguments[1]) == 0 ? 0 : 1;
}
