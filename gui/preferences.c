// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The file of preferences. Numbers are written as thousandths, whatever the host's locale is.

#include "preferences.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const double THOUSAND = 1000.0;

/// Write the path of the folder, and make it if `make`. False if there is none.
static bool
folder_path(char path[PATH_MAX / 2], const bool make)
{
  const char *const config = getenv("XDG_CONFIG_HOME");
  const char *const home = getenv("HOME");
  int length = 0;
  if (config && config[0] == '/') {
    length = snprintf(path, PATH_MAX / 2, "%s", config);
  } else if (home && home[0] == '/') {
    length = snprintf(path, PATH_MAX / 2, "%s/.config", home);
  } else {
    return false;
  }
  if (length >= PATH_MAX / 2 - (int)sizeof "/ritornello") {
    return false;
  }
  if (make) {
    (void)mkdir(path, S_IRWXU);
  }
  strcat(path, "/ritornello"); // NOLINT(clang-analyzer-security.insecureAPI.strcpy): there is room
  if (make) {
    (void)mkdir(path, S_IRWXU);
  }
  return true;
}

static void
set(double *const value, const long thousandths, const double least, const double most)
{
  const double read = (double)thousandths / THOUSAND;
  if (read >= least && read <= most) {
    *value = read;
  }
}

struct preferences
preferences_read(const struct preferences *const defaults)
{
  struct preferences preferences = *defaults;
  char folder[PATH_MAX / 2];
  char path[PATH_MAX];
  if (!folder_path(folder, false)) {
    return preferences;
  }
  snprintf(path, sizeof path, "%s/window", folder);
  FILE *const file = fopen(path, "re");
  char line[128];
  while (file && fgets(line, sizeof line, file)) {
    char name[32];
    long number = 0;
    if (sscanf(line, "%31s %ld", name, &number) != 2) {
      continue;
    }
    if (!strcmp(name, "zoom")) {
      set(&preferences.zoom, number, 0.5, 4.0);
    } else if (!strcmp(name, "roll")) {
      set(&preferences.roll_zoom, number, 4.0, 400.0);
    }
  }
  if (file) {
    fclose(file);
  }
  return preferences;
}

bool
preferences_write(const struct preferences *const preferences)
{
  char folder[PATH_MAX / 2];
  char path[PATH_MAX];
  char fresh[PATH_MAX];
  if (!folder_path(folder, true)) {
    return false;
  }
  snprintf(path, sizeof path, "%s/window", folder);
  snprintf(fresh, sizeof fresh, "%s/window.%ld", folder, (long)getpid());
  FILE *const file = fopen(fresh, "we");
  if (!file) {
    return false;
  }
  bool is_written = fprintf(file, "zoom %ld\nroll %ld\n", lround(preferences->zoom * THOUSAND),
                            lround(preferences->roll_zoom * THOUSAND)) > 0;
  is_written = fclose(file) == 0 && is_written && rename(fresh, path) == 0;
  if (!is_written) {
    (void)unlink(fresh);
  }
  return is_written;
}
