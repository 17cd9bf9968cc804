// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// A training that begins with the weights of another: it goes on from there, styles find their own by name, and what can't
// be gone on from is refused in a sentence.

#include "corpus.h"
#include "fine_tuning.h"
#include "parameters.h"
#include "training.h"
#include "training_fixture.h"

#include "engine/safetensors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

// The weights that all begin with: one epoch of "even" and "odd"
static struct training_options
old_training(void)
{
  struct training_options o = fixture_options("old.safetensors");
  o.epochs = 1.0;
  return o;
}

static int
setup(void **const state)
{
  if (fixture_setup(state) || mkdir(fixture_path("other"), 0777) || mkdir(fixture_path("other/even"), 0777) ||
      mkdir(fixture_path("other/new"), 0777)) {
    return -1;
  }
  const struct training_options o = old_training();
  fixture_train(&o);
  fixture_write_piece("other/even/a.mid", 0);
  fixture_write_piece("other/new/b.mid", 1);
  return 0;
}

static void
load(const char *const path, struct parameters *const parameters)
{
  struct safetensors *file = NULL;
  struct error error;
  if (safetensors_read(path, &file, &error) || parameters_load(file, path, parameters, &error)) {
    fail_msg("%s", error.text);
  }
  safetensors_free(file);
}

// The metadata's list of works kept out, to be freed by the caller
static void
held_out_works(const char *const path, char **const text)
{
  struct safetensors *file = NULL;
  struct error error;
  assert_int_equal(safetensors_read(path, &file, &error), STATUS_SUCCESS);
  const char *const list = strstr(safetensors_metadata(file, "training"), "held_out_works");
  assert_non_null(list);
  *text = strndup(list, (size_t)(strchr(list, ']') - list));
  safetensors_free(file);
}

static void
a_training_goes_on_from_the_weights_it_is_given(void **const state)
{
  (void)state;
  struct training_options o = fixture_options("same.safetensors");
  o.from = fixture_path("old.safetensors");
  o.rate = 1e-30; // Learns nothing: what comes out is what it began with
  o.epochs = 1.0;
  fixture_train(&o);
  fixture_assert_same_tensors(fixture_path("same.safetensors"), fixture_path("old.safetensors"));
}

static void
a_style_goes_on_as_the_one_of_its_name_and_a_new_one_as_any(void **const state)
{
  (void)state;
  struct error error;
  struct parameters old;
  struct parameters new;
  struct corpus corpus;
  load(fixture_path("old.safetensors"), &old);
  assert_int_equal(corpus_read(fixture_path("other"), &corpus, &error), STATUS_SUCCESS);
  assert_string_equal(corpus.styles[0], "even");
  assert_string_equal(corpus.styles[1], "new");
  assert_int_equal(parameters_new(&old.sizes, &new, &error), STATUS_SUCCESS);
  assert_int_equal(fine_tuning_begin(fixture_path("old.safetensors"), &corpus, &new, &error), STATUS_SUCCESS);

  const size_t row = new.shapes[TENSOR_CONDITION_STYLE].columns;
  const float *const was = parameters_value(&old, TENSOR_CONDITION_STYLE);
  const float *const is = parameters_value(&new, TENSOR_CONDITION_STYLE);
  assert_memory_equal(is, was, 2 * row * sizeof(float));
  assert_memory_equal(is + 2 * row, was, row * sizeof(float));
  assert_memory_not_equal(is + 2 * row, was + 2 * row, row * sizeof(float));
  corpus_free(&corpus);
  parameters_free(&new);
  parameters_free(&old);
}

static void
works_that_were_kept_out_stay_kept_out(void **const state)
{
  (void)state;
  struct error error;
  struct corpus corpus;
  uint8_t held[FIXTURE_PIECES] = {0};
  size_t count = 0;
  char *before = NULL;
  char *after = NULL;
  struct training_options o = fixture_options("kept_out.safetensors");
  assert_int_equal(corpus_read(o.folder, &corpus, &error), STATUS_SUCCESS);
  assert_int_equal(fine_tuning_hold_out(fixture_path("old.safetensors"), &corpus, held, &count, &error),
                   STATUS_SUCCESS);
  assert_int_equal(count, 1);
  corpus_free(&corpus);

  // Another seed would keep out other works
  for (o.seed = 2; o.seed < 6; ++o.seed) {
    o.from = fixture_path("old.safetensors");
    o.epochs = 1.0;
    fixture_train(&o);
    held_out_works(o.output, &after);
    held_out_works(o.from, &before);
    assert_string_equal(before, after);
    free(before);
    free(after);
  }
}

static void
another_number_of_styles_is_no_hindrance(void **const state)
{
  (void)state;
  struct training_options o = fixture_options("narrow.safetensors");
  o.folder = fixture_path("other/even");
  o.from = fixture_path("old.safetensors");
  o.validation = 0.0;
  o.epochs = 1.0;
  fixture_train(&o);
}

static void
other_sizes_are_refused(void **const state)
{
  (void)state;
  struct error error;
  struct training_options o = fixture_options("wide.safetensors");
  o.from = fixture_path("old.safetensors");
  o.sizes.hidden *= 2;
  assert_int_equal(training_run(&o, &error), STATUS_BAD_VALUE);
  assert_non_null(strstr(error.text, "old.safetensors: its network has other sizes"));
}

static void
what_is_no_weight_file_is_refused(void **const state)
{
  (void)state;
  struct error error;
  struct streaming_sizes sizes;
  assert_int_not_equal(fine_tuning_sizes(fixture_path("other/even/a.mid"), &sizes, &error), STATUS_SUCCESS);
  assert_non_null(strstr(error.text, "a.mid"));
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_training_goes_on_from_the_weights_it_is_given),
      cmocka_unit_test(a_style_goes_on_as_the_one_of_its_name_and_a_new_one_as_any),
      cmocka_unit_test(works_that_were_kept_out_stay_kept_out),
      cmocka_unit_test(another_number_of_styles_is_no_hindrance),
      cmocka_unit_test(other_sizes_are_refused),
      cmocka_unit_test(what_is_no_weight_file_is_refused),
  };
  return cmocka_run_group_tests(tests, setup, fixture_teardown);
}
