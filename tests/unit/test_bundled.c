// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The bundled weight files: they load, say whose music they learned from and under which licence, and are no larger than a
// repository can bear.

#include "engine/safetensors.h"
#include "engine/weights.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

enum { MEGABYTE = 1024 * 1024, LARGEST = 16 * MEGABYTE, LARGEST_TOGETHER = 64 * MEGABYTE };

static void
assert_says_whose(const char *const path)
{
  struct safetensors *file = NULL;
  struct weights *weights = NULL;
  struct error error;
  if (safetensors_read(path, &file, &error) || weights_load(path, &weights, &error)) {
    fail_msg("%s", error.text);
  }
  print_message("%s: %s\n", path, weights->title);
  assert_string_equal(weights->licence, "CC BY-SA 4.0");
  assert_non_null(strstr(safetensors_metadata(file, "attribution"), "Bernd Krueger; CC BY-SA 3.0 DE"));
  assert_true(weights->quotations || weights->style_count == 0); // Whole tokens are not kept from quoting
  weights_free(weights);
  safetensors_free(file);
}

static void
every_bundled_file_says_whose_it_is_and_is_small(void **const state)
{
  (void)state;
  size_t count = 0;
  off_t together = 0;
  DIR *const folder = opendir(PRESETS_FOLDER);
  assert_non_null(folder);
  for (const struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
    const size_t length = strlen(entry->d_name);
    if (length > 12 && !strcmp(entry->d_name + length - 12, ".safetensors")) {
      char path[1024];
      struct stat status;
      snprintf(path, sizeof(path), "%s/%s", PRESETS_FOLDER, entry->d_name);
      assert_says_whose(path);
      assert_int_equal(stat(path, &status), 0);
      assert_true(status.st_size <= LARGEST);
      together += status.st_size;
      ++count;
    }
  }
  closedir(folder);
  assert_true(count > 0);
  assert_true(together <= LARGEST_TOGETHER);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_bundled_file_says_whose_it_is_and_is_small),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
