// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "own_bundle.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Places of the bundle, from the program's folder if they are no whole paths: where it is built, and where it is installed
static const char *const places[] = {"../ritornello.lv2", RITORNELLO_INSTALLED_BUNDLE};

char *
own_bundle(void)
{
  char program[PATH_MAX];
  const ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);
  if (length < 0) {
    return NULL;
  }
  program[length] = '\0';
  *strrchr(program, '/') = '\0';

  for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); ++i) {
    const size_t size = strlen(program) + strlen(places[i]) + sizeof("//manifest.ttl");
    char *const bundle = malloc(size);
    if (!bundle) {
      return NULL;
    }
    const char *const folder = places[i][0] == '/' ? "" : program;
    snprintf(bundle, size, "%s/%s/manifest.ttl", folder, places[i]);
    if (!access(bundle, R_OK)) {
      *strrchr(bundle, '/') = '\0';
      return bundle;
    }
    free(bundle);
  }
  return NULL;
}
