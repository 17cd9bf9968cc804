// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Values on the command line are read strictly, and errors name the option, the text and the range.

#include "arguments.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
a_whole_number_in_its_range_is_read(void **const state)
{
  (void)state;
  int64_t value = 0;
  assert_int_equal(argument_whole("--epochs", "17", 1, 100, &value, NULL), STATUS_SUCCESS);
  assert_int_equal(value, 17);
  assert_int_equal(argument_whole("--epochs", "1", 1, 100, &value, NULL), STATUS_SUCCESS);
  assert_int_equal(value, 1);
  assert_int_equal(argument_whole("--epochs", "-5", -5, 100, &value, NULL), STATUS_SUCCESS);
  assert_int_equal(value, -5);
}

static void
anything_else_is_no_whole_number(void **const state)
{
  (void)state;
  static const char *const bad[] = {"",   " 1", "1 ",  "1.5", "1e2", "0x10", "101", "0", "ten", "99999999999999999999",
                                    "--", "+",  "12a", "nan"};
  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); ++i) {
    int64_t value = 42;
    assert_int_equal(argument_whole("--epochs", bad[i], 1, 100, &value, NULL), STATUS_BAD_VALUE);
    assert_int_equal(value, 42);
  }
}

static void
a_number_in_its_range_is_read(void **const state)
{
  (void)state;
  double value = 0.0;
  assert_int_equal(argument_number("--temperature", "0.25", 0.0, 2.0, &value, NULL), STATUS_SUCCESS);
  assert_true(value == 0.25);
  assert_int_equal(argument_number("--temperature", "2", 0.0, 2.0, &value, NULL), STATUS_SUCCESS);
  assert_true(value == 2.0);
}

static void
anything_else_is_no_number(void **const state)
{
  (void)state;
  static const char *const bad[] = {"", " 1", "1 ", "1,5", "nan", "inf", "-0.1", "2.1", "warm", "1e999"};
  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); ++i) {
    double value = 42.0;
    assert_int_equal(argument_number("--temperature", bad[i], 0.0, 2.0, &value, NULL), STATUS_BAD_VALUE);
    assert_true(value == 42.0);
  }
}

static void
a_choice_is_found_whatever_its_case(void **const state)
{
  (void)state;
  static const char *const choices[] = {"free", "C major", "A minor", NULL};
  unsigned index = 0;
  assert_int_equal(argument_choice("--key", "a Minor", choices, &index, NULL), STATUS_SUCCESS);
  assert_int_equal(index, 2);
  assert_int_equal(argument_choice("--key", "H major", choices, &index, NULL), STATUS_BAD_VALUE);
  assert_int_equal(index, 2);
}

static void
an_error_names_the_option_the_text_and_what_is_allowed(void **const state)
{
  (void)state;
  static const char *const choices[] = {"free", "C major", NULL};
  struct error error;
  int64_t whole = 0;
  double number = 0.0;
  unsigned index = 0;

  argument_whole("--epochs", "many", 1, 100, &whole, &error);
  assert_string_equal(error.text, "--epochs takes a whole number from 1 to 100, not `many'");
  argument_number("--top-p", "all", 0.5, 1.0, &number, &error);
  assert_string_equal(error.text, "--top-p takes a number from 0.5 to 1, not `all'");
  argument_choice("--key", "H", choices, &index, &error);
  assert_string_equal(error.text, "--key takes one of free, C major, not `H'");
}

static void
a_long_list_of_choices_and_a_long_text_stay_inside_the_error(void **const state)
{
  (void)state;
  const char *choices[101] = {NULL};
  for (size_t i = 0; i < 100; ++i) {
    choices[i] = "a rather long choice";
  }
  char text[2000];
  memset(text, 'x', sizeof(text) - 1);
  text[sizeof(text) - 1] = '\0';
  struct error error;
  unsigned index = 0;
  assert_int_equal(argument_choice("--key", text, choices, &index, &error), STATUS_BAD_VALUE);
  assert_true(strlen(error.text) < sizeof(error.text));
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_whole_number_in_its_range_is_read),
      cmocka_unit_test(anything_else_is_no_whole_number),
      cmocka_unit_test(a_number_in_its_range_is_read),
      cmocka_unit_test(anything_else_is_no_number),
      cmocka_unit_test(a_choice_is_found_whatever_its_case),
      cmocka_unit_test(an_error_names_the_option_the_text_and_what_is_allowed),
      cmocka_unit_test(a_long_list_of_choices_and_a_long_text_stay_inside_the_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
