// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The program computes with the best kernels that the processor can run, unless the user chose others. To see what
// happens when a program starts, this one starts itself with the argument "core" and reads what it says.

#include "blas.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cblas.h>
#include <cmocka.h>

static void
old_kernels_are_replaced_by_what_the_processor_can_run(void **const state)
{
  (void)state;
  assert_string_equal(blas_better_core("Prescott", BLAS_LEVEL_AVX512), "SkylakeX");
  assert_string_equal(blas_better_core("Prescott", BLAS_LEVEL_AVX2), "Haswell");
  assert_string_equal(blas_better_core("Haswell", BLAS_LEVEL_AVX512), "SkylakeX");
  assert_string_equal(blas_better_core("a core of 2040", BLAS_LEVEL_AVX2), "Haswell");
}

static void
kernels_that_are_good_enough_stay(void **const state)
{
  (void)state;
  assert_null(blas_better_core("SkylakeX", BLAS_LEVEL_AVX512));
  assert_null(blas_better_core("Cooperlake", BLAS_LEVEL_AVX512));
  assert_null(blas_better_core("Haswell", BLAS_LEVEL_AVX2));
  assert_null(blas_better_core("Zen", BLAS_LEVEL_AVX2));
  assert_null(blas_better_core("SkylakeX", BLAS_LEVEL_AVX2));
  assert_null(blas_better_core("Prescott", BLAS_LEVEL_PLAIN));
}

// Start this program as `environment PROGRAM core`, and read the name that it prints
static void
started_core(const char *const environment, char *const core, const size_t size)
{
  char command[256];
  snprintf(command, sizeof(command), "%s \"$RITORNELLO_TEST_PROGRAM\" core", environment);
  FILE *const pipe = popen(command, "r");
  assert_non_null(pipe);
  assert_non_null(fgets(core, (int)size, pipe));
  assert_int_equal(pclose(pipe), 0);
  core[strcspn(core, "\n")] = '\0';
}

static void
a_program_that_prepares_runs_with_the_best_kernels(void **const state)
{
  (void)state;
  char core[64] = "";
  started_core("env -u OPENBLAS_CORETYPE", core, sizeof(core));
  assert_null(blas_better_core(core, blas_processor_level()));
}

static void
the_users_own_choice_of_kernels_stays(void **const state)
{
  (void)state;
  if (blas_processor_level() < BLAS_LEVEL_AVX2) {
    skip();
  }
  char core[64] = "";
  started_core("env OPENBLAS_CORETYPE=Prescott", core, sizeof(core));
  assert_string_equal(core, "Prescott");
}

int
main(const int argc, char **const argv)
{
  if (argc == 2 && !strcmp(argv[1], "core")) {
    blas_prepare(argv);
    printf("%s\n", openblas_get_corename());
    return openblas_get_num_threads() == 1 ? 0 : 1;
  }

  setenv("RITORNELLO_TEST_PROGRAM", argv[0], 1);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(old_kernels_are_replaced_by_what_the_processor_can_run),
      cmocka_unit_test(kernels_that_are_good_enough_stay),
      cmocka_unit_test(a_program_that_prepares_runs_with_the_best_kernels),
      cmocka_unit_test(the_users_own_choice_of_kernels_stays),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
